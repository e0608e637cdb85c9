/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/timestamp.h"

#include <openssl/pkcs7.h>
#include <stdio.h>
#include <string.h>

#include "codec/rfc3339.h"
#include "crypto/certificate_path.h"
#include "crypto/openssl_err.h"
#include "crypto/openssl_own.h"

#define TIME_TEXT_MAX 32 /* bytes of a time, as RFC 3161 or RFC 3339 has it */
#define DATE_LEN      8  /* YYYYMMDD */

/* PKIStatus of RFC 3161, 2.4.2, which counts as a yes. */
#define GRANTED           0
#define GRANTED_WITH_MODS 1

/* --- reading --- */

static int require_granted(TS_RESP *response, struct err *err)
{
	const ASN1_INTEGER *status =
		TS_STATUS_INFO_get0_status(TS_RESP_get_status_info(response));
	int64_t number;

	if (ASN1_INTEGER_get_int64(&number, status) != 1 ||
	    (number != GRANTED && number != GRANTED_WITH_MODS))
		return openssl_err_set(err, ERR_UNTRUSTED,
		                       "timestamp was not granted");
	if (TS_RESP_get_tst_info(response) == NULL)
		return err_set(err, ERR_FORMAT, 0,
		               "timestamp response without a timestamp");
	return 0;
}

static int read_response(struct bytes der, TS_RESP **out, struct err *err)
{
	AUTO_TS_RESPONSE TS_RESP *response = NULL;
	const unsigned char *at = der.data;

	if (der.len > TIMESTAMP_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "timestamp of %zu bytes; at most %d", der.len,
		               TIMESTAMP_MAX);
	response = d2i_TS_RESP(NULL, &at, (long)der.len);
	if (response == NULL)
		return openssl_err_set(err, ERR_FORMAT,
		                       "timestamp cannot be read");
	if (at != der.data + der.len)
		return err_set(err, ERR_FORMAT, 0,
		               "bytes follow the timestamp");
	if (require_granted(response, err) < 0)
		return -1;
	*out = TAKE_PTR(response);
	return 0;
}

/* GeneralizedTime in DER is RFC 3339 without its marks: YYYYMMDDhhmmss, a
 * fraction or none, Z. */
static int read_time(const TS_TST_INFO *info, struct instant *out,
                     struct err *err)
{
	const ASN1_GENERALIZEDTIME *time = TS_TST_INFO_get_time(info);
	const char *text = (const char *)ASN1_STRING_get0_data(time);
	int len = ASN1_STRING_length(time);
	char spelt[TIME_TEXT_MAX + 8];
	int spelt_len;

	if (len < DATE_LEN + 6 || len > TIME_TEXT_MAX)
		return err_set(err, ERR_FORMAT, 0,
		               "timestamp with a time of %d bytes", len);
	spelt_len = snprintf(
		spelt, sizeof spelt, "%.4s-%.2s-%.2sT%.2s:%.2s:%.*s", text,
		text + 4, text + 6, text + 8, text + 10, len - 12, text + 12);
	if (rfc3339_parse(spelt, (size_t)spelt_len, out, err) < 0)
		return err_wrap(err, "timestamp");
	return 0;
}

/* --- what was stamped --- */

/* A hash that may be relied on, or NULL: SHA-1 and older ones may not. */
static const EVP_MD *find_hash(const X509_ALGOR *algorithm)
{
	const ASN1_OBJECT *kind = NULL;

	X509_ALGOR_get0(&kind, NULL, NULL, algorithm);
	switch (OBJ_obj2nid(kind)) {
	case NID_sha256:
		return EVP_sha256();
	case NID_sha384:
		return EVP_sha384();
	case NID_sha512:
		return EVP_sha512();
	default:
		return NULL;
	}
}

