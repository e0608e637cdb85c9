/* SPDX-License-Identifier: Apache-2.0 */
/* history: what was done to an app, by whom, with what result. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/json_line.h"
#include "codec/json_write.h"
#include "commands.h"
#include "report.h"
#include "session.h"
#include "store/history.h"

#define SHOWN_MAX ((size_t)1 << 20) /* bytes, the newest */

/* Calls @take with each line, without its LF. */
static int each_line(const struct buf *text,
                     int (*take)(void *context, const char *line, size_t len,
                                 struct err *err),
                     void *context, struct err *err)
{
	const char *at = buf_text(text);
	const char *end = at + text->len;

	while (at < end) {
		const char *lf = memchr(at, '\n', (size_t)(end - at));
		size_t len =
			lf != NULL ? (size_t)(lf - at) : (size_t)(end - at);

		if (len > 0 && take(context, at, len, err) < 0)
			return -1;
		at += len + 1;
	}
	return 0;
}

static int check_item(void *context, const struct json_item *item,
                      struct err *err)
{
	(void)context;
	(void)item;
	(void)err;
	return 0;
}

/* A damaged line is check-health's finding; the others are still told. */
static int put_json(void *context, const char *line, size_t len,
                    struct err *err)
{
	struct err damage;

	if (json_line_read(line, len, check_item, NULL, &damage) < 0) {
		report_warning("a line of the history is damaged");
		return 0;
	}
	return json_raw(context, NULL, line, len, err);
}

/* What a line of text shows, in this order. */
enum column { TIME, OP, VERSION, RESULT, USER, TEXT, COLUMNS };

struct row {
	char columns[COLUMNS][HISTORY_LINE_MAX];
};

static int take_column(void *context, const struct json_item *item,
                       struct err *err)
{
	static const char *const keys[COLUMNS] = {
		[TIME] = "time",     [OP] = "op",     [VERSION] = "version",
		[RESULT] = "result", [USER] = "user", [TEXT] = "text",
	};
	struct row *row = context;

	(void)err;
	for (int i = 0; i < COLUMNS; i++)
		if (item->text != NULL && strcmp(item->key, keys[i]) == 0)
			(void)snprintf(row->columns[i], HISTORY_LINE_MAX, "%s",
			               item->text);
	return 0;
}

static int put_text(void *context, const char *line, size_t len,
                    struct err *err)
{
	AUTO_FREE struct row *row = calloc(1, sizeof *row);
	struct err damage;

	if (row == NULL)
		return err_nomem(err);
	if (json_line_read(line, len, take_column, row, &damage) < 0) {
		report_warning("a line of the history is damaged");
		return 0;
	}
	return buf_printf(context, err, "%s  %-9s %-20s %-8s %-10s %s\n",
	                  row->columns[TIME], row->columns[OP],
	                  row->columns[VERSION], row->columns[RESULT],
	                  row->columns[USER], row->columns[TEXT]);
}

static int write_json(const char *app, const struct buf *lines, struct buf *out,
                      struct err *err)
{
	struct json_writer json;

	json_begin(&json, out);
	if (json_open_object(&json, NULL, err) < 0 ||
	    json_text(&json, "app", app, err) < 0 ||
	    json_open_array(&json, "history", err) < 0 ||
	    each_line(lines, put_json, &json, err) < 0 ||
	    json_close(&json, err) < 0)
		return -1;
	return json_close(&json, err);
}

int command_history(void *context, struct err *err)
{
	const struct request *request = context;
	AUTO_SESSION struct session session = SESSION_NONE;
	AUTO_BUF struct buf lines = BUF_NONE;
	AUTO_BUF struct buf out = BUF_NONE;
	int found;

	session.request = request;
	if (host_open_root(request, &session.host, err) < 0)
		return -1;
	/* Also of an app that was uninstalled. */
	found = store_open_state(session.host.root, session.host.app,
	                         STORE_READ, &session.store, err);
	if (found == 0)
		return err_set(err, ERR_CONFLICT, 0,
		               "%s was never installed here", session.host.app);
	if (found < 0 ||
	    history_read(&session.store, SHOWN_MAX, &lines, err) < 0)
		return -1;
	if (request->wants_json
	            ? write_json(session.host.app, &lines, &out, err) < 0
	            : each_line(&lines, put_text, &out, err) < 0)
		return -1;
	return report_text(&out, err);
}
