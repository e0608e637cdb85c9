/* SPDX-License-Identifier: Apache-2.0 */
/* The half of docker_config.h that writes. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "codec/base64.h"
#include "codec/docker_config.h"
#include "codec/json_print.h"

#define KEY_SIZE (OCI_NAME_MAX + 16)

/* What can be found in it can be changed. */
static int read_config(const char *text, size_t len,
                       const struct oci_reference *reference,
                       struct json_document *out, struct err *err)
{
	AUTO_DOCKER_CREDENTIAL struct docker_credential found =
		DOCKER_CREDENTIAL_NONE;

	if (len == 0) {
		text = "{}";
		len = 2;
	}
	if (docker_config_find(text, len, reference, &found, err) < 0 ||
	    json_read(text, len, DOCKER_CONFIG_MAX, out, err) < 0)
		return -1;
	return 0;
}

/* --- changing ----------------------------------------------------------- */

/* All that docker_config_find would take for the registry's own. */
static bool remove_all(json_t *auths, const struct oci_reference *reference)
{
	static const char *const tails[] = { "", "/", "/v1/", "/v2/" };
	bool was_there = json_object_del(auths, reference->registry) == 0;
	char key[KEY_SIZE];

	if (json_object_del(auths, docker_config_key(reference)) == 0)
		was_there = true;
	for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
		(void)snprintf(key, sizeof key, "https://%s%s",
		               reference->registry, tails[i]);
		if (json_object_del(auths, key) == 0)
			was_there = true;
	}
	return was_there;
}

/* Borrowed; made where there is none.  NULL without memory. */
static json_t *require_auths(json_t *top)
{
	json_t *auths = json_object_get(top, "auths");

	if (json_is_object(auths))
		return auths;
	auths = json_object();
	return json_object_set_new(top, "auths", auths) == 0 ? auths : NULL;
}

/* base64 of user:password, as docker has it. */
static json_t *make_entry(const char *user, const char *password,
                          struct err *err)
{
	AUTO_SECRET struct buf pair = BUF_LIMIT(DOCKER_CONFIG_MAX);
	AUTO_SECRET struct buf text = BUF_LIMIT(DOCKER_CONFIG_MAX);
	json_t *entry;

	if (buf_printf(&pair, err, "%s:%s", user, password) < 0 ||
	    base64_add(&text, (const uint8_t *)pair.data, pair.len, err) < 0)
		return NULL;
	entry = json_pack("{s:s}", "auth", buf_text(&text));
	if (entry == NULL)
		(void)err_nomem(err);
	return entry;
}

static int set_entry(json_t *top, const struct oci_reference *reference,
                     const char *user, const char *password, struct err *err)
{
	json_t *auths = require_auths(top);
	json_t *entry;

	if (auths == NULL)
		return err_nomem(err);
	(void)remove_all(auths, reference);
	entry = make_entry(user, password, err);
	if (entry == NULL)
		return -1;
	if (json_object_set_new(auths, docker_config_key(reference), entry) < 0)
		return err_nomem(err);
	return 0;
}

/* --- printing ----------------------------------------------------------- */

static int print(const json_t *top, struct buf *out, struct err *err)
{
	if (json_print(top, /* indent= */ 8, out, err) < 0)
		return -1;
	return buf_adds(out, "\n", err);
}

/* --- both --------------------------------------------------------------- */

int docker_config_set(const char *text, size_t len,
                      const struct oci_reference *reference, const char *user,
                      const char *password, struct buf *out, struct err *err)
{
	AUTO_JSON_DOCUMENT struct json_document document = JSON_DOCUMENT_NONE;

	if (user[0] == '\0' || strchr(user, ':') != NULL)
		return err_set(err, ERR_FORMAT, 0,
		               "a user's name holds no colon, and is not "
		               "empty");
	if (read_config(text, len, reference, &document, err) < 0 ||
	    set_entry(document.root, reference, user, password, err) < 0 ||
	    print(document.root, out, err) < 0)
		return err_wrap(err, "changing docker's configuration");
	return 0;
}

int docker_config_remove(const char *text, size_t len,
                         const struct oci_reference *reference, struct buf *out,
                         struct err *err)
{
	AUTO_JSON_DOCUMENT struct json_document document = JSON_DOCUMENT_NONE;
	json_t *auths;

	if (read_config(text, len, reference, &document, err) < 0)
		return err_wrap(err, "changing docker's configuration");
	auths = json_object_get(document.root, "auths");
	if (auths == NULL || !remove_all(auths, reference))
		return 0;
	return print(document.root, out, err) < 0 ? -1 : 1;
}
