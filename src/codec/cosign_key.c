/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/cosign_key.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "codec/base64.h"
#include "codec/json_read.h"
#include "codec/json_write.h"

#define PEM_TYPE  "ENCRYPTED SIGSTORE PRIVATE KEY"
#define PEM_OLD   "ENCRYPTED COSIGN PRIVATE KEY"
#define PEM_BEGIN "-----BEGIN "
#define PEM_END   "-----END "
#define PEM_DASH  "-----"
#define PEM_WIDTH 64 /* base64 characters of a line */
#define JSON_SIZE BASE64_DECODED_MAX(COSIGN_FILE_MAX)

#define SCRYPT_R  8
#define SCRYPT_P  1

/* --- PEM (RFC 7468), as much of it as cosign writes --------------------------
 */

/* Cut @prefix off the text between *at and @end. */
static bool skip(const char **at, const char *end, const char *prefix)
{
	size_t len = strlen(prefix);

	if ((size_t)(end - *at) < len || memcmp(*at, prefix, len) != 0)
		return false;
	*at += len;
	return true;
}

static int refuse_type(const char *type, size_t len, struct err *err)
{
	static const char private[] = "PRIVATE KEY";
	size_t tail = sizeof private - 1;

	if (len >= tail && memcmp(type + len - tail, private, tail) == 0)
		return err_set(err, ERR_USAGE, 0,
		               "this is a key of type '%.*s', not one that "
		               "cosign encrypted; make one of it with: cosign "
		               "import-key-pair --key FILE",
		               (int)len, type);
	return err_set(err, ERR_USAGE, 0,
	               "this is a PEM block of type '%.*s', no private key",
	               (int)len, type);
}

/* The first line; @type is where its type stands. */
static int take_head(const char **at, const char *end, const char **type,
                     size_t *type_len, struct err *err)
{
	const char *lf = memchr(*at, '\n', (size_t)(end - *at));
	const char *begin = *at;
	size_t len;

	if (lf == NULL || !skip(&begin, lf, PEM_BEGIN) ||
	    (size_t)(lf - begin) <= strlen(PEM_DASH) ||
	    memcmp(lf - strlen(PEM_DASH), PEM_DASH, strlen(PEM_DASH)) != 0)
		return err_set(err, ERR_FORMAT, 0,
		               "it does not begin with a line '%sTYPE%s'",
		               PEM_BEGIN, PEM_DASH);
	len = (size_t)(lf - begin) - strlen(PEM_DASH);
	if (!(len == strlen(PEM_TYPE) && memcmp(begin, PEM_TYPE, len) == 0) &&
	    !(len == strlen(PEM_OLD) && memcmp(begin, PEM_OLD, len) == 0))
		return refuse_type(begin, len, err);
	*type = begin;
	*type_len = len;
	*at = lf + 1;
	return 0;
}

/* The base64 lines, put together; *at stands on the last line afterwards. */
static int take_body(const char **at, const char *end, struct buf *body,
                     struct err *err)
{
	while (*at < end && **at != '-') {
		const char *lf = memchr(*at, '\n', (size_t)(end - *at));

		if (lf == NULL)
			break;
		if (buf_add(body, *at, (size_t)(lf - *at), err) < 0)
			return -1;
		*at = lf + 1;
	}
	return 0;
}

static int take_end(const char *at, const char *end, const char *type,
                    size_t type_len, struct err *err)
{
	bool is_end = skip(&at, end, PEM_END) &&
	              (size_t)(end - at) >= type_len &&
	              memcmp(at, type, type_len) == 0;

	at += is_end ? type_len : 0;
	if (!is_end || !skip(&at, end, PEM_DASH))
		return err_set(err, ERR_FORMAT, 0,
		               "it does not end in a line '%s%.*s%s'", PEM_END,
		               (int)type_len, type, PEM_DASH);
	(void)skip(&at, end, "\n"); /* may be missing */
	if (at != end)
		return err_set(err, ERR_FORMAT, 0,
		               "something stands behind the key");
	return 0;
}

/* What the block holds, decoded to @out of JSON_SIZE bytes. */
static int read_pem(const char *text, size_t len, uint8_t *out, size_t *out_len,
                    struct err *err)
{
	AUTO_BUF struct buf body = BUF_LIMIT(COSIGN_FILE_MAX);
	const char *at = text;
	const char *end = text + len;
	const char *type;
	size_t type_len;

