/* SPDX-License-Identifier: Apache-2.0 */
/* Publishing a release on GitHub, so that nobody sees half of it: a draft, all
 * assets, all verified, then published.  Source: GitHub's REST API, version
 * 2022-11-28, "Releases" and "Release assets".
 *
 *     AUTO_GITHUB_PUBLICATION struct github_publication page =
 *             GITHUB_PUBLICATION_NONE;
 *
 *     found = github_publication_find(&github, "v1.2.3", known, &page, err);
 *     if (found < 0 ||
 *         (found == 0 && github_publication_create(&github, &wanted, &page,
 *                                                  err) < 0) ||
 *         github_publication_check(&page, files, count, err) < 0)
 *             return -1;
 *     ...github_publication_upload() for each...
 *     if (github_publication_verify(&page, files, count, err) < 0 ||
 *         github_publication_publish(&page, commit, GITHUB_LATEST, err) < 0)
 *             return -1;
 *
 * What holds whenever a run is killed, or the way to GitHub breaks:
 * - each step looks at what is there and skips what was done, so that the same
 *   run again ends what was begun; an asset counts as there when name, size and
 *   SHA-256 are those of the file (where the server tells no digest, as older
 *   enterprise servers, its bytes are fetched and hashed);
 * - what GitHub keeps of an upload that failed (an asset in the state
 *   "starter") is removed; it would block its name.  Before anything is removed
 *   the list is asked for again;
 * - an asset that differs is replaced only behind its successor: that is
 *   uploaded as NAME.new, verified, and renamed once the old one is gone; so
 *   no file of a release is called as another one and ".new";
 * - assets of other names are never touched.
 *
 * The token goes to the API, and to the host that the release names for uploads
 * only where that belongs to the API: the same host, or uploads.X for api.X. */
#ifndef NET_GITHUB_PUBLISH_H
#define NET_GITHUB_PUBLISH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "codec/github_release.h"
#include "crypto/sha256.h"
#include "net/github.h"

/* GitHub: "each file included in a release must be under 2 GiB". */
#define GITHUB_FILE_MAX     (((uint64_t)2 << 30) - 1)
#define GITHUB_COMMIT_SIZE  65 /* hex digits of a commit, and the NUL */
#define GITHUB_TAG_SIZE     (GITHUB_TAG_MAX + 1)
#define GITHUB_VERSION_TAGS 2
#define GITHUB_UPLOAD_TRIES 4 /* beyond those of each request */
#define GITHUB_CREATE_TRIES 3

/* What a release is made with; all of it borrowed. */
struct github_wanted {
	const char *tag;
	const char *commit; /* where the tag is made, if there is none; NULL:
	                     * at the default branch's head */
	const char *title;
	const char *notes; /* Markdown */
	bool is_prerelease;
};

/* A file to publish; borrowed. */
struct github_file {
	const char *name;       /* [A-Za-z0-9._-], no '.' at its ends */
	const char *media_type; /* NULL: application/octet-stream */
	const void *data;       /* in memory; NULL: in fd from offset on */
	int fd;
	uint64_t offset;
	uint64_t size; /* 1 to GITHUB_FILE_MAX */
	uint8_t sha256[SHA256_LEN];
	/* Told how many of its bytes went out; may be NULL. */
	void (*sent)(void *context, uint64_t bytes);
	void *context;
};

/* An asset that the release has. */
struct github_stored {
	uint64_t id;
	uint64_t size;
	bool is_uploaded;
	bool has_digest;
	uint8_t digest[SHA256_LEN];
	char name[GITHUB_NAME_MAX + 1];
};

/* Whether assets of a release that is published may be replaced. */
enum github_replacing { GITHUB_KEEP, GITHUB_REPLACE };

/* A release and what it holds, as GitHub said last. */
struct github_publication {
	struct github *github; /* borrowed */
	enum github_replacing replacing;
	uint64_t id; /* 0: there is none yet */
	char tag[GITHUB_TAG_SIZE];
	bool is_draft;
	bool is_immutable;
	char uploads[HTTP_URL_SIZE];  /* without a query */
	struct github_stored *assets; /* owned */
	size_t count;
};

#define GITHUB_PUBLICATION_NONE ((struct github_publication){ .github = NULL })
#define AUTO_GITHUB_PUBLICATION AUTO(github_publication_done)

