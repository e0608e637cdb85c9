/* SPDX-License-Identifier: Apache-2.0 */
#include "publish_lock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/disk.h"
#include "base/text.h"
#include "codec/packs_lock.h"
#include "files.h"

#define OCI_SCHEME "oci://"

/* What one package's entry borrows from. */
struct entry {
	const char *locations[PUBLISH_TARGETS_MAX];
	const char *tags[PUBLICATION_TAGS_MAX];
	struct packs_lock_referrer referrers[PUBLICATION_REFERRERS_MAX];
	char file[FS_PATH_MAX];
};

struct draft {
	struct packs_lock lock;
	struct packs_lock_pack *packs; /* owned */
	struct entry *entries;         /* owned */
	char folder[FS_PATH_MAX];      /* that the lockfile lies in; absolute */
	char generated[CLOCK_TEXT_SIZE];
	char revision[PUBLICATION_TEXT_SIZE];
	char registry[OCI_NAME_MAX + 1];
	char org[OCI_NAME_MAX + 1];
	char repo[OCI_NAME_MAX + 1];
};

static void draft_done(struct draft *draft)
{
	free(draft->packs);
	free(draft->entries);
}

/* --- paths -------------------------------------------------------------- */

static int find_folder(const char *lock, char out[FS_PATH_MAX], struct err *err)
{
	char beside[FS_PATH_MAX];
	AUTO_FREE char *real = NULL;

	if (file_beside(lock, ".", beside, err) < 0)
		return -1;
	real = realpath(beside, NULL);
	if (real == NULL)
		return err_set(err, ERR_SYSTEM, errno, "'%s'", beside);
	return text_copy(out, FS_PATH_MAX, real, strlen(real), err);
}

/* @path as seen from @folder, so that a checkout can lie anywhere. */
static int relate(const char *path, const char *folder, char out[FS_PATH_MAX],
                  struct err *err)
{
	AUTO_FREE char *real = realpath(path, NULL);
	AUTO_BUF struct buf text = BUF_NONE;
	size_t same = 0;

	if (real == NULL)
		return err_set(err, ERR_SYSTEM, errno, "'%s'", path);
	for (size_t i = 0;; i++) {
		bool ends = folder[i] == '\0' || folder[i] == '/';

		if (ends && real[i] == '/')
			same = i;
		if (folder[i] != real[i] || folder[i] == '\0')
			break;
	}
	for (const char *at = folder + same; *at != '\0'; at++)
		if (*at == '/' && at[1] != '\0' &&
		    buf_adds(&text, "../", err) < 0)
			return -1;
	if (buf_adds(&text, real + same + 1, err) < 0)
		return -1;
	return text_copy(out, FS_PATH_MAX, buf_text(&text), text.len, err);
}

/* --- one package -------------------------------------------------------- */

static struct packs_lock_digest digest_of(const uint8_t sha256[SHA256_LEN])
{
	struct packs_lock_digest digest = { .is_set = true };

	memcpy(digest.sha256, sha256, SHA256_LEN);
	return digest;
}

static const struct publication_file *
lock_file_of(const struct publication *publication)
{
	return publication->single.title[0] != '\0' ? &publication->single
	                                            : &publication->files[0];
}

static void fill_places(size_t number, struct publish_target *const *targets,
                        size_t count, struct entry *entry,
                        struct packs_lock_pack *pack)
{
	for (size_t i = 0; i < count; i++) {
		const char *place = targets[i]->items[number].place;

		if (pack->oci_ref[0] == '\0' &&
		    strncmp(place, OCI_SCHEME, strlen(OCI_SCHEME)) == 0)
			pack->oci_ref = place + strlen(OCI_SCHEME);
		entry->locations[i] = place;
	}
	pack->locations = entry->locations;
	pack->location_count = count;
}

static void fill_lists(const struct publication *publication,
                       struct entry *entry, struct packs_lock_pack *pack)
{
	for (size_t i = 0; i < publication->tag_count; i++)
		entry->tags[i] = publication->tags[i];
	pack->tags = entry->tags;
	pack->tag_count = publication->tag_count;
	for (size_t i = 0; i < publication->referrer_count; i++) {
		entry->referrers[i].artifact_type =
			publication->referrers[i].artifact_type;
		memcpy(entry->referrers[i].digest,
		       publication->referrers[i].digest, OCI_DIGEST_LEN);
	}
	pack->referrers = entry->referrers;
	pack->referrer_count = publication->referrer_count;
}

