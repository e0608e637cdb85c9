/* SPDX-License-Identifier: Apache-2.0 */
#include "publish_sign.h"

#include <string.h>

#include "base/text.h"
#include "publication_sign.h"
#include "say.h"

#define OCI_SCHEME "oci://"

int publish_sign_check(const struct publish_settings *settings,
                       struct publish_target *const *targets, size_t count,
                       struct err *err)
{
	if (settings->request->cosign_key == NULL)
		return 0;
	for (size_t i = 0; i < count; i++)
		if (strncmp(targets[i]->name, OCI_SCHEME, strlen(OCI_SCHEME)) ==
		    0)
			return 0;
	return err_set(err, ERR_USAGE, 0,
	               "--cosign-key signs manifests, which only registries "
	               "have, and no target is one (--to "
	               "oci://registry/repository)");
}

/* 0 to go on with the others. */
static int pass_over(struct publish_target *const *targets, size_t count,
                     size_t number, const struct err *err)
{
	int result = 0;

	for (size_t i = 0; i < count; i++) {
		struct err why = *err;

		if (publish_item_fail(targets[i], &targets[i]->items[number],
		                      &why) < 0)
			result = -1;
	}
	return result;
}

int publish_sign(const struct publish_settings *settings,
                 struct publications *publications,
                 struct publish_target *const *targets, size_t count,
                 struct publication_signer *out, struct err *err)
{
	const struct request *request = settings->request;
	char id[SHA256_HEX_LEN + 1];

	if (request->cosign_key == NULL)
		return 0;
	if (publication_signer_open(settings, out, err) < 0)
		return -1;
	for (size_t i = 0; i < publications->count; i++)
		if (publication_sign(out, publications->at[i], err) < 0) {
			(void)err_wrap(err, "signing '%s'",
			               publications->at[i]->name);
			if (pass_over(targets, count, i, err) < 0)
				return -1;
		}
	publication_signer_wipe(out);
	text_to_hex(out->key.id, sizeof out->key.id, id);
	if (!request->json)
		say(request, "manifests are signed by cosign key %s", id);
	return 0;
}

/* --- what was published before ------------------------------------------ */

struct recalling {
	const struct publication_signer *signer;
	struct publication *publication;
};

static int look(void *context, const struct buf *text, struct err *err)
{
	const struct recalling *recalling = context;

	return publication_sign_recall(recalling->signer,
	                               recalling->publication, text, err);
}

static bool has_new(const struct publication *publication)
{
	for (size_t i = 0; i < publication->signature_count; i++)
		if (publication->signatures[i].is_new)
			return true;
	return false;
}

static int recall_at(const struct publication_signer *signer,
                     struct publication *publication,
                     struct publish_target *target, size_t number,
                     struct err *err)
{
	struct recalling recalling = { signer, publication };
	struct publish_item *item = &target->items[number];

	if (target->ops->recall == NULL || item->state != PUBLISH_WAITING ||
	    target->ops->recall(target, number, look, &recalling, err) == 0)
		return 0;
	(void)err_wrap(err, "looking for signatures");
	return publish_item_fail(target, item, err);
}

int publish_sign_recall(const struct publication_signer *signer,
                        struct publications *publications,
                        struct publish_target *const *targets, size_t count,
                        struct err *err)
{
	for (size_t i = 0; i < publications->count; i++) {
		struct publication *publication = publications->at[i];

		if (!has_new(publication))
			continue;
		for (size_t k = 0; k < count; k++)
			if (recall_at(signer, publication, targets[k], i, err) <
			    0)
				return -1;
	}
	return 0;
}
