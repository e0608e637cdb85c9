/* SPDX-License-Identifier: Apache-2.0 */
#include "net/oci_login.h"

#include <stdio.h>

#include "net/oci.h"

#define BODY_MAX ((size_t)64 << 10)

static int ask(struct oci_registry *registry, const char *url,
               struct http_response *out, struct err *err)
{
	struct http_request request = { .url = url,
		                        .redirects = HTTP_STOP,
		                        .body_max = BODY_MAX };

	if (oci_auth_value(&registry->auth, &request.authorization, err) < 0)
		return -1;
	return http_get(registry->client, &request, out, err);
}

static int judge(const struct oci_registry *registry, const char *url,
                 const struct http_response *response, struct err *err)
{
	const struct http_request request = { .url = url };

	if (response->status == 401 || response->status == 403)
		return oci_auth_refused(&registry->auth, response, err);
	if (response->status == 404)
		return err_set(err, ERR_NETWORK, 0,
		               "%s answers 404 at /v2/: it is no registry",
		               registry->reference.registry);
	return http_require(&request, response, err);
}

static int check(struct oci_registry *registry, enum oci_login *out,
                 struct err *err)
{
	AUTO_RESPONSE struct http_response response = HTTP_RESPONSE_NONE;
	enum oci_login result = OCI_LOGIN_OPEN;
	char url[OCI_BASE_SIZE + sizeof "/v2/"];

	(void)snprintf(url, sizeof url, "%s/v2/", registry->base);
	if (ask(registry, url, &response, err) < 0)
		return -1;
	if (response.status == 401) {
		result = OCI_LOGIN_TAKEN;
		if (oci_auth_answer(&registry->auth, &response, err) < 0 ||
		    ask(registry, url, &response, err) < 0)
			return -1;
	}
	if (judge(registry, url, &response, err) < 0)
		return -1;
	*out = result;
	return 0;
}

int oci_login_check(struct http_client *client,
                    const struct source_wanted *wanted,
                    const struct oci_reference *reference, enum oci_login *out,
                    struct err *err)
{
	struct oci_registry registry = { .client = NULL };
	struct oci_reference whole = *reference;
	int result;

	whole.repository[0] = '\0'; /* it is the registry that is asked */
	result = oci_open(&registry, client, wanted, &whole, err);
	if (result == 0)
		result = check(&registry, out, err);
	oci_done(&registry);
	return result;
}
