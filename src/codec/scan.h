/* SPDX-License-Identifier: Apache-2.0 */
/* Walking over one line that has exactly one spelling.  The line need not be
 * NUL-terminated and may hold any byte. */
#ifndef CODEC_SCAN_H
#define CODEC_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct scan {
	const char *at; /* what comes next */
	size_t left;    /* bytes from there on */
};

/** scan_text - step over @text if it comes next; else stay, and false. */
static inline bool scan_text(struct scan *scan, const char *text)
{
	size_t len = strlen(text);

	if (scan->left < len || memcmp(scan->at, text, len) != 0)
		return false;
	scan->at += len;
	scan->left -= len;
	return true;
}

/**
 * scan_word - step over the bytes before the next blank (0x20) or the end.
 * Returns their start; @len may be 0.
 */
static inline const char *scan_word(struct scan *scan, size_t *len)
{
	const char *word = scan->at;
	const char *blank = memchr(word, ' ', scan->left);

	*len = blank != NULL ? (size_t)(blank - word) : scan->left;
	scan->at += *len;
	scan->left -= *len;
	return word;
}

#endif
