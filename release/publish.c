/* SPDX-License-Identifier: Apache-2.0 */
/* package-release publish: settings -> packages -> publications -> targets, in
 * phases -> lockfile. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/environment.h"
#include "base/text.h"
#include "codec/json_write.h"
#include "files.h"
#include "packs.h"
#include "publish_journal.h"
#include "publish_lock.h"
#include "publish_settings.h"
#include "publish_sign.h"
#include "publish_target.h"
#include "say.h"
#include "web_client.h"

/* One run. */
struct run {
	const struct request *request;     /* borrowed */
	struct publish_settings *settings; /* owned */
	struct publications publications;  /* owned */
	struct publish_credentials credentials;
	struct publish_journal journal;
	struct publish_context context;
	struct publish_target *targets[PUBLISH_TARGETS_MAX]; /* owned */
	size_t target_count;
	struct web_client web; /* its configuration alone; owned */
	struct meter meter;
	uint64_t done_before; /* bytes of the targets before this one */
};

static void run_free(struct run **held)
{
	struct run *run = *held;

	if (run == NULL)
		return;
	say_meter_done(&run->meter);
	for (size_t i = 0; i < run->target_count; i++)
		publish_target_free(run->targets[i]);
	publish_journal_close(&run->journal);
	publish_credentials_done(&run->credentials);
	publications_done(&run->publications);
	publish_settings_done(&run->settings);
	web_client_done(&run->web);
	free(run);
	*held = NULL;
}

/* --- how it goes about it ----------------------------------------------- */

static void show_progress(void *context, uint64_t bytes)
{
	struct run *run = context;

	say_meter(&run->meter, run->done_before + bytes);
}

static void say_note(void *context, const char *text)
{
	struct run *run = context;

	say_meter_done(&run->meter);
	warn_user("%s", text);
}

static int fill_context(struct run *run, struct err *err)
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

static int add_target(struct run *run, const char *address, struct err *err)
{
	static const struct {
		const char *scheme;
		int (*make)(const struct publish_context *context,
		            const char *address,
		            const struct publications *publications,
		            struct publish_target **out, struct err *err);
	} kinds[] = { { "oci://", publish_oci_new },
		      { "github://", publish_github_new },
		      { "dir:", publish_dir_new } };

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		const char *scheme = kinds[i].scheme;

		if (strncmp(address, scheme, strlen(scheme)) != 0)
			continue;
		if (kinds[i].make(&run->context, address, &run->publications,
		                  &run->targets[run->target_count], err) < 0)
			return -1;
		run->target_count++;
		return 0;
	}
	return err_set(err, ERR_USAGE, 0,
	               "'%.200s' is no target: oci://registry/repository, "
	               "github://owner/repo or dir:PATH",
	               address);
}

/* What belongs to packs by default is no place for a bundle. */
static bool is_default_target(const struct run *run)
{
	return run->settings->is_seed && !run->settings->is_seed_named &&
	       run->publications.at[0]->kind == PUBLICATION_BUNDLE;
}

static int make_targets(struct run *run, struct err *err)
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
	for (size_t i = 0; i < settings->target_count; i++)
		if (add_target(run, settings->targets[i], err) < 0)
			return -1;
	return publish_sign_check(settings, run->targets, run->target_count,
	                          err);
}

/* --- what is said ------------------------------------------------------- */

static uint64_t bytes_of(const struct publication *publication)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < publication->file_count; i++)
		bytes += publication->files[i].size;
	return bytes;
}

static uint64_t all_bytes(const struct run *run)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < run->publications.count; i++)
		bytes += bytes_of(run->publications.at[i]);
	return bytes;
}

static const char *state_text(const struct run *run,
                              const struct publish_item *item)
{
	if (run->settings->is_dry_run)
		return "would be published";
	switch (item->state) {
	case PUBLISH_WAITING:
		break;
	case PUBLISH_WAS_THERE:
		return "was there";
	case PUBLISH_DONE:
		return item->has_moved ? "published, moved" : "published";
	case PUBLISH_FAILED:
		return "failed";
	}
	return "not published";
}

