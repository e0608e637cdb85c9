/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/trusted_root.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "changed_text.h"

#define TYPE "application/vnd.dev.sigstore.trustedroot+json;version=0.1"
#define LOG                                                                    \
	"{\"baseUrl\":\"https://log.example\",\"hashAlgorithm\":\"SHA2_256\"," \
	"\"publicKey\":{\"rawBytes\":\"a2V5\",\"keyDetails\":\"SOME_KEY\","    \
	"\"validFor\":{\"start\":\"2021-01-12T11:53:27Z\"}},"                  \
	"\"logId\":{\"keyId\":\"aWQ=\"}}"
#define CT_LOG                                                                 \
	"{\"publicKey\":{\"rawBytes\":\"Y3Q=\",\"validFor\":{"                 \
	"\"start\":\"2021-03-14T00:00:00Z\","                                  \
	"\"end\":\"2022-10-31T23:59:59.999Z\"}},"                              \
	"\"logId\":{\"keyId\":\"aWQy\"},\"operator\":\"somebody\","            \
	"\"checkpointKeyId\":{\"keyId\":\"Y3A=\"}}"
#define CERTIFICATE "{\"rawBytes\":\"Y2E=\"}"
#define CA                                                                     \
	"{\"subject\":{\"organization\":\"o\",\"commonName\":\"cn\"},"         \
	"\"uri\":\"https://"                                                   \
	"ca.example\",\"certChain\":{\"certificates\":[" CERTIFICATE           \
	",{\"rawBytes\":\"cm9vdA==\"}]},"                                      \
	"\"validFor\":{\"start\":\"2022-04-13T20:06:15.000Z\"}}"
#define TSA                                                                    \
	"{\"certChain\":{\"certificates\":[{\"rawBytes\":\"dHNh\"}]},"         \
	"\"validFor\":{\"start\":\"2025-04-09T00:00:00Z\",\"end\":null}}"
#define ROOT                                                                   \
	"{\"mediaType\":\"" TYPE "\",\"tlogs\":[" LOG "],\"ctlogs\":[" CT_LOG  \
	"],\"certificateAuthorities\":[" CA "],\"timestampAuthorities\":[" TSA \
	"]}"

static const char root_text[] = ROOT;

static int parse(const char *text, struct trusted_roots *out, struct err *err)
{
	return trusted_roots_parse(text, strlen(text), out, err);
}

static void require_bytes_are(struct bytes bytes, const char *want)
{
	assert_int_equal(bytes.len, strlen(want));
	assert_memory_equal(bytes.data, want, bytes.len);
}

static void logs_are_given(void **state)
{
	AUTO_TRUSTED_ROOTS struct trusted_roots roots = TRUSTED_ROOTS_NONE;
	const struct trusted_log *log, *ct_log;
	struct err err;

	(void)state;
	assert_int_equal(parse(root_text, &roots, &err), 0);
	assert_int_equal(roots.count, 1);
	assert_int_equal(roots.roots[0].log_count, 1);
	assert_int_equal(roots.roots[0].ct_log_count, 1);
	log = &roots.roots[0].logs[0];
	ct_log = &roots.roots[0].ct_logs[0];
	assert_string_equal(log->base_url, "https://log.example");
	assert_string_equal(log->hash_algorithm, "SHA2_256");
	assert_string_equal(log->key_details, "SOME_KEY");
	require_bytes_are(log->key, "key");
	require_bytes_are(log->id, "id");
	assert_int_equal(log->checkpoint_id.len, 0);
	assert_int_equal(log->valid.from.seconds, 1610452407);
	assert_int_equal(instant_compare(log->valid.to, INSTANT_LAST), 0);
	assert_string_equal(ct_log->base_url, "");
	assert_string_equal(ct_log->key_details, "");
	require_bytes_are(ct_log->checkpoint_id, "cp");
	assert_int_equal(ct_log->valid.to.seconds, 1667260799);
	assert_int_equal(ct_log->valid.to.nanoseconds, 999000000);
}