static int fill_pack(const struct publish_settings *settings,
                     const struct draft *draft,
                     const struct publication *publication, struct entry *entry,
                     struct packs_lock_pack *pack, struct err *err)
{
	const struct publication_file *file = lock_file_of(publication);

	*pack = PACKS_LOCK_PACK_NONE;
	if (relate(file->path, draft->folder, entry->file, err) < 0)
		return -1;
	pack->name = publication->name;
	pack->version = publication->version;
	pack->file = entry->file;
	pack->size = file->size;
	pack->sha256 = digest_of(file->sha256);
	if (publication->kind == PUBLICATION_BUNDLE)
		pack->release = digest_of(publication->release_sha256);
	else
		pack->media_type = file->media_type;
	pack->artifact_type = publication->media_type;
	pack->manifest_size = publication->manifest.len;
	pack->created_at = publication->created;
	if (settings->is_dry_run) {
		pack->state = PACKS_LOCK_DRY_RUN;
		pack->expected = digest_of(publication->digest);
	} else {
		pack->state = PACKS_LOCK_PINNED;
		memcpy(pack->digest, publication->digest, OCI_DIGEST_LEN);
	}
	fill_lists(publication, entry, pack);
	return 0;
}

static bool has_failed(size_t number, struct publish_target *const *targets,
                       size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (targets[i]->items[number].state == PUBLISH_FAILED)
			return true;
	return false;
}

/* --- the whole ---------------------------------------------------------- */

/* "oci://ghcr.io/acme/packs": acme is org, packs is repo.  What lies deeper
 * belongs to repo. */
static void fill_registry(struct publish_target *const *targets, size_t count,
                          struct draft *draft)
{
	const char *at = NULL;
	size_t registry;
	size_t org;

	for (size_t i = 0; i < count && at == NULL; i++)
		if (strncmp(targets[i]->name, OCI_SCHEME, strlen(OCI_SCHEME)) ==
		    0)
			at = targets[i]->name + strlen(OCI_SCHEME);
	if (at == NULL)
		return;
	registry = strcspn(at, "/");
	if (at[registry] == '\0')
		return;
	org = strcspn(at + registry + 1, "/");
	(void)snprintf(draft->registry, sizeof draft->registry, "%.*s",
	               (int)registry, at);
	(void)snprintf(draft->org, sizeof draft->org, "%.*s", (int)org,
	               at + registry + 1);
	at += registry + 1 + org;
	at += *at == '/';
	(void)snprintf(draft->repo, sizeof draft->repo, "%.255s", at);
	for (size_t len = strlen(draft->repo);
	     len > 0 && draft->repo[len - 1] == '/'; len--)
		draft->repo[len - 1] = '\0';
	draft->lock.registry = draft->registry;
	draft->lock.org = draft->org;
	draft->lock.repo = draft->repo;
}

/* A bundle says itself what it was made from; where this run happens to be says
 * nothing of it. */
static void fill_head(const struct publish_settings *settings,
                      const struct publications *publications,
                      struct draft *draft)
{
	const struct publication *first = publications->at[0];
	bool is_bundle = first->kind == PUBLICATION_BUNDLE;
	const struct publication_source *source =
		is_bundle ? &first->source : &settings->source;

	(void)snprintf(draft->revision, sizeof draft->revision, "%.*s",
	               (int)strspn(source->revision, "0123456789abcdef"),
	               source->revision);
	if (source->created >= 0)
		clock_format(source->created, draft->generated);
	draft->lock.version = first->version;
	draft->lock.generated_at = draft->generated;
	draft->lock.git_sha = draft->revision;
	draft->lock.is_dirty =
		is_bundle ? strstr(source->revision, "-dirty") != NULL
			  : settings->is_dirty;
	draft->lock.is_dry_run = settings->is_dry_run;
}

/* 1, or 0 where there is no lockfile. */
static int read_before(const char *path, struct packs_lock *out,
                       struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(PACKS_LOCK_MAX);

	if (file_read(path, &text, err) < 0)
		return err->code == ERR_SYSTEM && err->sys == ENOENT ? 0 : -1;
	if (packs_lock_read(buf_text(&text), text.len, out, err) < 0)
		return err_wrap(err,
		                "'%s' is there, and is no lockfile; move it "
		                "away, or give --lock FILE",
		                path);
	return 1;
}

static bool has_entry(const struct draft *draft, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(draft->packs[i].name, name) == 0)
			return true;
	return false;
}

