/* SPDX-License-Identifier: Apache-2.0 */
/* A small Sigstore instance, made when the test runs: an authority, a log of
 * either kind, a CT log, a timestamp authority, and the bundles that its users
 * would get.  A plan says what to
 * make, and what to make wrong.  To be included behind cmocka.h. */
#ifndef TESTS_MAKE_INSTANCE_H
#define TESTS_MAKE_INSTANCE_H

#include <openssl/pem.h>
#include <sodium.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/text.h"
#include "codec/base64.h"
#include "codec/dsse.h"
#include "codec/sigstore_bundle.h"
#include "codec/trusted_root.h"
#include "crypto/merkle.h"
#include "crypto/note.h"
#include "crypto/sha256.h"
#include "crypto/sha512.h"
#include "make_certificate.h"
#include "make_key.h"
#include "make_sct.h"
#include "make_timestamp.h"
#include "sigstore/trust.h"

#define INSTANCE_START 1600000000 /* 2020-09-13: from when it is trusted */
#define INSTANCE_TIME  1700000000 /* 2023-11-14: when things are signed */
#define INSTANCE_END   1800000000 /* 2027-01-15: until when */
#define INSTANCE_HOST  "log.example"
#define INSTANCE_WHO   "https://ci.example/build@refs/heads/main"
#define INSTANCE_SAYS  "https://issuer.example"

#define OK(call)       assert_int_equal((call), 0)

struct instance {
	/* Owned. */
	EVP_PKEY *ca_key, *log_key, *other_key, *ct_key, *tsa_key;
	X509 *ca, *tsa; /* self-signed; the latter stamps itself */
	bool is_v2;     /* Rekor v2: Ed25519, no time */
	uint8_t log_id[SHA256_LEN];
};

/* What a bundle is to be; zero is what is usual and right. */
struct bundle_plan {
	const char *key;     /* kind of the signer's key; NULL: P-256 */
	bool is_attestation; /* a DSSE envelope */
	bool is_by_key;      /* else a certificate */
	bool is_pure;        /* Ed25519 over a message: not prehashed */
	const char *artifact;
	const char *subject; /* JSON of "digest"; NULL: its SHA-256 */
	const char *payload_type;

	/* Made wrong. */
	const char *signed_text;   /* the signature is over this */
	const char *logged_text;   /* the entry's digest is of this */
	bool logs_other_signature; /* the entry has another one */
	bool logs_other_key;       /* the entry has another signer */
	bool logs_other_certificate;
	const char *logged_kind;   /* "dsse" for a message, and so on */
	bool is_promised_by_other; /* SET by another key */
	bool has_no_promise, has_no_proof, has_no_entry;
	const char *origin, *note_name; /* of the checkpoint */
	bool is_noted_by_other;         /* checkpoint by another key... */
	bool bears_id_of_log;           /* ...under the id of the log's */
	const char *cosignature;        /* a whole further line */
	int64_t integrated;
	uint64_t proof_index_off; /* logIndex differs from the proof's by it */
	const char *tree_size;    /* of the checkpoint; NULL: 1 */
	bool proves_other;        /* root and checkpoint are of another entry */
	bool chains_root, chains_leaf; /* behind the leaf */
	const char *media_type;
	const char *usage;         /* extended key usage of the certificate */
	const struct instance *ct; /* whose CT log; NULL: none */
	const struct instance *stampers[2]; /* who stamps; NULL: nobody */
	int64_t stamped;                    /* when; 0: INSTANCE_TIME */
	const char *stamped_text;           /* instead of the signature */
	int copies;                         /* of the entry; 0 means 1 */
	const char *message_digest;         /* base64; "" for none */
};

/* What was made. */
struct made_bundle {
	struct buf text; /* the bundle */
	EVP_PKEY *key;   /* owned; the signer's */
	struct public_key public;
	X509 *leaf; /* owned; NULL with a key */
};

/* --- small parts
 * ----------------------------------------------------------- */

