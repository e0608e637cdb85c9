/* SPDX-License-Identifier: Apache-2.0 */
#include "health/gather_registry.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "health/gather_engine.h"
#include "health/registry_access.h"

static void note_word(const struct registry_access *access,
                      const struct registry_word *word, struct look *out)
{
	char text[ERR_TEXT_MAX];

	if (word->cut.code != ERR_NONE)
		look_set(out, SIGHT_WRONG, "%s",
		         err_format(&word->cut, text, sizeof text));
	else
		look_set(out, SIGHT_GOOD, "%s answers%s",
		         access->reference.registry,
		         word->has_image
		                 ? ", and has the image"
		                 : "; it has no image of that name and digest");
}

/* Ask for @image, and note what came of it.  1 where the registry refuses, 0,
 * or -1 without memory. */
static int ask_for(const struct gather_registry *request, const char *image,
                   struct look *out, struct err *err)
{
	AUTO_REGISTRY_ACCESS struct registry_access access =
		REGISTRY_ACCESS_NONE;
	struct registry_word word;
	struct registry_ask ask;

	if (registry_access_open(&request->host, image, &access, err) < 0)
		return look_note(out, err);
	ask = registry_access_ask(&access);
	if (registry_ask(&ask, &word, err) == 0) {
		note_word(&access, &word, out);
	} else {
		if (look_note(out, err) < 0)
			return -1;
		if (err->code == ERR_NETWORK)
			out->sight = SIGHT_WRONG; /* that was the question */
		word.cut.code = ERR_NONE;
	}
	if (out->sight != SIGHT_GOOD && patience_is_lost(&access.patience))
		out->sight = SIGHT_FAILED; /* it had too little time */
	return word.cut.code == ERR_NETWORK ? 1 : 0;
}

/* The name of an image is a guess, and many registries refuse what they do not
 * have: one that lets us in by the other seam lets us in. */
static int ask_by_either(const struct gather_registry *request,
                         const struct engine_wishes *wishes, struct look *out,
                         struct err *err)
{
	char image[ENGINE_NAME_SIZE];
	struct look other;
	bool has_seam = registry_image_name(request->profile, wishes, 0, image);
	int got = ask_for(request, image, out, err);

	if (got <= 0 || !has_seam)
		return got < 0 ? -1 : 0;
	registry_image_seam(wishes, image);
	if (ask_for(request, image, &other, err) < 0)
		return -1;
	if (other.sight == SIGHT_GOOD)
		*out = other;
	return 0;
}

int gather_registry(const struct gather_registry *request, struct look *out,
                    struct err *err)
{
	AUTO_FREE struct engine_wishes *wishes = NULL;

	if (request->profile == NULL || request->profile->registry[0] == '\0') {
		look_set(out, SIGHT_NONE, "no profile.env names a REGISTRY");
		return 0;
	}
	wishes = calloc(1, sizeof *wishes);
	if (wishes == NULL)
		return err_nomem(err);
	engine_wishes_of(request->profile, &request->host.settings->container,
	                 wishes);
	if (wishes->image_count == 0) {
		look_set(out, SIGHT_NONE,
		         "no profile.env pins an image by its digest");
		return 0;
	}
	return ask_by_either(request, wishes, out, err);
}
