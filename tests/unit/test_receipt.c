/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/receipt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define D "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define FULL                                                                   \
	"format = 1\n"                                                         \
	"\n[release]\n"                                                        \
	"app = web\n"                                                          \
	"version = 1.4.2\n"                                                    \
	"sequence = 7\n"                                                       \
	"created = 2026-01-02T03:04:05Z\n"                                     \
	"platform = linux/amd64\n"                                             \
	"release_sha256 = " D "\n"                                             \
	"profile = host/profile.env\n"                                         \
	"\n[install]\n"                                                        \
	"installed = 2026-01-02T04:00:00Z\n"                                   \
	"source = https://example.org/web-1.4.2.tar.gz\n"                      \
	"by = root (sudo: ada)\n"                                              \
	"\n[signers]\n"                                                        \
	"00000000000000aa = ci.pub\n"                                          \
	"fedcba9876543210 = release.pub\n"

static const struct receipt_case {
	const char *name, *from, *to;
	enum err_code want;
} cases[] = {
	{ "all keys", "web", "web", ERR_NONE },
	{ "no platform", "platform = linux/amd64\n", "", ERR_NONE },
	{ "no profile", "profile = host/profile.env\n", "", ERR_NONE },
	{ "no source", "source = https://example.org/web-1.4.2.tar.gz\n", "",
	  ERR_NONE },
	{ "one signer", "00000000000000aa = ci.pub\n", "", ERR_NONE },
	{ "another format", "format = 1", "format = 3", ERR_FORMAT },
	{ "no app", "app = web\n", "", ERR_FORMAT },
	{ "no time of install", "installed = 2026-01-02T04:00:00Z\n", "",
	  ERR_FORMAT },
	{ "no digest", "release_sha256 = " D "\n", "", ERR_FORMAT },
	{ "no signers",
	  "\n[signers]\n00000000000000aa = ci.pub\n"
	  "fedcba9876543210 = release.pub\n",
	  "", ERR_FORMAT },
	{ "a key id in capitals", "00aa", "00AA", ERR_FORMAT },
	{ "a short key id", "00aa", "0a", ERR_FORMAT },
	{ "signers in another order", "00000000000000aa", "ff000000000000aa",
	  ERR_FORMAT },
	{ "a path as name of a key", "= ci.pub", "= a/b", ERR_FORMAT },
	{ "an unknown key", "by =", "bye =", ERR_FORMAT },
	{ "no final newline", "release.pub\n", "release.pub", ERR_FORMAT },
};

static void replace(char *out, size_t size, const struct receipt_case *c)
{
	const char *at = strstr(FULL, c->from);
	int n;

	if (at == NULL)
		fail_msg("%s: nothing to replace", c->name);
	n = snprintf(out, size, "%.*s%s%s", (int)(at - FULL), FULL, c->to,
	             at + strlen(c->from));
	assert_in_range(n, 1, size - 1);
}

static void only_canonical_receipts_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct receipt_case *c = &cases[i];
		AUTO_BUF struct buf again = BUF_NONE;
		struct receipt receipt = { .app = "untouched" };
		struct err err = { .code = ERR_NONE };
		char text[4096];
		int got;

		replace(text, sizeof text, c);
		got = receipt_parse(text, strlen(text), &receipt, &err);
		if (got != (c->want == ERR_NONE ? 0 : -1) ||
		    err.code != c->want)
			fail_msg("%s: code %d", c->name, (int)err.code);
		if (c->want != ERR_NONE) {
			assert_string_equal(receipt.app, "untouched");
			continue;
		}
		assert_int_equal(receipt_write(&receipt, &again, &err), 0);
		assert_string_equal(buf_text(&again), text);
	}
}

static void read_full(struct receipt *out)
{
	struct err err;

	assert_int_equal(receipt_parse(FULL, strlen(FULL), out, &err), 0);
}

static void every_field_is_read(void **state)
{
	struct receipt receipt;

	(void)state;
	read_full(&receipt);
	assert_string_equal(receipt.app, "web");
	assert_int_equal(receipt.sequence, 7);
	assert_int_equal(receipt.created, 1767323045);
	assert_int_equal(receipt.installed, 1767326400);
	assert_int_equal(receipt.release_sha256[1], 0xb0);
	assert_string_equal(receipt.by, "root (sudo: ada)");
	assert_int_equal(receipt.signer_count, 2);
	assert_true(receipt.signers[1].id == 0xfedcba9876543210);
	assert_string_equal(receipt.signers[1].key, "release.pub");
}

static void signers_are_added_in_their_order(void **state)
{
	struct receipt receipt = { .signer_count = 0 };
	struct err err;

	(void)state;
	for (uint64_t i = RECEIPT_SIGNERS_MAX; i > 0; i--)
		assert_int_equal(receipt_add_signer(&receipt, i, "k", &err), 0);
	assert_int_equal(receipt.signers[0].id, 1);
	assert_int_equal(receipt.signers[RECEIPT_SIGNERS_MAX - 1].id,
	                 RECEIPT_SIGNERS_MAX);
	assert_int_equal(receipt_add_signer(&receipt, 99, "k", &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	receipt.signer_count--;
	assert_int_equal(receipt_add_signer(&receipt, 5, "k", &err), -1);
	assert_int_equal(err.code, ERR_CONFLICT);
}

static void a_signer_too_many_is_refused(void **state)
{
	AUTO_BUF struct buf text = BUF_NONE;
	struct receipt receipt;
	struct err err;

	(void)state;
	read_full(&receipt);
	receipt.signer_count = 0;
	for (uint64_t i = 0; i < RECEIPT_SIGNERS_MAX; i++)
		assert_int_equal(receipt_add_signer(&receipt, i, "k", &err), 0);
	assert_int_equal(receipt_write(&receipt, &text, &err), 0);
	assert_int_equal(receipt_parse(text.data, text.len, &receipt, &err), 0);
	assert_int_equal(buf_adds(&text, "ffffffffffffffff = k\n", &err), 0);
	assert_int_equal(receipt_parse(text.data, text.len, &receipt, &err),
	                 -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

static const struct source_case {
	const char *name, *text, *want;
} sources[] = {
	{ "a url", "https://a/b?c=d", "https://a/b?c=d" },
	{ "UTF-8", "/srv/\xc3\xbc", "/srv/\xc3\xbc" },
	{ "what INI can't hold", "a;b\nc\x1b\xff", "a?b?c??" },
	{ "blanks at the ends", " a b ", "?a b?" },
	{ "nothing", "", "" },
};

static void any_source_can_be_recorded(void **state)
{
	struct receipt receipt;
	char longest[400];

	(void)state;
	read_full(&receipt);
	for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
		receipt_set_source(&receipt, sources[i].text);
		if (strcmp(receipt.source, sources[i].want) != 0)
			fail_msg("%s: '%s'", sources[i].name, receipt.source);
	}
	for (size_t blank = 170; blank < 185; blank++) {
		AUTO_BUF struct buf out = BUF_NONE;
		struct err err;

		(void)snprintf(longest, sizeof longest, "%0399d", 0);
		longest[blank] = ' ';
		receipt_set_source(&receipt, longest);
		assert_in_range(strlen(receipt.source), RECEIPT_SOURCE_SIZE - 2,
		                RECEIPT_SOURCE_SIZE - 1);
		assert_int_equal(receipt_write(&receipt, &out, &err), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_canonical_receipts_are_read),
		cmocka_unit_test(every_field_is_read),
		cmocka_unit_test(signers_are_added_in_their_order),
		cmocka_unit_test(a_signer_too_many_is_refused),
		cmocka_unit_test(any_source_can_be_recorded),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
