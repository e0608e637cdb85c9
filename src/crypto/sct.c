/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSL's own SCT_validate takes its logs from a file alone, and compares
 * with the clock.  It reads the list; what a log signed is put together here.
 */
#include "crypto/sct.h"

#include <openssl/ct.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <string.h>

#include "base/buf.h"
#include "crypto/openssl_err.h"
#include "crypto/openssl_own.h"

/* Of RFC 6962, 3.2: the numbers of a digitally-signed struct. */
#define VERSION_V1            0
#define CERTIFICATE_TIMESTAMP 0
#define PRECERT_ENTRY         1
#define SIGNED_MAX            (2 * (size_t)CERTIFICATE_DER_MAX)

/* What does not depend on the timestamp. */
struct entry {
	uint8_t issuer_key[SHA256_LEN]; /* SHA-256 of the issuer's SPKI */
	unsigned char *tbs; /* owned; the certificate without timestamps */
	size_t tbs_len;
};

#define AUTO_ENTRY AUTO(entry_done)

static void entry_done(struct entry *entry)
{
	OPENSSL_free(entry->tbs);
}

/* --- reading --- */

/* The extension's value is an OCTET STRING that holds the list of RFC 6962. */
static int read_list(const X509_EXTENSION *extension, STACK_OF(SCT) * *out,
                     struct err *err)
{
	const ASN1_OCTET_STRING *value =
		X509_EXTENSION_get_data((X509_EXTENSION *)extension);
	const unsigned char *at = ASN1_STRING_get0_data(value);
	const unsigned char *end = at + ASN1_STRING_length(value);
	ASN1_OCTET_STRING *inner =
		d2i_ASN1_OCTET_STRING(NULL, &at, (long)(end - at));
	const unsigned char *list;

	if (inner != NULL && at == end) {
		list = ASN1_STRING_get0_data(inner);
		*out = o2i_SCT_LIST(NULL, &list,
		                    (size_t)ASN1_STRING_length(inner));
	}
	ASN1_OCTET_STRING_free(inner);
	if (*out == NULL)
		return openssl_err_set(err, ERR_FORMAT,
		                       "SCTs of the certificate cannot be "
		                       "read");
	return 0;
}

static int find_scts(const X509 *x509, STACK_OF(SCT) * *out, struct err *err)
{
	int at = X509_get_ext_by_NID(x509, NID_ct_precert_scts, -1);

	if (at < 0)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "certificate without an SCT");
	if (read_list(X509_get_ext(x509, at), out, err) < 0)
		return -1;
	if (sk_SCT_num(*out) > SCT_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "certificate with %d SCTs; at most %d",
		               sk_SCT_num(*out), SCT_MAX);
	return 0;
}

/* --- what a log signed --- */

/* The certificate as the log saw it, before its SCTs were put in (3.2). */
static int write_precertificate(const X509 *leaf, struct entry *out,
                                struct err *err)
{
	AUTO_X509 X509 *copy = X509_dup(leaf);
	int at, len;

	if (copy == NULL)
		return openssl_err_set(err, ERR_SYSTEM,
		                       "certificate cannot be copied");
	at = X509_get_ext_by_NID(copy, NID_ct_precert_scts, -1);
	X509_EXTENSION_free(X509_delete_ext(copy, at));
	len = i2d_re_X509_tbs(copy, &out->tbs);
	if (len <= 0)
		return openssl_err_set(err, ERR_SYSTEM,
		                       "certificate cannot be written");
	out->tbs_len = (size_t)len;
	return 0;
}

static int make_entry(const struct certificate *leaf,
                      const struct certificate *issuer, struct entry *out,
                      struct err *err)
{
	AUTO_PUBLIC_KEY struct public_key key = PUBLIC_KEY_NONE;

	if (certificate_key(issuer, &key, err) < 0)
		return err_wrap(err, "issuer");
	memcpy(out->issuer_key, key.id, SHA256_LEN);
	return write_precertificate(leaf->x509, out, err);
}

/* A number of @size bytes, most significant first. */
static int add_number(struct buf *buf, uint64_t number, size_t size,
                      struct err *err)
{
	uint8_t bytes[sizeof number];

