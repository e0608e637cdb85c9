/* SPDX-License-Identifier: Apache-2.0 */
#include "base/lines.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#define MAX 8

struct lines_case {
	const char *name;
	const char *text;
	const char *want; /* the lines, each behind a '|' */
	int end;          /* what the last call gives */
	enum err_code code;
};

static const struct lines_case cases[] = {
	{ "nothing", "", "", 0, ERR_NONE },
	{ "one line", "a\n", "|a", 0, ERR_NONE },
	{ "an empty line", "\n", "|", 0, ERR_NONE },
	{ "several lines", "a\n\nbc\n", "|a||bc", 0, ERR_NONE },
	{ "a line at the limit", "12345678\n", "|12345678", 0, ERR_NONE },
	{ "a line over the limit", "a\n123456789\n", "|a", -1, ERR_LIMIT },
	{ "no LF over the limit", "123456789", "", -1, ERR_LIMIT },
	{ "no LF at the end", "a\nb", "|a", -1, ERR_FORMAT },
};

static int file_of(const char *text, size_t len)
{
	int fd = memfd_create("lines", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), (ssize_t)len);
	return fd;
}

static void check(const struct lines_case *c)
{
	AUTO_CLOSE int fd = file_of(c->text, strlen(c->text));
	AUTO_LINES struct lines lines;
	AUTO_BUF struct buf got = BUF_NONE;
	struct err err = { .code = ERR_NONE };
	const char *line;
	size_t len;
	int more;

	lines_begin(&lines, fd, MAX);
	while ((more = lines_next(&lines, &line, &len, &err)) == 1)
		assert_int_equal(
			buf_printf(&got, &err, "|%.*s", (int)len, line), 0);
	if (more != c->end || err.code != c->code)
		fail_msg("%s: ends with %d, code %d", c->name, more,
		         (int)err.code);
	if (strcmp(buf_text(&got), c->want) != 0)
		fail_msg("%s: '%s'", c->name, buf_text(&got));
}

static void lines_are_told_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		check(&cases[i]);
}

static void lines_span_blocks(void **state)
{
	AUTO_BUF struct buf text = BUF_NONE;
	AUTO_CLOSE int fd = -1;
	AUTO_LINES struct lines lines;
	struct err err;
	const char *line;
	size_t len;
	char want[32];

	(void)state;
	for (int i = 0; i < 30000; i++)
		assert_int_equal(buf_printf(&text, &err, "line %d\n", i), 0);
	fd = file_of(text.data, text.len);
	lines_begin(&lines, fd, 16);
	for (int i = 0; i < 30000; i++) {
		assert_int_equal(lines_next(&lines, &line, &len, &err), 1);
		(void)snprintf(want, sizeof want, "line %d", i);
		assert_int_equal(len, strlen(want));
		assert_memory_equal(line, want, len);
	}
	assert_int_equal(lines_next(&lines, &line, &len, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_told_apart),
		cmocka_unit_test(lines_span_blocks),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
