/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates of any kind, good and bad, made when the test runs. */
#ifndef TESTS_MAKE_CERTIFICATE_H
#define TESTS_MAKE_CERTIFICATE_H

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "crypto/certificate.h"
#include "make_key.h"

/* As in openssl.cnf: names or numbers of an extension, and its value, as
 * "URI:https://x", "ASN1:UTF8:x" or "DER:0500". */
struct extension {
	const char *kind, *value;
};

#define EXTENSIONS_MAX 80

/* What to make; ends with an extension whose kind is NULL. */
struct certificate_plan {
	const char *name; /* NULL: empty */
	EVP_PKEY *key;
	X509 *issuer; /* NULL: itself */
	EVP_PKEY *issuer_key;
	int64_t from, to; /* seconds */
	struct extension extensions[EXTENSIONS_MAX];
};

#define PLAN_CA                                                                \
	{ "basicConstraints", "critical,CA:TRUE" },                            \
	{                                                                      \
		"keyUsage", "critical,keyCertSign,cRLSign"                     \
	}

static inline int add_extension(X509 *x509, X509 *issuer,
                                const struct extension *plan)
{
	X509V3_CTX context;
	X509_EXTENSION *extension;
	int result;

	X509V3_set_ctx(&context, issuer, x509, NULL, NULL, 0);
	extension = X509V3_EXT_nconf(NULL, &context, plan->kind, plan->value);
	if (extension == NULL)
		return -1;
	result = X509_add_ext(x509, extension, -1) == 1 ? 0 : -1;
	X509_EXTENSION_free(extension);
	return result;
}

static inline int fill_certificate(X509 *x509,
                                   const struct certificate_plan *plan)
{
	static long serial;
	X509 *issuer = plan->issuer != NULL ? plan->issuer : x509;

	if (X509_set_version(x509, X509_VERSION_3) != 1 ||
	    ASN1_INTEGER_set(X509_get_serialNumber(x509), ++serial) != 1 ||
	    ASN1_TIME_set(X509_getm_notBefore(x509), (time_t)plan->from) ==
	            NULL ||
	    ASN1_TIME_set(X509_getm_notAfter(x509), (time_t)plan->to) == NULL ||
	    X509_set_pubkey(x509, plan->key) != 1)
		return -1;
	if (plan->name != NULL &&
	    X509_NAME_add_entry_by_txt(
		    X509_get_subject_name(x509), "CN", MBSTRING_UTF8,
		    (const unsigned char *)plan->name, -1, -1, 0) != 1)
		return -1;
	if (X509_set_issuer_name(x509, X509_get_subject_name(issuer)) != 1)
		return -1;
	for (size_t i = 0; plan->extensions[i].kind != NULL; i++)
		if (add_extension(x509, issuer, &plan->extensions[i]) < 0)
			return -1;
	return 0;
}

/* NULL on failure; owned by the caller. */
static inline X509 *make_certificate(const struct certificate_plan *plan)
{
	EVP_PKEY *key = plan->issuer_key != NULL ? plan->issuer_key : plan->key;
	X509 *x509 = X509_new();

	if (x509 != NULL && (fill_certificate(x509, plan) < 0 ||
	                     X509_sign(x509, key, EVP_sha256()) <= 0)) {
		X509_free(x509);
		return NULL;
	}
	return x509;
}

static inline int parse_certificate(const X509 *x509, struct certificate *out,
                                    struct err *err)
{
	unsigned char *der = NULL;
	int len = i2d_X509(x509, &der);
	int result = certificate_parse(
		(struct bytes){ der, len > 0 ? (size_t)len : 0 }, out, err);

	OPENSSL_free(der);
	return result;
}

/* Put @x509 at the end of a chain. */
static inline int chain_add(struct certificate_chain *chain, const X509 *x509,
                            struct err *err)
{
	unsigned char *der = NULL;
	int len = i2d_X509(x509, &der);
	int result = certificate_chain_add(
		chain, (struct bytes){ der, len > 0 ? (size_t)len : 0 }, err);

	OPENSSL_free(der);
	return result;
}

#endif
