/* SPDX-License-Identifier: Apache-2.0 */
/* Versions of numbers and dots, as kernels and daemons have them: "5.10",
 * "6.1.0-18-amd64", "20.10.24+dfsg1". */
#ifndef CODEC_DOTTED_H
#define CODEC_DOTTED_H

#include <stdbool.h>
#include <stddef.h>

#define DOTTED_PARTS      4
#define DOTTED_NUMBER_MAX 999999
#define DOTTED_SIZE       32 /* bytes of a canonical text, with the NUL */

struct dotted {
	unsigned part[DOTTED_PARTS]; /* 0 where the text has fewer */
};

/**
 * dotted_is - whether @text is such a version and nothing else: one to
 * DOTTED_PARTS numbers up to DOTTED_NUMBER_MAX without leading zeros, in fewer
 * than DOTTED_SIZE bytes.
 */
bool dotted_is(const char *text);

/**
 * dotted_read - the version that @text begins with; whatever follows the last
 * number that counts is passed over.
 * @out: written only on true.
 *
 * Returns false where no number stands first, or one is too large.
 */
bool dotted_read(const char *text, struct dotted *out);

/** dotted_compare - below, at or above 0, as @a is older, equal or newer. */
int dotted_compare(const struct dotted *a, const struct dotted *b);

#endif
