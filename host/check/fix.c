/* SPDX-License-Identifier: Apache-2.0 */
#include "fix.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "privsep/child.h"

#define INSTALLER "install-package"
/* recover may run a health gate, which has an hour at most. */
#define FIX_DEADLINE_MS ((int64_t)2 * 3600 * 1000)

static const struct fix {
	const char *command; /* of install-package */
	const char *why;
	uint64_t checks; /* that it mends */
} fixes[] = {
	{ "recover", "finish or undo what did not end, and remove leftovers",
	  CHECK_BIT(CHECK_JOURNAL_CLEAN) | CHECK_BIT(CHECK_STORE_LEFTOVERS) },
	{ "prune", "remove releases beyond what keep leaves",
	  CHECK_BIT(CHECK_RELEASES_KEPT) },
};

#define FIX_COUNT (sizeof fixes / sizeof fixes[0])

int fix_allowed(const struct request *request, int root, struct err *err)
{
	struct stat st;

	if (!request->wants_fix)
		return request->is_sure
		               ? err_set(err, ERR_USAGE, 0,
		                         "--yes answers what --fix asks")
		               : 0;
	if (request->format == OUTPUT_NAGIOS)
		return err_set(err, ERR_USAGE, 0,
		               "--fix is for people, not for --format nagios");
	if (!request->is_sure &&
	    (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)))
		return err_set(err, ERR_USAGE, 0,
		               "--fix asks at a terminal; elsewhere say --yes");
	if (fstat(root, &st) < 0)
		return err_set(err, ERR_SYSTEM, errno, "looking at '%s'",
		               request->root);
	if (geteuid() != 0 && st.st_uid != geteuid())
		return err_set(err, ERR_USAGE, 0,
		               "--fix changes what belongs to root: run it as "
		               "root");
	return 0;
}

/* --- install-package, beside this program or in the sbin next to it --------
 */

static int is_program(const char *folder, struct err *err)
{
	AUTO_CLOSE int dir = fs_open_anchor(folder, err);
	AUTO_CLOSE int file = -1;

	if (dir < 0)
		return -1;
	file = fs_open_trusted(dir, INSTALLER, err);
	if (file < 0 || fs_check_owner(dir, folder, err) < 0)
		return -1;
	return 0;
}

/* Its absolute path, in @out of FS_PATH_MAX bytes. */
static int find_installer(char *out, struct err *err)
{
	static const char *const folders[] = { "/", "/../sbin/" };
	char own[FS_PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", own, sizeof own - 1);
	char *slash;

	if (len < 0)
		return err_set(err, ERR_SYSTEM, errno,
		               "asking where this program lies");
	own[len] = '\0';
	slash = strrchr(own, '/');
	if (slash != NULL)
		*slash = '\0';
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
		char folder[FS_PATH_MAX + sizeof "/../sbin/"];
		int n;

		(void)snprintf(folder, sizeof folder, "%s%s", own, folders[i]);
		if (is_program(folder, err) == 0) {
			n = snprintf(out, FS_PATH_MAX, "%s" INSTALLER, folder);
			return n < FS_PATH_MAX ? 0
			                       : err_set(err, ERR_LIMIT, 0,
			                                 "its path is too "
			                                 "long");
		}
		if (err->code != ERR_SYSTEM || err->sys != ENOENT)
			break;
	}
	return err_wrap(err, "looking for " INSTALLER);
}

/* --- what can be mended ----------------------------------------------------
 */

static bool is_needed(const struct findings *app, const struct fix *fix)
{
	for (size_t i = 0; i < app->count; i++)
		if (app->items[i].severity > SEVERITY_OK &&
		    (fix->checks & CHECK_BIT(app->items[i].check)) != 0)
			return true;
	return false;
}

/* What is not a plain yes is a no. */
static bool is_wanted(const struct request *request, const char *app,
                      const struct fix *fix)
{
	char answer[16];

	(void)fprintf(stderr, "check-health: " INSTALLER " %s --app %s (%s)%s",
	              fix->command, app, fix->why,
	              request->is_sure ? "\n" : "? [y/N]: ");
	if (request->is_sure)
		return true;
	return fgets(answer, sizeof answer, stdin) != NULL &&
	       (strcmp(answer, "y\n") == 0 || strcmp(answer, "yes\n") == 0);
}

static void mend(const char *installer, const char *root, const char *app,
                 const struct fix *fix)
{
	const char *argv[] = { installer, fix->command, "--app", app,
		               "--root",  root,         NULL };
	const struct child child = {
		.argv = argv,
		.deadline = clock_monotonic_ms() + FIX_DEADLINE_MS,
		.words = CHILD_HEARD,
	};
	char text[2 * ERR_TEXT_MAX];
	struct err err;

	if (child_run(&child, &err) == 0)
		return;
	(void)fprintf(stderr, "check-health: " INSTALLER " %s: %s\n",
	              fix->command, err_format(&err, text, sizeof text));
}

int fix_run(const struct request *request, const struct report *report,
            struct err *err)
{
	AUTO_FREE char *root = realpath(request->root, NULL);
	char installer[FS_PATH_MAX];
	int done = 0;

	if (root == NULL)
		return err_set(err, ERR_SYSTEM, errno, "looking up '%s'",
		               request->root);
	for (size_t a = 0; a < report->count; a++)
		for (size_t i = 0; i < FIX_COUNT; i++) {
			const char *app = report->apps[a].app;

			if (!is_needed(&report->apps[a], &fixes[i]) ||
			    !is_wanted(request, app, &fixes[i]))
				continue;
			if (find_installer(installer, err) < 0)
				return -1;
			mend(installer, root, app, &fixes[i]);
			done = 1;
		}
	return done;
}
