/* SPDX-License-Identifier: Apache-2.0 */
#include "health/report.h"

#include <inttypes.h>
#include <string.h>

#define SEVERITY_WIDTH 8  /* of "critical"; a longer name is abbreviated */
#define CHECK_WIDTH    18 /* of "history.consistent" */

struct text_style {
	enum report_detail detail;
	enum report_color color;
};

static const char *color_of(enum severity severity)
{
	switch (severity) {
	case SEVERITY_NOT_APPLICABLE:
		return "2"; /* dim */
	case SEVERITY_OK:
		return "32"; /* green */
	case SEVERITY_WARNING:
		return "33"; /* yellow */
	case SEVERITY_UNKNOWN:
		return "35"; /* magenta */
	case SEVERITY_CRITICAL:
		break;
	}
	return "31"; /* red */
}

/* The column of severities; what does not apply is no verdict. */
static const char *word_of(enum severity severity)
{
	return severity == SEVERITY_NOT_APPLICABLE ? "-"
	                                           : severity_name(severity);
}

static int add_word(enum severity severity, const struct text_style *style,
                    const char *word, struct buf *out, struct err *err)
{
	if (style->color == REPORT_PLAIN)
		return buf_adds(out, word, err);
	return buf_printf(out, err, "\033[%sm%s\033[0m", color_of(severity),
	                  word);
}

static int add_finding(const struct finding *finding,
                       const struct text_style *style, struct buf *out,
                       struct err *err)
{
	const char *word = word_of(finding->severity);
	int pad = (int)(SEVERITY_WIDTH - strlen(word));

	if (buf_adds(out, "  ", err) < 0 ||
	    add_word(finding->severity, style, word, out, err) < 0 ||
	    buf_printf(out, err, "%*s  %-*s  %s%s%s\n", pad, "", CHECK_WIDTH,
	               check_name(finding->check), finding->object,
	               finding->object[0] != '\0' ? ": " : "",
	               finding->text) < 0)
		return -1;
	if (finding->remedy[0] == '\0')
		return 0;
	return buf_printf(out, err, "%*stry: %s\n", SEVERITY_WIDTH + 4, "",
	                  finding->remedy);
}

static int add_further(const struct findings *app, struct buf *out,
                       struct err *err)
{
	for (unsigned i = 0; i < CHECK_COUNT; i++)
		if (app->dropped[i] > 0 &&
		    buf_printf(out, err, "  %-*s  %-*s  %" PRIu64 " more\n",
		               SEVERITY_WIDTH, "...", CHECK_WIDTH,
		               check_name((enum check_id)i),
		               app->dropped[i]) < 0)
			return -1;
	return 0;
}

static int add_app(const struct findings *app, const struct text_style *style,
                   struct buf *out, struct err *err)
{
	if (style->detail == REPORT_FAULTS && app->worst <= SEVERITY_OK)
		return 0;
	if (buf_printf(out, err, "%s%s%s: ", app->app,
	               app->current[0] != '\0' ? " " : "", app->current) < 0 ||
	    add_word(app->worst, style, word_of(app->worst), out, err) < 0 ||
	    buf_adds(out, "\n", err) < 0)
		return -1;
	for (size_t i = 0; i < app->count; i++) {
		const struct finding *finding = &app->items[i];

		if (style->detail == REPORT_FAULTS &&
		    finding->severity <= SEVERITY_OK)
			continue;
		if (add_finding(finding, style, out, err) < 0)
			return -1;
	}
	return add_further(app, out, err);
}

enum severity report_status(const struct report *report)
{
	enum severity worst = SEVERITY_OK;

	for (size_t i = 0; i < report->count; i++)
		if (report->apps[i].worst > worst)
			worst = report->apps[i].worst;
	return worst;
}

int report_text(const struct report *report, enum report_detail detail,
                enum report_color color, struct buf *out, struct err *err)
{
	const struct text_style style = { detail, color };

	for (size_t i = 0; i < report->count; i++)
		if (add_app(&report->apps[i], &style, out, err) < 0)
			return -1;
	return 0;
}
