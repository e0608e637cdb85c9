/* SPDX-License-Identifier: Apache-2.0 */
/* The commands: look, judge, print. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps.h"
#include "base/clock.h"
#include "base/fs.h"
#include "commands.h"
#include "health/check.h"
#include "health/gather.h"
#include "health/report.h"
#include "request.h"

static int print(const struct buf *text, struct err *err)
{
	if (fwrite(buf_text(text), 1, text->len, stdout) != text->len ||
	    fflush(stdout) != 0)
		return err_set(err, ERR_SYSTEM, errno,
		               "writing to standard output");
	return 0;
}

static int print_report(const struct request *request,
                        const struct report *report, struct err *err)
{
	enum report_detail detail =
		request->is_quiet ? REPORT_FAULTS : REPORT_ALL;
	AUTO_BUF struct buf text = BUF_NONE;
	int result = -1;

	if (request->is_quiet && report_status(report) <= SEVERITY_OK)
		return 0;
	switch (request->format) {
	case OUTPUT_TEXT:
		result =
			report_text(report, detail, request->color, &text, err);
		break;
	case OUTPUT_JSON:
		result = report_json(report, detail, &text, err);
		break;
	}
	return result < 0 ? -1 : print(&text, err);
}

static int check_app(const struct request *request, int root, const char *app,
                     struct findings *out, struct err *err)
{
	AUTO_FACTS struct facts facts = { .release_count = 0 };
	const struct gather_request gather = {
		.root = root,
		.app = app,
		.set = check_set_without(request->only, request->skip),
		.reach = request->reach,
	};

	out->root = request->root;
	if (facts_gather(&gather, &facts, err) < 0)
		return -1;
	return check_facts(&facts, gather.set, out, err);
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

static int check_apps(const struct request *request, int root,
                      const struct apps *apps, struct results *out,
                      struct err *err)
{
	out->items = calloc(apps->count, sizeof *out->items);
	if (out->items == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < apps->count; i++) {
		out->items[i] = FINDINGS_NONE;
		out->count++;
		if (check_app(request, root, apps->names[i], &out->items[i],
		              err) < 0)
			return -1;
	}
	return 0;
}

int command_check(void *context, struct err *err)
{
	const struct request *request = context;
	AUTO_APPS struct apps apps = APPS_NONE;
	AUTO(results_done) struct results results = { NULL, 0 };
	struct report report = { .time = clock_now() };
	AUTO_CLOSE int root = -1;

	if (request->wants_list)
		return command_list(context, err);
	if (request->wants_version)
		return command_version(context, err);
	root = fs_open_anchor(request->root, err);
	if (root < 0 || choose_apps(request, root, &apps, err) < 0 ||
	    check_apps(request, root, &apps, &results, err) < 0)
		return -1;
	report.apps = results.items;
	report.count = results.count;
	if (print_report(request, &report, err) < 0)
		return -1;
	return severity_exit_status(report_status(&report));
}

int command_list(void *context, struct err *err)
{
	AUTO_BUF struct buf text = BUF_NONE;

	(void)context;
	if (check_list(&text, err) < 0)
		return -1;
	return print(&text, err);
}

int command_completion(void *context, struct err *err)
{
	AUTO_BUF struct buf text = BUF_NONE;

	(void)context;
	if (options_completion(&check_program, &text, err) < 0)
		return -1;
	return print(&text, err);
}

int command_version(void *context, struct err *err)
{
	AUTO_BUF struct buf text = BUF_NONE;

	(void)context;
	if (buf_adds(&text, "check-health " TIDEGATE_VERSION "\n", err) < 0)
		return -1;
	return print(&text, err);
}
