/* SPDX-License-Identifier: Apache-2.0 */
#include "journal.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/journal_log.h"

#define FIELDS(list) (list), sizeof(list) / sizeof((list)[0])

static const char *priority_of(enum severity severity)
{
	switch (severity) {
	case SEVERITY_NOT_APPLICABLE:
	case SEVERITY_OK:
		return JOURNAL_LOG_INFO;
	case SEVERITY_WARNING:
		return JOURNAL_LOG_WARNING;
	case SEVERITY_UNKNOWN:
	case SEVERITY_CRITICAL:
		break;
	}
	return JOURNAL_LOG_ERROR;
}

/* NULL for "", so that the field is left out. */
static const char *text_or_none(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

static int log_finding(const struct findings *app,
                       const struct finding *finding, struct err *err)
{
	const char *severity = severity_name(finding->severity);
	AUTO_BUF struct buf message = BUF_NONE;

	if (buf_printf(&message, err, "%s: %s: %s: %s%s%s", app->app, severity,
	               check_name(finding->check), finding->object,
	               finding->object[0] != '\0' ? ": " : "",
	               finding->text) < 0)
		return -1;

	const struct journal_log_field fields[] = {
		{ "MESSAGE", buf_text(&message) },
		{ "PRIORITY", priority_of(finding->severity) },
		{ "SYSLOG_IDENTIFIER", "check-health" },
		{ "TIDEGATE_APP", app->app },
		{ "TIDEGATE_RELEASE", text_or_none(app->current) },
		{ "TIDEGATE_RESULT", severity },
		{ "TIDEGATE_CHECK", check_name(finding->check) },
		{ "TIDEGATE_OBJECT", text_or_none(finding->object) },
		{ "TIDEGATE_REMEDY", text_or_none(finding->remedy) },
	};

	return journal_log(JOURNAL_LOG_SOCKET, FIELDS(fields), err);
}

static uint64_t count_further(const struct findings *app)
{
	uint64_t count = 0;

	for (unsigned i = 0; i < CHECK_COUNT; i++)
		count += app->dropped[i];
	return count;
}

static int log_app(const struct findings *app, struct err *err)
{
	const char *severity = severity_name(app->worst);
	uint64_t count = count_further(app);
	AUTO_BUF struct buf message = BUF_NONE;
	AUTO_BUF struct buf further = BUF_NONE;

	if (buf_printf(&message, err, "%s %s: %s", app->app,
	               app->current[0] != '\0' ? app->current : "-",
	               severity) < 0 ||
	    (count > 0 && buf_add_u64(&further, count, err) < 0))
		return -1;

	const struct journal_log_field fields[] = {
		{ "MESSAGE", buf_text(&message) },
		{ "PRIORITY", priority_of(app->worst) },
		{ "SYSLOG_IDENTIFIER", "check-health" },
		{ "TIDEGATE_APP", app->app },
		{ "TIDEGATE_RELEASE", text_or_none(app->current) },
		{ "TIDEGATE_RESULT", severity },
		{ "TIDEGATE_FURTHER", text_or_none(buf_text(&further)) },
	};

	return journal_log(JOURNAL_LOG_SOCKET, FIELDS(fields), err);
}

/* A log is no place for what does not apply. */
static bool is_left_out(const struct finding *finding,
                        enum report_detail detail)
{
	return finding->severity == SEVERITY_NOT_APPLICABLE ||
	       (detail == REPORT_FAULTS && finding->severity <= SEVERITY_OK);
}

static int report_app(const struct findings *app, enum report_detail detail,
                      struct err *err)
{
	for (size_t i = 0; i < app->count; i++) {
		int sent = is_left_out(&app->items[i], detail)
		                   ? 1
		                   : log_finding(app, &app->items[i], err);

		if (sent != 1)
			return sent;
	}
	return log_app(app, err);
}

int journal_report(const struct report *report, enum report_detail detail,
                   struct err *err)
{
	for (size_t i = 0; i < report->count; i++) {
		int sent = report_app(&report->apps[i], detail, err);

		if (sent != 1)
			return sent;
	}
	return 1;
}
