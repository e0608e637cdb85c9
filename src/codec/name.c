/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/name.h"

#include <string.h>

#define PLATFORM_WORD_MAX 16

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_lower_or_digit(char c)
{
	return is_lower(c) || is_digit(c);
}

static bool is_word(char c)
{
	return is_lower_or_digit(c) || (c >= 'A' && c <= 'Z');
}

static bool is_joint(char c)
{
	return c == '.' || c == '_' || c == '-';
}

bool name_is_app(const char *text, size_t len)
{
	if (len == 0 || len >= APP_SIZE)
		return false;
	if (!is_lower_or_digit(text[0]) || !is_lower_or_digit(text[len - 1]))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_lower_or_digit(text[i]) && !is_joint(text[i]))
			return false;
	return true;
}

bool name_is_version(const char *text, size_t len)
{
	if (len == 0 || len >= VERSION_SIZE)
		return false;
	if (!is_word(text[0]) && text[0] != '_')
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_word(text[i]) && !is_joint(text[i]))
			return false;
	return true;
}

bool name_is_architecture(const char *text, size_t len)
{
	if (len == 0 || len > PLATFORM_WORD_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_lower_or_digit(text[i]))
			return false;
	return true;
}

bool name_is_platform(const char *text, size_t len)
{
	const char *slash = memchr(text, '/', len);
	size_t os_len;

	if (slash == NULL)
		return false;
	os_len = (size_t)(slash - text);
	return name_is_architecture(text, os_len) &&
	       name_is_architecture(slash + 1, len - os_len - 1);
}

bool name_is_key(const char *text, size_t len)
{
	if (len == 0 || len >= KEY_NAME_SIZE)
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_word(text[i]) && !is_joint(text[i]))
			return false;
	return true;
}

/* --- repositories on GitHub --- */

static bool is_owner(const char *text, size_t len)
{
	if (len == 0 || len > REPOSITORY_OWNER_MAX || !is_word(text[0]))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_word(text[i]) && text[i] != '-' && text[i] != '_')
			return false;
	return true;
}

static bool ends_in_git(const char *text, size_t len)
{
	return len >= 4 && memcmp(text + len - 4, ".git", 4) == 0;
}

static bool is_repository_name(const char *text, size_t len)
{
	if (len == 0 || len > REPOSITORY_NAME_MAX || ends_in_git(text, len))
		return false;
	if (text[0] == '.' && (len == 1 || (len == 2 && text[1] == '.')))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!is_word(text[i]) && !is_joint(text[i]))
			return false;
	return true;
}

bool name_is_repository(const char *text, size_t len)
{
	const char *slash = memchr(text, '/', len);
	size_t owner_len;

	if (slash == NULL)
		return false;
	owner_len = (size_t)(slash - text);
	return is_owner(text, owner_len) &&
	       is_repository_name(slash + 1, len - owner_len - 1);
}

bool name_app_of_repository(const char *repository, char out[APP_SIZE])
{
	const char *slash = strchr(repository, '/');
	char app[APP_SIZE];
	size_t len = 0;

	if (slash == NULL)
		return false;
	for (const char *at = slash + 1; *at != '\0'; at++) {
		if (len + 1 == sizeof app)
			return false;
		app[len++] = (char)(*at >= 'A' && *at <= 'Z' ? *at - 'A' + 'a'
		                                             : *at);
	}
	if (!name_is_app(app, len))
		return false;
	memcpy(out, app, len);
	out[len] = '\0';
	return true;
}

/* --- Semantic Versioning ---------------------------------------------------
 *
 * A version is read twice: once to see that it is one, then identifier by
 * identifier while two are compared.  Numbers stay text, for they have no
 * largest value: without leading zeros the longer one is the higher. */

struct piece {
	const char *text;
	size_t len;
};

/* The identifier at *@at, up to a '.', '+', '-' when @stops names it, or the
 * end; *@at then stands on what ended it. */
static struct piece take_piece(const char **at, const char *stops)
{
	struct piece piece = { *at, strcspn(*at, stops) };

	*at += piece.len;
	return piece;
}

static bool is_number(struct piece piece)
{
	for (size_t i = 0; i < piece.len; i++)
		if (!is_digit(piece.text[i]))
			return false;
	return piece.len > 0;
}

static bool is_canonical_number(struct piece piece)
{
	return is_number(piece) && (piece.len == 1 || piece.text[0] != '0');
}

static bool is_identifier(struct piece piece)
{
	for (size_t i = 0; i < piece.len; i++)
		if (!is_word(piece.text[i]) && piece.text[i] != '-')
			return false;
	return piece.len > 0;
}

/* Section 9: identifiers of a pre-release; a number has no leading zero. */
static bool is_prerelease_identifier(struct piece piece)
{
	return is_number(piece) ? is_canonical_number(piece)
	                        : is_identifier(piece);
}

static const char *skip_v(const char *version)
{
	return version + (version[0] == 'v');
}

static bool skip_core(const char **at)
{
	for (int i = 0; i < 3; i++) {
		if (i > 0 && *(*at)++ != '.')
			return false;
		if (!is_canonical_number(take_piece(at, ".-+")))
			return false;
	}
	return true;
}

static bool skip_identifiers(const char **at, const char *stops,
                             bool (*is_legal)(struct piece))
{
	do {
		(*at)++; /* '-', '+' or '.' */
		if (!is_legal(take_piece(at, stops)))
			return false;
	} while (**at == '.');
	return true;
}

static bool is_semver(const char *version)
{
	const char *at = skip_v(version);

	if (!skip_core(&at))
		return false;
	if (*at == '-' &&
	    !skip_identifiers(&at, ".+", is_prerelease_identifier))
		return false;
	if (*at == '+' && !skip_identifiers(&at, ".+", is_identifier))
		return false;
	return *at == '\0';
}

static int compare_pieces(struct piece a, struct piece b)
{
	bool a_number = is_number(a);
	bool b_number = is_number(b);
	int order;

	if (a_number != b_number)
		return a_number ? -1 : 1; /* numbers are below words */
	if (a_number && a.len != b.len)
		return a.len < b.len ? -1 : 1;
	order = memcmp(a.text, b.text, a.len < b.len ? a.len : b.len);
	if (order != 0 || a.len == b.len)
		return order;
	return a.len < b.len ? -1 : 1;
}

/* *@a and *@b stand before the first identifier, or at the end. */
static int compare_prereleases(const char *a, const char *b)
{
	if (*a != '-' || *b != '-') /* a release is above its pre-releases */
		return (*b == '-') - (*a == '-');
	for (;;) {
		int order;

		a++;
		b++;
		order = compare_pieces(take_piece(&a, ".+"),
		                       take_piece(&b, ".+"));
		if (order != 0)
			return order;
		if (*a != '.' || *b != '.') /* the longer list is above */
			return (*a == '.') - (*b == '.');
	}
}

bool semver_compare(const char *a, const char *b, int *order)
{
	if (!is_semver(a) || !is_semver(b))
		return false;
	a = skip_v(a);
	b = skip_v(b);
	for (int i = 0; i < 3; i++) {
		struct piece left = take_piece(&a, ".-+");
		struct piece right = take_piece(&b, ".-+");
		int core = compare_pieces(left, right);

		if (core != 0) {
			*order = core;
			return true;
		}
		if (i < 2) {
			a++;
			b++;
		}
	}
	*order = compare_prereleases(a, b);
	return true;
}
