/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/judge.h"

#include <string.h>

#include "base/cleanup.h"
#include "codec/json_read.h"
#include "evidence/judging.h"

#define AUTO_JUDGING AUTO(judging_done)

static void judging_done(struct judging *judging)
{
	evidence_roots_done(&judging->roots);
}

/* A line is an envelope where it says so, else it must be a bundle. */
static int is_envelope(struct bytes text, struct err *err)
{
	AUTO_JSON_DOCUMENT struct json_document document = JSON_DOCUMENT_NONE;
	struct json_node top;
	struct json_node type;

	if (json_read((const char *)text.data, text.len, JSON_READ_MAX,
	              &document, err) < 0)
		return -1;
	top = json_top(&document);
	type = json_member(&top, "payloadType");
	return json_is_present(&type) ? 1 : 0;
}

static int judge_line(const struct judging *judging, struct bytes text,
                      struct evidence_verdict *out, struct err *err)
{
	int plain = is_envelope(text, err);

	if (plain < 0)
		return -1;
	if (plain == 1)
		return judging_envelope(judging, text, out, err);
	if (judging_bundle(judging, text, out, err) < 0)
		return -1;
	if (out->kind == VERDICT_ATTESTATION)
		return 0;
	return err_set(err, ERR_FORMAT, 0,
	               "it is a signature, and no attestation");
}

/* --- all of them --- */

/* What a stranger's text made of a verdict must be one that everybody takes. */
static int judge_checked(const struct judging *judging, struct bytes text,
                         struct evidence_verdict *verdict, struct err *err)
{
	const struct evidence_case *given = judging->given;
	int got;

	if (given->image != NULL)
		got = judging_image(judging,
		                    &given->pieces[verdict->ordinal - 1],
		                    verdict, err);
	else if (verdict->part_kind == PART_ATTESTATION)
		got = judge_line(judging, text, verdict, err);
	else
		got = judging_bundle(judging, text, verdict, err);
	return got < 0 ? -1 : verdict_check(verdict, err);
}

static int judge_piece(const struct judging *judging, struct bytes text,
                       struct evidence_verdict *verdict, struct err *err)
{
	if (judge_checked(judging, text, verdict, err) == 0)
		return 0;
	if (err->code == ERR_SYSTEM)
		return -1; /* that is no fault of the evidence */
	verdict_refuse(verdict, err);
	return 0;
}

static int judge_all(const struct judging *judging,
                     const struct evidence_listener *listener, struct err *err)
{
	struct evidence_cursor cursor = { .piece = 0 };
	struct evidence_verdict verdict;
	struct bytes text;
	int got;

	while ((got = evidence_next(judging->given, &cursor, &verdict, &text,
	                            err)) == 1)
		if (judge_piece(judging, text, &verdict, err) < 0 ||
		    listener->tell(listener->context, &verdict, err) < 0)
			return -1;
	return got;
}

/* Of an image there is nothing to hash. */
static int note_digests(struct judging *judging, struct err *err)
{
	const struct bytes release_ini = judging->given->release_ini;

	if (judging->given->image != NULL) {
		memcpy(judging->sha256, judging->given->image, SHA256_LEN);
		return 0;
	}
	if (sha256_of(release_ini.data, release_ini.len, judging->sha256, err) <
	    0)
		return -1;
	return sha512_of(release_ini, judging->sha512, err);
}

int evidence_judge(const struct evidence_case *given,
                   const struct evidence_listener *listener, struct err *err)
{
	AUTO_JUDGING struct judging judging = { .given = given };

	if (note_digests(&judging, err) < 0 ||
	    evidence_roots_open(given, &judging.roots, err) < 0)
		return -1;
	return judge_all(&judging, listener, err);
}
