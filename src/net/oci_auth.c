/* SPDX-License-Identifier: Apache-2.0 */
#include "net/oci_auth.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "codec/base64.h"
#include "codec/oci_answer.h"
#include "net/oci_realm.h"
#include "net/refusal.h"

#define CLIENT_ID "tidegate"
#define FOREVER   INT64_MAX
#define UNRESERVED                                                             \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"                 \
	"0123456789-._~"

/* --- credentials -------------------------------------------------------- */

/* "user:password" or a token; one line, its end forgiven. */
static int take_token(struct oci_auth *auth, struct bytes token,
                      struct err *err)
{
	const char *text = (const char *)token.data;
	size_t len = token.len;
	const char *colon;

	while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	if (len == 0)
		return 0;
	if (len > OCI_CREDENTIAL_MAX || !text_is_printable(text, len))
		return err_set(err, ERR_FORMAT, 0,
		               "the credentials are not one line of at most "
		               "%d bytes: user:password, or a token",
		               OCI_CREDENTIAL_MAX);
	colon = memchr(text, ':', len);
	if (colon == NULL) {
		auth->credential.user = OCI_TOKEN_USER;
		if (buf_add(&auth->pair, text, len, err) < 0)
			return -1;
		auth->credential.password = buf_text(&auth->pair);
	} else {
		size_t user_len = (size_t)(colon - text);

		if (buf_add(&auth->pair, text, len, err) < 0)
			return -1;
		auth->pair.data[user_len] = '\0';
		auth->credential.user = auth->pair.data;
		auth->credential.password = auth->pair.data + user_len + 1;
	}
	auth->credential.identity_token = "";
	auth->credential.registry_token = "";
	auth->credential.helper = "";
	auth->has_credential = true;
	return 0;
}

static int take_docker_config(struct oci_auth *auth, struct err *err)
{
	const struct bytes *config = &auth->wanted->docker_config;
	int got;

	if (config->len == 0)
		return 0;
	got = docker_config_find((const char *)config->data, config->len,
	                         auth->reference, &auth->credential, err);
	if (got < 0)
		return -1;
	auth->has_credential = got == 1;
	return 0;
}

static bool has_secret(const struct oci_auth *auth)
{
	return auth->has_credential && auth->credential.helper[0] == '\0';
}

int oci_auth_open(struct oci_auth *auth, struct http_client *client,
                  const struct source_wanted *wanted,
                  const struct oci_reference *reference, const char *base,
                  struct err *err)
{
	auth->client = client;
	auth->wanted = wanted;
	auth->reference = reference;
	auth->base = base;
	auth->credential = DOCKER_CREDENTIAL_NONE;
	auth->pair = BUF_LIMIT(OCI_CREDENTIAL_MAX);
	auth->value = BUF_LIMIT(OCI_AUTH_HEADER_MAX);
	auth->renew_at = FOREVER;
	if (take_docker_config(auth, err) < 0)
		return -1;
	if (has_secret(auth) || wanted->token.len == 0)
		return 0;
	docker_credential_done(&auth->credential);
	auth->has_credential = false;
	return take_token(auth, wanted->token, err);
}

void oci_auth_done(struct oci_auth *auth)
{
	docker_credential_done(&auth->credential);
	buf_done(&auth->pair);
	buf_done(&auth->value);
}

/* --- what a refusal says ------------------------------------------------ */

static bool lacks_scope(const struct oci_auth *auth)
{
	return strcmp(auth->challenge.error, "insufficient_scope") == 0;
}

