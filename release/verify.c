/* SPDX-License-Identifier: Apache-2.0 */
/* package-release verify: the integrity of a bundle, and its signatures as a
 * host judges them. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "codec/json_write.h"
#include "crypto/sha256.h"
#include "pack/check.h"
#include "pack/sealed_bundle.h"
#include "request.h"
#include "say.h"
#include "trust/explain_json.h"
#include "trust/judge.h"
#include "verdicts.h"
#include "verify.h"

#define EVIDENCE_PARTS_MAX (1 + PART_SIGNERS_MAX + EVIDENCE_PIECES_MAX)

/* The evidence of a bundle in memory, and what is made of it. */
struct evidence {
	struct buf texts[EVIDENCE_PARTS_MAX];
	size_t count;
	struct judge_signature signatures[JUDGE_SIGNATURES_MAX];
	char names[JUDGE_SIGNATURES_MAX][PART_NAME_SIZE];
	struct evidence_case given;
	struct evidence_verdicts verdicts;
	struct judge_request asked;
};

static void evidence_free(struct evidence **evidence)
{
	if (*evidence == NULL)
		return;
	for (size_t i = 0; i < (*evidence)->count; i++)
		buf_done(&(*evidence)->texts[i]);
	free(*evidence);
	*evidence = NULL;
}

static int load_part(const struct sealed_bundle *bundle,
                     const struct sealed_part *part, struct evidence *out,
                     struct err *err)
{
	struct buf *text = &out->texts[out->count++];
	size_t n = out->asked.signature_count;

	*text = BUF_LIMIT((size_t)part_max_size(part->part.kind));
	if (sealed_part_load(bundle, part, text, err) < 0)
		return -1;
	if (!part_is_minisign(part->part.kind))
		return evidence_add(&out->given, part->part.kind,
		                    buf_bytes(text), err);
	part_name(part->part, out->names[n]);
	out->signatures[n] = (struct judge_signature){ .data = text->data,
		                                       .len = text->len,
		                                       .name = out->names[n] };
	out->asked.signature_count++;
	return 0;
}

/* An open bundle has no part twice, so that all fit. */
static int load_evidence(const struct sealed_bundle *bundle,
                         struct evidence *out, struct err *err)
{
	for (size_t i = 0; i < bundle->count; i++) {
		const struct sealed_part *part = &bundle->parts[i];

		if (part->part.kind == PART_RELEASE_INI ||
		    part_is_pinned(part->part.kind))
			continue;
		if (load_part(bundle, part, out, err) < 0)
			return -1;
	}
	return 0;
}

/* --- the verdict ------------------------------------------------------------
 */

/* Whoever reads JSON wants to know of evidence that is not asked for, too; it
 * must not decide, also where it cannot be judged. */
static int judge_evidence(const struct request *request,
                          const struct trusted *trusted,
                          struct evidence *evidence, struct err *err)
{
	bool is_needed = judge_needs_verdicts(&trusted->settings);
	char text[ERR_TEXT_MAX];

	if (!request->json && !is_needed)
		return 0;
	if (verdicts_make(&evidence->given, &evidence->verdicts, err) == 0)
		return 0;
	if (is_needed || err->code == ERR_SYSTEM)
		return -1;
	evidence->verdicts.count = 0;
	warn_user("not judged: %s", err_format(err, text, sizeof text));
	return 0;
}

static int ask(const struct request *request,
               const struct sealed_bundle *bundle,
               const struct trusted *trusted, struct evidence *evidence,
               struct err *err)
{
	struct judge_request *asked = &evidence->asked;

	verdicts_begin(bundle, trusted, &evidence->given);
	if (load_evidence(bundle, evidence, err) < 0 ||
	    judge_evidence(request, trusted, evidence, err) < 0)
		return -1;
	asked->release_ini = buf_text(&bundle->release_text);
	asked->release_ini_len = bundle->release_text.len;
	asked->signatures = evidence->signatures;
	asked->verdicts = evidence->verdicts.list;
	asked->verdict_count = evidence->verdicts.count;
	asked->keyring = &trusted->keyring;
	asked->settings = &trusted->settings;
	return 0;
}

/* --- what is said of it ----------------------------------------------------
 */

static int write_verified(const struct verification_result *verified,
                          struct json_writer *json, struct err *err)
{
	char digest[SHA256_HEX_LEN + 1];

	text_to_hex(verified->release_sha256, SHA256_LEN, digest);
	if (json_text(json, "app", verified->release.app, err) < 0 ||
	    json_text(json, "version", verified->release.version, err) < 0 ||
	    json_u64(json, "sequence", verified->release.sequence, err) < 0 ||
	    json_text(json, "release_sha256", digest, err) < 0 ||
	    json_text(json, "result", "verified", err) < 0)
		return -1;
	return signers_json(verified->signers, verified->signer_count, json,
	                    err);
}

