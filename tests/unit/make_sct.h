/* SPDX-License-Identifier: Apache-2.0 */
/* A Certificate Transparency log, made when the test runs: its timestamps, put
 * into certificates as a certificate authority does. */
#ifndef TESTS_MAKE_SCT_H
#define TESTS_MAKE_SCT_H

#include <stdio.h>

#include "base/buf.h"
#include "base/text.h"
#include "make_certificate.h"

#define SCT_KIND  "1.3.6.1.4.1.11129.2.4.2"
#define SCT_SPACE 1024

/* One timestamp to make. */
struct sct_plan {
	EVP_PKEY *log;
	uint64_t ms;
	struct bytes extensions; /* those of Static CT */
	size_t flip; /* byte of the signature to change, from 1 on */
	uint8_t hash, algorithm; /* 0: SHA-256 (4) and ECDSA (3) */
};

/* Unlike the code under test, with the certificate's own functions. */
static inline void put(struct buf *buf, uint64_t number, size_t size)
{
	struct err err;

	while (size-- > 0) {
		uint8_t byte = (uint8_t)(number >> (8 * size));

		if (buf_add(buf, &byte, 1, &err) < 0)
			return;
	}
}

static inline void put_bytes(struct buf *buf, const void *data, size_t len)
{
	struct err err;

	for (size_t i = 0; i < len; i++)
		if (buf_add(buf, (const uint8_t *)data + i, 1, &err) < 0)
			return;
}

/* The bytes that a log signs for a certificate without timestamps. */
static inline void make_sct_text(X509 *precertificate, EVP_PKEY *issuer_key,
                                 const struct sct_plan *plan, struct buf *out)
{
	unsigned char *tbs = NULL, *spki = NULL;
	int tbs_len = i2d_re_X509_tbs(precertificate, &tbs);
	int spki_len = i2d_PUBKEY(issuer_key, &spki);
	uint8_t hash[SHA256_LEN];
	struct err err;

	put(out, 0, 2);
	put(out, plan->ms, 8);
	put(out, 1, 2);
	if (sha256_of(spki, (size_t)spki_len, hash, &err) == 0)
		put_bytes(out, hash, sizeof hash);
	put(out, (uint64_t)tbs_len, 3);
	put_bytes(out, tbs, (size_t)tbs_len);
	put(out, plan->extensions.len, 2);
	put_bytes(out, plan->extensions.data, plan->extensions.len);
	OPENSSL_free(tbs);
	OPENSSL_free(spki);
}

/* One timestamp as it stands in the list, with its length. */
static inline void make_sct(X509 *precertificate, EVP_PKEY *issuer_key,
                            const struct sct_plan *plan, struct buf *out)
{
	AUTO_PUBLIC_KEY struct public_key log = PUBLIC_KEY_NONE;
	AUTO_BUF struct buf text = BUF_NONE;
	uint8_t signature[SIGNATURE_SPACE];
	size_t len;
	struct err err;

	make_sct_text(precertificate, issuer_key, plan, &text);
	len = make_signature(
		plan->log, EVP_sha256(),
		(struct bytes){ (const uint8_t *)text.data, text.len },
		signature);
	if (plan->flip > 0)
		signature[plan->flip - 1] ^= 1;
	if (make_public(plan->log, &log, &err) < 0)
		return;
	put(out, 1 + SHA256_LEN + 8 + 2 + plan->extensions.len + 4 + len, 2);
	put(out, 0, 1);
	put_bytes(out, log.id, SHA256_LEN);
	put(out, plan->ms, 8);
	put(out, plan->extensions.len, 2);
	put_bytes(out, plan->extensions.data, plan->extensions.len);
	put(out, plan->hash != 0 ? plan->hash : 4, 1);
	put(out, plan->algorithm != 0 ? plan->algorithm : 3, 1);
	put(out, len, 2);
	put_bytes(out, signature, len);
}

/* Add an extension whose value is an OCTET STRING that holds @list with its
 * length before it, and sign the certificate again. */
static inline int add_sct_list(X509 *x509, EVP_PKEY *issuer_key,
                               const struct buf *list)
{
	AUTO_BUF struct buf value = BUF_NONE;
	ASN1_OCTET_STRING *inner = ASN1_OCTET_STRING_new();
	ASN1_OCTET_STRING *outer = ASN1_OCTET_STRING_new();
	ASN1_OBJECT *kind = OBJ_txt2obj(SCT_KIND, 1);
	X509_EXTENSION *extension = NULL;
	unsigned char *der = NULL;
	int len, result = -1;

	put(&value, list->len, 2);
	put_bytes(&value, list->data, list->len);
	if (ASN1_OCTET_STRING_set(inner, (const unsigned char *)value.data,
	                          (int)value.len) == 1 &&
	    (len = i2d_ASN1_OCTET_STRING(inner, &der)) > 0 &&
	    ASN1_OCTET_STRING_set(outer, der, len) == 1 &&
	    (extension = X509_EXTENSION_create_by_OBJ(NULL, kind, 0, outer)) !=
	            NULL &&
	    X509_add_ext(x509, extension, -1) == 1 &&
	    X509_sign(x509, issuer_key, EVP_sha256()) > 0)
		result = 0;
	X509_EXTENSION_free(extension);
	ASN1_OBJECT_free(kind);
	ASN1_OCTET_STRING_free(outer);
	ASN1_OCTET_STRING_free(inner);
	OPENSSL_free(der);
	return result;
}

/* As @plan says, with @count timestamps.  NULL on failure. */
static inline X509 *make_logged(const struct certificate_plan *plan,
                                const struct sct_plan *scts, size_t count)
{
	AUTO_BUF struct buf list = BUF_NONE;
	X509 *x509 = make_certificate(plan);

	if (x509 == NULL)
		return NULL;
	for (size_t i = 0; i < count; i++)
		make_sct(x509, plan->issuer_key, &scts[i], &list);
	if (add_sct_list(x509, plan->issuer_key, &list) == 0)
		return x509;
	X509_free(x509);
	return NULL;
}

#endif