static void say_all(const struct run *run)
{
	const char *verb = run->settings->is_dry_run ? "would publish " : "";

	for (size_t i = 0; i < run->publications.count; i++) {
		const struct publication *one = run->publications.at[i];
		char digest[OCI_DIGEST_SIZE];

		oci_digest_text(one->digest, digest);
		say(run->request, "%s%s %s: %s, %llu bytes", verb, one->name,
		    one->version, digest, (unsigned long long)bytes_of(one));
		for (size_t k = 0; k < run->target_count; k++) {
			const struct publish_item *item =
				&run->targets[k]->items[i];

			say(run->request, "  %s%s%s", item->place,
			    run->settings->is_dry_run ? "" : ": ",
			    run->settings->is_dry_run ? ""
			                              : state_text(run, item));
		}
	}
}

static int write_item(const struct run *run, struct json_writer *json,
                      const struct publish_item *item, struct err *err)
{
	char text[ERR_TEXT_MAX + 256];

	if (json_open_object(json, NULL, err) < 0 ||
	    json_text(json, "place", item->place, err) < 0 ||
	    json_text(json, "state", state_text(run, item), err) < 0)
		return -1;
	if (item->state == PUBLISH_FAILED &&
	    json_text(json, "error", err_format(&item->err, text, sizeof text),
	              err) < 0)
		return -1;
	return json_close(json, err);
}

static int write_package(const struct run *run, struct json_writer *json,
                         size_t number, struct err *err)
{
	const struct publication *one = run->publications.at[number];
	char digest[OCI_DIGEST_SIZE];

	oci_digest_text(one->digest, digest);
	if (json_open_object(json, NULL, err) < 0 ||
	    json_text(json, "name", one->name, err) < 0 ||
	    json_text(json, "version", one->version, err) < 0 ||
	    json_text(json, "digest", digest, err) < 0 ||
	    json_u64(json, "bytes", bytes_of(one), err) < 0 ||
	    json_open_array(json, "places", err) < 0)
		return -1;
	for (size_t i = 0; i < run->target_count; i++)
		if (write_item(run, json, &run->targets[i]->items[number],
		               err) < 0)
			return -1;
	if (json_close(json, err) < 0)
		return -1;
	return json_close(json, err);
}

static int print_json(const struct run *run, struct err *err)
{
	AUTO_BUF struct buf out = BUF_NONE;
	struct json_writer json;

	json_begin(&json, &out);
	if (json_open_object(&json, NULL, err) < 0 ||
	    json_bool(&json, "dry_run", run->settings->is_dry_run, err) < 0 ||
	    json_text(&json, "lock", publish_word(run->settings, PUBLISH_LOCK),
	              err) < 0 ||
	    json_open_array(&json, "packages", err) < 0)
		return -1;
	for (size_t i = 0; i < run->publications.count; i++)
		if (write_package(run, &json, i, err) < 0)
			return -1;
	if (json_close(&json, err) < 0 || json_close(&json, err) < 0 ||
	    buf_adds(&out, "\n", err) < 0)
		return -1;
	return print_result(&out, err);
}

static int report(const struct run *run, struct err *err)
{
	if (run->request->json)
		return print_json(run, err);
	say_all(run);
	return 0;
}

/* --- the phases --------------------------------------------------------- */

