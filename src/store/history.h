/* SPDX-License-Identifier: Apache-2.0 */
/* state/history.jsonl: what happened, one JSON object a line, oldest first.
 * For people and for checks; no decision is ever taken from it.
 *
 * It is opened by name for each line and never held, so that an administrator
 * may rotate it as logrotate(8) does: what was moved to a name that begins with
 * HISTORY_NAME and a '.' or '-' is not read here, and missed by nobody.
 */
#ifndef STORE_HISTORY_H
#define STORE_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypto/sha256.h"
#include "store/store.h"

#define HISTORY_NAME     "history.jsonl"
#define HISTORY_LINE_MAX 8192 /* bytes, with the LF */

/* NULL texts are left out. */
struct history_event {
	int64_t time;
	const char *op;             /* "install", "activate", "rollback", ... */
	const char *version;        /* what it was about */
	const char *from;           /* what was current before */
	const char *digest;         /* SHA-256 of release.ini, hex */
	const char *const *signers; /* key ids */
	size_t signer_count;
	uint64_t sequence;
	const char *user;   /* who ran it */
	const char *result; /* "ok", or the class of the failure */
	const char *text;   /* the message of a failure */
};

/**
 * history_append - add a line; a torn last line is cut before.  Durable on
 * return.  Returns 0, or -1 with ERR_SYSTEM, or ERR_LIMIT above
 * HISTORY_LINE_MAX; at worst a torn last line is left, which readers skip.
 */
int history_append(const struct store *store, const struct history_event *event,
                   struct err *err) MUST_CHECK;

/**
 * history_read - append the last whole lines to @out, at most @max bytes.
 * Returns 0 (also without a history), or -1 with ERR_SYSTEM.
 */
int history_read(const struct store *store, size_t max, struct buf *out,
                 struct err *err) MUST_CHECK;

/* What one line tells of a release; "" where it does not say. */
struct history_line {
	char op[32];
	char version[VERSION_SIZE];
	char digest[SHA256_HEX_LEN + 1]; /* of release.ini */
	char result[16];
	int64_t time; /* 0 where it does not say */
};

struct history_extent {
	uint64_t lines;  /* whole ones */
	bool is_torn;    /* a part of a line stands behind them */
	bool is_rotated; /* earlier lines were moved aside */
	int64_t began;   /* time of the first line; INT64_MAX: there is none */
};

/** Called for each line in its order; -1 with @err set ends the reading. */
typedef int history_line_fn(void *context, const struct history_line *line,
                            struct err *err);

/**
 * history_each - give all whole lines to @take.
 * @out: written only on 0.
 *
 * Returns 0, or -1 with ERR_FORMAT naming a line that history_append did not
 * write, ERR_SYSTEM (ENOENT: there is none and never was), or what @take set.
 */
int history_each(const struct store *store, history_line_fn *take,
                 void *context, struct history_extent *out,
                 struct err *err) MUST_CHECK;

/** history_would_tell - whether a history of this extent ought to have a line
 * about what was done at @time: all but what was rotated away. */
bool history_would_tell(const struct history_extent *extent, int64_t time);

/** history_line_installs - whether @line tells that this very release was
 * installed; one whose health gate failed is installed all the same. */
bool history_line_installs(const struct history_line *line, const char *version,
                           const uint8_t release_sha256[SHA256_LEN]);

#endif
