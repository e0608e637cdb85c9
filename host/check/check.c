/* SPDX-License-Identifier: Apache-2.0 */
/* The commands: look, judge, print. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "apps.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/journal_log.h"
#include "commands.h"
#include "fix.h"
#include "health/check.h"
#include "health/gather.h"
#include "health/gather_engine.h"
#include "health/gather_service.h"
#include "health/patience.h"
#include "health/report.h"
#include "journal.h"
#include "output.h"
#include "request.h"

/* The report in the format that is asked for. */
static int write_report(const struct request *request,
                        const struct report *report, struct buf *out,
                        struct err *err)
{
	enum report_detail detail =
		request->is_quiet ? REPORT_FAULTS : REPORT_ALL;

	switch (request->format) {
	case OUTPUT_TEXT:
		return report_text(report, detail, request->color, out, err);
	case OUTPUT_JSON:
		return report_json(report, detail, out, err);
	case OUTPUT_NAGIOS:
		return report_nagios(report, out, err);
	case OUTPUT_PROMETHEUS:
		return report_prometheus(report, out, err);
	}
	return err_set(err, ERR_INTERNAL, 0, "an unknown format");
}

/* What a unit prints goes to journald, which takes it with fields, too: in
 * place of text, and beside a file.  Where that cannot be, text will do. */
static bool is_told_to_journal(const struct request *request,
                               const struct report *report)
{
	enum report_detail detail =
		request->is_quiet ? REPORT_FAULTS : REPORT_ALL;
	struct err ignored;

	return (request->format == OUTPUT_TEXT || request->output != NULL) &&
	       journal_log_reads(STDOUT_FILENO) &&
	       journal_report(report, detail, &ignored) == 1;
}

/* A file is always written: its reader wants to know of the last run. */
static int print_report(const struct request *request,
                        const struct report *report, struct err *err)
{
	bool is_dull =
		request->is_quiet && report_status(report) <= SEVERITY_OK;
	bool is_told = !is_dull && is_told_to_journal(request, report);
	AUTO_BUF struct buf text = BUF_NONE;

	if (request->output == NULL && (is_dull || is_told))
		return 0;
	if (write_report(request, report, &text, err) < 0)
		return -1;
	if (request->output != NULL)
		return output_replace(request->output, &text, err);
	return output_print(&text, err);
}

/* Whether the root is this host's own, whatever its spelling. */
static bool is_real_root(int root)
{
	struct stat here;
	struct stat own;

	return fstat(root, &here) == 0 && stat("/", &own) == 0 &&
	       here.st_dev == own.st_dev && here.st_ino == own.st_ino;
}

/* What all apps of a run have in common. */
struct visit {
	const struct request *request;
	int root;
	bool is_real; /* the root is / */
	enum gather_depth depth;
	struct check_set set;
	int64_t end; /* of answers; as in struct patience */
	struct service_round *services;
	struct engine_silences *silences;
};

static int check_app(const struct visit *visit, size_t number, const char *app,
                     struct findings *out, struct err *err)
{
	AUTO_FACTS struct facts facts = { .release_count = 0 };
	const struct gather_request gather = {
		.root = visit->root,
		.app = app,
		.set = visit->set,
		.reach = visit->request->reach,
		.depth = visit->depth,
		.end = visit->end,
		.silences = visit->silences,
		.services = visit->services,
		.number = number,
	};

	out->root = visit->request->root;
	if (facts_gather(&gather, &facts, err) < 0)
		return -1;
	return check_facts(&facts, gather.set, out, err);
}

/* Services are asked while engines and registries are, yet not while each
 * processor reads releases, which could make one look ill: but where time is
 * short, as both have to be known by then. */
static int ask_services(const struct visit *visit, const struct apps *apps,
                        struct err *err)
{
	struct service_app app = { .root = visit->root,
		                   .set = visit->set,
		                   .is_real = visit->is_real };

	for (size_t i = 0; i < apps->count; i++) {
		app.app = apps->names[i];
		if (service_round_add(visit->services, &app, err) < 0)
			return -1;
	}
	if (service_round_begin(visit->services, visit->end, err) < 0)
		return -1;
	if (visit->depth != GATHER_QUICK && visit->end == PATIENCE_ENDLESS)
		service_round_await(visit->services);
	return 0;
}

/* The apps that are asked for; at least one. */
static int choose_apps(const struct request *request, int root,
                       struct apps *out, struct err *err)
{
	AUTO_APPS struct apps apps = APPS_NONE;

