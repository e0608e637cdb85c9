/* SPDX-License-Identifier: Apache-2.0 */
/* install: the corridor.  Each room takes what the one before it made. */
#include <errno.h>
#include <string.h>

#include "admit.h"
#include "base/text.h"
#include "codec/json_write.h"
#include "commands.h"
#include "crypto/sha256.h"
#include "delta.h"
#include "gate.h"
#include "incoming.h"
#include "parts.h"
#include "plan.h"
#include "progress.h"
#include "prune.h"
#include "report.h"
#include "session.h"
#include "signers.h"
#include "stage.h"
#include "store/links.h"
#include "store/spool.h"
#include "switch.h"
#include "trust/explain_json.h"

/* What of a release from elsewhere is on this host. */
enum ahead {
	AHEAD_NOTHING,
	AHEAD_PARTS, /* all but its payload */
	AHEAD_ALL    /* and what installed releases lack of that */
};

/* All that an install holds on its way; the parts of the corridor fill it in
 * order. */
struct install {
	struct session session;
	struct incoming incoming;
	/* What it was about, for the history, whatever becomes of incoming. */
	struct verification_result judged;
	enum admission admission;
	char from[VERSION_SIZE]; /* what was current before; "" for none */
	struct plan plan;        /* of a dry run */
	/* Of a release from elsewhere. */
	struct parts_copy copy;
	struct delta delta;
	enum ahead ahead;  /* what is here */
	enum ahead wanted; /* the most that was ever needed */
	enum delta_reuse reuse;
	bool is_spent; /* its source is read, and is needed once more */
};

#define AUTO_INSTALL AUTO(install_done)

static void install_done(struct install *install)
{
	plan_done(&install->plan);
	delta_done(&install->delta);
	parts_copy_done(&install->copy);
	incoming_done(&install->incoming);
	session_done(&install->session);
}

static const struct release_ini *release_of(const struct install *install)
{
	return &install->incoming.verified.release;
}

static void say_nothing_newer(const struct install *install)
{
	report_step(install->session.request,
	            "nothing newer: the latest release is %s",
	            release_of(install)->version);
}

/* --- verify-only and dry-run: look, and touch nothing --- */

