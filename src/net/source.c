/* SPDX-License-Identifier: Apache-2.0 */
#include "net/source.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "codec/base64.h"

#define TOKEN_MAX 4096 /* bytes; tokens of registries are JWTs, and long */

void source_free(struct source **source)
{
	if (*source != NULL)
		(*source)->ops->done(*source);
	*source = NULL;
}

void source_note_origin(struct source *source, const char *text)
{
	char shown[HTTP_URL_SIZE];
	size_t len;
	size_t cut = 0;

	http_show_url(text, shown, sizeof shown);
	len = strlen(shown);
	if (len >= sizeof source->origin)
		cut = len - (sizeof source->origin - 1);
	(void)snprintf(source->origin, sizeof source->origin, "%s",
	               shown + cut);
	/* The receipt's format has no room for it. */
	for (char *at = source->origin; *at != '\0'; at++)
		if (*at == ';')
			*at = '?';
}

struct http_range source_patch_rest(const struct source_patch *patch)
{
	return (struct http_range){ patch->from, patch->size - patch->from };
}

int source_has_file(struct http_client *client, const char *url,
                    const struct buf *authorization, uint64_t size,
                    struct err *err)
{
	AUTO_RESPONSE struct http_response response = HTTP_RESPONSE_NONE;
	struct http_request request = { .url = url, .method = HTTP_HEAD };

	if (authorization->len > 0)
		request.authorization = buf_text(authorization);
	if (http_get(client, &request, &response, err) < 0)
		return -1;
	if (response.status / 100 != 2)
		return 0;
	/* Who does not say how long it is may still have it. */
	return response.content_length == HTTP_UNKNOWN ||
	       response.content_length == size;
}

/* Files end with a newline, mostly. */
static struct bytes trim(struct bytes text)
{
	while (text.len > 0 && (text.data[text.len - 1] == '\n' ||
	                        text.data[text.len - 1] == '\r'))
		text.len--;
	return text;
}

int source_authorization(const struct source_wanted *wanted, struct buf *out,
                         struct err *err)
{
	struct bytes token = trim(wanted->token);

	if (token.len == 0)
		return 0;
	if (token.len > TOKEN_MAX ||
	    !text_is_printable((const char *)token.data, token.len))
		return err_set(err, ERR_USAGE, 0,
		               "the token is not one line of at most %d bytes",
		               TOKEN_MAX);
	if (memchr(token.data, ':', token.len) == NULL)
		return buf_printf(out, err, "Bearer %.*s", (int)token.len,
		                  (const char *)token.data);
	if (buf_adds(out, "Basic ", err) < 0)
		return -1;
	return base64_add(out, token.data, token.len, err);
}
