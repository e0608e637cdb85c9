/* SPDX-License-Identifier: Apache-2.0 */
/* A trusted root made usable: keys and certificates parsed once, then used for
 * any number of bundles.  It always comes from the host, and so does the list
 * of evidence that a bundle must show under it. */
#ifndef SIGSTORE_TRUST_H
#define SIGSTORE_TRUST_H

#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/instant.h"
#include "codec/sigstore_bundle.h"
#include "codec/trusted_root.h"
#include "crypto/certificate.h"
#include "crypto/note.h"
#include "crypto/public_key.h"

#define SIGSTORE_HOST_SIZE (NOTE_NAME_MAX + 1) /* bytes, with the NUL */

/* Evidence that a root can demand of each bundle; a set of bits.  A bundle with
 * a certificate always needs one verified time besides, of whatever source. */
enum sigstore_evidence {
	SIGSTORE_LOG = 1 << 0,       /* an entry in one of its logs */
	SIGSTORE_TIMESTAMP = 1 << 1, /* a timestamp of one of its authorities */
	SIGSTORE_SCT = 1 << 2,       /* certificates: in one of its CT logs */
};

/* The public instance; the default of every root that has logs. */
#define SIGSTORE_PUBLIC (SIGSTORE_LOG | SIGSTORE_SCT)
/* GitHub's own instance for private repositories, which has no logs. */
#define SIGSTORE_GITHUB SIGSTORE_TIMESTAMP

/* A transparency log or a CT log. */
struct sigstore_log {
	struct public_key key;
	uint8_t id[SIGSTORE_LOG_ID_LEN]; /* as the root says; of a CT log unused
	                                  */
	struct period period;
	/* The names that its checkpoints may bear: host of its base URL, and
	 * host with port.  "" where the root gives no URL. */
	char host[SIGSTORE_HOST_SIZE];
	char host_port[SIGSTORE_HOST_SIZE];
};

/* A certificate authority or a timestamp authority. */
struct sigstore_authority {
	struct certificate_chain chain;
	struct period period;
};

/* For the files of this room to read; made by sigstore_trust_new alone. */
struct sigstore_trust {
	unsigned evidence; /* set of enum sigstore_evidence */
	struct sigstore_log logs[TRUSTED_LOGS_MAX];
	size_t log_count;
	struct sigstore_log ct_logs[TRUSTED_LOGS_MAX];
	size_t ct_log_count;
	struct sigstore_authority authorities[TRUSTED_AUTHORITIES_MAX];
	size_t authority_count;
	struct sigstore_authority stampers[TRUSTED_AUTHORITIES_MAX];
	size_t stamper_count;
};

#define AUTO_SIGSTORE_TRUST AUTO(sigstore_trust_done)

/**
 * sigstore_default_evidence - what a root demands where the host says nothing.
 *
 * SIGSTORE_GITHUB for a root that names timestamp authorities and neither a
 * transparency log nor a CT log; SIGSTORE_PUBLIC for every other.
 */
unsigned sigstore_default_evidence(const struct trusted_root *root);

/**
 * sigstore_trust_new - make a root usable.
 * @root:     parsed; not needed afterwards.
 * @evidence: set of enum sigstore_evidence; 0 demands none (only sensible for
 *            bundles signed by a key of the caller's).
 * @out:      written only on 0; free it with sigstore_trust_free.
 *
 * A log, CA or authority whose key or certificate this program can't use is
 * left out, as the specification wants; nothing will verify by it.  Returns 0,
 * or -1 with ERR_SYSTEM, or ERR_USAGE for an unknown bit in @evidence.
 */
int sigstore_trust_new(const struct trusted_root *root, unsigned evidence,
                       struct sigstore_trust **out, struct err *err) MUST_CHECK;

/* What a root consists of. */
enum sigstore_part {
	SIGSTORE_PART_AUTHORITIES,
	SIGSTORE_PART_LOGS,
	SIGSTORE_PART_CT_LOGS,
	SIGSTORE_PART_STAMPERS,
	SIGSTORE_PARTS
};

/**
 * sigstore_trust_end - until when new bundles can satisfy a root.
 * @part: out, what ends then: of all that the root demands of a bundle with a
 *        certificate the first whose last member does.
 *
 * The end of an authority is that of its period or of the first certificate in
 * its chain that expires.  Returns seconds since 1970; INT64_MAX: no end;
 * INT64_MIN: there is no usable one of @part at all.
 */
int64_t sigstore_trust_end(const struct sigstore_trust *trust,
                           enum sigstore_part *part);

void sigstore_trust_free(struct sigstore_trust *trust); /* NULL is fine */

static inline void sigstore_trust_done(struct sigstore_trust **trust)
{
	sigstore_trust_free(*trust);
	*trust = NULL;
}

#endif
