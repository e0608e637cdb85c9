/* SPDX-License-Identifier: Apache-2.0 */
#include "health/gather_images.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "evidence/ask.h"
#include "health/gather_engine.h"
#include "health/image_signers.h"

void image_facts_done(struct image_facts *facts)
{
	free(facts->items);
	facts->items = NULL;
	facts->count = 0;
}

/* --- what the verdicts come to -------------------------------------------- */

static void note_none(const struct registry_signatures *found, struct look *out)
{
	if (found->left_out == 0)
		look_set(out, SIGHT_WRONG,
		         "the registry has no signature of it");
	else
		look_set(out, SIGHT_WRONG,
		         "none of the %u signatures that the registry has can "
		         "be judged: %s",
		         found->left_out, found->reason);
}

/* Whoever signed, and counts for nothing, says more than what is no signature.
 */
static const struct evidence_verdict *
find_telling(const struct evidence_verdicts *verdicts)
{
	for (size_t i = 0; i < verdicts->count; i++)
		if (verdicts->list[i].kind == VERDICT_ATTESTATION)
			return &verdicts->list[i];
	return &verdicts->list[0];
}

static void note_strangers(const struct image_signers *signers,
                           const struct evidence_verdicts *verdicts,
                           const struct registry_signatures *found,
                           struct look *out)
{
	const struct evidence_verdict *told = find_telling(verdicts);
	bool is_owner = told->kind == VERDICT_ATTESTATION;

	look_set(out, SIGHT_WRONG,
	         "of %zu signatures none is by whom images_signed names: "
	         "%s%s%s%s%s%s%s",
	         verdicts->count, is_owner ? "it is signed by " : "",
	         is_owner ? told->subject : "",
	         is_owner && told->reason[0] != '\0' ? ": " : "", told->reason,
	         signers->dropped[0] != '\0' ? "; " : "", signers->dropped,
	         found->left_out > 0 ? "; others were left out, being too many "
	                               "or too large"
	                             : "");
}

static void note_verdicts(const struct gather_images *request,
                          const struct image_signers *signers,
                          const struct evidence_verdicts *verdicts,
                          const struct registry_signatures *found,
                          struct look *out)
{
	for (size_t i = 0; i < verdicts->count; i++) {
		const char *name = image_signers_match(
			signers, request->host.settings, &verdicts->list[i]);

		if (name == NULL)
			continue;
		look_set(out, SIGHT_GOOD, "signed by '%s'", name);
		return;
	}
	if (verdicts->count == 0)
		note_none(found, out);
	else
		note_strangers(signers, verdicts, found, out);
}

/* --- one image ------------------------------------------------------------ */

static int fill_case(const struct gather_images *request,
                     const struct image_signers *signers,
                     const struct registry_access *access,
                     const struct registry_signatures *found,
                     struct evidence_case *out, struct err *err)
{
	*out = (struct evidence_case){
		.settings = request->host.settings,
		.settings_text = request->settings_text,
		.image = access->reference.digest,
	};
	image_signers_trust(signers, request->keyring, out);
	for (size_t i = 0; i < found->count; i++)
		if (evidence_add_image(out, buf_bytes(&found->list[i].payload),
		                       buf_bytes(&found->list[i].bundle),
		                       err) < 0)
			return -1;
	return 0;
}

static int judge(const struct gather_images *request,
                 const struct image_signers *signers,
                 const struct registry_access *access,
                 const struct registry_signatures *found, struct look *out,
                 struct err *err)
{
	const struct evidence_worker worker = {
		.folder = access->workers,
		.mode = request->host.settings->is_uid_only ? SANDBOX_UID_ONLY
		                                            : SANDBOX_FULL,
	};
	AUTO_FREE struct evidence_verdicts *verdicts =
		calloc(1, sizeof *verdicts);
	struct evidence_case given;

	if (verdicts == NULL)
		return err_nomem(err);
	if (fill_case(request, signers, access, found, &given, err) < 0 ||
	    evidence_ask(&given, &worker, verdicts, err) < 0)
		return -1;
	note_verdicts(request, signers, verdicts, found, out);
	return 0;
}

