/* SPDX-License-Identifier: Apache-2.0 */
/* --patch-from, or patch_from of package.ini: one part for each old release
 * that is named. */
#include <stdio.h>
#include <string.h>

#include "base/disk.h"
#include "codec/patch_frame.h"
#include "crypto/patch_id.h"
#include "job.h"
#include "pack/pack_patch.h"
#include "pack/sealed_bundle.h"
#include "say.h"

/* No host has releases of two platforms. */
static int check_platform(const struct job *job, const char *path,
                          const struct release_ini *old, struct err *err)
{
	const char *ours = job->release.platform;

	if (old->platform[0] == '\0' || ours[0] == '\0' ||
	    strcmp(old->platform, ours) == 0)
		return 0;
	return err_set(err, ERR_USAGE, 0,
	               "a patch from '%s': it is for %s, and this one is for "
	               "%s",
	               path, old->platform, ours);
}

/* Large (60 KB): one at a time. */
static int open_old(const struct job *job, const char *path,
                    struct sealed_bundle *out, struct err *err)
{
	if (sealed_bundle_open(path, out, err) < 0)
		return err_wrap(err, "a patch from '%s'", path);
	if (strcmp(out->release.app, job->release.app) != 0)
		return err_set(err, ERR_USAGE, 0,
		               "a patch from '%s': it is of app '%s', and this "
		               "one is '%s'",
		               path, out->release.app, job->release.app);
	return check_platform(job, path, &out->release, err);
}

static bool has_patch(const struct release_ini *release, uint64_t id)
{
	return release_ini_pin(release, (struct part){ PART_PATCH, id }) !=
	       NULL;
}

int job_check_patches(const struct job *job, struct err *err)
{
	const struct patterns *old = &job->settings->patch_from;

	for (size_t i = 0; i < old->count; i++) {
		AUTO_SEALED struct sealed_bundle bundle = SEALED_BUNDLE_NONE;

		if (open_old(job, old->at[i], &bundle, err) < 0)
			return -1;
	}
	return 0;
}

/* Their ids ascend. */
static void insert(struct release_ini *release,
                   const struct release_patch *patch)
{
	size_t at = release->patch_count++;

	while (at > 0 && release->patches[at - 1].id > patch->id) {
		release->patches[at] = release->patches[at - 1];
		at--;
	}
	release->patches[at] = *patch;
}

/* One that is larger than what it saves is none. */
static int drop(struct job *job, const char *path,
                const struct release_patch *patch, struct err *err)
{
	char name[PART_NAME_SIZE];

	part_name((struct part){ PART_PATCH, patch->id }, name);
	say(job->request, "no patch from %s: it would have %llu bytes", path,
	    (unsigned long long)patch->pin.size);
	return disk_unlink("patch.drop", job->staging, name, err);
}

static int add_patch(struct job *job, const char *path, unsigned threads,
                     struct err *err)
{
	AUTO_SEALED struct sealed_bundle old = SEALED_BUNDLE_NONE;
	AUTO_METER struct meter meter = METER_NONE;
	const struct pack_watch watch = { say_meter, &meter };
	struct pack_patch_request request = { .old = &old,
		                              .tree = &job->tree,
		                              .dir = job->staging,
		                              .threads = threads,
		                              .watch = &watch };
	struct release_ini *release = &job->release;
	struct release_patch patch;

	if (open_old(job, path, &old, err) < 0 ||
	    patch_id_of(old.release.parts[PART_MTREE].sha256,
	                release->parts[PART_MTREE].sha256, &request.id,
	                err) < 0)
		return -1;
	/* Named twice, or under two versions that hold the same. */
	if (has_patch(release, request.id))
		return 0;
	say_meter_begin(job->request, &meter, "making a patch",
	                job->tree.bytes);
	if (pack_patch(&request, &patch, err) < 0)
		return err_wrap(err, "a patch from '%s'", path);
	say_meter_done(&meter);
	if (patch.pin.size >= release->parts[PART_PAYLOAD].size)
		return drop(job, path, &patch, err);
	insert(release, &patch);
	say(job->request, "patch from %s: %llu bytes", old.release.version,
	    (unsigned long long)patch.pin.size);
	return 0;
}

int job_add_patches(struct job *job, unsigned threads, struct err *err)
{
	const struct patterns *old = &job->settings->patch_from;
	struct release_ini *release = &job->release;
	size_t used = strlen(release->encoder);

	for (size_t i = 0; i < old->count; i++)
		if (add_patch(job, old->at[i], threads, err) < 0)
			return -1;
	if (release->patch_count == 0)
		return 0;
	if (snprintf(release->encoder + used, sizeof release->encoder - used,
	             " %s", patch_frame_encoder()) >=
	    (int)(sizeof release->encoder - used))
		return err_set(err, ERR_INTERNAL, 0, "encoder '%s'",
		               release->encoder);
	return 0;
}
