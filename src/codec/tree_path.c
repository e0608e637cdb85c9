/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/tree_path.h"

#include <string.h>

#include "base/text.h"

#define QUOTE_MAX 200 /* bytes of a foreign text shown in a message */

static int quoted_len(size_t len)
{
	return (int)(len < QUOTE_MAX ? len : QUOTE_MAX);
}

static bool is_dots(const char *text, size_t len)
{
	return (len == 1 && text[0] == '.') ||
	       (len == 2 && text[0] == '.' && text[1] == '.');
}

/* Bytes before the next slash of at most @len bytes. */
static size_t component_len(const char *text, size_t len)
{
	const char *slash = memchr(text, '/', len);

	return slash != NULL ? (size_t)(slash - text) : len;
}

/* What all texts of an entry have in common. */
static int check_text(const char *what, const char *text, size_t len,
                      struct err *err)
{
	if (len == 0)
		return err_set(err, ERR_FORMAT, 0, "empty %s", what);
	if (len >= TREE_PATH_SIZE)
		return err_set(err, ERR_LIMIT, 0,
		               "%s longer than %d bytes: '%.*s...'", what,
		               TREE_PATH_SIZE - 1, quoted_len(len), text);
	if (!text_is_printable(text, len))
		return err_set(err, ERR_FORMAT, 0,
		               "%s with control characters or invalid UTF-8: "
		               "'%.*s'",
		               what, quoted_len(len), text);
	return 0;
}

int tree_path_check(const char *path, size_t len, struct err *err)
{
	size_t longest = 0;

	if (check_text("path", path, len, err) < 0)
		return -1;
	for (size_t at = 0; at <= len;) {
		size_t n = component_len(path + at, len - at);

		if (n == 0 || is_dots(path + at, n))
			return err_set(err, ERR_FORMAT, 0,
			               "path with an empty, '.' or '..' part, "
			               "or absolute: '%.*s'",
			               quoted_len(len), path);
		if (n > longest)
			longest = n;
		at += n + 1;
	}
	if (longest > TREE_COMPONENT_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "path with a part longer than %d bytes: "
		               "'%.*s...'",
		               TREE_COMPONENT_MAX, quoted_len(len), path);
	return 0;
}

bool tree_path_is_legal(const char *path, size_t len)
{
	struct err err;

	return tree_path_check(path, len, &err) == 0;
}

int tree_link_check(const char *target, size_t len, struct err *err)
{
	return check_text("link target", target, len, err);
}

/* How many folders deep the entry at @path lies. */
static size_t depth_of(const char *path)
{
	size_t depth = 0;

	for (; *path != '\0'; path++)
		depth += *path == '/';
	return depth;
}

bool tree_link_stays(const char *path, const char *target)
{
	size_t depth = depth_of(path);
	size_t len = strlen(target);
	bool has_name = false;

	if (len == 0 || target[0] == '/')
		return false;
	for (size_t at = 0; at < len;) {
		size_t n = component_len(target + at, len - at);

		if (text_equal(target + at, n, "..")) {
			if (has_name || depth == 0)
				return false;
			depth--;
		} else if (n > 0 && !text_equal(target + at, n, ".")) {
			has_name = true;
		}
		at += n + 1;
	}
	return true;
}

/* The end comes first, then '/', then all other bytes. */
static int rank(char c)
{
	switch (c) {
	case '\0':
		return 0;
	case '/':
		return 1;
	}
	return (unsigned char)c + 1;
}

int tree_path_compare(const char *a, const char *b)
{
	size_t i = 0;

	while (a[i] != '\0' && a[i] == b[i])
		i++;
	return rank(a[i]) - rank(b[i]);
}
