/* SPDX-License-Identifier: Apache-2.0 */
/* A release that fetch-worker takes from where it lives: first what judges it,
 * then, once the monitor has decided, what is wanted of its payload
 * (privsep/fetch.h).  All that comes is a stranger's. */
#ifndef INSTALL_REMOTE_H
#define INSTALL_REMOTE_H

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/meter.h"
#include "codec/release_ini.h"
#include "host.h"
#include "privsep/fetch.h"
#include "privsep/worker.h"
#include "request.h"

/* Fields are private. */
struct remote {
	const struct request *request; /* borrowed: who reads notes */
	const struct host *host;       /* borrowed */
	struct worker worker;
	int plan;       /* owned; the worker reads it behind GO */
	int spool;      /* owned; the payload, at its offsets */
	bool is_named;  /* the spool outlives this run (store/spool.h) */
	bool was_begun; /* by an earlier one */
	bool is_wrong;  /* what came of it */
	struct fetch_count count; /* as the worker says, with the last part */
	uint64_t asked;           /* requests of remote_has_patch */
	char text[FETCH_TEXT_MAX + 1]; /* of the item that comes */
	size_t text_len;
	struct meter *meter; /* borrowed while one is shown */
	int64_t told_ms;     /* of the last event */
	bool has_payload;    /* remote_payload was here */
};

#define REMOTE_NONE                                                            \
	((struct remote){ .worker = WORKER_NONE, .plan = -1, .spool = -1 })

/** remote_done - end the worker.  What was fetched of a payload stays for the
 * next run; a spool without any, or with what remote_blame is for, is removed.
 */
void remote_done(struct remote *remote);

/* What the worker needs besides the request.  All borrowed. */
struct remote_inputs {
	int authorities;    /* -1: the system's */
	struct bytes token; /* empty: none; the same for the next */
	struct bytes docker_config;
	struct bytes lock;
};

/**
 * remote_start - start the worker, and wait until it has found the release.
 * @wanted: has_* are filled in.
 * @origin: out, @size bytes: where it was found, printable; written on 0.
 * @out:    REMOTE_NONE before; written only on 0.
 *
 * Returns 0, or -1 as worker_start and worker_next_frame.
 */
int remote_start(const struct request *request, const struct host *host,
                 struct fetch_request *wanted,
                 const struct remote_inputs *inputs, char *origin, size_t size,
                 struct remote *out, struct err *err) MUST_CHECK;

/**
 * remote_next - the next frame of the small parts.
 * @out: written only on 1; borrowed until the next call.
 * Returns 1, 0 behind the last part, or -1 as worker_next_frame.
 */
int remote_next(struct remote *remote, struct frame *out,
                struct err *err) MUST_CHECK;

/** remote_ranges_max - in how many ranges the payload may be fetched (at least
 * 1), once the last part was given. */
size_t remote_ranges_max(const struct remote *remote);

/**
 * remote_has_patch - whether the source has this patch; behind the last part,
 * before remote_payload, and once.
 *
 * Returns 1, or 0; the worker's word, which is not believed but planned by.  -1
 * as worker_next_frame.
 */
int remote_has_patch(struct remote *remote, const struct release_patch *patch,
                     struct err *err) MUST_CHECK;

/** remote_requests - how many requests @ranges ranges, or for 1 a patch, take,
 * with those of the question whether there is one. */
uint64_t remote_requests(const struct remote *remote, size_t ranges);

/**
 * remote_payload - have ranges of the payload, or a patch, written into the
 * spool; behind the last part, and once: a second call does nothing.
 *
 * Returns 0 with the spool as large as the payload, and for a patch as
 * spool_patch_end says; what it holds is to be judged.  -1 with ERR_SYSTEM
 * (ENOSPC: it would not leave free what [install] reserve says), or as
 * worker_next_frame.
 */
int remote_payload(struct remote *remote, const struct fetch_plan *plan,
                   struct err *err) MUST_CHECK;

/** remote_blame - installing what was fetched failed.  Where that is because it
 * is not what was signed (ERR_FORMAT, ERR_UNTRUSTED), it is of no use to the
 * next run; a server that was slow, or a full disk, is no fault of it. */
void remote_blame(struct remote *remote, const struct err *failure);

/** remote_forget - the payload is installed: remove what was kept of it.  0, or
 * -1 as spool_remove. */
int remote_forget(struct remote *remote, struct err *err) MUST_CHECK;

/** remote_spool - the file behind it; borrowed. */
int remote_spool(const struct remote *remote);

/** remote_begun_spool - the same where an earlier run has left bytes in it,
 * else -1. */
int remote_begun_spool(const struct remote *remote);

#endif
