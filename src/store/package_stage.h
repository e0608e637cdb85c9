/* SPDX-License-Identifier: Apache-2.0 */
/* packages/.staging: the sealed parts of a release on their way into the
 * store.  Each part is written once and hashed once, on the way.  Only the
 * owner can enter the folder; commit.h makes it visible. */
#ifndef STORE_PACKAGE_STAGE_H
#define STORE_PACKAGE_STAGE_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "codec/part.h"
#include "codec/release_ini.h"
#include "crypto/sha256.h"
#include "store/store.h"

#define RECEIPT_NAME "receipt.ini"

/* Fields are private but for dir. */
struct package_stage {
	int dir; /* packages/.staging; owned */
	int fd;  /* of the part being written, or -1; owned */
	enum part_kind kind;
	struct part_pin pin;
	uint64_t size; /* bytes of the part so far */
	struct sha256 hash;
};

#define PACKAGE_STAGE_NONE                                                     \
	((struct package_stage){ .dir = -1, .fd = -1, .hash = SHA256_NONE })
#define AUTO_PACKAGE_STAGE AUTO(package_stage_done)

/**
 * package_stage_begin - an empty packages/.staging; leftovers are removed.
 * @out: written only on 0; release it with package_stage_done.
 * Returns 0, or -1 with ERR_SYSTEM.
 */
int package_stage_begin(const struct store *store, struct package_stage *out,
                        struct err *err) MUST_CHECK;

/**
 * package_stage_into - the same in an empty folder of the caller's, for parts
 * that no store takes.
 * @dir: owned by @out from then on.
 */
void package_stage_into(int dir, struct package_stage *out);

/** package_stage_done - close it; what is on disk stays (for the commit, or
 * to be removed by store_recover or the next begin). */
void package_stage_done(struct package_stage *stage);

/**
 * package_stage_put - write a part that is not pinned: release.ini, which was
 * verified, or an evidence part.
 *
 * Returns 0, or -1 with ERR_LIMIT above part_max_size, ERR_CONFLICT when the
 * part was put before, ERR_INTERNAL for a pinned part, or ERR_SYSTEM.
 */
int package_stage_put(struct package_stage *stage, struct part part,
                      const void *data, size_t len, struct err *err) MUST_CHECK;

/**
 * package_stage_part_begin - start a pinned part.
 * @pin: what release.ini says about it; copied.
 * Returns 0, or -1 with ERR_CONFLICT when it was written before, ERR_INTERNAL
 * when another part is open or @kind is not pinned, or ERR_SYSTEM.
 */
int package_stage_part_begin(struct package_stage *stage, enum part_kind kind,
                             const struct part_pin *pin,
                             struct err *err) MUST_CHECK;

/**
 * package_stage_part_bytes - its next bytes.
 * Returns 0, or -1 with ERR_FORMAT on the first byte beyond the pinned size,
 * or ERR_SYSTEM; after -1 the stage is good for package_stage_done only.
 */
int package_stage_part_bytes(struct package_stage *stage, const void *data,
                             size_t len, struct err *err) MUST_CHECK;

/**
 * package_stage_part_end - that size and digest are those of the pin.
 * Returns 0, or -1 with ERR_FORMAT "payload.mtree is damaged: ...".
 */
int package_stage_part_end(struct package_stage *stage,
                           struct err *err) MUST_CHECK;

/**
 * package_stage_open - open a finished part for reading, with an offset of its
 * own each time, as a worker and the monitor need it.
 * Returns a descriptor the caller owns, or -1 with ERR_SYSTEM.
 */
int package_stage_open(const struct package_stage *stage, struct part part,
                       struct err *err) MUST_CHECK;

/** package_stage_receipt - write receipt.ini, last of all. */
int package_stage_receipt(struct package_stage *stage, const void *data,
                          size_t len, struct err *err) MUST_CHECK;

#endif
