/* SPDX-License-Identifier: Apache-2.0 */
/* Properties: reading ends, and a challenge that was read, written again with
 * quotes, is read as the same. */
#include "codec/challenge.h"
#include "round_trip.h"

static void add(struct buf *out, const char *name, const char *value)
{
	struct err err;

	require(buf_printf(out, &err, ",%s=\"", name) == 0);
	for (; *value != '\0'; value++)
		require(buf_printf(out, &err, "\\%c", *value) == 0);
	require(buf_adds(out, "\"", &err) == 0);
}

static void check_again(const struct challenge *first)
{
	AUTO_BUF struct buf text = BUF_NONE;
	struct challenge second;
	struct challenge_reader reader;
	struct err err;

	memset(&second, 0, sizeof second);
	require(buf_printf(&text, &err, "%s ", first->scheme) == 0);
	add(&text, "realm", first->realm);
	add(&text, "service", first->service);
	add(&text, "scope", first->scope);
	add(&text, "error", first->error);
	reader.at = buf_text(&text);
	require(challenge_next(&reader, &second, &err) == 1);
	require(strcmp(first->scheme, second.scheme) == 0 &&
	        strcmp(first->realm, second.realm) == 0 &&
	        strcmp(first->service, second.service) == 0 &&
	        strcmp(first->scope, second.scope) == 0 &&
	        strcmp(first->error, second.error) == 0);
	require(challenge_next(&reader, &second, &err) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_BUF struct buf text = BUF_NONE;
	struct challenge_reader reader;
	struct challenge got;
	const char *before;
	struct err err;

	if (size > 4096 || memchr(data, '\0', size) != NULL ||
	    buf_add(&text, data, size, &err) < 0)
		return 0;
	reader.at = buf_text(&text);
	for (before = reader.at; challenge_next(&reader, &got, &err) == 1;
	     before = reader.at) {
		require(reader.at > before);
		check_again(&got);
	}
	return 0;
}