static int write_refused(const struct err *failure, struct json_writer *json,
                         struct err *err)
{
	char text[2 * ERR_TEXT_MAX];

	if (json_text(json, "result", "refused", err) < 0)
		return -1;
	return json_text(json, "reason", err_format(failure, text, sizeof text),
	                 err);
}

/* @failure: why it is refused; NULL where @verified holds. */
static int print_json(const struct judge_request *asked,
                      const struct verification_result *verified,
                      const struct err *failure, struct err *err)
{
	AUTO_BUF struct buf out = BUF_NONE;
	struct json_writer json;

	json_begin(&json, &out);
	if (json_open_object(&json, NULL, err) < 0 ||
	    (failure == NULL ? write_verified(verified, &json, err)
	                     : write_refused(failure, &json, err)) < 0 ||
	    explain_json(asked, &json, err) < 0 || json_close(&json, err) < 0 ||
	    buf_adds(&out, "\n", err) < 0)
		return -1;
	return print_result(&out, err);
}

/* "signed by ops (key F00DCAFE00000001)", "signed by ci (https://...)" */
static void say_signer(const struct request *request,
                       const struct signer *signer)
{
	char id[SIGNER_TEXT_SIZE];

	signer_text(signer, id);
	if (signer->kind == SIGNER_IDENTITY)
		say(request, "signed by %s (%s)", signer->name,
		    signer->subject[0] != '\0' ? signer->subject : id);
	else
		say(request, "signed by %s (key %s)", signer->name, id);
}

static void say_verdict(const struct request *request,
                        const struct verification_result *verified)
{
	say(request, "%s %s: integrity ok", verified->release.app,
	    verified->release.version);
	for (size_t i = 0; i < verified->signer_count; i++)
		say_signer(request, &verified->signers[i]);
}

/* Returns 0 for a release that is trusted, or -1; what is printed says so. */
static int conclude(const struct request *request,
                    const struct judge_request *asked,
                    struct verification_result *verified, struct err *err)
{
	struct err unprinted;

	if (judge_release(asked, verified, err) == 0) {
		if (request->json)
			return print_json(asked, verified, NULL, err);
		say_verdict(request, verified);
		return 0;
	}
	if (request->json && err->code == ERR_UNTRUSTED &&
	    print_json(asked, NULL, err, &unprinted) < 0)
		*err = unprinted;
	return -1;
}

static int verify_with(const struct request *request,
                       const struct sealed_bundle *bundle,
                       const struct trusted *trusted, struct err *err)
{
	AUTO(evidence_free)
	struct evidence *evidence = calloc(1, sizeof *evidence);
	AUTO_FREE struct verification_result *verified =
		malloc(sizeof *verified);

	if (evidence == NULL || verified == NULL)
		return err_nomem(err);
	if (ask(request, bundle, trusted, evidence, err) < 0)
		return -1;
	return conclude(request, &evidence->asked, verified, err);
}

int verify_signatures(const struct request *request,
                      const struct sealed_bundle *bundle,
                      const struct trusted *trusted,
                      struct verification_result *out, struct err *err)
{
	AUTO(evidence_free)
	struct evidence *evidence = calloc(1, sizeof *evidence);

	if (evidence == NULL)
		return err_nomem(err);
	if (ask(request, bundle, trusted, evidence, err) < 0)
		return -1;
	return judge_release(&evidence->asked, out, err);
}

static bool names_nobody(const struct request *request)
{
	return request->keys.count == 0 && request->trust == NULL &&
	       request->config == NULL;
}

int verify_run(void *context, struct err *err)
{
	const struct request *request = context;
	const char *path = request->operands[0];
	AUTO_SEALED struct sealed_bundle bundle = SEALED_BUNDLE_NONE;
	AUTO_TRUSTED struct trusted *trusted = NULL;

	/* Without anybody to trust the bundle can still be whole. */
	if (!names_nobody(request) && trusted_new(request, &trusted, err) < 0)
		return -1;
	if (sealed_bundle_open(path, &bundle, err) < 0)
		return -1;
	if (check_bundle(&bundle, err) < 0)
		return err_wrap(err, "bundle '%s'", path);
	if (trusted == NULL) {
		if (!request->json)
			say(request, "integrity ok, signer not judged");
		return trusted_new(request, &trusted, err);
	}
	if (verify_with(request, &bundle, trusted, err) < 0)
		return err_wrap(err, "bundle '%s'", path);
	return 0;
}
