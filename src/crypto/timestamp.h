/* SPDX-License-Identifier: Apache-2.0 */
/* Signed timestamps (RFC 3161): a time stamping authority says when it saw a
 * signature.  Bytes in, values out: no file, and the clock is not asked; the
 * certificates are judged at the time that the timestamp itself names. */
#ifndef CRYPTO_TIMESTAMP_H
#define CRYPTO_TIMESTAMP_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/instant.h"
#include "crypto/certificate.h"

#define TIMESTAMP_MAX 65536 /* bytes of a response */

/**
 * timestamp_verify - whether one authority saw @message, and when.
 * @response:  a TimeStampResp in DER, all of whose bytes belong to it.
 * @message:   the bytes that were stamped; in Sigstore, the raw signature.
 * @authority: its last certificate is the one anchor.  Where the first is no
 *             authority itself, it must have signed: OpenSSL would take any
 *             certificate for time stamping below the anchor.
 * @out:       the time, from the verified bytes; written only on 0.
 *
 * The response must be granted; the imprint is SHA-256, -384 or -512 of
 * @message (SHA-1 is refused); exactly one signer, with the critical extended
 * key usage timeStamping alone and an ESSCertID that fits; the path is valid at
 * that time.  Certificates in the response may only help to build the path.
 * Whether the authority was in use then is for the caller to say.
 *
 * Returns 0; -1 with ERR_UNTRUSTED naming the check and OpenSSL's reason,
 * ERR_FORMAT for other bytes, ERR_LIMIT above TIMESTAMP_MAX, ERR_USAGE for an
 * empty authority, or ERR_SYSTEM without memory.
 */
int timestamp_verify(struct bytes response, struct bytes message,
                     const struct certificate_chain *authority,
                     struct instant *out, struct err *err) MUST_CHECK;

#endif
