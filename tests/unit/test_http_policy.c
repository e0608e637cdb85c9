/* SPDX-License-Identifier: Apache-2.0 */
/* Where requests and redirects may lead, and what a head says.  The client
 * itself is tested against servers: tests/cli/http.bats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/http_own.h"

static const struct reach_case {
	const char *host;
	enum reach want;
} reaches[] = {
	{ "127.0.0.1", REACH_SELF },
	{ "127.255.255.255", REACH_SELF },
	{ "0.0.0.0", REACH_SELF },
	{ "::1", REACH_SELF },
	{ "::", REACH_SELF },
	{ "::ffff:127.0.0.1", REACH_SELF },
	{ "64:ff9b::7f00:1", REACH_SELF },
	{ "2002:7f00:1::", REACH_SELF },
	{ "::127.0.0.1", REACH_SELF },
	{ "localhost", REACH_SELF },
	{ "LOCALHOST.", REACH_SELF },
	{ "x.localhost", REACH_SELF },
	{ "169.254.169.254", REACH_LINK },
	{ "224.0.0.1", REACH_LINK },
	{ "255.255.255.255", REACH_LINK },
	{ "fe80::1", REACH_LINK },
	{ "fe80::1%eth0", REACH_LINK },
	{ "ff02::1", REACH_LINK },
	{ "10.0.0.1", REACH_PRIVATE },
	{ "100.64.0.1", REACH_PRIVATE },
	{ "172.16.0.1", REACH_PRIVATE },
	{ "172.31.255.255", REACH_PRIVATE },
	{ "192.168.1.1", REACH_PRIVATE },
	{ "198.19.0.1", REACH_PRIVATE },
	{ "fd00::1", REACH_PRIVATE },
	{ "fec0::1", REACH_PRIVATE },
	{ "::ffff:10.0.0.1", REACH_PRIVATE },
	{ "11.0.0.1", REACH_PUBLIC },
	{ "172.32.0.1", REACH_PUBLIC },
	{ "100.128.0.1", REACH_PUBLIC },
	{ "126.255.255.255", REACH_PUBLIC },
	{ "8.8.8.8", REACH_PUBLIC },
	{ "2001:db8::1", REACH_PUBLIC },
	{ "example.org", REACH_PUBLIC },
	{ "notlocalhost", REACH_PUBLIC },
};

static void addresses_have_their_reach(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof reaches / sizeof reaches[0]; i++)
		if (http_reach_of_text(reaches[i].host) != reaches[i].want)
			fail_msg("%s: got %d", reaches[i].host,
			         (int)http_reach_of_text(reaches[i].host));
}

static const char *const plain_hosts[] = { "plain.example", "::1" };
static const struct http_config config = { .plain_hosts = plain_hosts,
	                                   .plain_host_count = 2 };

static const struct place_case {
	const char *url;
	const char *host; /* NULL: refused */
	const char *port;
} places[] = {
	{ "https://Example.org/x?y#z", "example.org", "443" },
	{ "https://example.org:8443", "example.org", "8443" },
	{ "http://PLAIN.example/", "plain.example", "80" },
	{ "http://[::1]:81/", "::1", "81" },
	{ "http://example.org/", NULL, NULL },
	{ "http://sub.plain.example/", NULL, NULL },
	{ "ftp://plain.example/", NULL, NULL },
	{ "file:///etc/passwd", NULL, NULL },
	{ "https://me@example.org/", NULL, NULL },
	{ "https://me:secret@example.org/", NULL, NULL },
	{ "https://", NULL, NULL },
	{ "example.org", NULL, NULL },
	{ "https://example.org/\x1b[31m", NULL, NULL },
	{ "", NULL, NULL },
};

static void only_some_places_may_be_asked(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		const struct place_case *c = &places[i];
		struct http_place place = { .host = "untouched" };
		struct err err;
		int got = http_place_of(&config, c->url, &place, &err);

		if ((got == 0) != (c->host != NULL))
			fail_msg("%s: got %d", c->url, got);
		if (got < 0 && err.code != ERR_USAGE)
			fail_msg("%s: code %d", c->url, (int)err.code);
		assert_string_equal(place.host,
		                    got < 0 ? "untouched" : c->host);
		if (got == 0)
			assert_string_equal(place.port, c->port);
	}
}

static void an_address_has_a_longest_length(void **state)
{
	static char url[HTTP_URL_SIZE + 1] = "https://example.org/";
	struct http_place place;
	struct err err;

	(void)state;
	memset(url + strlen(url), 'a', HTTP_URL_SIZE - 1 - strlen(url));
	assert_int_equal(http_place_of(&config, url, &place, &err), 0);
	url[HTTP_URL_SIZE - 1] = 'a';
	assert_int_equal(http_place_of(&config, url, &place, &err), -1);
}

