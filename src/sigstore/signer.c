/* SPDX-License-Identifier: Apache-2.0 */
#include "sigstore/signer.h"

#include <stddef.h>

void signer_done(struct signer *signer)
{
	public_key_done(&signer->key);
	certificate_done(&signer->leaf);
	certificate_chain_done(&signer->helpers);
}

static bool is_there_already(const struct signer *signer,
                             const struct certificate *certificate)
{
	for (size_t i = 0; i < signer->helpers.count; i++)
		if (certificate_equal(&signer->helpers.items[i], certificate))
			return true;
	return certificate_equal(&signer->leaf, certificate);
}

/* A certificate behind the leaf only helps to build the path.  A root among
 * them suggests that somebody wants it trusted. */
static int read_helper(struct bytes der, struct signer *out, struct err *err)
{
	AUTO_CERTIFICATE struct certificate helper = CERTIFICATE_NONE;

	if (certificate_parse(der, &helper, err) < 0)
		return -1;
	if (certificate_is_self_issued(&helper))
		return err_set(err, ERR_UNTRUSTED, 0,
		               "a root certificate has no place in a bundle");
	if (is_there_already(out, &helper))
		return err_set(err, ERR_UNTRUSTED, 0, "it stands there twice");
	return certificate_chain_add(&out->helpers, der, err);
}

static int read_helpers(const struct sigstore_bundle *bundle,
                        struct signer *out, struct err *err)
{
	for (size_t i = 1; i < bundle->certificate_count; i++)
		if (read_helper(bundle->certificates[i], out, err) < 0)
			return err_wrap(err, "certificate %zu of the bundle",
			                i);
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
