/* SPDX-License-Identifier: Apache-2.0 */
/* package-release attach: evidence that was made elsewhere, verified before it
 * is attached, by the code that hosts run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bare_signature.h"
#include "base/cleanup.h"
#include "files.h"
#include "pack/evidence.h"
#include "request.h"
#include "say.h"
#include "signing.h"
#include "trust/judge.h"
#include "trusted.h"
#include "verdicts.h"

/* One run. */
struct attach {
	const struct request *request; /* borrowed */
	struct sealed_bundle bundle;   /* owned */
	struct trusted *trusted;       /* owned */
};

static void attach_done(struct attach *attach)
{
	sealed_bundle_done(&attach->bundle);
	trusted_free(attach->trusted);
}

/* --- whether it counts ------------------------------------------------------
 */

/* What is judged at once: a file of the command line.  Large. */
struct trial_run {
	struct evidence_case given;
	struct evidence_verdicts verdicts;
	struct judge_explanation explained;
};

/* The owner that the command line names, byte for byte: no pattern. */
static bool is_by_owner(const struct request *request,
                        const struct judge_item *item)
{
	const struct evidence_verdict *verdict = item->verdict;

	return item->kind == JUDGED_UNKNOWN && verdict != NULL &&
	       request->identity != NULL && verdict->subject[0] != '\0' &&
	       strcmp(verdict->subject, request->identity) == 0 &&
	       strcmp(verdict->issuer, request->issuer) == 0;
}

/* Reports name the part that it would be; here the user's file is named. */
static const char *reason_of(const struct judge_item *item)
{
	size_t len = strlen(item->name);

	return len > 0 && strncmp(item->reason, item->name, len) == 0 &&
	                       strncmp(item->reason + len, ": ", 2) == 0
	               ? item->reason + len + 2
	               : item->reason;
}

static int refuse_item(const struct judge_item *item, struct err *err)
{
	const struct evidence_verdict *verdict = item->verdict;

	if (item->kind == JUDGED_UNKNOWN && verdict != NULL &&
	    verdict->subject[0] != '\0')
		(void)err_set(err, ERR_UNTRUSTED, 0,
		              "it is by '%s' of '%s', whom you did not name",
		              verdict->subject, verdict->issuer);
	else if (item->kind == JUDGED_UNKNOWN)
		(void)err_set(err, ERR_UNTRUSTED, 0,
		              "it is by none of the keys that you named");
	else
		(void)err_set(err, ERR_UNTRUSTED, 0, "%s: %s",
		              judge_verdict_name(item->kind), reason_of(item));
	if (verdict != NULL && verdict->line > 0)
		return err_wrap(err, "attestation %u", verdict->line);
	return -1;
}

/* Each piece must be by somebody whom the command line names. */
static int require_good(const struct attach *attach, struct trial_run *run,
                        const struct judge_signature *signature,
                        struct err *err)
{
	const struct sealed_bundle *bundle = &attach->bundle;
	const struct judge_request asked = {
		.release_ini = buf_text(&bundle->release_text),
		.release_ini_len = bundle->release_text.len,
		.signatures = signature,
		.signature_count = signature != NULL ? 1 : 0,
		.verdicts = run->verdicts.list,
		.verdict_count = run->verdicts.count,
		.keyring = &attach->trusted->keyring,
		.settings = &attach->trusted->settings,
	};

	if (judge_explain(&asked, &run->explained, err) < 0)
		return -1;
	for (size_t i = 0; i < run->explained.item_count; i++) {
		const struct judge_item *item = &run->explained.items[i];

		if (item->kind != JUDGED_GOOD &&
		    !is_by_owner(attach->request, item))
			return refuse_item(item, err);
	}
	return 0;
}

