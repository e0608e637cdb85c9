/* SPDX-License-Identifier: Apache-2.0 */
/* The sections of the host's configuration that only check-health reads:
 * [container], [host], [service] and [severity]. */
#ifndef CODEC_SETTINGS_HEALTH_H
#define CODEC_SETTINGS_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "codec/dotted.h"
#include "codec/ini.h"
#include "codec/settings_value.h"

#define SEVERITIES_MAX     64
#define SEVERITY_ID_SIZE   32 /* bytes, with the NUL */
#define SERVICE_TIMEOUT_S  5  /* when the file says nothing */
#define CONTAINER_MIN_FREE ((uint64_t)5 << 30)

/* Which engine this host is to have. */
enum container_engine {
	CONTAINER_BY_PROFILE, /* any, if profile.env names images; the default
	                       */
	CONTAINER_ANY,
	CONTAINER_DOCKER,
	CONTAINER_PODMAN,
	CONTAINER_NONE /* check nothing of it */
};

enum container_rootless { ROOTLESS_ANY, ROOTLESS_REQUIRED, ROOTLESS_REFUSED };

/* Containers that must run of the images that profile.env pins. */
enum container_expect { EXPECT_ANY, EXPECT_EACH, EXPECT_NONE };

/* [container] */
struct settings_container {
	enum container_engine engine;
	char socket[SETTINGS_VALUE_SIZE];  /* absolute; "": the usual places */
	char storage[SETTINGS_VALUE_SIZE]; /* absolute; "": the engine's own */
	bool allows_podman;                /* instead of, or beside, Docker */
	char min_version[DOTTED_SIZE];     /* of the engine; "": any */
	uint64_t min_free; /* bytes, of its storage; default 5 GiB */
	enum container_rootless rootless;
	enum container_expect expect;
	struct settings_words runtimes; /* each must be known to it */
	bool requires_compose;
	/* Who may sign images: names of cosign keys in the trust folder and of
	 * [identity NAME], and paths of further keys; none: not asked. */
	struct settings_words images_signed;
};

/* [host] */
struct settings_host {
	char min_kernel[DOTTED_SIZE];            /* "": any */
	struct settings_words security_profiles; /* of AppArmor, loaded */
	bool requires_time_sync;
};

/* [service] */
struct settings_service {
	struct settings_words units;      /* must be active */
	struct settings_words command;    /* status 0 */
	char user[SETTINGS_USER_SIZE];    /* who runs it */
	struct settings_words http;       /* addresses, a status of 2xx */
	struct settings_words tcp;        /* HOST:PORT, must accept */
	struct settings_words unix_paths; /* sockets, the same */
	unsigned timeout; /* seconds, of each probe; default 5 */
};

/* What an administrator makes of a check's findings. */
enum severity_word { COUNT_WARNING, COUNT_CRITICAL, COUNT_IGNORE };

/* [severity]: whether there is such a check, health/ knows. */
struct settings_severities {
	struct settings_severity {
		char id[SEVERITY_ID_SIZE];
		enum severity_word word;
	} items[SEVERITIES_MAX];
	size_t count;
};

/**
 * settings_take_severity - read one item of the section [severity].
 * Returns 0, or -1 with ERR_USAGE or ERR_LIMIT.
 */
int settings_take_severity(struct settings_severities *severities,
                           const struct ini_item *item,
                           struct err *err) MUST_CHECK;

/**
 * settings_split_tcp - take "HOST:PORT" or "[ADDRESS]:PORT" apart.
 * @host: out, SETTINGS_VALUE_SIZE bytes, without brackets.
 *
 * The outputs are written only on 0; -1 with ERR_USAGE.
 */
int settings_split_tcp(const char *text, char *host, uint16_t *port,
                       struct err *err) MUST_CHECK;

#endif
