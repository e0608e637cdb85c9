/* SPDX-License-Identifier: Apache-2.0 */
/* Verification with the n-th allocation failing, ours and libcrypto's: a bad
 * bundle is never taken for a good one because some check could not be made,
 * and nothing of ours is left behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../unit/make_instance.h"
#include "codec/json_read.h"
#include "crypto/init.h"
#include "short_memory.h"
#include "sigstore/verify.h"

#define ARTIFACT       "the artifact\n"
#define ALLOCATION_MAX 200000 /* of one verification; more is a loop */
/* libcrypto allocates thousands of times: every so many is tried. */
#define STRIDE 23

static struct instance instance;
static struct sigstore_trust *trust;

/* The C library's own, by the linker's names: libcrypto's memory is none of
 * ours. */
void *__real_malloc(size_t size);
void *__real_realloc(void *old, size_t size);
void __real_free(void *block);

static size_t countdown; /* 1: the next one fails; 0: none does */
static bool has_failed;

static bool fails(void)
{
	if (countdown == 0 || --countdown > 0)
		return false;
	has_failed = true;
	return true;
}

static void *crypto_allocate(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return fails() ? NULL : __real_malloc(size);
}

static void *crypto_extend(void *old, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return fails() ? NULL : __real_realloc(old, size);
}

static void crypto_release(void *block, const char *file, int line)
{
	(void)file;
	(void)line;
	__real_free(block);
}

/* --- one verification
 * ------------------------------------------------------ */

static int verify(const struct made_bundle *made, struct err *err)
{
	AUTO_SIGSTORE struct sigstore_bundle bundle = SIGSTORE_BUNDLE_NONE;
	struct sigstore_result result = { .time_count = 77 };
	const struct sigstore_trust *trusts[] = { trust };
	const struct sigstore_request request = {
		.bundle = &bundle,
		.artifact = bytes_of(ARTIFACT),
		.identity = INSTANCE_WHO,
		.issuer = INSTANCE_SAYS,
		.trusts = trusts,
		.trust_count = 1,
	};

	if (sigstore_bundle_parse(buf_text(&made->text), made->text.len,
	                          &bundle, err) < 0)
		return -1;
	if (sigstore_verify(&request, &result, err) < 0) {
		if (result.time_count != 77)
			fail_msg("the result was touched");
		return -1;
	}
	sigstore_result_done(&result);
	return 0;
}

/* --- our own allocations
 * --------------------------------------------------- */

static void our_memory_fails(const char *name, const struct made_bundle *made)
{
	for (size_t nth = 1; nth < ALLOCATION_MAX; nth++) {
		struct err err = { .code = ERR_NONE };
		long leaked;
		bool failed;
		int got;

		short_memory_begin(nth);
		got = verify(made, &err);
		failed = short_memory_end(&leaked);
		if (!failed) {
			assert_int_equal(got, 0);
			return;
		}
		if (got != -1 || err.code != ERR_SYSTEM || leaked != 0)
			fail_msg("%s, allocation %zu: got %d, code %d, %ld "
			         "leaked",
			         name, nth, got, (int)err.code, leaked);
	}
	fail_msg("%s: no end of allocations", name);
}

static void short_memory_of_ours_is_said_and_cleaned_up(void **state)
{
	struct bundle_plan plan = { .artifact = ARTIFACT,
		                    .ct = &instance,
		                    .stampers = { &instance } };
	struct made_bundle made;

	(void)state;
	make_bundle(&instance, &plan, &made);
	our_memory_fails("a message", &made);
	made_bundle_done(&made);
	plan.is_attestation = true;
	make_bundle(&instance, &plan, &made);
	our_memory_fails("an attestation", &made);
	made_bundle_done(&made);
}

/* --- libcrypto's
 * ----------------------------------------------------------- */

/* @want: 0 for a good bundle, which may fail; -1 for one that must. */
static void their_memory_fails(const char *name, const struct bundle_plan *rest,
                               int want)
{
	struct bundle_plan plan = *rest;
	struct made_bundle made;

	plan.artifact = ARTIFACT;
	make_bundle(&instance, &plan, &made);
	for (size_t nth = 1; nth < ALLOCATION_MAX; nth += STRIDE) {
		struct err err = { .code = ERR_NONE };
		int got;

		countdown = nth;
		has_failed = false;
		got = verify(&made, &err);
		countdown = 0;
		if (got == 0 && want < 0)
			fail_msg("%s, allocation %zu: accepted", name, nth);
		if (!has_failed) {
			assert_int_equal(got, want);
			break;
		}
	}
	made_bundle_done(&made);
}

#define WITNESSED .ct = &instance, .stampers = { &instance }

static const struct {
	const char *name;
	struct bundle_plan plan;
	int want;
} cases[] = {
	{ "a good bundle", { WITNESSED }, 0 },
	{ "a good attestation", { WITNESSED, .is_attestation = true }, 0 },
	{ "another signature", { WITNESSED, .signed_text = "other" }, -1 },
	{ "another subject",
	  { WITNESSED, .is_attestation = true, .subject = "{\"x\":\"00\"}" },
	  -1 },
	{ "another entry", { WITNESSED, .logged_text = "other" }, -1 },
	{ "another's promise",
	  { WITNESSED, .is_promised_by_other = true },
	  -1 },
	{ "another's checkpoint",
	  { WITNESSED, .is_noted_by_other = true },
	  -1 },
	{ "another's proof", { WITNESSED, .proves_other = true }, -1 },
	{ "a timestamp of another signature",
	  { WITNESSED, .stamped_text = "other" },
	  -1 },
	{ "no SCT", { .stampers = { &instance } }, -1 },
	{ "a certificate for servers",
	  { WITNESSED, .usage = "serverAuth" },
	  -1 },
	{ "a promise after the certificate ended",
	  { WITNESSED, .integrated = INSTANCE_TIME + 601 },
	  -1 },
};

static void short_memory_never_lets_a_bad_bundle_pass(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		their_memory_fails(cases[i].name, &cases[i].plan,
		                   cases[i].want);
}

static int begin(void **state)
{
	const struct root_plan root = { .logs = &instance,
		                        .authority = &instance,
		                        .ct = &instance,
		                        .stamper = &instance };

	(void)state;
	instance_init(&instance, false);
	trust = make_trust(&root, SIGSTORE_PUBLIC);
	return 0;
}

static int end(void **state)
{
	(void)state;
	sigstore_trust_free(trust);
	instance_done(&instance);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_memory_of_ours_is_said_and_cleaned_up),
		cmocka_unit_test(short_memory_never_lets_a_bad_bundle_pass),
	};
	struct err err;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	/* Before libcrypto's first allocation. */
	if (CRYPTO_set_mem_functions(crypto_allocate, crypto_extend,
	                             crypto_release) != 1 ||
	    crypto_init(&err) < 0 || json_read_init(&err) < 0)
		return 1;
	return cmocka_run_group_tests(tests, begin, end);
}
