/* SPDX-License-Identifier: Apache-2.0 */
/* The release of a version on GitHub: finding it, or making its draft, with the
 * tag that it has or gets, and the commit that its packages were made from. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "publish_github_own.h"
#include "publish_journal.h"

/* --- the commit --- */

/* Whether the package says that it was made from this repository; only then
 * its revision is one of it. */
static bool is_made_here(const struct github_target *target,
                         const struct publication *publication)
{
	const char *url = publication->source.url;
	size_t len = strlen(url);
	size_t tail = strlen(target->repository);

	if (len > 4 && strcmp(url + len - 4, ".git") == 0)
		len -= 4;
	return len > tail &&
	       (url[len - tail - 1] == '/' || url[len - tail - 1] == ':') &&
	       strncasecmp(url + len - tail, target->repository, tail) == 0;
}

/* The commit that the package was made from; NULL where it does not say, or it
 * is not of this repository, or was changed. */
static const char *commit_of(const struct github_target *target,
                             const struct publication *publication)
{
	const char *revision = publication->source.revision;
	size_t len = strlen(revision);

	if (!is_made_here(target, publication) || (len != 40 && len != 64) ||
	    strspn(revision, "0123456789abcdef") != len)
		return NULL;
	return revision;
}

/* The commit that all packages of the release were made from.
 * @out: NULL where none of them says.  -1 where they name several: a release
 * has one tag, and so one commit. */
static int find_commit(const struct github_target *target,
                       const struct release_page *page, const char **out,
                       struct err *err)
{
	const char *found = NULL;

	for (size_t i = 0; i < target->base.count; i++) {
		const struct publish_item *item = &target->base.items[i];
		const char *commit = commit_of(target, item->publication);

		if (commit == NULL || !release_page_has(page, item))
			continue;
		if (found != NULL && strcmp(found, commit) != 0)
			return err_set(err, ERR_CONFLICT, 0,
			               "packages of version %s were made from "
			               "the commits %.12s and %.12s, and the "
			               "tag of a release names one",
			               page->version, found, commit);
		found = commit;
	}
	*out = found;
	return 0;
}

/* --- the tag --- */

/* A tag that names another commit than the packages do is a mistake of whoever
 * set one of them.  1 when there is such a tag, 0 when not. */
static int check_tag(struct github_target *target,
                     const struct release_page *page, const char *tag,
                     struct err *err)
{
	char commit[GITHUB_COMMIT_SIZE];
	int there = github_commit_of_tag(&target->github, tag, commit, err);

	if (there <= 0 || page->commit == NULL ||
	    strcmp(page->commit, commit) == 0)
		return there;
	return err_set(err, ERR_CONFLICT, 0,
	               "tag %s of '%s' is at commit %.12s, and the release was "
	               "made from %.12s",
	               tag, target->repository, commit, page->commit);
}

int release_page_check_tag(struct github_target *target,
                           const struct release_page *page, struct err *err)
{
	return check_tag(target, page, page->release.tag, err) < 0 ? -1 : 0;
}

/* The tag for a release that is to be made: which of the possible ones there
 * is; none: as the version. */
static int choose_tag(struct github_target *target, struct release_page *page,
                      struct err *err)
{
	char tags[GITHUB_VERSION_TAGS][GITHUB_TAG_SIZE];
	size_t count = github_version_tags(page->version, tags);
	int there = 0;

	memcpy(page->tag, tags[0], GITHUB_TAG_SIZE);
	for (size_t i = 0; i < count && there == 0; i++) {
		there = check_tag(target, page, tags[i], err);
		if (there == 1)
			memcpy(page->tag, tags[i], GITHUB_TAG_SIZE);
	}
	return there < 0 ? -1 : 0;
}

/* --- the release --- */

int release_page_find(struct github_target *target, struct release_page *page,
                      struct err *err)
{
	uint64_t known;
	int found;

	if (find_commit(target, page, &page->commit, err) < 0 ||
	    publish_journal_find_draft(target->base.context->journal,
	                               page->place, &known, err) < 0)
		return -1;
	found = github_version_find(&target->github, page->version, known,
	                            &page->release, err);
	if (found < 0)
		return -1;
	return found == 1 ? release_page_check_tag(target, page, err)
	                  : choose_tag(target, page, err);
}

static int write_notes(const struct github_target *target,
                       const struct release_page *page, struct buf *out,
                       struct err *err)
{
	char digest[2 * SHA256_LEN + 1];

	if (buf_printf(out, err,
	               "    sudo install-package --version %s --repo %s\n\n"
	               "| file | bytes | SHA-256 |\n| --- | --- | --- |\n",
	               page->version, target->repository) < 0)
		return -1;
	for (size_t i = 0; i < page->count; i++) {
		const struct github_file *file = &page->files[i];

		text_to_hex(file->sha256, SHA256_LEN, digest);
		if (buf_printf(out, err, "| %s | %" PRIu64 " | `%s` |\n",
		               file->name, file->size, digest) < 0)
			return -1;
	}
	return 0;
}

int release_page_create(struct github_target *target, struct release_page *page,
                        struct err *err)
{
	AUTO_BUF struct buf notes = BUF_NONE;
	struct github_wanted wanted = {
		.tag = page->tag,
		.title = page->tag,
		.commit = page->commit,
		.is_prerelease = page->is_prerelease,
	};

	if (write_notes(target, page, &notes, err) < 0)
		return -1;
	wanted.notes = buf_text(&notes);
	if (github_publication_create(&target->github, &wanted, &page->release,
	                              err) < 0)
		return -1;
	return publish_journal_draft(target->base.context->journal, page->place,
	                             page->release.id, err);
}
