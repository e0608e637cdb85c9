/* SPDX-License-Identifier: Apache-2.0 */
/* The part of oci_auth.h that gets tokens: Bearer. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "codec/oci_answer.h"
#include "net/oci_auth_own.h"
#include "net/oci_realm.h"

#define CLIENT_ID "tidegate"
#define UNRESERVED                                                             \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"                 \
	"0123456789-._~"

/* --- the question --- */

/* RFC 3986, section 2.1. */
static int add_encoded(struct buf *out, const char *text, size_t len,
                       struct err *err)
{
	for (size_t i = 0; i < len; i++) {
		bool is_plain = strchr(UNRESERVED, text[i]) != NULL;
		int got = is_plain ? buf_add(out, text + i, 1, err)
		                   : buf_printf(out, err, "%%%02X",
		                                (unsigned char)text[i]);

		if (got < 0)
			return -1;
	}
	return 0;
}

static int add_field(struct buf *out, const char *name, const char *value,
                     size_t len, struct err *err)
{
	const char *joint =
		out->len == 0 || out->data[out->len - 1] == '?' ? "" : "&";

	if (len == 0)
		return 0;
	if (buf_printf(out, err, "%s%s=", joint, name) < 0)
		return -1;
	return add_encoded(out, value, len, err);
}

/* service=S and the scopes: in an address one field each, in a form one. */
static int add_scopes(const struct oci_auth *auth, struct buf *out,
                      struct err *err)
{
	const struct challenge *challenge = &auth->challenge;
	const char *at = challenge->scope;
	const char *word;
	size_t len;

	if (add_field(out, "service", challenge->service,
	              strlen(challenge->service), err) < 0)
		return -1;
	while ((word = text_word(&at, &len)) != NULL)
		if (add_field(out, "scope", word, len, err) < 0)
			return -1;
	return 0;
}

/* The registry may leave out what we are there for; and to who pushes it speaks
 * of pulling alone, when that is what he begins with. */
static int fill_scope(struct oci_auth *auth, struct err *err)
{
	char *scope = auth->challenge.scope;
	bool is_push = auth->purpose == OCI_PUSH;
	int len;

	if (auth->reference->repository[0] == '\0' ||
	    (scope[0] != '\0' && (!is_push || strstr(scope, ",push") != NULL ||
	                          strstr(scope, ":push") != NULL)))
		return 0;
	len = snprintf(scope, sizeof auth->challenge.scope, "repository:%s:%s",
	               auth->reference->repository,
	               is_push ? "pull,push" : "pull");
	if (len < 0 || (size_t)len >= sizeof auth->challenge.scope)
		return err_set(err, ERR_LIMIT, 0, "the scope is too long");
	return 0;
}

/* --- asking --- */

static int take_answer(struct oci_auth *auth,
                       const struct http_response *response, struct err *err)
{
	AUTO_FREE struct oci_token *token = calloc(1, sizeof *token);

	if (token == NULL)
		return err_nomem(err);
	if (oci_token_parse(buf_text(&response->body), response->body.len,
	                    token, err) < 0 ||
	    http_note(auth->client, token->text, strlen(token->text), err) < 0)
		return -1;
	buf_cut(&auth->value, 0);
	auth->generation++;
	/* One that lives shorter than the reserve is good for one request. */
	auth->renew_at =
		token->life <= OCI_RENEW_BEFORE_S
			? OCI_FOREVER
			: clock_monotonic_ms() +
				  ((int64_t)token->life - OCI_RENEW_BEFORE_S) *
					  1000;
	return buf_printf(&auth->value, err, "Bearer %s", token->text);
}

/* POST with the refresh token; 1: the server does not know that. */
static int ask_with_form(struct oci_auth *auth, struct err *err)
{
	AUTO_RESPONSE struct http_response response = HTTP_RESPONSE_NONE;
	AUTO_BUF struct buf form = BUF_LIMIT((size_t)64 << 10);
	const struct docker_credential *credential = &auth->credential;
	struct http_request request = { .url = auth->challenge.realm,
		                        .method = HTTP_POST_FORM,
		                        .redirects = HTTP_STOP,
		                        .accept = "application/json",
		                        .body_max = OCI_TOKEN_ANSWER_MAX };

	if (buf_adds(&form, "grant_type=refresh_token&client_id=" CLIENT_ID,
	             err) < 0 ||
	    add_field(&form, "service", auth->challenge.service,
	              strlen(auth->challenge.service), err) < 0 ||
	    add_field(&form, "scope", auth->challenge.scope,
	              strlen(auth->challenge.scope), err) < 0 ||
	    add_field(&form, "refresh_token", credential->identity_token,
	              strlen(credential->identity_token), err) < 0)
		return -1;
	request.form = buf_text(&form);
	if (http_get(auth->client, &request, &response, err) < 0)
		return -1;
	if (response.status == 404 || response.status == 405)
		return 1;
	if (response.status == 400 || response.status == 401 ||
	    response.status == 403)
		return oci_auth_refused(auth, &response, err);
	if (http_require(&request, &response, err) < 0)
		return -1;
	return take_answer(auth, &response, err);
}

static int ask_with_query(struct oci_auth *auth, struct err *err)
{
	AUTO_RESPONSE struct http_response response = HTTP_RESPONSE_NONE;
	AUTO_BUF struct buf url = BUF_LIMIT(HTTP_URL_SIZE - 1);
	AUTO_BUF struct buf basic = BUF_LIMIT(OCI_AUTH_HEADER_MAX);
	const char *realm = auth->challenge.realm;
	struct http_request request = { .redirects = HTTP_STOP,
		                        .accept = "application/json",
		                        .body_max = OCI_TOKEN_ANSWER_MAX };

	if (buf_printf(&url, err, "%s%s", realm,
	               strchr(realm, '?') == NULL ? "?" : "") < 0 ||
	    add_scopes(auth, &url, err) < 0)
		return err_wrap(err, "making the address for a token");
	request.url = buf_text(&url);
	if (oci_auth_has_secret(auth) && auth->credential.password[0] != '\0') {
		if (oci_auth_add_basic(auth, &basic, err) < 0)
			return -1;
		request.authorization = buf_text(&basic);
	}
	if (http_get(auth->client, &request, &response, err) < 0)
		return -1;
	if (response.status == 401 || response.status == 403)
		return oci_auth_refused(auth, &response, err);
	if (http_require(&request, &response, err) < 0)
		return -1;
	return take_answer(auth, &response, err);
}

int oci_auth_renew(struct oci_auth *auth, struct err *err)
{
	enum oci_secrecy secrecy =
		oci_auth_has_secret(auth) ? OCI_SECRET : OCI_ANONYMOUS;
	int got = 1;

	if (oci_realm_check(auth->client, auth->base, auth->challenge.realm,
	                    secrecy, err) < 0)
		return -1;
	if (oci_auth_has_secret(auth) &&
	    auth->credential.identity_token[0] != '\0')
		got = ask_with_form(auth, err);
	if (got == 1)
		got = ask_with_query(auth, err);
	if (got < 0)
		return err_wrap(err, "getting a token for %s",
		                auth->reference->registry);
	return 0;
}

int oci_auth_answer_bearer(struct oci_auth *auth, struct err *err)
{
	if (oci_auth_has_secret(auth) &&
	    auth->credential.registry_token[0] != '\0' &&
	    auth->value.len == 0) {
		auth->generation++;
		return buf_printf(&auth->value, err, "Bearer %s",
		                  auth->credential.registry_token);
	}
	if (fill_scope(auth, err) < 0)
		return -1;
	return oci_auth_renew(auth, err);
}
