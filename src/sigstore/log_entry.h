/* SPDX-License-Identifier: Apache-2.0 */
/* Log entries: that a transparency log of the host's took up this very
 * signature, by its promise (a signed entry timestamp, which also says when) or
 * by a proof that leads to a checkpoint that the log signed. */
#ifndef SIGSTORE_LOG_ENTRY_H
#define SIGSTORE_LOG_ENTRY_H

#include "base/err.h"
#include "codec/sigstore_bundle.h"
#include "sigstore/signed_content.h"
#include "sigstore/signer.h"
#include "sigstore/trust.h"

/* An entry that was verified. */
struct logged {
	const struct sigstore_log_entry *entry; /* borrowed */
	const struct sigstore_log *log;         /* borrowed */
	bool has_promise; /* its time and its index over all trees hold */
};

/**
 * log_entry_verify - verify one entry of the bundle.
 * @out: written only on 1.
 *
 * Body, promise and proof must hold, as far as they are there; the codec
 * demanded the ones that the bundle's version does.  A proof without a
 * checkpoint, in bundles of version 0.1, leads nowhere and counts for nothing.
 * The promised time lies in the log's period.
 *
 * Returns 1; 0 for an entry of a log that the host does not know; -1 with
 * ERR_UNTRUSTED naming the check, or as the codecs.
 */
int log_entry_verify(const struct sigstore_log_entry *entry,
                     const struct sigstore_trust *trust,
                     const struct signed_content *content,
                     const struct signer *signer, struct logged *out,
                     struct err *err) MUST_CHECK;

#endif
