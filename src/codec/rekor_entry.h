/* SPDX-License-Identifier: Apache-2.0 */
/* The canonicalizedBody of a Rekor log entry: what the log says was signed, by
 * whom.  The entry counts only for a bundle whose digest, signature and key are
 * all three those of the body.  Source: pkg/types of
 * https://github.com/sigstore/rekor, and rekor-tiles (hashedrekord 0.0.2). */
#ifndef CODEC_REKOR_ENTRY_H
#define CODEC_REKOR_ENTRY_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "codec/digest.h"
#include "codec/json_read.h"

#define REKOR_ENTRY_MAX ((size_t)1 << 20) /* bytes of a body */

/* Kind and version; what digest covers. */
enum rekor_kind {
	REKOR_HASHEDREKORD_1, /* hashedrekord 0.0.1: the artifact */
	REKOR_DSSE_1,         /* dsse 0.0.1: the envelope's payload; SHA-256 */
	REKOR_INTOTO_2, /* intoto 0.0.2: the envelope's payload; SHA-256 */
	REKOR_HASHEDREKORD_2, /* hashedrekord 0.0.2 (Rekor v2): the artifact,
	                       * or for an envelope its PAE (dsse.h) */
};

enum rekor_verifier {
	REKOR_PEM,         /* one certificate or public key as PEM */
	REKOR_CERTIFICATE, /* DER */
	REKOR_PUBLIC_KEY,  /* DER SubjectPublicKeyInfo */
};

/* Bytes and texts lead into the document. */
struct rekor_entry {
	struct json_document document; /* owned */
	enum rekor_kind kind;
	struct typed_digest digest;
	struct bytes signature; /* raw; never empty */
	enum rekor_verifier verifier_type;
	struct bytes verifier;   /* never empty */
	const char *key_details; /* of hashedrekord 0.0.2; else "" */
};

#define REKOR_ENTRY_NONE                                                       \
	((struct rekor_entry){ .document = JSON_DOCUMENT_NONE })
#define AUTO_REKOR_ENTRY AUTO(rekor_entry_done)

/**
 * rekor_entry_parse - read a body.
 * @kind, @version: what the bundle's kindVersion says; the body must say the
 *                  same.
 * @out:            written only on 0; to be released with rekor_entry_done.
 *
 * An entry with more than one signature, and any member that Rekor does not
 * write, is refused.
 *
 * Returns 0, or -1 with ERR_FORMAT or ERR_LIMIT naming the field.
 */
int rekor_entry_parse(struct bytes body, const char *kind, const char *version,
                      struct rekor_entry *out, struct err *err) MUST_CHECK;

/** rekor_entry_done - release it. */
void rekor_entry_done(struct rekor_entry *entry);

#endif
