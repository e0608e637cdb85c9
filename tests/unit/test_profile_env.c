/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/profile_env.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define D                                                                      \
	"sha256:"                                                              \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

struct parse_case {
	const char *name, *text;
	int want;
	enum err_code code;
};

static const struct parse_case parse_cases[] = {
	{ "the profile alone", "PROFILE=dev\n", 0, ERR_NONE },
	{ "all keys",
	  "PROFILE=prod\nREGISTRY=ghcr.io/owner\nIMAGE_PREFIX=containai\n"
	  "IMAGE_TAG=v1.2.3\nIMAGE_DIGEST=" D "\nIMAGE_DIGEST_BASE=" D
	  "\nIMAGE_DIGEST_PROXY=" D "\n",
	  0, ERR_NONE },
	{ "nothing", "", -1, ERR_FORMAT },
	{ "no profile", "IMAGE_TAG=v1\n", -1, ERR_FORMAT },
	{ "another profile", "PROFILE=staging\n", -1, ERR_FORMAT },
	{ "no final newline", "PROFILE=dev", -1, ERR_FORMAT },
	{ "another order", "IMAGE_TAG=v1\nPROFILE=dev\n", 0, ERR_NONE },
	{ "images not sorted",
	  "PROFILE=dev\nIMAGE_DIGEST_B=" D "\nIMAGE_DIGEST_A=" D "\n", 0,
	  ERR_NONE },
	{ "an image twice",
	  "PROFILE=dev\nIMAGE_DIGEST_B=" D "\nIMAGE_DIGEST_B=" D "\n", -1,
	  ERR_FORMAT },
	{ "a key twice", "PROFILE=dev\nPROFILE=dev\n", -1, ERR_FORMAT },
	{ "an unknown key", "PROFILE=dev\nPATH=/tmp\n", -1, ERR_FORMAT },
	{ "a comment", "# hello\nPROFILE=dev\n", -1, ERR_FORMAT },
	{ "an empty line", "PROFILE=dev\n\n", -1, ERR_FORMAT },
	{ "quotes", "PROFILE=dev\nIMAGE_TAG=\"v1\"\n", -1, ERR_FORMAT },
	{ "shell syntax", "PROFILE=dev\nIMAGE_TAG=$(id)\n", -1, ERR_FORMAT },
	{ "a blank", "PROFILE=dev\nIMAGE_TAG=v1 \n", -1, ERR_FORMAT },
	{ "an empty value", "PROFILE=dev\nIMAGE_TAG=\n", -1, ERR_FORMAT },
	{ "a carriage return", "PROFILE=dev\r\n", -1, ERR_FORMAT },
	{ "a short digest", "PROFILE=dev\nIMAGE_DIGEST=sha256:01\n", -1,
	  ERR_FORMAT },
	{ "a lower-case image", "PROFILE=dev\nIMAGE_DIGEST_proxy=" D "\n", -1,
	  ERR_FORMAT },
	{ "an image without a name", "PROFILE=dev\nIMAGE_DIGEST_=" D "\n", -1,
	  ERR_FORMAT },
};

/* What is written of it says the same, and is written again as it is. */
static void require_round_trip(const char *name, const char *text,
                               const struct profile_env *env)
{
	AUTO_BUF struct buf once = BUF_NONE;
	AUTO_BUF struct buf twice = BUF_NONE;
	struct profile_env again;
	struct err err;

	assert_int_equal(profile_env_write(env, &once, &err), 0);
	assert_int_equal(
		profile_env_parse(buf_text(&once), once.len, &again, &err), 0);
	assert_int_equal(profile_env_write(&again, &twice, &err), 0);
	if (once.len != strlen(text) ||
	    strcmp(buf_text(&once), buf_text(&twice)) != 0)
		fail_msg("%s: written as '%s'", name, buf_text(&once));
}

static void parsing_takes_one_spelling_of_a_line_only(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof parse_cases / sizeof *parse_cases; i++) {
		const struct parse_case *c = &parse_cases[i];
		struct profile_env env = { .profile = "untouched" };
		struct err err = { .code = ERR_NONE };
		int got =
			profile_env_parse(c->text, strlen(c->text), &env, &err);

		if (got != c->want || err.code != c->code)
			fail_msg("%s: got %d, code %d", c->name, got,
			         (int)err.code);
		if (got < 0) {
			assert_string_equal(env.profile, "untouched");
			continue;
		}
		require_round_trip(c->name, c->text, &env);
	}
}

static void a_value_has_at_most_255_bytes(void **state)
{
	struct profile_env env = { .profile = "dev" };
	struct err err = { .code = ERR_NONE };
	char value[257];

	(void)state;
	memset(value, 'a', sizeof value);
	assert_int_equal(
		profile_env_set(&env, "IMAGE_TAG", 9, value, 255, &err), 0);
	assert_int_equal(
		profile_env_set(&env, "IMAGE_TAG", 9, value, 256, &err), -1);
	assert_int_equal(strlen(env.image_tag), 255);
}

static void a_profile_has_at_most_256_images(void **state)
{
	struct profile_env env = { .profile = "dev" };
	struct err err = { .code = ERR_NONE };
	char key[32];

	(void)state;
	for (int i = 0; i <= PROFILE_IMAGES_MAX; i++) {
		int len = snprintf(key, sizeof key, "IMAGE_DIGEST_%d", i);
		int got = profile_env_set(&env, key, (size_t)len, D, strlen(D),
		                          &err);

		assert_int_equal(got, i < PROFILE_IMAGES_MAX ? 0 : -1);
	}
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(env.image_count, PROFILE_IMAGES_MAX);
}

static void values_are_found_by_their_key(void **state)
{
	struct profile_env env = { .profile = "dev" };
	struct err err = { .code = ERR_NONE };

	(void)state;
	assert_int_equal(profile_env_set(&env, "IMAGE_DIGEST_A_1", 16, D,
	                                 strlen(D), &err),
	                 0);
	assert_string_equal(profile_env_get(&env, "IMAGE_DIGEST_A_1", 16), D);
	assert_string_equal(profile_env_get(&env, "PROFILE", 7), "dev");
	assert_null(profile_env_get(&env, "REGISTRY", 8));
	assert_null(profile_env_get(&env, "IMAGE_DIGEST_B", 14));
	assert_null(profile_env_get(&env, "HOME", 4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parsing_takes_one_spelling_of_a_line_only),
		cmocka_unit_test(a_value_has_at_most_255_bytes),
		cmocka_unit_test(a_profile_has_at_most_256_images),
		cmocka_unit_test(values_are_found_by_their_key),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
