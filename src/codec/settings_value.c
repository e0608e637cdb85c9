/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/settings_value.h"

#include <string.h>

#include "base/text.h"

#define BYTES_MAX ((uint64_t)1 << 50)

const char *settings_word(const struct settings_words *words, size_t number)
{
	return words->text + words->at[number];
}

bool settings_begins(const char *text, const char *word)
{
	return strncmp(text, word, strlen(word)) == 0;
}

int settings_take_flag(const char *value, bool *out, struct err *err)
{
	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return err_set(err, ERR_USAGE, 0, "'%s' is neither yes nor no",
		               value);
	*out = value[0] == 'y';
	return 0;
}

int settings_take_number(const char *value, unsigned least, unsigned most,
                         unsigned *out, struct err *err)
{
	uint64_t number;

	if (text_u64(value, strlen(value), most, &number, err) < 0 ||
	    number < least)
		return err_set(err, ERR_USAGE, 0,
		               "'%s' is not a number from %u to %u", value,
		               least, most);
	*out = (unsigned)number;
	return 0;
}

/* Bytes, with K, M or G for powers of 1024. */
int settings_take_bytes(const char *value, uint64_t *out, struct err *err)
{
	static const char suffixes[] = "KMG";
	size_t len = strlen(value);
	const char *suffix = strchr(suffixes, value[len - 1]);
	unsigned shift = 0;
	uint64_t number;

	if (suffix != NULL) {
		shift = 10 * ((unsigned)(suffix - suffixes) + 1);
		len--;
	}
	if (text_u64(value, len, BYTES_MAX >> shift, &number, err) < 0)
		return err_set(err, ERR_USAGE, 0,
		               "'%s' is not a size like 512M", value);
	*out = number << shift;
	return 0;
}

int settings_take_text(const char *value, char *out, size_t size,
                       struct err *err)
{
	size_t len = strlen(value);

	if (!text_is_printable(value, len))
		return err_set(err, ERR_USAGE, 0, "unprintable characters");
	return text_copy(out, size, value, len, err);
}

int settings_take_words(const char *value, size_t max,
                        struct settings_words *out, struct err *err)
{
	struct settings_words words = { .count = 0 };
	const char *at = value;
	const char *word;
	size_t used = 0;
	size_t len;

	while ((word = text_word(&at, &len)) != NULL) {
		if (words.count == max)
			return err_set(err, ERR_USAGE, 0, "more than %zu words",
			               max);
		if (used + len + 1 > sizeof words.text)
			return err_set(err, ERR_LIMIT, 0, "too long");
		memcpy(words.text + used, word, len);
		words.at[words.count++] = used;
		used += len + 1; /* text is zero already: the NUL */
	}
	*out = words;
	return 0;
}

bool settings_is_made_of(const char *text, const char *allowed)
{
	return text[0] != '\0' && text[strspn(text, allowed)] == '\0';
}

int settings_take_path(const char *value, char *out, size_t size,
                       struct err *err)
{
	if (value[0] != '/' || value[1] == '\0')
		return err_set(err, ERR_USAGE, 0, "'%s' is no absolute path",
		               value);
	return settings_take_text(value, out, size, err);
}

/* systemd.unit(5) has the characters; a leading "-" would be an option. */
int settings_take_units(const char *value, struct settings_words *out,
                        struct err *err)
{
	struct settings_words units;

	if (settings_take_words(value, SETTINGS_UNITS_MAX, &units, err) < 0)
		return -1;
	for (size_t i = 0; i < units.count; i++) {
		const char *unit = settings_word(&units, i);

		if (unit[0] == '-' ||
		    !settings_is_made_of(unit, SETTINGS_ALNUM ":_.@\\-"))
			return err_set(err, ERR_USAGE, 0, "'%s' is no unit",
			               unit);
	}
	*out = units;
	return 0;
}

int settings_take_command(const char *value, struct settings_words *out,
                          struct err *err)
{
	if (value[0] != '/')
		return err_set(err, ERR_USAGE, 0,
		               "'%s' does not begin with an absolute path",
		               value);
	return settings_take_words(value, SETTINGS_WORDS_MAX, out, err);
}

int settings_take_user(const char *value, char out[SETTINGS_USER_SIZE],
                       struct err *err)
{
	if (value[0] == '-' ||
	    !settings_is_made_of(value, SETTINGS_ALNUM "_.-"))
		return err_set(err, ERR_USAGE, 0, "'%s' is no user name",
		               value);
	return settings_take_text(value, out, SETTINGS_USER_SIZE, err);
}

int settings_check_http(const char *url, struct err *err)
{
	if ((settings_begins(url, "http://") ||
	     settings_begins(url, "https://")) &&
	    strchr(url, ' ') == NULL)
		return 0;
	return err_set(err, ERR_USAGE, 0,
	               "'%s' is no http:// or https:// address", url);
}
