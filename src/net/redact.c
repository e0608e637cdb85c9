/* SPDX-License-Identifier: Apache-2.0 */
#include "net/redact.h"

#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "codec/base64.h"
#include "codec/json_escape.h"

#define SPELLINGS_MAX ((size_t)REDACT_SECRETS_MAX * 6)
#define SPELLING_MAX  ((size_t)64 << 10) /* bytes of one */

/* All that is looked for; of this program, as its standard output is. */
static struct buf spellings[SPELLINGS_MAX];
static size_t spelling_count;

/* Tokens as they are: they go in a header, and hold nothing to encode. */
static struct buf passing[REDACT_PASSING_MAX];
static size_t passing_next; /* the oldest, once all are taken */

_Static_assert(sizeof REDACT_SHOWN - 1 <= REDACT_LENGTH_MIN,
               "a replaced text only gets shorter");

/* --- noting ------------------------------------------------------------- */

/* @spelling is moved from, unless it is too short or known. */
static int add_spelling(struct buf *spelling, struct err *err)
{
	if (spelling->len < REDACT_LENGTH_MIN)
		return 0;
	for (size_t i = 0; i < spelling_count; i++)
		if (spellings[i].len == spelling->len &&
		    memcmp(spellings[i].data, spelling->data, spelling->len) ==
		            0)
			return 0;
	if (spelling_count == SPELLINGS_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d secrets",
		               REDACT_SECRETS_MAX);
	spellings[spelling_count++] = *spelling;
	*spelling = BUF_NONE;
	return 0;
}

static int add_plain(const char *secret, size_t len, struct err *err)
{
	AUTO_SECRET struct buf spelling = BUF_LIMIT(SPELLING_MAX);

	if (buf_add(&spelling, secret, len, err) < 0)
		return -1;
	return add_spelling(&spelling, err);
}

/* Without the padding, which a cut text may lack. */
static int add_base64(const char *secret, size_t len, struct err *err)
{
	AUTO_SECRET struct buf spelling = BUF_LIMIT(SPELLING_MAX);

	if (base64_add(&spelling, (const uint8_t *)secret, len, err) < 0)
		return -1;
	while (spelling.len > 0 && spelling.data[spelling.len - 1] == '=')
		buf_cut(&spelling, spelling.len - 1);
	return add_spelling(&spelling, err);
}

static int add_pair(const char *user, const char *secret, size_t len,
                    struct err *err)
{
	AUTO_SECRET struct buf pair = BUF_LIMIT(SPELLING_MAX);

	if (buf_printf(&pair, err, "%s:", user) < 0 ||
	    buf_add(&pair, secret, len, err) < 0)
		return -1;
	return add_base64(pair.data, pair.len, err);
}

static bool is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c != '\0' && strchr("-._~", c));
}

/* RFC 3986, section 2.1: as it would stand in a query.  @kept: what is left as
 * it is besides, as some leave '/'. */
static int add_encoded(const char *secret, size_t len, const char *kept,
                       struct err *err)
{
	AUTO_SECRET struct buf spelling = BUF_LIMIT(SPELLING_MAX);

	for (size_t i = 0; i < len; i++) {
		bool is_kept = secret[i] != '\0' && strchr(kept, secret[i]);
		int got = is_kept || is_unreserved(secret[i])
		                  ? buf_add(&spelling, secret + i, 1, err)
		                  : buf_printf(&spelling, err, "%%%02X",
		                               (unsigned char)secret[i]);

		if (got < 0)
			return -1;
	}
	return add_spelling(&spelling, err);
}

/* As it stands in a JSON text, ours or another's, between the quotes. */
static int add_json(const char *secret, size_t len, struct err *err)
{
	AUTO_SECRET struct buf spelling = BUF_LIMIT(SPELLING_MAX);
	char escape[JSON_ESCAPE_SIZE];

	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)secret[i];
		int got;

		if (byte < 0x80 && json_needs_escape(byte)) {
			json_escape(byte, escape);
			got = buf_adds(&spelling, escape, err);
		} else {
			got = buf_add(&spelling, secret + i, 1, err);
		}
		if (got < 0)
			return -1;
	}
	return add_spelling(&spelling, err);
}

