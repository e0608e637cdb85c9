/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/evidence.h"

#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "codec/json_print.h"
#include "codec/json_read.h"
#include "codec/minisign.h"

#define SIGSTORE_TYPE "application/vnd.dev.sigstore.bundle"

/* Whether @part holds exactly these bytes. */
static int is_equal(const struct sealed_bundle *bundle,
                    const struct sealed_part *part, const char *text,
                    size_t len, struct err *err)
{
	AUTO_BUF struct buf held = BUF_NONE;

	if (part->size != len)
		return 0;
	if (sealed_part_load(bundle, part, &held, err) < 0)
		return -1;
	return memcmp(buf_text(&held), text, len) == 0;
}

/* --- minisign ---------------------------------------------------------------
 */

int evidence_signature(const struct sealed_bundle *bundle,
                       const struct sealed_part *part,
                       struct minisign_signature *out, struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(MINISIGN_FILE_MAX);
	char name[PART_NAME_SIZE];

	part_name(part->part, name);
	if (sealed_part_load(bundle, part, &text, err) < 0 ||
	    minisign_parse_signature(buf_text(&text), text.len, out, err) < 0)
		return err_wrap(err, "'%s'", name);
	return 0;
}

/* Look for a signature by this key id: 1 with @out written, or 0. */
static int find_signer(const struct sealed_bundle *bundle, uint64_t id,
                       struct minisign_signature *out, struct err *err)
{
	for (size_t i = 0; i < bundle->count; i++) {
		const struct sealed_part *part = &bundle->parts[i];

		if (!part_is_minisign(part->part.kind))
			continue;
		if (evidence_signature(bundle, part, out, err) < 0)
			return -1;
		if (out->id == id)
			return 1;
	}
	return 0;
}

/* Untrusted comments may differ: they say nothing. */
static bool is_same(const struct minisign_signature *a,
                    const struct minisign_signature *b)
{
	return a->id == b->id && strcmp(a->comment, b->comment) == 0 &&
	       memcmp(a->signature, b->signature, sizeof a->signature) == 0 &&
	       memcmp(a->global, b->global, sizeof a->global) == 0;
}

static size_t count_kind(const struct sealed_bundle *bundle,
                         enum part_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < bundle->count; i++)
		count += bundle->parts[i].part.kind == kind;
	return count;
}

/* The first signer's name is free, or the signature goes by its key id. */
static int put_signature(struct sealed_bundle *bundle, uint64_t id,
                         const char *text, size_t len, struct err *err)
{
	struct part part = { .kind = PART_MINISIG };

	if (sealed_bundle_find(bundle, part) != NULL)
		part = (struct part){ .kind = PART_MINISIG_FURTHER, .id = id };
	if (part.kind == PART_MINISIG_FURTHER &&
	    count_kind(bundle, part.kind) == PART_SIGNERS_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d signers",
		               PART_SIGNERS_MAX + 1);
	return sealed_bundle_put(bundle, part, text, len, err) < 0 ? -1 : 1;
}

int evidence_add_minisign(struct sealed_bundle *bundle, const char *text,
                          size_t len, struct err *err)
{
	struct minisign_signature signature;
	struct minisign_signature held;
	char comment[RELEASE_COMMENT_SIZE];
	char id[MINISIGN_ID_TEXT];
	int there;

	if (minisign_parse_signature(text, len, &signature, err) < 0)
		return -1;
	release_ini_comment(&bundle->release, comment);
	if (strcmp(signature.comment, comment) != 0)
		return err_set(err, ERR_FORMAT, 0,
		               "the signature is for '%s', not for '%s'",
		               signature.comment, comment);
	there = find_signer(bundle, signature.id, &held, err);
	if (there < 0)
		return -1;
	if (there == 0)
		return put_signature(bundle, signature.id, text, len, err);
	if (is_same(&signature, &held))
		return 0;
	minisign_id_text(signature.id, id);
	return err_set(err, ERR_CONFLICT, 0,
	               "another signature by key %s is there already", id);
}

