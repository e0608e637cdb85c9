/* SPDX-License-Identifier: Apache-2.0 */
/* From a collected tree to payload.tar.gz, payload.mtree, payload.index and
 * payload.sha256, in one pass: each byte of the source is read once. */
#ifndef PACK_PACK_PAYLOAD_H
#define PACK_PACK_PAYLOAD_H

#include <stdint.h>

#include "base/err.h"
#include "codec/release_ini.h"
#include "pack/source_tree.h"

/* What release.ini says of the payload. */
struct packed_payload {
	struct part_pin parts[PART_KINDS]; /* of the four files */
	uint64_t entries;
	uint64_t bytes;    /* of all files */
	uint64_t tar_size; /* uncompressed */
	uint8_t tar_sha256[DIGEST_LEN];
};

/* Told now and then how many bytes of the files are packed. */
struct pack_watch {
	void (*packed)(void *context, uint64_t bytes);
	void *context;
};

struct pack_request {
	int64_t created;  /* the time that each entry gets */
	int dir;          /* where none of the four files may exist */
	unsigned threads; /* that compress, 1 to PRESS_THREADS_MAX; the bytes
	                   * do not depend on it */
	const struct pack_watch *watch; /* NULL: nobody asks */
};

/**
 * pack_payload - pack @tree.
 * @tree: receives the digest of each file.
 * @out:  written only on 0.
 *
 * Returns 0, or -1 with ERR_CONFLICT naming a file that changed since it was
 * collected, or while it was read; after -1 the folder holds incomplete files.
 */
int pack_payload(struct source_tree *tree, const struct pack_request *request,
                 struct packed_payload *out, struct err *err) MUST_CHECK;

#endif
