/* SPDX-License-Identifier: Apache-2.0 */
/* What git and CI know of the source that packages are made from: where it is,
 * at which commit, since when, and in which version. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "files.h"
#include "pack/ci.h"
#include "pack/git.h"
#include "publish_settings_own.h"

/* --- the source --------------------------------------------------------- */

static bool cut_prefix(const char **text, const char *prefix)
{
	size_t len = strlen(prefix);

	if (strncmp(*text, prefix, len) != 0)
		return false;
	*text += len;
	return true;
}

void publish_page_of(const char *clone, char out[PUBLICATION_TEXT_SIZE])
{
	const char *at = clone;
	size_t len;
	bool is_ssh = cut_prefix(&at, "ssh://git@") || cut_prefix(&at, "git@");
	size_t host = strcspn(at, ":/");

	if (!is_ssh || at[host] == '\0')
		(void)snprintf(out, PUBLICATION_TEXT_SIZE, "%.1000s", clone);
	else
		(void)snprintf(
			out, PUBLICATION_TEXT_SIZE, "https://%.*s/%.700s",
			(int)(host > 255 ? 255 : host), at, at + host + 1);
	len = strlen(out);
	if (strncmp(out, "https://", 8) == 0 && len > 4 &&
	    strcmp(out + len - 4, ".git") == 0)
		out[len - 4] = '\0';
}

static int take_date(struct publish_settings *settings,
                     const struct git_facts *git, struct err *err)
{
	const char *epoch = settings->request->source_date_epoch;
	uint64_t seconds;

	settings->source.created = git->is_repository ? git->commit_time : -1;
	if (epoch == NULL || epoch[0] == '\0')
		return 0;
	if (text_u64(epoch, strlen(epoch), CLOCK_MAX, &seconds, err) < 0)
		return err_set(err, ERR_USAGE, 0,
		               "SOURCE_DATE_EPOCH is '%.40s', no number of "
		               "seconds",
		               epoch);
	settings->source.created = (int64_t)seconds;
	return 0;
}

static int take_source(struct publish_settings *settings,
                       const struct git_facts *git, const struct ci_facts *ci,
                       struct err *err)
{
	struct publication_source *source = &settings->source;

	if (ci->repository[0] != '\0')
		publish_page_of(ci->repository, source->url);
	else
		publish_page_of(git->repository, source->url);
	(void)snprintf(source->revision, sizeof source->revision, "%s",
	               git->revision[0] != '\0' ? git->revision : ci->commit);
	settings->is_dirty = git->is_dirty;
	return take_date(settings, git, err);
}

/* --- the version -------------------------------------------------------- */

/* "v1.2.3" is the tag of version 1.2.3; "v" alone, or "vertical", is not. */
static const char *without_v(const char *tag)
{
	return tag[0] == 'v' && tag[1] >= '0' && tag[1] <= '9' ? tag + 1 : tag;
}

/* A dry run needs no tag: it is run for each change. */
static int take_git_version(struct publish_settings *settings,
                            const struct git_facts *git, struct err *err)
{
	char origin[PUBLISH_ORIGIN_TEXT];

	if (publish_word(settings, PUBLISH_VERSION)[0] != '\0')
		return 0;
	if (git->tag[0] != '\0') {
		(void)snprintf(origin, sizeof origin, "git tag %.100s",
		               git->tag);
		return publish_word_set(settings, PUBLISH_VERSION,
		                        without_v(git->tag), origin, err);
	}
	if (!settings->is_dry_run)
		return 0;
	if (git->described[0] != '\0')
		return publish_word_set(settings, PUBLISH_VERSION,
		                        without_v(git->described),
		                        "git describe", err);
	return publish_word_set(settings, PUBLISH_VERSION, "0.0.0-dev",
	                        "default of a dry run", err);
}

/* --- git ---------------------------------------------------------------- */

static void cut_dirty(char *text)
{
	static const char dirty[] = "-dirty";
	size_t len = strlen(text);

	if (len >= sizeof dirty &&
	    strcmp(text + len - (sizeof dirty - 1), dirty) == 0)
		text[len - (sizeof dirty - 1)] = '\0';
}

/* A lockfile that is committed changes with each run: a dry run and the push
 * behind it must make the same of the same commit. */
static int forgive_lock(const struct publish_settings *settings,
                        const char *folder,
                        const struct git_environment *environment,
                        struct git_facts *git, struct err *err)
{
	AUTO_FREE char *lock =
		realpath(publish_word(settings, PUBLISH_LOCK), NULL);
	int differs;

	if (!git->is_dirty || lock == NULL || strlen(lock) >= FS_PATH_MAX)
		return 0;
	differs = git_differs(folder, environment, lock, err);
	if (differs != 0)
		return differs < 0 ? -1 : 0;
	git->is_dirty = false;
	cut_dirty(git->revision);
	cut_dirty(git->described);
	return 0;
}

int publish_settings_ask_git(struct publish_settings *settings, struct err *err)
{
	const struct git_environment environment = { settings->request->path,
		                                     settings->request->home };
	AUTO_FREE struct ci_facts *ci = calloc(1, sizeof *ci);
	AUTO_FREE struct git_facts *git = calloc(1, sizeof *git);
	char folder[FS_PATH_MAX] = ".";

	if (ci == NULL || git == NULL)
		return err_nomem(err);
	if (settings->package->config[0] != '\0' &&
	    file_beside(settings->package->config, ".", folder, err) < 0)
		return -1;
	if (git_look(folder, &environment, git, err) < 0 ||
	    forgive_lock(settings, folder, &environment, git, err) < 0)
		return -1;
	(void)snprintf(settings->tag, sizeof settings->tag, "%s", git->tag);
	if (ci_look(settings->request->environment, ci, err) < 0 ||
	    take_source(settings, git, ci, err) < 0)
		return -1;
	return take_git_version(settings, git, err);
}
