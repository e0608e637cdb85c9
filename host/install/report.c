/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "codec/failure.h"
#include "codec/json_write.h"

void report_step(const struct request *request, const char *fmt, ...)
{
	va_list args;

	if (request->is_quiet || request->wants_json)
		return;
	va_start(args, fmt);
	(void)vprintf(fmt, args); /* a lost line must not fail an install */
	va_end(args);
	(void)putchar('\n');
	(void)fflush(stdout);
}

static int write_event(const char *event, const char *text, uint64_t done,
                       uint64_t total, struct buf *out, struct err *err)
{
	struct json_writer json;

	json_begin(&json, out);
	if (json_open_object(&json, NULL, err) < 0 ||
	    json_text(&json, "event", event, err) < 0)
		return -1;
	if (text != NULL && json_text(&json, "text", text, err) < 0)
		return -1;
	if (text == NULL && (json_u64(&json, "bytes", done, err) < 0 ||
	                     json_u64(&json, "of", total, err) < 0))
		return -1;
	return json_close(&json, err);
}

void report_event(const struct request *request, const char *event,
                  const char *text, uint64_t done, uint64_t total)
{
	AUTO_BUF struct buf out = BUF_NONE;
	struct err ignored; /* a lost line must not fail an install */

	if (request->is_quiet || !request->wants_json ||
	    write_event(event, text, done, total, &out, &ignored) < 0)
		return;
	(void)fprintf(stderr, "%s\n", buf_text(&out));
}

void report_warning(const char *fmt, ...)
{
	va_list args;

	(void)fputs("install-package: warning: ", stderr);
	va_start(args, fmt);
	(void)vfprintf(stderr, fmt, args);
	va_end(args);
	(void)fputc('\n', stderr);
}

void report_meter_begin(const struct request *request, struct meter *meter,
                        const char *what, uint64_t total)
{
	bool is_silent = request->is_quiet || request->wants_json;

	meter_begin(meter, what, total,
	            is_silent ? 0 : meter_columns(STDERR_FILENO),
	            clock_monotonic_ms());
}

void report_meter(struct meter *meter, uint64_t done)
{
	int64_t now = clock_monotonic_ms();
	char line[METER_LINE_SIZE];

	if (!meter_is_due(meter, now))
		return;
	meter_line(meter, done, now, line);
	(void)fputs(line, stderr); /* unbuffered */
}

void report_meter_done(struct meter *meter)
{
	char line[METER_LINE_SIZE];

	meter_clear(meter, line);
	(void)fputs(line, stderr);
}

int report_text(const struct buf *text, struct err *err)
{
	size_t len = text->len;

	if (fwrite(buf_text(text), 1, len, stdout) != len ||
	    (len > 0 && text->data[len - 1] != '\n' && putchar('\n') == EOF) ||
	    fflush(stdout) != 0)
		return err_set(err, ERR_SYSTEM, errno,
		               "writing to standard output");
	return 0;
}

int report_outcome(const struct request *request, const struct outcome *outcome,
                   struct err *err)
{
	AUTO_BUF struct buf out = BUF_NONE;
	struct json_writer json;

	if (!request->wants_json)
		return 0;
	json_begin(&json, &out);
	if (json_open_object(&json, NULL, err) < 0 ||
	    json_text(&json, "app", outcome->app, err) < 0)
		return -1;
	if (outcome->key == NULL
	            ? json_text(&json, "version", outcome->version, err) < 0
	            : json_text(&json, "key", outcome->key, err) < 0)
		return -1;
	if (json_text(&json, "result", outcome->result, err) < 0 ||
	    json_close(&json, err) < 0)
		return -1;
	return report_text(&out, err);
}

static bool is_failure_told;

int report_refusal(const struct buf *text, struct err *err)
{
	is_failure_told = true;
	return report_text(text, err);
}

void report_error(const struct request *request, const struct err *failure)
{
	AUTO_BUF struct buf object = BUF_NONE;
	char text[2 * ERR_TEXT_MAX];
	struct err ignored; /* nobody is left to tell */

	(void)fprintf(stderr, "install-package: error: %s\n",
	              err_format(failure, text, sizeof text));
	if (request->wants_json && !is_failure_told &&
	    failure_json(failure, &object, &ignored) == 0)
		(void)!report_text(&object, &ignored);
}
