/* SPDX-License-Identifier: Apache-2.0 */
#include "health/gather_images.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "evidence/ask.h"
#include "health/gather_engine.h"
#include "health/image_signers.h"

#define OTHERS_SIZE 200 /* bytes of what is said of those left out */

void image_facts_done(struct image_facts *facts)
{
	free(facts->items);
	facts->items = NULL;
	facts->count = 0;
}

static void stand(struct image_signed *image, enum image_standing standing,
                  const char *fmt, ...) PRINTF_LIKE(3, 4);

static void stand(struct image_signed *image, enum image_standing standing,
                  const char *fmt, ...)
{
	va_list args;

	image->standing = standing;
	va_start(args, fmt);
	/* What does not fit is cut. */
	(void)vsnprintf(image->text, sizeof image->text, fmt, args);
	va_end(args);
}

/* --- what the verdicts come to -------------------------------------------- */

/* All that the registry has was seen, and it is not enough. */
static void note_none(const struct registry_signatures *found,
                      struct image_signed *out)
{
	if (found->left_out == 0)
		stand(out, IMAGE_UNSIGNED,
		      "the registry has no signature of it");
	else
		stand(out, IMAGE_UNSIGNED,
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
                           struct image_signed *out)
{
	const struct evidence_verdict *told = find_telling(verdicts);
	bool is_owner = told->kind == VERDICT_ATTESTATION;
	char others[OTHERS_SIZE] = "";

	if (found->left_out > 0)
		(void)snprintf(others, sizeof others,
		               "; %u more were left out: %.120s",
		               found->left_out, found->reason);
	stand(out, IMAGE_UNSIGNED,
	      "of %zu signatures none is by whom images_signed names: "
	      "%s%s%s%s%s%s%s",
	      verdicts->count, is_owner ? "it is signed by " : "",
	      is_owner ? told->subject : "",
	      is_owner && told->reason[0] != '\0' ? ": " : "", told->reason,
	      signers->dropped[0] != '\0' ? "; " : "", signers->dropped,
	      others);
}

/* One that did not come may be the good one. */
static void note_cut(const struct evidence_verdicts *verdicts,
                     const struct registry_signatures *found,
                     struct image_signed *out)
{
	char text[ERR_TEXT_MAX];