static inline void add(struct buf *out, const char *text)
{
	struct err err;

	OK(buf_adds(out, text, &err));
}

static inline void add_base64(struct buf *out, const void *data, size_t len)
{
	struct err err;

	OK(base64_add(out, data, len, &err));
}

static inline void add_hex(struct buf *out, const uint8_t *data, size_t len)
{
	char hex[2 * SHA512_LEN + 1];

	text_to_hex(data, len, hex);
	add(out, hex);
}

static inline struct bytes bytes_of(const char *text)
{
	return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

static inline struct bytes bytes_of_buf(const struct buf *buf)
{
	return (struct bytes){ (const uint8_t *)buf->data, buf->len };
}

static inline bool is_edwards(EVP_PKEY *key)
{
	return EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519;
}

/* The hash that Sigstore's clients sign with. */
static inline const EVP_MD *hash_of(EVP_PKEY *key)
{
	if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC)
		return is_edwards(key) ? EVP_sha512() : EVP_sha256();
	if (EVP_PKEY_get_bits(key) == 384)
		return EVP_sha384();
	return EVP_PKEY_get_bits(key) > 384 ? EVP_sha512() : EVP_sha256();
}

static inline size_t sign_with(EVP_PKEY *key, struct bytes message,
                               uint8_t out[SIGNATURE_SPACE])
{
	size_t len = make_signature(key, is_edwards(key) ? NULL : hash_of(key),
	                            message, out);

	assert_true(len > 0);
	return len;
}

/* Ed25519ph, which OpenSSL 3.0 lacks. */
static inline size_t sign_prehashed(EVP_PKEY *key, struct bytes message,
                                    uint8_t out[SIGNATURE_SPACE])
{
	uint8_t seed[crypto_sign_SEEDBYTES], pk[crypto_sign_PUBLICKEYBYTES];
	uint8_t sk[crypto_sign_SECRETKEYBYTES];
	size_t len = sizeof seed;
	crypto_sign_ed25519ph_state state;

	assert_int_equal(EVP_PKEY_get_raw_private_key(key, seed, &len), 1);
	OK(crypto_sign_seed_keypair(pk, sk, seed));
	OK(crypto_sign_ed25519ph_init(&state));
	OK(crypto_sign_ed25519ph_update(&state, message.data, message.len));
	OK(crypto_sign_ed25519ph_final_create(&state, out, NULL, sk));
	return crypto_sign_BYTES;
}

/* One or the other. */
static inline void add_pem(struct buf *out, const X509 *certificate,
                           EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long len;

	if (certificate != NULL)
		assert_int_equal(PEM_write_bio_X509(bio, certificate), 1);
	else
		assert_int_equal(PEM_write_bio_PUBKEY(bio, key), 1);
	len = BIO_get_mem_data(bio, &text);
	add_base64(out, text, (size_t)len);
	BIO_free(bio);
}

static inline void add_der(struct buf *out,
                           int (*encode)(const void *, unsigned char **),
                           const void *object)
{
	unsigned char *der = NULL;
	int len = encode(object, &der);

	assert_true(len > 0);
	add_base64(out, der, (size_t)len);
	OPENSSL_free(der);
}

static inline int encode_x509(const void *x509, unsigned char **out)
{
	return i2d_X509(x509, out);
}

static inline int encode_key(const void *key, unsigned char **out)
{
	return i2d_PUBKEY(key, out);
}

/* --- the instance
 * ---------------------------------------------------------- */

static inline void instance_done(struct instance *instance)
{
	EVP_PKEY_free(instance->ca_key);
	EVP_PKEY_free(instance->log_key);
	EVP_PKEY_free(instance->other_key);
	EVP_PKEY_free(instance->ct_key);
	EVP_PKEY_free(instance->tsa_key);
	X509_free(instance->ca);
	X509_free(instance->tsa);
}

