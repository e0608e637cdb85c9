/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/lock_pin.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define HEX_SIZE (2 * LOCK_PIN_SHA256_LEN + 1)

/* What is not read yet. */
struct rest {
	const char *at;
	size_t len;
};

static void skip(struct rest *rest, size_t len)
{
	rest->at += len;
	rest->len -= len;
}

/* RFC 8259, 2. */
static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_blanks(struct rest *rest)
{
	while (rest->len > 0 && is_blank(*rest->at))
		skip(rest, 1);
}

static bool take(struct rest *rest, const char *word)
{
	size_t len = strlen(word);

	if (rest->len < len || memcmp(rest->at, word, len) != 0)
		return false;
	skip(rest, len);
	return true;
}

/* @name and @value as they are spelled, quotes and all. */
static bool has_member(const char *text, size_t len, const char *name,
                       const char *value)
{
	struct rest rest = { text, len };
	const char *found;

	while (rest.len > 0 && (found = memmem(rest.at, rest.len, name,
	                                       strlen(name))) != NULL) {
		skip(&rest, (size_t)(found - rest.at) + strlen(name));
		skip_blanks(&rest);
		if (!take(&rest, ":"))
			continue;
		skip_blanks(&rest);
		if (take(&rest, value))
			return true;
	}
	return false;
}

bool lock_pin_has_release(const char *text, size_t len,
                          const uint8_t digest[LOCK_PIN_SHA256_LEN])
{
	char hex[HEX_SIZE];
	char value[HEX_SIZE + 2];

	text_to_hex(digest, LOCK_PIN_SHA256_LEN, hex);
	(void)snprintf(value, sizeof value, "\"%s\"", hex);
	return has_member(text, len, "\"release_sha256\"", value);
}

bool lock_pin_is_dry_run(const char *text, size_t len)
{
	return has_member(text, len, "\"dry_run\"", "true");
}
