/* SPDX-License-Identifier: Apache-2.0 */
/* lock verify: release pages and folders that a lockfile names.  A file is
 * known by its bytes: what it is called there is decided by the release in it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "crypto/sha256.h"
#include "lock_check.h"
#include "net/github_publish.h"

#define NAMES_MAX 4096

static int tell(struct checking *checking, const struct packs_lock_pack *pack,
                enum check_result result, const char *where, const char *what,
                struct err *err)
{
	char text[LOCK_TEXT_SIZE];

	(void)snprintf(text, sizeof text, "%.600s %s", where, what);
	return check_tell(checking, pack, result, text, err);
}

/* Of older shapes there is nothing to know a file by. */
static bool has_pin(const struct packs_lock_pack *pack)
{
	return pack->sha256.is_set && pack->size > 0;
}

/* --- a release page ----------------------------------------------------- */

static bool may_be(const struct github_stored *asset,
                   const struct packs_lock_pack *pack)
{
	return asset->is_uploaded && asset->size == pack->size &&
	       (!asset->has_digest ||
	        sha256_equal(asset->digest, pack->sha256.sha256));
}

/* 1: an asset has the bytes; where GitHub tells no digest, they are fetched. */
static int has_asset(struct github_publication *page,
                     const struct packs_lock_pack *pack, struct err *err)
{
	struct github_file file = { .fd = -1, .size = pack->size };
	int same = 0;

	memcpy(file.sha256, pack->sha256.sha256, SHA256_LEN);
	/* Another file is an answer here, and no conflict. */
	page->replacing = GITHUB_REPLACE;
	page->is_immutable = false;
	for (size_t i = 0; i < page->count && same == 0; i++) {
		file.name = page->assets[i].name;
		if (may_be(&page->assets[i], pack))
			same = github_publication_check(page, &file, 1, err);
	}
	return same;
}

static int judge_page(struct checking *checking,
                      const struct packs_lock_pack *pack, struct github *github,
                      const char *version, const char *shown, struct err *err)
{
	AUTO_GITHUB_PUBLICATION struct github_publication page =
		GITHUB_PUBLICATION_NONE;
	int got = github_version_find(github, version, /* known= */ 0, &page,
	                              err);

	if (got < 0)
		return -1;
	if (got == 0)
		return tell(checking, pack, CHECK_FAILED, shown, "is not there",
		            err);
	if (page.is_draft)
		return tell(checking, pack, CHECK_FAILED, shown,
		            "is a draft, which nobody sees", err);
	got = has_asset(&page, pack, err);
	if (got < 0)
		return -1;
	return got == 1 ? tell(checking, pack, CHECK_OK, shown, "has the file",
	                       err)
	                : tell(checking, pack, CHECK_FAILED, shown,
	                       "has no asset with the file's bytes", err);
}

/* The API is the one of the configuration, whatever the lockfile says: only
 * the repository is its. */
static int ask_page(struct checking *checking,
                    const struct packs_lock_pack *pack, const char *repository,
                    const char *version, const char *shown, struct err *err)
{
	AUTO_PUBLISH_CREDENTIAL struct publish_credential credential =
		PUBLISH_CREDENTIAL_NONE;
	const char *api = publish_credentials_api(checking->request);
	struct source_wanted wanted = { .app = NULL };
	struct github github = GITHUB_NONE;
	int result;

	if (publish_credentials_github(&checking->credentials, api, &credential,
	                               err) < 0)
		return -1;
	publish_credential_fill(&credential, &wanted);
	result = github_open(checking->web.client, &wanted, api, repository,
	                     &github, err);
	if (result == 0)
		result = judge_page(checking, pack, &github, version, shown,
		                    err);
	github_done(&github);
	return result;
}

