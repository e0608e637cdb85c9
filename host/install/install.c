/* SPDX-License-Identifier: Apache-2.0 */
/* install: the corridor.  Each room takes what the one before it made. */
#include "install.h"

#include <string.h>

#include "ahead.h"
#include "base/text.h"
#include "codec/json_write.h"
#include "commands.h"
#include "crypto/sha256.h"
#include "gate.h"
#include "preview.h"
#include "progress.h"
#include "prune.h"
#include "report.h"
#include "signers.h"
#include "stage.h"
#include "store/links.h"
#include "switch.h"
#include "trust/explain_json.h"

#define AUTO_INSTALL AUTO(install_done)

static void install_done(struct install *install)
{
	plan_done(&install->plan);
	delta_done(&install->delta);
	parts_copy_done(&install->copy);
	incoming_done(&install->incoming);
	session_done(&install->session);
}

const struct release_ini *install_release(const struct install *install)
{
	return &install->incoming.verified.release;
}

void install_say_nothing_newer(const struct install *install)
{
	report_step(install->session.request,
	            "nothing newer: the latest release is %s",
	            install_release(install)->version);
}

int install_print_json(const struct install *install, const char *result,
                       struct err *err)
{
	const struct verification_result *verified =
		&install->incoming.verified;
	AUTO_BUF struct buf out = BUF_NONE;
	char digest[SHA256_HEX_LEN + 1];
	struct json_writer json;

	if (!install->session.request->wants_json)
		return 0;
	text_to_hex(verified->release_sha256, SHA256_LEN, digest);
	json_begin(&json, &out);
	if (json_open_object(&json, NULL, err) < 0 ||
	    json_text(&json, "app", verified->release.app, err) < 0 ||
	    json_text(&json, "version", verified->release.version, err) < 0 ||
	    json_u64(&json, "sequence", verified->release.sequence, err) < 0 ||
	    json_text(&json, "release_sha256", digest, err) < 0 ||
	    json_text(&json, "source", install->incoming.bundle.origin, err) <
	            0 ||
	    json_text(&json, "from",
	              install->from[0] != '\0' ? install->from : NULL,
	              err) < 0 ||
	    json_text(&json, "result", result, err) < 0 ||
	    signers_json(verified->signers, verified->signer_count, &json,
	                 err) < 0 ||
	    (incoming_explains(install->session.request) &&
	     explain_json(&install->incoming.verification.request, &json, err) <
	             0) ||
	    (install->session.request->dry_run &&
	     install->admission != ADMIT_OLDER &&
	     plan_json(&install->plan, &json, err) < 0) ||
	    json_close(&json, err) < 0)
		return -1;
	return report_text(&out, err);
}

int install_open_to_look(struct install *install, struct err *err)
{
	struct session *session = &install->session;

	return store_open(session->host.root, session->host.app, STORE_READ,
	                  &session->store, err) < 0
	               ? -1
	               : 0;
}

static enum stage_purpose purpose_of(enum admission admission)
{
	switch (admission) {
	case ADMIT_REPAIR:
		return STAGE_REPAIR;
	case ADMIT_RENEW:
		return STAGE_RENEW;
	case ADMIT_NEW:
	case ADMIT_PRESENT: /* nothing is staged */
	case ADMIT_OLDER:
		break;
	}
	return STAGE_INSTALL;
}

/* --- install --- */

static void say_staged(const struct install *install)
{
	const struct request *request = install->session.request;
	const struct release_ini *release = install_release(install);

	if (install->admission == ADMIT_RENEW)
		report_step(request,
		            "release %s is installed already; its new "
		            "evidence is put away",
		            release->version);
	else
		report_step(request,
		            "installed release %s: %llu "
		            "entries, %llu bytes",
		            release->version,
		            (unsigned long long)release->entries,
		            (unsigned long long)release->bytes);
}

static int stage(struct install *install, struct committed_release *out,
                 struct err *err)
{
	const struct stage_request request = {
		.session = &install->session,
		.source = &install->incoming.source,
		.first = &install->incoming.first,
		.description = &install->incoming.description,
		.verified = &install->incoming.verified,
		.purpose = purpose_of(install->admission),
		.copy = install->ahead >= AHEAD_PARTS ? &install->copy : NULL,
		.delta = install->ahead == AHEAD_ALL ? &install->delta : NULL,
	};

	return install_stage(&request, out, err);
}

/* --- under the lock --- */

#define COMMAND "install-package install"

static int lock(struct install *install, struct err *err)
{
	struct session *session = &install->session;

	if (session_start_writing(session, COMMAND, err) < 0)
		return -1;
	return link_read(&session->store, LINK_CURRENT, install->from, err);
}

enum brought { BROUGHT_NOTHING, BROUGHT, BROUGHT_AGAIN };

/* @err: in, why nothing can be taken from what is installed. */
static int give_up_reuse(struct install *install, struct err *err)
{
	char why[2 * ERR_TEXT_MAX];

	if (install->delta.patch != NULL) {
		ahead_give_up_patch(install, err);
		return BROUGHT_AGAIN;
	}
	if (install->reuse == DELTA_WHOLE)
		return err_set(err, ERR_INTERNAL, 0,
		               "staging took what it was not to take");
	report_warning("%s; all of the new one is fetched",
	               err_format(err, why, sizeof why));
	install->reuse = DELTA_WHOLE;
	install->is_spent = true;
	return BROUGHT_AGAIN;
}

/* Under the lock the release is admitted once more, because what is installed
 * may be another thing by now.  BROUGHT; BROUGHT_NOTHING where there is nothing
 * to bring in; BROUGHT_AGAIN where more is to be fetched first; or -1. */
static int bring_in(struct install *install, struct committed_release *out,
                    struct err *err)
{
	const struct session *session = &install->session;
	const char *version = install_release(install)->version;
	int staged;

