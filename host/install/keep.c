/* SPDX-License-Identifier: Apache-2.0 */
/* The commands that decide what stays: hold, unhold, prune, uninstall. */
#include <string.h>

#include "base/text.h"
#include "codec/json_write.h"
#include "codec/name.h"
#include "commands.h"
#include "prune.h"
#include "report.h"
#include "session.h"
#include "store/in_use.h"
#include "store/marks.h"
#include "store/releases.h"

static int say_outcome(const struct session *session, const char *version,
                       const char *result, struct err *err)
{
	return report_outcome(session->request,
	                      &(struct outcome){ .app = session->host.app,
	                                         .version = version,
	                                         .result = result },
	                      err);
}

static const char *named_version(const struct request *request, struct err *err)
{
	const char *version = request->operands[0];

	if (name_is_version(version, strlen(version)))
		return version;
	(void)err_set(err, ERR_USAGE, 0, "'%s' is no version", version);
	return NULL;
}

static void log_hold(const struct session *session, const char *op,
                     const char *version)
{
	const struct event event = { .op = op, .version = version };

	session_log(session, &event, NULL);
}

int command_hold(void *context, struct err *err)
{
	const struct request *request = context;
	AUTO_SESSION struct session session = SESSION_NONE;
	const char *version = named_version(request, err);
	struct installed found;
	int is_there;

	if (version == NULL ||
	    session_write(request, "install-package hold", &session, err) < 0)
		return -1;
	is_there = store_find(&session.store, version, &found, err);
	if (is_there < 0)
		return -1;
	if (is_there == 0)
		return err_set(err, ERR_CONFLICT, 0,
		               "release %s is not installed", version);
	if (mark_set(&session.store, MARK_HELD, version, "held by the operator",
	             err) < 0)
		return -1;
	if (!found.is_held)
		log_hold(&session, "hold", version);
	report_step(request, "release %s is held", version);
	return say_outcome(&session, version, "held", err);
}

int command_unhold(void *context, struct err *err)
{
	const struct request *request = context;
	AUTO_SESSION struct session session = SESSION_NONE;
	const char *version = named_version(request, err);
	int is_held;

	if (version == NULL ||
	    session_write(request, "install-package unhold", &session, err) < 0)
		return -1;
	is_held = mark_find(&session.store, MARK_HELD, version,
	                    /* reason= */ NULL, err);
	if (is_held < 0 ||
	    mark_clear(&session.store, MARK_HELD, version, err) < 0)
		return -1;
	if (is_held == 1)
		log_hold(&session, "unhold", version);
	report_step(request, "release %s is not held", version);
	return say_outcome(&session, version, "not held", err);
}

static int wanted_keep(const struct request *request, const struct host *host,
                       size_t *out, struct err *err)
{
	uint64_t keep = host->settings.keep;

	if (request->keep != NULL &&
	    (text_u64(request->keep, strlen(request->keep), SETTINGS_KEEP_MAX,
	              &keep, err) < 0 ||
	     keep == 0))
		return err_set(err, ERR_USAGE, 0,
		               "--keep %s is not a number from 1 to %d",
		               request->keep, SETTINGS_KEEP_MAX);
	*out = (size_t)keep;
	return 0;
}

/* {"app":...,"pruned":[versions],"result":"pruned" or "planned"} */
static int prune_json(const struct session *session, size_t keep,
                      enum prune_mode mode, struct err *err)
{
	AUTO_BUF struct buf out = BUF_NONE;
	struct json_writer json;

	json_begin(&json, &out);
	if (json_open_object(&json, NULL, err) < 0 ||
	    json_text(&json, "app", session->host.app, err) < 0 ||
	    json_open_array(&json, "pruned", err) < 0 ||
	    prune_releases(session, keep, mode, &json, err) < 0 ||
	    json_close(&json, err) < 0 ||
	    json_text(&json, "result", mode == PRUNE_SAY ? "planned" : "pruned",
	              err) < 0 ||
	    json_close(&json, err) < 0)
		return -1;
	return report_text(&out, err);
}

int command_prune(void *context, struct err *err)
{
	const struct request *request = context;
	enum prune_mode mode = request->dry_run ? PRUNE_SAY : PRUNE_REMOVE;
	AUTO_SESSION struct session session = SESSION_NONE;
	size_t keep;
	int opened;
	int count;

	if (mode == PRUNE_SAY)
		opened = session_plan(request, &session, err);
	else
		opened = session_write(request, "install-package prune",
		                       &session, err);
	if (opened < 0 || wanted_keep(request, &session.host, &keep, err) < 0)
		return -1;
	if (request->wants_json)
		return prune_json(&session, keep, mode, err);
	count = prune_releases(&session, keep, mode, /* removed= */ NULL, err);
	if (count == 0)
		report_step(request, mode == PRUNE_SAY
		                             ? "no release would be pruned"
		                             : "no release was pruned");
	return count < 0 ? -1 : 0;
}

static int uninstall_one(struct session *session, const char *version,
                         struct err *err)
{
	struct installed found;
	int is_there = store_find(&session->store, version, &found, err);

	if (is_there < 0)
		return -1;
	if (is_there == 0)
		return err_set(err, ERR_CONFLICT, 0,
		               "release %s is not installed", version);
	if (prune_remove(session, "uninstall", &found, err) < 0)
		return err_wrap(err, "uninstalling release %s", version);
	report_step(session->request, "release %s is gone", version);
	return say_outcome(session, version, "removed", err);
}

static int uninstall_all(struct session *session, struct err *err)
{
	const struct event event = { .op = "uninstall" };
	char who[IN_USE_TEXT_SIZE];
	int is_used = in_use_find(session->store.app, who, err);

	if (is_used < 0)
		return -1;
	if (is_used == 1)
		return err_set(err, ERR_LOCKED, 0,
		               "%s is in use by %s; stop it first",
		               session->host.app, who);
	/* The history lives in the state folder, which stays. */
	session_log(session, &event, NULL);
	if (store_remove(&session->store, err) < 0)
		return err_wrap(err, "uninstalling %s", session->host.app);
	report_step(session->request,
	            "%s is gone; what was seen and done stays "
	            "on record",
	            session->host.app);
	return say_outcome(session, /* version= */ NULL, "removed", err);
}

int command_uninstall(void *context, struct err *err)
{
	const struct request *request = context;
	AUTO_SESSION struct session session = SESSION_NONE;

	if (request->all == (request->operand_count == 1))
		return err_set(err, ERR_USAGE, 0, "name one version, or --all");
	if (!request->all && named_version(request, err) == NULL)
		return -1;
	if (session_write(request, "install-package uninstall", &session, err) <
	    0)
		return -1;
	if (request->all)
		return uninstall_all(&session, err);
	return uninstall_one(&session, request->operands[0], err);
}
