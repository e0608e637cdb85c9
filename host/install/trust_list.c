/* SPDX-License-Identifier: Apache-2.0 */
#include "trust_list.h"

#include "codec/json_write.h"
#include "codec/minisign.h"
#include "codec/signer.h"
#include "trust_target.h"

static void cosign_id(const struct keyring_cosign_key *key,
                      char out[SIGNER_TEXT_SIZE])
{
	struct signer signer = { .kind = SIGNER_COSIGN, .has_key = true };

	memcpy(signer.key, key->key.id, sizeof signer.key);
	signer_text(&signer, out);
}

static const char *find_revoked_cosign(const struct host *host,
                                       const struct keyring_cosign_key *key)
{
	return keyring_find_revoked_cosign(&host->keyring, key->key.id);
}

/* --- text --- */

static int say(const char *id, const char *name, const char *revoked,
               struct buf *out, struct err *err)
{
	return buf_printf(out, err, "%s  %s%s%s\n", id, name,
	                  revoked != NULL ? "  revoked: " : "",
	                  revoked != NULL ? revoked : "");
}

static int say_keys(const struct host *host, struct buf *out, struct err *err)
{
	const struct keyring *keyring = &host->keyring;
	char id[SIGNER_TEXT_SIZE];

	for (size_t i = 0; i < keyring->count; i++) {
		const struct keyring_key *key = &keyring->keys[i];

		minisign_id_text(key->public.id, id);
		if (say(id, key->name,
		        keyring_find_revoked(keyring, &key->public), out,
		        err) < 0)
			return -1;
	}
	for (size_t i = 0; i < keyring->cosign_count; i++) {
		const struct keyring_cosign_key *key = &keyring->cosign_keys[i];

		cosign_id(key, id);
		if (say(id, key->name, find_revoked_cosign(host, key), out,
		        err) < 0)
			return -1;
	}
	return 0;
}

/* "repository o/r" or "subject a@example.org" */
static int say_identity(const struct host *host,
                        const struct settings_identity *identity,
                        struct buf *out, struct err *err)
{
	enum identity_field field = identity->text[IDENTITY_SUBJECT][0] != '\0'
	                                    ? IDENTITY_SUBJECT
	                                    : IDENTITY_REPOSITORY;
	const char *revoked = revocations_find_identity(
		&host->keyring.revocations, identity->name);

	return buf_printf(out, err, TARGET_IDENTITY "%s  %s %s%s%s\n",
	                  identity->name, identity_field_name(field),
	                  identity->text[field],
	                  revoked != NULL ? "  revoked: " : "",
	                  revoked != NULL ? revoked : "");
}

int trust_list_text(const struct host *host, struct buf *out, struct err *err)
{
	const struct settings *settings = &host->settings;

	if (say_keys(host, out, err) < 0)
		return -1;
	for (size_t i = 0; i < settings->identity_count; i++)
		if (say_identity(host, &settings->identities[i], out, err) < 0)
			return -1;
	for (size_t i = 0; i < host->keyring.root_count; i++) {
		char file[TRUST_ROOT_FILE_SIZE];

		trust_root_file(&host->keyring.roots[i], file);
		if (buf_printf(out, err, "trusted root  %s\n", file) < 0)
			return -1;
	}
	return 0;
}

/* --- JSON --- */

static int write_key(struct json_writer *json, const char *type,
                     const char *name, const char *id, const char *revoked,
                     struct err *err)
{
	if (json_open_object(json, NULL, err) < 0 ||
	    json_text(json, "type", type, err) < 0 ||
	    json_text(json, "name", name, err) < 0 ||
	    json_text(json, "id", id, err) < 0 ||
	    json_text(json, "revoked", revoked, err) < 0)
		return -1;
	return json_close(json, err);
}

static int write_keys(const struct host *host, struct json_writer *json,
                      struct err *err)
{
	const struct keyring *keyring = &host->keyring;
	char id[SIGNER_TEXT_SIZE];

	if (json_open_array(json, "keys", err) < 0)
		return -1;
	for (size_t i = 0; i < keyring->count; i++) {
		const struct keyring_key *key = &keyring->keys[i];

		minisign_id_text(key->public.id, id);
		if (write_key(json, "minisign", key->name, id,
		              keyring_find_revoked(keyring, &key->public),
		              err) < 0)
			return -1;
	}
	for (size_t i = 0; i < keyring->cosign_count; i++) {
		const struct keyring_cosign_key *key = &keyring->cosign_keys[i];

		cosign_id(key, id);
		if (write_key(json, "cosign", key->name, id,
		              find_revoked_cosign(host, key), err) < 0)
			return -1;
	}
	return json_close(json, err);
}

static int write_identity(const struct host *host,
                          const struct settings_identity *identity,
                          struct json_writer *json, struct err *err)
{
	if (json_open_object(json, NULL, err) < 0 ||
	    json_text(json, "name", identity->name, err) < 0)
		return -1;
	for (enum identity_field f = 0; f < IDENTITY_FIELDS; f++)
		if (identity->text[f][0] != '\0' &&
		    json_text(json, identity_field_name(f), identity->text[f],
		              err) < 0)
			return -1;
	if (json_text(json, "revoked",
	              revocations_find_identity(&host->keyring.revocations,
	                                        identity->name),
	              err) < 0)
		return -1;
	return json_close(json, err);
}

static int write_identities(const struct host *host, struct json_writer *json,
                            struct err *err)
{
	const struct settings *settings = &host->settings;

	if (json_open_array(json, "identities", err) < 0)
		return -1;
	for (size_t i = 0; i < settings->identity_count; i++)
		if (write_identity(host, &settings->identities[i], json, err) <
		    0)
			return -1;
	return json_close(json, err);
}

static int write_roots(const struct host *host, struct json_writer *json,
                       struct err *err)
{
	if (json_open_array(json, "trusted_roots", err) < 0)
		return -1;
	for (size_t i = 0; i < host->keyring.root_count; i++) {
		char file[TRUST_ROOT_FILE_SIZE];

		trust_root_file(&host->keyring.roots[i], file);
		if (json_text(json, NULL, file, err) < 0)
			return -1;
	}
	return json_close(json, err);
}

int trust_list_json(const struct host *host, struct buf *out, struct err *err)
{
	struct json_writer json;

	json_begin(&json, out);
	if (json_open_object(&json, NULL, err) < 0 ||
	    json_text(&json, "app", host->app, err) < 0 ||
	    write_keys(host, &json, err) < 0 ||
	    write_identities(host, &json, err) < 0 ||
	    write_roots(host, &json, err) < 0)
		return -1;
	return json_close(&json, err);
}
