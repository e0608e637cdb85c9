/* SPDX-License-Identifier: Apache-2.0 */
/* Which files a release gets: the bundle of each of its packages and what hosts
 * want besides, or the parts; each name once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "codec/part.h"
#include "publish_github_own.h"

static bool has_file(const struct release_page *page, const char *title)
{
	for (size_t i = 0; i < page->count; i++)
		if (strcmp(page->files[i].name, title) == 0)
			return true;
	return false;
}

static int add_file(struct release_page *page,
                    const struct publication_file *file, struct err *err)
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
static int add_parts(struct release_page *page,
                     const struct publication *publication, struct err *err)
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
static int add_patches(struct release_page *page,
                       const struct publication *publication, struct err *err)
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

static int add_package(const struct github_target *target,
                       struct release_page *page,
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

/* A SemVer with a "-" before the "+" of its build. */
static bool is_prerelease(const char *version)
{
	int order;

	return semver_compare(version, version, &order) &&
	       version[strcspn(version, "-+")] == '-';
}

static int require_page(struct github_target *target,
                        const struct publish_item *item,
                        struct release_page **out, struct err *err)
{
	const char *version = item->publication->version;
	struct release_page *pages;

	for (size_t i = 0; i < target->page_count; i++) {
		*out = &target->pages[i];
		if (release_page_has(*out, item))
			return 0;
	}
	pages = reallocarray(target->pages, target->page_count + 1,
	                     sizeof *pages);
	if (pages == NULL)
		return err_nomem(err);
	target->pages = pages;
	*out = &pages[target->page_count++];
	**out = (struct release_page){
		.version = version,
		.place = item->place,
		.is_prerelease = is_prerelease(version),
		.release = GITHUB_PUBLICATION_NONE,
	};
	return 0;
}

/* Registries have a tag for it, a release page a mark. */
static int take_latest(struct release_page *page,
                       const struct publication *publication, struct err *err)
{
	bool is_latest = false;

	for (size_t i = 0; i < publication->tag_count; i++)
		if (strcmp(publication->tags[i], "latest") == 0)
			is_latest = true;
	if (!is_latest)
		return 0;
	if (page->is_prerelease)
		return err_set(err, ERR_USAGE, 0,
		               "%s is a pre-release, which GitHub never shows "
		               "as the latest; leave --latest out",
		               page->version);
	page->latest = GITHUB_LATEST;
	return 0;
}

int release_pages_make(struct github_target *target, struct err *err)
{
	for (size_t i = 0; i < target->base.count; i++) {
		struct publish_item *item = &target->base.items[i];
		const struct publication *publication = item->publication;
		struct release_page *page = NULL;

		(void)snprintf(item->place, sizeof item->place, "%s%s:%s",
		               PUBLISH_GITHUB_SCHEME, target->repository,
		               publication->version);
		if (require_page(target, item, &page, err) < 0 ||
		    take_latest(page, publication, err) < 0 ||
		    add_package(target, page, publication, err) < 0)
			return -1;
	}
	return 0;
}

void release_pages_done(struct github_target *target)
{
	for (size_t i = 0; i < target->page_count; i++) {
		struct release_page *page = &target->pages[i];

		github_publication_done(&page->release);
		free(page->files);
		free(page->publications);
	}
	free(target->pages);
}
