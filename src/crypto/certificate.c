/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/certificate.h"

#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "crypto/openssl_err.h"
#include "crypto/openssl_own.h"
#include "crypto/pem.h"

void certificate_done(struct certificate *certificate)
{
	X509_free(certificate->x509);
	*certificate = CERTIFICATE_NONE;
}

/* Whether writing the certificate gives just these bytes. */
static bool is_der(const X509 *x509, struct bytes der)
{
	unsigned char *again = NULL;
	int len = i2d_X509(x509, &again);
	bool is_same = len > 0 && (size_t)len == der.len &&
	               memcmp(again, der.data, der.len) == 0;

	OPENSSL_free(again);
	return is_same;
}

/* RFC 5280, 4.2.  With two of a kind it would depend on the reader which one
 * counts. */
static int check_extensions(const X509 *x509, struct err *err)
{
	int count = X509_get_ext_count(x509);

	if (count > CERTIFICATE_EXTENSIONS_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "certificate with %d extensions; at most %d",
		               count, CERTIFICATE_EXTENSIONS_MAX);
	for (int i = 0; i < count; i++) {
		X509_EXTENSION *extension = X509_get_ext(x509, i);
		const ASN1_OBJECT *kind = X509_EXTENSION_get_object(extension);

		if (X509_get_ext_by_OBJ(x509, kind, i) >= 0)
			return err_set(err, ERR_FORMAT, 0,
			               "certificate with two extensions of "
			               "one kind");
	}
	return 0;
}

int certificate_parse(struct bytes der, struct certificate *out,
                      struct err *err)
{
	AUTO_X509 X509 *x509 = NULL;
	const unsigned char *at = der.data;

	if (der.len > CERTIFICATE_DER_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "certificate of %zu bytes; at most %d", der.len,
		               CERTIFICATE_DER_MAX);
	x509 = d2i_X509(NULL, &at, (long)der.len);
	if (x509 == NULL)
		return openssl_err_set(err, ERR_FORMAT,
		                       "certificate cannot be read");
	if (!is_der(x509, der))
		return openssl_err_set(err, ERR_FORMAT,
		                       "certificate is not minimal DER, or "
		                       "bytes follow it");
	if (check_extensions(x509, err) < 0)
		return -1;
	out->x509 = TAKE_PTR(x509);
	return 0;
}

int certificate_from_pem(const char *text, size_t len, struct certificate *out,
                         struct err *err)
{
	AUTO_BUF struct buf der = BUF_LIMIT(CERTIFICATE_PEM_MAX);

	if (len > CERTIFICATE_PEM_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "certificate of %zu bytes; at most %d", len,
		               CERTIFICATE_PEM_MAX);
	if (pem_read(text, len, "CERTIFICATE", &der, err) < 0)
		return -1;
	return certificate_parse(
		(struct bytes){ (const uint8_t *)der.data, der.len }, out, err);
}

bool certificate_equal(const struct certificate *a, const struct certificate *b)
{
	unsigned char *der = NULL;
	int len = i2d_X509(a->x509, &der);
	bool is_same =
		len > 0 && is_der(b->x509, (struct bytes){ der, (size_t)len });

	OPENSSL_free(der);
	return is_same;
}

int certificate_end(const struct certificate *certificate, int64_t *out,
                    struct err *err)
{
	struct tm tm;

	if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate->x509), &tm) != 1)
		return openssl_err_set(err, ERR_FORMAT,
		                       "certificate with a notAfter that is no "
		                       "time");
	*out = (int64_t)timegm(&tm);
	return 0;
}

bool certificate_is_self_issued(const struct certificate *certificate)
{
	return X509_NAME_cmp(X509_get_subject_name(certificate->x509),
	                     X509_get_issuer_name(certificate->x509)) == 0;
}

int certificate_key(const struct certificate *certificate,
                    struct public_key *out, struct err *err)
{
	unsigned char *der = NULL;
	int len =
		i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate->x509), &der);
	int result;

	if (len <= 0)
		return openssl_err_set(err, ERR_FORMAT,
		                       "key of the certificate cannot be read");
	result = public_key_from_spki((struct bytes){ der, (size_t)len }, out,
	                              err);
	OPENSSL_free(der);
	return result < 0 ? err_wrap(err, "key of the certificate") : 0;
}

void certificate_chain_done(struct certificate_chain *chain)
{
	for (size_t i = 0; i < chain->count; i++)
		certificate_done(&chain->items[i]);
	chain->count = 0;
}

int certificate_chain_add(struct certificate_chain *chain, struct bytes der,
                          struct err *err)
{
	if (chain->count == CERTIFICATE_CHAIN_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "chain of more than %d certificates",
		               CERTIFICATE_CHAIN_MAX);
	if (certificate_parse(der, &chain->items[chain->count], err) < 0)
		return -1;
	chain->count++;
	return 0;
}