	stand(out, IMAGE_CUT,
	      "%zu signatures came, none of them by whom images_signed names, "
	      "and others may be there: %s",
	      verdicts->count, err_format(&found->word.cut, text, sizeof text));
}

static void note_verdicts(const struct gather_images *request,
                          const struct image_signers *signers,
                          const struct evidence_verdicts *verdicts,
                          const struct registry_signatures *found,
                          struct image_signed *out)
{
	for (size_t i = 0; i < verdicts->count; i++) {
		const char *name = image_signers_match(
			signers, request->host.settings, &verdicts->list[i]);

		if (name == NULL)
			continue;
		stand(out, IMAGE_SIGNED, "signed by '%s'", name);
		return;
	}
	if (found->word.cut.code != ERR_NONE)
		note_cut(verdicts, found, out);
	else if (verdicts->count == 0)
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
	evidence_begin(out, request->host.settings, request->settings_text,
	               request->keyring);
	out->image = access->reference.digest;
	image_signers_trust(signers, out);
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
                 const struct registry_signatures *found,
                 struct image_signed *out, struct err *err)
{
	const struct evidence_worker worker = {
		.folder = access->workers,
		.mode = sandbox_mode_of(request->host.settings),
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

/* What @failure kept us from: nobody has judged the image.  0, or -1 without
 * memory. */
static int note_failure(enum image_standing standing, const struct err *failure,
                        struct image_signed *out)
{
	char text[ERR_TEXT_MAX];

	if (failure->code == ERR_SYSTEM && failure->sys == ENOMEM)
		return -1;
	stand(out, standing, "not judged: %s",
	      err_format(failure, text, sizeof text));
	return 0;
}

/* Nobody was asked yet. */
static int note_unready(const struct err *failure, struct image_signed *out)
{
	bool is_hidden = failure->code == ERR_SYSTEM &&
	                 (failure->sys == EACCES || failure->sys == EPERM);

	return note_failure(is_hidden ? IMAGE_HIDDEN : IMAGE_NOT_ASKED, failure,
	                    out);
}

/* Of a registry that answered, and does not say whether it has the image.  What
 * took too long shall not do so for each image. */
static enum image_standing standing_of(const struct err *failure)
{
	if (failure->code == ERR_LIMIT)
		return IMAGE_SILENT;
	/* What is no refusal either breaks the protocol. */
	return failure->code == ERR_NETWORK ? IMAGE_REFUSED : IMAGE_NOT_ASKED;
}

static int note_found(const struct gather_images *request,
                      const struct image_signers *signers,
                      const struct registry_access *access,
                      const struct registry_signatures *found,
                      struct image_signed *out, struct err *err)
{
	if (found->word.has_image &&
	    judge(request, signers, access, found, out, err) < 0)
		return note_failure(IMAGE_NOT_ASKED, err, out);
	if (found->word.has_image)
		return 0;
	if (found->word.cut.code != ERR_NONE) {
		*err = found->word.cut;
		return note_failure(standing_of(err), err, out);
	}
	stand(out, IMAGE_ABSENT,
	      "the registry has no image of that name and digest");
	return 0;
}

/* By the name that @out has. */
static int look_at(const struct gather_images *request,
                   const struct image_signers *signers,
                   struct image_signed *out, struct err *err)
{
	AUTO_REGISTRY_ACCESS struct registry_access access =
		REGISTRY_ACCESS_NONE;
	AUTO_FREE struct registry_signatures *found = calloc(1, sizeof *found);
	struct registry_ask ask;
	int result;

	if (found == NULL)
		return err_nomem(err);
	if (registry_access_open(&request->host, out->name, &access, err) < 0)
		return note_unready(err, out);
	ask = registry_access_ask(&access);
	if (registry_signatures(&ask, found, err) < 0)
		return err->code == ERR_NETWORK || err->code == ERR_LIMIT
		               ? note_failure(IMAGE_SILENT, err, out)
		               : note_unready(err, out);
	result = note_found(request, signers, &access, found, out, err);
	registry_signatures_done(found);
	return result;
}

/* Whether the name may be wrong: many registries refuse what they do not have,
 * so that nobody learns what they have. */
static bool is_unknown_name(const struct image_signed *image)
{
	return image->standing == IMAGE_ABSENT ||
	       image->standing == IMAGE_REFUSED;
}

/* The name of an image is a guess, with either of two seams (engine_answer.h).
 * A refusal says more than that there is none. */
static int look_for(const struct gather_images *request,
                    const struct image_signers *signers,
                    const struct engine_wishes *wishes, size_t number,
                    struct image_signed *out, struct err *err)
{
	AUTO_FREE struct image_signed *other = NULL;
	bool has_seam = registry_image_name(request->profile, wishes, number,
	                                    out->name);

	if (look_at(request, signers, out, err) < 0)
		return -1;
	if (!is_unknown_name(out) || !has_seam)
		return 0;
	other = calloc(1, sizeof *other);
	if (other == NULL)
		return err_nomem(err);
	memcpy(other->name, out->name, sizeof other->name);
	registry_image_seam(wishes, other->name);
	if (look_at(request, signers, other, err) < 0)
		return -1;
	if (!is_unknown_name(other) ||
	    (other->standing == IMAGE_REFUSED && out->standing == IMAGE_ABSENT))
		*out = *other;
	return 0;
}

/* --- all of them ---------------------------------------------------------- */

static int look_at_all(const struct gather_images *request,
                       const struct image_signers *signers,
                       const struct engine_wishes *wishes,
                       struct image_facts *out, struct err *err)
{
	bool is_silent = false;

	for (size_t i = 0; i < wishes->image_count; i++) {
		struct image_signed *item = &out->items[out->count++];

		if (!is_silent &&
		    look_for(request, signers, wishes, i, item, err) < 0)
			return -1;
		if (is_silent) {
			(void)registry_image_name(request->profile, wishes, i,
			                          item->name);
			stand(item, IMAGE_SILENT,
			      "not asked: the registry gave no answer for the "
			      "image before");
		}
		is_silent = item->standing == IMAGE_SILENT;
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
