/* SPDX-License-Identifier: Apache-2.0 */
/* package-release bundle: the corridor from a folder to dist/<version>/. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/disk.h"
#include "files.h"
#include "job.h"
#include "pack/out_file.h"
#include "pack/pack_parts.h"
#include "pack/press.h"
#include "pack/sbom.h"
#include "pack/sealed_bundle.h"
#include "say.h"

static void job_done(struct job *job)
{
	secret_keys_done(&job->keys);
	source_tree_done(&job->tree);
	buf_done(&job->profile);
	job_close_out(job);
	free(job->settings);
}

/* --- collect
 * ------------------------------------------------------------------- */

/* The results may lie below the payload folder; they are no part of it. */
static int skip_results(struct job *job, struct err *err)
{
	struct package_settings *settings = job->settings;
	struct stat payload;
	struct stat out;

	if (stat(settings->payload, &payload) < 0)
		return err_set(err, ERR_SYSTEM, errno, "payload folder '%s'",
		               settings->payload);
	if (stat(settings->out, &out) < 0)
		return 0; /* it is made later */
	if (out.st_dev == payload.st_dev && out.st_ino == payload.st_ino)
		return err_set(err, ERR_USAGE, 0,
		               "--out is the payload folder itself");
	settings->rules.skip_device = out.st_dev;
	settings->rules.skip_inode = out.st_ino;
	return 0;
}

static int collect_payload(struct job *job, struct err *err)
{
	const struct package_settings *settings = job->settings;

	if (settings->payload[0] == '\0')
		return err_set(err, ERR_USAGE, 0,
		               "no payload: give --payload DIR, or write "
		               "package.ini (package-release init)");
	if (skip_results(job, err) < 0 ||
	    collect(settings->payload, &settings->rules, &job->tree, err) < 0)
		return -1;
	if (job->tree.case_twins[0] != NULL)
		warn_user("'%s' and '%s' differ only in case",
		          job->tree.case_twins[0], job->tree.case_twins[1]);
	return 0;
}

/* The repository of package.ini, without one that of the payload. */
static int ask_git(struct job *job, struct err *err)
{
	const struct package_settings *settings = job->settings;
	const struct git_environment environment = { job->request->path,
		                                     job->request->home };
	char folder[FS_PATH_MAX] = ".";

	if (settings->config[0] == '\0')
		memcpy(folder, settings->payload, sizeof folder);
	else if (file_beside(settings->config, ".", folder, err) < 0)
		return -1;
	return git_look(folder, &environment, &job->git, err);
}

/* --- describe
 * ------------------------------------------------------------------ */

static int use_given_sbom(struct job *job, struct err *err)
{
	const char *path = job->request->sbom;
	AUTO_BUF struct buf text = BUF_LIMIT(SBOM_GIVEN_MAX);

	if (file_read(path, &text, err) < 0)
		return -1;
	if (sbom_check(buf_text(&text), text.len, &job->tree, err) < 0)
		return err_wrap(err, "SBOM '%s'", path);
	return out_file_whole(job->staging, "sbom.json", text.data, text.len,
	                      &job->release.parts[PART_SBOM], err);
}

static int add_sbom(struct job *job, struct err *err)
{
	if (job->request->skip_sbom)
		return 0;
	if (job->request->sbom != NULL)
		return use_given_sbom(job, err);
	return sbom_generate(&job->release, &job->tree, job->staging,
	                     &job->release.parts[PART_SBOM], err);
}

static int add_profile(struct job *job, struct err *err)
{
	const char *path = job->settings->profile_path;

	if (job->profile.len == 0)
		return 0;
	(void)snprintf(job->release.profile, sizeof job->release.profile, "%s",
	               path);
	if (strlen(path) >= sizeof job->release.profile)
		return err_set(err, ERR_LIMIT, 0,
		               "the path of profile.env is too long");
	return out_file_whole(job->staging, "profile.env", job->profile.data,
	                      job->profile.len,
	                      &job->release.parts[PART_PROFILE_ENV], err);
}

static int describe_payload(struct job *job,
                            const struct packed_payload *payload,
                            struct err *err)
{
	struct release_ini *release = &job->release;

	release->entries = payload->entries;
	release->bytes = payload->bytes;
	release->tar_size = payload->tar_size;
	memcpy(release->tar_sha256, payload->tar_sha256,
	       sizeof release->tar_sha256);
	memcpy(release->parts, payload->parts, sizeof release->parts);
	if (snprintf(release->encoder, sizeof release->encoder, "%s %s",
	             press_encoder(),
	             pack_parts_encoder()) >= (int)sizeof release->encoder)
		return err_set(err, ERR_INTERNAL, 0, "encoder '%s'",
		               press_encoder());
	return 0;
}

static int write_release(struct job *job, struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(RELEASE_INI_MAX);

	if (release_ini_write(&job->release, &text, err) < 0)
		return err_wrap(err, "describing the release");
	return out_file_whole(job->staging, "release.ini", text.data, text.len,
	                      NULL, err);
}

/* --- the corridor
 * ---------------------------------------------------------------- */

static unsigned thread_count(void)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);

	if (online < 1)
		return 1;
	return online > PRESS_THREADS_MAX ? PRESS_THREADS_MAX
	                                  : (unsigned)online;
}

static int pack_tree(struct job *job, struct packed_payload *out,
                     struct err *err)
{
	AUTO_METER struct meter meter = METER_NONE;
	const struct pack_watch watch = { say_meter, &meter };
	const struct pack_request request = { .created = job->release.created,
		                              .dir = job->staging,
		                              .threads = thread_count(),
		                              .watch = &watch };

	say_meter_begin(job->request, &meter, "packing", job->tree.bytes);
	return pack_payload(&job->tree, &request, out, err);
}

