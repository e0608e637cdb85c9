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

/* What receipts of older versions do not have. */
#define K64 "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define SIGSTORE                                                               \
	"\n[cosign_signers]\n" K64 " = cosign\n"                               \
	"\n[identities]\nrelease = https://github.com/o/r\n"                   \
	"\n[evidence]\nrelease.ini.1.sigstore.json = -\n"                      \
	"release.ini.2.sigstore.json = 2026-01-02T04:00:00Z\n"                 \
	"attestation.intoto.jsonl.1 = 2026-01-02T04:00:00Z log 17\n"           \
	"attestation.intoto.jsonl.2 = - log 0\n"

static const struct receipt_case {
	const char *name, *from, *to;
	enum err_code want;
} cases[] = {
	{ "all keys", "web", "web", ERR_NONE },
	{ "no platform", "platform = linux/amd64\n", "", ERR_NONE },
	{ "no profile", "profile = host/profile.env\n", "", ERR_NONE },
	{ "no source", "source = https://example.org/web-1.4.2.tar.gz\n", "",
	  ERR_NONE },
	{ "a lockfile", "by = root", "lockfile = " K64 "\nby = root",
	  ERR_NONE },
	{ "a lockfile that is no digest", "by = root",
	  "lockfile = 0011\nby = root", ERR_FORMAT },
	{ "a lockfile behind who ran it", "(sudo: ada)\n",
	  "(sudo: ada)\nlockfile = " K64 "\n", ERR_FORMAT },
	{ "one signer", "00000000000000aa = ci.pub\n", "", ERR_NONE },
	{ "a signer with its key", "= release.pub\n", "= release.pub " K64 "\n",
	  ERR_NONE },
	{ "three kinds of signers", "= release.pub\n",
	  "= release.pub\n" SIGSTORE, ERR_NONE },
	{ "no minisign signer",
	  "\n[signers]\n00000000000000aa = ci.pub\n"
	  "fedcba9876543210 = release.pub\n",
	  SIGSTORE, ERR_NONE },
	{ "evidence alone",
	  "\n[signers]\n00000000000000aa = ci.pub\n"
	  "fedcba9876543210 = release.pub\n",
	  "\n[evidence]\nrelease.ini.1.sigstore.json = -\n", ERR_FORMAT },
	{ "a short key", "= ci.pub", "= ci.pub 0011", ERR_FORMAT },
	{ "two blanks before the key", "= ci.pub", "= ci.pub  " K64,
	  ERR_FORMAT },
	{ "a cosign key by its id", "= release.pub\n",
	  "= release.pub\n\n[cosign_signers]\n00000000000000aa = a\n",
	  ERR_FORMAT },
	{ "identities before cosign keys", "= release.pub\n",
	  "= release.pub\n\n[identities]\na = b\n\n[cosign_signers]\n" K64
	  " = a\n",
	  ERR_FORMAT },
	{ "evidence of no time", "= release.pub\n",
	  "= release.pub\n\n[evidence]\nx = today\n", ERR_FORMAT },
	{ "evidence of another word", "= release.pub\n",
	  "= release.pub\n\n[evidence]\nx = - dog 1\n", ERR_FORMAT },
	{ "evidence without its log index", "= release.pub\n",
	  "= release.pub\n\n[evidence]\nx = - log\n", ERR_FORMAT },
	{ "evidence with more", "= release.pub\n",
	  "= release.pub\n\n[evidence]\nx = - log 1 2\n", ERR_FORMAT },
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
	assert_string_equal(receipt.signers[1].name, "release.pub");
}

