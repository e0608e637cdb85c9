/* SPDX-License-Identifier: Apache-2.0 */
#include "say.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "codec/failure.h"
#include "net/redact.h"

#define LINE_MAX_BYTES 2048

/* Texts may quote what strangers wrote: nothing may drive the terminal. */
static void put_line(FILE *stream, const char *head, const char *fmt,
                     va_list args) PRINTF_LIKE(3, 0);

static void put_line(FILE *stream, const char *head, const char *fmt,
                     va_list args)
{
	char line[LINE_MAX_BYTES];

	(void)vsnprintf(line, sizeof line, fmt, args);
	redact_text(line);
	for (char *c = line; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = '?';
	/* Nobody is left to tell when the terminal is gone. */
	(void)fprintf(stream, "%s%s\n", head, line);
}

void say(const struct request *request, const char *fmt, ...)
{
	va_list args;

	if (request->quiet)
		return;
	va_start(args, fmt);
	put_line(stdout, "", fmt, args);
	va_end(args);
}

void say_meter_begin(const struct request *request, struct meter *meter,
                     const char *what, uint64_t total)
{
	meter_begin(meter, what, total,
	            request->quiet ? 0 : meter_columns(STDERR_FILENO),
	            clock_monotonic_ms());
}

void say_meter(void *meter, uint64_t done)
{
	int64_t now = clock_monotonic_ms();
	char line[METER_LINE_SIZE];

	if (!meter_is_due(meter, now))
		return;
	meter_line(meter, done, now, line);
	(void)fputs(line, stderr); /* unbuffered */
}

void say_meter_done(struct meter *meter)
{
	char line[METER_LINE_SIZE];

	meter_clear(meter, line);
	(void)fputs(line, stderr);
}

void warn_user(const char *fmt, ...)
{
	va_list args;

	(void)fflush(stdout); /* keeps the order of the two streams */
	va_start(args, fmt);
	put_line(stderr, "package-release: warning: ", fmt, args);
	va_end(args);
}

static bool has_result;

int print_result(const struct buf *text, struct err *err)
{
	AUTO_BUF struct buf shown = BUF_NONE;

	if (buf_add(&shown, buf_text(text), text->len, err) < 0)
		return -1;
	redact_buf(&shown);
	has_result = true;
	if (fwrite(buf_text(&shown), 1, shown.len, stdout) != shown.len ||
	    fflush(stdout) != 0)
		return err_set(err, ERR_SYSTEM, errno, "printing");
	return 0;
}

void print_error(const struct err *err)
{
	char text[ERR_TEXT_MAX + 256];

	(void)fflush(stdout); /* keeps the order of the two streams */
	(void)err_format(err, text, sizeof text);
	redact_text(text);
	(void)fprintf(stderr, "package-release: error: %s\n", text);
}

void print_error_json(const struct err *err)
{
	AUTO_BUF struct buf object = BUF_NONE;
	char text[ERR_TEXT_MAX];
	struct err redacted;
	struct err ignored; /* nobody is left to tell */

	/* Before JSON escapes what is to be found in it. */
	(void)err_format(err, text, sizeof text);
	redact_text(text);
	(void)err_set(&redacted, err->code, 0, "%s", text);
	if (!has_result && failure_json(&redacted, &object, &ignored) == 0 &&
	    buf_add(&object, "\n", 1, &ignored) == 0)
		(void)!print_result(&object, &ignored);
}
