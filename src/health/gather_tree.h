/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at the files of one release, and at what is on record of them. */
#ifndef HEALTH_GATHER_TREE_H
#define HEALTH_GATHER_TREE_H

#include "base/err.h"
#include "health/release_view.h"
#include "health/tree_record.h"

/**
 * gather_record - what is known of the files: for a quick look what is on
 * record, for a look that records empty rows, else nothing (no rows).
 * @record: TREE_RECORD_NONE; release it with tree_record_done.
 *
 * Returns 0, or -1 with ERR_SYSTEM without memory.
 */
int gather_record(const struct release_view *view, struct tree_record *record,
                  struct err *err) MUST_CHECK;

/** gather_tree - compare each file; those that the record knows are not read,
 * and without a record no file is.  Errors as gather_record. */
int gather_tree(const struct release_view *view, struct tree_record *record,
                struct err *err) MUST_CHECK;

/** gather_recorded - put on record what was found as signed, where that was
 * asked for.  Returns 0, or -1 as record_writer_add. */
int gather_recorded(const struct release_view *view,
                    const struct tree_record *record,
                    struct err *err) MUST_CHECK;

#endif
