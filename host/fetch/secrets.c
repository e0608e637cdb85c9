/* SPDX-License-Identifier: Apache-2.0 */
#include "secrets.h"

#include <string.h>

#include "codec/docker_config.h"
#include "codec/oci_reference.h"
#include "net/oci_auth.h"
#include "net/redact.h"

static void redact(void *context, char *text, size_t *len)
{
	(void)context; /* one list for the program */
	*len = redact_bytes(text, *len);
}

static int note_given(void *context, const char *secret, size_t len,
                      struct err *err)
{
	(void)context;
	return redact_note_passing(secret, len, err);
}

/* One line: a token, or user:password, which is sent as it is in base64. */
static int note_token(struct bytes token, struct err *err)
{
	const char *text = (const char *)token.data;
	size_t len = token.len;
	const char *colon;

	while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	if (len == 0 || len > OCI_CREDENTIAL_MAX)
		return 0; /* whoever needs it refuses it */
	colon = memchr(text, ':', len);
	if (colon != NULL &&
	    redact_note(NULL, colon + 1, (size_t)(text + len - colon - 1),
	                err) < 0)
		return -1;
	return redact_note(colon == NULL ? OCI_TOKEN_USER : NULL, text, len,
	                   err);
}

/* What docker's file has for one source, if that is an artifact. */
static int note_docker(const struct asked *asked,
                       const struct fetch_source *source, struct err *err)
{
	AUTO_DOCKER_CREDENTIAL struct docker_credential found =
		DOCKER_CREDENTIAL_NONE;
	struct oci_reference reference;
	struct err ignored; /* who asks there refuses it */

	if (asked->docker_config.len == 0 ||
	    oci_reference_parse(source->address, &reference, &ignored) < 0 ||
	    docker_config_find(buf_text(&asked->docker_config),
	                       asked->docker_config.len, &reference, &found,
	                       &ignored) != 1)
		return 0;
	return redact_note_docker(&found, err);
}

int secrets_note(const struct asked *asked, struct http_config *config,
                 struct err *err)
{
	config->redact = redact;
	config->note = note_given;
	if (note_token(buf_bytes(&asked->token), err) < 0)
		return -1;
	for (uint32_t i = 0; i < asked->request.source_count; i++)
		if (note_docker(asked, &asked->request.sources[i], err) < 0)
			return -1;
	return 0;
}
