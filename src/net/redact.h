/* SPDX-License-Identifier: Apache-2.0 */
/* The one place where secrets are taken out of what a program says: say.c of
 * package-release sends each text through it, fetch-worker what servers say.
 * No message is made of a secret in the first place; this is for what a server,
 * a helper or a build command says back.
 *
 * Who reads a secret notes it here before it goes anywhere.  It is then looked
 * for as it is, as base64 of itself and of "user:secret", percent-encoded, and
 * as JSON escapes it.  A text must come here before it is cut: http_config has
 * what servers say brought here first.
 *
 * What is noted is the program's, as its standard output is. */
#ifndef NET_REDACT_H
#define NET_REDACT_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/docker_config.h"

#define REDACT_SECRETS_MAX 64
#define REDACT_PASSING_MAX 64
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

/** redact_note_docker - the same for all that docker's files have of a
 * registry.
 */
int redact_note_docker(const struct docker_credential *found,
                       struct err *err) MUST_CHECK;

/**
 * redact_note_passing - the same for a token that a server gave, of which a run
 * may have very many: the latest REDACT_PASSING_MAX are remembered.  0, or -1
 * with ERR_SYSTEM.
 */
int redact_note_passing(const char *secret, size_t len,
                        struct err *err) MUST_CHECK;

/**
 * redact_bytes - replace each secret in @text by REDACT_SHOWN, in place.
 *
 * So is the beginning of one, of REDACT_LENGTH_MIN bytes or more, that the text
 * ends with: it may have been cut there.  Returns the new length.
 */
size_t redact_bytes(char *text, size_t len);

/** redact_buf - replace each secret in @text by REDACT_SHOWN: in place, as a
 * text only gets shorter by that. */
void redact_buf(struct buf *text);

/** redact_text - the same in a NUL-terminated text. */
void redact_text(char *text);

/** redact_forget - wipe all that was noted. */
void redact_forget(void);

#endif
