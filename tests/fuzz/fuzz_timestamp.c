/* SPDX-License-Identifier: Apache-2.0 */
/* Property: no bytes are a timestamp by an authority that signed nothing, with
 * its signer listed or its root alone.  No failure leaves a reason behind. */
#include <openssl/err.h>

#include "../unit/make_timestamp.h"
#include "crypto/init.h"
#include "crypto/timestamp.h"
#include "round_trip.h"

static struct certificate_chain with_signer, anchor_only;

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct certificate_plan root = { .name = "Root",
		                         .to = 2000000000,
		                         .extensions = { PLAN_CA } };
	struct certificate_plan tsa = { .name = "TSA",
		                        .to = 2000000000,
		                        .extensions = { PLAN_TSA } };
	struct err err;
	X509 *signer;

	(void)argc;
	(void)argv;
	require(crypto_init(&err) == 0);
	root.key = make_key("P-256");
	tsa.key = make_key("P-256");
	tsa.issuer = make_certificate(&root);
	tsa.issuer_key = root.key;
	require(tsa.issuer != NULL);
	signer = make_certificate(&tsa);
	require(signer != NULL && chain_add(&with_signer, signer, &err) == 0 &&
	        chain_add(&with_signer, tsa.issuer, &err) == 0 &&
	        chain_add(&anchor_only, tsa.issuer, &err) == 0);
	X509_free(signer);
	X509_free(tsa.issuer);
	EVP_PKEY_free(root.key);
	EVP_PKEY_free(tsa.key);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t text[] = "message"; /* what the seeds stamp */
	const struct bytes message = { text, sizeof text - 1 };
	struct instant time = { 77, 0 };
	struct err err;

	require(timestamp_verify((struct bytes){ data, size }, message,
	                         &with_signer, &time, &err) < 0);
	require(timestamp_verify((struct bytes){ data, size }, message,
	                         &anchor_only, &time, &err) < 0);
	require(time.seconds == 77);
	require(ERR_peek_error() == 0);
	return 0;
}
