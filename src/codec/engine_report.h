/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked of a container engine, and what came of it: two structs of
 * fixed size and without pointers, because they pass between the monitor and
 * engine-worker.  The wishes are the monitor's own: from the signed profile.env
 * and from the configuration.  The report is a stranger's; engine_report_check
 * holds before anything of it is used, and its texts are shown and no more. */
#ifndef CODEC_ENGINE_REPORT_H
#define CODEC_ENGINE_REPORT_H

#include <stdint.h>

#include "base/err.h"
#include "codec/profile_env.h"
#include "codec/settings_value.h"

#define ENGINE_ID_LEN         32  /* bytes of an ID or a digest: SHA-256 */
#define ENGINE_TEXT_SIZE      256 /* of a text that is shown, with the NUL */
#define ENGINE_REFERENCE_SIZE 513 /* of an image's reference, with the NUL */
#define ENGINE_WISHES_MAX     (PROFILE_IMAGES_MAX + 1) /* with IMAGE_DIGEST */
#define ENGINE_RUNTIMES_MAX   SETTINGS_WORDS_MAX
#define ENGINE_RUNTIME_SIZE   SETTINGS_VALUE_SIZE
#define ENGINE_CONTAINERS_MAX 128 /* of one app; the others are counted */

/* One IMAGE_DIGEST* of profile.env. */
struct engine_wish {
	char name[PROFILE_NAME_SIZE]; /* "" for IMAGE_DIGEST itself */
	uint8_t digest[ENGINE_ID_LEN];
};

struct engine_wishes {
	/* REGISTRY/IMAGE_PREFIX, either of it, or "". */
	char base[ENGINE_REFERENCE_SIZE];
	char tag[PROFILE_VALUE_SIZE]; /* IMAGE_TAG, or "" */
	char runtimes[ENGINE_RUNTIMES_MAX][ENGINE_RUNTIME_SIZE];
	uint32_t runtime_count;
	uint32_t image_count;
	struct engine_wish images[ENGINE_WISHES_MAX];
};

enum engine_kind {
	ENGINE_OTHER, /* it answers, and calls itself something else */
	ENGINE_DOCKER,
	ENGINE_DESKTOP, /* Docker Desktop */
	ENGINE_PODMAN,
	ENGINE_KINDS
};

/* How the engine guards containers; or-ed. */
enum engine_guard {
	ENGINE_SECCOMP = 1,
	ENGINE_UNCONFINED = 2, /* seccomp is there, its profile lets all pass */
	ENGINE_APPARMOR = 4,
	ENGINE_SELINUX = 8,
	ENGINE_ROOTLESS = 16,
	ENGINE_GUARDS = 31
};

enum engine_image_state {
	ENGINE_IMAGE_ABSENT,
	/* An image of that name and tag is there, with another digest. */
	ENGINE_IMAGE_DIFFERS,
	ENGINE_IMAGE_PRESENT,
	ENGINE_IMAGE_STATES
};

struct engine_image {
	uint32_t state;
	uint32_t is_inspected;     /* then platform is known */
	uint8_t id[ENGINE_ID_LEN]; /* where PRESENT */
	/* Where it DIFFERS: what is there instead; 0 where it has none. */
	uint8_t other[ENGINE_ID_LEN];
	char platform[ENGINE_TEXT_SIZE]; /* "linux/amd64" */
};

enum engine_container_state {
	ENGINE_CREATED,
	ENGINE_RUNNING,
	ENGINE_PAUSED,
	ENGINE_RESTARTING,
	ENGINE_EXITED,
	ENGINE_DEAD,
	ENGINE_LEAVING, /* being removed */
	ENGINE_CONTAINER_STATES
};

enum engine_health {
	ENGINE_HEALTH_NONE, /* nobody looks */
	ENGINE_STARTING,
	ENGINE_HEALTHY,
	ENGINE_UNHEALTHY,
	ENGINE_HEALTHS
};

#define ENGINE_NO_WISH UINT32_MAX

struct engine_container {
	uint8_t id[ENGINE_ID_LEN];
	uint8_t image_id[ENGINE_ID_LEN];
	char name[ENGINE_TEXT_SIZE];
	char image[ENGINE_REFERENCE_SIZE]; /* as it was started */
	uint32_t state;
	uint32_t health;
	uint32_t is_inspected; /* what follows is known */
	uint32_t exit_code;
	uint32_t is_kept; /* its policy restarts it */
	/* Which image of the wishes it is of, by name or by content;
	 * ENGINE_NO_WISH: none, it is not of the app. */
	uint32_t wish;
};

struct engine_report {
	uint32_t kind;
	uint32_t guards;
	uint32_t cgroup_version; /* 1 or 2; 0: not said */
	uint32_t unlisted; /* containers that may be the app's, not kept */
	uint64_t runtimes; /* bit n: the n-th of the wishes is there */
	char version[ENGINE_TEXT_SIZE];
	char driver[ENGINE_TEXT_SIZE];
	char folder[ENGINE_TEXT_SIZE];  /* where it stores */
	char runtime[ENGINE_TEXT_SIZE]; /* its default one */
	uint32_t container_count;
	uint32_t unused;                               /* 0 */
	struct engine_image images[ENGINE_WISHES_MAX]; /* as in the wishes */
	struct engine_container containers[ENGINE_CONTAINERS_MAX];
};

/**
 * engine_report_check - whether @report can be an answer to @wishes: numbers
 * are in their range, texts end and are printable.
 * Returns 0, or -1 with ERR_FORMAT.
 */
int engine_report_check(const struct engine_wishes *wishes,
                        const struct engine_report *report,
                        struct err *err) MUST_CHECK;

/**
 * engine_wishes_check - the same for wishes, at the worker's end.
 */
int engine_wishes_check(const struct engine_wishes *wishes,
                        struct err *err) MUST_CHECK;

#endif