/* A log's id: of Rekor v2 it is that of its checkpoint key. */
static inline void name_log_id(struct instance *instance)
{
	AUTO_PUBLIC_KEY struct public_key key = PUBLIC_KEY_NONE;
	struct err err;

	OK(make_public(instance->log_key, &key, &err));
	memcpy(instance->log_id, key.id, SHA256_LEN);
}

static inline X509 *make_own(const char *name, EVP_PKEY *key,
                             struct certificate_plan plan)
{
	X509 *made;

	plan.name = name;
	plan.key = key;
	plan.from = INSTANCE_START;
	plan.to = INSTANCE_END;
	made = make_certificate(&plan);
	assert_non_null(made);
	return made;
}

static inline void instance_init(struct instance *out, bool is_v2)
{
	const struct certificate_plan ca = { .extensions = { PLAN_CA } };
	const struct certificate_plan tsa = { .extensions = { PLAN_TSA } };

	*out = (struct instance){ .is_v2 = is_v2 };
	out->ca_key = make_key("P-256");
	out->log_key = make_key(is_v2 ? "ED25519" : "P-256");
	out->other_key = make_key(is_v2 ? "ED25519" : "P-256");
	out->ct_key = make_key("P-256");
	out->tsa_key = make_key("P-256");
	out->ca = make_own("authority", out->ca_key, ca);
	out->tsa = make_own("stamper", out->tsa_key, tsa);
	name_log_id(out);
}

#define LAST_SECOND "2027-01-15T08:00:00.999Z" /* INSTANCE_END */

/* A trusted root; whose parts it has, NULL for none. */
struct root_plan {
	const struct instance *logs, *authority, *ct, *stamper;
	/* Of the periods; NULL: LAST_SECOND. */
	const char *log_end, *authority_end, *stamper_end;
};

static inline void add_valid_for(const char *end, struct buf *out)
{
	add(out, "\"validFor\":{\"start\":\"2020-09-13T12:26:40Z\",\"end\":"
	         "\"");
	add(out, end != NULL ? end : LAST_SECOND);
	add(out, "\"}");
}

static inline void add_root_log(EVP_PKEY *key, const uint8_t id[SHA256_LEN],
                                const char *end, struct buf *out)
{
	add(out, "{\"baseUrl\":\"https://" INSTANCE_HOST
	         ":8080/api\",\"hashAlgorithm\":\"SHA2_256\",\"publicKey\":"
	         "{\"rawBytes\":\"");
	add_der(out, encode_key, key);
	add(out, is_edwards(key) ? "\",\"keyDetails\":\"PKIX_ED25519\","
	                         : "\",\"keyDetails\":"
	                           "\"PKIX_ECDSA_P256_SHA_256\",");
	add_valid_for(end, out);
	add(out, "},\"logId\":{\"keyId\":\"");
	add_base64(out, id, SHA256_LEN);
	add(out, "\"}}");
}

static inline void add_root_authority(const X509 *anchor, const char *end,
                                      struct buf *out)
{
	add(out, "{\"certChain\":{\"certificates\":[{\"rawBytes\":\"");
	add_der(out, encode_x509, anchor);
	add(out, "\"}]},");
	add_valid_for(end, out);
	add(out, "}");
}

static inline void add_root(const struct root_plan *plan, struct buf *out)
{
	static const uint8_t unused[SHA256_LEN];

	add(out, "{\"mediaType\":\"application/vnd.dev.sigstore.trustedroot+"
	         "json;version=0.1\",\"tlogs\":[");
	if (plan->logs != NULL)
		add_root_log(plan->logs->log_key, plan->logs->log_id,
		             plan->log_end, out);
	add(out, "],\"ctlogs\":[");
	if (plan->ct != NULL)
		add_root_log(plan->ct->ct_key, unused, NULL, out);
	add(out, "],\"certificateAuthorities\":[");
	if (plan->authority != NULL)
		add_root_authority(plan->authority->ca, plan->authority_end,
		                   out);
	add(out, "],\"timestampAuthorities\":[");
	if (plan->stamper != NULL)
		add_root_authority(plan->stamper->tsa, plan->stamper_end, out);
	add(out, "]}");
}

