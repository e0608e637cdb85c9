/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/github_release.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

#define HEX16  "0123456789abcdef"
#define DIGEST "sha256:" HEX16 HEX16 HEX16 HEX16
#define ASSET(more)                                                            \
	"{\"id\":7,\"name\":\"a.tar.gz\",\"state\":\"uploaded\",\"size\":"     \
	"3," more "\"new\":{\"x\":[1]}}"
#define RELEASE(more, assets)                                                  \
	"{\"id\":5,\"tag_name\":\"v1\",\"new\":null," more                     \
	"\"published_at\":\"2026-01-02T03:04:05Z\",\"assets\":[" assets "]}"

static const struct answer_case {
	const char *name, *text;
	enum github_answer_kind kind;
	size_t releases, assets;
	enum err_code code; /* ERR_NONE: accepted */
} answers[] = {
	{ "a release",
	  RELEASE("\"draft\":false,\"prerelease\":true,", ASSET("")),
	  GITHUB_RELEASE, 1, 1, ERR_NONE },
	{ "a release without assets", "{\"id\":5,\"tag_name\":\"v1\"}",
	  GITHUB_RELEASE, 1, 0, ERR_NONE },
	{ "a draft",
	  "{\"id\":5,\"tag_name\":\"v1\",\"draft\":true,\"published_at\":null,"
	  "\"assets\":[]}",
	  GITHUB_RELEASE, 1, 0, ERR_NONE },
	{ "a page",
	  "[" RELEASE("", ASSET("")) "," RELEASE("", ASSET("") "," ASSET("")) //
	  "]",
	  GITHUB_RELEASES, 2, 3, ERR_NONE },
	{ "an empty page", "[]", GITHUB_RELEASES, 0, 0, ERR_NONE },
	{ "assets", "[" ASSET("\"digest\":\"" DIGEST "\",") "]", GITHUB_ASSETS,
	  0, 1, ERR_NONE },
	{ "a digest of another kind",
	  "[" ASSET("\"digest\":\"sha512:00\",") "]", GITHUB_ASSETS, 0, 1,
	  ERR_NONE },
	{ "no digest", "[" ASSET("\"digest\":null,") "]", GITHUB_ASSETS, 0, 1,
	  ERR_NONE },
	{ "an error", "{\"message\":\"Not Found\"}", GITHUB_RELEASE, 0, 0,
	  ERR_FORMAT },
	{ "an error for a page", "{\"message\":\"Not Found\"}", GITHUB_RELEASES,
	  0, 0, ERR_FORMAT },
	{ "a page for a release", "[]", GITHUB_RELEASE, 0, 0, ERR_FORMAT },
	{ "HTML", "<html></html>", GITHUB_RELEASE, 0, 0, ERR_FORMAT },
	{ "no id", "{\"tag_name\":\"v1\"}", GITHUB_RELEASE, 0, 0, ERR_FORMAT },
	{ "no tag", "{\"id\":5}", GITHUB_RELEASE, 0, 0, ERR_FORMAT },
	{ "a tag that drives a terminal",
	  "{\"id\":5,\"tag_name\":\"\\u001b[2J\"}", GITHUB_RELEASE, 0, 0,
	  ERR_FORMAT },
	{ "a draft of another type",
	  "{\"id\":5,\"tag_name\":\"v1\",\"draft\":\"no\"}", GITHUB_RELEASE, 0,
	  0, ERR_FORMAT },
	{ "a time that is none",
	  "{\"id\":5,\"tag_name\":\"v1\",\"published_at\":\"today\"}",
	  GITHUB_RELEASE, 0, 0, ERR_FORMAT },
	{ "an id above the most",
	  "{\"id\":9007199254740992,\"tag_name\":\"v1\"}", GITHUB_RELEASE, 0, 0,
	  ERR_LIMIT },
	{ "a negative size", "[{\"id\":1,\"name\":\"a\",\"size\":-1}]",
	  GITHUB_ASSETS, 0, 0, ERR_FORMAT },
	{ "no size", "[{\"id\":1,\"name\":\"a\"}]", GITHUB_ASSETS, 0, 0,
	  ERR_FORMAT },
	{ "a size above the most",
	  "[{\"id\":1,\"name\":\"a\",\"size\":9007199254740992}]",
	  GITHUB_ASSETS, 0, 0, ERR_LIMIT },
	{ "a name that is a path", "[{\"id\":1,\"name\":\"../a\",\"size\":1}]",
	  GITHUB_ASSETS, 0, 0, ERR_FORMAT },
	{ "a broken digest", "[" ASSET("\"digest\":\"sha256:00\",") "]",
	  GITHUB_ASSETS, 0, 0, ERR_FORMAT },
	{ "null among assets", "[null]", GITHUB_ASSETS, 0, 0, ERR_FORMAT },
	{ "an asset", ASSET(""), GITHUB_ASSET, 0, 1, ERR_NONE },
	{ "null for an asset", "null", GITHUB_ASSET, 0, 0, ERR_FORMAT },
	{ "a list for an asset", "[" ASSET("") "]", GITHUB_ASSET, 0, 0,
	  ERR_FORMAT },
	{ "an address for uploads of another type",
	  "{\"id\":5,\"tag_name\":\"v1\",\"upload_url\":7}", GITHUB_RELEASE, 0,
	  0, ERR_FORMAT },
	{ "a member twice", "{\"id\":5,\"id\":5,\"tag_name\":\"v1\"}",
	  GITHUB_RELEASE, 0, 0, ERR_FORMAT },
};

