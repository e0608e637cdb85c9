/* SPDX-License-Identifier: Apache-2.0 */
/* The pinned parts, held against the release.ini that was verified: into the
 * staged package, or only looked at. */
#ifndef INSTALL_PARTS_H
#define INSTALL_PARTS_H

#include "base/err.h"
#include "base/meter.h"
#include "description.h"
#include "part_source.h"
#include "store/package_stage.h"
#include "trust/judge.h"

/* Pinned parts in files without names, until they go into the store. */
struct parts_copy {
	const struct host *host; /* borrowed; on whose disk */
	int fds[PART_KINDS];     /* owned; -1: no such part */
};

#define AUTO_PARTS_COPY AUTO(parts_copy_done)

void parts_copy_init(struct parts_copy *copy, const struct host *host);
void parts_copy_done(struct parts_copy *copy);

/**
 * parts_receive - take all parts but the payload.
 * @first: as description_read gave it.
 * @stage: where pinned parts go; NULL to check them only.
 * @copy:  where they go besides; NULL: nowhere.
 *
 * Returns 0 when each part that is pinned came, and no other, and all are what
 * release.ini says; -1 with ERR_FORMAT, or as part_source_next and
 * package_stage_*.
 */
int parts_receive(struct part_source *source, const struct part_piece *first,
                  const struct verification_result *verified,
                  struct package_stage *stage, struct parts_copy *copy,
                  struct err *err) MUST_CHECK;

/**
 * parts_replay - put what was copied into the stage, as parts_receive would.
 * Returns 0, or -1 as package_stage_*.
 */
int parts_replay(const struct parts_copy *copy,
                 const struct verification_result *verified,
                 struct package_stage *stage, struct err *err) MUST_CHECK;

/**
 * parts_put_evidence - write release.ini and its evidence to the stage, under
 * the names of the format.  A further signature is named by its key id; one
 * that cannot be read counts for nothing and is left out.
 */
int parts_put_evidence(const struct description *description,
                       struct package_stage *stage, struct err *err) MUST_CHECK;

/**
 * parts_receive_payload - that the payload has the digest of release.ini,
 * without unpacking it.  After parts_receive.
 * @stage: where it is kept; NULL: it is only checked.
 * @meter: shows how far it is.
 * Returns 0, or -1 with ERR_FORMAT or ERR_SYSTEM, or as package_stage_part_*.
 */
int parts_receive_payload(struct part_source *source,
                          const struct verification_result *verified,
                          struct package_stage *stage, struct meter *meter,
                          struct err *err) MUST_CHECK;

#endif
