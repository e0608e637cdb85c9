/* SPDX-License-Identifier: Apache-2.0 */
/* The part of oci_auth.h that says what a refusal means. */
#include <stdio.h>
#include <string.h>

#include "codec/oci_answer.h"
#include "net/oci_auth_own.h"
#include "net/refusal.h"

static bool lacks_scope(const struct oci_auth *auth)
{
	return strcmp(auth->challenge.error, "insufficient_scope") == 0;
}

/* What one who publishes can do. */
static void advise_publisher(const struct oci_auth *auth, char *out,
                             size_t size)
{
	const char *registry = auth->reference->registry;

	if (!auth->has_credential)
		(void)snprintf(
			out, size,
			"without credentials: package-release login %.120s",
			registry);
	else if (!oci_auth_has_secret(auth))
		(void)snprintf(out, size,
		               "docker-credential-%.40s has no credentials for "
		               "it: package-release login %.120s",
		               auth->credential.helper, registry);
	else
		(void)snprintf(out, size, "the credentials of '%s' %s",
		               auth->credential.user[0] != '\0'
		                       ? auth->credential.user
		                       : "(a token)",
		               !lacks_scope(auth) ? "are refused"
		               : auth->purpose == OCI_PUSH
		                       ? "do not allow to push here"
		                       : "do not allow to pull here");
}

/* What anybody can do, for each way that credentials may be missing. */
static void advise(const struct oci_auth *auth, char *out, size_t size)
{
	if (auth->purpose == OCI_PUSH || auth->wanted->app == NULL)
		advise_publisher(auth, out, size);
	else if (oci_auth_has_secret(auth))
		(void)snprintf(out, size, "the credentials of '%s' are refused",
		               auth->credential.user[0] != '\0'
		                       ? auth->credential.user
		                       : "(a token)");
	else if (auth->has_credential)
		(void)snprintf(
			out, size,
			"its credentials are kept by docker-credential-%.40s, "
			"which is not run here: put user:password into "
			"/etc/tidegate/credentials/%s (0600), where it is the "
			"registry of [source] oci, or use --token-file",
			auth->credential.helper, auth->wanted->app);
	else
		(void)snprintf(
			out, size,
			"without credentials: put user:password, or a token, "
			"into /etc/tidegate/credentials/%s (0600), where it is "
			"the registry of [source] oci, use --token-file, or "
			"name the file of docker login with [source] "
			"docker_config",
			auth->wanted->app);
}

/* What the server's own words mean says more than that there was no, but for
 * those who showed nothing. */
static bool is_explained(const struct oci_auth *auth,
                         const struct http_response *response)
{
	const struct refusal *row = refusal_find(response);

	return oci_auth_has_secret(auth) && row != NULL &&
	       (response->status == 403 ||
	        strcmp(row->id, REFUSAL_UNAUTHORIZED) != 0);
}

int oci_auth_refused(const struct oci_auth *auth,
                     const struct http_response *response, struct err *err)
{
	const char *id = response->request_id;
	char said[OCI_ERROR_TEXT_SIZE];
	char advice[ERR_TEXT_MAX / 2];
	char why[REFUSAL_TEXT_SIZE];

	oci_error_text(buf_text(&response->body), response->body.len, said);
	http_redact(auth->client, said);
	advise(auth, advice, sizeof advice);
	(void)snprintf(why, sizeof why, ": %.240s%s%.60s%s", advice,
	               id[0] != '\0' ? " (request " : "", id,
	               id[0] != '\0' ? ")" : "");
	if (is_explained(auth, response))
		refusal_explain(response, why);
	return err_set(err, ERR_NETWORK, 0, "%s%s%s: %u%s%.100s%s",
	               auth->reference->registry,
	               auth->reference->repository[0] != '\0' ? "/" : "",
	               auth->reference->repository, response->status,
	               said[0] != '\0' ? " " : "", said, why);
}