static void answers_are_read_or_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
		const struct answer_case *c = &answers[i];
		AUTO_GITHUB_ANSWER struct github_answer got =
			GITHUB_ANSWER_NONE;
		struct err err = { .code = ERR_NONE };
		int result = github_answer_parse(c->kind, c->text,
		                                 strlen(c->text), &got, &err);

		if (result != (c->code == ERR_NONE ? 0 : -1) ||
		    (result < 0 && err.code != c->code))
			fail_msg("%s: got %d, code %d", c->name, result,
			         (int)err.code);
		if (got.release_count != c->releases ||
		    got.asset_count != c->assets)
			fail_msg("%s: %zu releases, %zu assets", c->name,
			         got.release_count, got.asset_count);
	}
}

static void every_field_is_read(void **state)
{
	static const char text[] =
		"[" RELEASE("\"draft\":true,", "") "," RELEASE(
			"\"prerelease\":true,",
			ASSET("") ",{\"id\":8,\"name\":\"b\",\"state\":"
				  "\"open\","
				  "\"size\":4,\"digest\":\"" DIGEST "\"}") "]";
	AUTO_GITHUB_ANSWER struct github_answer got = GITHUB_ANSWER_NONE;
	const struct github_asset *asset;
	struct err err;

	(void)state;
	assert_int_equal(github_answer_parse(GITHUB_RELEASES, text,
	                                     sizeof text - 1, &got, &err),
	                 0);
	assert_true(got.releases[0].is_draft && !got.releases[0].is_prerelease);
	assert_true(!got.releases[1].is_draft && got.releases[1].is_prerelease);
	assert_int_equal(got.releases[1].published, 1767323045);
	assert_int_equal(got.releases[1].id, 5);
	assert_string_equal(got.releases[1].tag, "v1");
	assert_null(github_find_asset(&got, &got.releases[0], "b"));
	assert_null(github_find_asset(&got, &got.releases[1], "c"));
	asset = github_find_asset(&got, NULL, "a.tar.gz");
	assert_true(asset->is_uploaded && !asset->has_digest);
	asset = github_find_asset(&got, &got.releases[1], "b");
	assert_true(!asset->is_uploaded && asset->has_digest);
	assert_int_equal(asset->id, 8);
	assert_int_equal(asset->size, 4);
	assert_int_equal(asset->digest[31], 0xef);
}

/* --- limits --- */

static void add(struct buf *text, const char *more)
{
	struct err err;

	assert_int_equal(buf_adds(text, more, &err), 0);
}

/* A list of @count times @item. */
static int read_list(enum github_answer_kind kind, const char *item,
                     size_t count)
{
	AUTO_GITHUB_ANSWER struct github_answer got = GITHUB_ANSWER_NONE;
	AUTO_BUF struct buf text = BUF_NONE;
	struct err err = { .code = ERR_NONE };

	add(&text, "[");
	for (size_t i = 0; i < count; i++) {
		add(&text, i > 0 ? "," : "");
		add(&text, item);
	}
	add(&text, "]");
	return github_answer_parse(kind, buf_text(&text), text.len, &got,
	                           &err) < 0
	               ? (int)err.code
	               : 0;
}

/* A release whose tag, or whose one asset's name, has @len bytes. */
static int read_long(const char *before, size_t len, const char *behind)
{
	AUTO_GITHUB_ANSWER struct github_answer got = GITHUB_ANSWER_NONE;
	AUTO_BUF struct buf text = BUF_NONE;
	struct err err = { .code = ERR_NONE };

	add(&text, before);
	for (size_t i = 0; i < len; i++)
		add(&text, "x");
	add(&text, behind);
	return github_answer_parse(GITHUB_RELEASE, buf_text(&text), text.len,
	                           &got, &err) < 0
	               ? (int)err.code
	               : 0;
}

