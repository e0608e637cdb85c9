/* SPDX-License-Identifier: Apache-2.0 */
/* Property: whatever a server sends as a head, the response holds printable
 * texts and numbers within their limits, and a flood ends. */
#include "net/http_own.h"

#include "base/text.h"
#include "round_trip.h"

static void require_text(const char *text, size_t size)
{
	size_t len = strnlen(text, size);

	require(len < size);
	require(text_is_printable(text, len));
}

static void require_sane(const struct http_response *response)
{
	require(response->status <= 999);
	require(response->challenge_count <= HTTP_CHALLENGES_MAX);
	require(response->retry_after >= -1 && response->rate_left >= -1 &&
	        response->rate_reset >= -1);
	require(response->range_first == HTTP_UNKNOWN ||
	        response->range_first <= response->range_last);
	require_text(response->location, sizeof response->location);
	require_text(response->content_type, sizeof response->content_type);
	require_text(response->etag, sizeof response->etag);
	require_text(response->last_modified, sizeof response->last_modified);
	require_text(response->docker_digest, sizeof response->docker_digest);
	require_text(response->filters, sizeof response->filters);
	require_text(response->link, sizeof response->link);
	for (size_t i = 0; i < response->challenge_count; i++)
		require_text(response->challenges[i], HTTP_CHALLENGE_SIZE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_response response = HTTP_RESPONSE_NONE;
	struct http_head head = { 0 };
	const char *at = (const char *)data;
	struct err err;

	http_response_begin(&response);
	while (size > 0) {
		const char *end = memchr(at, '\n', size);
		size_t len = end != NULL ? (size_t)(end - at) + 1 : size;
		int got = http_head_take(&head, &response, at, len, &err);

		require_sane(&response);
		if (got < 0)
			require(err.code == ERR_LIMIT);
		if (got != 0)
			break;
		at += len;
		size -= len;
	}
	require(head.lines <= HTTP_HEAD_LINES_MAX + 1);
	return 0;
}
