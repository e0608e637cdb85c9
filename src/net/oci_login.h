/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a registry takes credentials: GET /v2/, as docker login asks.
 * Source: the OCI distribution specification 1.1, section "Determining
 * Support". */
#ifndef NET_OCI_LOGIN_H
#define NET_OCI_LOGIN_H

#include "base/err.h"
#include "codec/oci_reference.h"
#include "net/http.h"
#include "net/source.h"

enum oci_login {
	OCI_LOGIN_TAKEN, /* it asked for credentials, and takes ours */
	OCI_LOGIN_OPEN   /* it asks for none: ours were not looked at */
};

/**
 * oci_login_check - show the registry of @reference what @wanted has.
 * @out: written only on 0.
 *
 * Returns 0, or -1 as oci_auth_answer: ERR_NETWORK where they are refused, or
 * where no registry answers.
 */
int oci_login_check(struct http_client *client,
                    const struct source_wanted *wanted,
                    const struct oci_reference *reference, enum oci_login *out,
                    struct err *err) MUST_CHECK;

#endif
