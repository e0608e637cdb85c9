/* SPDX-License-Identifier: Apache-2.0 */
/* --locked FILE: the administrator's word on which releases may be installed.
 * It is bytes here: where no other option says where the release is, a worker
 * reads it, and the monitor holds it against one thing alone, the digest of the
 * release.ini that it has verified (codec/lock_pin.h): that takes no parser. */
#ifndef INSTALL_LOCKFILE_H
#define INSTALL_LOCKFILE_H

#include "base/buf.h"
#include "base/err.h"
#include "crypto/sha256.h"
#include "privsep/fetch.h"

#define LOCKFILE_MAX        FETCH_LOCK_MAX
#define LOCKFILE_DIGEST_HEX (2 * SHA256_LEN + 1)

/**
 * lockfile_read - append the file to @out.
 *
 * Links in @path are the caller's to follow; the file is regular, belongs to
 * root or the effective user and is writable by nobody else.
 * Returns 0, or -1 with ERR_SYSTEM, ERR_UNTRUSTED, ERR_LIMIT, ERR_FORMAT for an
 * empty file, ERR_USAGE for that of a dry run.
 */
int lockfile_read(const char *path, struct buf *out,
                  struct err *err) MUST_CHECK;

/**
 * lockfile_require - that the file pins this release.
 * @release: the digest of its release.ini, verified.
 * Returns 0, or -1 with ERR_UNTRUSTED.
 */
int lockfile_require(const struct buf *lock, const uint8_t release[SHA256_LEN],
                     struct err *err) MUST_CHECK;

/** lockfile_digest - of the file, in hex, for the receipt; "" without one.
 * Returns 0, or -1 with ERR_SYSTEM. */
int lockfile_digest(const struct buf *lock, char out[LOCKFILE_DIGEST_HEX],
                    struct err *err) MUST_CHECK;

#endif