/* --- JSON -------------------------------------------------------------------
 */

/* Of a text; "" where it is none. */
static const char *text_of(const struct json_node *object, const char *key)
{
	struct json_node node = json_member(object, key);
	const char *text = "";
	struct err no_text;

	return json_get_text(&node, &text, &no_text) < 0 ? "" : text;
}

static bool is_sigstore(const struct json_node *value)
{
	return strncmp(text_of(value, "mediaType"), SIGSTORE_TYPE,
	               strlen(SIGSTORE_TYPE)) == 0;
}

static bool is_signed_envelope(const struct json_node *value)
{
	struct json_node signatures = json_member(value, "signatures");
	size_t count;
	struct err no_list;

	return text_of(value, "payloadType")[0] != '\0' &&
	       text_of(value, "payload")[0] != '\0' &&
	       json_get_list(&signatures, JSON_VALUES_MAX, &count, &no_list) ==
	               0 &&
	       count > 0;
}

static int require_sigstore(const char *text, size_t len, struct err *err)
{
	AUTO_JSON_DOCUMENT struct json_document document = JSON_DOCUMENT_NONE;
	struct json_node top;

	if (json_read(text, len, JSON_READ_MAX, &document, err) < 0)
		return err_wrap(err, "it is no Sigstore bundle");
	top = json_top(&document);
	if (!is_sigstore(&top))
		return err_set(err, ERR_FORMAT, 0, "it is no Sigstore bundle");
	return 0;
}

int evidence_add_sigstore(struct sealed_bundle *bundle, const char *text,
                          size_t len, struct err *err)
{
	size_t count = count_kind(bundle, PART_SIGSTORE);
	const struct part part = { .kind = PART_SIGSTORE, .id = count + 1 };

	if (require_sigstore(text, len, err) < 0)
		return -1;
	for (size_t i = 0; i < bundle->count; i++) {
		int same = 0;

		if (bundle->parts[i].part.kind == PART_SIGSTORE)
			same = is_equal(bundle, &bundle->parts[i], text, len,
			                err);
		if (same != 0)
			return same < 0 ? -1 : 0;
	}
	if (count == PART_SIGSTORE_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "more than %d Sigstore bundles",
		               PART_SIGSTORE_MAX);
	return sealed_bundle_put(bundle, part, text, len, err) < 0 ? -1 : 1;
}

/* Whether @line stands in @lines, as a whole line. */
static bool has_line(const struct buf *lines, const char *line, size_t len)
{
	const char *at = buf_text(lines);

	while (*at != '\0') {
		size_t n = strcspn(at, "\n");

		if (n == len && memcmp(at, line, len) == 0)
			return true;
		at += n + (at[n] == '\n');
	}
	return false;
}

/* Append one attestation, in one line, unless it is there. */
static int add_attestation(struct buf *lines,
                           const struct json_document *document,
                           struct err *err)
{
	struct json_node top = json_top(document);
	AUTO_BUF struct buf line = BUF_LIMIT(JSON_READ_MAX);

	if (!is_sigstore(&top) && !is_signed_envelope(&top))
		return err_set(err, ERR_FORMAT, 0,
		               "it is neither a Sigstore bundle nor a signed "
		               "DSSE envelope");
	if (json_print(document->root, /* indent= */ 0, &line, err) < 0)
		return -1;
	if (has_line(lines, buf_text(&line), line.len))
		return 0;
	return buf_printf(lines, err, "%s\n", buf_text(&line));
}

static int add_line(struct buf *lines, const char *text, size_t len,
                    struct err *err)
{
	AUTO_JSON_DOCUMENT struct json_document document = JSON_DOCUMENT_NONE;

	if (json_read(text, len, JSON_READ_MAX, &document, err) < 0)
		return -1;
	return add_attestation(lines, &document, err);
}

