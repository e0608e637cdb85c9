/* SPDX-License-Identifier: Apache-2.0 */
#include "health/gather_history.h"

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
