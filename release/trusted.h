/* SPDX-License-Identifier: Apache-2.0 */
/* Whom a command is told to trust: single keys, or what a host trusts and the
 * policy that it judges by. */
#ifndef RELEASE_TRUSTED_H
#define RELEASE_TRUSTED_H

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "codec/settings.h"
#include "request.h"
#include "trust/keyring.h"

/* All zero is nobody.  Large: to be allocated. */
struct trusted {
	struct keyring keyring;
	struct settings settings;
	struct buf settings_text; /* what they were parsed from */
};

/**
 * trusted_new - read what --key, --trust and --config name.
 * @out: written only on 0; free it with trusted_free.
 *
 * Keys alone make a policy of their own: of each kind that is named, minisign
 * and cosign, one must have signed.  A trust folder without --config has that
 * of a host without a configuration: a minisign key.
 *
 * Returns 0, or -1 with ERR_USAGE, ERR_FORMAT, ERR_UNTRUSTED for a folder that
 * others can write or that holds nothing, or ERR_SYSTEM.
 */
int trusted_new(const struct request *request, struct trusted **out,
                struct err *err) MUST_CHECK;

/**
 * trusted_signers_new - the same for attach, which takes what anybody named has
 * signed: also the owner of a certificate (--certificate-identity,
 * --certificate-oidc-issuer), whom the caller compares, with the root of
 * --trusted-root or, where the trust folder has none, TRUSTED_ROOT_DEFAULT.
 * Also ERR_USAGE where nobody is named.
 */
int trusted_signers_new(const struct request *request, struct trusted **out,
                        struct err *err) MUST_CHECK;

#define TRUSTED_ROOT_DEFAULT "/etc/tidegate/trusted_root.json"

/**
 * trusted_root_read - the trusted root of this host: it decides, so that nobody
 * but root or the caller may have written it.
 * @path: absolute.  Returns 0, or -1 with ERR_USAGE where there is none,
 *        ERR_UNTRUSTED, ERR_LIMIT or ERR_SYSTEM.
 */
int trusted_root_read(const char *path, struct buf *out,
                      struct err *err) MUST_CHECK;

void trusted_free(struct trusted *trusted); /* NULL is fine */

static inline void trusted_done(struct trusted **trusted)
{
	trusted_free(*trusted);
	*trusted = NULL;
}

#define AUTO_TRUSTED AUTO(trusted_done)

#endif
