/* SPDX-License-Identifier: Apache-2.0 */
/* The one place where secrets are taken out of what package-release says: say.c
 * sends each text through it.  No message is made of a secret in the first
 * place; this is for what a server, a helper or a build command says back.
 *
 * Who reads a secret notes it here before it goes anywhere.  It is then looked
 * for as it is, as base64 of itself and of "user:secret", and percent-encoded.
 */
#ifndef RELEASE_REDACT_H
#define RELEASE_REDACT_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

#define REDACT_SECRETS_MAX 64
#define REDACT_LENGTH_MIN  6 /* bytes; a shorter one would hide words */
#define REDACT_SHOWN       "***"

/**
 * redact_note - remember a secret until the program ends.
 * @user: that it goes with; may be NULL.
 *
 * Texts shorter than REDACT_LENGTH_MIN are not remembered.  Returns 0, or -1
 * with ERR_LIMIT beyond REDACT_SECRETS_MAX, ERR_SYSTEM.
 */
int redact_note(const char *user, const char *secret, size_t len,
                struct err *err) MUST_CHECK;

/** redact_buf - replace each secret in @text by REDACT_SHOWN: in place, as a
 * text only gets shorter by that. */
void redact_buf(struct buf *text);

/** redact_text - the same in a NUL-terminated text. */
void redact_text(char *text);

/** redact_forget - wipe all that was noted. */
void redact_forget(void);

#endif
