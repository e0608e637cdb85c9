/* SPDX-License-Identifier: Apache-2.0 */
/* That the body of a log entry is about this very bundle: same digest, same
 * signature, same certificate or key.  Without it an entry of another signing,
 * perfectly logged, would pass for this one (GHSA-whqx-f9j3-ch6m in cosign). */
#ifndef SIGSTORE_ENTRY_BODY_H
#define SIGSTORE_ENTRY_BODY_H

#include "base/err.h"
#include "codec/rekor_entry.h"
#include "sigstore/signed_content.h"
#include "sigstore/signer.h"

/**
 * entry_body_check - compare a body with what the bundle says.
 * @entry: parsed; its kind must fit the content, too.
 *
 * The hash of the whole envelope's JSON, which kinds "dsse" and "intoto" log
 * besides, can't be made again and is not compared.
 *
 * Returns 0; -1 with ERR_UNTRUSTED naming what differs, ERR_FORMAT for a
 * verifier that can't be read, or ERR_SYSTEM.
 */
int entry_body_check(const struct rekor_entry *entry,
                     const struct signed_content *content,
                     const struct signer *signer, struct err *err) MUST_CHECK;

#endif