static inline struct sigstore_trust *make_trust(const struct root_plan *plan,
                                                unsigned evidence)
{
	AUTO_BUF struct buf text = BUF_NONE;
	AUTO_TRUSTED_ROOTS struct trusted_roots roots = TRUSTED_ROOTS_NONE;
	struct sigstore_trust *trust = NULL;
	struct err err;

	add_root(plan, &text);
	OK(trusted_roots_parse(buf_text(&text), text.len, &roots, &err));
	OK(sigstore_trust_new(&roots.roots[0], evidence, &trust, &err));
	return trust;
}

/* --- the signature
 * --------------------------------------------------------- */

/* What the parts of one bundle share. */
struct making {
	const struct instance *instance;
	const struct bundle_plan *plan;
	struct made_bundle *made;
	struct buf payload, pae;
	uint8_t signature[SIGNATURE_SPACE];
	size_t signature_len;
};

static inline void make_leaf(struct making *m)
{
	const char *usage = m->plan->usage;
	struct certificate_plan leaf = {
		.key = m->made->key,
		.issuer = m->instance->ca,
		.issuer_key = m->instance->ca_key,
		.from = INSTANCE_TIME - 60,
		.to = INSTANCE_TIME + 600,
		.extensions = {
			{ "keyUsage", "critical,digitalSignature" },
			{ "extendedKeyUsage",
			  usage != NULL ? usage : "codeSigning" },
			{ "subjectAltName", "critical,URI:" INSTANCE_WHO },
			{ "1.3.6.1.4.1.57264.1.8", "ASN1:UTF8:" INSTANCE_SAYS },
		},
	};

	const struct sct_plan sct = {
		.log = m->plan->ct != NULL ? m->plan->ct->ct_key : NULL,
		.ms = (uint64_t)INSTANCE_TIME * 1000,
	};

	m->made->leaf = sct.log != NULL ? make_logged(&leaf, &sct, 1)
	                                : make_certificate(&leaf);
	assert_non_null(m->made->leaf);
}

static inline void make_payload(struct making *m)
{
	struct bytes artifact = bytes_of(m->plan->artifact);
	uint8_t sha256[SHA256_LEN];
	struct err err;

	OK(sha256_of(artifact.data, artifact.len, sha256, &err));
	add(&m->payload,
	    "{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{"
	    "\"name\":\"other\",\"digest\":{\"gitCommit\":\"00\"}},{\"name\":"
	    "\"artifact\",\"digest\":");
	if (m->plan->subject != NULL) {
		add(&m->payload, m->plan->subject);
	} else {
		add(&m->payload, "{\"sha256\":\"");
		add_hex(&m->payload, sha256, SHA256_LEN);
		add(&m->payload, "\"}");
	}
	add(&m->payload, "}],\"predicateType\":\"https://example/p\","
	                 "\"predicate\":{}}");
}

static inline void sign_bundle(struct making *m)
{
	const struct bundle_plan *plan = m->plan;
	const char *text =
		plan->signed_text != NULL ? plan->signed_text : plan->artifact;
	struct err err;

	if (plan->is_attestation) {
		make_payload(m);
		OK(dsse_pae(plan->payload_type != NULL ? plan->payload_type
		                                       : DSSE_TYPE_INTOTO,
		            bytes_of_buf(&m->payload), &m->pae, &err));
		m->signature_len = sign_with(m->made->key,
		                             plan->signed_text != NULL
		                                     ? bytes_of(text)
		                                     : bytes_of_buf(&m->pae),
		                             m->signature);
	} else if (is_edwards(m->made->key) && !plan->is_pure) {
		m->signature_len = sign_prehashed(m->made->key, bytes_of(text),
		                                  m->signature);
	} else {
		m->signature_len =
			sign_with(m->made->key, bytes_of(text), m->signature);
	}
}

/* --- the log entry
 * --------------------------------------------------------- */

