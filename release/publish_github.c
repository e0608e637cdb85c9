/* SPDX-License-Identifier: Apache-2.0 */
/* Publishing to the releases of a repository on GitHub: all packages of one
 * version are assets of one release, which is a draft until all of them are up
 * and verified.  One that is published already only gets what it lacks, and as
 * the last step, for that is seen at once. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "codec/name.h"
#include "codec/part.h"
#include "net/github_publish.h"
#include "publish_journal.h"
#include "publish_target.h"
#include "say.h"

#define SCHEME   "github://"
#define TAG_SIZE (VERSION_SIZE + 1) /* "v", and the version */

/* A release: the packages of one version. */
struct page {
	const char *version; /* borrowed, of a package */
	char tag[TAG_SIZE];  /* of the draft to make, where there is none */
	const char *commit;  /* borrowed, of a package; NULL: nobody says */
	struct github_publication release;
	struct github_file *files;                    /* owned */
	const struct publication_file **publications; /* owned; of each file */
	size_t count;
	enum github_latest_choice latest;
	enum publish_state state;
};

struct target {
	struct publish_target base;
	struct http_client *client; /* owned; NULL until inspect */
	struct github github;
	char repository[REPOSITORY_SIZE];
	struct page *pages; /* owned */
	size_t page_count;
	uint64_t done; /* bytes of files */
	uint64_t sent; /* of the file that is under way */
};

static struct target *target_of(struct publish_target *base)
{
	return (struct target *)base;
}

/* --- what a release gets --- */

static void page_done(struct page *page)
{
	github_publication_done(&page->release);
	free(page->files);
	free(page->publications);
}

static bool has_file(const struct page *page, const char *title)
{
	for (size_t i = 0; i < page->count; i++)
		if (strcmp(page->files[i].name, title) == 0)
			return true;
	return false;
}

static int add_file(struct page *page, const struct publication_file *file,
                    struct err *err)
{
	struct github_file *files;
	const struct publication_file **publications;

	if (has_file(page, file->title))
		return err_set(err, ERR_USAGE, 0,
		               "two packages of version %s have a file '%s', "
		               "and a release page has one of each name; "
		               "publish the parts of one package only",
		               page->version, file->title);
	files = reallocarray(page->files, page->count + 1, sizeof *files);
	if (files == NULL)
		return err_nomem(err);
	page->files = files;
	publications = reallocarray(page->publications, page->count + 1,
	                            sizeof(const struct publication_file *));
	if (publications == NULL)
		return err_nomem(err);
	page->publications = publications;
	files[page->count] = (struct github_file){
		.name = file->title,
		.media_type = file->media_type,
		.fd = -1,
		.size = file->size,
	};
	memcpy(files[page->count].sha256, file->sha256, SHA256_LEN);
	publications[page->count++] = file;
	return 0;
}

/* release.ini goes last: who finds it on a page finds the parts, too. */
static int add_parts(struct page *page, const struct publication *publication,
                     struct err *err)
{
	const struct publication_file *last = NULL;

	for (size_t i = 0; i < publication->file_count; i++) {
		const struct publication_file *file = &publication->files[i];

		if (strcmp(file->title, "release.ini") == 0)
			last = file;
		else if (file->size > 0 && add_file(page, file, err) < 0)
			return -1;
	}
	return last != NULL ? add_file(page, last, err) : 0;
}

/* A host that takes the bundle may want one, too. */
static int add_patches(struct page *page, const struct publication *publication,
                       struct err *err)
{
	for (size_t i = 0; i < publication->file_count; i++) {
		const struct publication_file *file = &publication->files[i];
		struct part part;

		if (part_parse(file->title, strlen(file->title), &part) &&
		    part.kind == PART_PATCH && add_file(page, file, err) < 0)
			return -1;
	}
	return 0;
}

static int add_package(const struct target *target, struct page *page,
                       const struct publication *publication, struct err *err)
{
	if (publication->kind == PUBLICATION_PACK)
		return add_parts(page, publication, err);
	if (add_file(page, &publication->single, err) < 0)
		return -1;
	return target->base.context->is_parts
	               ? add_parts(page, publication, err)
	               : add_patches(page, publication, err);
}

static int require_page(struct target *target, const char *version,
                        struct page **out, struct err *err)
{
	struct page *pages;

