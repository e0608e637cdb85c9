/* SPDX-License-Identifier: Apache-2.0 */
/* The file that `docker login`, `podman login` and `oras login` write:
 * ~/.docker/config.json, auth.json.  Sources: docker's config.json reference,
 * containers-auth.json(5).
 *
 *     {"auths": {"ghcr.io": {"auth": "<base64 of user:password>"},
 *                "a.azurecr.io": {"identitytoken": "..."}},
 *      "credHelpers": {"gcr.io": "gcloud"}, "credsStore": "desktop"}
 *
 * Helpers are programs; no worker runs one.  They are only named, so that the
 * user can be told, and package-release can ask them. */
#ifndef CODEC_DOCKER_CONFIG_H
#define CODEC_DOCKER_CONFIG_H

#include <stddef.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "codec/json_read.h"
#include "codec/oci_reference.h"

#define DOCKER_CONFIG_MAX  ((size_t)1 << 20) /* bytes */
#define DOCKER_HELPER_SIZE 65 /* of a helper's name, with the NUL */
#define DOCKER_IO_KEY      "https://index.docker.io/v1/"

/* What the file has for one registry; texts lead into it, and are "" where
 * absent. */
struct docker_credential {
	struct json_document document; /* owned */
	char *pair;                    /* owned; what auth decoded to */
	const char *user, *password;
	const char *identity_token; /* an OAuth2 refresh token */
	const char *registry_token; /* a Bearer token as it is */
	const char *helper; /* that would know: docker-credential-<helper> */
};

#define DOCKER_CREDENTIAL_NONE                                                 \
	((struct docker_credential){ .document = JSON_DOCUMENT_NONE })
#define AUTO_DOCKER_CREDENTIAL AUTO(docker_credential_done)

/**
 * docker_config_find - what a file has for a reference.
 * @out: written only on 1; to be released with docker_credential_done.
 *
 * Entries are looked for as podman does: registry/repository, then each folder
 * above it, then the registry; the last also as "https://REGISTRY/",
 * ".../v1/", ".../v2/", and docker.io as "https://index.docker.io/v1/".
 * An entry without anything in it, as docker leaves it beside a credsStore,
 * counts as none.
 *
 * Returns 1, also where only a helper would know; 0 where the file has nothing;
 * -1 with ERR_FORMAT, ERR_LIMIT or ERR_SYSTEM.
 */
int docker_config_find(const char *text, size_t len,
                       const struct oci_reference *reference,
                       struct docker_credential *out,
                       struct err *err) MUST_CHECK;

/**
 * docker_config_helper - who keeps the credentials of a registry: the one of
 * credHelpers for it, else credsStore.
 * @out: written only on 1; [A-Za-z0-9._-], as it becomes part of a program's
 *       name.
 * Returns 1, 0 where the file itself keeps them, or -1 as docker_config_find.
 */
int docker_config_helper(const char *text, size_t len,
                         const struct oci_reference *reference,
                         char out[DOCKER_HELPER_SIZE],
                         struct err *err) MUST_CHECK;

/** docker_config_key - what a registry is called in auths, and by helpers. */
const char *docker_config_key(const struct oci_reference *reference);

/**
 * docker_config_set - append to @out the file with user and password for a
 * registry, in place of what stood there for it.
 * @text: of the file; len 0: there is none yet.
 *
 * All else keeps its value and its order.  Returns 0, or -1 with ERR_FORMAT for
 * a file that docker_config_find refuses or a user with a colon, ERR_LIMIT,
 * ERR_SYSTEM.
 */
int docker_config_set(const char *text, size_t len,
                      const struct oci_reference *reference, const char *user,
                      const char *password, struct buf *out,
                      struct err *err) MUST_CHECK;

/**
 * docker_config_remove - the same without any entry of the registry's.
 * Returns 1, 0 where there was none (@out is as it was), or -1.
 */
int docker_config_remove(const char *text, size_t len,
                         const struct oci_reference *reference, struct buf *out,
                         struct err *err) MUST_CHECK;

/** docker_credential_done - release it. */
void docker_credential_done(struct docker_credential *credential);

#endif
