/* SPDX-License-Identifier: Apache-2.0 */
/* DSSE envelopes: a payload, its type, and signatures over both.  Nothing is
 * verified here.  Source: https://github.com/secure-systems-lab/dsse, protocol
 * 1.0.2 and envelope 1.0.  Stricter than that: base64 is base64.h (the URL-safe
 * alphabet is refused), and so are unknown members. */
#ifndef CODEC_DSSE_H
#define CODEC_DSSE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "codec/json_read.h"

#define DSSE_SIGNATURES_MAX 16
#define DSSE_TYPE_MAX       255 /* bytes of a payload type, without the NUL */

#define DSSE_TYPE_INTOTO    "application/vnd.in-toto+json"

struct dsse_signature {
	struct bytes signature; /* never empty */
	const char *key_id;     /* "" where absent; nothing authenticates it */
};

/* Everything points into the document that it was read from. */
struct dsse_envelope {
	const char *payload_type; /* 1 to DSSE_TYPE_MAX bytes */
	struct bytes payload;     /* decoded; never empty */
	struct dsse_signature signatures[DSSE_SIGNATURES_MAX];
	size_t signature_count; /* at least 1 */
};

/* An envelope that stands alone, with its memory. */
struct dsse_file {
	struct json_document document; /* owned */
	struct dsse_envelope envelope;
};

#define DSSE_FILE_NONE ((struct dsse_file){ .document = JSON_DOCUMENT_NONE })
#define AUTO_DSSE      AUTO(dsse_file_done)

/**
 * dsse_parse - read an envelope (at most JSON_READ_MAX bytes).
 * @out: written only on 0; to be released with dsse_file_done.
 *
 * Returns 0, or -1 with ERR_FORMAT or ERR_LIMIT naming the field.
 */
int dsse_parse(const char *text, size_t len, struct dsse_file *out,
               struct err *err) MUST_CHECK;

/** dsse_file_done - release it. */
void dsse_file_done(struct dsse_file *file);

/**
 * dsse_read - the same for an envelope inside a document.
 * @document: owns the decoded bytes afterwards.
 * @out:      written only on 0.
 */
int dsse_read(struct json_document *document, const struct json_node *node,
              struct dsse_envelope *out, struct err *err) MUST_CHECK;

/**
 * dsse_pae - append the bytes that DSSE signatures cover:
 * "DSSEv1 LEN(type) type LEN(payload) payload".
 *
 * Returns 0, or -1 as buf_add.
 */
int dsse_pae(const char *payload_type, struct bytes payload, struct buf *out,
             struct err *err) MUST_CHECK;

#endif
