/* SPDX-License-Identifier: Apache-2.0 */
/* The host's configuration of one app, /etc/tidegate/<app>.ini.  Everything in
 * it is optional; an unknown section or key is an error, so that a typo never
 * weakens a policy.  install-package.ini(5) explains it to users. */
#ifndef CODEC_SETTINGS_H
#define CODEC_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/name.h"
#include "codec/settings_health.h"
#include "codec/settings_identity.h"
#include "codec/settings_value.h"

#define SETTINGS_MAX           ((size_t)64 * 1024) /* bytes of the file */
#define SETTINGS_KEYS_MAX      64
#define SETTINGS_MIRRORS_MAX   8
#define SETTINGS_PLAIN_MAX     16     /* hosts */
#define SETTINGS_DEADLINE_MAX  604800 /* seconds */
#define SETTINGS_KEEP_MAX      1000
#define GITHUB_API_URL         "https://api.github.com"
#define SETTINGS_THRESHOLD_MAX 32

/* [key NAME] */
struct settings_key {
	char name[KEY_NAME_SIZE];
	uint64_t max_sequence;
};

/* What must be there and hold: all that are named. */
enum requirement {
	REQUIRE_MINISIGN = 1,  /* a minisign signature by a trusted key */
	REQUIRE_SIGSTORE = 2,  /* a cosign key's signature, or an identity's */
	REQUIRE_PROVENANCE = 4 /* a SLSA provenance of the release */
};

/* Texts are "" where the key is absent.  Large: about 160 KiB. */
struct settings {
	/* [source] */
	struct settings_words urls;    /* of one release: mirrors, in order */
	char oci[SETTINGS_VALUE_SIZE]; /* "registry/repository[:tag|@digest]" */
	char repo[REPOSITORY_SIZE];    /* on GitHub */
	char api[SETTINGS_VALUE_SIZE]; /* of GitHub; default GITHUB_API_URL */
	char ca_file[SETTINGS_VALUE_SIZE];       /* absolute, below the root */
	char token_file[SETTINGS_VALUE_SIZE];    /* the same */
	char docker_config[SETTINGS_VALUE_SIZE]; /* the same */
	char proxy[SETTINGS_VALUE_SIZE];
	struct settings_words plain_hosts; /* allow_plain_http */
	unsigned deadline; /* seconds that a download may take; 0: no end;
	                    * default 86400 */

	/* [policy] */
	unsigned require;   /* enum requirement, or-ed; default minisign */
	unsigned threshold; /* distinct keys of the kinds that require names;
	                     * default 1 */
	bool accepts_keyless_alone; /* no signature by a key is needed */
	char minimum_version[VERSION_SIZE];
	bool allows_setuid; /* setuid and setgid */
	bool allows_world_writable;

	/* [key NAME] */
	struct settings_key keys[SETTINGS_KEYS_MAX];
	size_t key_count;

	/* [identity NAME]: bit n of a verdict's mask is the n-th */
	struct settings_identity identities[IDENTITIES_MAX];
	size_t identity_count;

	/* [trusted_root NAME] */
	struct settings_root roots[ROOTS_MAX];
	size_t root_count;

	/* [install] */
	unsigned keep; /* releases; default 3 */
	bool keeps_payload;
	uint64_t reserve; /* bytes left free; default 64 MiB */
	bool is_uid_only; /* sandbox = uid-only */

	/* [activate] */
	struct settings_words restart; /* units */

	/* [health] */
	struct settings_words command;
	char user[SETTINGS_USER_SIZE];
	char http[SETTINGS_VALUE_SIZE];
	unsigned timeout; /* seconds; default 60 */

	/* [check] */
	struct settings_words ignore; /* glob patterns */
	uint64_t min_free;            /* bytes; default 1 GiB */

	struct settings_container container;
	struct settings_host host;
	struct settings_service service;
	struct settings_severities severities;
};

/** settings_defaults - what an empty file means. */
void settings_defaults(struct settings *out);

/**
 * settings_parse - read a configuration.
 * @out: written only on 0.
 *
 * Returns 0, or -1 with ERR_USAGE naming line and key (an unknown one, a value
 * that is not allowed, a feature that this version lacks) or an [identity NAME]
 * that is none, or ERR_FORMAT and ERR_LIMIT as ini_read, or ERR_SYSTEM.
 */
int settings_parse(const char *text, size_t len, struct settings *out,
                   struct err *err) MUST_CHECK;

/** settings_root_evidence - what the configuration demands of the trusted root
 * @name (""; that of trusted_root.json): enum root_evidence, or-ed; 0 where it
 * does not say, and sigstore_default_evidence does. */
unsigned settings_root_evidence(const struct settings *settings,
                                const char *name);

/** settings_allows - whether @url is one that may be asked: https://, or
 * http:// with a host of allow_plain_http. */
bool settings_allows(const struct settings *settings, const char *url);

/**
 * settings_write_commented - append the file that setup lays down: every key
 * explained, and commented out.
 */
int settings_write_commented(const char *app, struct buf *out,
                             struct err *err) MUST_CHECK;

#endif
