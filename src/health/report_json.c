/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "codec/json_write.h"
#include "health/report.h"

#define REPORT_FORMAT 1

static int add_finding(struct json_writer *writer,
                       const struct finding *finding, struct err *err)
{
	if (json_open_object(writer, NULL, err) < 0 ||
	    json_text(writer, "check", check_name(finding->check), err) < 0 ||
	    json_text(writer, "severity", severity_name(finding->severity),
	              err) < 0 ||
	    json_text(writer, "object", finding->object, err) < 0 ||
	    json_text(writer, "text", finding->text, err) < 0 ||
	    json_text(writer, "remedy", finding->remedy, err) < 0)
		return -1;
	return json_close(writer, err);
}

static int add_findings(struct json_writer *writer, const struct findings *app,
                        enum report_detail detail, struct err *err)
{
	if (json_open_array(writer, "findings", err) < 0)
		return -1;
	for (size_t i = 0; i < app->count; i++) {
		if (detail == REPORT_FAULTS &&
		    app->items[i].severity <= SEVERITY_OK)
			continue;
		if (add_finding(writer, &app->items[i], err) < 0)
			return -1;
	}
	return json_close(writer, err);
}

static int add_further(struct json_writer *writer, const struct findings *app,
                       struct err *err)
{
	if (json_open_array(writer, "further", err) < 0)
		return -1;
	for (unsigned i = 0; i < CHECK_COUNT; i++) {
		if (app->dropped[i] == 0)
			continue;
		if (json_open_object(writer, NULL, err) < 0 ||
		    json_text(writer, "check", check_name((enum check_id)i),
		              err) < 0 ||
		    json_u64(writer, "count", app->dropped[i], err) < 0 ||
		    json_close(writer, err) < 0)
			return -1;
	}
	return json_close(writer, err);
}

static int add_app(struct json_writer *writer, const struct findings *app,
                   enum report_detail detail, struct err *err)
{
	const char *current = app->current[0] != '\0' ? app->current : NULL;

	if (json_open_object(writer, NULL, err) < 0 ||
	    json_text(writer, "app", app->app, err) < 0 ||
	    json_text(writer, "current", current, err) < 0 ||
	    json_text(writer, "status", severity_name(app->worst), err) < 0 ||
	    add_findings(writer, app, detail, err) < 0 ||
	    add_further(writer, app, err) < 0)
		return -1;
	return json_close(writer, err);
}

int report_json(const struct report *report, enum report_detail detail,
                struct buf *out, struct err *err)
{
	char time[CLOCK_TEXT_SIZE];
	struct json_writer writer;

	clock_format(report->time, time);
	json_begin(&writer, out);
	if (json_open_object(&writer, NULL, err) < 0 ||
	    json_u64(&writer, "format", REPORT_FORMAT, err) < 0 ||
	    json_text(&writer, "time", time, err) < 0 ||
	    json_text(&writer, "status", severity_name(report_status(report)),
	              err) < 0 ||
	    json_bool(&writer, "quick", report->depth == REPORT_QUICK, err) <
	            0 ||
	    json_u64(&writer, "duration_ms", (uint64_t)report->duration_ms,
	             err) < 0 ||
	    json_open_array(&writer, "apps", err) < 0)
		return -1;
	for (size_t i = 0; i < report->count; i++)
		if (add_app(&writer, &report->apps[i], detail, err) < 0)
			return -1;
	if (json_close(&writer, err) < 0 || json_close(&writer, err) < 0)
		return -1;
	return buf_adds(out, "\n", err);
}

int report_json_error(const char *why, struct buf *out, struct err *err)
{
	struct json_writer writer;

	json_begin(&writer, out);
	if (json_open_object(&writer, NULL, err) < 0 ||
	    json_u64(&writer, "format", REPORT_FORMAT, err) < 0 ||
	    json_text(&writer, "status", severity_name(SEVERITY_UNKNOWN), err) <
	            0 ||
	    json_text(&writer, "error", why, err) < 0 ||
	    json_close(&writer, err) < 0)
		return -1;
	return buf_adds(out, "\n", err);
}
