/* SPDX-License-Identifier: Apache-2.0 */
/* package-release publish: settings -> packages -> publications -> targets, in
 * phases -> lockfile. */
#include <stdlib.h>

#include "packs.h"
#include "publish_lock.h"
#include "publish_own.h"
#include "publish_sign.h"

static void publishing_free(struct publishing **held)
{
	struct publishing *run = *held;

	if (run == NULL)
		return;
	say_meter_done(&run->meter);
	for (size_t i = 0; i < run->target_count; i++)
		publish_target_free(run->targets[i]);
	publish_journal_close(&run->journal);
	publish_credentials_done(&run->credentials);
	publication_signer_done(&run->signer);
	publications_done(&run->publications);
	publish_settings_done(&run->settings);
	web_client_done(&run->web);
	free(run);
	*held = NULL;
}

/* --- how it goes about it ----------------------------------------------- */

static void show_progress(void *context, uint64_t bytes)
{
	struct publishing *run = context;

	say_meter(&run->meter, run->done_before + bytes);
}

static void say_note(void *context, const char *text)
{
	struct publishing *run = context;

	say_meter_done(&run->meter);
	warn_user("%s", text);
}

static int fill_context(struct publishing *run, struct err *err)
{
	const struct request *request = run->request;
	struct publish_context *context = &run->context;

	*context = (struct publish_context){
		.request = request,
		.credentials = &run->credentials,
		.journal = &run->journal,
		.keep_going = request->keep_going,
		.may_move_tags = request->move_tag,
		.is_parts = request->with_parts,
		.chunk_size = run->settings->chunk_size,
		.progress = show_progress,
		.progress_context = run,
	};
	if (web_client_prepare(request, &run->web, err) < 0)
		return -1;
	context->http = run->web.config;
	context->http.say = say_note;
	context->http.context = run;
	/* A release may be large and the way narrow: what stalls ends by
	 * itself. */
	if (request->deadline == NULL)
		context->http.deadline_ms = 0;
	return 0;
}

/* What belongs to packs by default is no place for a bundle. */
static bool is_default_target(const struct publishing *run)
{
	return run->settings->is_seed && !run->settings->is_seed_named &&
	       run->publications.at[0]->kind == PUBLICATION_BUNDLE;
}

static int make_targets(struct publishing *run, struct err *err)
{
	const struct publish_settings *settings = run->settings;

	if (settings->target_count == 0 || is_default_target(run))
		return err_set(err, ERR_USAGE, 0,
		               "no target: give --to "
		               "oci://registry/repository, github://owner/repo "
		               "or dir:PATH%s, or write [publish] to = to "
		               "package.ini",
		               settings->is_seed ? ", or set OCI_ORG" : "");
	if (settings->is_owner_unknown)
		warn_user("nobody says whose the packages are: 'owner' stands "
		          "in for OCI_ORG");
	for (size_t i = 0; i < settings->target_count; i++) {
		if (publish_target_new(&run->context, settings->targets[i],
		                       &run->publications, &run->targets[i],
		                       err) < 0)
			return -1;
		run->target_count++;
	}
	return publish_sign_check(settings, run->targets, run->target_count,
	                          err);
}

/* --- one run ------------------------------------------------------------ */

static int plan_of(const struct publishing *run, uint8_t out[SHA256_LEN],
                   struct err *err)
{
	AUTO_BUF struct buf text = BUF_NONE;

	for (size_t i = 0; i < run->target_count; i++)
		if (buf_printf(&text, err, "%s\n", run->targets[i]->name) < 0)
			return -1;
	for (size_t i = 0; i < run->publications.count; i++) {
		const struct publication *one = run->publications.at[i];

		if (buf_printf(&text, err, "%s %s ", one->name, one->version) <
		            0 ||
		    buf_add(&text, one->digest, OCI_DIGEST_LEN, err) < 0)
			return -1;
	}
	return sha256_of(buf_text(&text), text.len, out, err);
}

static int open_journal(struct publishing *run, struct err *err)
{
	const char *lock = publish_word(run->settings, PUBLISH_LOCK);
	uint8_t plan[SHA256_LEN];

	if (plan_of(run, plan, err) < 0 ||
	    publish_journal_open(lock, plan, &run->journal, err) < 0)
		return -1;
	if (run->journal.continues && !run->request->json)
		say(run->request,
		    "going on with what an earlier run began (%u steps done)",
		    run->journal.steps);
	return 0;
}

static int write_lock(const struct publishing *run, struct err *err)
{
	return publish_lock_write(run->settings, &run->publications,
	                          run->targets, run->target_count, err);
}

static int finish(struct publishing *run, struct err *err)
{
	struct err unprinted;
	int result;

	if (write_lock(run, err) < 0)
		return -1;
	result = publish_conclude(run, err);
	if (result == 0 && publish_journal_end(&run->journal, err) < 0)
		return -1;
	if (publish_report(run, &unprinted) == 0 || result < 0)
		return result;
	*err = unprinted;
	return -1;
}

static int publish_dry(const struct publishing *run, struct err *err)
{
	if (write_lock(run, err) < 0 || publish_report(run, err) < 0)
		return -1;
	return publish_conclude(run, err);
}

static int publish(struct publishing *run, struct err *err)
{
	if (packs_gather(run->settings, &run->publications, err) < 0 ||
	    fill_context(run, err) < 0 || make_targets(run, err) < 0)
		return -1;
	if (run->settings->is_dry_run)
		return publish_dry(run, err);
	if (run->settings->is_dirty &&
	    run->publications.at[0]->kind == PUBLICATION_PACK)
		warn_user("files differ from the commit; the revision says so");
	if (publish_credentials_open(&run->credentials, run->request, err) <
	            0 ||
	    open_journal(run, err) < 0 ||
	    publish_sign(run->settings, &run->publications, run->targets,
	                 run->target_count, &run->signer, err) < 0 ||
	    publish_lock_check(run->settings, &run->publications, run->targets,
	                       run->target_count, err) < 0 ||
	    publish_phases_run(run, err) < 0)
		return -1;
	return finish(run, err);
}

/* --- the command -------------------------------------------------------- */

static int print_config(const struct publish_settings *settings,
                        struct err *err)
{
	AUTO_BUF struct buf text = BUF_NONE;

	if (publish_settings_show(settings, &text, err) < 0)
		return -1;
	return print_result(&text, err);
}

int publish_run(void *context, struct err *err)
{
	AUTO(publishing_free) struct publishing *run = calloc(1, sizeof *run);

	if (run == NULL)
		return err_nomem(err);
	run->request = context;
	run->signer = PUBLICATION_SIGNER_NONE;
	run->journal = PUBLISH_JOURNAL_NONE;
	run->meter = METER_NONE;
	if (publish_settings_load(run->request, &run->settings, err) < 0)
		return -1;
	if (run->request->print_config)
		return print_config(run->settings, err);
	return publish(run, err);
}
