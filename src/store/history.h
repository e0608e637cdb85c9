/* SPDX-License-Identifier: Apache-2.0 */
/* state/history.jsonl: what happened, one JSON object a line, oldest first.
 * For people and for checks; no decision is ever taken from it. */
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
	char version[VERSION_SIZE];
	char digest[SHA256_HEX_LEN + 1]; /* of release.ini */
	char result[16];
};

struct history_extent {
	uint64_t lines; /* whole ones */
	bool is_torn;   /* a part of a line stands behind them */
};

/** Called for each line in its order; -1 with @err set ends the reading. */
typedef int history_line_fn(void *context, const struct history_line *line,
                            struct err *err);

/**
 * history_each - give all whole lines to @take.
 * @out: written only on 0.
 *
 * Returns 0, or -1 with ERR_FORMAT naming a line that history_append did not
 * write, ERR_SYSTEM (ENOENT: there is no history), or what @take set.
 */
int history_each(const struct store *store, history_line_fn *take,
                 void *context, struct history_extent *out,
                 struct err *err) MUST_CHECK;

/** history_line_installs - whether @line tells that this very release was
 * installed; one whose health gate failed is installed all the same. */
bool history_line_installs(const struct history_line *line, const char *version,
                           const uint8_t release_sha256[SHA256_LEN]);

#endif