static inline size_t digest_logged(const struct making *m, const EVP_MD *hash,
                                   uint8_t out[SHA512_LEN])
{
	struct bytes data = bytes_of(m->plan->artifact);
	unsigned len;

	if (m->plan->logged_text != NULL)
		data = bytes_of(m->plan->logged_text);
	else if (m->plan->is_attestation)
		data = m->instance->is_v2 ? bytes_of_buf(&m->pae)
		                          : bytes_of_buf(&m->payload);
	assert_int_equal(EVP_Digest(data.data, data.len, out, &len, hash, NULL),
	                 1);
	return len;
}

static inline const char *name_hash(const EVP_MD *hash, bool is_v2)
{
	switch (EVP_MD_get_size(hash)) {
	case SHA256_LEN:
		return is_v2 ? "SHA2_256" : "sha256";
	case SHA384_LEN:
		return is_v2 ? "SHA2_384" : "sha384";
	default:
		return is_v2 ? "SHA2_512" : "sha512";
	}
}

static inline void add_logged_signature(const struct making *m, struct buf *out)
{
	uint8_t other[SIGNATURE_SPACE];

	memcpy(other, m->signature, sizeof other);
	if (m->plan->logs_other_signature)
		other[m->signature_len - 1] ^= 1;
	add_base64(out, other, m->signature_len);
}

static inline void add_verifier(const struct making *m, struct buf *out)
{
	if (m->plan->logs_other_key)
		add_pem(out, NULL, m->instance->other_key);
	else if (m->plan->logs_other_certificate)
		add_pem(out, m->instance->ca, NULL);
	else
		add_pem(out, m->made->leaf, m->made->key);
}

static inline void add_body_2(const struct making *m, struct buf *out)
{
	const EVP_MD *hash = hash_of(m->made->key);
	uint8_t digest[SHA512_LEN];
	size_t len = digest_logged(m, hash, digest);

	add(out, "{\"apiVersion\":\"0.0.2\",\"kind\":\"hashedrekord\",\"spec\":"
	         "{\"hashedRekordV002\":{\"data\":{\"algorithm\":\"");
	add(out, name_hash(hash, true));
	add(out, "\",\"digest\":\"");
	add_base64(out, digest, len);
	add(out, "\"},\"signature\":{\"content\":\"");
	add_logged_signature(m, out);
	add(out,
	    "\",\"verifier\":{\"keyDetails\":\"PKIX_ECDSA_P256_SHA_256\",");
	if (m->made->leaf != NULL && !m->plan->logs_other_key) {
		add(out, "\"x509Certificate\":{\"rawBytes\":\"");
		add_der(out, encode_x509, m->made->leaf);
	} else {
		add(out, "\"publicKey\":{\"rawBytes\":\"");
		add_der(out, encode_key,
		        m->plan->logs_other_key ? m->instance->other_key
		                                : m->made->key);
	}
	add(out, "\"}}}}}}");
}

static inline void add_body_dsse(const struct making *m, struct buf *out)
{
	uint8_t digest[SHA512_LEN];
	size_t len = digest_logged(m, EVP_sha256(), digest);

	add(out, "{\"apiVersion\":\"0.0.1\",\"kind\":\"dsse\",\"spec\":{"
	         "\"envelopeHash\":{\"algorithm\":\"sha256\",\"value\":\"");
	add_hex(out, digest, len);
	add(out, "\"},\"payloadHash\":{\"algorithm\":\"sha256\",\"value\":\"");
	add_hex(out, digest, len);
	add(out, "\"},\"signatures\":[{\"signature\":\"");
	add_logged_signature(m, out);
	add(out, "\",\"verifier\":\"");
	add_verifier(m, out);
	add(out, "\"}]}}");
}