	for (size_t i = size; i-- > 0; number >>= 8)
		bytes[i] = (uint8_t)number;
	return buf_add(buf, bytes, size, err);
}

static int write_signed(const SCT *sct, const struct entry *entry,
                        struct buf *out, struct err *err)
{
	unsigned char *extensions;
	size_t len = SCT_get0_extensions(sct, &extensions);

	if (add_number(out, VERSION_V1, 1, err) < 0 ||
	    add_number(out, CERTIFICATE_TIMESTAMP, 1, err) < 0 ||
	    add_number(out, SCT_get_timestamp(sct), 8, err) < 0 ||
	    add_number(out, PRECERT_ENTRY, 2, err) < 0 ||
	    buf_add(out, entry->issuer_key, SHA256_LEN, err) < 0 ||
	    add_number(out, entry->tbs_len, 3, err) < 0 ||
	    buf_add(out, entry->tbs, entry->tbs_len, err) < 0 ||
	    add_number(out, len, 2, err) < 0 ||
	    buf_add(out, extensions, len, err) < 0)
		return -1;
	return 0;
}

/* --- judging --- */

static bool is_by(const SCT *sct, const struct ct_log *log)
{
	unsigned char *id;

	return SCT_get_version(sct) == SCT_VERSION_V1 &&
	       SCT_get0_log_id(sct, &id) == SHA256_LEN &&
	       sha256_equal(log->key->id, id);
}

/* Two hashes and keys alone are defined (2.1.4). */
static int check_algorithm(const SCT *sct, const struct public_key *key,
                           struct err *err)
{
	int algorithm = SCT_get_signature_nid(sct);

	if ((key->type == PUBLIC_KEY_P256 &&
	     algorithm == NID_ecdsa_with_SHA256) ||
	    (key->type == PUBLIC_KEY_RSA &&
	     algorithm == NID_sha256WithRSAEncryption))
		return 0;
	return err_set(err, ERR_UNTRUSTED, 0,
	               "SCT is not signed as its log, with an %s key, must",
	               public_key_type_name(key->type));
}

static int judge(const SCT *sct, const struct entry *entry,
                 const struct ct_log *log, struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(SIGNED_MAX);
	struct instant time = instant_from_ms(SCT_get_timestamp(sct));
	unsigned char *signature;
	size_t len = SCT_get0_signature(sct, &signature);

	if (!period_holds(&log->period, time))
		return err_set(err, ERR_UNTRUSTED, 0,
		               "SCT bears a time at which its log was not in "
		               "use");
	if (check_algorithm(sct, log->key, err) < 0 ||
	    write_signed(sct, entry, &text, err) < 0)
		return -1;
	if (public_key_verify(
		    log->key,
		    (struct bytes){ (const uint8_t *)text.data, text.len },
		    (struct bytes){ signature, len }, err) < 0)
		return err_wrap(err, "SCT");
	return 0;
}

/* One timestamp against all logs: a log may be listed once for each of its
 * periods.  @err says why the last one that fits does not count. */
static int try_logs(const SCT *sct, const struct entry *entry,
                    const struct ct_log *logs, size_t count, struct sct *out,
                    struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		if (!is_by(sct, &logs[i]))
			continue;
		if (judge(sct, entry, &logs[i], err) == 0) {
			out->log = i;
			out->time = instant_from_ms(SCT_get_timestamp(sct));
			return 0;
		}
	}
	return -1;
}

int sct_verify(const struct certificate *leaf, const struct certificate *issuer,
               const struct ct_log *logs, size_t count, struct sct *out,
               struct err *err)
{
	AUTO_SCTS STACK_OF(SCT) *scts = NULL;
	AUTO_ENTRY struct entry entry = { .tbs = NULL };

	if (find_scts(leaf->x509, &scts, err) < 0 ||
	    make_entry(leaf, issuer, &entry, err) < 0)
		return -1;
	(void)err_set(err, ERR_UNTRUSTED, 0,
	              "none of the certificate's SCTs is by a known log");
	for (int i = 0; i < sk_SCT_num(scts); i++)
		if (try_logs(sk_SCT_value(scts, i), &entry, logs, count, out,
		             err) == 0)
			return 0;
	return -1;
}
