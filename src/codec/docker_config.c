/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/docker_config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define AUTHS_MAX 1024
#define KEY_SIZE  (2 * (OCI_NAME_MAX + 1)) /* registry and repository */
#define HELPER_BYTES                                                           \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
#define SHOWN_TOKEN                                                            \
	"<token>" /* the user of an identity token, as docker says */

static int get_text(const struct json_node *object, const char *key,
                    const char **out, struct err *err)
{
	struct json_node node = json_member(object, key);

	return json_get_text(&node, out, err);
}

static int get_object(const struct json_node *parent, const char *key,
                      struct json_node *out, struct err *err)
{
	*out = json_member(parent, key);
	return json_is_present(out) ? json_require_object(out, NULL, err) : 0;
}

/* --- one entry ---------------------------------------------------------- */

/* auth: base64 of user:password; the password may hold further colons. */
static int read_pair(const struct json_node *entry,
                     struct docker_credential *out, struct err *err)
{
	struct json_node node = json_member(entry, "auth");
	struct bytes pair = BYTES_NONE;
	char *colon;

	if (json_get_bytes(&out->document, &node, &pair, err) < 0)
		return -1;
	if (pair.len == 0)
		return 0;
	free(out->pair);
	out->pair = calloc(1, pair.len + 1);
	if (out->pair == NULL)
		return err_nomem(err);
	memcpy(out->pair, pair.data, pair.len);
	colon = memchr(out->pair, ':', pair.len);
	if (colon == NULL || memchr(out->pair, '\0', pair.len) != NULL)
		return json_refuse(&node, ERR_FORMAT, err,
		                   "not the base64 of user:password");
	*colon = '\0';
	out->user = out->pair;
	out->password = colon + 1;
	return 0;
}

/* Written by some tools beside auth, or instead of it. */
static int read_entry(const struct json_node *entry,
                      struct docker_credential *out, struct err *err)
{
	if (json_require_object(entry, NULL, err) < 0 ||
	    get_text(entry, "username", &out->user, err) < 0 ||
	    get_text(entry, "password", &out->password, err) < 0 ||
	    get_text(entry, "identitytoken", &out->identity_token, err) < 0 ||
	    get_text(entry, "registrytoken", &out->registry_token, err) < 0 ||
	    read_pair(entry, out, err) < 0)
		return -1;
	if (strcmp(out->user, SHOWN_TOKEN) == 0 &&
	    out->identity_token[0] == '\0') {
		out->identity_token = out->password;
		out->password = "";
	}
	return 0;
}

static bool has_any(const struct docker_credential *credential)
{
	return credential->password[0] != '\0' ||
	       credential->identity_token[0] != '\0' ||
	       credential->registry_token[0] != '\0';
}

/* --- where it stands ---------------------------------------------------- */

/* Returns 1 with an entry that says something, 0, or -1. */
static int try_key(const struct json_node *auths, const char *key,
                   struct docker_credential *out, struct err *err)
{
	struct json_node entry = json_member(auths, key);

	if (!json_is_present(&entry))
		return 0;
	if (read_entry(&entry, out, err) < 0)
		return -1;
	return has_any(out) ? 1 : 0;
}

/* registry/a/b, registry/a, registry. */
static int try_folders(const struct json_node *auths,
                       const struct oci_reference *reference,
                       struct docker_credential *out, struct err *err)
{
	char key[KEY_SIZE];

	(void)snprintf(key, sizeof key, "%s/%s", reference->registry,
	               reference->repository);
	for (;;) {
		char *slash = strrchr(key, '/');
		int got = try_key(auths, key, out, err);

		if (got != 0 || slash == NULL)
			return got;
		*slash = '\0';
	}
}

static int try_addresses(const struct json_node *auths,
                         const struct oci_reference *reference,
                         struct docker_credential *out, struct err *err)
{
	static const char *const tails[] = { "", "/", "/v1/", "/v2/" };
	char key[KEY_SIZE];
	int got = 0;

