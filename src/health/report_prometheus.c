/* SPDX-License-Identifier: Apache-2.0 */
/* Prometheus' text format 0.0.4, as node_exporter's textfile collector reads
 * it.  Each sample names its app, so that the files of several apps can lie in
 * one folder.  Names of apps, versions and checks have no character that a
 * label would have to escape (codec/name.h). */
#include "health/report.h"

#include <inttypes.h>

/* Adds what stands behind @head, "<metric>{<labels>". */
struct metric {
	const char *name;
	const char *help;
	int (*add)(const struct report *report, const struct findings *app,
	           const char *head, struct buf *out, struct err *err);
};

static int add_status(const struct report *report, const struct findings *app,
                      const char *head, struct buf *out, struct err *err)
{
	(void)report;
	return buf_printf(out, err, "%s} %d\n", head,
	                  severity_exit_status(app->worst));
}

static int add_release(const struct report *report, const struct findings *app,
                       const char *head, struct buf *out, struct err *err)
{
	(void)report;
	return buf_printf(out, err, "%s,version=\"%s\"} 1\n", head,
	                  app->current);
}

/* A check that does not apply has no sample. */
static int add_checks(const struct report *report, const struct findings *app,
                      const char *head, struct buf *out, struct err *err)
{
	(void)report;
	for (unsigned i = 0; i < CHECK_COUNT; i++)
		if (app->worst_of[i] != SEVERITY_NOT_APPLICABLE &&
		    buf_printf(out, err, "%s,check=\"%s\"} %d\n", head,
		               check_name((enum check_id)i),
		               severity_exit_status(app->worst_of[i])) < 0)
			return -1;
	return 0;
}

static int add_findings(const struct report *report, const struct findings *app,
                        const char *head, struct buf *out, struct err *err)
{
	(void)report;
	for (unsigned i = SEVERITY_OK; i < SEVERITY_COUNT; i++)
		if (buf_printf(out, err, "%s,severity=\"%s\"} %" PRIu64 "\n",
		               head, severity_name((enum severity)i),
		               app->counts[i]) < 0)
			return -1;
	return 0;
}

static int add_last_run(const struct report *report, const struct findings *app,
                        const char *head, struct buf *out, struct err *err)
{
	(void)app;
	return buf_printf(out, err, "%s} %" PRIi64 "\n", head, report->time);
}

static int add_duration(const struct report *report, const struct findings *app,
                        const char *head, struct buf *out, struct err *err)
{
	(void)app;
	return buf_printf(out, err, "%s} %" PRIi64 ".%03u\n", head,
	                  report->duration_ms / 1000,
	                  (unsigned)(report->duration_ms % 1000));
}

static int add_quick(const struct report *report, const struct findings *app,
                     const char *head, struct buf *out, struct err *err)
{
	(void)app;
	return buf_printf(out, err, "%s} %d\n", head,
	                  report->depth == REPORT_QUICK ? 1 : 0);
}

static const struct metric metrics[] = {
	{ "tidegate_health_status",
	  "The worst of all findings: 0 ok, 1 warning, 2 critical, 3 unknown.",
	  add_status },
	{ "tidegate_health_check_status",
	  "The worst finding of each check that applies, in the same numbers.",
	  add_checks },
	{ "tidegate_health_findings", "Findings by severity.", add_findings },
	{ "tidegate_health_release_info",
	  "The current release; an empty version is none.", add_release },
	{ "tidegate_health_last_run_timestamp_seconds",
	  "When the app was last checked.", add_last_run },
	{ "tidegate_health_last_run_duration_seconds",
	  "How long checking all apps of that run took.", add_duration },
	{ "tidegate_health_last_run_quick",
	  "Whether that run trusted recorded files (--quick).", add_quick },
};

static int add_samples(const struct report *report, const struct metric *metric,
                       const struct findings *app, struct buf *out,
                       struct err *err)
{
	AUTO_BUF struct buf head = BUF_NONE;

	if (buf_printf(&head, err, "%s{app=\"%s\"", metric->name, app->app) < 0)
		return -1;
	if (report->only != NULL &&
	    buf_printf(&head, err, ",only=\"%s\"", report->only) < 0)
		return -1;
	return metric->add(report, app, buf_text(&head), out, err);
}

static int add_metric(const struct report *report, const struct metric *metric,
                      struct buf *out, struct err *err)
{
	if (buf_printf(out, err, "# HELP %s %s\n# TYPE %s gauge\n",
	               metric->name, metric->help, metric->name) < 0)
		return -1;
	for (size_t i = 0; i < report->count; i++)
		if (add_samples(report, metric, &report->apps[i], out, err) < 0)
			return -1;
	return 0;
}

int report_prometheus(const struct report *report, struct buf *out,
                      struct err *err)
{
	for (size_t i = 0; i < sizeof metrics / sizeof metrics[0]; i++)
		if (add_metric(report, &metrics[i], out, err) < 0)
			return -1;
	return 0;
}
