/* SPDX-License-Identifier: Apache-2.0 */
/* Integrity of a bundle: all its bytes against what release.ini, payload.mtree
 * and payload.index say of them.  Who signed release.ini is judged elsewhere;
 * without that, integrity means that nothing was damaged, not that nobody
 * forged it. */
#ifndef PACK_CHECK_H
#define PACK_CHECK_H

#include "base/err.h"
#include "pack/sealed_bundle.h"

/**
 * check_bundle - check the pins of all parts, the CRC of a bundle file,
 * profile.env, payload.sha256, and the payload as check_payload does.
 * Returns 0, or -1 with ERR_FORMAT naming part or file, ERR_LIMIT, ERR_SYSTEM.
 */
int check_bundle(const struct sealed_bundle *bundle,
                 struct err *err) MUST_CHECK;

/**
 * check_payload - read the payload once: its own digest, the members against
 * payload.index, and each byte of the tar against payload.mtree, which leaves
 * a tar no freedom but the contents of files, and those have digests.
 * Expects that the pins of payload.mtree and payload.index hold.
 */
int check_payload(const struct sealed_bundle *bundle,
                  struct err *err) MUST_CHECK;

#endif
