/* SPDX-License-Identifier: Apache-2.0 */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Append one NUL-terminated frame; a frame that does not fit whole is cut when
 * it is the cause, dropped when it is a step. */
static void add_frame(struct err *err, const char *fmt, va_list args)
	PRINTF_LIKE(2, 0);

static void add_frame(struct err *err, const char *fmt, va_list args)
{
	size_t room = ERR_TEXT_MAX - err->len;
	int n = vsnprintf(err->text + err->len, room, fmt, args);

	if (n < 0)
		return;
	if ((size_t)n < room)
		err->len += (size_t)n + 1;
	else if (err->len == 0)
		err->len = ERR_TEXT_MAX;
}

int err_set(struct err *err, enum err_code code, int sys, const char *fmt, ...)
{
	va_list args;

	err->code = code;
	err->sys = sys;
	err->len = 0;
	va_start(args, fmt);
	add_frame(err, fmt, args);
	va_end(args);
	return -1;
}

int err_wrap(struct err *err, const char *fmt, ...)
{
	va_list args;

	if (err->len >= ERR_TEXT_MAX)
		return -1;
	va_start(args, fmt);
	add_frame(err, fmt, args);
	va_end(args);
	return -1;
}

int err_nomem(struct err *err)
{
	return err_set(err, ERR_SYSTEM, ENOMEM, "allocating memory");
}

/* Offset of the frame that ends before @end (one past its NUL). */
static size_t frame_start(const struct err *err, size_t end)
{
	size_t at = end - 1;

	while (at > 0 && err->text[at - 1] != '\0')
		at--;
	return at;
}

static void append(char *buf, size_t size, size_t *len, const char *text)
{
	for (; *text != '\0' && *len + 1 < size; text++) {
		unsigned char c = (unsigned char)*text;

		buf[(*len)++] = (c < 0x20 || c == 0x7f) ? '?' : *text;
	}
	buf[*len] = '\0';
}

const char *err_format(const struct err *err, char *buf, size_t size)
{
	size_t len = 0;
	size_t end = err->len;

	if (size == 0)
		return buf;
	buf[0] = '\0';
	while (end > 0) {
		size_t start = frame_start(err, end);

		if (len > 0)
			append(buf, size, &len, ": ");
		append(buf, size, &len, err->text + start);
		end = start;
	}
	if (err->sys != 0) {
		append(buf, size, &len, ": ");
		append(buf, size, &len, strerror(err->sys));
	}
	return buf;
}

int err_exit_status(enum err_code code)
{
	switch (code) {
	case ERR_NONE:
		return 0;
	case ERR_FINDINGS:
		return 1;
	case ERR_USAGE:
		return 2;
	case ERR_NETWORK:
		return 3;
	case ERR_UNTRUSTED:
		return 4;
	case ERR_FORMAT:
	case ERR_LIMIT:
		return 5;
	case ERR_CONFLICT:
		return 6;
	case ERR_SYSTEM:
		return 7;
	case ERR_UNHEALTHY:
		return 8;
	case ERR_STRANDED:
		return 9;
	case ERR_INTERNAL:
		return 70;
	case ERR_LOCKED:
		return 75;
	}
	return 70;
}
