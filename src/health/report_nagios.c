/* SPDX-License-Identifier: Apache-2.0 */
/* One line, as the plugin guidelines of Nagios and its kin ask (Monitoring
 * Plugins Development Guidelines, "Plugin Output for Nagios"): the word, a
 * text, and behind a bar the performance data. */
#include "health/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define FAULTS_NAMED     3
#define TEXT_MAX         1024 /* bytes of the text; NRPE cuts at some KiB */
#define FAULT_TEXT_WIDTH 200

static const char *word_of(enum severity severity)
{
	switch (severity) {
	case SEVERITY_NOT_APPLICABLE:
	case SEVERITY_OK:
		return "OK";
	case SEVERITY_WARNING:
		return "WARNING";
	case SEVERITY_CRITICAL:
		return "CRITICAL";
	case SEVERITY_UNKNOWN:
		break;
	}
	return "UNKNOWN";
}

/* A bar would begin the performance data. */
static void make_plain(struct buf *text)
{
	for (size_t i = 0; i < text->len; i++)
		if (text->data[i] == '|')
			text->data[i] = '/';
}

/* How many bytes of @text are its first @max, without a part of a character:
 * the bytes that follow the first of one are 10xxxxxx (RFC 3629). */
static int cut(const char *text, size_t max)
{
	size_t len = strnlen(text, max + 1);

	if (len <= max)
		return (int)len;
	for (len = max; len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80;)
		len--;
	return (int)len;
}

static int add_fault(const struct findings *app, const struct finding *finding,
                     struct buf *out, struct err *err)
{
	return buf_printf(out, err, "%s %s %s%s%.*s", app->app,
	                  check_name(finding->check), finding->object,
	                  finding->object[0] != '\0' ? ": " : "",
	                  cut(finding->text, FAULT_TEXT_WIDTH), finding->text);
}

/* Of all apps, also of what was not kept. */
static uint64_t count_of(const struct report *report, enum severity severity)
{
	uint64_t count = 0;

	for (size_t i = 0; i < report->count; i++)
		count += report->apps[i].counts[severity];
	return count;
}

/* Name what is as bad as @severity, while @named is below FAULTS_NAMED. */
static int add_faults_of(const struct findings *app, enum severity severity,
                         uint64_t *named, struct buf *out, struct err *err)
{
	for (size_t i = 0; i < app->count && *named < FAULTS_NAMED; i++) {
		if (app->items[i].severity != severity)
			continue;
		if (buf_adds(out, *named > 0 ? "; " : "", err) < 0 ||
		    add_fault(app, &app->items[i], out, err) < 0)
			return -1;
		++*named;
	}
	return 0;
}

/* The worst faults first, a few of them; the others are counted. */
static int add_faults(const struct report *report, struct buf *out,
                      struct err *err)
{
	uint64_t named = 0;
	uint64_t all = 0;

	for (int i = SEVERITY_CRITICAL; i > SEVERITY_OK; i--) {
		enum severity severity = (enum severity)i;

		all += count_of(report, severity);
		for (size_t a = 0; a < report->count; a++)
			if (add_faults_of(&report->apps[a], severity, &named,
			                  out, err) < 0)
				return -1;
	}
	if (all == named)
		return 0;
	return buf_printf(out, err, "; and %" PRIu64 " more", all - named);
}

static int add_apps(const struct report *report, struct buf *out,
                    struct err *err)
{
	for (size_t i = 0; i < report->count; i++) {
		const struct findings *app = &report->apps[i];

		if (buf_printf(out, err, "%s%s%s%s", i > 0 ? ", " : "",
		               app->app, app->current[0] != '\0' ? " " : "",
		               app->current) < 0)
			return -1;
	}
	return 0;
}

static int add_text(const struct report *report, struct buf *out,
                    struct err *err)
{
	if (report_status(report) <= SEVERITY_OK)
		return add_apps(report, out, err);
	return add_faults(report, out, err);
}

/* 'label'=value[UOM];[warn];[crit];[min];[max]: a value outside of 0 to warn
 * is a warning there. */
static int add_data(const struct report *report, struct buf *out,
                    struct err *err)
{
	return buf_printf(out, err,
	                  " | ok=%" PRIu64 ";;;0 warning=%" PRIu64
	                  ";0;;0 critical=%" PRIu64 ";;0;0 unknown=%" PRIu64
	                  ";;;0 time=%" PRIi64 ".%03us;;;0\n",
	                  count_of(report, SEVERITY_OK),
	                  count_of(report, SEVERITY_WARNING),
	                  count_of(report, SEVERITY_CRITICAL),
	                  count_of(report, SEVERITY_UNKNOWN),
	                  report->duration_ms / 1000,
	                  (unsigned)(report->duration_ms % 1000));
}

int report_nagios(const struct report *report, struct buf *out, struct err *err)
{
	AUTO_BUF struct buf text = BUF_NONE;

	if (add_text(report, &text, err) < 0)
		return -1;
	make_plain(&text);
	if (buf_printf(out, err, "TIDEGATE %s - %.*s",
	               word_of(report_status(report)),
	               cut(buf_text(&text), TEXT_MAX), buf_text(&text)) < 0)
		return -1;
	return add_data(report, out, err);
}

int report_nagios_error(const char *why, struct buf *out, struct err *err)
{
	AUTO_BUF struct buf text = BUF_NONE;

	if (buf_adds(&text, why, err) < 0)
		return -1;
	make_plain(&text);
	return buf_printf(out, err, "TIDEGATE UNKNOWN - %.*s\n",
	                  cut(buf_text(&text), TEXT_MAX), buf_text(&text));
}
