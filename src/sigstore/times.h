/* SPDX-License-Identifier: Apache-2.0 */
/* When witnesses saw the signature: times that logs promised, and timestamps
 * (RFC 3161).  Nothing else is a time: neither the host's clock nor anything
 * that the signer wrote. */
#ifndef SIGSTORE_TIMES_H
#define SIGSTORE_TIMES_H

#include "base/err.h"
#include "sigstore/log_entry.h"
#include "sigstore/signer.h"
#include "sigstore/trust.h"
#include "sigstore/verify.h"

struct times {
	struct sigstore_time at[SIGSTORE_TIMES_MAX];
	size_t count;
};

/**
 * times_verify - gather the verified times.
 * @logged: the verified log entries, @count of them.
 * @out:    is empty; a part may be written on -1.
 *
 * Of the timestamps, one must verify where the root knows any authority; the
 * others, perhaps by strangers, are passed over.  A certificate needs a time; a
 * root that demands SIGSTORE_TIMESTAMP needs a timestamp.  A log that promised
 * no time for its entry (Rekor v2) must have been in use at a verified time,
 * where there is one.
 *
 * Returns 0, or -1 with ERR_UNTRUSTED, or as timestamp_verify.
 */
int times_verify(const struct sigstore_bundle *bundle,
                 const struct sigstore_trust *trust,
                 const struct signer *signer, const struct logged *logged,
                 size_t count, struct times *out, struct err *err) MUST_CHECK;

#endif
