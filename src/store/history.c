/* SPDX-License-Identifier: Apache-2.0 */
#include "store/history.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/disk.h"
#include "base/fs.h"
#include "base/lines.h"
#include "base/text.h"
#include "codec/json_line.h"
#include "codec/json_write.h"

/* --- one line -------------------------------------------------------- */

static int add_text(struct json_writer *json, const char *key,
                    const char *value, struct err *err)
{
	return value == NULL ? 0 : json_text(json, key, value, err);
}

static int add_signers(struct json_writer *json,
                       const struct history_event *event, struct err *err)
{
	if (event->signer_count == 0)
		return 0;
	if (json_open_array(json, "signers", err) < 0)
		return -1;
	for (size_t i = 0; i < event->signer_count; i++)
		if (json_text(json, NULL, event->signers[i], err) < 0)
			return -1;
	return json_close(json, err);
}

static int write_line(const struct history_event *event, struct buf *out,
                      struct err *err)
{
	struct json_writer json;
	char time[CLOCK_TEXT_SIZE];

	clock_format(event->time, time);
	json_begin(&json, out);
	if (json_open_object(&json, NULL, err) < 0 ||
	    json_text(&json, "time", time, err) < 0 ||
	    add_text(&json, "op", event->op, err) < 0 ||
	    add_text(&json, "version", event->version, err) < 0 ||
	    add_text(&json, "from", event->from, err) < 0 ||
	    add_text(&json, "digest", event->digest, err) < 0 ||
	    add_signers(&json, event, err) < 0 ||
	    json_u64(&json, "sequence", event->sequence, err) < 0 ||
	    add_text(&json, "user", event->user, err) < 0 ||
	    add_text(&json, "result", event->result, err) < 0 ||
	    add_text(&json, "text", event->text, err) < 0 ||
	    json_close(&json, err) < 0)
		return -1;
	return buf_adds(out, "\n", err);
}

/* --- the file -------------------------------------------------------- */

static int size_of(int fd, uint64_t *out, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_set(err, ERR_SYSTEM, errno, "looking at %s",
		               HISTORY_NAME);
	*out = (uint64_t)st.st_size;
	return 0;
}

/* Where the last whole line of @tail ends: behind its LF. */
static size_t end_of_lines(const char *tail, size_t len)
{
	const char *last = memrchr(tail, '\n', len);

	return last == NULL ? 0 : (size_t)(last - tail) + 1;
}

/* A crash may have left a part of a line at the end. */
static int cut_torn_line(int fd, struct err *err)
{
	char tail[HISTORY_LINE_MAX];
	uint64_t size = 0;
	size_t len;
	size_t end;

	if (size_of(fd, &size, err) < 0)
		return -1;
	len = size < sizeof tail ? (size_t)size : sizeof tail;
	if (fs_read_at(fd, size - len, tail, len, err) < 0)
		return -1;
	end = end_of_lines(tail, len);
	if (end == len)
		return 0;
	/* No line of ours is that long: leave it, but end it. */
	if (end == 0 && size > len)
		return disk_write("history.end", fd, "\n", 1, err);
	return disk_truncate("history.cut", fd, size - len + end, err);
}

int history_append(const struct store *store, const struct history_event *event,
                   struct err *err)
{
	AUTO_BUF struct buf line = BUF_LIMIT(HISTORY_LINE_MAX);
	AUTO_CLOSE int fd = -1;

	if (write_line(event, &line, err) < 0)
		return err_wrap(err, "writing a line of history");
	fd = disk_open_append("history.open", store->state, HISTORY_NAME,
	                      STORE_FILE_MODE, err);
	if (fd < 0 || cut_torn_line(fd, err) < 0 ||
	    disk_write("history.append", fd, line.data, line.len, err) < 0 ||
	    disk_sync("history.sync", fd, err) < 0)
		return err_wrap(err, "writing %s", HISTORY_NAME);
	return 0;
}

/* Leave only whole lines of @tail, which may begin in the middle of one. */
static int add_whole_lines(const struct buf *tail, bool is_cut, struct buf *out,
                           struct err *err)
{
	const char *start = buf_text(tail);
	size_t len = end_of_lines(start, tail->len);

	if (is_cut && len > 0) {
		const char *lf = memchr(start, '\n', len);

		len -= (size_t)(lf - start) + 1;
		start = lf + 1;
	}
	return len > 0 ? buf_add(out, start, len, err) : 0;
}

int history_read(const struct store *store, size_t max, struct buf *out,
                 struct err *err)
{
	AUTO_BUF struct buf tail = BUF_LIMIT(max);
	AUTO_CLOSE int fd = fs_open_file(store->state, HISTORY_NAME, err);
	uint64_t size = 0;
	size_t len;