static void a_signer_too_many_is_refused(void **state)
{
	AUTO_BUF struct buf text = BUF_NONE;
	static struct receipt receipt;
	struct signer signer = { .has_key = true };
	struct err err;

	(void)state;
	read_full(&receipt);
	receipt.signer_count = 0;
	memset(signer.name, 'k', KEY_NAME_SIZE - 1);
	for (uint64_t i = SIGNERS_MAX; i > 0; i--) {
		signer.id = i;
		assert_true(signers_add(receipt.signers, &receipt.signer_count,
		                        SIGNERS_MAX, &signer));
	}
	signer.id = 0;
	assert_false(signers_add(receipt.signers, &receipt.signer_count,
	                         SIGNERS_MAX, &signer));
	assert_int_equal(receipt_write(&receipt, &text, &err), 0);
	assert_int_equal(receipt_parse(text.data, text.len, &receipt, &err), 0);
	assert_int_equal(buf_adds(&text, "ffffffffffffffff = k\n", &err), 0);
	assert_int_equal(receipt_parse(text.data, text.len, &receipt, &err),
	                 -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

/* 64 of each kind and all evidence, each line as long as it gets. */
static void the_longest_receipt_fits(void **state)
{
	AUTO_BUF struct buf text = BUF_NONE;
	static struct receipt receipt;
	char longest[KEY_NAME_SIZE];
	struct err err;

	(void)state;
	read_full(&receipt);
	receipt.signer_count = 0;
	for (int i = 0; i < SIGNERS_MAX; i++) {
		struct signer signer = { .kind = (enum signer_kind)(i / 64),
			                 .id = (uint64_t)i,
			                 .has_key = true };

		signer.key[0] = (uint8_t)i;
		(void)snprintf(longest, sizeof longest, "%064d", i);
		memcpy(signer.name, longest, sizeof longest);
		if (signer.kind == SIGNER_IDENTITY) {
			char subject[300] = "";

			memset(subject, 's', sizeof subject - 1);
			signer_set_subject(&signer, subject);
			signer.has_key = false;
		}
		assert_true(signers_add(receipt.signers, &receipt.signer_count,
		                        SIGNERS_MAX, &signer));
	}
	for (unsigned i = 0; i < VERDICTS_MAX; i++) {
		receipt.evidence[i] =
			(struct receipt_evidence){ .has_time = true,
			                           .has_log = true,
			                           .time = 1767323045,
			                           .log_index = INT64_MAX };
		(void)snprintf(receipt.evidence[i].name, VERDICT_NAME_SIZE,
		               "%047u", i);
	}
	receipt.evidence_count = VERDICTS_MAX;
	if (receipt_write(&receipt, &text, &err) < 0 ||
	    receipt_parse(text.data, text.len, &receipt, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(receipt.signer_count, SIGNERS_MAX);
	assert_int_equal(receipt.evidence_count, VERDICTS_MAX);
}

static void every_kind_of_signer_is_read(void **state)
{
	static struct receipt receipt;
	struct err err;

	(void)state;
	assert_int_equal(receipt_parse(FULL SIGSTORE, strlen(FULL SIGSTORE),
	                               &receipt, &err),
	                 0);
	assert_int_equal(receipt.signer_count, 4);
	assert_false(receipt.signers[1].has_key);
	assert_int_equal(receipt.signers[2].kind, SIGNER_COSIGN);
	assert_int_equal(receipt.signers[2].key[1], 0x11);
	assert_string_equal(receipt.signers[2].name, "cosign");
	assert_int_equal(receipt.signers[3].kind, SIGNER_IDENTITY);
	assert_string_equal(receipt.signers[3].name, "release");
	assert_string_equal(receipt.signers[3].subject,
	                    "https://github.com/o/r");
	assert_int_equal(receipt.evidence_count, 4);
	assert_false(receipt.evidence[0].has_time);
	assert_false(receipt.evidence[1].has_log);
	assert_int_equal(receipt.evidence[2].time, 1767326400);
	assert_int_equal(receipt.evidence[2].log_index, 17);
	assert_string_equal(receipt.evidence[3].name,
	                    "attestation.intoto.jsonl.2");
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
		cmocka_unit_test(every_kind_of_signer_is_read),
		cmocka_unit_test(a_signer_too_many_is_refused),
		cmocka_unit_test(the_longest_receipt_fits),
		cmocka_unit_test(any_source_can_be_recorded),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