	if (install_admit(session, &install->incoming.verified,
	                  &install->admission, err) < 0)
		return -1;
	if (install->admission == ADMIT_OLDER) {
		install_say_nothing_newer(install);
		return BROUGHT_NOTHING;
	}
	if (install->ahead < ahead_needed(install)) {
		install->wanted = ahead_needed(install);
		return BROUGHT_AGAIN;
	}
	if (install->admission == ADMIT_PRESENT) {
		report_step(session->request, "release %s is installed already",
		            version);
		return commit_installed(&session->store, version, out, err) < 0
		               ? -1
		               : BROUGHT;
	}
	staged = stage(install, out, err);
	if (staged < 0) {
		remote_blame(&install->incoming.bundle.remote, err);
		return -1;
	}
	if (staged == 1)
		return give_up_reuse(install, err);
	say_staged(install);
	return BROUGHT;
}

/* Each round wants more than the one before (parts, payload or patch, no patch,
 * all of it), so that there are five at most.  BROUGHT, BROUGHT_NOTHING or -1.
 */
static int fetch_and_bring_in(struct install *install,
                              struct committed_release *out, struct err *err)
{
	int brought;

	do {
		session_unlock(&install->session);
		if (ahead_fetch(install, err) < 0 || lock(install, err) < 0)
			return -1;
		brought = bring_in(install, out, err);
	} while (brought == BROUGHT_AGAIN);
	return brought;
}

/* Returns 1 when the store was changed, 0 when all was as wanted. */
static int install_and_switch(struct install *install, struct err *err)
{
	const struct session *session = &install->session;
	struct committed_release release;
	int switched = 0;
	int brought = fetch_and_bring_in(install, &release, err);

	if (brought < 0)
		return -1;
	if (brought == BROUGHT_NOTHING)
		return 0;
	if (!session->request->no_activate) {
		switched = switch_to(session->request, &session->host,
		                     &session->store, &release, JOURNAL_INSTALL,
		                     err);
		if (switched < 0)
			return -1;
		/* Only what passed its gate raises what counts as seen. */
		if (progress_note(session, &install->incoming.verified, err) <
		    0)
			return err_wrap(
				err,
				"release %s is current, but not noted as seen",
				release.version);
	}
	if (switched == 0 && install->admission == ADMIT_PRESENT)
		return 0;
	return 1;
}

/* Only the evidence on an installed release is new, and nothing is switched. */
static bool is_renewal(const struct install *install)
{
	return install->admission == ADMIT_RENEW &&
	       (install->session.request->no_activate ||
	        strcmp(install->from, install->judged.release.version) == 0);
}

static const char *result_word(const struct install *install, int changed)
{
	if (changed == 0)
		return "unchanged";
	return is_renewal(install) ? "renewed" : "installed";
}

/* @failure: NULL when it went well. */
static void log_install(const struct install *install,
                        const struct err *failure)
{
	const struct verification_result *judged = &install->judged;
	const struct event event = {
		.op = is_renewal(install) ? "renew" : "install",
		.version = judged->release.version,
		.from = install->from,
		.release_sha256 = judged->release_sha256,
		.sequence = judged->release.sequence,
		.signers = judged->signers,
		.signer_count = judged->signer_count,
	};

	/* Of a run that found the lock taken there is nothing to tell. */
	if (failure == NULL || failure->code != ERR_LOCKED)
		session_log(&install->session, &event, failure);
}

/* A first install that fails leaves nothing but what is on record. */
static void remove_unused(struct session *session)
{
	char text[2 * ERR_TEXT_MAX];
	struct err err;

	if (session->lock >= 0 &&
	    store_remove_unused(&session->store, &err) < 0)
		report_warning("left in /opt/%s: %s", session->host.app,
		               err_format(&err, text, sizeof text));
}

static int install_for_good(struct install *install, struct err *err)
{
	struct session *session = &install->session;
	const char *version = install->judged.release.version;
	int changed;

	install->judged = install->incoming.verified;
	changed = install_and_switch(install, err);
	if (changed < 0)
		(void)err_wrap(err, "installing %s %s", session->host.app,
		               version);
	if (changed != 0)
		log_install(install, changed < 0 ? err : NULL);
	if (changed < 0) {
		remove_unused(session);
		return -1;
	}
	/* What is only laid ready might itself be beyond those to keep, and has
	 * not yet taken the place of any. */
	if (changed == 1 && !session->request->no_activate &&
	    prune_releases(session, session->host.settings.keep, PRUNE_REMOVE,
	                   /* removed= */ NULL, err) < 0)
		return err_wrap(err,
		                "release %s is current, but an older one stays",
		                version);
	if (remote_forget(&install->incoming.bundle.remote, err) < 0)
		return err_wrap(
			err, "release %s is installed, but its download stays",
			version);
	return install_print_json(install, result_word(install, changed), err);
}

int command_install(void *context, struct err *err)
{
	const struct request *request = context;
	AUTO_INSTALL struct install install = {
		.session = SESSION_NONE,
		.incoming = INCOMING_NONE,
		.plan = PLAN_NONE,
		.delta = DELTA_NONE,
	};

	install.session.request = request;
	parts_copy_init(&install.copy, &install.session.host);
	if (install_check_sources(request, err) < 0 ||
	    host_open(request, &install.session.host, err) < 0 ||
	    gate_check(&install.session.host, err) < 0 ||
	    host_require_key(request, &install.session.host, err) < 0 ||
	    incoming_open(request, &install.session.host, &install.incoming,
	                  err) < 0)
		return -1;
	if (request->verify_only)
		return preview_verify(&install, err);
	if (request->dry_run)
		return preview_plan(&install, err);
	return install_for_good(&install, err);
}