	if (fd < 0)
		return err->code == ERR_SYSTEM && err->sys == ENOENT ? 0 : -1;
	if (size_of(fd, &size, err) < 0)
		return -1;
	len = size < max ? (size_t)size : max;
	if (len == 0)
		return 0;
	if (buf_reserve(&tail, len, err) < 0 ||
	    fs_read_at(fd, size - len, tail.data, len, err) < 0)
		return err_wrap(err, "reading %s", HISTORY_NAME);
	tail.len = len;
	tail.data[len] = '\0';
	return add_whole_lines(&tail, size > len, out, err);
}

/* --- line by line ----------------------------------------------------------
 */

static int keep_text(char *field, size_t size, const struct json_item *item,
                     struct err *err)
{
	return text_copy(field, size, item->text, strlen(item->text), err);
}

static int take_item(void *context, const struct json_item *item,
                     struct err *err)
{
	struct history_line *line = context;

	if (item->text == NULL)
		return 0;
	if (strcmp(item->key, "time") == 0)
		return clock_parse(item->text, strlen(item->text), &line->time,
		                   err);
	if (strcmp(item->key, "op") == 0)
		return keep_text(line->op, sizeof line->op, item, err);
	if (strcmp(item->key, "version") == 0)
		return keep_text(line->version, sizeof line->version, item,
		                 err);
	if (strcmp(item->key, "digest") == 0)
		return keep_text(line->digest, sizeof line->digest, item, err);
	if (strcmp(item->key, "result") == 0)
		return keep_text(line->result, sizeof line->result, item, err);
	return 0;
}

/* As logrotate(8) names them: ".1", ".2.gz", "-20261121". */
static bool is_rotated_name(const char *name)
{
	size_t len = strlen(HISTORY_NAME);

	return strncmp(name, HISTORY_NAME, len) == 0 &&
	       (name[len] == '.' || name[len] == '-');
}

static int find_rotated(const struct store *store, bool *out, struct err *err)
{
	char **names;
	size_t count;

	if (fs_list(store->state, STORE_NAMES_MAX, &names, &count, err) < 0)
		return -1;
	*out = false;
	for (size_t i = 0; i < count; i++)
		*out |= is_rotated_name(names[i]);
	fs_list_free(names, count);
	return 0;
}

static int read_lines(int fd, history_line_fn *take, void *context,
                      struct history_extent *extent, struct err *err)
{
	AUTO_LINES struct lines lines = LINES_NONE;
	const char *text;
	size_t len;
	int got;

	lines_begin(&lines, fd, HISTORY_LINE_MAX);
	while ((got = lines_next(&lines, &text, &len, err)) == 1) {
		struct history_line line = { .version = "" };

		extent->lines++;
		if (json_line_read(text, len, take_item, &line, err) < 0)
			return err_wrap(err, "line %" PRIu64 " of %s",
			                extent->lines, HISTORY_NAME);
		if (extent->lines == 1)
			extent->began = line.time;
		if (take(context, &line, err) < 0)
			return -1;
	}
	/* ERR_FORMAT is a last line without its LF, as a crash leaves it. */
	if (got < 0 && err->code != ERR_FORMAT)
		return -1;
	extent->is_torn = got < 0;
	return 0;
}

int history_each(const struct store *store, history_line_fn *take,
                 void *context, struct history_extent *out, struct err *err)
{
	AUTO_CLOSE int fd = fs_open_file(store->state, HISTORY_NAME, err);
	struct history_extent extent = { .began = INT64_MAX };
	struct err unlisted;

	/* Who may not list the folder sees no rotation. */
	if (find_rotated(store, &extent.is_rotated, &unlisted) < 0) {
		extent.is_rotated = false;
		if (unlisted.sys == ENOMEM) {
			*err = unlisted;
			return -1;
		}
	}
	/* Just rotated: the next line makes it anew. */
	if (fd < 0 && !(extent.is_rotated && err->code == ERR_SYSTEM &&
	                err->sys == ENOENT))
		return -1;
	if (fd >= 0 && read_lines(fd, take, context, &extent, err) < 0)
		return -1;
	*out = extent;
	return 0;
}

bool history_would_tell(const struct history_extent *extent, int64_t time)
{
	return !extent->is_rotated || time > extent->began;
}

bool history_line_installs(const struct history_line *line, const char *version,
                           const uint8_t release_sha256[SHA256_LEN])
{
	char digest[SHA256_HEX_LEN + 1];

	text_to_hex(release_sha256, SHA256_LEN, digest);
	return strcmp(line->version, version) == 0 &&
	       strcmp(line->digest, digest) == 0 &&
	       (strcmp(line->result, "ok") == 0 ||
	        strcmp(line->result, "reverted") == 0 ||
	        strcmp(line->result, "stranded") == 0);
}
