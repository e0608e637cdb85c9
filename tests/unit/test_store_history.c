/* SPDX-License-Identifier: Apache-2.0 */
/* The history, line by line. */
#include "store/history.h"

#include <errno.h>
#include <inttypes.h>

#include "temp_store.h"

#define HEX_11                                                                 \
	"1111111111111111111111111111111111111111111111111111111111111111"
#define LINE(version, digest, result)                                          \
	"{\"time\":\"2026-01-02T03:04:05Z\",\"op\":\"install\","               \
	"\"version\":\"" version "\",\"digest\":\"" digest                     \
	"\",\"sequence\":7,\"result\":\"" result "\"}\n"

static struct err err;

struct history_case {
	const char *name;
	const char *text;
	int want;
	enum err_code code;
	uint64_t lines;
	bool is_torn;
	unsigned installs; /* lines that tell of the install of 1.0 */
};

static const struct history_case cases[] = {
	{ "nothing", "", 0, ERR_NONE, 0, false, 0 },
	{ "an install", LINE("1.0", HEX_11, "ok"), 0, ERR_NONE, 1, false, 1 },
	{ "a reverted install", LINE("1.0", HEX_11, "reverted"), 0, ERR_NONE, 1,
	  false, 1 },
	{ "a stranded install", LINE("1.0", HEX_11, "stranded"), 0, ERR_NONE, 1,
	  false, 1 },
	{ "a refused install", LINE("1.0", HEX_11, "refused"), 0, ERR_NONE, 1,
	  false, 0 },
	{ "another version", LINE("1.1", HEX_11, "ok"), 0, ERR_NONE, 1, false,
	  0 },
	{ "other bytes under the version", LINE("1.0", "2222", "ok"), 0,
	  ERR_NONE, 1, false, 0 },
	{ "a torn last line", LINE("1.0", HEX_11, "ok") "{\"time\":\"20", 0,
	  ERR_NONE, 1, true, 1 },
	{ "only a torn line", "{", 0, ERR_NONE, 0, true, 0 },
	{ "a damaged line", "rubbish\n" LINE("1.0", HEX_11, "ok"), -1,
	  ERR_FORMAT, 0, false, 0 },
	{ "a time that is none", "{\"time\":\"yesterday\",\"result\":\"ok\"}\n",
	  -1, ERR_FORMAT, 0, false, 0 },
	{ "a digest that is too long", LINE("1.0", HEX_11 "1", "ok"), -1,
	  ERR_LIMIT, 0, false, 0 },
};

static int count_installs(void *context, const struct history_line *line,
                          struct err *unused)
{
	uint8_t digest[SHA256_LEN];

	(void)unused;
	memset(digest, 0x11, sizeof digest);
	if (history_line_installs(line, "1.0", digest))
		++*(unsigned *)context;
	return 0;
}

static void each_line_is_given(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct history_case *c = &cases[i];
		AUTO_TEMP_STORE struct temp_store temp = temp_store_make();
		struct history_extent extent = { .lines = 99 };
		unsigned installs = 0;
		int got;

		put_file(temp.store.state, HISTORY_NAME, c->text);
		got = history_each(&temp.store, count_installs, &installs,
		                   &extent, &err);
		if (got != c->want || (got < 0 && err.code != c->code))
			fail_msg("%s: got %d, code %d", c->name, got,
			         (int)err.code);
		if (extent.lines != (got == 0 ? c->lines : 99) ||
		    extent.is_torn != c->is_torn)
			fail_msg("%s: %" PRIu64 " lines", c->name,
			         extent.lines);
		if (got == 0 && installs != c->installs)
			fail_msg("%s: %u installs", c->name, installs);
	}
}

static int refuse(void *context, const struct history_line *line,
                  struct err *failure)
{
	(void)context;
	(void)line;
	return err_set(failure, ERR_CONFLICT, 0, "no more");
}

static void the_caller_can_end_the_reading(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = temp_store_make();
	struct history_extent extent = { .lines = 99 };

	(void)state;
	put_file(temp.store.state, HISTORY_NAME, LINE("1.0", HEX_11, "ok"));
	assert_int_equal(history_each(&temp.store, refuse, NULL, &extent, &err),
	                 -1);
	assert_int_equal(err.code, ERR_CONFLICT);
	assert_int_equal(extent.lines, 99);
}

static void without_a_history_there_is_none(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = temp_store_make();
	struct history_extent extent;

	(void)state;
	assert_int_equal(history_each(&temp.store, refuse, NULL, &extent, &err),
	                 -1);
	assert_int_equal(err.code, ERR_SYSTEM);
	assert_int_equal(err.sys, ENOENT);
}

struct rotation_case {
	const char *name;
	const char *beside; /* a file beside the history; NULL: none */
	bool has_history;   /* of one line, of LINE's time */
	bool is_there;
	bool misses_earlier, misses_later; /* or equal; than that line */
};

static const struct rotation_case rotations[] = {
	{ "never rotated", NULL, true, true, true, true },
	{ "rotated", HISTORY_NAME ".1", true, true, false, true },
	{ "and packed", HISTORY_NAME ".1.gz", true, true, false, true },
	{ "by date", HISTORY_NAME "-20261121", true, true, false, true },
	{ "just now", HISTORY_NAME ".1", false, true, false, false },
	{ "another file", HISTORY_NAME "x", true, true, true, true },
	{ "nothing", NULL, false, false, false, false },
	{ "only another file", "lock.1", false, false, false, false },
};

static void a_rotated_history_need_not_tell_all(void **state)
{
	const int64_t began = 1767323045; /* 2026-01-02T03:04:05Z */

	(void)state;
	for (size_t i = 0; i < sizeof rotations / sizeof *rotations; i++) {
		const struct rotation_case *c = &rotations[i];
		AUTO_TEMP_STORE struct temp_store temp = temp_store_make();
		struct history_extent extent;
		unsigned installs = 0;
		int got;

		if (c->beside != NULL)
			put_file(temp.store.state, c->beside, "rubbish\n");
		if (c->has_history)
			put_file(temp.store.state, HISTORY_NAME,
			         LINE("1.0", HEX_11, "ok"));
		got = history_each(&temp.store, count_installs, &installs,
		                   &extent, &err);
		if (got != (c->is_there ? 0 : -1))
			fail_msg("%s: got %d", c->name, got);
		if (got == 0 &&
		    (history_would_tell(&extent, began) != c->misses_earlier ||
		     history_would_tell(&extent, began + 1) != c->misses_later))
			fail_msg("%s: what it would tell", c->name);
	}
}

static void what_is_appended_is_given_back(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = temp_store_make();
	const struct history_event event = { .op = "install",
		                             .version = "1.0",
		                             .digest = HEX_11,
		                             .result = "ok" };
	struct history_extent extent;
	unsigned installs = 0;

	(void)state;
	assert_int_equal(history_append(&temp.store, &event, &err), 0);
	assert_int_equal(history_append(&temp.store, &event, &err), 0);
	assert_int_equal(history_each(&temp.store, count_installs, &installs,
	                              &extent, &err),
	                 0);
	assert_int_equal(extent.lines, 2);
	assert_int_equal(installs, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_line_is_given),
		cmocka_unit_test(the_caller_can_end_the_reading),
		cmocka_unit_test(without_a_history_there_is_none),
		cmocka_unit_test(what_is_appended_is_given_back),
		cmocka_unit_test(a_rotated_history_need_not_tell_all),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