static int pack(struct job *job, struct err *err)
{
	struct packed_payload payload;

	if (pack_tree(job, &payload, err) < 0 ||
	    collect_again(&job->tree, job->settings->payload,
	                  &job->settings->rules, err) < 0)
		return -1;
	if (describe_payload(job, &payload, err) < 0 ||
	    job_add_patches(job, thread_count(), err) < 0 ||
	    add_sbom(job, err) < 0 || add_profile(job, err) < 0 ||
	    pack_parts(job->staging, &job->release,
	               &job->release.parts[PART_PACKED], err) < 0)
		return -1;
	return write_release(job, err);
}

static void name_target(struct job *job)
{
	char platform[PLATFORM_SIZE + 1] = "";
	char *slash;

	if (job->release.platform[0] != '\0')
		(void)snprintf(platform, sizeof platform, "/%s",
		               job->release.platform);
	slash = platform[0] != '\0' ? strchr(platform + 1, '/') : NULL;
	if (slash != NULL)
		*slash = '-';
	/* Only shown, so a cut is no harm. */
	(void)snprintf(job->target, sizeof job->target, "%.3800s/%s%s",
	               job->settings->out, job->release.version, platform);
}

/* The rooms before anything is written. */
static int prepare(struct job *job, struct err *err)
{
	if (package_settings_load(job->request, &job->settings, err) < 0 ||
	    collect_payload(job, err) < 0 || ask_git(job, err) < 0 ||
	    job_profile(job, err) < 0 || job_facts(job, err) < 0)
		return -1;
	if (job->is_prod && job->request->skip_sbom)
		return err_set(err, ERR_USAGE, 0,
		               "--skip-sbom is refused for prod: leave it out, "
		               "and an SBOM is made");
	if (job_check_patches(job, err) < 0)
		return -1;
	name_target(job);
	return 0;
}

static void say_keys(const struct job *job)
{
	const struct package_settings *settings = job->settings;
	const struct request *request = job->request;

	if (settings->key[0] != '\0')
		say(request, "  signed with: %s", settings->key);
	/* $COSIGN_KEY may hold the key itself, of many lines. */
	if (settings->cosign_key != NULL)
		say(request, "  signed with: %s",
		    settings->cosign_key == request->cosign_key_text
		            ? "$COSIGN_KEY"
		            : settings->cosign_key);
	if (settings->key[0] == '\0' && settings->cosign_key == NULL)
		say(request, "  signed with: nothing");
}

static void say_plan(const struct job *job)
{
	const struct release_ini *release = &job->release;
	const struct request *request = job->request;
	char name[BUNDLE_NAME_SIZE];
	char created[CLOCK_TEXT_SIZE];

	clock_format(release->created, created);
	sealed_bundle_name(release, name);
	say(request, "would pack %s %s, sequence %llu, of %s", release->app,
	    release->version, (unsigned long long)release->sequence, created);
	say(request, "  %zu entries, %llu bytes, from %s", job->tree.count,
	    (unsigned long long)job->tree.bytes, job->settings->payload);
	say(request, "  profile.env: %s",
	    job->profile.len > 0 ? job->settings->profile_path : "none");
	say(request, "  SBOM: %s",
	    request->skip_sbom      ? "none"
	    : request->sbom != NULL ? request->sbom
	                            : "CycloneDX 1.6, generated");
	for (size_t i = 0; i < job->settings->patch_from.count; i++)
		say(request, "  patch from: %s",
		    job->settings->patch_from.at[i]);
	say_keys(job);
	say(request, "into %s/%s", job->target, name);
}

static void say_result(const struct job *job, const struct delivery *made)
{
	const struct request *request = job->request;
	char name[BUNDLE_NAME_SIZE];

	sealed_bundle_name(&job->release, name);
	say(request, "%s %s: %llu files and folders, %llu bytes",
	    job->release.app, job->release.version,
	    (unsigned long long)job->release.entries,
	    (unsigned long long)job->release.bytes);
	say(request, "%s/%s", job->target, name);
	if (made->signers.minisign[0] != '\0')
		say(request, "signed by key %s", made->signers.minisign);
	if (made->signers.cosign[0] != '\0')
		say(request, "signed by cosign key %s", made->signers.cosign);
	if (made->is_signed && made->signers.minisign[0] == '\0' &&
	    made->signers.cosign[0] == '\0')
		say(request, "signed before");
	if (!made->is_signed)
		say(request,
		    "UNSIGNED: no host installs it; next: package-release sign "
		    "--key FILE %s",
		    job->target);
}

int bundle_run(void *context, struct err *err)
{
	struct request *request = context;
	AUTO(job_done)
	struct job job = { .request = request,
		           .tree = SOURCE_TREE_NONE,
		           .profile = BUF_NONE,
		           .keys = SECRET_KEYS_NONE,
		           .out = -1,
		           .staging = -1 };
	struct delivery made;

	if (request->sbom != NULL && request->skip_sbom)
		return err_set(err, ERR_USAGE, 0,
		               "--sbom and --skip-sbom exclude each other");
	if (request->cosign_asset != NULL)
		say(request, "--cosign-asset: not needed: hosts verify without "
		             "it, and nothing from a bundle is run");
	if (prepare(&job, err) < 0)
		return -1;
	if (request->dry_run) {
		say_plan(&job);
		return 0;
	}
	/* Before anything is written: a key that cannot be opened leaves
	 * nothing behind, and costs nobody the time of packing. */
	if (secret_keys_open(request, job.settings, &job.keys, err) < 0 ||
	    job_open_out(&job, err) < 0 || pack(&job, err) < 0 ||
	    job_deliver(&job, &made, err) < 0)
		return -1;
	say_result(&job, &made);
	return 0;
}
