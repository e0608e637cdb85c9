/* SPDX-License-Identifier: Apache-2.0 */
/* The small JSON answers of registries: tokens and errors.  Sources: "Token
 * Authentication" and "OAuth2 Token Authentication" of CNCF distribution; the
 * OCI distribution specification 1.1, section "Error codes". */
#ifndef CODEC_OCI_ANSWER_H
#define CODEC_OCI_ANSWER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define OCI_TOKEN_ANSWER_MAX ((size_t)128 << 10) /* bytes of JSON */
#define OCI_TOKEN_SIZE       16385 /* bytes of the longest token, with NUL */
#define OCI_TOKEN_LIFE       60    /* seconds, where the server does not say */
#define OCI_TOKEN_LIFE_MAX   86400 /* longer lives are cut to this */
#define OCI_ERROR_ANSWER_MAX ((size_t)64 << 10)
#define OCI_ERROR_TEXT_SIZE  8192 /* all that an error page may hold */

/* Large: 16 KiB. */
struct oci_token {
	char text[OCI_TOKEN_SIZE]; /* printable ASCII without blanks */
	uint64_t life;             /* seconds from the answer on */
};

/**
 * oci_token_parse - read {"token": ...} or {"access_token": ...}.
 * @out: written only on 0.
 *
 * Returns 0, or -1 with ERR_FORMAT or ERR_LIMIT; no error shows the token.
 */
int oci_token_parse(const char *text, size_t len, struct oci_token *out,
                    struct err *err) MUST_CHECK;

/**
 * oci_error_text - the first error of {"errors":[{"code", "message"}]}, as
 * "MANIFEST_UNKNOWN: manifest unknown", cut to fit, every byte of it printable.
 * @out: "" for a body that is no such answer.
 */
void oci_error_text(const char *text, size_t len,
                    char out[OCI_ERROR_TEXT_SIZE]);

#endif
