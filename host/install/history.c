/* SPDX-License-Identifier: Apache-2.0 */
/* history: what was done to an app, by whom, with what result. */
#include <string.h>

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

static int put_json(void *context, const char *line, size_t len,
                    struct err *err)
{
	return json_raw(context, NULL, line, len, err);
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

	if (session_read(request, &session, err) < 0 ||
	    history_read(&session.store, SHOWN_MAX, &lines, err) < 0)
		return -1;
	if (!request->wants_json)
		return report_text(&lines, err);
	if (write_json(session.host.app, &lines, &out, err) < 0)
		return -1;
	return report_text(&out, err);
}
