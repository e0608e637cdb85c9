/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"

static struct evidence_verdict attestation(void)
{
	return (struct evidence_verdict){ .kind = VERDICT_ATTESTATION,
		                          .part_kind = PART_ATTESTATION,
		                          .line = VERDICT_ATTESTATIONS_MAX,
		                          .is_provenance = 1,
		                          .has_time = 1,
		                          .has_log = 1,
		                          .identities = UINT64_MAX,
		                          .cosign_keys = UINT64_MAX,
		                          .minisign_keys = UINT64_MAX,
		                          .time = CLOCK_MAX,
		                          .log_index = INT64_MAX,
		                          .subject = "a",
		                          .issuer = "b",
		                          .reason = "c" };
}

static struct evidence_verdict signature(void)
{
	return (struct evidence_verdict){ .kind = VERDICT_SIGNATURE,
		                          .part_kind = PART_SIGSTORE,
		                          .ordinal = 1,
		                          .signature_len =
		                                  VERDICT_SIGNATURE_MAX };
}

static void what_a_worker_may_say_passes(void **state)
{
	struct evidence_verdict verdict = attestation();
	struct err err;

	(void)state;
	assert_int_equal(verdict_check(&verdict, &err), 0);
	verdict = signature();
	assert_int_equal(verdict_check(&verdict, &err), 0);
	verdict.kind = VERDICT_MESSAGE;
	verdict.signature_len = 0;
	verdict.identities = 1;
	assert_int_equal(verdict_check(&verdict, &err), 0);
}

#define REFUSES(make, change)                                                  \
	do {                                                                   \
		struct evidence_verdict v = make();                            \
		struct err err = { .code = ERR_NONE };                         \
		change;                                                        \
		if (verdict_check(&v, &err) != -1 || err.code != ERR_FORMAT)   \
			fail_msg("passes: %s", #change);                       \
	} while (0)

static void anything_else_is_refused(void **state)
{
	(void)state;
	REFUSES(attestation, v.kind = VERDICT_KINDS);
	REFUSES(attestation, v.kind = UINT32_MAX);
	REFUSES(attestation, v.kind = VERDICT_MESSAGE);
	REFUSES(attestation, v.kind = VERDICT_REFUSED);
	REFUSES(attestation, v.part_kind = PART_RELEASE_INI);
	REFUSES(attestation, v.part_kind = PART_SIGSTORE);
	REFUSES(attestation, v.ordinal = 1);
	REFUSES(attestation, v.line = 0);
	REFUSES(attestation, v.line = VERDICT_ATTESTATIONS_MAX + 1);
	REFUSES(attestation, v.signature_len = 1);
	REFUSES(attestation, v.is_provenance = 2);
	REFUSES(attestation, v.has_time = 2);
	REFUSES(attestation, v.has_log = 2);
	REFUSES(attestation, v.time = -1);
	REFUSES(attestation, v.time = CLOCK_MAX + 1);
	REFUSES(attestation, v.log_index = (uint64_t)INT64_MAX + 1);
	REFUSES(attestation, memset(v.subject, 'a', sizeof v.subject));
	REFUSES(attestation, memset(v.issuer, 'a', sizeof v.issuer));
	REFUSES(attestation, memset(v.reason, 'a', sizeof v.reason));
	REFUSES(attestation, v.subject[0] = '\033');
	REFUSES(attestation, v.issuer[0] = '\n');
	REFUSES(attestation, v.reason[0] = '\377');
	REFUSES(signature, v.signature_len = 0);
	REFUSES(signature, v.signature_len = VERDICT_SIGNATURE_MAX + 1);
	REFUSES(signature, v.identities = 1);
	REFUSES(signature, v.cosign_keys = 1);
	REFUSES(signature, v.minisign_keys = 1);
	REFUSES(signature, v.is_provenance = 1);
	REFUSES(signature, v.line = 1);
}

static void each_has_a_name(void **state)
{
	struct evidence_verdict verdict = attestation();
	char name[VERDICT_NAME_SIZE];

	(void)state;
	verdict_name(&verdict, name);
	assert_string_equal(name, "attestation.intoto.jsonl.64");
	verdict = signature();
	verdict_name(&verdict, name);
	assert_string_equal(name, "release.ini.1.sigstore.json");
	assert_string_equal(verdict_kind_name(VERDICT_SIGNATURE), "signature");
	assert_string_equal(verdict_kind_name(VERDICT_KINDS), "unknown");
}

static void a_refusal_is_a_legal_verdict(void **state)
{
	struct evidence_verdict verdict = attestation();
	struct err why, err;
	char text[300];

	(void)state;
	memset(text, 'a', sizeof text);
	/* The cut halves one of these characters. */
	for (size_t i = 0; i + 1 < sizeof text; i += 2)
		memcpy(text + i, "\xc3\xbc", 2);
	text[0] = '\n';
	text[1] = 'x';
	text[2] = 'x';
	memmove(text + 3, text + 4, sizeof text - 4);
	text[sizeof text - 2] = '\0';
	err_set(&why, ERR_UNTRUSTED, 0, "%s", text);
	verdict_refuse(&verdict, &why);
	assert_int_equal(verdict.kind, VERDICT_REFUSED);
	assert_int_equal(verdict.line, VERDICT_ATTESTATIONS_MAX);
	assert_int_equal(verdict.identities, 0);
	assert_string_equal(verdict.subject, "");
	assert_int_equal(verdict_check(&verdict, &err), 0);
	assert_in_range(strlen(verdict.reason), VERDICT_REASON_SIZE - 2,
	                VERDICT_REASON_SIZE - 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_worker_may_say_passes),
		cmocka_unit_test(anything_else_is_refused),
		cmocka_unit_test(each_has_a_name),
		cmocka_unit_test(a_refusal_is_a_legal_verdict),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