static const struct follow_case {
	const char *from, *location;
	const char *want; /* NULL: refused */
} follows[] = {
	{ "https://a.example/x", "https://b.example/%2f%2F?Sig=a%2Bb",
	  "https://b.example/%2f%2F?Sig=a%2Bb" },
	{ "https://a.example/x/y", "../z", "https://a.example/z" },
	{ "https://a.example/x/y", "/z?q", "https://a.example/z?q" },
	{ "https://a.example/x", "//b.example/z", "https://b.example/z" },
	{ "http://plain.example/x", "https://b.example/",
	  "https://b.example/" },
	{ "http://plain.example/x", "/y", "http://plain.example/y" },
	{ "https://a.example/x", "http://plain.example/", NULL },
	{ "http://plain.example/x", "http://b.example/", NULL },
	{ "https://a.example/x", "https://u@b.example/", NULL },
	{ "https://a.example/x", "file:///etc/passwd", NULL },
	{ "https://a.example/x", "javascript:1", NULL },
	{ "https://a.example/x", "", NULL },
};

static void redirects_keep_to_the_rules(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof follows / sizeof follows[0]; i++) {
		const struct follow_case *c = &follows[i];
		char out[HTTP_URL_SIZE] = "untouched";
		struct err err;
		int got = http_follow(&config, c->from, c->location, out, &err);

		if ((got == 0) != (c->want != NULL))
			fail_msg("%s: got %d", c->location, got);
		if (got < 0 && err.code != ERR_NETWORK)
			fail_msg("%s: code %d", c->location, (int)err.code);
		assert_string_equal(out, got < 0 ? "untouched" : c->want);
	}
}

static const struct {
	const char *url, *want;
} shown[] = {
	{ "https://a.example/x?sig=secret", "https://a.example/x" },
	{ "https://u:secret@a.example/x#y", "https://a.example/x" },
	{ "https://a.example/@x", "https://a.example/@x" },
	{ "https://a.example/\x1b", "(an unprintable address)" },
	{ "no address?secret", "no address" },
};

static void what_is_shown_holds_no_credential(void **state)
{
	char out[100];

	(void)state;
	for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
		http_show_url(shown[i].url, out, sizeof out);
		assert_string_equal(out, shown[i].want);
	}
}

/* --- heads --- */

static int take(struct http_head *head, struct http_response *response,
                const char *line, struct err *err)
{
	return http_head_take(head, response, line, strlen(line), err);
}

static void a_head_is_read(void **state)
{
	static const char *const lines[] = {
		"HTTP/1.1 206 Partial Content\r\n",
		"content-length: 0042\r\n",
		"Content-Range: bytes 6-14/15\r\n",
		"Content-Type: Text/HTML; charset=utf-8\r\n",
		"ETag: \"abc\"\r\n",
		"Last-Modified: Tue, 01 Jan 2030 00:00:00 GMT\r\n",
		"Link: <a>; rel=\"next\"\r\n",
		"LINK: <b>\r\n",
		"WWW-Authenticate: Bearer realm=\"x\"\r\n",
		"www-authenticate: Basic realm=y\r\n",
		"Docker-Content-Digest: sha256:12\r\n",
		"OCI-Filters-Applied: artifactType\r\n",
		"OCI-Subject: sha256:34\r\n",
		"Range: 0-41\r\n",
		"x-github-request-id: AB12:34\r\n",
		"X-RateLimit-Remaining: 0\r\n",
		"X-RateLimit-Reset: 1700000000\r\n",
		"Retry-After:  7 \r\n",
		"Accept-Ranges: bytes\r\n",
		"Date: Tue, 01 Jan 2030 00:10:00 GMT\r\n",
		"Location: /x\x01y\r\n",
		"no header at all\r\n",
	};
	struct http_head head = { 0 };
	struct http_response response = HTTP_RESPONSE_NONE;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		assert_int_equal(take(&head, &response, lines[i], &err), 0);
	assert_int_equal(take(&head, &response, "\r\n", &err), 1);
	assert_int_equal(response.status, 206);
	assert_int_equal(response.content_length, 42);
	assert_int_equal(response.range_first, 6);
	assert_int_equal(response.range_last, 14);
	assert_int_equal(response.range_total, 15);
	assert_string_equal(response.content_type, "text/html");
	assert_string_equal(response.etag, "\"abc\"");
	assert_string_equal(response.link, "<a>; rel=\"next\", <b>");
	assert_int_equal(response.challenge_count, 2);
	assert_string_equal(response.challenges[1], "Basic realm=y");
	assert_string_equal(response.docker_digest, "sha256:12");
	assert_string_equal(response.filters, "artifactType");
	assert_string_equal(response.subject, "sha256:34");
	assert_string_equal(response.range, "0-41");
	assert_string_equal(response.request_id, "AB12:34");
	assert_int_equal(response.rate_left, 0);
	assert_int_equal(response.rate_reset, 1700000000);
	assert_int_equal(response.retry_after, 7);
	assert_true(response.accepts_ranges);
	assert_true(response.date > 0);
	assert_string_equal(response.location, "");
	assert_false(head.is_coded);
}

