/* SPDX-License-Identifier: Apache-2.0 */
/* Which bytes of payload.tar.gz an install needs: the gzip members that hold
 * bytes of a file it lacks, as few ranges as pay.  Pure; the same inputs give
 * the same plan, so that what --dry-run prints is what then happens.
 *
 *     members of payload.index, in order   payload_plan_member
 *     the place of each file that lacks    payload_plan_want
 *     members that lie on the disk         payload_plan_have
 *     then                                 payload_plan_finish
 */
#ifndef CODEC_PAYLOAD_PLAN_H
#define CODEC_PAYLOAD_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "codec/payload_index.h"

#define PLAN_MEMBERS_MAX ((size_t)1 << 21) /* 256 GiB of tar and more */
/* An install sends REQUESTS_MAX requests at most, retries not counted: of the
 * payload as many ranges as the small parts have left of them. */
#define REQUESTS_MAX    32
#define PLAN_RANGES_MAX 30
/* A request costs about as much as this many bytes: a gap that is smaller is
 * fetched along. */
#define PLAN_GAP ((uint64_t)64 * 1024)

/* Bytes of payload.tar.gz; whole members. */
struct payload_range {
	uint64_t offset;
	uint64_t len; /* at least 1 */
};

struct plan_member {
	uint64_t packed_end; /* in payload.tar.gz; it begins where the one
	                      * before it ends */
	uint64_t plain_end;  /* in the tar; the same */
	bool is_wanted;
	bool is_there;
};

struct payload_plan {
	/* What is to be fetched; ascending, none touches the next. */
	struct payload_range ranges[PLAN_RANGES_MAX];
	size_t range_count; /* 0: nothing is */
	uint64_t bytes;     /* of all ranges */
	uint64_t wanted;    /* bytes of the members that are needed */

	struct plan_member *members; /* owned */
	size_t member_count;
	size_t member_room;
};

#define PAYLOAD_PLAN_NONE ((struct payload_plan){ .members = NULL })
#define AUTO_PAYLOAD_PLAN AUTO(payload_plan_done)

void payload_plan_done(struct payload_plan *plan);

/**
 * payload_plan_member - add the next member.
 * Returns 0, or -1 with ERR_LIMIT above PLAN_MEMBERS_MAX, ERR_SYSTEM without
 * memory, ERR_FORMAT where it does not follow the one before.
 */
int payload_plan_member(struct payload_plan *plan,
                        const struct index_member *member,
                        struct err *err) MUST_CHECK;

/**
 * payload_plan_want - that these bytes of the tar are needed.
 * Returns 0, or -1 with ERR_FORMAT where they lie outside the members.
 */
int payload_plan_want(struct payload_plan *plan, uint64_t plain_offset,
                      uint64_t len, struct err *err) MUST_CHECK;

/** payload_plan_is_wanted - whether any file needs member @number. */
bool payload_plan_is_wanted(const struct payload_plan *plan, size_t number);

/** payload_plan_have - member @number (from 0) lies on the disk, whole. */
void payload_plan_have(struct payload_plan *plan, size_t number);

/**
 * payload_plan_finish - work out ranges, be it once more for another
 * @ranges_max: wanted members that are not there,
 * joined over gaps of less than PLAN_GAP, and over the smallest gaps until
 * there are @ranges_max at most: at least 1, and no more than PLAN_RANGES_MAX,
 * whatever it says.
 */
void payload_plan_finish(struct payload_plan *plan, size_t ranges_max);

#endif
