/* SPDX-License-Identifier: Apache-2.0 */
/* Forgeries, each judged again and again with another allocation of libcrypto's
 * failing: a lack of memory must never turn a no into a yes, nor crash. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <openssl/crypto.h>
#include <openssl/err.h>

#include "crypto/init.h"
#include "crypto/sct.h"
#include "crypto/timestamp.h"
#include "make_sct.h"
#include "make_timestamp.h"

#define BORN INT64_C(1700000000)
#define NONE                                                                   \
	{                                                                      \
		NULL, NULL                                                     \
	}
/* Far more than any of the functions makes. */
#define ALLOCATIONS_MAX 20000

/* --- libcrypto's memory --- */

static long until_failure = -1; /* -1: never */

static bool fails_now(void)
{
	return until_failure >= 0 && until_failure-- == 0;
}

static void *take(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return fails_now() ? NULL : malloc(size);
}

static void *take_again(void *held, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return fails_now() ? NULL : realloc(held, size);
}

static void give_back(void *held, const char *file, int line)
{
	(void)file;
	(void)line;
	free(held);
}

/* --- the forgeries: @authority and @log signed none of them --- */

static struct certificate leaf;
static struct certificate_chain authority;
static struct public_key log_key;
static unsigned char *stamp;
static size_t stamp_len;

static const uint8_t text[] = "what is signed";
static const struct bytes message = { text, sizeof text - 1 };

static int judge_path(struct err *err)
{
	struct certificate issuer;

	return certificate_verify(&leaf, &authority, NULL, BORN, &issuer, err);
}

static int judge_sct(struct err *err)
{
	struct ct_log log = { &log_key, PERIOD_ALWAYS };
	struct sct sct;

	return sct_verify(&leaf, &authority.items[0], &log, 1, &sct, err);
}

static int judge_stamp(struct err *err)
{
	struct instant time;

	return timestamp_verify((struct bytes){ stamp, stamp_len }, message,
	                        &authority, &time, err);
}

static int judge_signature(struct err *err)
{
	return public_key_verify(&log_key, message, (struct bytes){ stamp, 70 },
	                         err);
}

static int judge_digest(struct err *err)
{
	return public_key_verify_digest(&log_key, log_key.id,
	                                (struct bytes){ stamp, 70 }, err);
}

/* @step: to look at some of the allocations only, where there are many. */
static void stays_refused(int (*judge)(struct err *err), long step)
{
	struct err err;

	for (long n = 0; n < ALLOCATIONS_MAX; n += step) {
		bool was_reached;
		int got;

		until_failure = n;
		got = judge(&err);
		was_reached = until_failure < 0;
		until_failure = -1;
		ERR_clear_error();
		if (got == 0)
			fail_msg("accepted without allocation %ld", n);
		if (was_reached)
			continue;
		assert_int_equal(err.code, ERR_UNTRUSTED);
		return;
	}
	fail_msg("more than %d allocations", ALLOCATIONS_MAX);
}

static void refuses_a_path(void **state)
{
	(void)state;
	stays_refused(judge_path, 1);
}

static void refuses_an_sct(void **state)
{
	(void)state;
	stays_refused(judge_sct, 37);
}

static void refuses_a_timestamp(void **state)
{
	(void)state;
	stays_refused(judge_stamp, 1);
}

static void refuses_a_signature(void **state)
{
	(void)state;
	stays_refused(judge_signature, 1);
	stays_refused(judge_digest, 1);
}

static X509 *make_root(EVP_PKEY *key)
{
	struct certificate_plan plan = {
		"Root", key, NULL, NULL, BORN, BORN + 9, { PLAN_CA, NONE }
	};

	return make_certificate(&plan);
}

/* A root, and all below another one that bears its name. */
static int forge(void **state)
{
	EVP_PKEY *key = make_key("P-256"), *other = make_key("P-256");
	X509 *root = make_root(key), *false_root = make_root(other);
	struct certificate_plan plan = { "leaf",
		                         key,
		                         false_root,
		                         other,
		                         BORN,
		                         BORN + 9,
		                         { { "keyUsage", "digitalSignature" },
		                           { "extendedKeyUsage",
		                             "codeSigning" },
		                           NONE } };
	struct sct_plan sct = { .log = key, .ms = 1, .flip = 20 };
	X509 *below = make_logged(&plan, &sct, 1);
	struct certificate_plan stamper = {
		"TSA", key,      false_root,        other,
		BORN,  BORN + 9, { PLAN_TSA, NONE }
	};
	struct timestamp_plan to_make = { .signer = make_certificate(&stamper),
		                          .key = key,
		                          .embedded = false_root,
		                          .seconds = (long)BORN };
	TS_RESP *response = make_timestamp(&to_make, message);
	struct err err;
	int result = parse_certificate(below, &leaf, &err) +
	             chain_add(&authority, root, &err) +
	             make_public(key, &log_key, &err);

	(void)state;
	stamp_len = (size_t)i2d_TS_RESP(response, &stamp);
	TS_RESP_free(response);
	X509_free(to_make.signer);
	X509_free(below);
	X509_free(root);
	X509_free(false_root);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
	return result;
}

static int clean_up(void **state)
{
	(void)state;
	certificate_done(&leaf);
	certificate_chain_done(&authority);
	public_key_done(&log_key);
	OPENSSL_free(stamp);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_a_path),
		cmocka_unit_test(refuses_an_sct),
		cmocka_unit_test(refuses_a_timestamp),
		cmocka_unit_test(refuses_a_signature),
	};
	struct err err;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (CRYPTO_set_mem_functions(take, take_again, give_back) != 1 ||
	    crypto_init(&err) < 0)
		return 1;
	return cmocka_run_group_tests(tests, forge, clean_up);
}
