/* SPDX-License-Identifier: Apache-2.0 */
/* What the files behind oci_auth.h share:
 *
 *     oci_auth.c           credentials, challenges, Basic
 *     oci_auth_token.c     Bearer: tokens
 *     oci_auth_refusal.c   what a refusal means, and what to do */
#ifndef NET_OCI_AUTH_OWN_H
#define NET_OCI_AUTH_OWN_H

#include <stdbool.h>

#include "net/oci_auth.h"

#define OCI_FOREVER INT64_MAX /* of renew_at */

/** oci_auth_has_secret - whether there is something to show to a registry. */
bool oci_auth_has_secret(const struct oci_auth *auth);

/** oci_auth_add_basic - append the header's value for user and password.  0, or
 * -1 with ERR_LIMIT, ERR_SYSTEM. */
int oci_auth_add_basic(const struct oci_auth *auth, struct buf *out,
                       struct err *err) MUST_CHECK;

/** oci_auth_answer_bearer - have a token for the challenge.  0, or -1 as
 * oci_auth_answer. */
int oci_auth_answer_bearer(struct oci_auth *auth, struct err *err) MUST_CHECK;

/** oci_auth_renew - ask for a token for the challenge that was answered last.
 * 0, or -1 as oci_auth_answer. */
int oci_auth_renew(struct oci_auth *auth, struct err *err) MUST_CHECK;

#endif
