/* SPDX-License-Identifier: Apache-2.0 */
/* Findings for people and for machines.  Both are texts in a buffer; who
 * prints them is another question. */
#ifndef HEALTH_REPORT_H
#define HEALTH_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "health/finding.h"

/* QUICK trusted files that a record vouches for. */
enum report_depth { REPORT_FULL, REPORT_QUICK };

struct report {
	const struct findings *apps; /* borrowed */
	size_t count;
	int64_t time;        /* of the judgement */
	int64_t duration_ms; /* that it took */
	enum report_depth depth;
	/* Borrowed: the ids of checks that the run was narrowed to, as
	 * check_set_parse takes them; NULL: it was not. */
	const char *only;
};

/* FAULTS leaves out what is ok or does not apply. */
enum report_detail { REPORT_ALL, REPORT_FAULTS };
enum report_color { REPORT_PLAIN, REPORT_COLOR };

/** report_status - the worst severity of all apps; OK where there is nothing
 * to find fault with. */
enum severity report_status(const struct report *report);

/**
 * report_text - append one line an app, below it one line a finding, and below
 * a finding its remedy:
 *
 *     shop 1.4.2: critical
 *       critical  release.tree  1.4.2/bin/tool: its content is not as signed
 *                 try: install-package install --app shop ...
 *
 * Without colour the text has no control characters but LF.
 */
int report_text(const struct report *report, enum report_detail detail,
                enum report_color color, struct buf *out,
                struct err *err) MUST_CHECK;

/**
 * report_json - append one JSON object and a LF:
 *
 *     { "format": 1, "time": "2026-01-02T03:04:05Z", "status": "critical",
 *       "quick": false, "duration_ms": 812,
 *       "apps": [ { "app": "shop", "current": "1.4.2", "status": "critical",
 *         "findings": [ { "check": "release.tree", "severity": "critical",
 *           "object": "1.4.2/bin/tool", "text": "...", "remedy": "..." } ],
 *         "further": [ { "check": "release.tree", "count": 12 } ] } ] }
 *
 * "current" is null where no release is; "remedy" is "" where there is none;
 * "further" counts findings beyond FINDINGS_PER_CHECK_MAX.  Keys may be added.
 * docs/schemas/check-health.schema.json says the same for machines.
 */
int report_json(const struct report *report, enum report_detail detail,
                struct buf *out, struct err *err) MUST_CHECK;

/** report_json_error - append the object that says why there is no verdict, and
 * a LF: { "format": 1, "status": "unknown", "error": "..." } */
int report_json_error(const char *why, struct buf *out,
                      struct err *err) MUST_CHECK;

/**
 * report_nagios - append one line with performance data:
 *
 *     TIDEGATE CRITICAL - shop release.tree 1.4.2/bin/tool: its content is not
 *     as signed; and 2 more | ok=12;;;0 warning=0;0;;0 critical=3;;0;0 ...
 *
 * (in one line).  Three faults are named, the worst first.
 */
int report_nagios(const struct report *report, struct buf *out,
                  struct err *err) MUST_CHECK;

/** report_nagios_error - the line that says why there is no verdict. */
int report_nagios_error(const char *why, struct buf *out,
                        struct err *err) MUST_CHECK;

/** report_prometheus - append metrics with an app's label each: the status of
 * app and checks as exit statuses, findings counted, and the last run.  A run
 * that was narrowed has a label "only" besides, so that its file and that of
 * another run may lie in one folder. */
int report_prometheus(const struct report *report, struct buf *out,
                      struct err *err) MUST_CHECK;

#endif
