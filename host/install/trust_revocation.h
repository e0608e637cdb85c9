/* SPDX-License-Identifier: Apache-2.0 */
/* trust revoke: one more line in revoked.ini. */
#ifndef INSTALL_TRUST_REVOCATION_H
#define INSTALL_TRUST_REVOCATION_H

#include "base/err.h"
#include "host.h"

/**
 * trust_revocation_add - revoke what @operand names: what trust_target_find
 * finds, but for a trusted root; a minisign key id, "cosign:DIGEST" or
 * "identity:NAME" that is not trusted here; or "sha256:DIGEST" of a
 * release.ini.
 * @folder: from trust_folder_lock; the keyring of @host was read since.
 *
 * A minisign key is revoked under each id that it has in the folder.  Returns
 * 0, or -1 with ERR_USAGE, ERR_LIMIT or ERR_SYSTEM; the file is then as before.
 */
int trust_revocation_add(struct host *host, int folder, const char *operand,
                         const char *reason, struct err *err) MUST_CHECK;

#endif
