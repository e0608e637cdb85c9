/* SPDX-License-Identifier: Apache-2.0 */
/* Properties: a certificate that is read is the same one when it is written and
 * read again; its claims are texts for everybody; none is vouched for by an
 * authority that signed nothing.  No failure leaves a reason behind. */
#include <openssl/err.h>

#include "../unit/make_certificate.h"
#include "base/text.h"
#include "crypto/init.h"
#include "crypto/sct.h"
#include "round_trip.h"

static struct certificate_chain authority;
static struct public_key log_key;

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct certificate_plan plan = { .name = "Root",
		                         .to = 2000000000,
		                         .extensions = { PLAN_CA } };
	struct err err;
	X509 *x509;

	(void)argc;
	(void)argv;
	require(crypto_init(&err) == 0);
	plan.key = make_key("P-256");
	x509 = make_certificate(&plan);
	require(x509 != NULL && chain_add(&authority, x509, &err) == 0 &&
	        make_public(plan.key, &log_key, &err) == 0);
	X509_free(x509);
	EVP_PKEY_free(plan.key);
	return 0;
}

static void try_again(const struct certificate *first, struct bytes der)
{
	AUTO_CERTIFICATE struct certificate second = CERTIFICATE_NONE;
	struct err err;

	require(certificate_parse(der, &second, &err) == 0);
	require(certificate_equal(first, &second));
}

static void try_claims(const struct certificate *certificate)
{
	static struct claims claims;
	struct err err;

	if (certificate_claims(certificate, &claims, &err) < 0)
		return;
	require(claims.text[CLAIM_SUBJECT][0] != '\0' &&
	        claims.text[CLAIM_ISSUER][0] != '\0');
	for (size_t i = 0; i < CLAIMS; i++) {
		size_t len = strnlen(claims.text[i], CLAIM_SIZE);

		require(len < CLAIM_SIZE &&
		        text_is_printable(claims.text[i], len));
	}
}

static void try_trust(const struct certificate *certificate)
{
	AUTO_PUBLIC_KEY struct public_key key = PUBLIC_KEY_NONE;
	struct ct_log log = { &log_key, PERIOD_ALWAYS };
	struct certificate issuer;
	struct sct sct;
	struct err err;

	(void)!certificate_key(certificate, &key, &err);
	require(certificate_verify(certificate, &authority, &authority,
	                           1000000000, &issuer, &err) < 0);
	require(sct_verify(certificate, &authority.items[0], &log, 1, &sct,
	                   &err) < 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_CERTIFICATE struct certificate certificate = CERTIFICATE_NONE;
	AUTO_CERTIFICATE struct certificate from_pem = CERTIFICATE_NONE;
	struct bytes der = { data, size };
	struct err err;

	(void)!certificate_from_pem((const char *)data, size, &from_pem, &err);
	if (certificate_parse(der, &certificate, &err) == 0) {
		try_again(&certificate, der);
		try_claims(&certificate);
		try_trust(&certificate);
	}
	require(ERR_peek_error() == 0);
	return 0;
}
