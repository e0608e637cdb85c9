/* SPDX-License-Identifier: Apache-2.0 */
/* package-release verify: the integrity of a bundle, and its signatures as a
 * host judges them. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "pack/check.h"
#include "pack/sealed_bundle.h"
#include "request.h"
#include "say.h"
#include "trust/judge.h"
#include "trusted.h"
#include "verdicts.h"

#define EVIDENCE_PARTS_MAX (1 + PART_SIGNERS_MAX + EVIDENCE_PIECES_MAX)

/* The evidence of a bundle in memory, and what is made of it. */
struct evidence {
	struct buf texts[EVIDENCE_PARTS_MAX];
	size_t count;
	struct judge_signature signatures[JUDGE_SIGNATURES_MAX];
	size_t signature_count;
	struct evidence_case given;
	struct evidence_verdicts verdicts;
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

	*text = BUF_LIMIT((size_t)part_max_size(part->part.kind));
	if (sealed_part_load(bundle, part, text, err) < 0)
		return -1;
	if (!part_is_minisign(part->part.kind))
		return evidence_add(&out->given, part->part.kind,
		                    buf_bytes(text), err);
	out->signatures[out->signature_count++] =
		(struct judge_signature){ .data = text->data,
		                          .len = text->len };
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

static int judge_evidence(const struct sealed_bundle *bundle,
                          const struct trusted *trusted,
                          struct evidence *evidence, struct err *err)
{
	if (!judge_needs_verdicts(&trusted->settings))
		return 0;
	return verdicts_make(bundle, trusted, &evidence->given,
	                     &evidence->verdicts, err);
}

static int judge(const struct sealed_bundle *bundle,
                 const struct trusted *trusted, struct verification_result *out,
                 struct err *err)
{
	AUTO(evidence_free)
	struct evidence *evidence = calloc(1, sizeof *evidence);
	struct judge_request asked = {
		.release_ini = buf_text(&bundle->release_text),
		.release_ini_len = bundle->release_text.len,
		.keyring = &trusted->keyring,
		.settings = &trusted->settings,
	};

	if (evidence == NULL)
		return err_nomem(err);
	if (load_evidence(bundle, evidence, err) < 0 ||
	    judge_evidence(bundle, trusted, evidence, err) < 0)
		return -1;
	asked.signatures = evidence->signatures;
	asked.signature_count = evidence->signature_count;
	asked.verdicts = evidence->verdicts.list;
	asked.verdict_count = evidence->verdicts.count;
	return judge_release(&asked, out, err);
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

static int verify_with(const struct request *request,
                       const struct sealed_bundle *bundle,
                       const struct trusted *trusted, struct err *err)
{
	AUTO_FREE struct verification_result *verified =
		malloc(sizeof *verified);

	if (verified == NULL)
		return err_nomem(err);
	if (judge(bundle, trusted, verified, err) < 0)
		return -1;
	say_verdict(request, verified);
	return 0;
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
		say(request, "integrity ok, signer not judged");
		return trusted_new(request, &trusted, err);
	}
	if (verify_with(request, &bundle, trusted, err) < 0)
		return err_wrap(err, "bundle '%s'", path);
	return 0;
}
