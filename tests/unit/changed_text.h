/* SPDX-License-Identifier: Apache-2.0 */
/* A text with one place of it changed: how the tests of JSON codecs write
 * their cases. */
#ifndef TEST_CHANGED_TEXT_H
#define TEST_CHANGED_TEXT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

/* Append @text with the first @from replaced by @to. */
static inline void change_text(struct buf *out, const char *text,
                               const char *from, const char *to)
{
	const char *at = strstr(text, from);
	struct err err;

	if (at == NULL)
		fail_msg("'%s' is not in the text", from);
	else if (buf_add(out, text, (size_t)(at - text), &err) < 0 ||
	         buf_adds(out, to, &err) < 0 ||
	         buf_adds(out, at + strlen(from), &err) < 0)
		fail_msg("memory");
}

/* Append @each @count times with commas between. */
static inline void repeat_text(struct buf *out, const char *each, size_t count)
{
	struct err err;

	for (size_t i = 0; i < count; i++)
		if (buf_adds(out, i > 0 ? "," : "", &err) < 0 ||
		    buf_adds(out, each, &err) < 0)
			fail_msg("memory");
}

#endif