/* The same for who publishes. */
static void advise_publisher(const struct oci_auth *auth, char *out,
                             size_t size)
{
	const char *registry = auth->reference->registry;

	if (!auth->has_credential)
		(void)snprintf(
			out, size,
			"without credentials: package-release login %.120s",
			registry);
	else if (!has_secret(auth))
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

/* What the user can do, for each way that credentials may be missing. */
static void advise(const struct oci_auth *auth, char *out, size_t size)
{
	if (auth->purpose == OCI_PUSH || auth->wanted->app == NULL)
		advise_publisher(auth, out, size);
	else if (has_secret(auth))
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

	return has_secret(auth) && row != NULL &&
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

/* --- Basic -------------------------------------------------------------- */

/* RFC 7617; a user's name can hold no colon, as it was cut there. */
static int add_basic(const struct oci_auth *auth, struct buf *out,
                     struct err *err)
{
	AUTO_BUF struct buf pair = BUF_LIMIT((size_t)2 * OCI_AUTH_HEADER_MAX);

	if (buf_printf(&pair, err, "%s:%s", auth->credential.user,
	               auth->credential.password) < 0 ||
	    buf_adds(out, "Basic ", err) < 0)
		return -1;
	return base64_add(out, (const uint8_t *)pair.data, pair.len, err);
}

static int answer_basic(struct oci_auth *auth,
                        const struct http_response *response, struct err *err)
{
	/* The same again would be refused again. */
	if (!has_secret(auth) || auth->credential.password[0] == '\0' ||
	    auth->value.len > 0)
		return oci_auth_refused(auth, response, err);
	auth->renew_at = FOREVER;
	auth->generation++;
	return add_basic(auth, &auth->value, err);
}

/* --- Bearer ------------------------------------------------------------- */

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
			? FOREVER
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
	if (has_secret(auth) && auth->credential.password[0] != '\0') {
		if (add_basic(auth, &basic, err) < 0)
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

static int ask_for_token(struct oci_auth *auth, struct err *err)
{
	enum oci_secrecy secrecy =
		has_secret(auth) ? OCI_SECRET : OCI_ANONYMOUS;
	int got = 1;

	if (oci_realm_check(auth->client, auth->base, auth->challenge.realm,
	                    secrecy, err) < 0)
		return -1;
	if (has_secret(auth) && auth->credential.identity_token[0] != '\0')
		got = ask_with_form(auth, err);
	if (got == 1)
		got = ask_with_query(auth, err);
	if (got < 0)
		return err_wrap(err, "getting a token for %s",
		                auth->reference->registry);
	return 0;
}

static int answer_bearer(struct oci_auth *auth, struct err *err)
{
	if (has_secret(auth) && auth->credential.registry_token[0] != '\0' &&
	    auth->value.len == 0) {
		auth->generation++;
		return buf_printf(&auth->value, err, "Bearer %s",
		                  auth->credential.registry_token);
	}
	if (fill_scope(auth, err) < 0)
		return -1;
	return ask_for_token(auth, err);
}

/* --- challenges --------------------------------------------------------- */

static bool is_better(const struct challenge *challenge,
                      const struct challenge *best)
{
	bool is_bearer = strcmp(challenge->scheme, "bearer") == 0 &&
	                 challenge->realm[0] != '\0';
	bool is_basic = strcmp(challenge->scheme, "basic") == 0;

	if (is_bearer)
		return strcmp(best->scheme, "bearer") != 0;
	return is_basic && strcmp(best->scheme, "bearer") != 0 &&
	       strcmp(best->scheme, "basic") != 0;
}

/* The one of all that we can answer: Bearer before Basic.  Others are only
 * named. */
static int choose(const struct http_response *response, struct challenge *best,
                  struct err *err)
{
	*best = (struct challenge){ .scheme = "" };
	for (size_t i = 0; i < response->challenge_count; i++) {
		struct challenge_reader reader = { response->challenges[i] };
		struct challenge challenge;
		int got;

		while ((got = challenge_next(&reader, &challenge, err)) == 1)
			if (best->scheme[0] == '\0' ||
			    is_better(&challenge, best))
				*best = challenge;
		if (got < 0)
			return -1;
	}
	return 0;
}

int oci_auth_answer(struct oci_auth *auth, const struct http_response *response,
                    struct err *err)
{
	struct challenge challenge;

	if (choose(response, &challenge, err) < 0)
		return -1;
	auth->challenge = challenge;
	if (strcmp(challenge.scheme, "bearer") == 0 &&
	    challenge.realm[0] != '\0')
		return answer_bearer(auth, err);
	if (strcmp(challenge.scheme, "basic") == 0)
		return answer_basic(auth, response, err);
	/* None at all, or a Bearer without its server. */
	if (challenge.scheme[0] == '\0' ||
	    strcmp(challenge.scheme, "bearer") == 0)
		return oci_auth_refused(auth, response, err);
	return err_set(err, ERR_NETWORK, 0,
	               "%s asks for credentials of the kind '%s', which is not "
	               "supported: Bearer and Basic are",
	               auth->reference->registry, challenge.scheme);
}

int oci_auth_value(struct oci_auth *auth, const char **out, struct err *err)
{
	if (auth->renew_at <= clock_monotonic_ms() &&
	    ask_for_token(auth, err) < 0)
		return -1;
	*out = auth->value.len > 0 ? buf_text(&auth->value) : NULL;
	return 0;
}
