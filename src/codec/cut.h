/* SPDX-License-Identifier: Apache-2.0 */
/* Where the tar of a payload is cut into gzip members: rule "cut 1" of
 * docs/bundle-format.md.  Cuts follow the content, so that an insertion moves
 * the members behind it and changes one or two.  Pure: no I/O, no memory. */
#ifndef CODEC_CUT_H
#define CODEC_CUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CUT_MIN      65536  /* bytes of a member that ends by its content */
#define CUT_MAX      262144 /* bytes of any member */
#define CUT_OWN_FILE 65536  /* a file this large begins a member of its own */

struct cutter {
	uint64_t hash; /* private */
	size_t len;    /* bytes of the open member; 0 while none is open */
};

/* Also how the caller ends a member early: before the body of a file of
 * CUT_OWN_FILE bytes or more, behind it, and at the end of the tar. */
#define CUTTER_INIT ((struct cutter){ 0 })

/**
 * cut_next - how many of the next @len bytes still belong to the open member.
 * @taken: out; 1 to @len (0 only where @len is 0).
 *
 * Returns true when the member ends behind them (the next call begins another),
 * false when it may go on behind @len.  How the bytes are split over calls
 * makes no difference.
 */
bool cut_next(struct cutter *cutter, const uint8_t *data, size_t len,
              size_t *taken);

/** cut_table - the 256 constants of the rolling value, for the test that makes
 * them again. */
const uint64_t *cut_table(void);

#endif
