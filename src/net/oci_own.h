/* SPDX-License-Identifier: Apache-2.0 */
/* What pulling and pushing share; for src/net/oci*.c.
 *
 *     oci.c                 a repository that is pulled from
 *     oci_referrers.c       and what refers to a manifest there
 *     oci_auth*.c, oci_realm.c   its credentials
 *     oci_job.c             many things to push, as conversations at once
 *     oci_push.c            a repository that is pushed to
 *     oci_push_blob.c       blobs
 *     oci_push_upload.c     and the requests of an upload
 *     oci_push_manifest.c   manifests and tags
 *     oci_push_referrers.c  lists of referrers */
#ifndef NET_OCI_OWN_H
#define NET_OCI_OWN_H

#include <stdbool.h>

#include "net/http_own.h"
#include "net/oci.h"

/* Registries answer 404 without it. */
#define OCI_ACCEPT_MANIFESTS                                                   \
	OCI_TYPE_MANIFEST ", " OCI_TYPE_INDEX ", " OCI_TYPE_DOCKER_MANIFEST    \
			  ", " OCI_TYPE_DOCKER_INDEX
#define OCI_URL_SIZE (OCI_BASE_SIZE + OCI_NAME_MAX + 256)

/** oci_make_url - "https://host/v2/repository/<kind>/<what>".
 * @out: OCI_URL_SIZE bytes. */
void oci_make_url(const struct oci_registry *registry, const char *kind,
                  const char *what, char *out);

/**
 * oci_ask - one request, with credentials where the registry wants some.  They
 * are answered for once: a registry that asks again refuses.
 * Returns 0 for an answer of any status but 401, or -1 as http_get and
 * oci_auth_answer.
 */
int oci_ask(struct oci_registry *registry, struct http_request *request,
            struct http_response *out, struct err *err) MUST_CHECK;

/** oci_require - that the answer is a success.  0, or -1 with ERR_NETWORK and
 * what the registry's own error says, where it has one. */
int oci_require(const struct oci_registry *registry,
                const struct http_request *request,
                const struct http_response *response,
                struct err *err) MUST_CHECK;

/**
 * oci_next_page - Link: </v2/...>; rel="next".
 * @url: OCI_URL_SIZE bytes, in and out; only an address of the same registry is
 *       followed.
 * Returns whether there is one.
 */
bool oci_next_page(const struct oci_registry *registry,
                   const struct http_response *response, char *url);

#endif