	if (take_head(&at, end, &type, &type_len, err) < 0 ||
	    take_body(&at, end, &body, err) < 0 ||
	    take_end(at, end, type, type_len, err) < 0)
		return -1;
	return base64_decode(buf_text(&body), body.len, out, out_len, err);
}

/* --- JSON -------------------------------------------------------------------
 */

static int require_name(const struct json_node *object, const char *key,
                        const char *want, struct err *err)
{
	struct json_node node = json_member(object, key);
	const char *text;

	if (json_require_text(&node, &text, err) < 0)
		return -1;
	if (strcmp(text, want) != 0)
		return json_refuse(&node, ERR_FORMAT, err, "'%s', not '%s'",
		                   text, want);
	return 0;
}

static int require_number(const struct json_node *object, const char *key,
                          uint64_t want, struct err *err)
{
	struct json_node node = json_member(object, key);
	uint64_t number;

	if (json_get_u64(&node, UINT32_MAX, &number, err) < 0)
		return -1;
	if (number != want)
		return json_refuse(&node, ERR_FORMAT, err, "%llu, not %llu",
		                   (unsigned long long)number,
		                   (unsigned long long)want);
	return 0;
}

static int read_cost(const struct json_node *params, uint32_t *out,
                     struct err *err)
{
	struct json_node node = json_member(params, "N");
	uint64_t cost;

	if (json_get_u64(&node, UINT32_MAX, &cost, err) < 0)
		return -1;
	if (cost != COSIGN_COST_OLD && cost != COSIGN_COST &&
	    cost != COSIGN_COST_HIGHEST)
		return json_refuse(&node, ERR_FORMAT, err,
		                   "%llu, none of 32768, 65536 and 131072",
		                   (unsigned long long)cost);
	*out = (uint32_t)cost;
	return 0;
}

static int read_derivation(const struct json_node *top,
                           struct cosign_secret *out, struct err *err)
{
	static const char *const members[] = { "name", "params", "salt", NULL };
	static const char *const numbers[] = { "N", "r", "p", NULL };
	struct json_node kdf = json_member(top, "kdf");
	struct json_node params = json_member(&kdf, "params");
	struct json_node salt = json_member(&kdf, "salt");

	if (json_require_object(&kdf, members, err) < 0 ||
	    require_name(&kdf, "name", "scrypt", err) < 0 ||
	    json_require_object(&params, numbers, err) < 0 ||
	    read_cost(&params, &out->cost, err) < 0 ||
	    require_number(&params, "r", SCRYPT_R, err) < 0 ||
	    require_number(&params, "p", SCRYPT_P, err) < 0)
		return -1;
	return json_require_exact(&salt, out->salt, sizeof out->salt, err);
}

static int read_cipher(const struct json_node *top, struct cosign_secret *out,
                       struct err *err)
{
	static const char *const members[] = { "name", "nonce", NULL };
	struct json_node cipher = json_member(top, "cipher");
	struct json_node nonce = json_member(&cipher, "nonce");

	if (json_require_object(&cipher, members, err) < 0 ||
	    require_name(&cipher, "name", "nacl/secretbox", err) < 0)
		return -1;
	return json_require_exact(&nonce, out->nonce, sizeof out->nonce, err);
}

static int read_sealed(struct json_document *document,
                       const struct json_node *top, struct cosign_secret *out,
                       struct err *err)
{
	struct json_node node = json_member(top, "ciphertext");
	struct bytes sealed;

	if (json_require_bytes(document, &node, &sealed, err) < 0)
		return -1;
	if (sealed.len <= COSIGN_TAG_LEN)
		return json_refuse(&node, ERR_FORMAT, err,
		                   "%zu bytes hold no key", sealed.len);
	if (sealed.len > sizeof out->sealed)
		return json_refuse(&node, ERR_LIMIT, err,
		                   "%zu bytes; at most %zu", sealed.len,
		                   sizeof out->sealed);
	memcpy(out->sealed, sealed.data, sealed.len);
	out->sealed_len = sealed.len;
	return 0;
}

