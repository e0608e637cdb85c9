/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials for one repository of a registry: one Authorization at a time.
 * Nothing is sent before the registry asks for it (401 and a challenge); what
 * it asks for is then kept and renewed.  Who pushes asks for the right to pull
 * and push at once.
 *
 * Where a token comes from is the registry's word, so credentials go to that
 * address only when it is
 * - https, or plain http to a host that the configuration names;
 * - the registry's host itself, or a host of the same domain: below what is
 *   left of the registry's name without its first label (registry.gitlab.com:
 *   gitlab.com; registry-1.docker.io: auth.docker.io); an address in numbers is
 *   only itself.
 * Without credentials any public address may be asked for a token.  A redirect
 * of a request for a token is refused.
 *
 * Sources: "Token Authentication" and "OAuth2 Token Authentication" of CNCF
 * distribution; RFC 7617. */
#ifndef NET_OCI_AUTH_H
#define NET_OCI_AUTH_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "codec/challenge.h"
#include "codec/docker_config.h"
#include "codec/oci_reference.h"
#include "net/http.h"
#include "net/source.h"

#define OCI_RENEW_BEFORE_S  10
#define OCI_TOKEN_USER      "x-access-token" /* of a token alone */
#define OCI_CREDENTIAL_MAX  4096 /* bytes of the user and the password */
#define OCI_AUTH_HEADER_MAX ((size_t)20 << 10) /* bytes of a header's value */

enum oci_purpose { OCI_PULL, OCI_PUSH };

struct oci_auth {
	struct http_client *client; /* borrowed; asks for tokens */
	enum oci_purpose purpose;
	const struct source_wanted *wanted;    /* borrowed */
	const struct oci_reference *reference; /* borrowed */
	const char *base;                      /* borrowed; of the registry */
	bool has_credential;
	struct docker_credential credential; /* owned */
	struct buf pair;            /* owned; "user\0password" of the token */
	struct buf value;           /* owned; the header's value, empty: none */
	struct challenge challenge; /* that value answers */
	unsigned generation;        /* of value: another one, another number */
	int64_t renew_at; /* by clock_monotonic_ms; INT64_MAX: never */
};

/**
 * oci_auth_open - find the credentials: docker's file, then the token.
 * @base: the registry's address, "https://host".
 * @auth: zeroed memory; release it with oci_auth_done, also after -1.
 *
 * A token is one line: user:password, or a token alone, whose user then is
 * OCI_TOKEN_USER (registries that take tokens do not look at it).
 *
 * Returns 0, or -1 with ERR_FORMAT, ERR_LIMIT, ERR_SYSTEM.
 */
int oci_auth_open(struct oci_auth *auth, struct http_client *client,
                  const struct source_wanted *wanted,
                  const struct oci_reference *reference, const char *base,
                  struct err *err) MUST_CHECK;

/**
 * oci_auth_value - what to send with the next request.
 * @out: borrowed until the next call on @auth; NULL: nothing.
 *
 * A token that is about to expire is renewed.
 * Returns 0, or -1 as oci_auth_answer.
 */
int oci_auth_value(struct oci_auth *auth, const char **out,
                   struct err *err) MUST_CHECK;

/**
 * oci_auth_answer - do what the registry's 401 asks for.
 * @response: from the registry's own address.
 *
 * Returns 0, and oci_auth_value has something new to send; or -1 with
 * ERR_NETWORK: refused, or nothing that we could answer, with what to do;
 * ERR_FORMAT, ERR_LIMIT, ERR_SYSTEM.
 */
int oci_auth_answer(struct oci_auth *auth, const struct http_response *response,
                    struct err *err) MUST_CHECK;

/** oci_auth_refused - the text for a 401 or 403 that stays.  Returns -1. */
int oci_auth_refused(const struct oci_auth *auth,
                     const struct http_response *response, struct err *err);

/** oci_auth_done - release it. */
void oci_auth_done(struct oci_auth *auth);

#endif
