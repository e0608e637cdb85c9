/* SPDX-License-Identifier: Apache-2.0 */
/* Integrity of a bundle: all its bytes against what release.ini, payload.mtree
 * and payload.index say of them.  Who signed release.ini is judged elsewhere;
 * without that, integrity means that nothing was damaged, not that nobody
 * forged it. */
#ifndef PACK_CHECK_H
#define PACK_CHECK_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "codec/mtree.h"
#include "pack/sealed_bundle.h"

/* Who wants the contents of the files, as they are checked: what was given
 * counts only once the whole check has passed. */
struct check_sink {
	/* A file that is not empty; 1: its bytes are wanted, 0: not, -1. */
	int (*begin)(void *context, const struct mtree_entry *entry,
	             struct err *err);
	int (*bytes)(void *context, const void *data, size_t len,
	             struct err *err);
	void *context;
};

/**
 * check_bundle - check the pins of all parts, the CRC of a bundle file,
 * profile.env, payload.sha256, and the payload as check_payload does.
 * Returns 0, or -1 with ERR_FORMAT naming part or file, ERR_LIMIT, ERR_SYSTEM.
 */
int check_bundle(const struct sealed_bundle *bundle,
                 struct err *err) MUST_CHECK;

/** check_bundle_files - the same, and give the files to @sink, in the order of
 * payload.mtree. */
int check_bundle_files(const struct sealed_bundle *bundle,
                       const struct check_sink *sink,
                       struct err *err) MUST_CHECK;

/**
 * check_payload - read the payload once: its own digest, the members against
 * payload.index, and each byte of the tar against payload.mtree, which leaves
 * a tar no freedom but the contents of files, and those have digests.
 * Expects that the pins of payload.mtree and payload.index hold.
 * @sink: NULL: nobody wants the files.
 */
int check_payload(const struct sealed_bundle *bundle,
                  const struct check_sink *sink, struct err *err) MUST_CHECK;

#endif
