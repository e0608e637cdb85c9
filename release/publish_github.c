/* SPDX-License-Identifier: Apache-2.0 */
/* Publishing to the releases of a repository on GitHub: all packages of one
 * version are assets of one release, which is a draft until all of them are up
 * and verified.  One that is published already only gets what it lacks, and as
 * the last step, for that is seen at once. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "publish_github_own.h"

static struct github_target *target_of(struct publish_target *base)
{
	return (struct github_target *)base; /* its first member */
}

/* --- steps for each release --- */

bool release_page_has(const struct release_page *page,
                      const struct publish_item *item)
{
	return strcmp(item->publication->version, page->version) == 0;
}

/* All packages of a release fail with it.  0 where the others go on. */
static int fail_page(struct github_target *target,
                     const struct release_page *page, const struct err *why,
                     struct err *err)
{
	for (size_t i = 0; i < target->base.count; i++) {
		struct publish_item *item = &target->base.items[i];

		if (!release_page_has(page, item))
			continue;
		*err = *why;
		if (publish_item_fail(&target->base, item, err) < 0)
			return -1;
	}
	return 0;
}

static void mark_page(struct github_target *target,
                      const struct release_page *page, enum publish_state state)
{
	for (size_t i = 0; i < target->base.count; i++)
		if (release_page_has(page, &target->base.items[i]))
			target->base.items[i].state = state;
}

/* Its packages do all at once what one does. */
static bool is_waiting(const struct github_target *target,
                       const struct release_page *page)
{
	for (size_t i = 0; i < target->base.count; i++)
		if (release_page_has(page, &target->base.items[i]))
			return target->base.items[i].state == PUBLISH_WAITING;
	return false;
}

/* Call @step for each release that waits. */
static int each_page(struct publish_target *base,
                     int (*step)(struct github_target *target,
                                 struct release_page *page, struct err *err),
                     struct err *err)
{
	struct github_target *target = target_of(base);

	for (size_t i = 0; i < target->page_count; i++) {
		struct release_page *page = &target->pages[i];
		struct err why;

		if (is_waiting(target, page) && step(target, page, &why) < 0 &&
		    fail_page(target, page, &why, err) < 0)
			return -1;
	}
	return 0;
}

/* --- inspect --- */

static int connect(struct github_target *target, struct err *err)
{
	const struct publish_context *context = target->base.context;
	AUTO_PUBLISH_CREDENTIAL struct publish_credential credential =
		PUBLISH_CREDENTIAL_NONE;
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

static void count_as_done(struct github_target *target, uint64_t bytes)
{
	const struct publish_context *context = target->base.context;

	target->done += bytes;
	context->progress(context->progress_context, target->done);
}

/* 1 when nothing is left to do. */
static int is_published(const struct release_page *page, struct err *err)
{
	if (page->release.is_draft)
		return 0;
	return page->latest == GITHUB_LATEST
	               ? github_publication_is_latest(&page->release, err)
	               : 1;
}

static int inspect_page(struct github_target *target, struct release_page *page,
                        struct err *err)
{
	int whole;

	if (release_page_find(target, page, err) < 0)
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
	if (connect(target_of(base), err) < 0)
		return -1;
	return each_page(base, inspect_page, err);
}

/* --- upload --- */

static void note_sent(void *context, uint64_t bytes)
{
	struct github_target *target = context;

	if (bytes <= target->sent)
		return; /* begun again */
	count_as_done(target, bytes - target->sent);
	target->sent = bytes;
}

static int upload_file(struct github_target *target, struct release_page *page,
                       size_t at, struct err *err)
{
	AUTO_CLOSE int owned = -1;
	const struct publication_file *publication = page->publications[at];
	struct github_file file = page->files[at];

	file.data = publication_file_data(publication);
	if (file.data == NULL) {
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

static int upload_files(struct github_target *target, struct release_page *page,
                        struct err *err)
{
	for (size_t i = 0; i < page->count; i++)
		if (upload_file(target, page, i, err) < 0)
			return -1;
	return 0;
}

static int upload_page(struct github_target *target, struct release_page *page,
                       struct err *err)
{
	if (page->release.id == 0 && release_page_create(target, page, err) < 0)
		return -1;
	return page->release.is_draft ? upload_files(target, page, err) : 0;
}

static int upload(struct publish_target *base, struct err *err)
{
	return each_page(base, upload_page, err);
}

/* --- describe, reveal --- */

static int describe_page(struct github_target *target,
                         struct release_page *page, struct err *err)
{
	if (!page->release.is_draft)
		return 0;
	/* Somebody may have set it since. */
	if (release_page_check_tag(target, page, err) < 0)
		return -1;
	return github_publication_verify(&page->release, page->files,
	                                 page->count, err);
}

static int describe(struct publish_target *base, struct err *err)
{
	return each_page(base, describe_page, err);
}

/* What a published release lacks is seen as soon as it is there. */
static int complete(struct github_target *target, struct release_page *page,
                    struct err *err)
{
	if (upload_files(target, page, err) < 0)
		return -1;
	return github_publication_verify(&page->release, page->files,
	                                 page->count, err);
}

static int reveal_page(struct github_target *target, struct release_page *page,
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
	return each_page(base, reveal_page, err);
}

/* --- the target --- */

static void target_done(struct publish_target *base)
{
	struct github_target *target = target_of(base);

	release_pages_done(target);
	github_done(&target->github);
	http_close(&target->client);
	publish_target_done(base);
	free(target);
}

static int take_address(const char *address, char out[REPOSITORY_SIZE],
                        struct err *err)
{
	const char *repository = address + strlen(PUBLISH_GITHUB_SCHEME);

	if (strncmp(address, PUBLISH_GITHUB_SCHEME,
	            strlen(PUBLISH_GITHUB_SCHEME)) != 0 ||
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
	static const struct publish_target_ops ops = {
		.inspect = inspect,
		.upload = upload,
		.describe = describe,
		.reveal = reveal,
		.done = target_done,
	};
	struct github_target *made = calloc(1, sizeof *made);

	if (made == NULL)
		return err_nomem(err);
	made->github = GITHUB_NONE;
	if (take_address(address, made->repository, err) < 0 ||
	    publish_target_init(&made->base, &ops, context, address,
	                        publications, err) < 0 ||
	    release_pages_make(made, err) < 0) {
		target_done(&made->base);
		return -1;
	}
	*out = &made->base;
	return 0;
}