static void authorities_are_given(void **state)
{
	AUTO_TRUSTED_ROOTS struct trusted_roots roots = TRUSTED_ROOTS_NONE;
	const struct trusted_authority *ca, *tsa;
	struct err err;

	(void)state;
	assert_int_equal(parse(root_text, &roots, &err), 0);
	assert_int_equal(roots.roots[0].authority_count, 1);
	assert_int_equal(roots.roots[0].timestamper_count, 1);
	ca = &roots.roots[0].authorities[0];
	tsa = &roots.roots[0].timestampers[0];
	assert_string_equal(ca->organization, "o");
	assert_string_equal(ca->common_name, "cn");
	assert_string_equal(ca->uri, "https://ca.example");
	assert_int_equal(ca->certificate_count, 2);
	require_bytes_are(ca->certificates[0], "ca");
	require_bytes_are(ca->certificates[1], "root");
	assert_int_equal(ca->valid.from.seconds, 1649880375);
	assert_int_equal(tsa->certificate_count, 1);
	require_bytes_are(tsa->certificates[0], "tsa");
	assert_string_equal(tsa->organization, "");
	assert_int_equal(instant_compare(tsa->valid.to, INSTANT_LAST), 0);
}

static void several_roots_of_one_file_are_given(void **state)
{
	static const struct {
		const char *text;
		size_t want;
	} files[] = {
		{ ROOT, 1 },
		{ "\n" ROOT "\n", 1 },
		{ ROOT "\n" ROOT "\n", 2 },
		{ ROOT "\r\n\r\n" ROOT, 2 },
		{ ROOT ROOT ROOT, 3 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
		AUTO_TRUSTED_ROOTS struct trusted_roots roots =
			TRUSTED_ROOTS_NONE;
		struct err err;

		assert_int_equal(parse(files[i].text, &roots, &err), 0);
		assert_int_equal(roots.count, files[i].want);
		for (size_t k = 0; k < roots.count; k++)
			require_bytes_are(roots.roots[k].logs[0].key, "key");
	}
}

static const struct change {
	const char *name, *from, *to;
	enum err_code code;
	const char *field; /* how the error begins */
} changes[] = {
	{ "the media type .v0.1", TYPE,
	  "application/vnd.dev.sigstore.trustedroot.v0.1+json", ERR_NONE,
	  NULL },
	{ "the media type .v0.2", TYPE,
	  "application/vnd.dev.sigstore.trustedroot.v0.2+json", ERR_NONE,
	  NULL },
	{ "no logs", "\"tlogs\":[" LOG "],", "", ERR_NONE, NULL },
	{ "a null operator", "\"somebody\"", "null", ERR_NONE, NULL },
	{ "no subject",
	  "\"subject\":{\"organization\":\"o\",\"commonName\":\"cn\"},", "",
	  ERR_NONE, NULL },
	{ "a window of one moment", "2022-10-31T23:59:59.999Z",
	  "2021-03-14T00:00:00Z", ERR_NONE, NULL },

	{ "the media type .v0.3", TYPE,
	  "application/vnd.dev.sigstore.trustedroot.v0.3+json", ERR_FORMAT,
	  "trusted root 1: mediaType: '" },
	{ "no media type", "\"mediaType\":\"" TYPE "\",", "", ERR_FORMAT,
	  "trusted root 1: mediaType: is missing" },
	{ "a signing configuration", TYPE,
	  "application/vnd.dev.sigstore.signingconfig.v0.2+json", ERR_FORMAT,
	  "trusted root 1: mediaType: '" },
	{ "an unknown member", "\"tlogs\"", "\"logs\"", ERR_FORMAT,
	  "trusted root 1: top level: unknown member 'logs'" },
	{ "an unknown member of a log", "\"baseUrl\"", "\"url\"", ERR_FORMAT,
	  "trusted root 1: tlogs[0]: unknown member 'url'" },
	{ "an unknown member of an authority", "\"uri\"", "\"url\"", ERR_FORMAT,
	  "trusted root 1: certificateAuthorities[0]: unknown" },
	{ "a log without key", "\"a2V5\"", "\"\"", ERR_FORMAT,
	  "trusted root 1: tlogs[0].publicKey.rawBytes: is missing" },
	{ "a log without id", ",\"logId\":{\"keyId\":\"aWQ=\"}", "", ERR_FORMAT,
	  "trusted root 1: tlogs[0].logId: is missing" },
	{ "a log without window",
	  ",\"validFor\":{\"start\":\"2021-01-12T11:53:27Z\"}", "", ERR_FORMAT,
	  "trusted root 1: tlogs[0].publicKey.validFor: is missing" },
	{ "a log without start", "\"start\":\"2021-01-12T11:53:27Z\"", "",
	  ERR_FORMAT,
	  "trusted root 1: tlogs[0].publicKey.validFor.start: is missing" },
	{ "a ct log without start", "\"start\":\"2021-03-14T00:00:00Z\",", "",
	  ERR_FORMAT, "trusted root 1: ctlogs[0].publicKey.validFor.start: " },
	{ "an authority without start",
	  "\"start\":\"2022-04-13T20:06:15.000Z\"", "", ERR_FORMAT,
	  "trusted root 1: certificateAuthorities[0].validFor.start: " },
	{ "a time with an offset", "2022-10-31T23:59:59.999Z",
	  "2022-10-31T23:59:59+00:00", ERR_FORMAT,
	  "trusted root 1: ctlogs[0].publicKey.validFor.end: '2022" },
	{ "a window that ends before it starts", "2022-10-31T23:59:59.999Z",
	  "2021-03-13T23:59:59.999999999Z", ERR_FORMAT,
	  "trusted root 1: ctlogs[0].publicKey.validFor: ends before" },
	{ "an authority without chain",
	  CERTIFICATE ",{\"rawBytes\":\"cm9vdA==\"}", "", ERR_FORMAT,
	  "trusted root 1: certificateAuthorities[0].certChain.certificates: "
	  "no" },
	{ "an empty certificate", "\"cm9vdA==\"", "\"\"", ERR_FORMAT,
	  "trusted root 1: certificateAuthorities[0].certChain.certificates[1]"
	  ".rawBytes: is missing" },
	{ "a timestamper without chain",
	  "\"certChain\":{\"certificates\":[{\"rawBytes\":\"dHNh\"}]},", "",
	  ERR_FORMAT, "trusted root 1: timestampAuthorities[0].certChain: " },
	{ "a key that stands twice", "\"tlogs\"", "\"ctlogs\"", ERR_FORMAT,
	  "trusted root 1: not JSON as demanded here: line 1: duplicate" },
	{ "bytes behind it", "\"end\":null}}]}", "\"end\":null}}]} x",
	  ERR_FORMAT, "trusted root 2: not JSON" },
	{ "no end", "\"end\":null}}]}", "\"end\":null}}]", ERR_FORMAT,
	  "trusted root 1: not JSON" },
};

static void each_change_is_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		const struct change *c = &changes[i];
		AUTO_TRUSTED_ROOTS struct trusted_roots roots =
			TRUSTED_ROOTS_NONE;
		AUTO_BUF struct buf text = BUF_NONE;
		struct err err = { .code = ERR_NONE };
		char shown[2 * ERR_TEXT_MAX] = "";
		int got;

		change_text(&text, root_text, c->from, c->to);
		got = parse(buf_text(&text), &roots, &err);
		if (got < 0)
			(void)err_format(&err, shown, sizeof shown);
		if (got != (c->code == ERR_NONE ? 0 : -1) ||
		    err.code != c->code)
			fail_msg("%s: got %d, code %d: %s", c->name, got,
			         (int)err.code, shown);
		if (got < 0 && (roots.roots != NULL || roots.count != 0))
			fail_msg("%s: touched what it was given", c->name);
		if (got < 0 && strncmp(shown, c->field, strlen(c->field)) != 0)
			fail_msg("%s: '%s'", c->name, shown);
	}
}