/* Judge a part as it would lie in the bundle. */
static int verify_part(const struct attach *attach, enum part_kind kind,
                       const struct buf *text, struct err *err)
{
	AUTO_FREE struct trial_run *run = calloc(1, sizeof *run);
	const struct judge_signature signature = {
		.data = text->data,
		.len = text->len,
		.name = "signature",
	};

	if (run == NULL)
		return err_nomem(err);
	if (kind == PART_MINISIG)
		return require_good(attach, run, &signature, err);
	verdicts_begin(&attach->bundle, attach->trusted, &run->given);
	if (evidence_add(&run->given, kind, buf_bytes(text), err) < 0 ||
	    verdicts_make(&run->given, &run->verdicts, err) < 0)
		return -1;
	return require_good(attach, run, NULL, err);
}

/* --- signatures -------------------------------------------------------------
 */

static enum part_kind kind_of(const struct buf *text)
{
	static const char minisign[] = "untrusted comment:";

	return strncmp(buf_text(text), minisign, sizeof minisign - 1) == 0
	               ? PART_MINISIG
	               : PART_SIGSTORE;
}

static int attach_signature(struct attach *attach, struct buf *text,
                            struct err *err)
{
	enum part_kind kind = kind_of(text);

	if (kind == PART_SIGSTORE &&
	    bare_signature_wrap(&attach->bundle, &attach->trusted->keyring,
	                        text, err) < 0)
		return -1;
	if (verify_part(attach, kind, text, err) < 0)
		return -1;
	return kind == PART_MINISIG
	               ? evidence_add_minisign(&attach->bundle, buf_text(text),
	                                       text->len, err)
	               : evidence_add_sigstore(&attach->bundle, buf_text(text),
	                                       text->len, err);
}

/* --- attestations -----------------------------------------------------------
 */

static int attach_attestations(struct attach *attach, struct buf *text,
                               struct err *err)
{
	AUTO_BUF struct buf lines =
		BUF_LIMIT((size_t)part_max_size(PART_ATTESTATION));

	if (evidence_lines(buf_text(text), text->len, &lines, err) < 0)
		return -1;
	if (lines.len == 0)
		return err_set(err, ERR_FORMAT, 0, "it holds no attestation");
	if (verify_part(attach, PART_ATTESTATION, &lines, err) < 0)
		return -1;
	return evidence_add_attestations(&attach->bundle, buf_text(&lines),
	                                 lines.len, err);
}

/* --- the command ------------------------------------------------------------
 */

static int attach_file(struct attach *attach, const char *path,
                       int (*add)(struct attach *attach, struct buf *text,
                                  struct err *err),
                       struct err *err)
{
	AUTO_BUF struct buf text =
		BUF_LIMIT((size_t)part_max_size(PART_ATTESTATION));
	int added = -1;

	if (path == NULL)
		return 0;
	if (file_read(path, &text, err) < 0)
		return -1;
	added = add(attach, &text, err);
	return added < 0 ? err_wrap(err, "'%s'", path) : added;
}

int attach_run(void *context, struct err *err)
{
	const struct request *request = context;
	const char *path = request->operands[0];
	AUTO(attach_done)
	struct attach attach = { .request = request,
		                 .bundle = SEALED_BUNDLE_NONE };
	int signatures;
	int attestations;

	if (request->signature == NULL && request->attestation == NULL)
		return err_set(err, ERR_USAGE, 0,
		               "name what to attach: --signature FILE or "
		               "--attestation FILE");
	if (trusted_signers_new(request, &attach.trusted, err) < 0 ||
	    sealed_bundle_open(path, &attach.bundle, err) < 0)
		return -1;
	signatures =
		attach_file(&attach, request->signature, attach_signature, err);
	if (signatures < 0)
		return -1;
	attestations = attach_file(&attach, request->attestation,
	                           attach_attestations, err);
	if (attestations < 0 || (signatures + attestations > 0 &&
	                         store_added(&attach.bundle, path, err) < 0))
		return -1;
	say(request,
	    signatures + attestations > 0 ? "attached to %s"
	                                  : "%s has it already",
	    path);
	return 0;
}