static void limits_hold_at_most_and_one_more(void **state)
{
	static const char release[] = "{\"id\":5,\"tag_name\":\"v1\"}";
	static const char tag[] = "{\"id\":5,\"tag_name\":\"";
	static const char name[] = "{\"id\":5,\"tag_name\":\"v1\",\"assets\":[{"
				   "\"id\":1,\"size\":1,\"name\":\"";

	(void)state;
	assert_int_equal(read_list(GITHUB_ASSETS, ASSET(""), GITHUB_ASSETS_MAX),
	                 0);
	assert_int_equal(
		read_list(GITHUB_ASSETS, ASSET(""), GITHUB_ASSETS_MAX + 1),
		ERR_LIMIT);
	assert_int_equal(
		read_list(GITHUB_RELEASES, release, GITHUB_RELEASES_MAX), 0);
	assert_int_equal(
		read_list(GITHUB_RELEASES, release, GITHUB_RELEASES_MAX + 1),
		ERR_LIMIT);
	assert_int_equal(read_long(tag, GITHUB_TAG_MAX, "\"}"), 0);
	assert_int_equal(read_long(tag, GITHUB_TAG_MAX + 1, "\"}"), ERR_LIMIT);
	assert_int_equal(read_long(name, GITHUB_NAME_MAX, "\"}]}"), 0);
	assert_int_equal(read_long(name, GITHUB_NAME_MAX + 1, "\"}]}"),
	                 ERR_LIMIT);
}

static void an_answer_of_too_many_bytes_is_refused(void **state)
{
	static const char before[] =
		"{\"id\":5,\"tag_name\":\"v1\",\"body\":\"";
	size_t room = GITHUB_ANSWER_MAX - (sizeof before - 1) - 2;

	(void)state;
	assert_int_equal(read_long(before, room, "\"}"), 0);
	assert_int_equal(read_long(before, room + 1, "\"}"), ERR_LIMIT);
}

/* --- errors --- */

static const struct message_case {
	const char *text, *want;
} messages[] = {
	{ "{\"message\":\"Not Found\",\"status\":\"404\"}", "Not Found" },
	{ "{\"message\":\"a\\nb\xc3\xa9\"}", "a?b??" },
	{ "{\"message\":7}", "" },
	{ "{\"message\":\"Validation Failed\",\"errors\":[{\"resource\":"
	  "\"ReleaseAsset\",\"code\":\"already_exists\",\"field\":\"name\"}]}",
	  "Validation Failed: ReleaseAsset name already_exists" },
	{ "{\"message\":\"No\",\"errors\":[{\"resource\":\"Release\",\"code\":"
	  "\"custom\",\"message\":\"tag_name is used\"},\"and so on\",7]}",
	  "No: tag_name is used: and so on" },
	{ "{\"errors\":[\"a\"]}", "a" },
	{ "{\"message\":\"No\",\"errors\":{}}", "No" },
	{ "[]", "" },
	{ "Bad gateway", "" },
};

static void the_message_of_an_error_is_shown(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof messages / sizeof messages[0]; i++) {
		char got[GITHUB_MESSAGE_SIZE];

		github_message(messages[i].text, strlen(messages[i].text), got);
		assert_string_equal(got, messages[i].want);
	}
}

static void the_code_of_an_error_is_found(void **state)
{
	static const struct {
		const char *text;
		bool want;
	} cases[] = {
		{ "{\"errors\":[{\"code\":\"x\"},{\"code\":\"already_exists\"}"
		  "]}",
		  true },
		{ "{\"errors\":[{\"message\":\"already_exists\"}]}", false },
		{ "{\"errors\":[\"already_exists\",null]}", false },
		{ "{\"code\":\"already_exists\"}", false },
		{ "already_exists", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (github_refuses_with(cases[i].text, strlen(cases[i].text),
		                        "already_exists") != cases[i].want)
			fail_msg("%s", cases[i].text);
}

static void where_uploads_go_is_read(void **state)
{
	static const char text[] =
		RELEASE("\"immutable\":true,\"upload_url\":"
	                "\"https://uploads.github.com/x{?name,label}\",",
	                "");
	static const char asset[] = ASSET("\"digest\":\"" DIGEST "\",");
	AUTO_GITHUB_ANSWER struct github_answer got = GITHUB_ANSWER_NONE;
	AUTO_GITHUB_ANSWER struct github_answer one = GITHUB_ANSWER_NONE;
	struct err err;

	(void)state;
	assert_int_equal(github_answer_parse(GITHUB_RELEASE, text,
	                                     sizeof text - 1, &got, &err),
	                 0);
	assert_string_equal(got.releases[0].upload_url,
	                    "https://uploads.github.com/x{?name,label}");
	assert_true(got.releases[0].is_immutable);
	assert_int_equal(github_answer_parse(GITHUB_ASSET, asset,
	                                     sizeof asset - 1, &one, &err),
	                 0);
	assert_int_equal(one.asset_count, 1);
	assert_string_equal(one.assets[0].name, "a.tar.gz");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_read_or_refused),
		cmocka_unit_test(every_field_is_read),
		cmocka_unit_test(limits_hold_at_most_and_one_more),
		cmocka_unit_test(an_answer_of_too_many_bytes_is_refused),
		cmocka_unit_test(the_message_of_an_error_is_shown),
		cmocka_unit_test(the_code_of_an_error_is_found),
		cmocka_unit_test(where_uploads_go_is_read),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
