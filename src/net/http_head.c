/* SPDX-License-Identifier: Apache-2.0 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/text.h"
#include "net/http_own.h"

#define SECONDS_MAX ((uint64_t)1 << 40)
#define NUMBER_MAX  (((uint64_t)1 << 53) - 1)

void http_response_begin(struct http_response *response)
{
	struct buf body = response->body;

	buf_cut(&body, 0);
	*response = (struct http_response){ .content_length = HTTP_UNKNOWN,
		                            .range_first = HTTP_UNKNOWN,
		                            .range_last = HTTP_UNKNOWN,
		                            .range_total = HTTP_UNKNOWN,
		                            .date = -1,
		                            .retry_after = -1,
		                            .rate_left = -1,
		                            .rate_reset = -1,
		                            .body = body };
}

/* --- values --- */

/* A copy, or "" where it does not fit or is not printable. */
static void take_text(char *out, size_t size, const char *value, size_t len)
{
	struct err ignored;

	if (!text_is_printable(value, len) ||
	    text_copy(out, size, value, len, &ignored) < 0)
		out[0] = '\0';
}

static bool take_number(const char *value, size_t len, uint64_t max,
                        uint64_t *out)
{
	struct err ignored;

	/* Servers may write leading zeros: RFC 9110 allows them. */
	while (len > 1 && value[0] == '0') {
		value++;
		len--;
	}
	return text_u64(value, len, max, out, &ignored) == 0;
}

static void take_seconds(int64_t *out, const char *value, size_t len)
{
	uint64_t seconds;

	if (take_number(value, len, SECONDS_MAX, &seconds))
		*out = (int64_t)seconds;
}

/* RFC 9110, section 5.6.7; -1 for any other text. */
static int64_t date_of(const char *value, size_t len)
{
	char text[64];
	struct err ignored;

	if (text_copy(text, sizeof text, value, len, &ignored) < 0)
		return -1;
	return (int64_t)curl_getdate(text, NULL);
}

/* --- single headers --- */

static void take_type(struct http_response *response, const char *value,
                      size_t len)
{
	const char *semicolon = memchr(value, ';', len);

	if (semicolon != NULL)
		len = (size_t)(semicolon - value);
	while (len > 0 && (value[len - 1] == ' ' || value[len - 1] == '\t'))
		len--;
	take_text(response->content_type, sizeof response->content_type, value,
	          len);
	for (char *at = response->content_type; *at != '\0'; at++)
		*at = (char)tolower((unsigned char)*at);
}

static void take_length(struct http_response *response, const char *value,
                        size_t len)
{
	(void)take_number(value, len, NUMBER_MAX, &response->content_length);
}

/* "bytes 0-499/1234", the total may be "*"; "bytes * /1234" without the blank.
 * RFC 9110, section 14.4. */
static void take_range(struct http_response *response, const char *value,
                       size_t len)
{
	static const char unit[] = "bytes ";
	const char *slash = memchr(value, '/', len);
	const char *dash;
	const char *end = value + len;
	uint64_t first, last, total;

	if (slash == NULL || len < sizeof unit ||
	    strncasecmp(value, unit, sizeof unit - 1) != 0)
		return;
	value += sizeof unit - 1;
	if (take_number(slash + 1, (size_t)(end - slash - 1), NUMBER_MAX,
	                &total))
		response->range_total = total;
	dash = memchr(value, '-', (size_t)(slash - value));
	if (dash == NULL ||
	    !take_number(value, (size_t)(dash - value), NUMBER_MAX, &first) ||
	    !take_number(dash + 1, (size_t)(slash - dash - 1), NUMBER_MAX,
	                 &last) ||
	    last < first)
		return;
	response->range_first = first;
	response->range_last = last;
}

static void take_accept_ranges(struct http_response *response,
                               const char *value, size_t len)
{
	response->accepts_ranges = text_equal(value, len, "bytes");
}

static void take_etag(struct http_response *response, const char *value,
                      size_t len)
{
	take_text(response->etag, sizeof response->etag, value, len);
}

static void take_modified(struct http_response *response, const char *value,
                          size_t len)
{
	take_text(response->last_modified, sizeof response->last_modified,
	          value, len);
}

static void take_location(struct http_response *response, const char *value,
                          size_t len)
{
	take_text(response->location, sizeof response->location, value, len);
}

static void take_digest(struct http_response *response, const char *value,
                        size_t len)
{
	take_text(response->docker_digest, sizeof response->docker_digest,
	          value, len);
}

static void take_subject(struct http_response *response, const char *value,
                         size_t len)
{
	take_text(response->subject, sizeof response->subject, value, len);
}

static void take_upload_range(struct http_response *response, const char *value,
                              size_t len)
{
	take_text(response->range, sizeof response->range, value, len);
}

static void take_request_id(struct http_response *response, const char *value,
                            size_t len)
{
	take_text(response->request_id, sizeof response->request_id, value,
	          len);
}

static void take_filters(struct http_response *response, const char *value,
                         size_t len)
{
	take_text(response->filters, sizeof response->filters, value, len);
}

