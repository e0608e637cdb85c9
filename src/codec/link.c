/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/link.h"

#include <string.h>
#include <strings.h>

#include "base/err.h"
#include "base/text.h"

#define BLANKS " \t"

/* A piece of the header. */
struct span {
	const char *at;
	size_t len;
};

static const char *skip_blanks(const char *at)
{
	return at + strspn(at, BLANKS);
}

/* Step over the value of a parameter: a token, or a quoted text, whose escapes
 * stay.  False where a quote has no end. */
static bool take_value(const char **at, struct span *out)
{
	const char *end;

	if (**at != '"') {
		*out = (struct span){ *at, strcspn(*at, BLANKS ";,") };
		*at += out->len;
		return true;
	}
	for (end = *at + 1; *end != '"'; end++) {
		if (*end == '\\')
			end++;
		if (*end == '\0')
			return false;
	}
	*out = (struct span){ *at + 1, (size_t)(end - *at - 1) };
	*at = end + 1;
	return true;
}

static bool has_next(struct span relations)
{
	const char *end = relations.at + relations.len;

	for (const char *at = relations.at; at < end;) {
		size_t len = 0;

		while (at + len < end && at[len] != ' ' && at[len] != '\t')
			len++;
		if (len == 4 && strncasecmp(at, "next", 4) == 0)
			return true;
		at += len + 1;
	}
	return false;
}

/* Step over the parameters behind a target; of rel the first counts.  False
 * where they make no sense. */
static bool take_params(const char **at, bool *is_next)
{
	bool has_rel = false;

	*is_next = false;
	for (*at = skip_blanks(*at); **at == ';'; *at = skip_blanks(*at)) {
		const char *name = skip_blanks(*at + 1);
		size_t len = strcspn(name, BLANKS ";,=");
		struct span value = { name, 0 };

		*at = skip_blanks(name + len);
		if (**at == '=') {
			*at = skip_blanks(*at + 1);
			if (!take_value(at, &value))
				return false;
		}
		if (len != 3 || strncasecmp(name, "rel", 3) != 0 || has_rel)
			continue;
		has_rel = true;
		*is_next = has_next(value);
	}
	return true;
}

bool link_next(const char *header, char *out, size_t size)
{
	const char *at = header + strspn(header, BLANKS ",");

	while (*at == '<') {
		struct span target = { at + 1, strcspn(at + 1, ">") };
		struct err ignored; /* too long a link is none */
		bool is_next;

		at = target.at + target.len;
		if (*at != '>')
			return false;
		at++;
		if (!take_params(&at, &is_next))
			return false;
		if (is_next)
			return text_copy(out, size, target.at, target.len,
			                 &ignored) == 0;
		if (*at != ',')
			return false;
		at += strspn(at, BLANKS ",");
	}
	return false;
}
