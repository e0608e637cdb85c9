/* SPDX-License-Identifier: Apache-2.0 */
/* Times of trusted_root.json: RFC 3339 in UTC ("Z" alone), with up to nine
 * digits of a fraction, as protocol buffers write their Timestamp.  Years 1970
 * to 9999. */
#ifndef CODEC_RFC3339_H
#define CODEC_RFC3339_H

#include <stddef.h>

#include "base/err.h"
#include "base/instant.h"

/**
 * rfc3339_parse - read a time.
 * @out: written only on 0.
 *
 * A leap second is refused, as it is everywhere in Sigstore.
 *
 * Returns 0, or -1 with ERR_FORMAT.
 */
int rfc3339_parse(const char *text, size_t len, struct instant *out,
                  struct err *err) MUST_CHECK;

#endif
