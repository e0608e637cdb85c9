/* SPDX-License-Identifier: Apache-2.0 */
#include "sigstore/entry_body.h"

#include <stdbool.h>
#include <string.h>

static int refuse(struct err *err, const char *what)
{
	return err_set(err, ERR_UNTRUSTED, 0,
	               "canonicalizedBody: the logged %s is not the bundle's",
	               what);
}

/* --- the digest
 * ------------------------------------------------------------ */

static int is_digest_of_content(const struct rekor_entry *entry,
                                const struct signed_content *content,
                                struct err *err)
{
	const struct sigstore_bundle *bundle = content->bundle;
	struct bytes pae = { (const uint8_t *)content->pae.data,
		             content->pae.len };

	switch (entry->kind) {
	case REKOR_HASHEDREKORD_1:
		return signed_content_is_artifact(content, &entry->digest, err);
	case REKOR_DSSE_1:
	case REKOR_INTOTO_2:
		return signed_content_is_digest_of(
			&entry->digest, bundle->envelope.payload, err);
	case REKOR_HASHEDREKORD_2:
		break;
	}
	if (bundle->content == SIGSTORE_MESSAGE)
		return signed_content_is_artifact(content, &entry->digest, err);
	return signed_content_is_digest_of(&entry->digest, pae, err);
}

static bool fits_content(enum rekor_kind kind, enum sigstore_content content)
{
	switch (kind) {
	case REKOR_HASHEDREKORD_1:
		return content == SIGSTORE_MESSAGE;
	case REKOR_DSSE_1:
	case REKOR_INTOTO_2:
		return content == SIGSTORE_ENVELOPE;
	case REKOR_HASHEDREKORD_2:
		break;
	}
	return true;
}

static int check_digest(const struct rekor_entry *entry,
                        const struct signed_content *content, struct err *err)
{
	int is_same;

	if (!fits_content(entry->kind, content->bundle->content))
		return err_set(err, ERR_UNTRUSTED, 0,
		               "canonicalizedBody: an entry of this kind does "
		               "not log what the bundle holds");
	is_same = is_digest_of_content(entry, content, err);
	if (is_same < 0)
		return err_wrap(err, "canonicalizedBody");
	return is_same == 1 ? 0 : refuse(err, "digest");
}

/* --- the signature and its maker
 * ------------------------------------------- */

static int check_signature(const struct rekor_entry *entry,
                           const struct signed_content *content,
                           struct err *err)
{
	const struct bytes *ours = &content->bundle->signature;

	if (entry->signature.len != ours->len ||
	    memcmp(entry->signature.data, ours->data, ours->len) != 0)
		return refuse(err, "signature");
	return 0;
}

static int read_certificate(const struct rekor_entry *entry,
                            struct certificate *out, struct err *err)
{
	if (entry->verifier_type == REKOR_CERTIFICATE)
		return certificate_parse(entry->verifier, out, err);
	if (entry->verifier_type == REKOR_PEM)
		return certificate_from_pem((const char *)entry->verifier.data,
		                            entry->verifier.len, out, err);
	return refuse(err, "certificate");
}

static int read_key(const struct rekor_entry *entry, struct public_key *out,
                    struct err *err)
{
	if (entry->verifier_type == REKOR_PUBLIC_KEY)
		return public_key_from_spki(entry->verifier, out, err);
	if (entry->verifier_type == REKOR_PEM)
		return public_key_from_pem((const char *)entry->verifier.data,
		                           entry->verifier.len, out, err);
	return refuse(err, "key");
}

static int check_certificate(const struct rekor_entry *entry,
                             const struct signer *signer, struct err *err)
{
	AUTO_CERTIFICATE struct certificate logged = CERTIFICATE_NONE;

	if (read_certificate(entry, &logged, err) < 0)
		return err_wrap(err, "canonicalizedBody");
	if (!certificate_equal(&logged, &signer->leaf))
		return refuse(err, "certificate");
	return 0;
}

static int check_key(const struct rekor_entry *entry,
                     const struct signer *signer, struct err *err)
{
	AUTO_PUBLIC_KEY struct public_key logged = PUBLIC_KEY_NONE;

	if (read_key(entry, &logged, err) < 0)
		return err_wrap(err, "canonicalizedBody");
	if (!public_key_equal(&logged, &signer->key))
		return refuse(err, "key");
	return 0;
}

int entry_body_check(const struct rekor_entry *entry,
                     const struct signed_content *content,
                     const struct signer *signer, struct err *err)
{
	if (check_digest(entry, content, err) < 0 ||
	    check_signature(entry, content, err) < 0)
		return -1;
	if (signer->is_by_key)
		return check_key(entry, signer, err);
	return check_certificate(entry, signer, err);
}
