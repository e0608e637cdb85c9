/* SPDX-License-Identifier: Apache-2.0 */
/* What the monitor asks of fetch-worker, and how it answers.  One worker takes
 * a release from its source in two phases:
 *
 *     worker   item ORIGIN                  what it found, as text; once
 *     worker   parts                        as part_stream.h has them
 *     worker   item PARTS_END               struct fetch_count
 *     monitor        GO                     a plan that asks is written; once,
 *                                           or not at all
 *     worker   item HAS_PATCH               struct fetch_answer
 *     monitor        GO                     the plan is written
 *     worker   item PROGRESS ...            uint64_t: bytes of the plan so far
 *     worker   DONE
 *
 * At any time items NOTE (a line for the user) and ALIVE (empty) come between.
 * The payload goes into a file of the monitor's, at the payload's offsets.
 * Nothing of all this is believed: parts and payload are judged by signature
 * and digest, and the texts are shown and no more.
 *
 * By the counts of requests the plan keeps to REQUESTS_MAX, and is printed.  A
 * lie makes a plan of more ranges or of fewer, never of more than
 * PLAN_RANGES_MAX, and no other bytes.  Whether the source has a patch decides
 * which of two plans is carried out; each ends in the same tree, or fails.
 *
 * Inputs: the request, the plan, the file for the payload, and then those of
 * authorities, token, docker configuration and lockfile that the request has.
 *
 * Of a lockfile the worker takes the one artifact or release page that it pins
 * for the app, which then is the only source; the monitor does not look for
 * that. */
#ifndef PRIVSEP_FETCH_H
#define PRIVSEP_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "codec/name.h"
#include "codec/part.h"
#include "codec/payload_plan.h"
#include "codec/simple_signing.h"
#include "privsep/worker_main.h"

#define FETCH_ADDRESS_SIZE    2048 /* bytes, with the NUL */
#define FETCH_SOURCES_MAX     8
#define FETCH_HOST_SIZE       256
#define FETCH_HOSTS_MAX       16
#define FETCH_KEY_IDS_MAX     64
#define FETCH_WORD_SIZE       17                /* os, architecture */
#define FETCH_CREDENTIALS_MAX ((size_t)1 << 20) /* bytes of any of them */
#define FETCH_LOCK_MAX        ((size_t)4 << 20) /* bytes of a lockfile */
#define FETCH_TEXT_MAX        512               /* bytes of a note */
#define FETCH_SIGNATURES_MAX  PART_SIGSTORE_MAX /* of an image */
#define FETCH_PAYLOAD_MAX     SIMPLE_SIGNING_MAX
#define FETCH_BUNDLE_MAX      ((size_t)1 << 20) /* bytes of a signature's */

/* Inputs that are always there. */
enum {
	FETCH_INPUT_REQUEST = WORKER_FD_INPUT,
	FETCH_INPUT_PLAN,
	FETCH_INPUT_SPOOL,
	FETCH_INPUT_FURTHER
};

/* Items; parts have lower numbers. */
enum fetch_item {
	FETCH_ITEM_ORIGIN = 0x7ffffff0,
	FETCH_ITEM_NOTE,
	FETCH_ITEM_ALIVE,
	FETCH_ITEM_PARTS_END,
	FETCH_ITEM_PROGRESS,
	FETCH_ITEM_HAS_PATCH,
	/* Of FETCH_SIGNATURES: why one was left out, as text; and, before it
	 * fails, that the registry had answered (empty). */
	FETCH_ITEM_LEFT_OUT,
	FETCH_ITEM_ANSWERED
};

/* Items of FETCH_SIGNATURES, in this order for each signature from 0 up: what
 * is signed, empty where it needs none, and a Sigstore bundle. */
#define FETCH_ITEM_PAYLOAD(n)   (2 * (uint32_t)(n))
#define FETCH_ITEM_SIGNATURE(n) (2 * (uint32_t)(n) + 1)

enum fetch_kind {
	FETCH_FILE = 1, /* a bundle at an address */
	FETCH_FOLDER,   /* a folder of parts */
	FETCH_OCI,      /* "registry/repository[:tag|@digest]" */
	FETCH_GITHUB,   /* "owner/repository" */
	/* "registry/repository@digest": nothing is fetched; DONE says that the
	 * registry let us in, and an ORIGIN before it that it has the image. */
	FETCH_IMAGE,
	/* The same, for its signatures: those that cosign lays down under the
	 * tag sha256-<hex>.sig, as bundles of their own, and then those, and
	 * the Sigstore bundles, that refer to it. */
	FETCH_SIGNATURES,
	/* What the lockfile says: one of the kinds above, of the worker's
	 * finding. */
	FETCH_LOCKED
};

struct fetch_source {
	uint32_t kind; /* enum fetch_kind */
	char address[FETCH_ADDRESS_SIZE];
};

/* A fixed size, so that it can be handed over as it is.  Texts are
 * NUL-terminated and "" where there is none. */
struct fetch_request {
	struct fetch_source sources[FETCH_SOURCES_MAX]; /* mirrors, in order */
	uint32_t source_count;
	char api[FETCH_ADDRESS_SIZE]; /* of GitHub */
	char app[APP_SIZE];
	char version[VERSION_SIZE]; /* that is wanted, or "latest" */
	char os[FETCH_WORD_SIZE], architecture[FETCH_WORD_SIZE];
	uint64_t key_ids[FETCH_KEY_IDS_MAX]; /* of trusted minisign keys */
	uint32_t key_id_count;
	char proxy[FETCH_ADDRESS_SIZE];
	char plain_hosts[FETCH_HOSTS_MAX][FETCH_HOST_SIZE];
	uint32_t plain_host_count;
	uint32_t deadline_s; /* 0: none */
	uint32_t token_kind; /* of the source that the token is for, where a
	                      * lockfile names it; 0: any */
	/* Which further inputs there are, 0 or 1 each. */
	uint32_t has_authorities, has_token, has_docker_config, has_lock;
};

/* Requests; those that repeat one which failed are not counted. */
struct fetch_count {
	uint32_t sent;    /* for all that came so far */
	uint32_t further; /* that the payload, or a patch, takes besides its
	                   * ranges: it is redirected as the parts were */
};

/* Of a plan that asks. */
struct fetch_answer {
	uint32_t has;  /* 1: the patch is there, in its size; 0: it is not */
	uint32_t sent; /* requests that the question took */
};

/* What is to be fetched of the payload; written before GO. */
struct fetch_plan {
	uint64_t payload_size; /* as the signed release.ini says */
	uint32_t count;        /* of the ranges; 0: nothing */
	uint32_t asks; /* 1: nothing is fetched yet; is the patch there? */
	/* Instead of ranges: a patch, behind the payload's place. */
	uint64_t patch_id;
	uint64_t patch_size; /* 0: none */
	uint64_t patch_from; /* bytes of it that are there; below its size */
	uint8_t patch_sha256[PART_DIGEST_LEN]; /* the monitor's note */
	struct payload_range ranges[PLAN_RANGES_MAX];
};

/** fetch_same_server - whether two addresses spell the same scheme, host and
 * port, so that what the one may have the other may, too. */
bool fetch_same_server(const char *a, const char *b);

#endif
