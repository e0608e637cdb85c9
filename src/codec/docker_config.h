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
 * user can be told. */
#ifndef CODEC_DOCKER_CONFIG_H
#define CODEC_DOCKER_CONFIG_H

#include <stddef.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "codec/json_read.h"
#include "codec/oci_reference.h"

#define DOCKER_CONFIG_MAX ((size_t)1 << 20) /* bytes */

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

/** docker_credential_done - release it. */
void docker_credential_done(struct docker_credential *credential);

#endif
