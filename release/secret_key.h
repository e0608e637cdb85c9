/* SPDX-License-Identifier: Apache-2.0 */
/* The secret keys that sign: found, read, and opened with their password. */
#ifndef RELEASE_SECRET_KEY_H
#define RELEASE_SECRET_KEY_H

#include "base/err.h"
#include "crypto/cosign_key.h"
#include "crypto/minisign.h"
#include "package_settings.h"
#include "request.h"

/* The keys of one run; NULL: not asked for. */
struct secret_keys {
	struct minisign_signer *minisign; /* owned */
	struct cosign_signer *cosign;     /* owned */
};

#define SECRET_KEYS_NONE ((struct secret_keys){ NULL, NULL })
#define AUTO_SECRET_KEYS AUTO(secret_keys_done)

/** secret_keys_done - wipe them. */
void secret_keys_done(struct secret_keys *keys);

/**
 * secret_keys_open - open what @settings name.
 * @out: written only on 0.
 *
 * A file of --password-file opens both.  Returns 0, also where no key is named,
 * or -1 with ERR_USAGE for a missing or wrong password, a variable that is not
 * set or a key of another kind; ERR_FORMAT, ERR_LIMIT or ERR_SYSTEM; naming the
 * key.
 */
int secret_keys_open(const struct request *request,
                     const struct package_settings *settings,
                     struct secret_keys *out, struct err *err) MUST_CHECK;

/**
 * secret_keys_require - the same where a key must be named.
 * @command: "sign" and so on, and @path what it works on, for the message.
 */
int secret_keys_require(const struct request *request,
                        const struct package_settings *settings,
                        const char *command, const char *path,
                        struct secret_keys *out, struct err *err) MUST_CHECK;

/**
 * secret_key_open_cosign - one key of cosign.
 * @source:        a file, its text, or env://NAME of either.
 * @password_file: NULL: not by a file.
 * Returns as secret_keys_open, with *@out owned by the caller.
 */
int secret_key_open_cosign(const struct request *request, const char *source,
                           const char *password_file,
                           struct cosign_signer **out,
                           struct err *err) MUST_CHECK;

#endif
