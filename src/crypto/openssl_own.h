/* SPDX-License-Identifier: Apache-2.0 */
/* Scope-bound ownership (base/cleanup.h) of libcrypto's objects; each release
 * function takes NULL. */
#ifndef CRYPTO_OPENSSL_OWN_H
#define CRYPTO_OPENSSL_OWN_H

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ct.h>
#include <openssl/evp.h>
#include <openssl/ts.h>
#include <openssl/x509.h>

#include "base/cleanup.h"

#define AUTO_BIGNUM       AUTO(own_bignum_done)
#define AUTO_BIO          AUTO(own_bio_done)
#define AUTO_MD_CONTEXT   AUTO(own_md_context_done)
#define AUTO_PKEY         AUTO(own_pkey_done)
#define AUTO_PKEY_CONTEXT AUTO(own_pkey_context_done)
#define AUTO_SCTS         AUTO(own_scts_done)
#define AUTO_STORE        AUTO(own_store_done)
#define AUTO_STORE_CTX    AUTO(own_store_ctx_done)
#define AUTO_TS_RESPONSE  AUTO(own_ts_response_done)
#define AUTO_TS_CONTEXT   AUTO(own_ts_context_done)
#define AUTO_X509         AUTO(own_x509_done)
#define AUTO_X509S        AUTO(own_x509s_done)

static inline void own_bignum_done(BIGNUM **held)
{
	BN_free(*held);
}

static inline void own_bio_done(BIO **held)
{
	(void)BIO_free(*held); /* of memory: nothing to flush */
}

static inline void own_md_context_done(EVP_MD_CTX **held)
{
	EVP_MD_CTX_free(*held);
}

static inline void own_pkey_done(EVP_PKEY **held)
{
	EVP_PKEY_free(*held);
}

static inline void own_pkey_context_done(EVP_PKEY_CTX **held)
{
	EVP_PKEY_CTX_free(*held);
}

static inline void own_scts_done(STACK_OF(SCT) * *held)
{
	SCT_LIST_free(*held);
}

static inline void own_store_done(X509_STORE **held)
{
	X509_STORE_free(*held);
}

static inline void own_store_ctx_done(X509_STORE_CTX **held)
{
	X509_STORE_CTX_free(*held);
}

static inline void own_ts_response_done(TS_RESP **held)
{
	TS_RESP_free(*held);
}

static inline void own_ts_context_done(TS_VERIFY_CTX **held)
{
	TS_VERIFY_CTX_free(*held);
}

static inline void own_x509_done(X509 **held)
{
	X509_free(*held);
}

/* The list and a reference to each of its certificates. */
static inline void own_x509s_done(STACK_OF(X509) * *held)
{
	sk_X509_pop_free(*held, X509_free);
}

#endif
