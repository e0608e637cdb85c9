/* SPDX-License-Identifier: Apache-2.0 */
#include "health/gather_history.h"

#include <errno.h>
#include <string.h>

#include "store/history.h"

static int tick_off(void *context, const struct history_line *line,
                    struct err *err)
{
	struct facts *facts = context;

	(void)err;
	for (size_t i = 0; i < facts->release_count; i++) {
		struct release_facts *release = &facts->releases[i];

		if (history_line_installs(line, release->version,
		                          release->release_sha256))
			release->is_in_history = true;
	}
	return 0;
}

/* What was rotated away told of its time. */
static void excuse_earlier(const struct history_extent *extent,
                           struct facts *facts)
{
	for (size_t i = 0; i < facts->release_count; i++)
		if (!history_would_tell(extent, facts->releases[i].installed))
			facts->releases[i].is_in_history = true;
}

int gather_history(const struct store *store, struct facts *facts,
                   struct err *err)
{
	struct look *look = &facts->history.look;
	struct history_extent extent;

	if (history_each(store, tick_off, facts, &extent, err) < 0)
		return look_note(look, err);
	facts->history.lines = extent.lines;
	excuse_earlier(&extent, facts);
	if (extent.is_torn)
		look_set(look, SIGHT_WRONG, "its last line is torn");
	else
		look_set(look, SIGHT_GOOD, "read");
	return 0;
}

/* --- what is gone --- */

/* Follow which version was put in place last; "": none, or all was removed. */
static int follow(void *context, const struct history_line *line,
                  struct err *err)
{
	static const char *const arrivals[] = { "install", "renew", "activate",
		                                "rollback" };
	char *version = context;

	(void)err;
	if (strcmp(line->result, "ok") != 0)
		return 0;
	if (strcmp(line->op, "uninstall") == 0 && line->version[0] == '\0')
		version[0] = '\0';
	for (size_t i = 0; i < sizeof arrivals / sizeof arrivals[0]; i++)
		if (strcmp(line->op, arrivals[i]) == 0)
			memcpy(version, line->version, sizeof line->version);
	return 0;
}

static int read_last(int root, const char *app, char version[VERSION_SIZE],
                     struct err *err)
{
	AUTO_STORE struct store state = STORE_NONE;
	struct history_extent extent;
	int found = store_open_state(root, app, STORE_READ, &state, err);

	if (found < 1)
		return found;
	if (history_each(&state, follow, version, &extent, err) < 0)
		return err->code == ERR_SYSTEM && err->sys == ENOENT ? 0 : -1;
	return 0;
}

int gather_loss(int root, const char *app, struct link_facts *out,
                struct err *err)
{
	char version[VERSION_SIZE] = "";

	if (read_last(root, app, version, err) < 0)
		return look_note(&out->look, err);
	if (version[0] == '\0')
		return 0;
	memcpy(out->version, version, sizeof out->version);
	look_set(&out->look, SIGHT_WRONG,
	         "%s was installed and not uninstalled, yet /opt/%s with its "
	         "%s is not there",
	         version, app, STORE_MARKER);
	return 0;
}