/* What earlier runs published is still there, and stays pinned: what this run
 * was not told to publish (--filter), what it could not (--keep-going), and
 * what has another version.  What a dry run foretold is no pin. */
static void keep_others(const struct packs_lock *before, struct draft *draft)
{
	size_t own = draft->lock.pack_count;

	for (size_t i = 0; i < before->pack_count; i++) {
		const struct packs_lock_pack *pack = &before->packs[i];
		struct packs_lock_pack *kept =
			&draft->packs[draft->lock.pack_count];

		if (has_entry(draft, own, pack->name) ||
		    (pack->state != PACKS_LOCK_PINNED &&
		     !(pack->state == PACKS_LOCK_DRY_RUN &&
		       draft->lock.is_dry_run)))
			continue;
		*kept = *pack;
		if (kept->version[0] == '\0' &&
		    strcmp(before->version, draft->lock.version) != 0)
			kept->version = before->version;
		draft->lock.pack_count++;
	}
}

/* 1, or 0 where this run has nothing to say. */
static int fill(const struct publish_settings *settings,
                const struct publications *publications,
                struct publish_target *const *targets, size_t count,
                const struct packs_lock *before, struct draft *draft,
                struct err *err)
{
	size_t most = publications->count + before->pack_count;

	draft->packs = calloc(most + 1, sizeof *draft->packs);
	draft->entries = calloc(publications->count, sizeof *draft->entries);
	if (draft->packs == NULL || draft->entries == NULL)
		return err_nomem(err);
	fill_head(settings, publications, draft);
	fill_registry(targets, count, draft);
	for (size_t i = 0; i < publications->count; i++) {
		struct packs_lock_pack *pack =
			&draft->packs[draft->lock.pack_count];

		if (has_failed(i, targets, count))
			continue;
		if (fill_pack(settings, draft, publications->at[i],
		              &draft->entries[i], pack, err) < 0)
			return -1;
		fill_places(i, targets, count, &draft->entries[i], pack);
		draft->lock.pack_count++;
	}
	if (draft->lock.pack_count == 0)
		return 0;
	keep_others(before, draft);
	draft->lock.packs = draft->packs;
	return 1;
}

static int replace(const char *path, const struct buf *text, struct err *err)
{
	AUTO_CLOSE int dir = -1;
	char name[FS_NAME_MAX];

	dir = file_split(path, name, err);
	if (dir < 0)
		return -1;
	return disk_replace_file("publish.lock", dir, name, 0644, text->data,
	                         text->len, err);
}

/* The text of the lockfile as this run leaves it.  1, or 0 where it leaves it
 * as it was. */
static int make(const struct publish_settings *settings,
                const struct publications *publications,
                struct publish_target *const *targets, size_t count,
                struct buf *out, struct err *err)
{
	const char *path = publish_word(settings, PUBLISH_LOCK);
	AUTO_PACKS_LOCK struct packs_lock before = PACKS_LOCK_NONE;
	AUTO(draft_done) struct draft draft = { .lock = PACKS_LOCK_NONE };
	int was_there = read_before(path, &before, err);
	int filled;

	if (was_there < 0 || find_folder(path, draft.folder, err) < 0)
		return -1;
	filled = fill(settings, publications, targets, count, &before, &draft,
	              err);
	if (filled <= 0)
		return filled;
	if (packs_lock_write(&draft.lock, was_there == 1 ? &before : NULL, out,
	                     err) < 0)
		return -1;
	return 1;
}

int publish_lock_check(const struct publish_settings *settings,
                       const struct publications *publications,
                       struct publish_target *const *targets, size_t count,
                       struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(PACKS_LOCK_MAX);

	if (make(settings, publications, targets, count, &text, err) < 0)
		return err_wrap(err, "lockfile '%s'",
		                publish_word(settings, PUBLISH_LOCK));
	return 0;
}

int publish_lock_write(const struct publish_settings *settings,
                       const struct publications *publications,
                       struct publish_target *const *targets, size_t count,
                       struct err *err)
{
	const char *path = publish_word(settings, PUBLISH_LOCK);
	AUTO_BUF struct buf text = BUF_LIMIT(PACKS_LOCK_MAX);
	int made = make(settings, publications, targets, count, &text, err);

	if (made < 0)
		return err_wrap(err, "lockfile '%s'", path);
	return made == 1 ? replace(path, &text, err) : 0;
}
