/* SPDX-License-Identifier: Apache-2.0 */
#include "health/gather_history.h"

#include <string.h>

#include "base/fs.h"
#include "base/lines.h"
#include "base/text.h"
#include "codec/json_line.h"
#include "crypto/sha256.h"
#include "store/history.h"

/* What counts of one line; "" where it does not say. */
struct event {
	char version[VERSION_SIZE];
	char digest[SHA256_HEX_LEN + 1]; /* of release.ini */
	bool is_done;                    /* the release was installed then */
};

/* A release whose health gate failed is installed all the same. */
static bool is_done_by(const char *result)
{
	return strcmp(result, "ok") == 0 || strcmp(result, "reverted") == 0 ||
	       strcmp(result, "stranded") == 0;
}

static int take_item(void *context, const struct json_item *item,
                     struct err *err)
{
	struct event *event = context;

	if (item->text == NULL)
		return 0;
	if (strcmp(item->key, "version") == 0)
		return text_copy(event->version, sizeof event->version,
		                 item->text, strlen(item->text), err);
	if (strcmp(item->key, "digest") == 0)
		return text_copy(event->digest, sizeof event->digest,
		                 item->text, strlen(item->text), err);
	if (strcmp(item->key, "result") == 0)
		event->is_done = is_done_by(item->text);
	return 0;
}

/* Version and digest together name a release. */
static bool is_about(const struct event *event,
                     const struct release_facts *release)
{
	char digest[SHA256_HEX_LEN + 1];

	text_to_hex(release->release_sha256, sizeof release->release_sha256,
	            digest);
	return strcmp(event->version, release->version) == 0 &&
	       strcmp(event->digest, digest) == 0;
}

static void tick_off(struct facts *facts, const struct event *event)
{
	for (size_t i = 0; event->is_done && i < facts->release_count; i++)
		if (is_about(event, &facts->releases[i]))
			facts->releases[i].is_in_history = true;
}

static int read_lines(int fd, struct facts *facts, struct err *err)
{
	AUTO_LINES struct lines lines = LINES_NONE;
	const char *line;
	size_t len;
	int got;

	lines_begin(&lines, fd, HISTORY_LINE_MAX);
	while ((got = lines_next(&lines, &line, &len, err)) == 1) {
		struct event event = { .version = "" };

		facts->history.lines++;
		if (json_line_read(line, len, take_item, &event, err) < 0)
			return err_wrap(
				err, "line %llu",
				(unsigned long long)facts->history.lines);
		tick_off(facts, &event);
	}
	return got;
}

int gather_history(const struct store *store, struct facts *facts,
                   struct err *err)
{
	struct look *look = &facts->history.look;
	AUTO_CLOSE int fd = fs_open_file(store->state, HISTORY_NAME, err);

	if (fd < 0 || read_lines(fd, facts, err) < 0)
		return look_note(look, err);
	look_set(look, SIGHT_GOOD, "read");
	return 0;
}
