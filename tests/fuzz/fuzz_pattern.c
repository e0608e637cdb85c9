/* SPDX-License-Identifier: Apache-2.0 */
/* The matcher says what a naive one says, which tries every split.  The text
 * stands behind the first LF. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/pattern.h"

#define SHORT 24 /* the naive one takes exponential time */

static bool naive(const char *pattern, size_t left, const char *text,
                  size_t len)
{
	bool is_any = left > 1 && pattern[1] == '*';

	if (left == 0)
		return len == 0;
	if (pattern[0] != '*')
		return len > 0 && text[0] == pattern[0] &&
		       naive(pattern + 1, left - 1, text + 1, len - 1);
	if (naive(pattern + 1, left - 1, text, len))
		return true;
	/* The second of two stars is what the first one becomes. */
	return len > 0 && (is_any || text[0] != '/') &&
	       naive(pattern, left, text + 1, len - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *pattern = (const char *)data;
	const char *lf = size > 0 ? memchr(data, '\n', size) : NULL;
	size_t pattern_len, len;
	bool matches;

	if (lf == NULL)
		return 0;
	pattern_len = (size_t)(lf - pattern);
	len = size - pattern_len - 1;
	matches = pattern_match(pattern, pattern_len, lf + 1, len);
	if (pattern_len <= SHORT && len <= SHORT &&
	    matches != naive(pattern, pattern_len, lf + 1, len))
		abort();
	if (matches && pattern_is_exact(pattern, pattern_len) &&
	    (len != pattern_len || memcmp(pattern, lf + 1, len) != 0))
		abort();
	return 0;
}
