/* SPDX-License-Identifier: Apache-2.0 */
/* Writing what was signed with a key: Sigstore bundles v0.3 without log entries
 * and timestamps, as cosign v3 writes them with an empty signing configuration,
 * and DSSE envelopes that stand alone.  The same values give the same bytes, in
 * one line.  Sources: those of codec/sigstore_bundle.h and codec/dsse.h. */
#ifndef CODEC_SIGSTORE_WRITE_H
#define CODEC_SIGSTORE_WRITE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"

#define SIGSTORE_KEY_ID_LEN 32
#define SIGSTORE_DIGEST_LEN 32

/**
 * sigstore_write_message - append the bundle of a signed blob.
 * @key_id:    SIGSTORE_KEY_ID_LEN bytes, the SHA-256 of the key's SPKI; the
 *             bundle names the key by it, and nothing authenticates that.
 * @sha256:    of the blob, SIGSTORE_DIGEST_LEN bytes.
 *
 * Returns 0, or -1 as buf_add; then @out may hold a part.
 */
int sigstore_write_message(const uint8_t *key_id, const uint8_t *sha256,
                           struct bytes signature, struct buf *out,
                           struct err *err) MUST_CHECK;

/** sigstore_write_envelope - append the bundle of a signed envelope; the
 * signature is over its PAE (dsse_pae).  Returns as sigstore_write_message. */
int sigstore_write_envelope(const uint8_t *key_id, const char *payload_type,
                            struct bytes payload, struct bytes signature,
                            struct buf *out, struct err *err) MUST_CHECK;

/** dsse_write - append an envelope with one signature.
 * @key_id: text that names the key.  Returns as sigstore_write_message. */
int dsse_write(const char *payload_type, struct bytes payload,
               const char *key_id, struct bytes signature, struct buf *out,
               struct err *err) MUST_CHECK;

#endif
