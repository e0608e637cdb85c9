/* SPDX-License-Identifier: Apache-2.0 */
#include "health/seal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "evidence/ask.h"
#include "health/seal_parts.h"

/* The signatures that this process checks itself. */
static void add_signatures(const struct seal_parts *parts,
                           struct judge_signature *signatures,
                           struct judge_request *request)
{
	for (size_t i = 0; i < parts->count; i++) {
		const struct seal_part *item = &parts->items[i];

		if (part_is_minisign(item->part.kind) &&
		    request->signature_count < JUDGE_SIGNATURES_MAX)
			signatures[request->signature_count++] =
				(struct judge_signature){
					.data = item->bytes.data,
					.len = item->bytes.len
				};
	}
}

static int build_case(const struct release_view *view,
                      const struct seal_parts *parts, struct evidence_case *out,
                      struct err *err)
{
	evidence_begin(out, view->trust->settings, view->trust->settings_text,
	               view->trust->keyring);
	out->release_ini = buf_bytes(&view->release_ini);
	for (size_t i = 0; i < parts->count; i++)
		if (evidence_add(out, parts->items[i].part.kind,
		                 buf_bytes(&parts->items[i].bytes), err) < 0)
			return -1;
	return 0;
}

/* Returns 1 when the verdicts are there, 0 when nobody could be asked: that
 * says nothing about the release, and the look tells why. */
static int ask_worker(const struct release_view *view,
                      const struct seal_parts *parts,
                      struct evidence_verdicts *out, struct err *err)
{
	struct look *look = &view->facts->signature;
	const struct evidence_worker worker = {
		.folder = view->trust->workers,
		.mode = sandbox_mode_of(view->trust->settings),
	};
	struct evidence_case given;
	char text[ERR_TEXT_MAX];

	if (view->trust->workers < 0) {
		look_set(look, SIGHT_FAILED, "not judged: %s",
		         view->trust->no_workers);
		return 0;
	}
	if (build_case(view, parts, &given, err) == 0 &&
	    evidence_ask(&given, &worker, out, err) == 0)
		return 1;
	if (err->code == ERR_SYSTEM && err->sys == ENOMEM)
		return -1;
	look_set(look, SIGHT_FAILED, "not judged: %s",
	         err_format(err, text, sizeof text));
	return 0;
}

/* Whether nothing is wrong with the evidence there is: then there is too little
 * of it. */
static int note_lack(const struct release_view *view,
                     const struct judge_request *request, struct err *err)
{
	AUTO_FREE struct judge_explanation *why = malloc(sizeof *why);

	if (why == NULL)
		return err_nomem(err);
	if (judge_explain(request, why, err) < 0)
		return -1;
	for (size_t i = 0; i < why->item_count; i++)
		if (why->items[i].kind == JUDGED_REVOKED ||
		    why->items[i].kind == JUDGED_WRONG ||
		    why->items[i].kind == JUDGED_DAMAGED)
			return 0;
	for (size_t i = 0; i < why->rule_count; i++)
		if (why->rules[i].state == RULE_UNMET &&
		    strcmp(why->rules[i].name, "revoked") == 0)
			return 0;
	view->facts->lacks_evidence = true;
	return 0;
}

/* @err stands, unless the lack itself cannot be told. */
static int refuse(const struct release_view *view,
                  const struct judge_request *request, struct err *err)
{
	struct err untold;

	if (err->code == ERR_UNTRUSTED && note_lack(view, request, &untold) < 0)
		*err = untold;
	return -1;
}

static int judge_parts(const struct release_view *view,
                       const struct seal_parts *parts,
                       struct verification_result **out, struct err *err)
{
	AUTO_FREE struct verification_result *verified =
		malloc(sizeof *verified);
	AUTO_FREE struct evidence_verdicts *verdicts =
		calloc(1, sizeof *verdicts);
	struct judge_signature signatures[JUDGE_SIGNATURES_MAX];
	struct judge_request request = {
		.release_ini = view->release_ini.data,
		.release_ini_len = view->release_ini.len,
		.signatures = signatures,
		.keyring = view->trust->keyring,
		.settings = view->trust->settings,
		.app = view->trust->store->name,
		.version = view->facts->version,
	};
	int asked = 1;

	if (verified == NULL || verdicts == NULL)
		return err_nomem(err);
	add_signatures(parts, signatures, &request);
	if (judge_needs_verdicts(request.settings))
		asked = ask_worker(view, parts, verdicts, err);
	if (asked <= 0)
		return asked;
	request.verdicts = verdicts->list;
	request.verdict_count = verdicts->count;
	if (judge_release(&request, verified, err) < 0)
		return refuse(view, &request, err);
	*out = TAKE_PTR(verified);
	return 1;
}

int seal_judge(const struct release_view *view,
               struct verification_result **out, struct err *err)
{
	AUTO_FREE struct seal_parts *parts = calloc(1, sizeof *parts);
	int result;

	if (parts == NULL)
		return err_nomem(err);
	result = seal_parts_read(view->package, parts, err);
	if (result == 0)
		result = judge_parts(view, parts, out, err);
	seal_parts_done(parts);
	return result;
}
