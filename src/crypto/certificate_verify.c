/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/x509v3.h>

#include "base/clock.h"
#include "crypto/certificate.h"
#include "crypto/certificate_path.h"
#include "crypto/openssl_err.h"
#include "crypto/openssl_own.h"

/* Of OpenSSL: at least 112 bits, as RSA with 2048 has, and no SHA-1. */
#define SECURITY_LEVEL 2

/* --- the leaf --- */

static int check_leaf(X509 *leaf, struct err *err)
{
	uint32_t flags = X509_get_extension_flags(leaf);

	if ((flags & EXFLAG_INVALID) != 0)
		return openssl_err_set(err, ERR_UNTRUSTED,
		                       "an extension of the certificate cannot "
		                       "be read");
	if (X509_check_ca(leaf) != 0)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "certificate is that of an authority, not of a "
		               "signer");
	if ((flags & EXFLAG_KUSAGE) == 0 ||
	    (X509_get_key_usage(leaf) & KU_DIGITAL_SIGNATURE) == 0)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "certificate lacks the key usage "
		               "digitalSignature");
	if ((flags & EXFLAG_XKUSAGE) == 0 ||
	    (X509_get_extended_key_usage(leaf) & XKU_CODE_SIGN) == 0)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "certificate lacks the extended key usage "
		               "codeSigning");
	return 0;
}

/* --- the path --- */

static int push(STACK_OF(X509) * list, X509 *x509, struct err *err)
{
	if (X509_up_ref(x509) != 1)
		return err_nomem(err);
	if (sk_X509_push(list, x509) > 0)
		return 0;
	X509_free(x509);
	return err_nomem(err);
}

static int push_chain(STACK_OF(X509) * list,
                      const struct certificate_chain *chain, struct err *err)
{
	for (size_t i = 0; i < chain->count; i++)
		if (push(list, chain->items[i].x509, err) < 0)
			return -1;
	return 0;
}

/* The last second of a certificate belongs to its life (RFC 5280, 4.1.2.5);
 * OpenSSL calls it expired then. */
static int keep_last_second(int is_good, X509_STORE_CTX *context)
{
	const X509_VERIFY_PARAM *rules = X509_STORE_CTX_get0_param(context);
	const X509 *x509 = X509_STORE_CTX_get_current_cert(context);

	if (X509_STORE_CTX_get_error(context) != X509_V_ERR_CERT_HAS_EXPIRED ||
	    ASN1_TIME_cmp_time_t(X509_get0_notAfter(x509),
	                         X509_VERIFY_PARAM_get_time(rules)) != 0)
		return is_good;
	X509_STORE_CTX_set_error(context, X509_V_OK);
	return 1;
}

int certificate_path_anchor(const struct certificate_chain *authority,
                            int64_t time, X509_STORE **out, struct err *err)
{
	AUTO_STORE X509_STORE *store = X509_STORE_new();
	X509_VERIFY_PARAM *rules;

	if (authority->count == 0)
		return err_set(err, ERR_USAGE, 0,
		               "an authority without certificates");
	if (store == NULL ||
	    X509_STORE_add_cert(
		    store, authority->items[authority->count - 1].x509) != 1)
		return openssl_err_set(err, ERR_SYSTEM,
		                       "no memory for an authority");
	rules = X509_STORE_get0_param(store);
	X509_VERIFY_PARAM_set_time(rules, (time_t)time);
	X509_VERIFY_PARAM_set_depth(rules, CERTIFICATE_CHAIN_MAX);
	X509_VERIFY_PARAM_set_auth_level(rules, SECURITY_LEVEL);
	if (X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN) != 1)
		return openssl_err_set(err, ERR_SYSTEM,
		                       "no memory for an authority");
	X509_STORE_set_verify_cb(store, keep_last_second);
	*out = TAKE_PTR(store);
	return 0;
}

int certificate_path_helpers(const struct certificate_chain *authority,
                             const struct certificate_chain *helpers,
                             STACK_OF(X509) * *out, struct err *err)
{
	AUTO_X509S STACK_OF(X509) *list = sk_X509_new_null();

	if (list == NULL)
		return err_nomem(err);
	if (push_chain(list, authority, err) < 0 ||
	    (helpers != NULL && push_chain(list, helpers, err) < 0))
		return -1;
	*out = TAKE_PTR(list);
	return 0;
}

static int refuse_path(X509_STORE_CTX *context, int64_t time, struct err *err)
{
	int reason = X509_STORE_CTX_get_error(context);
	char at[CLOCK_TEXT_SIZE];

	if (openssl_err_drain() || reason == X509_V_ERR_OUT_OF_MEM)
		return err_nomem(err);
	clock_format(time, at);
	return err_set(err, ERR_UNTRUSTED, 0,
	               "certificate has no valid path to the authority at %s: "
	               "%s",
	               at, X509_verify_cert_error_string(reason));
}

/* OpenSSL 3.0 knows no purpose of code signing: it came in 3.2. */
static int check_authorities(const STACK_OF(X509) * path, struct err *err)
{
	if (sk_X509_num(path) < 2)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "certificate is the authority's own");
	for (int i = 1; i < sk_X509_num(path); i++) {
		X509 *x509 = sk_X509_value(path, i);

		if ((X509_get_extension_flags(x509) & EXFLAG_XKUSAGE) == 0)
			continue;
		if ((X509_get_extended_key_usage(x509) &
		     (XKU_CODE_SIGN | XKU_ANYEKU)) == 0)
			return err_set(err, ERR_UNTRUSTED, 0,
			               "an authority above the certificate is "
			               "not for code signing");
	}
	return 0;
}

static int find_issuer(X509_STORE_CTX *context, int64_t time,
                       struct certificate *issuer, struct err *err)
{
	STACK_OF(X509) * path;
	X509 *above;

	if (X509_verify_cert(context) != 1)
		return refuse_path(context, time, err);
	path = X509_STORE_CTX_get0_chain(context);
	if (check_authorities(path, err) < 0)
		return -1;
	above = sk_X509_value(path, 1);
	if (X509_up_ref(above) != 1)
		return err_nomem(err);
	issuer->x509 = above;
	return 0;
}

int certificate_verify(const struct certificate *leaf,
                       const struct certificate_chain *authority,
                       const struct certificate_chain *helpers, int64_t time,
                       struct certificate *issuer, struct err *err)
{
	AUTO_STORE X509_STORE *store = NULL;
	AUTO_X509S STACK_OF(X509) *list = NULL;
	AUTO_STORE_CTX X509_STORE_CTX *context = NULL;

	if (check_leaf(leaf->x509, err) < 0 ||
	    certificate_path_anchor(authority, time, &store, err) < 0 ||
	    certificate_path_helpers(authority, helpers, &list, err) < 0)
		return -1;
	context = X509_STORE_CTX_new();
	if (context == NULL ||
	    X509_STORE_CTX_init(context, store, leaf->x509, list) != 1)
		return openssl_err_set(err, ERR_SYSTEM, "no memory for a path");
	return find_issuer(context, time, issuer, err);
}