static int plan_of(const struct run *run, uint8_t out[SHA256_LEN],
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

static int open_journal(struct run *run, struct err *err)
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

/* With --keep-going a target that cannot go on at all stops none of the
 * others. */
static int give_up(struct publish_target *target, struct err *err)
{
	if (!target->context->keep_going)
		return -1;
	for (size_t i = 0; i < target->count; i++) {
		struct err why = *err;

		if (target->items[i].state == PUBLISH_WAITING)
			(void)publish_item_fail(target, &target->items[i],
			                        &why);
	}
	return 0;
}

/* A target without one has nothing left to do, or could not even be reached:
 * then its later phases find nothing to work with. */
static bool has_waiting(const struct publish_target *target)
{
	for (size_t i = 0; i < target->count; i++)
		if (target->items[i].state == PUBLISH_WAITING)
			return true;
	return false;
}

typedef int phase_fn(struct publish_target *target, struct err *err);

static int run_phase(struct run *run, const char *name,
                     phase_fn *(*phase)(const struct publish_target_ops *),
                     struct err *err)
{
	for (size_t i = 0; i < run->target_count; i++) {
		struct publish_target *target = run->targets[i];

		run->done_before = i * all_bytes(run);
		if (!has_waiting(target))
			continue;
		if (phase(target->ops)(target, err) < 0) {
			if (give_up(target, err) < 0)
				return -1;
			continue;
		}
		if (publish_journal_step(&run->journal, name, target->name,
		                         err) < 0)
			return -1;
	}
	return 0;
}

static phase_fn *inspect_of(const struct publish_target_ops *ops)
{
	return ops->inspect;
}

static phase_fn *upload_of(const struct publish_target_ops *ops)
{
	return ops->upload;
}

static phase_fn *describe_of(const struct publish_target_ops *ops)
{
	return ops->describe;
}

static phase_fn *reveal_of(const struct publish_target_ops *ops)
{
	return ops->reveal;
}

static int send_all(struct run *run, struct err *err)
{
	int result;

	if (run_phase(run, "inspect", inspect_of, err) < 0)
		return -1;
	say_meter_begin(run->request, &run->meter, "publishing",
	                all_bytes(run) * run->target_count);
	result = run_phase(run, "upload", upload_of, err);
	if (result == 0)
		result = run_phase(run, "describe", describe_of, err);
	say_meter_done(&run->meter);
	if (result < 0)
		return -1;
	return run_phase(run, "reveal", reveal_of, err);
}

/* With --keep-going: each failure, and the first one as the result.  What could
 * not be built was said before. */
static int conclude(const struct run *run, struct err *err)
{
	char text[ERR_TEXT_MAX + 256];
	size_t failed = run->publications.failed * run->target_count;
	size_t all = run->target_count *
	             (run->publications.count + run->publications.failed);
	struct err first = run->publications.failure;

	for (size_t k = 0; k < run->target_count; k++)
		for (size_t i = 0; i < run->targets[k]->count; i++) {
			const struct publish_item *item =
				&run->targets[k]->items[i];

			if (item->state != PUBLISH_FAILED)
				continue;
			if (failed++ == 0)
				first = item->err;
			warn_user("%s",
			          err_format(&item->err, text, sizeof text));
		}
	if (failed == 0)
		return 0;
	return err_set(err, first.code, 0,
	               "%zu of %zu were not published; the lockfile has what "
	               "is everywhere",
	               failed, all);
}

static int finish(struct run *run, struct err *err)
{
	int result;

	if (publish_lock_write(run->settings, &run->publications, run->targets,
	                       run->target_count, err) < 0)
		return -1;
	result = conclude(run, err);
	if (result == 0 && publish_journal_end(&run->journal, err) < 0)
		return -1;
	if (run->request->json) {
		struct err unprinted;

		if (print_json(run, &unprinted) < 0 && result == 0) {
			*err = unprinted;
			return -1;
		}
		return result;
	}
	say_all(run);
	return result;
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

static int publish_dry(struct run *run, struct err *err)
{
	if (publish_lock_write(run->settings, &run->publications, run->targets,
	                       run->target_count, err) < 0)
		return -1;
	if (report(run, err) < 0)
		return -1;
	return conclude(run, err);
}

static int publish(struct run *run, struct err *err)
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
	                 run->target_count, err) < 0 ||
	    publish_lock_check(run->settings, &run->publications, run->targets,
	                       run->target_count, err) < 0 ||
	    send_all(run, err) < 0)
		return -1;
	return finish(run, err);
}

int publish_run(void *context, struct err *err)
{
	AUTO(run_free) struct run *run = calloc(1, sizeof *run);

	if (run == NULL)
		return err_nomem(err);
	run->request = context;
	run->journal = PUBLISH_JOURNAL_NONE;
	run->meter = METER_NONE;
	if (publish_settings_load(run->request, &run->settings, err) < 0)
		return -1;
	if (run->request->print_config)
		return print_config(run->settings, err);
	return publish(run, err);
}
