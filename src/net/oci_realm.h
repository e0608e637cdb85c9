/* SPDX-License-Identifier: Apache-2.0 */
/* Which token server a registry may name: the rules of oci_auth.h. */
#ifndef NET_OCI_REALM_H
#define NET_OCI_REALM_H

#include <stdbool.h>

#include "base/err.h"
#include "net/http.h"

/* Whether credentials will be sent. */
enum oci_secrecy { OCI_ANONYMOUS, OCI_SECRET };

/**
 * oci_realm_check - whether @realm may be asked for a token.
 * @base: the registry's address.
 *
 * Returns 0, or -1 with ERR_NETWORK that says why not.
 */
int oci_realm_check(const struct http_client *client, const char *base,
                    const char *realm, enum oci_secrecy secrecy,
                    struct err *err) MUST_CHECK;

/** oci_same_domain - whether @realm is a host of the domain of @registry; both
 * in lower case, without port. */
bool oci_same_domain(const char *registry, const char *realm);

#endif
