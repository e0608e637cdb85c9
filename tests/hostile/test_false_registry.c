/* SPDX-License-Identifier: Apache-2.0 */
/* A fetch-worker that lies about the signatures of an image: it can make it
 * unknown or not signed, and no more. */
#include "play.h"

#include <stdlib.h>

#include "../helpers/false_registry.h"
#include "privsep/registry.h"

static const struct false_case {
	const char *name;
	enum false_registry lie;
	enum err_code code; /* ERR_NONE: it is no lie after all */
	size_t count;
	unsigned left_out;
	bool has_image;
	enum err_code cut;
} cases[] = {
	{ "an honest one", REGISTRY_HONEST, ERR_NONE, 2, 0, true, ERR_NONE },
	{ "nothing at all", REGISTRY_NOTHING, ERR_NONE, 0, 0, false, ERR_NONE },
	{ "half a signature", REGISTRY_HALF, ERR_INTERNAL, 0, 0, false,
	  ERR_NONE },
	{ "the second one first", REGISTRY_ORDER, ERR_INTERNAL, 0, 0, false,
	  ERR_NONE },
	{ "one twice", REGISTRY_TWICE, ERR_INTERNAL, 0, 0, false, ERR_NONE },
	{ "as many as may be", REGISTRY_MOST, ERR_NONE, FETCH_SIGNATURES_MAX, 0,
	  false, ERR_NONE },
	/* What is no signature's number is life, and no more. */
	{ "one more", REGISTRY_BEYOND, ERR_NONE, FETCH_SIGNATURES_MAX, 0, false,
	  ERR_NONE },
	{ "the largest payload and bundle", REGISTRY_PAYLOAD_MAX, ERR_NONE, 1,
	  0, false, ERR_NONE },
	{ "a payload that is larger", REGISTRY_PAYLOAD_MORE, ERR_LIMIT, 0, 0,
	  false, ERR_NONE },
	{ "a bundle that is larger", REGISTRY_BUNDLE_MORE, ERR_LIMIT, 0, 0,
	  false, ERR_NONE },
	{ "two that were left out", REGISTRY_REASON, ERR_NONE, 0, 2, false,
	  ERR_NONE },
	{ "a long reason", REGISTRY_REASON_MORE, ERR_INTERNAL, 0, 0, false,
	  ERR_NONE },
	{ "a reason for the terminal", REGISTRY_REASON_ESCAPE, ERR_INTERNAL, 0,
	  0, false, ERR_NONE },
	{ "a reason without end", REGISTRY_REASON_END, ERR_NONE, 0, 0, false,
	  ERR_NONE },
	{ "life without end", REGISTRY_ENDLESS, ERR_LIMIT, 0, 0, false,
	  ERR_NONE },
	{ "one that gives up after a signature and a half", REGISTRY_CUT,
	  ERR_NONE, 1, 0, true, ERR_NETWORK },
	{ "one that refuses", REGISTRY_REFUSAL, ERR_NONE, 0, 0, false,
	  ERR_NETWORK },
	{ "one that gives up", REGISTRY_FAILURE, ERR_NETWORK, 0, 0, false,
	  ERR_NONE },
};

static int helpers = -1;

static int ask(enum false_registry lie, struct registry_signatures *out,
               struct err *err)
{
	AUTO_FREE struct fetch_request *request = calloc(1, sizeof *request);
	const struct registry_ask ask = { .request = request,
		                          .authorities = -1,
		                          .folder = helpers,
		                          .mode = SANDBOX_FULL,
		                          .wait_s = lie == REGISTRY_ENDLESS
		                                            ? 1
		                                            : 20,
		                          .program = "false_registry" };

	assert_non_null(request);
	request->source_count = 1;
	request->sources[0].address[0] = (char)lie;
	return registry_signatures(&ask, out, err);
}

static void check_contents(const struct false_case *c,
                           const struct registry_signatures *got)
{
	if (c->lie == REGISTRY_HONEST) {
		assert_int_equal(got->list[0].payload.len, 5);
		assert_int_equal(got->list[1].payload.len, 0);
		assert_memory_equal(got->list[1].bundle.data, "bbbbbbb", 7);
	}
	if (c->lie == REGISTRY_REASON) {
		assert_int_equal(strlen(got->reason), FETCH_TEXT_MAX);
		assert_int_equal(got->reason[0], 'r');
	}
}

static void each_lie_is_refused(void **state)
{
	AUTO_FREE struct registry_signatures *got = calloc(1, sizeof *got);

	(void)state;
	assert_non_null(got);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct false_case *c = &cases[i];
		struct err err = { .code = ERR_NONE };
		int result;

		got->count = 77;
		result = ask(c->lie, got, &err);
		if ((result < 0) != (c->code != ERR_NONE) ||
		    err.code != c->code)
			fail_msg("%s: got %d, code %d: %s", c->name, result,
			         (int)err.code, err.text);
		if (result < 0) {
			assert_int_equal(got->count, 77);
			play_assert_reaped(c->name);
			continue;
		}
		if (got->count != c->count || got->left_out != c->left_out ||
		    got->word.has_image != c->has_image ||
		    got->word.cut.code != c->cut)
			fail_msg("%s: %zu, %u left out, cut %d", c->name,
			         got->count, got->left_out,
			         (int)got->word.cut.code);
		check_contents(c, got);
		registry_signatures_done(got);
		play_assert_reaped(c->name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_lie_is_refused),
	};

	helpers = play_open_folder("../helpers");
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