void github_publication_done(struct github_publication *publication);

/**
 * github_commit_of_tag - the commit that a tag of the repository leads to.
 * Returns 1, 0 where there is no such tag, -1 as github_latest.
 */
int github_commit_of_tag(struct github *github, const char *tag,
                         char out[GITHUB_COMMIT_SIZE],
                         struct err *err) MUST_CHECK;

/**
 * github_publication_find - the release of a tag, published or a draft, and
 * its assets.
 * @known: the id that an earlier run noted; 0: none.  It decides between
 *         several drafts of one tag, which GitHub allows.
 * @out: GITHUB_PUBLICATION_NONE; released with github_publication_done, also
 *       after -1.
 *
 * Drafts are looked for among the newest GITHUB_PAGES_MAX pages of releases.
 * Returns 1; 0 where there is none; -1 with ERR_CONFLICT for several drafts of
 * which none is known, or as github_latest.
 */
int github_publication_find(struct github *github, const char *tag,
                            uint64_t known, struct github_publication *out,
                            struct err *err) MUST_CHECK;

/**
 * github_version_tags - the tags that the release of a version may have, in the
 * order in which they are looked for: the version, and with a "v" before it,
 * unless it has one or would be too long.
 * @version: at most GITHUB_TAG_MAX bytes.
 * Returns how many there are, 1 or GITHUB_VERSION_TAGS.
 */
size_t github_version_tags(const char *version,
                           char out[GITHUB_VERSION_TAGS][GITHUB_TAG_SIZE]);

/** github_version_find - github_publication_find by those tags: the first one
 * that has a release. */
int github_version_find(struct github *github, const char *version,
                        uint64_t known, struct github_publication *out,
                        struct err *err) MUST_CHECK;

/**
 * github_publication_create - make a draft.
 * @out: as github_publication_find.
 *
 * Where an answer was lost, it is looked for before another is made.  Returns
 * 0, or -1 with ERR_USAGE (the token may not write), or as github_latest.
 */
int github_publication_create(struct github *github,
                              const struct github_wanted *wanted,
                              struct github_publication *out,
                              struct err *err) MUST_CHECK;

/**
 * github_publication_check - whether the files can become its assets; changes
 * nothing.
 *
 * Returns 1 when all of them are, 0 when some are to be uploaded; -1 with
 * ERR_CONFLICT where the release is published and one differs, or is immutable
 * and one is missing; ERR_USAGE for a name that GitHub would change; ERR_LIMIT
 * for a file or a number of files that it would not take; or as
 * github_publication_upload.
 */
int github_publication_check(struct github_publication *publication,
                             const struct github_file *files, size_t count,
                             struct err *err) MUST_CHECK;

/**
 * github_publication_is_latest - whether the repository shows it as its latest.
 * Returns 1, 0, or -1 as github_latest.
 */
int github_publication_is_latest(const struct github_publication *publication,
                                 struct err *err) MUST_CHECK;

/**
 * github_publication_upload - make a file an asset.
 *
 * Returns 1 when it was sent or replaced, 0 when it was there; -1 with
 * ERR_CONFLICT as github_publication_check, ERR_NETWORK, ERR_USAGE (the token
 * may not write), ERR_LIMIT, ERR_FORMAT, ERR_SYSTEM.
 */
int github_publication_upload(struct github_publication *publication,
                              const struct github_file *file,
                              struct err *err) MUST_CHECK;

/**
 * github_publication_verify - ask for the list of assets, and hold the files
 * against it: state, size, digest.
 * Returns 0, or -1 with ERR_NETWORK naming the file.
 */
int github_publication_verify(struct github_publication *publication,
                              const struct github_file *files, size_t count,
                              struct err *err) MUST_CHECK;

/* Whether it becomes what the repository shows as its latest release, which
 * GitHub's own default would be. */
enum github_latest_choice { GITHUB_NOT_LATEST, GITHUB_LATEST };

/**
 * github_publication_publish - make the draft a release; nothing for one that
 * is, but that it may become the latest.
 * @commit: where its tag is made, if there is none: the draft may be older, and
 *          name another one; NULL: where the draft says.
 *
 * Returns 0, or -1 as github_publication_upload.
 */
int github_publication_publish(struct github_publication *publication,
                               const char *commit,
                               enum github_latest_choice latest,
                               struct err *err) MUST_CHECK;

#endif
