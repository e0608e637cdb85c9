/* SPDX-License-Identifier: Apache-2.0 */
/* The monitor's end of a worker: a program of ours that reads what strangers
 * made, under its own uid (when the monitor is root), without rights.
 *
 *     AUTO_WORKER struct worker worker = WORKER_NONE;
 *     struct frame frame;
 *     int got;
 *
 *     if (worker_start(&spec, &worker, err) < 0)
 *             return -1;
 *     while ((got = worker_next_frame(&worker, &frame, err)) > 0)
 *             ...judge frame.number, use frame.data...
 *     if (got < 0)
 *             return -1;
 *     ...all frames came; now hold them against what is signed...
 *
 * A worker can lie: frames come in any order and number that the job's reader
 * does not refuse.  The monitor must have no threads (fork).
 *
 * Before exec: uid, gid and groups dropped (as root), resource limits,
 * no_new_privs, death with the monitor, empty environment, no descriptor but
 * the socket, the ring and the inputs.  The worker then shuts itself in
 * (sandbox.h) before it says READY.
 *
 * Its deadline is a stall: stall_ms without a slot.  A slot that comes restores
 * of the time waited only what its bytes took at rate_min, so that drops in
 * place of a stream do not buy time: in all it is waited for at most
 * stall_ms + bytes / rate_min, and what it may send is bounded by what was
 * signed.  Time that the monitor spends, as on a slow disk, does not count.
 *
 * An input is shared with the worker, but its file offset does not move: the
 * sandbox has pread and no read or lseek. */
#ifndef PRIVSEP_WORKER_H
#define PRIVSEP_WORKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "privsep/message.h"
#include "privsep/ring.h"
#include "privsep/sandbox.h"

#define WORKER_INPUTS_MAX 8
#define WORKER_STALL_MS   30000 /* without a slot while the ring has room */
#define WORKER_RATE_MIN   65536 /* bytes a second, of a PURE worker */

struct worker_spec {
	const char *program; /* file name in the workers' folder */
	int folder;          /* borrowed; from worker_open_folder */
	const char *account; /* user name; looked up and used as root only */
	enum sandbox_profile profile; /* which limits it needs; it enters it
	                               * by itself */
	enum sandbox_mode mode;       /* the administrator's word */
	union job job;
	enum message_answer answer;    /* what the job is answered with */
	int inputs[WORKER_INPUTS_MAX]; /* borrowed; opened read-only, but for
	                                * fetch-worker's output */
	size_t input_count;
	int64_t stall_ms; /* 0 means WORKER_STALL_MS */
	/* 0 means WORKER_RATE_MIN, or none where the profile is NETWORK: there
	 * the other side decides, and no lock is held. */
	uint32_t rate_min;
};

struct worker {
	const char *program; /* borrowed from the spec */
	pid_t pid;           /* 0 is none */
	struct message_channel channel;
	struct ring ring;
	uint8_t *slot; /* owned; our copy of the last slot */
	struct frame_reader frames;
	int64_t stall_ms;
	int64_t patience_ms; /* how long it may be waited for now */
	uint32_t rate_min;   /* 0: each slot restores all patience */
	bool is_done;        /* said DONE */
};

#define WORKER_NONE                                                            \
	((struct worker){ .channel = { .fd = -1 }, .ring = { .fd = -1 } })
#define AUTO_WORKER AUTO(worker_done)

/**
 * worker_open_folder - the folder of the workers, "../libexec/tidegate" from
 * where this program lies (/proc/self/exe; never the environment or $PATH).
 * Returns a descriptor the caller owns, or -1 with ERR_SYSTEM or, when others
 * could write to it, ERR_UNTRUSTED.
 */
int worker_open_folder(struct err *err) MUST_CHECK;

/**
 * worker_start - start a worker, wait until it is READY, and give it its job.
 * @out: written only on 0; WORKER_NONE before.
 *
 * The program must belong to root or the caller and be writable by nobody
 * else.  Returns 0, or -1 with ERR_USAGE for a missing account (the text has
 * the command that makes it), ERR_UNTRUSTED, ERR_SYSTEM, or as
 * worker_next_slot; no process is left.
 */
int worker_start(const struct worker_spec *spec, struct worker *out,
                 struct err *err) MUST_CHECK;

/**
 * worker_next_slot - wait for the next slot and copy it.
 * @data, @len: written only on 1; borrowed until the next call.
 *
 * Returns 1; 0 when the worker is done; or -1: the worker's own failure (its
 * text behind its name), ERR_LIMIT when it stalled, ERR_INTERNAL when it died
 * or broke the protocol.  After -1 only worker_done may be called.
 */
int worker_next_slot(struct worker *worker, const uint8_t **data, size_t *len,
                     struct err *err) MUST_CHECK;

/** worker_next_frame - the next frame, over all slots; results as
 * worker_next_slot, and ERR_INTERNAL for a frame that leaves its slot. */
int worker_next_frame(struct worker *worker, struct frame *out,
                      struct err *err) MUST_CHECK;

/** worker_go - tell a worker that waits for it to go on.  0, or -1 as
 * worker_next_slot. */
int worker_go(struct worker *worker, struct err *err) MUST_CHECK;

/**
 * worker_next_verdict - the next one, of a worker whose answer is
 * ANSWER_VERDICTS.
 * @out: written only on 1; verdict_check holds.
 *
 * Returns as worker_next_slot.
 */
int worker_next_verdict(struct worker *worker, struct evidence_verdict *out,
                        struct err *err) MUST_CHECK;

/** worker_done - kill and reap it, whatever it does, and release all;
 * idempotent. */
void worker_done(struct worker *worker);

#endif
