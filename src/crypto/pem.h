/* SPDX-License-Identifier: Apache-2.0 */
/* PEM texts (RFC 7468) of one block. */
#ifndef CRYPTO_PEM_H
#define CRYPTO_PEM_H

#include "base/buf.h"
#include "base/err.h"

/**
 * pem_read - what the one block of a text holds.
 * @label: the kind of block it must be, as "PUBLIC KEY".
 * @out:   the decoded bytes are appended; its limit counts.
 *
 * Nothing but white space may stand around the block; a second one, which
 * OpenSSL would ignore, is refused.  Returns 0; -1 with ERR_FORMAT, or as
 * buf_add.
 */
int pem_read(const char *text, size_t len, const char *label, struct buf *out,
             struct err *err) MUST_CHECK;

#endif
