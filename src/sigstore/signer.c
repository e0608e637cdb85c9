/* SPDX-License-Identifier: Apache-2.0 */
#include "sigstore/signer.h"

#include <stddef.h>

void signer_done(struct signer *signer)
{
	public_key_done(&signer->key);
	certificate_done(&signer->leaf);
	certificate_chain_done(&signer->helpers);
}

/* Certificates behind the leaf only help to build the path.  A root among them
 * suggests that somebody wants it trusted. */
static int read_helpers(const struct sigstore_bundle *bundle,
                        struct signer *out, struct err *err)
{
	for (size_t i = 1; i < bundle->certificate_count; i++) {
		if (certificate_chain_add(&out->helpers,
		                          bundle->certificates[i], err) < 0)
			return err_wrap(err, "certificate %zu of the bundle",
			                i);
		if (certificate_is_self_issued(&out->helpers.items[i - 1]))
			return err_set(err, ERR_UNTRUSTED, 0,
			               "certificate %zu of the bundle: a root "
			               "certificate has no place in a bundle",
			               i);
	}
	return 0;
}

static int read_certificates(const struct sigstore_bundle *bundle,
                             struct signer *out, struct err *err)
{
	if (certificate_parse(bundle->certificates[0], &out->leaf, err) < 0 ||
	    certificate_key(&out->leaf, &out->key, err) < 0)
		return err_wrap(err, "certificate of the bundle");
	return read_helpers(bundle, out, err);
}

int signer_read(const struct sigstore_bundle *bundle,
                const struct public_key *key, struct signer *out,
                struct err *err)
{
	switch (bundle->material) {
	case SIGSTORE_CERTIFICATE:
		if (key != NULL)
			return err_set(err, ERR_UNTRUSTED, 0,
			               "the bundle is signed by the owner of a "
			               "certificate, not by a key");
		return read_certificates(bundle, out, err);
	case SIGSTORE_PUBLIC_KEY:
		if (key == NULL)
			return err_set(err, ERR_UNTRUSTED, 0,
			               "the bundle is signed by a key, not by "
			               "the owner of a certificate");
		out->is_by_key = true;
		return public_key_copy(key, &out->key, err);
	}
	return err_set(err, ERR_INTERNAL, 0, "a bundle without key material");
}