static inline void add_body_1(const struct making *m, struct buf *out)
{
	const EVP_MD *hash = hash_of(m->made->key);
	uint8_t digest[SHA512_LEN];
	size_t len = digest_logged(m, hash, digest);

	add(out, "{\"apiVersion\":\"0.0.1\",\"kind\":\"hashedrekord\",\"spec\":"
	         "{\"data\":{\"hash\":{\"algorithm\":\"");
	add(out, name_hash(hash, false));
	add(out, "\",\"value\":\"");
	add_hex(out, digest, len);
	add(out, "\"}},\"signature\":{\"content\":\"");
	add_logged_signature(m, out);
	add(out, "\",\"publicKey\":{\"content\":\"");
	add_verifier(m, out);
	add(out, "\"}}}}");
}

static inline const char *kind_of(const struct making *m)
{
	if (m->plan->logged_kind != NULL)
		return m->plan->logged_kind;
	return m->plan->is_attestation && !m->instance->is_v2 ? "dsse"
	                                                      : "hashedrekord";
}

static inline void add_body(const struct making *m, struct buf *out)
{
	if (m->instance->is_v2)
		add_body_2(m, out);
	else if (strcmp(kind_of(m), "dsse") == 0)
		add_body_dsse(m, out);
	else
		add_body_1(m, out);
}

#define LOG_INDEX 1234567 /* over all trees of Rekor v1 */

static inline void add_promise(const struct making *m, struct bytes body,
                               struct buf *out)
{
	AUTO_BUF struct buf text = BUF_NONE;
	uint8_t signature[SIGNATURE_SPACE];
	size_t len;
	struct err err;

	add(&text, "{\"body\":\"");
	add_base64(&text, body.data, body.len);
	OK(buf_printf(&text, &err, "\",\"integratedTime\":%lld,\"logID\":\"",
	              (long long)m->plan->integrated));
	add_hex(&text, m->instance->log_id, SHA256_LEN);
	OK(buf_printf(&text, &err, "\",\"logIndex\":%d}", LOG_INDEX));
	len = sign_with(m->plan->is_promised_by_other ? m->instance->other_key
	                                              : m->instance->log_key,
	                bytes_of_buf(&text), signature);
	OK(buf_printf(out, &err,
	              "\"integratedTime\":\"%lld\",\"inclusionPromise\":"
	              "{\"signedEntryTimestamp\":\"",
	              (long long)m->plan->integrated));
	add_base64(out, signature, len);
	add(out, "\"},");
}

static inline void add_note_signature(const struct making *m, const char *name,
                                      struct bytes text, struct buf *out)
{
	const struct bundle_plan *plan = m->plan;
	EVP_PKEY *signer = plan->is_noted_by_other ? m->instance->other_key
	                                           : m->instance->log_key;
	EVP_PKEY *named = plan->bears_id_of_log ? m->instance->log_key : signer;
	AUTO_PUBLIC_KEY struct public_key key = PUBLIC_KEY_NONE;
	uint8_t line[NOTE_KEY_ID_LEN + SIGNATURE_SPACE];
	struct err err;
	size_t len;

	OK(make_public(named, &key, &err));
	OK(note_key_id(&key, bytes_of(name), line, &err));
	len = sign_with(signer, text, line + NOTE_KEY_ID_LEN);
	add(out, "\xe2\x80\x94 ");
	add(out, name);
	add(out, " ");
	add_base64(out, line, NOTE_KEY_ID_LEN + len);
	add(out, "\\n");
}

/* A JSON text: its line feeds are written "\n". */
static inline void add_checkpoint(const struct making *m,
                                  const uint8_t root[SHA256_LEN],
                                  struct buf *out)
{
	const char *origin =
		m->instance->is_v2 ? INSTANCE_HOST : INSTANCE_HOST " - 42";
	const char *name = INSTANCE_HOST;
	const char *size =
		m->plan->tree_size != NULL ? m->plan->tree_size : "1";
	AUTO_BUF struct buf text = BUF_NONE;
	char root64[BASE64_SIZE(SHA256_LEN)];
	struct err err;

