/* SPDX-License-Identifier: Apache-2.0 */
/* The commands that move `current` among installed releases: activate,
 * rollback, recover.  They need no signature: an installed release was judged
 * when it came; revocation, which always counts, is asked here. */
#include <string.h>

#include "base/text.h"
#include "codec/name.h"
#include "commands.h"
#include "gate.h"
#include "report.h"
#include "session.h"
#include "store/links.h"
#include "store/marks.h"
#include "store/releases.h"
#include "switch.h"
#include "trust/standing.h"

static int refuse_revoked(const struct session *session,
                          const struct receipt *receipt, struct err *err)
{
	const struct host *host = &session->host;

	return standing_check(receipt, &host->keyring, &host->settings, err);
}

static int read_receipt(const struct session *session, const char *version,
                        struct receipt *out, struct err *err)
{
	int found = store_receipt(&session->store, version, out, err);

	if (found == 0)
		return err_set(err, ERR_FORMAT, 0,
		               "release %s has no receipt; install it again",
		               version);
	return found < 0 ? -1 : 0;
}

static int change_to(const struct session *session, const char *op,
                     enum journal_op journal_op, const char *version,
                     struct err *err)
{
	struct committed_release release;
	struct receipt receipt;
	char from[VERSION_SIZE] = "";
	struct event event = { .op = op,
		               .version = version,
		               .from = from,
		               .release_sha256 = release.release_sha256,
		               .signers = receipt.signers };
	int switched;

	if (gate_check(&session->host, err) < 0 ||
	    commit_installed(&session->store, version, &release, err) < 0 ||
	    read_receipt(session, version, &receipt, err) < 0 ||
	    refuse_revoked(session, &receipt, err) < 0 ||
	    link_read(&session->store, LINK_CURRENT, from, err) < 0)
		return -1;
	event.signer_count = receipt.signer_count;
	event.sequence = receipt.sequence;
	switched = switch_to(session->request, &session->host, &session->store,
	                     &release, journal_op, err);
	if (switched == 1)
		session_note_current(session);
	if (switched != 0)
		session_log(session, &event, switched < 0 ? err : NULL);
	if (switched < 0)
		return -1;
	if (switched == 0)
		report_step(session->request, "release %s is current already",
		            version);
	return report_outcome(
		session->request,
		&(struct outcome){ .app = session->host.app,
	                           .version = version,
	                           .result = switched == 0 ? "unchanged"
	                                                   : "current" },
		err);
}

/* Nobody is to get a release that failed its gate without asking for it. */
static int refuse_bad(const struct session *session, const char *version,
                      struct err *err)
{
	char reason[MARK_REASON_SIZE];
	int is_bad = mark_find(&session->store, MARK_BAD, version, reason, err);

	if (is_bad != 1)
		return is_bad;
	return err_set(err, ERR_CONFLICT, 0,
	               "release %s is marked bad (%s); 'activate %s "
	               "--even-if-bad' makes it current all the same",
	               version, reason, version);
}

int command_activate(void *context, struct err *err)
{
	const struct request *request = context;
	AUTO_SESSION struct session session = SESSION_NONE;
	const char *version = request->operands[0];

	if (!name_is_version(version, strlen(version)))
		return err_set(err, ERR_USAGE, 0, "'%s' is no version",
		               version);
	if (session_write(request, "install-package activate", &session, err) <
	            0 ||
	    (!request->even_if_bad && refuse_bad(&session, version, err) < 0))
		return -1;
	return change_to(&session, "activate", JOURNAL_ACTIVATE, version, err);
}

/* A release that is revoked, or has lost its receipt, is as little a place to
 * go back to as a bad one. */
static void pass_over_revoked(const struct session *session,
                              struct installed_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		struct installed *item = &list->items[i];
		struct receipt receipt;
		struct err err; /* why does not matter: another one is taken */

		if (read_receipt(session, item->version, &receipt, &err) < 0 ||
		    refuse_revoked(session, &receipt, &err) < 0)
			item->is_bad = true;
	}
}

/* Where to go back to: named, or the newest earlier release that is good. */
static int rollback_target(const struct session *session, const char *to,
                           char out[VERSION_SIZE], struct err *err)
{
	AUTO_INSTALLED struct installed_list list = INSTALLED_NONE;
	const struct installed *newest;
	const struct installed *target;

	if (to != NULL)
		return text_copy(out, VERSION_SIZE, to, strlen(to), err);
	if (store_list(&session->store, &list, err) < 0)
		return -1;
	newest = store_rollback_target(&list);
	pass_over_revoked(session, &list);
	target = store_rollback_target(&list);
	/* Where all are revoked, change_to says so of the newest. */
	if (target == NULL)
		target = newest;
	if (target == NULL)
		return err_set(err, ERR_CONFLICT, 0,
		               "there is no earlier good release of %s to go "
		               "back to",
		               session->host.app);
	memcpy(out, target->version, VERSION_SIZE);
	return 0;
}

int command_rollback(void *context, struct err *err)
{
	const struct request *request = context;
	AUTO_SESSION struct session session = SESSION_NONE;
	char version[VERSION_SIZE];

	if (request->to != NULL &&
	    !name_is_version(request->to, strlen(request->to)))
		return err_set(err, ERR_USAGE, 0, "'%s' is no version",
		               request->to);
	if (session_write(request, "install-package rollback", &session, err) <
	            0 ||
	    rollback_target(&session, request->to, version, err) < 0 ||
	    refuse_bad(&session, version, err) < 0)
		return -1;
	return change_to(&session, "rollback", JOURNAL_ROLLBACK, version, err);
}

static int recover_app(const struct request *request, const char *app,
                       struct err *err)
{
	AUTO_SESSION struct session session = SESSION_NONE;
	struct request wanted = *request;

	wanted.app = app;
	session.request = &wanted;
	if (host_open(&wanted, &session.host, err) < 0)
		return err_wrap(err, "recovering %s", app);
	/* Where nothing was ever installed nothing is made. */
	if (session_has_store(&session) &&
	    session_start_writing(&session, "install-package recover", err) < 0)
		return err_wrap(err, "recovering %s", app);
	report_step(request, "%s is as it should be", app);
	return report_outcome(
		request, &(struct outcome){ .app = app, .result = "sound" },
		err);
}

int command_recover(void *context, struct err *err)
{
	const struct request *request = context;

	if (request->app == NULL)
		return host_each_app(request, recover_app, err);
	if (!name_is_app(request->app, strlen(request->app)))
		return err_set(err, ERR_USAGE, 0, "'%s' is no name of an app",
		               request->app);
	return recover_app(request, request->app, err);
}
