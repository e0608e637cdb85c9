/* SPDX-License-Identifier: Apache-2.0 */
#include "net/oci_push.h"

int oci_push_open(struct oci_push *push, const struct http_config *config,
                  struct err *err)
{
	*push = OCI_PUSH_NONE;
	if (http_open(config, &push->client, err) < 0)
		return -1;
	if (http_open(config, &push->tokens, err) < 0) {
		http_close(&push->client);
		return -1;
	}
	return 0;
}

void oci_push_done(struct oci_push *push)
{
	http_close(&push->client);
	http_close(&push->tokens);
}

int oci_push_repository(struct oci_push *push,
                        const struct source_wanted *wanted,
                        const struct oci_reference *reference,
                        struct oci_registry *out, struct err *err)
{
	int got = oci_open(out, push->client, wanted, reference, err);

	out->auth.client = push->tokens;
	out->auth.purpose = OCI_PUSH;
	return got;
}
