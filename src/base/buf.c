/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUF_FIRST_CAP 256

void buf_done(struct buf *buf)
{
	free(buf->data);
	buf->data = NULL;
	buf->len = 0;
	buf->cap = 0;
}

void buf_wipe(struct buf *buf)
{
	if (buf->data != NULL)
		explicit_bzero(buf->data, buf->cap);
	buf_done(buf);
}

int buf_reserve(struct buf *buf, size_t more, struct err *err)
{
	size_t need;
	size_t cap = buf->cap > 0 ? buf->cap : BUF_FIRST_CAP;
	char *grown;

	if (more > buf->max || buf->len > buf->max - more)
		return err_set(err, ERR_LIMIT, 0, "more than %zu bytes",
		               buf->max);
	need = buf->len + more + 1; /* the NUL behind the contents */
	if (need <= buf->cap)
		return 0;
	while (cap < need)
		cap += cap / 2 + 1;
	grown = realloc(buf->data, cap);
	if (grown == NULL)
		return err_nomem(err);
	buf->data = grown;
	buf->cap = cap;
	return 0;
}

int buf_add(struct buf *buf, const void *data, size_t len, struct err *err)
{
	if (buf_reserve(buf, len, err) < 0)
		return -1;
	if (len > 0)
		memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
	return 0;
}

int buf_adds(struct buf *buf, const char *text, struct err *err)
{
	return buf_add(buf, text, strlen(text), err);
}

int buf_add_u64(struct buf *buf, uint64_t value, struct err *err)
{
	char digits[20]; /* of 2^64 - 1 */
	size_t at = sizeof digits;

	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value > 0);
	return buf_add(buf, digits + at, sizeof digits - at, err);
}

int buf_printf(struct buf *buf, struct err *err, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n < 0)
		return err_set(err, ERR_INTERNAL, 0, "formatting text");
	if (buf_reserve(buf, (size_t)n, err) < 0)
		return -1;
	va_start(args, fmt);
	(void)vsnprintf(buf->data + buf->len, (size_t)n + 1, fmt, args);
	va_end(args);
	buf->len += (size_t)n;
	return 0;
}

void buf_cut(struct buf *buf, size_t len)
{
	if (len >= buf->len)
		return;
	buf->len = len;
	buf->data[len] = '\0';
}

const char *buf_text(const struct buf *buf)
{
	return buf->len > 0 ? buf->data : "";
}

struct bytes buf_bytes(const struct buf *buf)
{
	return (struct bytes){ (const uint8_t *)buf->data, buf->len };
}