	if (apps_find(root, &apps, err) < 0)
		return -1;
	if (apps.count == 0)
		return err_set(err, ERR_USAGE, 0,
		               "no app is configured or installed below %s; "
		               "install-package setup --app NAME --key PUB "
		               "makes one",
		               request->root);
	if (request->app != NULL && !apps_keep(&apps, request->app))
		return err_set(err, ERR_USAGE, 0,
		               "app '%s' is neither configured nor installed; "
		               "install-package setup --app %s --key PUB "
		               "makes it",
		               request->app, request->app);
	*out = apps;
	apps = APPS_NONE;
	return 0;
}

/* Until when others may let us wait: what they answer has to be judged, too. */
static int64_t answers_end(const struct request *request)
{
	int64_t timeout_ms = (int64_t)request_timeout(request) * 1000;

	if (timeout_ms == 0)
		return PATIENCE_ENDLESS;
	return clock_monotonic_ms() + timeout_ms * 4 / 5;
}

struct results {
	struct findings *items; /* owned, with all in them */
	size_t count;
};

static void results_done(struct results *results)
{
	for (size_t i = 0; i < results->count; i++)
		findings_done(&results->items[i]);
	free(results->items);
}

static int check_each(const struct visit *visit, const struct apps *apps,
                      struct results *out, struct err *err)
{
	out->items = calloc(apps->count, sizeof *out->items);
	if (out->items == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < apps->count; i++) {
		out->items[i] = FINDINGS_NONE;
		out->count++;
		if (check_app(visit, i, apps->names[i], &out->items[i], err) <
		    0)
			return -1;
	}
	return 0;
}

static int check_apps(const struct request *request, int root,
                      const struct apps *apps, struct results *out,
                      struct err *err)
{
	AUTO_SERVICE_ROUND struct service_round *services = NULL;
	struct engine_silences silences = { .count = 0 };
	struct visit visit = {
		.request = request,
		.root = root,
		.is_real = is_real_root(root),
		.end = answers_end(request),
		.silences = &silences,
	};

	if (request_set(request, &visit.set, err) < 0 ||
	    request_depth(request, &visit.depth, err) < 0 ||
	    service_round_new(&services, err) < 0)
		return -1;
	visit.services = services;
	if (ask_services(&visit, apps, err) < 0)
		return -1;
	return check_each(&visit, apps, out, err);
}

/* One look at all apps. */
static int look(const struct request *request, int root,
                const struct apps *apps, struct results *results,
                struct report *report, struct err *err)
{
	int64_t began = clock_monotonic_ms();

	*report = (struct report){ .time = clock_now(),
		                   .only = request->only_text };
	if (check_apps(request, root, apps, results, err) < 0)
		return -1;
	report->apps = results->items;
	report->count = results->count;
	report->depth = request_is_quick(request) ? REPORT_QUICK : REPORT_FULL;
	report->duration_ms = clock_monotonic_ms() - began;
	return 0;
}

int command_check(void *context, struct err *err)
{
	const struct request *request = context;
	AUTO_APPS struct apps apps = APPS_NONE;
	AUTO(results_done) struct results first = { NULL, 0 };
	AUTO(results_done) struct results again = { NULL, 0 };
	struct report report;
	AUTO_CLOSE int root = -1;
	int fixed = 0;

	if (request->wants_list)
		return command_list(context, err);
	if (request->wants_version)
		return command_version(context, err);
	root = fs_open_anchor(request->root, err);
	if (root < 0 || fix_allowed(request, root, err) < 0 ||
	    choose_apps(request, root, &apps, err) < 0 ||
	    look(request, root, &apps, &first, &report, err) < 0)
		return -1;
	if (request->wants_fix)
		fixed = fix_run(request, &report, err);
	if (fixed < 0 ||
	    (fixed == 1 &&
	     look(request, root, &apps, &again, &report, err) < 0) ||
	    print_report(request, &report, err) < 0)
		return -1;
	return severity_exit_status(report_status(&report));
}

int command_list(void *context, struct err *err)
{
	AUTO_BUF struct buf text = BUF_NONE;

	(void)context;
	if (check_list(&text, err) < 0)
		return -1;
	return output_print(&text, err);
}

int command_completion(void *context, struct err *err)
{
	AUTO_BUF struct buf text = BUF_NONE;

	(void)context;
	if (options_completion(&check_program, &text, err) < 0)
		return -1;
	return output_print(&text, err);
}

int command_version(void *context, struct err *err)
{
	AUTO_BUF struct buf text = BUF_NONE;

	(void)context;
	if (buf_adds(&text, "check-health " TIDEGATE_VERSION "\n", err) < 0)
		return -1;
	return output_print(&text, err);
}
