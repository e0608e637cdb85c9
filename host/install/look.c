/* SPDX-License-Identifier: Apache-2.0 */
/* The commands that only look: list and status. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "codec/json_write.h"
#include "codec/receipt.h"
#include "commands.h"
#include "crypto/sha256.h"
#include "report.h"
#include "session.h"
#include "signers.h"
#include "store/activate.h"
#include "store/links.h"
#include "store/releases.h"
#include "trust/explain_json.h"

/* --- list --- */

static int list_json_item(const struct installed *item,
                          struct json_writer *json, struct err *err)
{
	char digest[SHA256_HEX_LEN + 1];
	char time[CLOCK_TEXT_SIZE];

	text_to_hex(item->release_sha256, SHA256_LEN, digest);
	clock_format(item->time, time);
	if (json_open_object(json, NULL, err) < 0 ||
	    json_text(json, "version", item->version, err) < 0 ||
	    json_u64(json, "sequence", item->sequence, err) < 0 ||
	    json_text(json, "installed", time, err) < 0 ||
	    json_text(json, "release_sha256", digest, err) < 0 ||
	    json_bool(json, "current", item->is_current, err) < 0 ||
	    json_bool(json, "previous", item->is_previous, err) < 0 ||
	    json_bool(json, "bad", item->is_bad, err) < 0 ||
	    json_bool(json, "held", item->is_held, err) < 0 ||
	    json_bool(json, "damaged", item->is_damaged, err) < 0)
		return -1;
	return json_close(json, err);
}

static int list_json(const char *app, const struct installed_list *list,
                     struct buf *out, struct err *err)
{
	struct json_writer json;

	json_begin(&json, out);
	if (json_open_object(&json, NULL, err) < 0 ||
	    json_text(&json, "app", app, err) < 0 ||
	    json_open_array(&json, "releases", err) < 0)
		return -1;
	for (size_t i = 0; i < list->count; i++)
		if (list_json_item(&list->items[i], &json, err) < 0)
			return -1;
	return json_close(&json, err) < 0 ? -1 : json_close(&json, err);
}

static int list_text(const struct installed_list *list, struct buf *out,
                     struct err *err)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct installed *item = &list->items[i];
		char time[CLOCK_TEXT_SIZE];

		clock_format(item->time, time);
		if (buf_printf(out, err, "%-24s %-12llu %s%s%s%s%s%s\n",
		               item->version,
		               (unsigned long long)item->sequence, time,
		               item->is_current ? " current" : "",
		               item->is_previous ? " previous" : "",
		               item->is_held ? " held" : "",
		               item->is_bad ? " bad" : "",
		               item->is_damaged ? " damaged" : "") < 0)
			return -1;
	}
	return 0;
}

int command_list(void *context, struct err *err)
{
	const struct request *request = context;
	AUTO_SESSION struct session session = SESSION_NONE;
	AUTO_INSTALLED struct installed_list list = INSTALLED_NONE;
	AUTO_BUF struct buf out = BUF_NONE;
	int written;

	if (session_read(request, &session, err) < 0 ||
	    store_list(&session.store, &list, err) < 0)
		return -1;
	written = request->wants_json
	                  ? list_json(session.host.app, &list, &out, err)
	                  : list_text(&list, &out, err);
	return written < 0 ? -1 : report_text(&out, err);
}

/* --- status --- */

struct status {
	bool has_current, has_previous, has_receipt, is_pending;
	char current[VERSION_SIZE];
	char previous[VERSION_SIZE];
	struct receipt receipt; /* of the current release */
	struct journal journal;
};

/* A missing receipt is check-health's finding; here the rest still counts. */
static int read_receipt(const struct session *session, struct status *status,
                        struct err *err)
{
	int found = store_receipt(&session->store, status->current,
	                          &status->receipt, err);

	if (found < 0)
		return -1;
	status->has_receipt = found == 1;
	return 0;
}

static int read_status(const struct session *session, struct status *out,
                       struct err *err)
{
	int current =
		link_read(&session->store, LINK_CURRENT, out->current, err);
	int previous;
	int pending;

	if (current < 0)
		return -1;
	previous =
		link_read(&session->store, LINK_PREVIOUS, out->previous, err);
	if (previous < 0)
		return -1;
	pending = store_pending(&session->store, &out->journal, err);
	if (pending < 0)
		return -1;
	out->has_current = current == 1;
	out->has_previous = previous == 1;
	out->is_pending = pending == 1;
	return current == 1 ? read_receipt(session, out, err) : 0;
}

static int signers_text(const struct receipt *receipt, struct buf *out,
                        struct err *err)
{
	for (size_t i = 0; i < receipt->signer_count; i++) {
		char line[SIGNER_LINE_SIZE];

		signer_line(&receipt->signers[i], line);
		if (buf_printf(out, err, "signed by %s\n", line) < 0)
			return -1;
	}
	return 0;
}

static int status_text(const char *app, const struct status *status,
                       struct buf *out, struct err *err)
{
	char time[CLOCK_TEXT_SIZE];

	if (buf_printf(out, err, "app       %s\ncurrent   %s\nprevious  %s\n",
	               app, status->has_current ? status->current : "none",
	               status->has_previous ? status->previous : "none") < 0)
		return -1;
	if (status->has_receipt) {
		clock_format(status->receipt.installed, time);
		if (buf_printf(out, err,
		               "sequence  %llu\ninstalled %s\nsource    %s\n",
		               (unsigned long long)status->receipt.sequence,
		               time, status->receipt.source) < 0 ||
		    signers_text(&status->receipt, out, err) < 0)
			return -1;
	}
	if (status->is_pending)
		return buf_printf(out, err,
		                  "interrupted switch to %s; run: "
		                  "install-package recover --app %s\n",
		                  status->journal.to, app);
	return 0;
}

static int status_json(const char *app, const struct status *status,
                       struct buf *out, struct err *err)
{
	const struct receipt *receipt = &status->receipt;
	char time[CLOCK_TEXT_SIZE];
	struct json_writer json;

	json_begin(&json, out);
	if (json_open_object(&json, NULL, err) < 0 ||
	    json_text(&json, "app", app, err) < 0 ||
	    json_text(&json, "current",
	              status->has_current ? status->current : NULL, err) < 0 ||
	    json_text(&json, "previous",
	              status->has_previous ? status->previous : NULL,
	              err) < 0 ||
	    json_bool(&json, "interrupted", status->is_pending, err) < 0)
		return -1;
	if (status->has_receipt) {
		clock_format(receipt->installed, time);
		if (json_u64(&json, "sequence", receipt->sequence, err) < 0 ||
		    json_text(&json, "installed", time, err) < 0 ||
		    json_text(&json, "source", receipt->source, err) < 0 ||
		    signers_json(receipt->signers, receipt->signer_count, &json,
		                 err) < 0)
			return -1;
	}
	return json_close(&json, err);
}

int command_status(void *context, struct err *err)
{
	const struct request *request = context;
	AUTO_SESSION struct session session = SESSION_NONE;
	AUTO_BUF struct buf out = BUF_NONE;
	struct status status = { .has_current = false };
	int written;

	if (session_read(request, &session, err) < 0 ||
	    read_status(&session, &status, err) < 0)
		return -1;
	written = request->wants_json
	                  ? status_json(session.host.app, &status, &out, err)
	                  : status_text(session.host.app, &status, &out, err);
	return written < 0 ? -1 : report_text(&out, err);
}