static int read_json(const char *text, size_t len, struct cosign_secret *out,
                     struct err *err)
{
	static const char *const members[] = { "kdf", "cipher", "ciphertext",
		                               NULL };
	AUTO_JSON_DOCUMENT struct json_document document = JSON_DOCUMENT_NONE;
	struct json_node top;

	if (json_read(text, len, JSON_SIZE, &document, err) < 0)
		return -1;
	top = json_top(&document);
	if (json_require_object(&top, members, err) < 0 ||
	    read_derivation(&top, out, err) < 0 ||
	    read_cipher(&top, out, err) < 0)
		return -1;
	return read_sealed(&document, &top, out, err);
}

static int parse(const char *text, size_t len, struct cosign_secret *out,
                 struct err *err)
{
	uint8_t json[JSON_SIZE];
	size_t json_len;

	if (len > COSIGN_FILE_MAX)
		return err_set(err, ERR_LIMIT, 0, "%zu bytes; at most %zu", len,
		               COSIGN_FILE_MAX);
	if (read_pem(text, len, json, &json_len, err) < 0)
		return -1;
	return read_json((const char *)json, json_len, out, err);
}

int cosign_parse_secret(const char *text, size_t len, struct cosign_secret *out,
                        struct err *err)
{
	struct cosign_secret secret = { .cost = 0 };

	if (parse(text, len, &secret, err) < 0)
		return err_wrap(err, "reading a cosign private key");
	*out = secret;
	return 0;
}

/* --- writing ----------------------------------------------------------------
 */

static int write_base64(struct json_writer *json, const char *name,
                        const uint8_t *data, size_t len, struct err *err)
{
	char text[BASE64_SIZE(COSIGN_TAG_LEN + COSIGN_CLEAR_MAX)];

	base64_encode(data, len, text);
	return json_text(json, name, text, err);
}

static int write_derivation(struct json_writer *json,
                            const struct cosign_secret *in, struct err *err)
{
	if (json_open_object(json, "kdf", err) < 0 ||
	    json_text(json, "name", "scrypt", err) < 0 ||
	    json_open_object(json, "params", err) < 0 ||
	    json_u64(json, "N", in->cost, err) < 0 ||
	    json_u64(json, "r", SCRYPT_R, err) < 0 ||
	    json_u64(json, "p", SCRYPT_P, err) < 0 ||
	    json_close(json, err) < 0 ||
	    write_base64(json, "salt", in->salt, sizeof in->salt, err) < 0)
		return -1;
	return json_close(json, err);
}

static int write_json(const struct cosign_secret *in, struct buf *out,
                      struct err *err)
{
	struct json_writer json;

	json_begin(&json, out);
	if (json_open_object(&json, NULL, err) < 0 ||
	    write_derivation(&json, in, err) < 0 ||
	    json_open_object(&json, "cipher", err) < 0 ||
	    json_text(&json, "name", "nacl/secretbox", err) < 0 ||
	    write_base64(&json, "nonce", in->nonce, sizeof in->nonce, err) <
	            0 ||
	    json_close(&json, err) < 0 ||
	    write_base64(&json, "ciphertext", in->sealed, in->sealed_len, err) <
	            0)
		return -1;
	return json_close(&json, err);
}

int cosign_write_secret(const struct cosign_secret *in, struct buf *out,
                        struct err *err)
{
	AUTO_BUF struct buf json = BUF_LIMIT(JSON_SIZE);
	AUTO_BUF struct buf body = BUF_LIMIT(COSIGN_FILE_MAX);

	if (write_json(in, &json, err) < 0 ||
	    base64_add(&body, (const uint8_t *)json.data, json.len, err) < 0 ||
	    buf_adds(out, PEM_BEGIN PEM_TYPE PEM_DASH "\n", err) < 0)
		return -1;
	for (size_t at = 0; at < body.len; at += PEM_WIDTH) {
		size_t left = body.len - at;

		if (buf_printf(out, err, "%.*s\n",
		               (int)(left < PEM_WIDTH ? left : PEM_WIDTH),
		               body.data + at) < 0)
			return -1;
	}
	return buf_adds(out, PEM_END PEM_TYPE PEM_DASH "\n", err);
}