	if (m->plan->origin != NULL)
		origin = m->plan->origin;
	if (m->plan->note_name != NULL)
		name = m->plan->note_name;
	base64_encode(root, SHA256_LEN, root64);
	OK(buf_printf(&text, &err, "%s\n%s\n%s\n", origin, size, root64));
	OK(buf_printf(out, &err, "%s\\n%s\\n%s\\n\\n", origin, size, root64));
	if (m->plan->cosignature != NULL)
		add(out, m->plan->cosignature);
	add_note_signature(m, name, bytes_of_buf(&text), out);
}

/* A tree of one leaf: its hash is the root. */
static inline void add_proof(const struct making *m, struct bytes body,
                             struct buf *out)
{
	uint8_t root[SHA256_LEN];
	struct err err;

	OK(merkle_leaf_hash(m->plan->proves_other ? bytes_of("other") : body,
	                    root, &err));
	add(out, "\"inclusionProof\":{\"logIndex\":\"0\",\"treeSize\":\"1\","
	         "\"rootHash\":\"");
	add_base64(out, root, SHA256_LEN);
	add(out, "\",\"hashes\":[],\"checkpoint\":{\"envelope\":\"");
	add_checkpoint(m, root, out);
	add(out, "\"}},");
}

static inline void add_entry(const struct making *m, struct buf *out)
{
	const struct bundle_plan *plan = m->plan;
	AUTO_BUF struct buf body = BUF_NONE;
	struct err err;

	add_body(m, &body);
	OK(buf_printf(
		out, &err, "{\"logIndex\":\"%llu\",\"logId\":{\"keyId\":\"",
		m->instance->is_v2 ? (unsigned long long)plan->proof_index_off
				   : (unsigned long long)LOG_INDEX));
	add_base64(out, m->instance->log_id, SHA256_LEN);
	OK(buf_printf(
		out, &err,
		"\"},\"kindVersion\":{\"kind\":\"%s\",\"version\":\"%s\"},",
		kind_of(m), m->instance->is_v2 ? "0.0.2" : "0.0.1"));
	if (!m->instance->is_v2 && !plan->has_no_promise)
		add_promise(m, bytes_of_buf(&body), out);
	if (!plan->has_no_proof)
		add_proof(m, bytes_of_buf(&body), out);
	add(out, "\"canonicalizedBody\":\"");
	add_base64(out, body.data, body.len);
	add(out, "\"}");
}

static inline int encode_stamp(const void *stamp, unsigned char **out)
{
	return i2d_TS_RESP(stamp, out);
}

static inline void add_stamp(const struct making *m,
                             const struct instance *stamper, struct buf *out)
{
	int64_t when = m->plan->stamped != 0 ? m->plan->stamped : INSTANCE_TIME;
	const struct timestamp_plan plan = { .signer = stamper->tsa,
		                             .key = stamper->tsa_key,
		                             .seconds = (long)when };
	struct bytes text = { m->signature, m->signature_len };
	TS_RESP *stamp;

	if (m->plan->stamped_text != NULL)
		text = bytes_of(m->plan->stamped_text);
	stamp = make_timestamp(&plan, text);
	assert_non_null(stamp);
	add(out, "{\"signedTimestamp\":\"");
	add_der(out, encode_stamp, stamp);
	add(out, "\"}");
	TS_RESP_free(stamp);
}

/* --- the bundle
 * ------------------------------------------------------------ */

static inline void add_chained(const struct making *m, struct buf *out)
{
	if (!m->plan->chains_leaf && !m->plan->chains_root)
		return;
	add(out, "\"},{\"rawBytes\":\"");
	add_der(out, encode_x509,
	        m->plan->chains_leaf ? m->made->leaf : m->instance->ca);
}

