/* SPDX-License-Identifier: Apache-2.0 */
/* Whether libarchive, and so tar(1), sees in an entry of the tar what
 * payload.mtree says of it. */
#ifndef UNPACK_ENTRY_CHECK_H
#define UNPACK_ENTRY_CHECK_H

#include <stdint.h>

#include "base/err.h"
#include "codec/mtree.h"

struct archive_entry;

/**
 * entry_check - compare path, type, mode, size, time, owner and link target,
 * and that the entry has nothing that format 1 lacks: hard links, extended
 * attributes, ACLs, flags, holes.
 * Returns 0, or -1 with ERR_FORMAT naming path and difference.
 */
int entry_check(struct archive_entry *seen, const struct mtree_entry *want,
                int64_t created, struct err *err) MUST_CHECK;

#endif
