/* SPDX-License-Identifier: Apache-2.0 */
#include "bare_signature.h"

#include <string.h>

#include "codec/base64.h"
#include "codec/json_read.h"
#include "crypto/public_key.h"
#include "signing.h"

/* The key that made it; NULL: none of them. */
static const struct public_key *find_key(const struct sealed_bundle *bundle,
                                         const struct keyring *keys,
                                         struct bytes signature)
{
	const struct bytes message = release_bytes(bundle);
	struct err ignored; /* the next key may do */

	for (size_t i = 0; i < keys->cosign_count; i++) {
		const struct public_key *key = &keys->cosign_keys[i].key;

		if (public_key_verify(key, message, signature, &ignored) == 0 ||
		    (key->type == PUBLIC_KEY_ED25519 &&
		     public_key_verify_ed25519ph(key, message, signature,
		                                 &ignored) == 0))
			return key;
	}
	return NULL;
}

static int no_signature(struct err *err)
{
	return err_set(err, ERR_FORMAT, 0,
	               "it is neither a minisign signature, nor a Sigstore "
	               "bundle, nor a signature in base64");
}

static int wrap(const struct sealed_bundle *bundle, const struct keyring *keys,
                const char *base64, size_t len, struct buf *out,
                struct err *err)
{
	uint8_t data[PUBLIC_KEY_SIGNATURE_MAX];
	struct bytes signature = { data, 0 };
	const struct public_key *key;

	if (len == 0 || BASE64_DECODED_MAX(len) > sizeof data ||
	    base64_decode(base64, len, data, &signature.len, err) < 0)
		return no_signature(err);
	key = find_key(bundle, keys, signature);
	if (key == NULL)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "a bare signature by none of the PEM keys that "
		               "you named: --key PUB.pem; for one by a "
		               "certificate, let cosign write it with "
		               "--new-bundle-format");
	return write_message(bundle, key, signature, out, err);
}

/* The old bundle of cosign: {"base64Signature": ..., "cert": ...,
 * "rekorBundle": ...}.  Where a key signed, the rest proves nothing more. */
static int wrap_json(const struct sealed_bundle *bundle,
                     const struct keyring *keys, const struct buf *text,
                     struct buf *out, struct err *err)
{
	AUTO_JSON_DOCUMENT struct json_document document = JSON_DOCUMENT_NONE;
	struct json_node top;
	struct json_node node;
	const char *base64;

	if (json_read(buf_text(text), text->len, JSON_READ_MAX, &document,
	              err) < 0)
		return -1;
	top = json_top(&document);
	node = json_member(&top, "base64Signature");
	if (!json_is_present(&node))
		return 0;
	if (json_require_text(&node, &base64, err) < 0 ||
	    wrap(bundle, keys, base64, strlen(base64), out, err) < 0)
		return -1;
	return 1;
}

int bare_signature_wrap(const struct sealed_bundle *bundle,
                        const struct keyring *keys, struct buf *text,
                        struct err *err)
{
	AUTO_BUF struct buf made = BUF_LIMIT(text->max);
	size_t len = text->len;
	int result;

	while (len > 0 && text->data[len - 1] == '\n')
		len--;
	result = buf_text(text)[0] == '{'
	                 ? wrap_json(bundle, keys, text, &made, err)
	                 : wrap(bundle, keys, buf_text(text), len, &made, err);
	if (result < 0 || made.len == 0)
		return result;
	buf_cut(text, 0);
	return buf_add(text, made.data, made.len, err) < 0 ? -1 : 1;
}
