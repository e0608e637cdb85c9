/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/objects.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "base/text.h"
#include "crypto/certificate.h"
#include "crypto/openssl_err.h"
#include "crypto/openssl_own.h"

#define OID_SIZE 80 /* as text; what does not fit is none of ours */

/* Fulcio's arc; an extension's number stands behind it. */
static const char arc[] = "1.3.6.1.4.1.57264.1.";
static const char user_name_oid[] = "1.3.6.1.4.1.57264.1.7";

#define OLD_ISSUER   1 /* raw bytes */
#define ISSUER       8
#define FIRST_DETAIL 9 /* CLAIM_BUILD_SIGNER_URI; the others in a row */
#define LAST_DETAIL  24

_Static_assert(CLAIMS - CLAIM_BUILD_SIGNER_URI ==
                       LAST_DETAIL - FIRST_DETAIL + 1,
               "claims behind the issuer are .9 to .24");

/* The text of a claim must be one for everybody: a NUL would end it for some
 * readers and not for others. */
static int take_text(struct bytes text, const char *what, char out[CLAIM_SIZE],
                     struct err *err)
{
	if (text.len >= CLAIM_SIZE)
		return err_set(err, ERR_LIMIT, 0,
		               "%s of %zu bytes in the certificate; less than "
		               "%d are accepted",
		               what, text.len, CLAIM_SIZE);
	if (!text_is_printable((const char *)text.data, text.len))
		return err_set(err, ERR_FORMAT, 0,
		               "%s in the certificate is not printable UTF-8",
		               what);
	return text_copy(out, CLAIM_SIZE, (const char *)text.data, text.len,
	                 err);
}

static struct bytes bytes_of(const ASN1_STRING *string)
{
	return (struct bytes){ ASN1_STRING_get0_data(string),
		               (size_t)ASN1_STRING_length(string) };
}

/* --- the subject --- */

/* The string of a general name of one of the three kinds, or NULL. */
static const ASN1_STRING *find_name(const GENERAL_NAME *name)
{
	char oid[OID_SIZE];

	switch (name->type) {
	case GEN_URI:
		return name->d.uniformResourceIdentifier;
	case GEN_EMAIL:
		return name->d.rfc822Name;
	case GEN_OTHERNAME:
		(void)OBJ_obj2txt(oid, sizeof oid, name->d.otherName->type_id,
		                  /* no_name= */ 1);
		if (strcmp(oid, user_name_oid) != 0 ||
		    name->d.otherName->value->type != V_ASN1_UTF8STRING)
			return NULL;
		return name->d.otherName->value->value.utf8string;
	default:
		return NULL;
	}
}

static int take_name(const GENERAL_NAMES *names, char out[CLAIM_SIZE],
                     struct err *err)
{
	const ASN1_STRING *name;
	int count = sk_GENERAL_NAME_num(names);

	if (count != 1)
		return err_set(err, ERR_FORMAT, 0,
		               "certificate with %d subject alternative names, "
		               "not with one",
		               count);
	name = find_name(sk_GENERAL_NAME_value(names, 0));
	if (name == NULL)
		return err_set(err, ERR_FORMAT, 0,
		               "subject alternative name of the certificate is "
		               "no URI, email address or user name");
	if (ASN1_STRING_length(name) == 0)
		return err_set(err, ERR_FORMAT, 0,
		               "subject alternative name of the certificate is "
		               "empty");
	return take_text(bytes_of(name), "subject alternative name", out, err);
}

static int take_subject(const X509 *x509, char out[CLAIM_SIZE], struct err *err)
{
	int at = X509_get_ext_by_NID(x509, NID_subject_alt_name, -1);
	GENERAL_NAMES *names;
	struct bytes value;
	const unsigned char *rest;
	int result = -1;

	if (at < 0)
		return err_set(err, ERR_FORMAT, 0,
		               "certificate without a subject alternative "
		               "name");
	value = bytes_of(X509_EXTENSION_get_data(X509_get_ext(x509, at)));
	rest = value.data;
	names = d2i_GENERAL_NAMES(NULL, &rest, (long)value.len);
	if (names == NULL || rest != value.data + value.len)
		(void)openssl_err_set(err, ERR_FORMAT,
		                      "subject alternative name of the "
		                      "certificate cannot be read");
	else
		result = take_name(names, out, err);
	GENERAL_NAMES_free(names);
	return result;
}