static void files_without_a_root_are_refused(void **state)
{
	static const char *const texts[] = {
		"", "\n", "[]", "{}", "null", "{\"mediaType\":\"" TYPE "\"}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		AUTO_TRUSTED_ROOTS struct trusted_roots roots =
			TRUSTED_ROOTS_NONE;
		struct err err;

		if (parse(texts[i], &roots, &err) == 0)
			fail_msg("'%s' was read", texts[i]);
		assert_int_equal(err.code, ERR_FORMAT);
	}
}

static const struct limit {
	const char *name, *from, *each;
	size_t max;
} limits[] = {
	{ "logs", LOG, LOG, TRUSTED_LOGS_MAX },
	{ "ct logs", CT_LOG, CT_LOG, TRUSTED_LOGS_MAX },
	{ "authorities", CA, CA, TRUSTED_AUTHORITIES_MAX },
	{ "timestampers", TSA, TSA, TRUSTED_AUTHORITIES_MAX },
	{ "certificates", CERTIFICATE ",{\"rawBytes\":\"cm9vdA==\"}",
	  CERTIFICATE, TRUSTED_CERTIFICATES_MAX },
};

static int parse_many(const struct limit *limit, size_t count, struct err *err)
{
	AUTO_TRUSTED_ROOTS struct trusted_roots roots = TRUSTED_ROOTS_NONE;
	AUTO_BUF struct buf list = BUF_NONE, text = BUF_NONE;

	repeat_text(&list, limit->each, count);
	change_text(&text, root_text, limit->from, buf_text(&list));
	return parse(buf_text(&text), &roots, err);
}

