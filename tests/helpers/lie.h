/* SPDX-License-Identifier: Apache-2.0 */
/* What tests/helpers/liar can be told to do, as a byte in its first input. */
#ifndef HELPERS_LIE_H
#define HELPERS_LIE_H

#define LIE_DRIP_MS 50

enum lie {
	LIE_NONE, /* two frames, their end, DONE */
	LIE_UNKNOWN_TYPE,
	LIE_TYPE_ZERO,
	LIE_HUGE_TYPE,
	LIE_MONITORS_TYPE, /* START, from a worker */
	LIE_CREDIT,
	LIE_SHORT_MESSAGE, /* two bytes */
	LIE_EMPTY_MESSAGE,
	LIE_SHORT_SLOT,
	LIE_LONG_SLOT,
	LIE_OVERSIZED, /* longer than any message */
	LIE_SLOT_BEFORE_READY,
	LIE_DONE_BEFORE_READY,
	LIE_READY_TWICE,
	LIE_SLOT_EMPTY,    /* used = 0 */
	LIE_SLOT_TINY,     /* used = 7, less than a frame's head */
	LIE_SLOT_FULL,     /* used = the size of a slot: legal */
	LIE_SLOT_OVERFULL, /* one byte more */
	LIE_SLOT_MAX,      /* 2^32 - 1 */
	LIE_FRAME_LEAVES,  /* by one byte */
	LIE_FRAME_MAX,     /* 2^32 - 1 bytes */
	LIE_FRAME_TORN,    /* a head of 4 bytes behind a good frame */
	LIE_DESCRIPTOR,    /* SCM_RIGHTS with READY */
	LIE_DESCRIPTOR_DONE,
	LIE_FLOOD, /* slots without end, no credit read */
	LIE_SILENCE_READY,
	LIE_SILENCE_JOB,
	LIE_EXIT_READY, /* before it says READY */
	LIE_EXIT_JOB,
	LIE_EXIT_STATUS, /* 3 */
	LIE_CRASH,
	LIE_CLOSE, /* closes the socket and lives on */
	LIE_FAIL_FORMAT,
	LIE_FAIL_CODE_ZERO,
	LIE_FAIL_CODE_HIGH,
	LIE_FAIL_ERRNO,
	LIE_FAIL_UNPRINTABLE,
	LIE_FAIL_BAD_UTF8,
	LIE_FAIL_EMPTY,
	LIE_FAIL_MAX,  /* 512 bytes: legal */
	LIE_FAIL_LONG, /* 513 */
	LIE_SHRINK,    /* tries to cut the ring, then DONE */
	LIE_VERDICT,   /* a good one; the job is answered with these from here
	                * to LIE_VERDICT_LAST */
	LIE_VERDICT_SLOT,   /* a slot instead */
	LIE_VERDICT_SHORT,  /* one byte less */
	LIE_VERDICT_EARLY,  /* before READY */
	LIE_VERDICT_MOST,   /* as many as there may be: legal */
	LIE_VERDICT_FLOOD,  /* one more */
	LIE_VERDICT_KIND,   /* none of the kinds */
	LIE_VERDICT_PART,   /* about payload.mtree */
	LIE_VERDICT_LINE,   /* about a line behind the last possible */
	LIE_VERDICT_LONG,   /* a signature of 1,025 bytes */
	LIE_VERDICT_TEXT,   /* a subject without its NUL */
	LIE_VERDICT_ESCAPE, /* a reason that drives the terminal */
	LIE_VERDICT_MASK,   /* identities of a bare signature */
	LIE_VERDICT_LAST,
	LIE_VERDICT_UNASKED, /* where slots are the answer */
	LIE_DRIP,            /* a frame each LIE_DRIP_MS, for ever */
	LIE_CHANGE           /* changes a slot after it was handed over */
};

#endif