int redact_note(const char *user, const char *secret, size_t len,
                struct err *err)
{
	if (len < REDACT_LENGTH_MIN)
		return 0;
	if (add_plain(secret, len, err) < 0 ||
	    add_base64(secret, len, err) < 0 ||
	    add_encoded(secret, len, "", err) < 0 ||
	    add_encoded(secret, len, "/", err) < 0 ||
	    add_json(secret, len, err) < 0)
		return -1;
	return user != NULL ? add_pair(user, secret, len, err) : 0;
}

int redact_note_docker(const struct docker_credential *found, struct err *err)
{
	const char *const secrets[] = { found->password, found->identity_token,
		                        found->registry_token };

	for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
		if (redact_note(found->user, secrets[i], strlen(secrets[i]),
		                err) < 0)
			return -1;
	return 0;
}

int redact_note_passing(const char *secret, size_t len, struct err *err)
{
	struct buf token = BUF_LIMIT(SPELLING_MAX);

	if (len < REDACT_LENGTH_MIN)
		return 0;
	if (buf_add(&token, secret, len, err) < 0)
		return -1;
	buf_wipe(&passing[passing_next]);
	passing[passing_next] = token;
	passing_next = (passing_next + 1) % REDACT_PASSING_MAX;
	return 0;
}

void redact_forget(void)
{
	for (size_t i = 0; i < REDACT_PASSING_MAX; i++)
		buf_wipe(&passing[i]);
	passing_next = 0;
	while (spelling_count > 0)
		buf_wipe(&spellings[--spelling_count]);
}

/* --- replacing ---------------------------------------------------------- */

/* Replace all of @secret in @text; returns the new length. */
static size_t replace(char *text, size_t len, const struct buf *secret)
{
	const size_t shown = strlen(REDACT_SHOWN);
	char *end = text + len;
	char *at = text;

	while ((at = memmem(at, (size_t)(end - at), secret->data,
	                    secret->len)) != NULL) {
		char *behind = at + secret->len;

		at = mempcpy(at, REDACT_SHOWN, shown);
		memmove(at, behind, (size_t)(end - behind));
		end -= secret->len - shown;
	}
	return (size_t)(end - text);
}

/* The same for the beginning of @secret that @text ends with, where whoever
 * made @text had no room for the rest. */
static size_t replace_cut(char *text, size_t len, const struct buf *secret)
{
	size_t part = secret->len - 1 < len ? secret->len - 1 : len;

	for (; part >= REDACT_LENGTH_MIN; part--)
		if (memcmp(text + len - part, secret->data, part) == 0) {
			memcpy(text + len - part, REDACT_SHOWN,
			       strlen(REDACT_SHOWN));
			return len - part + strlen(REDACT_SHOWN);
		}
	return len;
}

/* Calls @step for each secret; returns the last length. */
static size_t each_secret(size_t (*step)(char *text, size_t len,
                                         const struct buf *secret),
                          char *text, size_t len)
{
	for (size_t i = 0; i < spelling_count; i++)
		len = step(text, len, &spellings[i]);
	for (size_t i = 0; i < REDACT_PASSING_MAX; i++)
		if (passing[i].len > 0)
			len = step(text, len, &passing[i]);
	return len;
}

size_t redact_bytes(char *text, size_t len)
{
	/* Cut ones last: the beginning of a secret may be a whole one. */
	return each_secret(replace_cut, text, each_secret(replace, text, len));
}

void redact_buf(struct buf *text)
{
	if (text->len > 0)
		buf_cut(text, redact_bytes(text->data, text->len));
}

void redact_text(char *text)
{
	text[redact_bytes(text, strlen(text))] = '\0';
}
