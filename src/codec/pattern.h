/* SPDX-License-Identifier: Apache-2.0 */
/* Anchored patterns for what certificates say, as [identity NAME] spells them;
 * install-package.ini(5) explains them to users.
 *
 *     *     any run of bytes, also none, without '/'
 *     **    any run of bytes, also none
 *
 * Two or more stars in a row are one "**".  Every other byte stands for itself,
 * upper and lower case differ, and the whole text must match. */
#ifndef CODEC_PATTERN_H
#define CODEC_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#define PATTERN_TEXT_MAX 1024 /* bytes; a longer text matches nothing */

/** pattern_is_exact - whether it matches one text only: it has no star. */
bool pattern_is_exact(const char *pattern, size_t len);

/**
 * pattern_match - whether all of @text matches all of @pattern.
 * Takes time in proportion to the product of both lengths at most, and
 * constant memory.
 */
bool pattern_match(const char *pattern, size_t pattern_len, const char *text,
                   size_t text_len);

#endif
