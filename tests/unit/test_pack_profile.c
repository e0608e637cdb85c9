/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/profile.h"

#include "temp_dir.h"

#define D                                                                      \
	"sha256:"                                                              \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

struct profile_case {
	const char *name, *profile, *set, *image;
	int want; /* of stamp and check together */
};

static const struct profile_case cases[] = {
	{ "nothing but the profile", "prod", NULL, NULL, 0 },
	{ "a tag", "prod", "IMAGE_TAG=v1", NULL, 0 },
	{ "latest", "prod", "IMAGE_TAG=latest", NULL, -1 },
	{ "latest, elsewhere", "dev", "IMAGE_TAG=latest", NULL, 0 },
	{ "a placeholder", "prod", "IMAGE_TAG=__TAG__", NULL, -1 },
	{ "a tag that holds the word", "prod", "IMAGE_TAG=v1-latest", NULL, 0 },
	{ "images without a tag", "prod", "IMAGE_PREFIX=x", NULL, -1 },
	{ "images without a tag, elsewhere", "dev", "IMAGE_PREFIX=x", NULL, 0 },
	{ "no KEY=VALUE", "dev", "IMAGE_TAG", NULL, -1 },
	{ "an unknown key", "dev", "LD_PRELOAD=x", NULL, -1 },
	{ "an image", "dev", NULL, "proxy=r/p@" D, 0 },
	{ "an image with a tag", "dev", NULL, "log-forwarder=r/p:1@" D, 0 },
	{ "an image without a digest", "dev", NULL, "proxy=r/p", -1 },
	{ "an image without a reference", "dev", NULL, "proxy=@" D, -1 },
	{ "an image of the registry", "dev", "REGISTRY=r", "p=r/p@" D, 0 },
	{ "an image of another", "dev", "REGISTRY=r", "p=rr/p@" D, -1 },
};

static void wishes_are_laid_over_the_base(void **state)
{
	static const struct package_list none;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct profile_case *c = &cases[i];
		struct patterns sets = { .at = { c->set },
			                 .count = c->set != NULL };
		struct patterns images = { .at = { c->image },
			                   .count = c->image != NULL };
		const struct profile_wishes wishes = { c->profile, &sets,
			                               &images };
		struct profile_env env = { .profile = "dev" };
		struct err err = { .code = ERR_NONE };
		int got = profile_stamp(&wishes, &env, &err);

		if (got == 0)
			got = profile_check(&env, &none, &err);
		if (got != c->want || (got < 0 && err.code != ERR_USAGE))
			fail_msg("%s: got %d, code %d", c->name, got,
			         (int)err.code);
		if (got < 0)
			continue;
		/* What was stamped says what was wished. */
		assert_int_equal(profile_hold(&wishes, &env, &err), 0);
	}
}

static void a_file_that_says_something_else_is_an_error(void **state)
{
	struct patterns sets = { .at = { "IMAGE_TAG=v2" }, .count = 1 };
	struct patterns none = { .count = 0 };
	const struct profile_wishes tag = { NULL, &sets, &none };
	const struct profile_wishes profile = { "prod", &none, &none };
	struct profile_env env = { .profile = "dev", .image_tag = "v1" };
	struct err err;

	(void)state;
	assert_int_equal(profile_hold(&tag, &env, &err), -1);
	assert_int_equal(profile_hold(&profile, &env, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_string_equal(env.image_tag, "v1");
}

static void digests_are_all_there_or_none(void **state)
{
	struct package_list names = { .at = { "proxy", "log-forwarder" },
		                      .count = 2 };
	struct profile_env env = { .profile = "dev" };
	struct err err;

	(void)state;
	assert_int_equal(profile_check(&env, &names, &err), 0);
	assert_int_equal(profile_env_set(&env, "IMAGE_DIGEST_PROXY", 18, D,
	                                 strlen(D), &err),
	                 0);
	assert_int_equal(profile_check(&env, &names, &err), -1);
	assert_int_equal(profile_env_set(&env, "IMAGE_DIGEST_LOG_FORWARDER", 26,
	                                 D, strlen(D), &err),
	                 0);
	assert_int_equal(profile_check(&env, &names, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wishes_are_laid_over_the_base),
		cmocka_unit_test(a_file_that_says_something_else_is_an_error),
		cmocka_unit_test(digests_are_all_there_or_none),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