	for (size_t i = 0; i < target->page_count; i++) {
		*out = &target->pages[i];
		if (strcmp((*out)->version, version) == 0)
			return 0;
	}
	pages = reallocarray(target->pages, target->page_count + 1,
	                     sizeof *pages);
	if (pages == NULL)
		return err_nomem(err);
	target->pages = pages;
	*out = &pages[target->page_count++];
	**out = (struct page){ .version = version,
		               .release = GITHUB_PUBLICATION_NONE };
	return 0;
}

/* A SemVer with a "-" before the "+" of its build. */
static bool is_prerelease(const char *version)
{
	int order;

	return semver_compare(version, version, &order) &&
	       version[strcspn(version, "-+")] == '-';
}

/* Registries have a tag for it, a release page a mark. */
static int take_latest(struct page *page, const struct publication *publication,
                       struct err *err)
{
	bool is_latest = false;

	for (size_t i = 0; i < publication->tag_count; i++)
		if (strcmp(publication->tags[i], "latest") == 0)
			is_latest = true;
	if (!is_latest)
		return 0;
	if (is_prerelease(page->version))
		return err_set(err, ERR_USAGE, 0,
		               "%s is a pre-release, which GitHub never shows "
		               "as the latest; leave --latest out",
		               page->version);
	page->latest = GITHUB_LATEST;
	return 0;
}

static void place_of(const struct target *target, const char *version,
                     char out[PUBLISH_PLACE_SIZE])
{
	(void)snprintf(out, PUBLISH_PLACE_SIZE, "%s%s:%s", SCHEME,
	               target->repository, version);
}

static int add_all(struct target *target, struct err *err)
{
	for (size_t i = 0; i < target->base.count; i++) {
		struct publish_item *item = &target->base.items[i];
		const struct publication *publication = item->publication;
		struct page *page = NULL;

		place_of(target, publication->version, item->place);
		if (require_page(target, publication->version, &page, err) <
		            0 ||
		    take_latest(page, publication, err) < 0 ||
		    add_package(target, page, publication, err) < 0)
			return -1;
	}
	return 0;
}

/* --- steps for each release --- */

/* All packages of a release fail with it.  0 where the others go on. */
static int fail_page(struct target *target, struct page *page,
                     const struct err *why, struct err *err)
{
	int result = 0;

	page->state = PUBLISH_FAILED;
	for (size_t i = 0; i < target->base.count; i++) {
		struct publish_item *item = &target->base.items[i];
		struct err own = *why;

		if (strcmp(item->publication->version, page->version) != 0)
			continue;
		if (publish_item_fail(&target->base, item, &own) < 0 &&
		    result == 0) {
			*err = own;
			result = -1;
		}
	}
	return result;
}

static void mark_page(struct target *target, struct page *page,
                      enum publish_state state)
{
	page->state = state;
	for (size_t i = 0; i < target->base.count; i++)
		if (strcmp(target->base.items[i].publication->version,
		           page->version) == 0)
			target->base.items[i].state = state;
}

/* Call @step for each release that waits. */
static int each_page(struct target *target,
                     int (*step)(struct target *target, struct page *page,
                                 struct err *err),
                     struct err *err)
{
	for (size_t i = 0; i < target->page_count; i++) {
		struct page *page = &target->pages[i];
		struct err why;

		if (page->state == PUBLISH_WAITING &&
		    step(target, page, &why) < 0 &&
		    fail_page(target, page, &why, err) < 0)
			return -1;
	}
	return 0;
}

/* --- inspect --- */

static int connect(struct target *target, struct err *err)
{
	const struct publish_context *context = target->base.context;
	AUTO(publish_credential_done)
	struct publish_credential credential = PUBLISH_CREDENTIAL_NONE;
	struct source_wanted wanted = { .app = NULL };
	const char *api = publish_credentials_api(context->request);

	if (publish_credentials_github(context->credentials, api, &credential,
	                               err) < 0)
		return -1;
	publish_credential_fill(&credential, &wanted);
	if (http_open(&context->http, &target->client, err) < 0)
		return -1;
	return github_open(target->client, &wanted, api, target->repository,
	                   &target->github, err);
}

/* The tags that a version may have, in the order in which they are looked for:
 * as it is, and with a "v". */
static size_t tags_of(const char *version, char tags[2][TAG_SIZE])
{
	(void)snprintf(tags[0], TAG_SIZE, "%s", version);
	(void)snprintf(tags[1], TAG_SIZE, "v%s", version);
	return version[0] == 'v' ? 1 : 2;
}

