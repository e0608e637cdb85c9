/* SPDX-License-Identifier: Apache-2.0 */
#include "description.h"

#include "codec/minisign.h"

void description_done(struct description *description)
{
	buf_done(&description->release_ini);
	for (size_t i = 0; i < description->evidence_count; i++)
		buf_done(&description->evidence[i].bytes);
	description->evidence_count = 0;
}

/* The part that this piece belongs to, which it may begin. */
static struct evidence *find_evidence(struct description *description,
                                      const struct part_piece *piece,
                                      struct err *err)
{
	struct evidence *last;

	if (piece->offset > 0 && description->evidence_count > 0)
		return &description->evidence[description->evidence_count - 1];
	if (description->evidence_count == EVIDENCE_PARTS_MAX) {
		(void)err_set(err, ERR_LIMIT, 0,
		              "more than %d signatures and attestations",
		              (int)EVIDENCE_PARTS_MAX);
		return NULL;
	}
	last = &description->evidence[description->evidence_count++];
	*last = (struct evidence){ piece->kind, piece->ordinal, BUF_NONE };
	return last;
}

static int take(struct description *description, const struct part_piece *piece,
                struct err *err)
{
	struct evidence *evidence;

	if (piece->len > EVIDENCE_BYTES_MAX - description->evidence_bytes)
		return err_set(err, ERR_LIMIT, 0,
		               "more than %llu bytes of signatures and "
		               "attestations",
		               (unsigned long long)EVIDENCE_BYTES_MAX);
	if (piece->kind == PART_RELEASE_INI)
		return buf_add(&description->release_ini, piece->data,
		               piece->len, err);
	if (piece->len == 0 && piece->offset > 0)
		return 0; /* the end of a part that we have */
	evidence = find_evidence(description, piece, err);
	if (evidence == NULL)
		return -1;
	description->evidence_bytes += piece->len;
	return buf_add(&evidence->bytes, piece->data, piece->len, err);
}

int description_read(struct part_source *source, struct description *out,
                     struct part_piece *first, struct err *err)
{
	struct part_piece piece;
	int got;

	while ((got = part_source_next(source, &piece, err)) == 1) {
		if (part_is_pinned(piece.kind)) {
			*first = piece;
			return 0;
		}
		if (take(out, &piece, err) < 0)
			return -1;
	}
	if (got < 0)
		return -1;
	return err_set(err, ERR_FORMAT, 0, "nothing but a description");
}

bool evidence_part(const struct evidence *evidence, struct part *out)
{
	struct minisign_signature signature;
	struct err ignored; /* such a signature counts for nothing anyway */

	*out = (struct part){ evidence->kind, 0 };
	if (evidence->kind == PART_SIGSTORE)
		out->id = evidence->ordinal + 1;
	if (evidence->kind != PART_MINISIG_FURTHER)
		return true;
	if (minisign_parse_signature(evidence->bytes.data, evidence->bytes.len,
	                             &signature, &ignored) < 0)
		return false;
	out->id = signature.id;
	return true;
}
