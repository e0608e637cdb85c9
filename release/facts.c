/* SPDX-License-Identifier: Apache-2.0 */
/* Who, which version, from when: the head of release.ini. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "codec/name.h"
#include "job.h"

static int decide_app(struct job *job, struct err *err)
{
	const char *app = job->settings->app;

	if (app[0] == '\0')
		return err_set(err, ERR_USAGE, 0,
		               "no app: give --app NAME, or write it to "
		               "package.ini (package-release init)");
	if (!name_is_app(app, strlen(app)))
		return err_set(err, ERR_USAGE, 0,
		               "'%s' is no name of an app: 1 to 64 of a-z, "
		               "0-9, '.', '_', '-', and a letter or digit at "
		               "either end",
		               app);
	return text_copy(job->release.app, sizeof job->release.app, app,
	                 strlen(app), err);
}

/* A release for production bears the name of what it was made from. */
static int require_tag(const struct git_facts *git, struct err *err)
{
	if (!git->is_repository)
		return err_set(err, ERR_USAGE, 0,
		               "no version: this is no git repository; give "
		               "--version");
	if (git->is_dirty)
		return err_set(err, ERR_USAGE, 0,
		               "no version: files differ from the commit, so "
		               "prod needs --version, or a clean tree at a "
		               "tag");
	if (git->tag[0] == '\0')
		return err_set(err, ERR_USAGE, 0,
		               "no version: the commit has no tag%s; give "
		               "--version, or check out a tag",
		               git->is_shallow
		                       ? " (the clone is shallow: git fetch "
		                         "--unshallow --tags)"
		                       : "");
	return 0;
}

static int decide_version(struct job *job, struct err *err)
{
	const char *version = job->request->version;

	if (version == NULL && job->is_prod && require_tag(&job->git, err) < 0)
		return -1;
	if (version == NULL)
		version = job->is_prod ? job->git.tag : job->git.described;
	if (version[0] == '\0')
		return err_set(err, ERR_USAGE, 0,
		               "no version: git does not know one; give "
		               "--version");
	if (!name_is_version(version, strlen(version)))
		return err_set(err, ERR_USAGE, 0,
		               "'%s' is no version: 1 to 128 letters, digits, "
		               "'.', '_', '-', not beginning with '.' or '-'",
		               version);
	return text_copy(job->release.version, sizeof job->release.version,
	                 version, strlen(version), err);
}

static int decide_date(struct job *job, struct err *err)
{
	const char *epoch = job->request->source_date_epoch;
	uint64_t seconds;

	job->release.created = job->git.is_repository ? job->git.commit_time
	                                              : job->tree.newest;
	if (epoch != NULL) {
		if (text_u64(epoch, strlen(epoch), CLOCK_MAX, &seconds, err) <
		    0)
			return err_set(err, ERR_USAGE, 0,
			               "SOURCE_DATE_EPOCH is '%s', no number "
			               "of seconds",
			               epoch);
		job->release.created = (int64_t)seconds;
	}
	if (job->release.created < 0)
		job->release.created = 0;
	/* A date from the future would outrank each release until then. */
	if (job->release.created > clock_now() + CLOCK_DAY)
		return err_set(err, ERR_USAGE, 0,
		               "the source date is more than a day ahead of "
		               "the clock; set SOURCE_DATE_EPOCH");
	return 0;
}

static int decide_sequence(struct job *job, struct err *err)
{
	const char *text = job->request->sequence;

	job->release.sequence = (uint64_t)job->release.created;
	if (text != NULL && text_u64(text, strlen(text), SEQUENCE_MAX,
	                             &job->release.sequence, err) < 0)
		return err_set(err, ERR_USAGE, 0,
		               "--sequence: '%s' is no number from 0 to 2^53-1",
		               text);
	return 0;
}

static int decide_platform(struct job *job, struct err *err)
{
	const char *platform = job->settings->platform;

	if (platform[0] != '\0' &&
	    !name_is_platform(platform, strlen(platform)))
		return err_set(err, ERR_USAGE, 0,
		               "--platform: '%s' is not <os>/<arch>", platform);
	return text_copy(job->release.platform, sizeof job->release.platform,
	                 platform, strlen(platform), err);
}

static int copy_links(struct job *job, struct err *err)
{
	const struct patterns *patterns = &job->settings->rules.allow_link;
	struct release_ini *release = &job->release;

	for (size_t i = 0; i < patterns->count; i++) {
		const char *pattern = patterns->at[i];

		if (!source_tree_needs_link(&job->tree, pattern))
			continue;
		if (release->link_count == RELEASE_LINKS_MAX)
			return err_set(err, ERR_LIMIT, 0,
			               "more than %d patterns of --allow-link",
			               RELEASE_LINKS_MAX);
		if (text_copy(release->links[release->link_count++],
		              RELEASE_VALUE_SIZE, pattern, strlen(pattern),
		              err) < 0)
			return err_wrap(err, "--allow-link '%s'", pattern);
	}
	return 0;
}

static void copy_described(struct job *job)
{
	const struct package_ini *ini = &job->settings->ini;
	struct release_ini *release = &job->release;

	memcpy(release->repository, job->git.repository,
	       sizeof release->repository);
	memcpy(release->revision, job->git.revision, sizeof release->revision);
	memcpy(release->architecture, ini->architecture,
	       sizeof release->architecture);
	release->kernel_major = ini->kernel_major;
	release->kernel_minor = ini->kernel_minor;
	release->memory = ini->memory;
	release->disk = ini->disk;
	memcpy(release->info, ini->info, sizeof release->info);
	release->info_count = ini->info_count;
}

int job_facts(struct job *job, struct err *err)
{
	copy_described(job);
	if (decide_app(job, err) < 0 || decide_version(job, err) < 0 ||
	    decide_date(job, err) < 0 || decide_sequence(job, err) < 0 ||
	    decide_platform(job, err) < 0)
		return -1;
	return copy_links(job, err);
}
