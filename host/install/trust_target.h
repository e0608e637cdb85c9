/* SPDX-License-Identifier: Apache-2.0 */
/* What an operand of the trust command names, of what the host trusts. */
#ifndef INSTALL_TRUST_TARGET_H
#define INSTALL_TRUST_TARGET_H

#include "base/err.h"
#include "host.h"

#define TARGET_COSIGN   "cosign:"
#define TARGET_IDENTITY "identity:"

/* One of them is set; borrowed from the host. */
struct trust_target {
	const struct keyring_key *key;
	const struct keyring_cosign_key *cosign;
	const struct keyring_root *root;
	const struct settings_identity *identity;
};

/**
 * trust_target_find - by the name of a key, identity or trusted root, a key id,
 * "cosign:DIGEST", "identity:NAME", or the name of a trusted root's file.
 *
 * Returns 1, 0 for nothing of all that, or -1 with ERR_USAGE for a name that
 * several have.
 */
int trust_target_find(const struct host *host, const char *operand,
                      struct trust_target *out, struct err *err) MUST_CHECK;

/** trust_root_file - the name of a trusted root's file. */
#define TRUST_ROOT_FILE_SIZE (KEY_NAME_SIZE + sizeof KEYRING_ROOT_SUFFIX)
void trust_root_file(const struct keyring_root *root,
                     char out[TRUST_ROOT_FILE_SIZE]);

#endif
