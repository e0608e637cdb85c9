/* SPDX-License-Identifier: Apache-2.0 */
/* A time stamping authority, made when the test runs. */
#ifndef TESTS_MAKE_TIMESTAMP_H
#define TESTS_MAKE_TIMESTAMP_H

#include <openssl/ts.h>

#include "make_certificate.h"

/* One response to make. */
struct timestamp_plan {
	X509 *signer;
	EVP_PKEY *key;
	X509 *embedded; /* besides the signer; NULL: no certificate at all */
	long seconds, microseconds;
	const EVP_MD *(*imprint)(void), *(*signed_over)(void); /* SHA-256 */
	/* Changes the signer once OpenSSL found it fit for time stamping. */
	void (*spoil)(X509 *signer);
};

#define PLAN_TSA                                                               \
	{ "keyUsage", "critical,digitalSignature" },                           \
	{                                                                      \
		"extendedKeyUsage", "critical,timeStamping"                    \
	}

static inline ASN1_INTEGER *timestamp_serial(TS_RESP_CTX *context, void *data)
{
	static long serial;
	ASN1_INTEGER *number = ASN1_INTEGER_new();

	(void)context;
	(void)data;
	if (number != NULL)
		(void)ASN1_INTEGER_set(number, ++serial);
	return number;
}

static inline int timestamp_time(TS_RESP_CTX *context, void *data,
                                 long *seconds, long *microseconds)
{
	const struct timestamp_plan *plan = data;

	(void)context;
	*seconds = plan->seconds;
	*microseconds = plan->microseconds;
	return 1;
}

/* The request, in DER, in memory. */
static inline BIO *make_timestamp_request(const struct timestamp_plan *plan,
                                          struct bytes message)
{
	const EVP_MD *hash =
		plan->imprint != NULL ? plan->imprint() : EVP_sha256();
	TS_REQ *request = TS_REQ_new();
	TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
	X509_ALGOR *algorithm = X509_ALGOR_new();
	BIO *bio = BIO_new(BIO_s_mem());
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	X509_ALGOR_set_md(algorithm, hash);
	if (EVP_Digest(message.data, message.len, digest, &len, hash, NULL) !=
	            1 ||
	    TS_MSG_IMPRINT_set_algo(imprint, algorithm) != 1 ||
	    TS_MSG_IMPRINT_set_msg(imprint, digest, (int)len) != 1 ||
	    TS_REQ_set_version(request, 1) != 1 ||
	    TS_REQ_set_msg_imprint(request, imprint) != 1 ||
	    TS_REQ_set_cert_req(request, plan->embedded != NULL) != 1 ||
	    i2d_TS_REQ_bio(bio, request) != 1) {
		BIO_free(bio);
		bio = NULL;
	}
	X509_ALGOR_free(algorithm);
	TS_MSG_IMPRINT_free(imprint);
	TS_REQ_free(request);
	return bio;
}

static inline int set_timestamp_signer(TS_RESP_CTX *context,
                                       const struct timestamp_plan *plan)
{
	const EVP_MD *hash =
		plan->signed_over != NULL ? plan->signed_over() : EVP_sha256();
	STACK_OF(X509) *embedded = sk_X509_new_null();
	ASN1_OBJECT *policy = OBJ_txt2obj("1.2.3.4", 1);
	int result = -1;

	if (plan->embedded != NULL)
		(void)sk_X509_push(embedded, plan->embedded);
	if (TS_RESP_CTX_set_signer_cert(context, plan->signer) == 1 &&
	    TS_RESP_CTX_set_signer_key(context, plan->key) == 1 &&
	    TS_RESP_CTX_set_signer_digest(context, hash) == 1 &&
	    TS_RESP_CTX_set_ess_cert_id_digest(context, EVP_sha256()) == 1 &&
	    TS_RESP_CTX_set_certs(context, embedded) == 1 &&
	    TS_RESP_CTX_set_def_policy(context, policy) == 1)
		result = 0;
	ASN1_OBJECT_free(policy);
	sk_X509_free(embedded);
	return result;
}

/* NULL on failure; owned by the caller. */
static inline TS_RESP *make_timestamp(const struct timestamp_plan *plan,
                                      struct bytes message)
{
	BIO *request = make_timestamp_request(plan, message);
	TS_RESP_CTX *context = TS_RESP_CTX_new();
	TS_RESP *response = NULL;

	TS_RESP_CTX_set_serial_cb(context, timestamp_serial, NULL);
	TS_RESP_CTX_set_time_cb(context, timestamp_time, (void *)plan);
	if (request == NULL || set_timestamp_signer(context, plan) < 0) {
		TS_RESP_CTX_free(context);
		BIO_free(request);
		return NULL;
	}
	if (plan->spoil != NULL)
		plan->spoil(plan->signer);
	if (TS_RESP_CTX_add_md(context, EVP_sha1()) == 1 &&
	    TS_RESP_CTX_add_md(context, EVP_sha256()) == 1 &&
	    TS_RESP_CTX_add_md(context, EVP_sha384()) == 1 &&
	    TS_RESP_CTX_add_md(context, EVP_sha512()) == 1 &&
	    TS_RESP_CTX_set_clock_precision_digits(context, 6) == 1)
		response = TS_RESP_create_response(context, request);
	TS_RESP_CTX_free(context);
	BIO_free(request);
	return response;
}

#endif
