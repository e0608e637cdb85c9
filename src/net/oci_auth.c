/* SPDX-License-Identifier: Apache-2.0 */
#include "net/oci_auth.h"

#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "codec/base64.h"
#include "net/oci_auth_own.h"

/* --- credentials -------------------------------------------------------- */

/* "user:password" or a token; one line, its end forgiven. */
static int take_token(struct oci_auth *auth, struct bytes token,
                      struct err *err)
{
	const char *text = (const char *)token.data;
	size_t len = token.len;
	char *colon;

	while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	if (len == 0)
		return 0;
	if (len > OCI_CREDENTIAL_MAX || !text_is_printable(text, len))
		return err_set(err, ERR_FORMAT, 0,
		               "the credentials are not one line of at most "
		               "%d bytes: user:password, or a token",
		               OCI_CREDENTIAL_MAX);
	if (buf_add(&auth->pair, text, len, err) < 0)
		return -1;
	auth->credential.user = OCI_TOKEN_USER;
	auth->credential.password = buf_text(&auth->pair);
	colon = memchr(auth->pair.data, ':', len);
	if (colon != NULL) {
		*colon = '\0';
		auth->credential.user = auth->pair.data;
		auth->credential.password = colon + 1;
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

bool oci_auth_has_secret(const struct oci_auth *auth)
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
	auth->renew_at = OCI_FOREVER;
	if (take_docker_config(auth, err) < 0)
		return -1;
	if (oci_auth_has_secret(auth) || wanted->token.len == 0)
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

/* --- Basic -------------------------------------------------------------- */

/* RFC 7617; a user's name can hold no colon, as it was cut there. */
int oci_auth_add_basic(const struct oci_auth *auth, struct buf *out,
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
	if (!oci_auth_has_secret(auth) ||
	    auth->credential.password[0] == '\0' || auth->value.len > 0)
		return oci_auth_refused(auth, response, err);
	auth->renew_at = OCI_FOREVER;
	auth->generation++;
	return oci_auth_add_basic(auth, &auth->value, err);
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
		return oci_auth_answer_bearer(auth, err);
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
	    oci_auth_renew(auth, err) < 0)
		return -1;
	*out = auth->value.len > 0 ? buf_text(&auth->value) : NULL;
	return 0;
}
