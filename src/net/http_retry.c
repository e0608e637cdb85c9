/* SPDX-License-Identifier: Apache-2.0 */
/* What is worth another try, and when. */
#include <sys/random.h>

#include "net/http_own.h"

/* A rate that is used up for longer than we wait: asking again only makes it
 * worse. */
static bool is_rate_used_up(const struct http_response *response)
{
	return response->rate_left == 0 && response->rate_reset >= 0 &&
	       (response->retry_after < 0 ||
	        response->retry_after > HTTP_WAIT_MAX_S);
}

/* RFC 9110, section 15, and what registries and GitHub do in practice: GitHub
 * slows clients down with 403 and Retry-After as well. */
bool http_is_passing(const struct http_response *response)
{
	static const unsigned passing[] = { 408, 425, 429, 500, 502, 503, 504 };
	unsigned status = response->status;

	if ((status == 403 || status == 429) && is_rate_used_up(response))
		return false;
	if (status == 403)
		return response->retry_after >= 0;

	for (size_t i = 0; i < sizeof passing / sizeof passing[0]; i++)
		if (status == passing[i])
			return true;
	return false;
}

/* What no second try will change. */
bool http_is_final(CURLcode code)
{
	switch ((int)code) {
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_URL_MALFORMAT:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_OUT_OF_MEMORY:
	case CURLE_BAD_FUNCTION_ARGUMENT:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_ENGINE_NOTFOUND:
		return true;
	default:
		return false;
	}
}

int64_t http_random_ms(int64_t most)
{
	uint16_t random = 0;

	/* Without it, many hosts come back in the same moment; no secret. */
	if (getrandom(&random, sizeof random, GRND_NONBLOCK) < 0)
		random = UINT16_MAX / 2;
	return most * random / UINT16_MAX;
}

static int64_t jitter(int64_t wait)
{
	return wait - wait / 10 + http_random_ms(wait / 5);
}

int64_t http_pause_ms(const struct http_client *client, unsigned tries)
{
	int64_t wait = client->config.wait_ms;

	for (unsigned i = 1; i < tries && wait < HTTP_WAIT_CAP_MS; i++)
		wait *= 2;
	return jitter(wait < HTTP_WAIT_CAP_MS ? wait : HTTP_WAIT_CAP_MS);
}