/* Returns 1, 0 where the registry has no image of that name, or -1. */
static int look_at(const struct gather_images *request,
                   const struct image_signers *signers, const char *name,
                   struct look *out, struct err *err)
{
	AUTO_REGISTRY_ACCESS struct registry_access access =
		REGISTRY_ACCESS_NONE;
	AUTO_FREE struct registry_signatures *found = calloc(1, sizeof *found);
	struct registry_ask ask;
	int result;

	if (found == NULL)
		return err_nomem(err);
	if (registry_access_open(&request->host, name, &access, err) < 0)
		return -1;
	ask = registry_access_ask(&access);
	if (registry_signatures(&ask, found, err) < 0)
		return -1;
	result = found->has_image ? 1 : 0;
	if (result == 1 &&
	    judge(request, signers, &access, found, out, err) < 0)
		result = -1;
	registry_signatures_done(found);
	return result;
}

/* The name of an image is a guess, with either of two seams (engine_answer.h).
 */
static int look_for(const struct gather_images *request,
                    const struct image_signers *signers,
                    const struct engine_wishes *wishes, size_t number,
                    struct image_signed *out, struct err *err)
{
	char *seam;
	int got;

	engine_image_name(wishes, number, out->name);
	seam = out->name + strlen(wishes->base);
	got = look_at(request, signers, out->name, &out->look, err);
	if (got == 0 && wishes->images[number].name[0] != '\0') {
		*seam = '/';
		got = look_at(request, signers, out->name, &out->look, err);
		if (got == 0)
			*seam = '-';
	}
	if (got == 0)
		look_set(&out->look, SIGHT_FAILED,
		         "the registry has no image of that name and digest");
	return got < 0 ? -1 : 0;
}

/* --- all of them ---------------------------------------------------------- */

static bool is_want_of_memory(const struct err *err)
{
	return err->code == ERR_SYSTEM && err->sys == ENOMEM;
}

static int look_at_all(const struct gather_images *request,
                       const struct image_signers *signers,
                       const struct engine_wishes *wishes,
                       struct image_facts *out, struct err *err)
{
	bool is_silent = false;

	for (size_t i = 0; i < wishes->image_count; i++) {
		struct image_signed *item = &out->items[out->count++];
		char text[ERR_TEXT_MAX];

		if (is_silent) {
			engine_image_name(wishes, i, item->name);
			look_set(&item->look, SIGHT_FAILED,
			         "not asked: the registry gave no answer for "
			         "the image before");
			continue;
		}
		if (look_for(request, signers, wishes, i, item, err) == 0)
			continue;
		if (is_want_of_memory(err))
			return -1;
		is_silent = err->code == ERR_NETWORK || err->code == ERR_LIMIT;
		/* Whatever it was: nobody has judged the image. */
		look_set(&item->look, SIGHT_FAILED, "not judged: %s",
		         err_format(err, text, sizeof text));
	}
	look_set(&out->look, SIGHT_GOOD, "looked at");
	return 0;
}

int gather_images(const struct gather_images *request, struct image_facts *out,
                  struct err *err)
{
	AUTO_FREE struct engine_wishes *wishes = calloc(1, sizeof *wishes);
	AUTO_IMAGE_SIGNERS struct image_signers signers = { .key_count = 0 };

	if (wishes == NULL)
		return err_nomem(err);
	engine_wishes_of(request->profile, &request->host.settings->container,
	                 wishes);
	if (wishes->image_count == 0) {
		look_set(&out->look, SIGHT_NONE,
		         "no profile.env pins an image by its digest");
		return 0;
	}
	if (request->profile->registry[0] == '\0') {
		look_set(&out->look, SIGHT_FAILED,
		         "profile.env names no REGISTRY to ask");
		return 0;
	}
	if (image_signers_find(request->host.root, request->host.settings,
	                       request->keyring, request->sequence, &signers,
	                       err) < 0)
		return look_note_trusted(&out->look, err);
	out->items = calloc(wishes->image_count, sizeof *out->items);
	if (out->items == NULL)
		return err_nomem(err);
	return look_at_all(request, &signers, wishes, out, err);
}
