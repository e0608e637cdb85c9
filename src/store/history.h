/* SPDX-License-Identifier: Apache-2.0 */
/* state/history.jsonl: what happened, one JSON object a line, oldest first.
 * For people and for checks; no decision is ever taken from it. */
#ifndef STORE_HISTORY_H
#define STORE_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
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

#endif
