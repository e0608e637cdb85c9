/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/http_answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct answer_case {
	const char *name, *text;
	enum err_code code;
	unsigned status;
	const char *body;
} cases[] = {
	{ "a body", "HTTP/1.0 200 OK\r\nServer: x\r\n\r\n{}", ERR_NONE, 200,
	  "{}" },
	{ "no body", "HTTP/1.1 404 Not Found\r\n\r\n", ERR_NONE, 404, "" },
	{ "no reason", "HTTP/1.0 500\r\n\r\nx", ERR_NONE, 500, "x" },
	{ "its length",
	  "HTTP/1.0 200 OK\r\ncontent-length: 2\r\nServer: x\r\n\r\n{}",
	  ERR_NONE, 200, "{}" },
	{ "less than its length",
	  "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\n{}", ERR_FORMAT, 0, "" },
	{ "more than its length",
	  "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n{}", ERR_FORMAT, 0, "" },
	{ "a length that is no number",
	  "HTTP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n", ERR_FORMAT, 0, "" },
	{ "chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0",
	  ERR_FORMAT, 0, "" },
	{ "nothing", "", ERR_FORMAT, 0, "" },
	{ "no end", "HTTP/1.0 200 OK\r\n", ERR_FORMAT, 0, "" },
	{ "another protocol", "SSH-2.0-OpenSSH_9.2\r\n\r\n", ERR_FORMAT, 0,
	  "" },
	{ "a status of two digits", "HTTP/1.0 20 OK\r\n\r\n", ERR_FORMAT, 0,
	  "" },
	{ "a status of four digits", "HTTP/1.0 2000\r\n\r\n", ERR_FORMAT, 0,
	  "" },
	{ "a status above 599", "HTTP/1.0 600 OK\r\n\r\n", ERR_FORMAT, 0, "" },
	{ "a status below 100", "HTTP/1.0 099 OK\r\n\r\n", ERR_FORMAT, 0, "" },
};

static void answers_are_taken_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct answer_case *c = &cases[i];
		const struct bytes text = { (const uint8_t *)c->text,
			                    strlen(c->text) };
		struct http_answer got = { .status = 7 };
		struct err err = { .code = ERR_NONE };
		int result = http_answer_read(text, &got, &err);

		if (result != (c->code == ERR_NONE ? 0 : -1) ||
		    err.code != c->code)
			fail_msg("%s: got %d, code %d", c->name, result,
			         (int)err.code);
		assert_int_equal(got.status, result == 0 ? c->status : 7);
		if (result < 0)
			continue;
		assert_int_equal(got.body.len, strlen(c->body));
		assert_memory_equal(got.body.data, c->body, got.body.len);
	}
}

/* A head of @len bytes with its empty line. */
static int read_head(size_t len)
{
	static const char first[] = "HTTP/1.0 200 OK\r\n";
	struct http_answer got;
	struct err err;
	uint8_t *text = malloc(len);
	int result;

	assert_non_null(text);
	memset(text, 'x', len);
	memcpy(text, first, strlen(first));
	memcpy(text + len - 4, "\r\n\r\n", 4);
	result = http_answer_read((struct bytes){ text, len }, &got, &err);
	if (result < 0)
		assert_int_equal(err.code, ERR_LIMIT);
	free(text);
	return result;
}

static void a_head_has_a_limit(void **state)
{
	(void)state;
	assert_int_equal(read_head(HTTP_ANSWER_HEAD_MAX), 0);
	assert_int_equal(read_head(HTTP_ANSWER_HEAD_MAX + 1), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_taken_apart),
		cmocka_unit_test(a_head_has_a_limit),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
