/* SPDX-License-Identifier: Apache-2.0 */
/* What came of looking at one thing.  Looking never fails the run: what cannot
 * be seen is a fact as well. */
#ifndef HEALTH_LOOK_H
#define HEALTH_LOOK_H

#include "base/err.h"

#define LOOK_TEXT_SIZE 640 /* bytes, with the NUL */

enum sight {
	SIGHT_NONE,   /* nothing to look at, or nobody asked */
	SIGHT_GOOD,   /* as it must be */
	SIGHT_ABSENT, /* it is not there */
	SIGHT_WRONG,  /* it was judged, and is not as it must be */
	SIGHT_OPEN,   /* others can write to what decides */
	SIGHT_HIDDEN, /* we have no right to see it */
	SIGHT_FAILED, /* looking failed for another reason */
	SIGHT_BLOCKED /* it may be looked at only once another thing is good */
};

struct look {
	enum sight sight;
	char text[LOOK_TEXT_SIZE]; /* details; the whole error unless GOOD */
};

/** look_set - a sight and a text of the caller's. */
void look_set(struct look *look, enum sight sight, const char *fmt, ...)
	PRINTF_LIKE(3, 4);

/** look_failed - the sight that a failure means, with its whole text:
 * ERR_SYSTEM with EACCES or EPERM is HIDDEN, with ENOENT or ENOTDIR ABSENT,
 * else FAILED; so are ERR_LOCKED, ERR_NETWORK and ERR_INTERNAL; the other codes
 * are WRONG. */
void look_failed(struct look *look, const struct err *failure);

/**
 * look_note - the same, but want of memory is no fact: then -1, and @failure
 * stands.  Else 0.
 */
int look_note(struct look *look, const struct err *failure) MUST_CHECK;

/** look_note_trusted - look_note for a failure to open what only its owner may
 * write (fs_open_trusted, fs_check_owner): there ERR_UNTRUSTED is OPEN. */
int look_note_trusted(struct look *look, const struct err *failure) MUST_CHECK;

#endif