static void take_link(struct http_response *response, const char *value,
                      size_t len)
{
	size_t used = strlen(response->link);
	const char *comma = used > 0 ? ", " : "";

	if (!text_is_printable(value, len) ||
	    used + strlen(comma) + len >= sizeof response->link)
		return;
	(void)snprintf(response->link + used, sizeof response->link - used,
	               "%s%.*s", comma, (int)len, value);
}

static void take_challenge(struct http_response *response, const char *value,
                           size_t len)
{
	char *challenge;

	if (response->challenge_count == HTTP_CHALLENGES_MAX)
		return;
	challenge = response->challenges[response->challenge_count];
	take_text(challenge, HTTP_CHALLENGE_SIZE, value, len);
	if (challenge[0] != '\0')
		response->challenge_count++;
}

static void take_date(struct http_response *response, const char *value,
                      size_t len)
{
	response->date = date_of(value, len);
}

/* Seconds, or a date. */
static void take_retry(struct http_response *response, const char *value,
                       size_t len)
{
	int64_t date;

	take_seconds(&response->retry_after, value, len);
	if (response->retry_after >= 0)
		return;
	date = date_of(value, len);
	if (date >= 0)
		response->retry_after =
			date > clock_now() ? date - clock_now() : 0;
}

static void take_rate_left(struct http_response *response, const char *value,
                           size_t len)
{
	take_seconds(&response->rate_left, value, len);
}

static void take_rate_reset(struct http_response *response, const char *value,
                            size_t len)
{
	take_seconds(&response->rate_reset, value, len);
}

static const struct {
	const char *name;
	void (*take)(struct http_response *response, const char *value,
	             size_t len);
} headers[] = {
	{ "Accept-Ranges", take_accept_ranges },
	{ "Content-Length", take_length },
	{ "Content-Range", take_range },
	{ "Content-Type", take_type },
	{ "Date", take_date },
	{ "Docker-Content-Digest", take_digest },
	{ "ETag", take_etag },
	{ "Last-Modified", take_modified },
	{ "Link", take_link },
	{ "Location", take_location },
	{ "OCI-Filters-Applied", take_filters },
	{ "OCI-Subject", take_subject },
	{ "Range", take_upload_range },
	{ "Retry-After", take_retry },
	{ "WWW-Authenticate", take_challenge },
	{ "CF-Ray", take_request_id },
	{ "X-Amz-Request-Id", take_request_id },
	{ "x-amzn-RequestId", take_request_id },
	{ "x-ms-request-id", take_request_id },
	{ "X-GitHub-Request-Id", take_request_id },
	{ "X-Request-Id", take_request_id },
	{ "x-ratelimit-remaining", take_rate_left },
	{ "x-ratelimit-reset", take_rate_reset },
};

/* --- lines --- */

static bool is_name(const char *line, size_t len, const char *name)
{
	return strlen(name) == len && strncasecmp(line, name, len) == 0;
}

/* libcurl undoes a transfer coding that nobody asked for; a content coding it
 * leaves as it is.  We want neither: the bytes are to be those of the file. */
static void note_coding(struct http_head *head, const char *name, size_t len,
                        const char *value, size_t value_len)
{
	if (!(is_name(name, len, "Content-Encoding") &&
	      !text_equal(value, value_len, "identity")) &&
	    !(is_name(name, len, "Transfer-Encoding") &&
	      !(value_len == 7 && strncasecmp(value, "chunked", 7) == 0)))
		return;
	head->is_coded = true;
	take_text(head->coding, sizeof head->coding, value, value_len);
}

static void take_header(struct http_head *head, struct http_response *response,
                        const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len);
	const char *value;
	const char *end = line + len;
	size_t name_len;

	if (colon == NULL)
		return;
	name_len = (size_t)(colon - line);
	value = colon + 1;
	while (value < end && (*value == ' ' || *value == '\t'))
		value++;
	while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	note_coding(head, line, name_len, value, (size_t)(end - value));
	for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
		if (is_name(line, name_len, headers[i].name))
			headers[i].take(response, value, (size_t)(end - value));
}

/* "HTTP/1.1 200 OK", "HTTP/2 200": a new answer, as behind 100 Continue. */
static void take_status(struct http_head *head, struct http_response *response,
                        const char *line, size_t len)
{
	const char *blank = memchr(line, ' ', len);
	uint64_t status = 0;

	if (blank != NULL && line + len - blank >= 4)
		(void)take_number(blank + 1, 3, 999, &status);
	http_response_begin(response);
	response->status = (unsigned)status;
	head->is_coded = false;
}

int http_head_take(struct http_head *head, struct http_response *response,
                   const char *line, size_t len, struct err *err)
{
	head->bytes += len;
	head->lines++;
	if (head->bytes > HTTP_HEAD_MAX || head->lines > HTTP_HEAD_LINES_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "the head of the server's answer has more than "
		               "%zu bytes or %d lines",
		               HTTP_HEAD_MAX, HTTP_HEAD_LINES_MAX);
	while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r'))
		len--;
	if (len == 0)
		return response->status >= 200 ? 1 : 0;
	if (len > 5 && strncmp(line, "HTTP/", 5) == 0)
		take_status(head, response, line, len);
	else
		take_header(head, response, line, len);
	return 0;
}

bool http_has_strong_etag(const char *etag)
{
	return etag[0] == '"';
}
