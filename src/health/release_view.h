/* SPDX-License-Identifier: Apache-2.0 */
/* One release while it is looked at: what is open of it, and its seal under
 * the host's trust of today.  What release.ini pins is read only through
 * view_open_pinned, and that only once the seal is good. */
#ifndef HEALTH_RELEASE_VIEW_H
#define HEALTH_RELEASE_VIEW_H

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "codec/part.h"
#include "crypto/sha256.h"
#include "health/gather_release.h"
#include "trust/judge.h"

struct release_view {
	const struct gather_trust *trust; /* borrowed */
	struct release_facts *facts;      /* borrowed */
	int package;                      /* packages/<version>, or -1; owned */
	int tree;                         /* releases/<version>, or -1; owned */
	struct buf release_ini;           /* raw; empty: could not be read */
	uint8_t release_sha256[SHA256_LEN];   /* of it */
	struct verification_result *verified; /* owned; NULL: not trusted */
};

#define AUTO_RELEASE_VIEW AUTO(release_view_done)

/**
 * release_view_open - open what is there of @facts->version and judge its
 * seal; facts->signature says what came of it.
 * @out: written always; release it with release_view_done.
 *
 * Returns 0, or -1 with ERR_SYSTEM without memory.
 */
int release_view_open(const struct gather_trust *trust,
                      struct release_facts *facts, struct release_view *out,
                      struct err *err) MUST_CHECK;
void release_view_done(struct release_view *view);

/** release_view_blocks - whether @look must wait for a good seal; then it says
 * so. */
bool release_view_blocks(const struct release_view *view, struct look *look);

/**
 * release_view_part - open a part and hold it against its pin; the seal must
 * be good.
 * Returns a descriptor that the caller owns, read from its start, or -1 with
 * ERR_FORMAT where it is not what is pinned, or as fs_open_trusted.
 */
int release_view_part(const struct release_view *view, enum part_kind kind,
                      struct err *err) MUST_CHECK;

#endif
