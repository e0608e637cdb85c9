/* SPDX-License-Identifier: Apache-2.0 */
/* Properties: an accepted line written again by json_write is the same bytes;
 * and any text that json_write writes is read back. */
#include "codec/json_line.h"
#include "codec/json_write.h"
#include "round_trip.h"

/* Lists come back as their texts, so a list is closed by the next key. */
struct copy {
	struct json_writer writer;
	char list[JSON_KEY_SIZE]; /* key of the open list, or "" */
	const char *line;         /* to see which texts stand in a list */
	size_t len;
};

/* Whether the value of @key in the line begins with '['. */
static int is_list(const struct copy *copy, const char *key)
{
	AUTO_BUF struct buf member = BUF_NONE;
	struct err err;

	require(buf_printf(&member, &err, "\"%s\":[", key) == 0);
	return memmem(copy->line, copy->len, member.data, member.len) != NULL;
}

static int close_list(struct copy *copy, const char *key, struct err *err)
{
	if (copy->list[0] == '\0' || strcmp(copy->list, key) == 0)
		return 0;
	copy->list[0] = '\0';
	return json_close(&copy->writer, err);
}

static int write_again(void *context, const struct json_item *item,
                       struct err *err)
{
	struct copy *copy = context;

	require(close_list(copy, item->key, err) == 0);
	if (copy->list[0] != '\0')
		return json_text(&copy->writer, NULL, item->text, err);
	if (item->text == NULL)
		return json_u64(&copy->writer, item->key, item->number, err);
	if (!is_list(copy, item->key))
		return json_text(&copy->writer, item->key, item->text, err);
	memcpy(copy->list, item->key, strlen(item->key) + 1);
	if (json_open_array(&copy->writer, item->key, err) < 0)
		return -1;
	return json_text(&copy->writer, NULL, item->text, err);
}

static void try_line(const char *line, size_t len)
{
	AUTO_BUF struct buf again = BUF_NONE;
	struct copy copy = { .line = line, .len = len };
	struct err err;

	json_begin(&copy.writer, &again);
	require(json_open_object(&copy.writer, NULL, &err) == 0);
	if (json_line_read(line, len, write_again, &copy, &err) < 0)
		return;
	require(close_list(&copy, "", &err) == 0);
	require(json_close(&copy.writer, &err) == 0);
	require_same(&again, line, len);
}

static int count(void *context, const struct json_item *item, struct err *err)
{
	(void)item;
	(void)err;
	(*(int *)context)++;
	return 0;
}

static void try_text(const char *text, size_t len)
{
	AUTO_BUF struct buf line = BUF_NONE;
	struct json_writer writer;
	struct err err;
	int counted = 0;

	if (memchr(text, '\0', len) != NULL)
		return;
	json_begin(&writer, &line);
	require(json_open_object(&writer, NULL, &err) == 0);
	require(json_text_n(&writer, "text", text, len, &err) == 0);
	require(json_close(&writer, &err) == 0);
	if (line.len > JSON_LINE_MAX)
		return;
	require(json_line_read(line.data, line.len, count, &counted, &err) ==
	        0);
	require(counted == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;

	try_line(text, size);
	try_text(size > 0 ? text : "", size);
	return 0;
}
