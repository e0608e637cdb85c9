/* SPDX-License-Identifier: Apache-2.0 */
/* The members of payload.tar.gz, one by one in the order of payload.index:
 * read, held against its digest, and only then inflated. */
#ifndef UNPACK_MEMBERS_H
#define UNPACK_MEMBERS_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/lines.h"
#include "codec/payload_index.h"
#include "crypto/sha256.h"
#include "privsep/bundle_file.h"
#include "privsep/message.h"

/* Bytes of NUL at the end of a tar. */
#define TAR_END 1024

struct libdeflate_decompressor;

/* Fields are private. */
struct members {
	int payload; /* borrowed */
	const struct job_unpack *job;
	struct bundle_file bundle;
	struct lines lines; /* of payload.index */
	struct index_reader reader;
	struct sha256 hash;
	struct libdeflate_decompressor *inflater; /* owned */
	uint8_t *packed; /* owned; MEMBER_PACKED_MAX bytes */
	uint8_t *plain;  /* owned; MEMBER_PLAIN_MAX bytes */
};

#define MEMBERS_NONE                                                           \
	((struct members){ .lines = LINES_NONE, .hash = SHA256_NONE })
#define AUTO_MEMBERS AUTO(members_done)

/**
 * members_open - begin at the first member.
 * @payload, @index: descriptors, borrowed; read at offsets of our own.
 * @out:  MEMBERS_NONE before; release it with members_done, whatever comes.
 * Returns 0, or -1 with ERR_FORMAT or ERR_SYSTEM.
 */
int members_open(int payload, int index, const struct job_unpack *job,
                 struct members *out, struct err *err) MUST_CHECK;

void members_done(struct members *members);

/**
 * members_next - the next piece of the tar.
 * @data, @len: written only on 1; borrowed until the next call.
 *
 * Returns 1; 0 behind the last one, when all of payload and tar were covered;
 * -1 with ERR_FORMAT for a damaged or lying member, or ERR_SYSTEM.
 */
int members_next(struct members *members, const uint8_t **data, size_t *len,
                 struct err *err) MUST_CHECK;

#endif