static const struct range_case {
	const char *line;
	uint64_t first, last, total;
} ranges[] = {
	{ "Content-Range: bytes 0-0/1", 0, 0, 1 },
	{ "Content-Range: bytes 0-9/*", 0, 9, HTTP_UNKNOWN },
	{ "Content-Range: bytes */15", HTTP_UNKNOWN, HTTP_UNKNOWN, 15 },
	{ "Content-Range: bytes 9-8/15", HTTP_UNKNOWN, HTTP_UNKNOWN, 15 },
	{ "Content-Range: bytes 0-9", HTTP_UNKNOWN, HTTP_UNKNOWN,
	  HTTP_UNKNOWN },
	{ "Content-Range: lines 0-9/15", HTTP_UNKNOWN, HTTP_UNKNOWN,
	  HTTP_UNKNOWN },
	{ "Content-Range: bytes -5-9/15", HTTP_UNKNOWN, HTTP_UNKNOWN, 15 },
	{ "Content-Range: bytes 0-9007199254740992/15", HTTP_UNKNOWN,
	  HTTP_UNKNOWN, 15 },
	{ "Content-Range: bytes 0-9007199254740991/15", 0,
	  ((uint64_t)1 << 53) - 1, 15 },
};

static void a_content_range_is_exact_or_absent(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
		const struct range_case *c = &ranges[i];
		struct http_head head = { 0 };
		struct http_response response = HTTP_RESPONSE_NONE;
		struct err err;

		http_response_begin(&response);
		assert_int_equal(take(&head, &response, c->line, &err), 0);
		if (response.range_first != c->first ||
		    response.range_last != c->last ||
		    response.range_total != c->total)
			fail_msg("%s", c->line);
	}
}

static void codings_are_seen(void **state)
{
	static const struct {
		const char *line;
		bool want;
	} codings[] = {
		{ "Content-Encoding: gzip", true },
		{ "content-encoding: identity", false },
		{ "Transfer-Encoding: chunked", false },
		{ "Transfer-Encoding: Chunked", false },
		{ "Transfer-Encoding: gzip, chunked", true },
		{ "Content-Type: gzip", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof codings / sizeof codings[0]; i++) {
		struct http_head head = { 0 };
		struct http_response response = HTTP_RESPONSE_NONE;
		struct err err;

		assert_int_equal(take(&head, &response, codings[i].line, &err),
		                 0);
		if (head.is_coded != codings[i].want)
			fail_msg("%s", codings[i].line);
	}
}

static void a_head_has_a_largest_size(void **state)
{
	static char line[HTTP_HEAD_MAX + 1];
	struct http_head head = { 0 };
	struct http_response response = HTTP_RESPONSE_NONE;
	struct err err;

	(void)state;
	memset(line, 'a', HTTP_HEAD_MAX);
	assert_int_equal(
		http_head_take(&head, &response, line, HTTP_HEAD_MAX, &err), 0);
	assert_int_equal(http_head_take(&head, &response, line, 1, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	head = (struct http_head){ 0 };
	for (int i = 0; i < HTTP_HEAD_LINES_MAX; i++)
		assert_int_equal(take(&head, &response, "a: b\r\n", &err), 0);
	assert_int_equal(take(&head, &response, "a: b\r\n", &err), -1);
}

static void further_challenges_are_dropped(void **state)
{
	struct http_head head = { 0 };
	struct http_response response = HTTP_RESPONSE_NONE;
	struct err err;

	(void)state;
	for (int i = 0; i < HTTP_CHALLENGES_MAX + 1; i++)
		assert_int_equal(take(&head, &response,
		                      "WWW-Authenticate: Basic realm=y", &err),
		                 0);
	assert_int_equal(response.challenge_count, HTTP_CHALLENGES_MAX);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_have_their_reach),
		cmocka_unit_test(only_some_places_may_be_asked),
		cmocka_unit_test(an_address_has_a_longest_length),
		cmocka_unit_test(redirects_keep_to_the_rules),
		cmocka_unit_test(what_is_shown_holds_no_credential),
		cmocka_unit_test(a_head_is_read),
		cmocka_unit_test(a_content_range_is_exact_or_absent),
		cmocka_unit_test(codings_are_seen),
		cmocka_unit_test(a_head_has_a_largest_size),
		cmocka_unit_test(further_challenges_are_dropped),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
