/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of the payload's tar, member by member.  Packed bytes are hashed
 * and held against payload.index before they are inflated, so that the
 * inflater never sees what was not signed.  Both is done ahead, on threads. */
#ifndef UNPACK_MEMBERS_H
#define UNPACK_MEMBERS_H

#include <stddef.h>
#include <stdint.h>

#include <libdeflate.h>

#include "base/crew.h"
#include "base/err.h"
#include "crypto/sha256.h"
#include "privsep/bundle_file.h"
#include "privsep/message.h"
#include "spans.h"
#include "store/cursor.h"

/* Two inflate as fast as one monitor writes. */
#define MEMBERS_THREADS 2
#define MEMBERS_SLOTS   8

/* A member on its way. */
struct member_slot {
	struct index_member member;
	uint8_t *packed; /* owned; MEMBER_PACKED_MAX bytes */
	uint8_t *plain;  /* owned; MEMBER_PLAIN_MAX bytes */
};

/* What a thread works with. */
struct member_tool {
	struct libdeflate_decompressor *inflater; /* owned */
	struct sha256 hash;                       /* owned */
};

/* Bytes of the tar; borrowed. */
struct members_piece {
	uint64_t offset; /* in the tar */
	const uint8_t *data;
	size_t len;
};

struct members {
	struct job_unpack job;
	int fd;                    /* borrowed: payload or bundle */
	struct bundle_file bundle; /* for PAYLOAD_IN_BUNDLE */
	struct index_cursor index; /* owned */
	struct spans *wanted;      /* owned; NULL: all members are */
	struct member_slot slots[MEMBERS_SLOTS];
	struct member_tool tools[MEMBERS_THREADS];
	struct crew *crew; /* owned */
};

#define MEMBERS_NONE                                                           \
	((struct members){ .fd = -1, .index = { .lines = LINES_NONE } })
#define AUTO_MEMBERS AUTO(members_done)

/**
 * members_begin - before the first member.
 * @fd, @index_fd: borrowed.
 * @members:       stays where it is until members_done.
 * Returns 0, or -1 with ERR_FORMAT, ERR_LIMIT or ERR_SYSTEM.
 */
int members_begin(struct members *members, const struct job_unpack *job, int fd,
                  int index_fd, struct err *err) MUST_CHECK;

/**
 * members_restrict - pass over members that hold no byte of a wanted file: they
 * may be missing.  Before the first member.
 * @fd: the @count spans; borrowed.
 * Returns 0, or -1 as spans_begin.
 */
int members_restrict(struct members *members, int fd, uint64_t count,
                     struct err *err) MUST_CHECK;
void members_done(struct members *members);

/**
 * members_next - read, check and inflate the next member.
 * @out: written only on 1; borrowed until the next call.
 *
 * Returns 1, 0 behind the last, or -1 with ERR_FORMAT (a wrong digest too: the
 * payload is damaged, whoever did it) or ERR_SYSTEM.
 */
int members_next(struct members *members, struct members_piece *out,
                 struct err *err) MUST_CHECK;

#endif
