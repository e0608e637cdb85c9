/* SPDX-License-Identifier: Apache-2.0 */
#include "trust_target.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "codec/minisign.h"

void trust_root_file(const struct keyring_root *root,
                     char out[TRUST_ROOT_FILE_SIZE])
{
	(void)snprintf(out, TRUST_ROOT_FILE_SIZE, "%s%s", root->name,
	               root->name[0] != '\0' ? KEYRING_ROOT_SUFFIX
	                                     : KEYRING_ROOT);
}

static const struct keyring_key *find_key(const struct keyring *keyring,
                                          const char *operand)
{
	for (size_t i = 0; i < keyring->count; i++) {
		const struct keyring_key *key = &keyring->keys[i];
		char id[MINISIGN_ID_TEXT];

		minisign_id_text(key->public.id, id);
		if (strcmp(key->name, operand) == 0 ||
		    strcasecmp(id, operand) == 0)
			return key;
	}
	return NULL;
}

static const struct keyring_cosign_key *
find_cosign(const struct keyring *keyring, const char *operand)
{
	for (size_t i = 0; i < keyring->cosign_count; i++) {
		const struct keyring_cosign_key *key = &keyring->cosign_keys[i];
		char id[sizeof TARGET_COSIGN + SHA256_HEX_LEN] = TARGET_COSIGN;

		text_to_hex(key->key.id, SHA256_LEN,
		            id + strlen(TARGET_COSIGN));
		if (strcmp(key->name, operand) == 0 || strcmp(id, operand) == 0)
			return key;
	}
	return NULL;
}

static const struct keyring_root *find_root(const struct keyring *keyring,
                                            const char *operand)
{
	for (size_t i = 0; i < keyring->root_count; i++) {
		const struct keyring_root *root = &keyring->roots[i];
		char file[TRUST_ROOT_FILE_SIZE];

		trust_root_file(root, file);
		if (strcmp(root->name, operand) == 0 ||
		    strcmp(file, operand) == 0)
			return root;
	}
	return NULL;
}

static const struct settings_identity *
find_identity(const struct settings *settings, const char *operand)
{
	size_t prefix = strlen(TARGET_IDENTITY);
	const char *name = strncmp(operand, TARGET_IDENTITY, prefix) == 0
	                           ? operand + prefix
	                           : operand;

	for (size_t i = 0; i < settings->identity_count; i++)
		if (strcmp(settings->identities[i].name, name) == 0)
			return &settings->identities[i];
	return NULL;
}

int trust_target_find(const struct host *host, const char *operand,
                      struct trust_target *out, struct err *err)
{
	const struct keyring *keyring = &host->keyring;
	struct trust_target found = {
		.key = find_key(keyring, operand),
		.cosign = find_cosign(keyring, operand),
		.root = find_root(keyring, operand),
		.identity = find_identity(&host->settings, operand),
	};
	int count = (found.key != NULL) + (found.cosign != NULL) +
	            (found.root != NULL) + (found.identity != NULL);

	if (count > 1)
		return err_set(err, ERR_USAGE, 0,
		               "several are called '%s'; say the key's id, "
		               "identity:NAME, or the trusted root's file",
		               operand);
	if (count == 1)
		*out = found;
	return count;
}
