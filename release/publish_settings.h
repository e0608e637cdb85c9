/* SPDX-License-Identifier: Apache-2.0 */
/* What "publish" is told, and by whom.  The strongest first: an option, a
 * variable of the environment, the same in --env-file, [publish] of
 * package.ini, what git says, a default.  An empty variable says nothing. */
#ifndef RELEASE_PUBLISH_SETTINGS_H
#define RELEASE_PUBLISH_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "codec/env_file.h"
#include "package_settings.h"
#include "publication.h"
#include "publish_target.h"
#include "request.h"

#define PACK_MEDIA_TYPE "application/vnd.greentic.gtpack.v1+zip"
#define PACK_SUFFIX     ".gtpack"

/* In the order in which --print-config shows them. */
enum publish_word {
	PUBLISH_REGISTRY,
	PUBLISH_ORG,
	PUBLISH_REPO,
	PUBLISH_VERSION,
	PUBLISH_PACKS_DIR,
	PUBLISH_OUT_DIR,
	PUBLISH_FILTER,
	PUBLISH_MEDIA_TYPE,
	PUBLISH_BUILD,
	PUBLISH_PACKC,
	PUBLISH_PACKC_FLAGS,
	PUBLISH_DRY_RUN,
	PUBLISH_LATEST,
	PUBLISH_LOCK,
	PUBLISH_KEY,
	PUBLISH_WORDS
};

#define PUBLISH_ORIGIN_TEXT 160

/* One of them; "" where nobody says anything. */
struct publish_setting {
	char *value; /* owned; never NULL once loaded */
	char origin[PUBLISH_ORIGIN_TEXT];
};

struct publish_settings {
	const struct request *request;    /* borrowed */
	struct package_settings *package; /* owned */
	struct env_file env_file;         /* owned */
	struct publish_setting words[PUBLISH_WORDS];
	bool is_dry_run, is_latest;
	/* Where to, as addresses; owned. */
	char *targets[PUBLISH_TARGETS_MAX];
	size_t target_count;
	const char *targets_origin; /* a literal; NULL without targets */
	/* They are the registry, org and repo above: each pack has a repository
	 * of its own below them, also where there is only one. */
	bool is_seed;
	bool is_seed_named;    /* a variable says one of the three */
	bool is_owner_unknown; /* "owner" stands in for it; a dry run alone */
	struct publication_source source; /* of packs; bundles have their own */
	bool is_dirty; /* tracked files differ; the lockfile does not count */
	char tag[RELEASE_VALUE_SIZE]; /* of git, as it is; "" without one */
	uint64_t chunk_size;          /* 0: none */
};

#define AUTO_PUBLISH_SETTINGS AUTO(publish_settings_done)

void publish_settings_done(struct publish_settings **settings);

/**
 * publish_settings_load - gather them.
 * @out: written only on 0; released with publish_settings_done.
 *
 * Returns 0, or -1 with ERR_USAGE or ERR_FORMAT naming who said it; ERR_SYSTEM.
 */
int publish_settings_load(const struct request *request,
                          struct publish_settings **out,
                          struct err *err) MUST_CHECK;

/** publish_word - the value, "" where there is none. */
const char *publish_word(const struct publish_settings *settings,
                         enum publish_word word);

/**
 * publish_settings_require_version - that there is a version for packs.
 * Returns 0, or -1 with ERR_USAGE that says how to give one.
 */
int publish_settings_require_version(const struct publish_settings *settings,
                                     struct err *err) MUST_CHECK;

/**
 * publish_page_of - the address under which people find a repository: that of a
 * clone by ssh ("git@host:owner/repo.git") becomes the page of the project,
 * which is what GitHub takes to link a package to its repository.
 */
void publish_page_of(const char *clone, char out[PUBLICATION_TEXT_SIZE]);

/** publish_settings_show - append each value and where it came from, as text;
 * with --json, as JSON. */
int publish_settings_show(const struct publish_settings *settings,
                          struct buf *out, struct err *err) MUST_CHECK;

#endif
