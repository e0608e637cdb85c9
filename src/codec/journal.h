/* SPDX-License-Identifier: Apache-2.0 */
/* The journal of an activation: what the links were, and what they become.
 * While it is there an activation (or its revert) is under way; it is written
 * before the first link changes and removed behind the last step.
 *
 *     format = 1
 *     op = install
 *     from = 1.3.9         (absent: there was no current)
 *     to = 1.4.2           (absent in a revert: there will be no current)
 *     previous = 1.3.8     (absent: none)
 *     gate = pending
 */
#ifndef CODEC_JOURNAL_H
#define CODEC_JOURNAL_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/name.h"

#define JOURNAL_MAX ((size_t)1024) /* bytes */

enum journal_op {
	JOURNAL_INSTALL,
	JOURNAL_ACTIVATE,
	JOURNAL_ROLLBACK,
	JOURNAL_REVERT /* back to what was before a failed gate */
};

enum journal_gate {
	GATE_NONE,   /* nothing more must pass */
	GATE_PENDING /* the health gate must, or it is reverted */
};

/* Versions; "" where there is none. */
struct journal {
	enum journal_op op;
	char from[VERSION_SIZE]; /* current before */
	char to[VERSION_SIZE];   /* current behind */
	/* Of JOURNAL_REVERT: previous behind; else: previous before. */
	char previous[VERSION_SIZE];
	enum journal_gate gate;
};

/** journal_op_name - "install", "activate", "rollback" or "revert". */
const char *journal_op_name(enum journal_op op);

/**
 * journal_parse - read a journal.
 * @out: written only on 0.
 * Returns 0, or -1 with ERR_FORMAT for anything that journal_write would not
 * write, or ERR_LIMIT.
 */
int journal_parse(const char *text, size_t len, struct journal *out,
                  struct err *err) MUST_CHECK;

/** journal_write - append the text.  -1 with ERR_USAGE for fields that make no
 * sense, or as buf_add. */
int journal_write(const struct journal *in, struct buf *out,
                  struct err *err) MUST_CHECK;

#endif
