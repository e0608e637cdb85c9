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
                 struct err *err)
{
	AUTO_PUBLICATION_SIGNER struct publication_signer signer =
		PUBLICATION_SIGNER_NONE;
	char id[SHA256_HEX_LEN + 1];

	if (settings->request->cosign_key == NULL)
		return 0;
	if (publication_signer_open(settings, &signer, err) < 0)
		return -1;
	for (size_t i = 0; i < publications->count; i++)
		if (publication_sign(&signer, publications->at[i], err) < 0) {
			(void)err_wrap(err, "signing '%s'",
			               publications->at[i]->name);
			if (pass_over(targets, count, i, err) < 0)
				return -1;
		}
	text_to_hex(cosign_signer_public(signer.signer)->id, SHA256_LEN, id);
	if (!settings->request->json)
		say(settings->request, "manifests are signed by cosign key %s",
		    id);
	return 0;
}
