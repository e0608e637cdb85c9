/* SPDX-License-Identifier: Apache-2.0 */
/* GitHub's answers about releases: one release, a page of releases, an asset, a
 * page of a release's assets.  Source: GitHub's REST API, version 2022-11-28,
 * "Releases" and "Release assets" (the schemas release and release-asset of
 * @octokit/openapi).  Members that are not read are not looked at: the API
 * gains some each month.
 *
 * All of it is a stranger's word: it says where to look, never what to trust.
 */
#ifndef CODEC_GITHUB_RELEASE_H
#define CODEC_GITHUB_RELEASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "codec/json_read.h"

#define GITHUB_ANSWER_MAX   JSON_READ_MAX /* bytes of one answer */
#define GITHUB_RELEASES_MAX 100           /* of one page: GitHub's own limit */
#define GITHUB_ASSETS_MAX   1000 /* of one release: GitHub's own limit */
#define GITHUB_TAG_MAX      255  /* bytes */
#define GITHUB_NAME_MAX     255  /* bytes of an asset's name */
#define GITHUB_SIZE_MAX     (((uint64_t)1 << 53) - 1) /* bytes of an asset */
#define GITHUB_ID_MAX       (((uint64_t)1 << 53) - 1)
#define GITHUB_DIGEST_LEN   32   /* bytes; SHA-256 */
#define GITHUB_URL_MAX      2048 /* bytes of an address in an answer */
#define GITHUB_MESSAGE_SIZE 8192 /* all that an error page may hold */

/* A file of a release.  Its name is what GitHub made of the one it was given:
 * of characters other than [A-Za-z0-9._-] it makes dots. */
struct github_asset {
	uint64_t id;
	const char *name; /* into the document; no '/', printable */
	uint64_t size;
	bool is_uploaded; /* else its bytes are not all there */
	bool has_digest;  /* absent before June 2025, and for other kinds */
	uint8_t digest[GITHUB_DIGEST_LEN];
};

struct github_release {
	uint64_t id;
	const char *tag; /* into the document; printable */
	bool is_draft, is_prerelease;
	bool is_immutable; /* nothing of it can change any more */
	/* Where assets are sent to, into the document; a template: "{?name}"
	 * and so on follow.  "" where it is absent. */
	const char *upload_url;
	int64_t published; /* seconds since 1970; -1: never, as of drafts */
	size_t first;      /* its assets: from here in the answer's, */
	size_t count;      /* so many */
};

/* What an answer holds; of assets, the assets alone. */
struct github_answer {
	struct json_document document;   /* owned, as both lists */
	struct github_release *releases; /* in GitHub's order */
	size_t release_count;
	struct github_asset *assets; /* of all releases, in their order */
	size_t asset_count;
};

#define GITHUB_ANSWER_NONE                                                     \
	((struct github_answer){ .document = JSON_DOCUMENT_NONE })
#define AUTO_GITHUB_ANSWER AUTO(github_answer_done)

enum github_answer_kind {
	GITHUB_RELEASE,
	GITHUB_RELEASES,
	GITHUB_ASSETS,
	GITHUB_ASSET
};

/**
 * github_answer_parse - read an answer of at most GITHUB_ANSWER_MAX bytes.
 * @kind: which one it must be.
 * @out:  written only on 0; to be released with github_answer_done.
 *
 * Returns 0, or -1 with ERR_FORMAT or ERR_LIMIT naming the field, ERR_SYSTEM.
 */
int github_answer_parse(enum github_answer_kind kind, const char *text,
                        size_t len, struct github_answer *out,
                        struct err *err) MUST_CHECK;

/** github_answer_done - release it. */
void github_answer_done(struct github_answer *answer);

/** github_find_asset - the asset of @release with this name, or NULL; @release
 * is one of @answer's, or NULL for all that it holds. */
const struct github_asset *
github_find_asset(const struct github_answer *answer,
                  const struct github_release *release, const char *name);

/** github_message - the "message" of an error's answer, and what its "errors"
 * add to it, as in "Validation Failed: ReleaseAsset name already_exists"; cut
 * to fit, every byte of it printable; "" for a body that is no such answer. */
void github_message(const char *text, size_t len,
                    char out[GITHUB_MESSAGE_SIZE]);

/** github_refuses_with - whether one of the "errors" of an error's answer has
 * this code, as "already_exists". */
bool github_refuses_with(const char *text, size_t len, const char *code);

#endif