static int check_imprint(TS_TST_INFO *info, struct bytes message,
                         struct err *err)
{
	TS_MSG_IMPRINT *imprint = TS_TST_INFO_get_msg_imprint(info);
	const EVP_MD *hash = find_hash(TS_MSG_IMPRINT_get_algo(imprint));
	const ASN1_OCTET_STRING *stamped = TS_MSG_IMPRINT_get_msg(imprint);
	uint8_t digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (hash == NULL)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "timestamp is over a hash other than SHA-256, "
		               "-384 and -512");
	if (EVP_Digest(message.data, message.len, digest, &len, hash, NULL) !=
	    1)
		return openssl_err_set(err, ERR_SYSTEM,
		                       "libcrypto does not hash");
	if (ASN1_STRING_length(stamped) != (int)len ||
	    memcmp(ASN1_STRING_get0_data(stamped), digest, len) != 0)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "timestamp is for other data");
	return 0;
}

/* --- who stamped it --- */

static int check_signer_hash(PKCS7 *token, struct err *err)
{
	STACK_OF(PKCS7_SIGNER_INFO) *signers = PKCS7_get_signer_info(token);
	X509_ALGOR *hash = NULL;

	if (signers == NULL || sk_PKCS7_SIGNER_INFO_num(signers) != 1)
		return openssl_err_set(err, ERR_UNTRUSTED,
		                       "timestamp without one signer");
	PKCS7_SIGNER_INFO_get0_algs(sk_PKCS7_SIGNER_INFO_value(signers, 0),
	                            NULL, &hash, NULL);
	if (find_hash(hash) == NULL)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "timestamp is signed over a hash other than "
		               "SHA-256, -384 and -512");
	return 0;
}

/* @helpers: what OpenSSL was given to look for the signer in. */
static int check_signer(PKCS7 *token, STACK_OF(X509) * helpers,
                        const struct certificate *listed, struct err *err)
{
	STACK_OF(X509) * signers;
	struct certificate signer;
	bool is_listed = false;

	if (X509_check_ca(listed->x509) != 0)
		return 0;
	signers = PKCS7_get0_signers(token, helpers, 0);
	if (signers != NULL && sk_X509_num(signers) == 1) {
		signer.x509 = sk_X509_value(signers, 0);
		is_listed = certificate_equal(&signer, listed);
	}
	sk_X509_free(signers);
	if (!is_listed)
		return openssl_err_set(err, ERR_UNTRUSTED,
		                       "timestamp is signed by another than "
		                       "the authority's certificate");
	return 0;
}

static int verify_signature(TS_RESP *response,
                            const struct certificate_chain *authority,
                            int64_t time, struct err *err)
{
	AUTO_TS_CONTEXT TS_VERIFY_CTX *context = NULL;
	AUTO_STORE X509_STORE *store = NULL;
	AUTO_X509S STACK_OF(X509) *helpers = NULL;
	PKCS7 *token = TS_RESP_get_token(response);
	STACK_OF(X509) * lent;

	if (certificate_path_anchor(authority, time, &store, err) < 0 ||
	    certificate_path_helpers(authority, NULL, &helpers, err) < 0 ||
	    check_signer_hash(token, err) < 0)
		return -1;
	context = TS_VERIFY_CTX_new();
	if (context == NULL)
		return err_nomem(err);
	/* Both become the context's. */
	(void)TS_VERIFY_CTX_set_store(context, TAKE_PTR(store));
	lent = TS_VERIFY_CTX_set_certs(context, TAKE_PTR(helpers));
	(void)TS_VERIFY_CTX_set_flags(context,
	                              TS_VFY_VERSION | TS_VFY_SIGNATURE);
	if (TS_RESP_verify_response(context, response) != 1)
		return openssl_err_set(err, ERR_UNTRUSTED,
		                       "timestamp is not by the authority");
	return check_signer(token, lent, &authority->items[0], err);
}

int timestamp_verify(struct bytes response, struct bytes message,
                     const struct certificate_chain *authority,
                     struct instant *out, struct err *err)
{
	AUTO_TS_RESPONSE TS_RESP *read = NULL;
	TS_TST_INFO *info;
	struct instant time;

	if (read_response(response, &read, err) < 0)
		return -1;
	info = TS_RESP_get_tst_info(read);
	/* The time says when to judge the path; it counts once that is good. */
	if (read_time(info, &time, err) < 0 ||
	    check_imprint(info, message, err) < 0 ||
	    verify_signature(read, authority, time.seconds, err) < 0)
		return -1;
	*out = time;
	return 0;
}