static void counts_are_limited(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
		struct err err = { .code = ERR_NONE };

		if (parse_many(&limits[i], limits[i].max, &err) < 0)
			fail_msg("%s: %s", limits[i].name, err.text);
		if (parse_many(&limits[i], limits[i].max + 1, &err) == 0)
			fail_msg("%s: one more was read", limits[i].name);
		assert_int_equal(err.code, ERR_LIMIT);
	}
}

static void roots_of_one_file_are_limited(void **state)
{
	AUTO_TRUSTED_ROOTS struct trusted_roots roots = TRUSTED_ROOTS_NONE;
	AUTO_BUF struct buf text = BUF_NONE;
	struct err err;

	(void)state;
	for (size_t i = 0; i <= TRUSTED_ROOTS_MAX; i++)
		assert_int_equal(buf_adds(&text, ROOT "\n", &err), 0);
	assert_int_equal(parse(buf_text(&text), &roots, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	buf_cut(&text, text.len - strlen(ROOT "\n"));
	assert_int_equal(
		trusted_roots_parse(buf_text(&text), text.len, &roots, &err),
		0);
	assert_int_equal(roots.count, TRUSTED_ROOTS_MAX);
}

static void the_file_is_limited(void **state)
{
	static char text[TRUSTED_ROOT_FILE_MAX + 1];
	AUTO_TRUSTED_ROOTS struct trusted_roots roots = TRUSTED_ROOTS_NONE;
	struct err err;

	(void)state;
	memset(text, ' ', sizeof text);
	memcpy(text, root_text, sizeof root_text - 1);
	assert_int_equal(trusted_roots_parse(text, sizeof text, &roots, &err),
	                 -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(
		trusted_roots_parse(text, sizeof text - 1, &roots, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(logs_are_given),
		cmocka_unit_test(authorities_are_given),
		cmocka_unit_test(several_roots_of_one_file_are_given),
		cmocka_unit_test(each_change_is_judged),
		cmocka_unit_test(files_without_a_root_are_refused),
		cmocka_unit_test(counts_are_limited),
		cmocka_unit_test(roots_of_one_file_are_limited),
		cmocka_unit_test(the_file_is_limited),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