	for (size_t i = 0; got == 0 && i < sizeof tails / sizeof tails[0];
	     i++) {
		(void)snprintf(key, sizeof key, "https://%s%s",
		               reference->registry, tails[i]);
		got = try_key(auths, key, out, err);
	}
	if (got == 0 && strcmp(reference->registry, OCI_DOCKER_REGISTRY) == 0)
		got = try_key(auths, DOCKER_IO_KEY, out, err);
	return got;
}

/* A helper for this registry, else the one for all. */
static int find_helper(const struct json_node *top,
                       const struct oci_reference *reference,
                       struct docker_credential *out, struct err *err)
{
	struct json_node helpers;

	if (get_object(top, "credHelpers", &helpers, err) < 0 ||
	    get_text(&helpers, reference->registry, &out->helper, err) < 0)
		return -1;
	if (out->helper[0] == '\0' &&
	    get_text(top, "credsStore", &out->helper, err) < 0)
		return -1;
	if (strlen(out->helper) >= DOCKER_HELPER_SIZE ||
	    strspn(out->helper, HELPER_BYTES) != strlen(out->helper))
		return json_refuse(
			top, ERR_FORMAT, err,
			"the name of a helper is not made of letters, "
			"digits and ._-");
	return out->helper[0] != '\0' ? 1 : 0;
}

static int find(const struct oci_reference *reference,
                struct docker_credential *out, struct err *err)
{
	struct json_node top = json_top(&out->document);
	struct json_node auths;
	size_t count = 0;
	int got;

	if (json_require_object(&top, NULL, err) < 0 ||
	    get_object(&top, "auths", &auths, err) < 0)
		return -1;
	if (json_is_present(&auths) &&
	    json_count_members(&auths, AUTHS_MAX, &count, err) < 0)
		return -1;
	got = try_folders(&auths, reference, out, err);
	if (got == 0)
		got = try_addresses(&auths, reference, out, err);
	if (got == 0)
		got = find_helper(&top, reference, out, err);
	return got;
}

int docker_config_find(const char *text, size_t len,
                       const struct oci_reference *reference,
                       struct docker_credential *out, struct err *err)
{
	AUTO_DOCKER_CREDENTIAL struct docker_credential found = {
		.document = JSON_DOCUMENT_NONE,
		.user = "",
		.password = "",
		.identity_token = "",
		.registry_token = "",
		.helper = "",
	};
	int got;

	if (json_read(text, len, DOCKER_CONFIG_MAX, &found.document, err) < 0)
		return err_wrap(err, "reading docker's configuration");
	got = find(reference, &found, err);
	if (got < 0)
		return err_wrap(err, "reading docker's configuration");
	if (got == 0)
		return 0;
	*out = found;
	found = DOCKER_CREDENTIAL_NONE;
	return 1;
}

int docker_config_helper(const char *text, size_t len,
                         const struct oci_reference *reference,
                         char out[DOCKER_HELPER_SIZE], struct err *err)
{
	AUTO_DOCKER_CREDENTIAL struct docker_credential found =
		DOCKER_CREDENTIAL_NONE;
	struct json_node top;
	int got;

	if (json_read(text, len, DOCKER_CONFIG_MAX, &found.document, err) < 0)
		return err_wrap(err, "reading docker's configuration");
	top = json_top(&found.document);
	found.helper = "";
	if (json_require_object(&top, NULL, err) < 0)
		return err_wrap(err, "reading docker's configuration");
	got = find_helper(&top, reference, &found, err);
	if (got < 0)
		return err_wrap(err, "reading docker's configuration");
	if (got == 1)
		(void)snprintf(out, DOCKER_HELPER_SIZE, "%s", found.helper);
	return got;
}

const char *docker_config_key(const struct oci_reference *reference)
{
	return strcmp(reference->registry, OCI_DOCKER_REGISTRY) == 0
	               ? DOCKER_IO_KEY
	               : reference->registry;
}

void docker_credential_done(struct docker_credential *credential)
{
	free(credential->pair);
	json_document_done(&credential->document);
	*credential = DOCKER_CREDENTIAL_NONE;
}