/* --- Fulcio's extensions --- */

/* Its number in the arc, or 0. */
static uint64_t number_of(const X509_EXTENSION *extension)
{
	const ASN1_OBJECT *kind =
		X509_EXTENSION_get_object((X509_EXTENSION *)extension);
	size_t start = sizeof arc - 1;
	char oid[OID_SIZE];
	uint64_t number;
	struct err ignored;

	(void)OBJ_obj2txt(oid, sizeof oid, kind, /* no_name= */ 1);
	if (strncmp(oid, arc, start) != 0 ||
	    text_u64(oid + start, strlen(oid + start), LAST_DETAIL, &number,
	             &ignored) < 0)
		return 0;
	return number;
}

/* The contents of a DER UTF8String that is the whole of @value. */
static int open_utf8string(struct bytes value, char out[CLAIM_SIZE],
                           struct err *err)
{
	const unsigned char *rest = value.data;
	ASN1_UTF8STRING *string =
		d2i_ASN1_UTF8STRING(NULL, &rest, (long)value.len);
	unsigned char *again = NULL;
	int len = string != NULL ? i2d_ASN1_UTF8STRING(string, &again) : -1;
	int result = -1;

	/* OpenSSL reads other spellings of the length, too. */
	if (len < 0 || (size_t)len != value.len ||
	    memcmp(again, value.data, value.len) != 0)
		(void)openssl_err_set(err, ERR_FORMAT,
		                      "value is not one UTF8String in DER");
	else
		result = take_text(bytes_of(string), "value", out, err);
	OPENSSL_free(again);
	ASN1_UTF8STRING_free(string);
	return result;
}

static int take_extension(X509_EXTENSION *extension, uint64_t number,
                          struct claims *claims, struct err *err)
{
	struct bytes value = bytes_of(X509_EXTENSION_get_data(extension));
	size_t claim = number < FIRST_DETAIL
	                       ? CLAIM_ISSUER
	                       : CLAIM_BUILD_SIGNER_URI + number - FIRST_DETAIL;
	int result;

	if (number == OLD_ISSUER)
		result = take_text(value, "value", claims->text[claim], err);
	else
		result = open_utf8string(value, claims->text[claim], err);
	if (result < 0)
		return err_wrap(err, "extension %s%d of the certificate", arc,
		                (int)number);
	return 0;
}

/* @wanted: one number, or FIRST_DETAIL for all from there on. */
static int take_extensions(const X509 *x509, uint64_t wanted,
                           struct claims *claims, struct err *err)
{
	int count = X509_get_ext_count(x509);
	int taken = 0;

	for (int i = 0; i < count; i++) {
		X509_EXTENSION *extension = X509_get_ext(x509, i);
		uint64_t number = number_of(extension);

		if (number != wanted &&
		    (wanted != FIRST_DETAIL || number < FIRST_DETAIL))
			continue;
		if (take_extension(extension, number, claims, err) < 0)
			return -1;
		taken++;
	}
	return taken;
}

/* The old form counts only where the new one is absent. */
static int take_issuer(const X509 *x509, struct claims *claims, struct err *err)
{
	int taken = take_extensions(x509, ISSUER, claims, err);

	if (taken == 0)
		taken = take_extensions(x509, OLD_ISSUER, claims, err);
	if (taken < 0)
		return -1;
	if (claims->text[CLAIM_ISSUER][0] == '\0')
		return err_set(err, ERR_FORMAT, 0,
		               "certificate does not say who vouched for its "
		               "owner (extensions %s%d and %s%d)",
		               arc, ISSUER, arc, OLD_ISSUER);
	return 0;
}

int certificate_claims(const struct certificate *certificate,
                       struct claims *out, struct err *err)
{
	AUTO_FREE struct claims *claims = calloc(1, sizeof *claims);

	if (claims == NULL)
		return err_nomem(err);
	if (take_subject(certificate->x509, claims->text[CLAIM_SUBJECT], err) <
	            0 ||
	    take_issuer(certificate->x509, claims, err) < 0 ||
	    take_extensions(certificate->x509, FIRST_DETAIL, claims, err) < 0)
		return -1;
	*out = *claims;
	return 0;
}