static inline void add_material(const struct making *m, struct buf *out)
{
	int copies = m->plan->copies != 0 ? m->plan->copies : 1;
	bool is_chain = m->plan->media_type != NULL;

	if (m->made->leaf == NULL) {
		add(out, "\"publicKey\":{\"hint\":\"any\"}");
	} else {
		add(out, is_chain
		                 ? "\"x509CertificateChain\":{\"certificates\":"
		                   "[{\"rawBytes\":\""
		                 : "\"certificate\":{\"rawBytes\":\"");
		add_der(out, encode_x509, m->made->leaf);
		add_chained(m, out);
		add(out, is_chain ? "\"}]}" : "\"}");
	}
	add(out, ",\"tlogEntries\":[");
	for (int i = 0; i < copies && !m->plan->has_no_entry; i++) {
		add(out, i > 0 ? "," : "");
		add_entry(m, out);
	}
	add(out, "],\"timestampVerificationData\":{\"rfc3161Timestamps\":[");
	for (size_t i = 0; i < 2 && m->plan->stampers[i] != NULL; i++) {
		add(out, i > 0 ? "," : "");
		add_stamp(m, m->plan->stampers[i], out);
	}
	add(out, "]}");
}

static inline void add_message(const struct making *m, struct buf *out)
{
	uint8_t digest[SHA256_LEN];
	struct err err;

	add(out, "\"messageSignature\":{");
	if (m->plan->message_digest == NULL) {
		OK(sha256_of(m->plan->artifact, strlen(m->plan->artifact),
		             digest, &err));
		add(out, "\"messageDigest\":{\"algorithm\":\"SHA2_256\","
		         "\"digest\":\"");
		add_base64(out, digest, SHA256_LEN);
		add(out, "\"},");
	} else if (m->plan->message_digest[0] != '\0') {
		add(out, "\"messageDigest\":{\"algorithm\":\"SHA2_256\","
		         "\"digest\":\"");
		add(out, m->plan->message_digest);
		add(out, "\"},");
	}
	add(out, "\"signature\":\"");
	add_base64(out, m->signature, m->signature_len);
	add(out, "\"}");
}

static inline void add_envelope(const struct making *m, struct buf *out)
{
	const char *type = m->plan->payload_type;

	add(out, "\"dsseEnvelope\":{\"payload\":\"");
	add_base64(out, m->payload.data, m->payload.len);
	add(out, "\",\"payloadType\":\"");
	add(out, type != NULL ? type : DSSE_TYPE_INTOTO);
	add(out, "\",\"signatures\":[{\"sig\":\"");
	add_base64(out, m->signature, m->signature_len);
	add(out, "\"}]}");
}

static inline void made_bundle_done(struct made_bundle *made)
{
	buf_done(&made->text);
	EVP_PKEY_free(made->key);
	public_key_done(&made->public);
	X509_free(made->leaf);
}

/* @plan: its artifact must be set. */
static inline void make_bundle(const struct instance *instance,
                               const struct bundle_plan *wanted,
                               struct made_bundle *out)
{
	struct bundle_plan plan = *wanted;
	struct making m = { .instance = instance,
		            .plan = &plan,
		            .made = out,
		            .payload = BUF_NONE,
		            .pae = BUF_NONE };
	struct err err;

	if (plan.integrated == 0)
		plan.integrated = INSTANCE_TIME;
	*out = (struct made_bundle){ .text = BUF_NONE,
		                     .public = PUBLIC_KEY_NONE };
	out->key = make_key(plan.key != NULL ? plan.key : "P-256");
	OK(make_public(out->key, &out->public, &err));
	if (!plan.is_by_key)
		make_leaf(&m);
	sign_bundle(&m);
	add(&out->text, "{\"mediaType\":\"");
	add(&out->text, plan.media_type != NULL
	                        ? plan.media_type
	                        : "application/vnd.dev.sigstore.bundle.v0.3+"
	                          "json");
	add(&out->text, "\",\"verificationMaterial\":{");
	add_material(&m, &out->text);
	add(&out->text, "},");
	if (plan.is_attestation)
		add_envelope(&m, &out->text);
	else
		add_message(&m, &out->text);
	add(&out->text, "}");
	buf_done(&m.payload);
	buf_done(&m.pae);
}

#endif
