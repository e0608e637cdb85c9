/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/journal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define V128                                                                   \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"     \
	"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

struct journal_case {
	const char *name;
	const char *text;
	int want;
	enum err_code code;
};

static const struct journal_case cases[] = {
	{ "a first install",
	  "format = 1\nop = install\nto = 1.0\ngate = none\n", 0, ERR_NONE },
	{ "all keys",
	  "format = 1\nop = activate\nfrom = 1.0\nto = 1.1\n"
	  "previous = 0.9\ngate = pending\n",
	  0, ERR_NONE },
	{ "a rollback",
	  "format = 1\nop = rollback\nfrom = 2\nto = 1\ngate = none\n", 0,
	  ERR_NONE },
	{ "a revert to nothing",
	  "format = 1\nop = revert\nfrom = 1.0\ngate = none\n", 0, ERR_NONE },
	{ "versions at the limit",
	  "format = 1\nop = install\nfrom = " V128 "\nto = 1\nprevious = " V128
	  "\ngate = none\n",
	  0, ERR_NONE },
	{ "a version over the limit",
	  "format = 1\nop = install\nto = " V128 "x\ngate = none\n", -1,
	  ERR_FORMAT },
	{ "nothing", "", -1, ERR_FORMAT },
	{ "no format", "op = install\nto = 1.0\ngate = none\n", -1,
	  ERR_FORMAT },
	{ "another format", "format = 2\nop = install\nto = 1.0\ngate = none\n",
	  -1, ERR_FORMAT },
	{ "no op", "format = 1\nto = 1.0\ngate = none\n", -1, ERR_FORMAT },
	{ "no gate", "format = 1\nop = install\nto = 1.0\n", -1, ERR_FORMAT },
	{ "unknown op", "format = 1\nop = undo\nto = 1.0\ngate = none\n", -1,
	  ERR_FORMAT },
	{ "unknown gate", "format = 1\nop = install\nto = 1.0\ngate = open\n",
	  -1, ERR_FORMAT },
	{ "unknown key",
	  "format = 1\nop = install\nto = 1.0\ngate = none\nx = y\n", -1,
	  ERR_FORMAT },
	{ "another order", "format = 1\nop = install\ngate = none\nto = 1.0\n",
	  -1, ERR_FORMAT },
	{ "a path as version",
	  "format = 1\nop = install\nto = ../x\ngate = none\n", -1,
	  ERR_FORMAT },
	{ "no target", "format = 1\nop = install\nfrom = 1.0\ngate = none\n",
	  -1, ERR_FORMAT },
	{ "from and to are one",
	  "format = 1\nop = install\nfrom = 1.0\nto = 1.0\ngate = none\n", -1,
	  ERR_FORMAT },
	{ "torn", "format = 1\nop = install\nto = 1.0\ngate = no", -1,
	  ERR_FORMAT },
	{ "a section", "[a]\nformat = 1\nop = install\nto = 1\ngate = none\n",
	  -1, ERR_FORMAT },
};

static void check(const struct journal_case *c)
{
	struct journal journal = { .to = "untouched" };
	struct err err = { .code = ERR_NONE };
	AUTO_BUF struct buf again = BUF_NONE;
	int got = journal_parse(c->text, strlen(c->text), &journal, &err);

	if (got != c->want || err.code != c->code)
		fail_msg("%s: got %d, code %d", c->name, got, (int)err.code);
	if (got < 0) {
		assert_string_equal(journal.to, "untouched");
		return;
	}
	assert_int_equal(journal_write(&journal, &again, &err), 0);
	if (strcmp(buf_text(&again), c->text) != 0)
		fail_msg("%s: written as '%s'", c->name, buf_text(&again));
}

static void journals_are_read_and_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		check(&cases[i]);
}

static void a_journal_over_the_limit_is_refused(void **state)
{
	char text[JOURNAL_MAX + 1];
	struct journal journal;
	struct err err;

	(void)state;
	memset(text, '\n', sizeof text);
	assert_int_equal(journal_parse(text, sizeof text, &journal, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(journal_parse(text, sizeof text - 1, &journal, &err),
	                 -1);
	assert_int_equal(err.code, ERR_FORMAT);
}

static void nonsense_is_not_written(void **state)
{
	struct journal journal = { .op = JOURNAL_INSTALL, .to = "../etc" };
	AUTO_BUF struct buf out = BUF_NONE;
	struct err err;

	(void)state;
	assert_int_equal(journal_write(&journal, &out, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_int_equal(out.len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(journals_are_read_and_written),
		cmocka_unit_test(a_journal_over_the_limit_is_refused),
		cmocka_unit_test(nonsense_is_not_written),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