/* Whether the package says that it was made from this repository; only then
 * its revision is one of it. */
static bool is_made_here(const struct target *target,
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
static const char *commit_of(const struct target *target,
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
static int find_commit(const struct target *target, const struct page *page,
                       const char **out, struct err *err)
{
	const char *found = NULL;

	for (size_t i = 0; i < target->base.count; i++) {
		const struct publication *publication =
			target->base.items[i].publication;
		const char *commit = commit_of(target, publication);

		if (commit == NULL ||
		    strcmp(publication->version, page->version) != 0)
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

/* A tag that names another commit than the packages do is a mistake of whoever
 * set one of them.  1 when there is such a tag, 0 when not. */
static int check_tag(struct target *target, const struct page *page,
                     const char *tag, struct err *err)
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

/* The tag of the release: that of the one that is there, whole or a draft;
 * else which of the possible ones there is; none: as the version. */
static int choose_tag(struct target *target, struct page *page, struct err *err)
{
	char tags[2][TAG_SIZE];
	size_t count = tags_of(page->version, tags);

	if (page->release.id != 0)
		return check_tag(target, page, page->release.tag, err);
	memcpy(page->tag, tags[0], TAG_SIZE);
	for (size_t i = 0; i < count; i++) {
		int there = check_tag(target, page, tags[i], err);

		if (there < 0)
			return -1;
		if (there == 0)
			continue;
		memcpy(page->tag, tags[i], TAG_SIZE);
		return 1;
	}
	return 0;
}

/* 1 when there is a release or a draft, 0 when there is none. */
static int find_release(struct target *target, struct page *page,
                        struct err *err)
{
	char tags[2][TAG_SIZE];
	size_t count = tags_of(page->version, tags);
	char place[PUBLISH_PLACE_SIZE];
	uint64_t known;
	int found = 0;

	place_of(target, page->version, place);
	if (publish_journal_find_draft(target->base.context->journal, place,
	                               &known, err) < 0)
		return -1;
	for (size_t i = 0; i < count && found == 0; i++)
		found = github_publication_find(&target->github, tags[i], known,
		                                &page->release, err);
	return found;
}

static void count_as_done(struct target *target, uint64_t bytes)
{
	const struct publish_context *context = target->base.context;

	target->done += bytes;
	context->progress(context->progress_context, target->done);
}

/* 1 when nothing is left to do. */
static int is_published(const struct page *page, struct err *err)
{
	if (page->release.is_draft)
		return 0;
	return page->latest == GITHUB_LATEST
	               ? github_publication_is_latest(&page->release, err)
	               : 1;
}

static int inspect_page(struct target *target, struct page *page,
                        struct err *err)
{
	int whole;

	if (find_commit(target, page, &page->commit, err) < 0 ||
	    find_release(target, page, err) < 0 ||
	    choose_tag(target, page, err) < 0)
		return -1;
	page->release.replacing = target->base.context->may_move_tags
	                                  ? GITHUB_REPLACE
	                                  : GITHUB_KEEP;
	whole = github_publication_check(&page->release, page->files,
	                                 page->count, err);
	if (whole == 1)
		whole = is_published(page, err);
	if (whole <= 0)
		return whole;
	for (size_t i = 0; i < page->count; i++)
		count_as_done(target, page->files[i].size);
	mark_page(target, page, PUBLISH_WAS_THERE);
	return 0;
}

static int inspect(struct publish_target *base, struct err *err)
{
	struct target *target = target_of(base);

	if (connect(target, err) < 0)
		return -1;
	return each_page(target, inspect_page, err);
}

/* --- upload --- */

static int write_notes(const struct target *target, const struct page *page,
                       struct buf *out, struct err *err)
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

static int make_draft(struct target *target, struct page *page, struct err *err)
{
	AUTO_BUF struct buf notes = BUF_NONE;
	char place[PUBLISH_PLACE_SIZE];
	struct github_wanted wanted = {
		.tag = page->tag,
		.title = page->tag,
		.commit = page->commit,
		.is_prerelease = is_prerelease(page->version),
	};

	if (write_notes(target, page, &notes, err) < 0)
		return -1;
	wanted.notes = buf_text(&notes);
	if (github_publication_create(&target->github, &wanted, &page->release,
	                              err) < 0)
		return -1;
	place_of(target, page->version, place);
	return publish_journal_draft(target->base.context->journal, place,
	                             page->release.id, err);
}

static void note_sent(void *context, uint64_t bytes)
{
	struct target *target = context;

	if (bytes <= target->sent)
		return; /* begun again */
	count_as_done(target, bytes - target->sent);
	target->sent = bytes;
}

static int upload_file(struct target *target, struct page *page, size_t at,
                       struct err *err)
{
	AUTO_CLOSE int owned = -1;
	const struct publication_file *publication = page->publications[at];
	struct github_file file = page->files[at];

	if (publication->path == NULL && publication->fd < 0) {
		file.data = publication->data.data;
	} else {
		file.fd = publication_file_open(publication, &owned,
		                                &file.offset, err);
		if (file.fd < 0)
			return -1;
	}
	file.sent = note_sent;
	file.context = target;
	target->sent = 0;
	if (github_publication_upload(&page->release, &file, err) < 0)
		return -1;
	note_sent(target, file.size);
	return 0;
}

static int upload_files(struct target *target, struct page *page,
                        struct err *err)
{
	for (size_t i = 0; i < page->count; i++)
		if (upload_file(target, page, i, err) < 0)
			return -1;
	return 0;
}

static int upload_page(struct target *target, struct page *page,
                       struct err *err)
{
	if (page->release.id == 0 && make_draft(target, page, err) < 0)
		return -1;
	return page->release.is_draft ? upload_files(target, page, err) : 0;
}

static int upload(struct publish_target *base, struct err *err)
{
	return each_page(target_of(base), upload_page, err);
}

/* --- describe, reveal --- */

static int describe_page(struct target *target, struct page *page,
                         struct err *err)
{
	if (!page->release.is_draft)
		return 0;
	/* Somebody may have set it since. */
	if (check_tag(target, page, page->release.tag, err) < 0)
		return -1;
	return github_publication_verify(&page->release, page->files,
	                                 page->count, err);
}

static int describe(struct publish_target *base, struct err *err)
{
	return each_page(target_of(base), describe_page, err);
}

/* What a published release lacks is seen as soon as it is there. */
static int complete(struct target *target, struct page *page, struct err *err)
{
	if (upload_files(target, page, err) < 0)
		return -1;
	return github_publication_verify(&page->release, page->files,
	                                 page->count, err);
}

static int reveal_page(struct target *target, struct page *page,
                       struct err *err)
{
	if (!page->release.is_draft && complete(target, page, err) < 0)
		return -1;
	if (github_publication_publish(&page->release, page->commit,
	                               page->latest, err) < 0)
		return -1;
	mark_page(target, page, PUBLISH_DONE);
	return 0;
}

static int reveal(struct publish_target *base, struct err *err)
{
	return each_page(target_of(base), reveal_page, err);
}

/* --- the target --- */

static void done(struct publish_target *base)
{
	struct target *target = target_of(base);

	for (size_t i = 0; i < target->page_count; i++)
		page_done(&target->pages[i]);
	free(target->pages);
	github_done(&target->github);
	http_close(&target->client);
	publish_target_done(&target->base);
	free(target);
}

static int take_address(const char *address, char out[REPOSITORY_SIZE],
                        struct err *err)
{
	const char *repository = address + strlen(SCHEME);

	if (strncmp(address, SCHEME, strlen(SCHEME)) != 0 ||
	    !name_is_repository(repository, strlen(repository)))
		return err_set(err, ERR_USAGE, 0,
		               "'%.200s' is no repository on GitHub; write "
		               "github://OWNER/REPOSITORY",
		               address);
	return text_copy(out, REPOSITORY_SIZE, repository, strlen(repository),
	                 err);
}

int publish_github_new(const struct publish_context *context,
                       const char *address,
                       const struct publications *publications,
                       struct publish_target **out, struct err *err)
{
	static const struct publish_target_ops ops = { inspect, upload,
		                                       describe, reveal, done };
	struct target *target = calloc(1, sizeof *target);

	if (target == NULL)
		return err_nomem(err);
	target->github = GITHUB_NONE;
	if (take_address(address, target->repository, err) < 0 ||
	    publish_target_init(&target->base, &ops, context, address,
	                        publications, err) < 0) {
		free(target);
		return -1;
	}
	if (add_all(target, err) < 0) {
		done(&target->base);
		return -1;
	}
	*out = &target->base;
	return 0;
}
