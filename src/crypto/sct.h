/* SPDX-License-Identifier: Apache-2.0 */
/* Signed certificate timestamps inside a certificate: the promise of a
 * Certificate Transparency log to publish it (RFC 6962, 3.2 and 3.3).  Bytes
 * in, values out: no file, no clock. */
#ifndef CRYPTO_SCT_H
#define CRYPTO_SCT_H

#include <stddef.h>

#include "base/err.h"
#include "base/instant.h"
#include "crypto/certificate.h"
#include "crypto/public_key.h"

#define SCT_MAX 32 /* timestamps in a certificate */

/* A log that the host trusts; its id is the key's. */
struct ct_log {
	const struct public_key *key; /* borrowed; P-256 or RSA (RFC 6962) */
	struct period period;         /* in which it was in use */
};

/* What was verified. */
struct sct {
	size_t log; /* which of the logs */
	struct instant time;
};

/**
 * sct_verify - whether one of the logs promised to publish @leaf.
 * @issuer: of @leaf, as certificate_verify() gave it: its key is in what the
 *          log signed.
 * @logs:   @count of them; timestamps by others are passed over.
 * @out:    the first that verifies; written only on 0.
 *
 * At least one embedded timestamp must be by a log of the list, bear a time in
 * that log's period and verify; extensions of a timestamp (those of Static CT)
 * are covered by the signature and not read.
 *
 * Returns 0; -1 with ERR_UNTRUSTED and why the last one by a known log does not
 * count, or that there is none; ERR_FORMAT for a list that cannot be read,
 * ERR_LIMIT above SCT_MAX, or ERR_SYSTEM without memory.
 */
int sct_verify(const struct certificate *leaf, const struct certificate *issuer,
               const struct ct_log *logs, size_t count, struct sct *out,
               struct err *err) MUST_CHECK;

#endif
