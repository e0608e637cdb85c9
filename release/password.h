/* SPDX-License-Identifier: Apache-2.0 */
/* The password of a secret key: from a file, from the credentials of a systemd
 * unit, from the variable that cosign reads, or typed at the terminal; never
 * from the command line. */
#ifndef RELEASE_PASSWORD_H
#define RELEASE_PASSWORD_H

#include <stddef.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "request.h"

#define PASSWORD_MAX 1024 /* bytes, as minisign has it */

struct password {
	char text[PASSWORD_MAX + 1];
	size_t len;
};

#define AUTO_PASSWORD AUTO(password_wipe)

void password_wipe(struct password *password);

enum password_use { PASSWORD_OLD, PASSWORD_NEW /* asked for twice */ };

/* Where to look, in this order; the terminal comes last. */
struct password_query {
	const char *file;       /* of --password-file; may be NULL */
	const char *credential; /* file in $CREDENTIALS_DIRECTORY */
	const char *variable;   /* value of $COSIGN_PASSWORD, which may be
	                         * empty; NULL where none is looked at */
	const char *key;        /* names the key in the question */
	enum password_use use;
};

#define PASSWORD_OF_MINISIGN "minisign-password"
#define PASSWORD_OF_COSIGN   "cosign-password"

/**
 * password_get - find the password; of a file its first line.
 * Returns 0, or -1 with ERR_USAGE when there is none.
 */
int password_get(const struct request *request,
                 const struct password_query *query, struct password *out,
                 struct err *err) MUST_CHECK;

#endif
