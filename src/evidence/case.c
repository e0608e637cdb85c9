/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/case.h"

#include <string.h>

void evidence_begin(struct evidence_case *out, const struct settings *settings,
                    struct bytes settings_text, const struct keyring *keyring)
{
	*out = (struct evidence_case){
		.settings = settings,
		.settings_text = settings_text,
		.cosign_key_count = keyring->cosign_count,
		.minisign_key_count = keyring->count,
		.root_count = keyring->root_count,
	};
	for (size_t i = 0; i < keyring->cosign_count; i++)
		out->cosign_keys[i] = &keyring->cosign_keys[i].key;
	for (size_t i = 0; i < keyring->count; i++)
		out->minisign_keys[i] = &keyring->keys[i].public;
	for (size_t i = 0; i < keyring->root_count; i++)
		out->roots[i] = (struct evidence_root){
			keyring->roots[i].name,
			buf_bytes(&keyring->roots[i].text)
		};
}

int evidence_add(struct evidence_case *given, enum part_kind kind,
                 struct bytes bytes, struct err *err)
{
	if (kind != PART_SIGSTORE && kind != PART_ATTESTATION)
		return 0;
	if (given->piece_count == EVIDENCE_PIECES_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "more than %d pieces of evidence",
		               EVIDENCE_PIECES_MAX);
	if (given->piece_count > 0 &&
	    given->pieces[given->piece_count - 1].kind == PART_ATTESTATION)
		return err_set(err, ERR_INTERNAL, 0,
		               "evidence behind the attestations");
	given->pieces[given->piece_count++] =
		(struct evidence_piece){ .kind = kind, .bytes = bytes };
	return 0;
}

int evidence_add_image(struct evidence_case *given, struct bytes payload,
                       struct bytes bundle, struct err *err)
{
	if (evidence_add(given, PART_SIGSTORE, bundle, err) < 0)
		return -1;
	given->pieces[given->piece_count - 1].payload = payload;
	return 0;
}

/* A line of the attestations at @cursor; 0 behind the last one. */
static int next_line(struct bytes all, struct evidence_cursor *cursor,
                     struct bytes *out, struct err *err)
{
	const uint8_t *start;
	const uint8_t *end;
	size_t left = all.len - cursor->offset;

	if (left == 0)
		return 0;
	if (cursor->line == VERDICT_ATTESTATIONS_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d attestations",
		               VERDICT_ATTESTATIONS_MAX);
	start = all.data + cursor->offset;
	end = memchr(start, '\n', left);
	*out = (struct bytes){ start,
		               end != NULL ? (size_t)(end - start) : left };
	cursor->offset += out->len + (end != NULL ? 1 : 0);
	cursor->line++;
	return 1;
}

int evidence_next(const struct evidence_case *given,
                  struct evidence_cursor *cursor,
                  struct evidence_verdict *place, struct bytes *text,
                  struct err *err)
{
	const struct evidence_piece *piece = &given->pieces[cursor->piece];
	int got;

	if (cursor->piece == given->piece_count)
		return 0;
	*place = (struct evidence_verdict){ .kind = VERDICT_REFUSED,
		                            .part_kind = piece->kind };
	if (piece->kind == PART_SIGSTORE) {
		*text = piece->bytes;
		place->ordinal = (uint32_t)++cursor->piece;
		return 1;
	}
	/* The attestations are the last piece. */
	got = next_line(piece->bytes, cursor, text, err);
	place->line = cursor->line;
	return got;
}