int check_page(struct checking *checking, const struct packs_lock_pack *pack,
               const char *address, struct err *err)
{
	const char *colon = strrchr(address, ':');
	char repository[REPOSITORY_SIZE];
	char shown[LOCK_TEXT_SIZE];

	if (colon == NULL || colon[1] == '\0' ||
	    strlen(colon + 1) > GITHUB_TAG_MAX ||
	    (size_t)(colon - address) >= sizeof repository)
		return err_set(err, ERR_FORMAT, 0,
		               "'github://%.200s' is not "
		               "github://OWNER/REPOSITORY:VERSION",
		               address);
	(void)snprintf(repository, sizeof repository, "%.*s",
	               (int)(colon - address), address);
	(void)snprintf(shown, sizeof shown, "release %.200s of '%.200s'",
	               colon + 1, repository);
	if (!has_pin(pack))
		return tell(checking, pack, CHECK_ABSENT, shown,
		            "was not looked at: the lockfile has no SHA-256 of "
		            "the file",
		            err);
	return ask_page(checking, pack, repository, colon + 1, shown, err);
}

/* --- a folder ----------------------------------------------------------- */

/* 1: @name there is a file with these bytes.  @size: 0 where nobody knows. */
static int is_file(int dir, const char *name, uint64_t size,
                   const uint8_t sha256[SHA256_LEN], struct err *err)
{
	AUTO_CLOSE int fd = -1;
	uint8_t digest[SHA256_LEN];
	uint64_t bytes;
	struct stat st;
	int there = fs_exists(dir, name, &st, err);

	if (there <= 0)
		return there;
	if (!S_ISREG(st.st_mode) || (size != 0 && (uint64_t)st.st_size != size))
		return 0;
	fd = fs_open_file(dir, name, err);
	if (fd < 0 || sha256_of_fd(fd, digest, &bytes, err) < 0)
		return -1;
	return sha256_equal(digest, sha256);
}

static int has_file(int dir, const struct packs_lock_pack *pack,
                    struct err *err)
{
	char **names;
	size_t count;
	int found = 0;

	if (fs_list(dir, NAMES_MAX, &names, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count && found == 0; i++)
		found = is_file(dir, names[i], pack->size, pack->sha256.sha256,
		                err);
	fs_list_free(names, count);
	return found;
}

static int judge_file(struct checking *checking,
                      const struct packs_lock_pack *pack, int dir,
                      const char *shown, struct err *err)
{
	int got;

	if (!has_pin(pack))
		return tell(checking, pack, CHECK_ABSENT, shown,
		            "was not looked into: the lockfile has no SHA-256 "
		            "of the file",
		            err);
	got = has_file(dir, pack, err);
	if (got < 0)
		return -1;
	return got == 1 ? tell(checking, pack, CHECK_OK, shown, "has the file",
	                       err)
	                : tell(checking, pack, CHECK_FAILED, shown,
	                       "has no file with these bytes", err);
}

/* A bundle's parts lie there, too; release.ini pins all of them. */
static int judge_release(struct checking *checking,
                         const struct packs_lock_pack *pack, int dir,
                         const char *shown, struct err *err)
{
	int got;

	if (!pack->release.is_set)
		return 0;
	got = is_file(dir, "release.ini", /* size= */ 0, pack->release.sha256,
	              err);
	if (got < 0)
		return -1;
	return got == 1 ? tell(checking, pack, CHECK_OK, shown,
	                       "has the release.ini", err)
	                : tell(checking, pack, CHECK_FAILED, shown,
	                       "has not the release.ini that is pinned", err);
}

int check_folder(struct checking *checking, const struct packs_lock_pack *pack,
                 const char *address, struct err *err)
{
	AUTO_CLOSE int dir = -1;
	char path[FS_PATH_MAX];
	char shown[LOCK_TEXT_SIZE];

	if (check_find(checking, address, path, err) < 0)
		return -1;
	(void)snprintf(shown, sizeof shown, "folder '%.400s'", path);
	dir = fs_open_anchor(path, err);
	if (dir < 0 && err->sys == ENOENT)
		return tell(checking, pack, CHECK_FAILED, shown, "is not here",
		            err);
	if (dir < 0 || judge_file(checking, pack, dir, shown, err) < 0)
		return -1;
	return judge_release(checking, pack, dir, shown, err);
}
