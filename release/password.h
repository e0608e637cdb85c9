/* SPDX-License-Identifier: Apache-2.0 */
/* The password of a secret key: from a file, from the credentials of a systemd
 * unit, or typed at the terminal; never from the command line. */
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

/**
 * password_get - find the password.
 * @file: its first line is the password; NULL: $CREDENTIALS_DIRECTORY's file
 *        minisign-password, else the terminal.
 * @key:  the file of the key, for the question.
 *
 * Returns 0, or -1 with ERR_USAGE when there is none.
 */
int password_get(const struct request *request, const char *file,
                 const char *key, enum password_use use, struct password *out,
                 struct err *err) MUST_CHECK;

#endif
