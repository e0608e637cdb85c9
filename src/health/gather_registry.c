/* SPDX-License-Identifier: Apache-2.0 */
#include "health/gather_registry.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "health/gather_engine.h"
#include "health/registry_access.h"

/* Ask for @image, and note what came of it. */
static int ask_for(const struct gather_registry *request, const char *image,
                   struct look *out, struct err *err)
{
	AUTO_REGISTRY_ACCESS struct registry_access access =
		REGISTRY_ACCESS_NONE;
	struct registry_ask ask;
	bool has_image = false;

	if (registry_access_open(&request->host, image, &access, err) < 0)
		return look_note(out, err);
	ask = registry_access_ask(&access);
	if (registry_ask(&ask, &has_image, err) < 0) {
		if (look_note(out, err) < 0)
			return -1;
		if (patience_is_lost(&access.patience))
			out->sight = SIGHT_FAILED; /* it had too little time */
		else if (err->code == ERR_NETWORK)
			out->sight = SIGHT_WRONG; /* that was the question */
		return 0;
	}
	look_set(out, SIGHT_GOOD, "%s answers%s", access.reference.registry,
	         has_image ? ", and has the image"
	                   : "; it has no image of that name and digest");
	return 0;
}

int gather_registry(const struct gather_registry *request, struct look *out,
                    struct err *err)
{
	AUTO_FREE struct engine_wishes *wishes = NULL;
	char image[ENGINE_NAME_SIZE];

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
	engine_image_name(wishes, 0, image);
	return ask_for(request, image, out, err);
}