static int add_lines(struct buf *lines, const char *text, size_t len,
                     struct err *err)
{
	size_t number = 0;

	while (len > 0) {
		const char *end = memchr(text, '\n', len);
		size_t n = end != NULL ? (size_t)(end - text) : len;

		number++;
		if (n > 0 && add_line(lines, text, n, err) < 0)
			return err_wrap(err, "line %zu", number);
		n += end != NULL;
		text += n;
		len -= n;
	}
	return 0;
}

static size_t count_lines(const struct buf *lines)
{
	size_t count = 0;

	for (size_t i = 0; i < lines->len; i++)
		count += lines->data[i] == '\n';
	return count;
}

int evidence_lines(const char *text, size_t len, struct buf *out,
                   struct err *err)
{
	AUTO_JSON_DOCUMENT struct json_document whole = JSON_DOCUMENT_NONE;
	int added = json_read(text, len, JSON_READ_MAX, &whole, err);

	if (added == 0)
		added = add_attestation(out, &whole, err);
	else if (err->code != ERR_SYSTEM) /* several, a line each? */
		added = add_lines(out, text, len, err);
	if (added < 0)
		return -1;
	if (count_lines(out) > EVIDENCE_LINES_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d attestations",
		               EVIDENCE_LINES_MAX);
	return 0;
}

int evidence_add_attestations(struct sealed_bundle *bundle, const char *text,
                              size_t len, struct err *err)
{
	const struct part part = { .kind = PART_ATTESTATION };
	const struct sealed_part *held = sealed_bundle_find(bundle, part);
	AUTO_BUF struct buf lines =
		BUF_LIMIT((size_t)part_max_size(PART_ATTESTATION));
	size_t before;

	if (held != NULL && sealed_part_load(bundle, held, &lines, err) < 0)
		return -1;
	before = lines.len;
	/* One that was written by hand may not end its last line. */
	if (before > 0 && lines.data[before - 1] != '\n') {
		if (buf_adds(&lines, "\n", err) < 0)
			return -1;
		before = lines.len;
	}
	if (evidence_lines(text, len, &lines, err) < 0)
		return -1;
	if (lines.len == before)
		return 0;
	return sealed_bundle_put(bundle, part, lines.data, lines.len, err) < 0
	               ? -1
	               : 1;
}

/* --- from another copy -------------------------------------------------------
 */

static int adopt_part(struct sealed_bundle *bundle,
                      const struct sealed_bundle *from,
                      const struct sealed_part *part, struct err *err)
{
	AUTO_BUF struct buf text = BUF_NONE;

	switch (part->part.kind) {
	case PART_MINISIG:
	case PART_MINISIG_FURTHER:
		if (sealed_part_load(from, part, &text, err) < 0)
			return -1;
		return evidence_add_minisign(bundle, buf_text(&text), text.len,
		                             err);
	case PART_SIGSTORE:
		if (sealed_part_load(from, part, &text, err) < 0)
			return -1;
		return evidence_add_sigstore(bundle, buf_text(&text), text.len,
		                             err);
	case PART_ATTESTATION:
		if (sealed_part_load(from, part, &text, err) < 0)
			return -1;
		return evidence_add_attestations(bundle, buf_text(&text),
		                                 text.len, err);
	case PART_RELEASE_INI:
	case PART_PROFILE_ENV:
	case PART_SBOM:
	case PART_MTREE:
	case PART_INDEX:
	case PART_SHA256:
	case PART_PACKED:
	case PART_PAYLOAD:
	case PART_PATCH:
	case PART_KINDS:
		break; /* pinned, or the thing itself */
	}
	return 0;
}

int evidence_adopt(struct sealed_bundle *bundle,
                   const struct sealed_bundle *from, struct err *err)
{
	int count = 0;

	for (size_t i = 0; i < from->count; i++) {
		int added = adopt_part(bundle, from, &from->parts[i], err);

		if (added < 0)
			return -1;
		count += added;
	}
	return count;
}
