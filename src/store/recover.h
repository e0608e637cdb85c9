/* SPDX-License-Identifier: Apache-2.0 */
/* What a crash leaves, and how the next run mends it. */
#ifndef STORE_RECOVER_H
#define STORE_RECOVER_H

#include "base/err.h"
#include "codec/journal.h"
#include "store/store.h"

enum store_recovery {
	STORE_CLEAN,    /* no activation was under way */
	STORE_UNDONE,   /* the switch had not happened; as if never begun */
	STORE_FINISHED, /* the switch had happened, and is complete */
	STORE_PENDING,  /* the same, but the gate must pass: run it once more,
	                 * then store_settle or store_revert */
	STORE_REVERTED  /* a revert is complete; restart, then store_settle */
};

struct recovery {
	enum store_recovery what;
	struct journal journal; /* of the activation; meaningless if CLEAN */
	unsigned leftovers;     /* staging folders and the like removed */
};

/**
 * store_recover - the first step of every run that writes: finish or undo what
 * the last one left, and remove its leftovers.  Calling it again changes
 * nothing more.
 * @out: written only on 0.
 *
 * Returns 0, or -1 with ERR_SYSTEM or ERR_FORMAT; call it again later.
 */
int store_recover(const struct store *store, struct recovery *out,
                  struct err *err) MUST_CHECK;

#endif