/* The one object that install prints with --json, whatever it did. */
static int print_json(const struct install *install, const char *result,
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

static int open_to_look(struct install *install, struct err *err)
{
	struct session *session = &install->session;

	return store_open(session->host.root, session->host.app, STORE_READ,
	                  &session->store, err) < 0
	               ? -1
	               : 0;
}

static int verify_only(struct install *install, struct err *err)
{
	if (incoming_check(&install->incoming, err) < 0)
		return -1;
	report_step(install->session.request, "every part is as signed");
	return print_json(install, "verified", err);
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

static bool needs_payload(const struct install *install)
{
	return install->admission == ADMIT_NEW ||
	       install->admission == ADMIT_REPAIR;
}

/* What is repaired is no source of files, and a payload that is kept must be
 * whole. */
static enum delta_reuse reuse_of(const struct install *install)
{
	if (install->admission == ADMIT_REPAIR ||
	    install->session.host.settings.keeps_payload)
		return DELTA_WHOLE;
	return install->reuse;
}

/* Receive the small parts of a release from elsewhere. */
static int take_parts(struct install *install, struct err *err)
{
	parts_copy_init(&install->copy, &install->session.host);
	if (incoming_take_parts(&install->incoming, &install->copy, err) < 0)
		return -1;
	install->ahead = AHEAD_PARTS;
	return 0;
}

/* Plan what to take of its payload from where.
 * @spool: what is there of it. */
static int plan_payload(struct install *install, int spool, struct err *err)
{
	const struct store *store = &install->session.store;
	const struct parts_copy *copy = &install->copy;
	const struct delta_fetch fetch = {
		spool, remote_ranges_max(&install->incoming.bundle.remote)
	};

	return delta_make(store->app >= 0 ? store : NULL, release_of(install),
	                  copy->fds[PART_MTREE], copy->fds[PART_INDEX], &fetch,
	                  reuse_of(install), &install->delta, err);
}

/* What a plan says holds without the payload, so that none is fetched for it.
 */
static int check_for_plan(struct install *install, struct err *err)
{
	const struct host *host = &install->session.host;
	AUTO_CLOSE int spool = -1;

	if (install->incoming.bundle.kind != BUNDLE_REMOTE)
		return incoming_check(&install->incoming, err);
	if (!needs_payload(install))
		return incoming_take_parts(&install->incoming, /* copy= */ NULL,
		                           err);
	spool = spool_peek(host->root, host->app, err);
	if (spool < 0 && err->sys != ENOENT)
		return -1;
	install->plan.fetch = &install->delta;
	if (take_parts(install, err) < 0)
		return -1;
	return plan_payload(install, spool, err);
}

static int dry_run(struct install *install, struct err *err)
{
	if (open_to_look(install, err) < 0 ||
	    install_admit(&install->session, &install->incoming.verified,
	                  &install->admission, err) < 0)
		return -1;
	if (install->admission == ADMIT_OLDER) {
		say_nothing_newer(install);
		return print_json(install, "unchanged", err);
	}
	if (check_for_plan(install, err) < 0 ||
	    plan_make(&install->session, &install->incoming.verified,
	              install->admission, &install->plan, err) < 0)
		return -1;
	memcpy(install->from, install->plan.from, sizeof install->from);
	plan_say(&install->plan);
	return print_json(install, "planned", err);
}

/* --- install --- */

static void say_staged(const struct install *install)
{
	const struct request *request = install->session.request;
	const struct release_ini *release = release_of(install);

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

/* What an admitted release needs of what is elsewhere. */
static enum ahead needed_ahead(const struct install *install)
{
	if (install->incoming.bundle.kind != BUNDLE_REMOTE)
		return AHEAD_NOTHING;
	switch (install->admission) {
	case ADMIT_NEW:
	case ADMIT_REPAIR:
		return AHEAD_ALL;
	case ADMIT_RENEW:
		return AHEAD_PARTS;
	case ADMIT_PRESENT:
	case ADMIT_OLDER:
		break;
	}
	return AHEAD_NOTHING;
}

static int fetch_payload(struct install *install, struct err *err)
{
	const struct release_ini *release = release_of(install);
	struct remote *remote = &install->incoming.bundle.remote;
	AUTO_CLOSE int payload = -1;
	struct job_unpack job;

	if (plan_payload(install, remote_begun_spool(remote), err) < 0)
		return -1;
	delta_say(&install->delta, release, "", install->session.request);
	if (install->delta.patch != NULL) {
		if (delta_fetch_patch(&install->delta,
		                      &install->incoming.source, release,
		                      &install->session.host, err) < 0)
			return -1;
		install->ahead = AHEAD_ALL;
		return 0;
	}
	payload = part_source_payload(&install->incoming.source, release,
	                              &install->delta.plan, &job, err);
	if (payload < 0)
		return err_wrap(err, "fetching from %s",
		                install->incoming.bundle.origin);
	install->ahead = AHEAD_ALL;
	return 0;
}

static int bring_ahead(struct install *install, struct err *err)
{
	enum ahead needed = needed_ahead(install);

	if (install->wanted < needed)
		install->wanted = needed;
	if (install->ahead < AHEAD_PARTS && install->wanted >= AHEAD_PARTS &&
	    take_parts(install, err) < 0)
		return -1;
	if (install->ahead < AHEAD_ALL && install->wanted == AHEAD_ALL)
		return fetch_payload(install, err);
	return 0;
}

/* Open the source anew, to take all of the release from there. */
static int open_again(struct install *install, struct err *err)
{
	delta_done(&install->delta);
	parts_copy_done(&install->copy);
	incoming_done(&install->incoming);
	install->ahead = AHEAD_NOTHING;
	if (incoming_open(install->session.request, &install->session.host,
	                  &install->incoming, err) < 0)
		return -1;
	if (!sha256_equal(install->judged.release_sha256,
	                  install->incoming.verified.release_sha256))
		return err_set(err, ERR_CONFLICT, 0,
		               "the source has another release now; try again");
	install->judged = install->incoming.verified;
	install->is_spent = false;
	return 0;
}

/* Whatever is wrong with a patch, what it is made from or what it makes, the
 * payload may be right: an install that can work must not fail here.
 * @err: in, why. */
static void give_up_patch(struct install *install, const struct err *err)
{
	char why[2 * ERR_TEXT_MAX];

	report_warning("the patch from %s does not do: %s", install->delta.base,
	               err_format(err, why, sizeof why));
	install->reuse = DELTA_REUSE;
	install->is_spent = true;
}

static int look_ahead(struct install *install, struct err *err)
{
	struct session *session = &install->session;
	int result = -1;

	if (install->is_spent && open_again(install, err) < 0)
		return -1;
	if (open_to_look(install, err) == 0 &&
	    install_admit(session, &install->incoming.verified,
	                  &install->admission, err) == 0)
		result = bring_ahead(install, err);
	store_done(&session->store);
	return result;
}

/* A download may take hours: all that the network gives comes before the lock
 * is taken, so that nobody who rolls back meanwhile has to wait. */
static int fetch_before_lock(struct install *install, struct err *err)
{
	if (install->incoming.bundle.kind != BUNDLE_REMOTE)
		return 0;
	if (look_ahead(install, err) == 0)
		return 0;
	if (install->delta.patch == NULL)
		return -1;
	give_up_patch(install, err);
	return look_ahead(install, err);
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
		give_up_patch(install, err);
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
	const char *version = release_of(install)->version;
	int staged;

	if (install_admit(session, &install->incoming.verified,
	                  &install->admission, err) < 0)
		return -1;
	if (install->admission == ADMIT_OLDER) {
		say_nothing_newer(install);
		return BROUGHT_NOTHING;
	}
	if (install->ahead < needed_ahead(install)) {
		install->wanted = needed_ahead(install);
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
		if (fetch_before_lock(install, err) < 0 ||
		    lock(install, err) < 0)
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
	return print_json(install, result_word(install, changed), err);
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
		return verify_only(&install, err);
	if (request->dry_run)
		return dry_run(&install, err);
	return install_for_good(&install, err);
}
