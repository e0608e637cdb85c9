/* SPDX-License-Identifier: Apache-2.0 */
#include "image.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* What the image is made of is the engine's to judge. */
int image_find(struct oci_registry *registry, struct report *report,
               struct err *err)
{
	struct oci_name name = { .tag = NULL };
	int got;

	memcpy(name.digest, registry->reference.digest, sizeof name.digest);
	got = oci_has_manifest(registry, &name, err);
	if (got <= 0)
		return got;
	if (report_text(report, FETCH_ITEM_ORIGIN, "it has the image", err) < 0)
		return -1;
	return 1;
}

void image_answered(struct report *report)
{
	struct err err;

	/* As with a note: it has no result. */
	if (report_text(report, FETCH_ITEM_ANSWERED, "", &err) < 0)
		report->note = err;
}

int image_open(const struct asked *asked, struct http_client *client,
               struct oci_registry *registry, struct err *err)
{
	struct oci_reference reference;

	if (oci_reference_parse(asked->request.sources[0].address, &reference,
	                        err) < 0)
		return -1;
	if (!reference.has_digest)
		return err_set(err, ERR_INTERNAL, 0, "an image without digest");
	return oci_open(registry, client, &asked->wanted, &reference, err);
}

int image_ask(const struct asked *asked, struct http_client *client,
              struct report *report, struct err *err)
{
	AUTO_FREE struct oci_registry *registry = calloc(1, sizeof *registry);
	int result;

	if (registry == NULL)
		return err_nomem(err);
	result = image_open(asked, client, registry, err);
	if (result == 0)
		result = image_find(registry, report, err);
	if (result < 0 && registry->has_answered)
		image_answered(report);
	oci_done(registry);
	return result < 0 ? -1 : 0;
}
