/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/challenge.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

/* RFC 9110, section 5.6.2. */
#define TOKEN_CHARACTERS                                                       \
	"!#$%&'*+-.^_`|~0123456789"                                            \
	"abcdefghijklmnopqrstuvwxyz"                                           \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define TOKEN68_CHARACTERS                                                     \
	"-._~+/0123456789"                                                     \
	"abcdefghijklmnopqrstuvwxyz"                                           \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define BLANKS " \t"

static int refuse(const char *at, struct err *err)
{
	return err_set(
		err, ERR_FORMAT, 0,
		"the server's WWW-Authenticate makes no sense at '%.40s'", at);
}

static const char *skip(const char *at, const char *characters)
{
	return at + strspn(at, characters);
}

/* --- one parameter ------------------------------------------------------ */

/* The text between quotes, escapes undone; *@at leads to the opening one. */
static int read_quoted(const char **at, char out[CHALLENGE_VALUE_SIZE],
                       struct err *err)
{
	const char *from = *at + 1;
	size_t len = 0;

	for (; *from != '"'; from++) {
		if (*from == '\\')
			from++;
		if (*from == '\0')
			return refuse(*at, err);
		if (len + 1 == CHALLENGE_VALUE_SIZE)
			return err_set(err, ERR_LIMIT, 0,
			               "a value of WWW-Authenticate has over "
			               "%d bytes",
			               CHALLENGE_VALUE_SIZE - 1);
		out[len++] = *from;
	}
	out[len] = '\0';
	if (!text_is_printable(out, len))
		return refuse(*at, err);
	*at = from + 1;
	return 0;
}

static int read_value(const char **at, char out[CHALLENGE_VALUE_SIZE],
                      struct err *err)
{
	size_t len = strspn(*at, TOKEN_CHARACTERS);

	if (**at == '"')
		return read_quoted(at, out, err);
	if (len == 0)
		return refuse(*at, err);
	if (text_copy(out, CHALLENGE_VALUE_SIZE, *at, len, err) < 0)
		return err_wrap(err, "reading WWW-Authenticate");
	*at += len;
	return 0;
}

/* Scopes are joined; anything else is said once. */
static int put_value(struct challenge *challenge, char *field,
                     const char *value, struct err *err)
{
	size_t used = strlen(field);
	size_t blank = used > 0 ? 1 : 0;

	if (used > 0 && field != challenge->scope)
		return err_set(err, ERR_FORMAT, 0,
		               "WWW-Authenticate says a parameter twice");
	if (used + blank + strlen(value) >= CHALLENGE_VALUE_SIZE)
		return err_set(err, ERR_LIMIT, 0,
		               "the scopes of WWW-Authenticate have over %d "
		               "bytes",
		               CHALLENGE_VALUE_SIZE - 1);
	if (blank > 0)
		field[used] = ' ';
	memcpy(field + used + blank, value, strlen(value) + 1);
	return 0;
}

static int put_param(struct challenge *challenge, const char *name, size_t len,
                     const char *value, struct err *err)
{
	const struct {
		const char *name;
		char *field;
	} fields[] = {
		{ "realm", challenge->realm },
		{ "service", challenge->service },
		{ "scope", challenge->scope },
		{ "error", challenge->error },
	};

	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
		if (strlen(fields[i].name) == len &&
		    strncasecmp(name, fields[i].name, len) == 0)
			return put_value(challenge, fields[i].field, value,
			                 err);
	return 0;
}

/* Where the value of a parameter at @at begins, or NULL where none is there:
 * another challenge may follow a comma just as well. */
static const char *find_value(const char *at, size_t *name_len)
{
	const char *sign;

	*name_len = strspn(at, TOKEN_CHARACTERS);
	sign = skip(at + *name_len, BLANKS);
	if (*name_len == 0 || *sign != '=')
		return NULL;
	return skip(sign + 1, BLANKS);
}

/* --- one challenge ------------------------------------------------------ */

/* Reads "a=b, c=d" up to the end, or to what is no parameter. */
static int read_params(const char **at, struct challenge *out, struct err *err)
{
	char value[CHALLENGE_VALUE_SIZE];

	for (size_t i = 0; i <= CHALLENGE_PARAMS_MAX; i++) {
		const char *name = skip(*at, BLANKS ",");
		size_t len;
		const char *from = find_value(name, &len);

		if (from == NULL)
			return 0;
		if (read_value(&from, value, err) < 0 ||
		    put_param(out, name, len, value, err) < 0)
			return -1;
		*at = skip(from, BLANKS);
		if (**at != ',' && **at != '\0')
			return refuse(*at, err);
	}
	return err_set(err, ERR_LIMIT, 0,
	               "a challenge of WWW-Authenticate has over %d parameters",
	               CHALLENGE_PARAMS_MAX);
}

/* What stands behind a scheme and is no list of parameters ("Negotiate
 * YII="): passed over.  NULL where there is nothing such. */
static const char *skip_token68(const char *at)
{
	const char *end = skip(skip(at, TOKEN68_CHARACTERS), "=");
	const char *behind = skip(end, BLANKS);

	return end > at && (*behind == ',' || *behind == '\0') ? behind : NULL;
}

int challenge_next(struct challenge_reader *reader, struct challenge *out,
                   struct err *err)
{
	const char *at = skip(reader->at, BLANKS ",");
	size_t len = strspn(at, TOKEN_CHARACTERS);
	struct challenge challenge = { .scheme = "" };
	const char *behind;

	if (*at == '\0')
		return 0;
	if (len == 0 || strchr(BLANKS ",", at[len]) == NULL)
		return refuse(at, err);
	if (text_copy(challenge.scheme, sizeof challenge.scheme, at, len, err) <
	    0)
		return err_wrap(err, "reading WWW-Authenticate");
	for (char *c = challenge.scheme; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	at = skip(at + len, BLANKS);
	behind = *at != ',' && *at != '\0' ? skip_token68(at) : NULL;
	if (behind != NULL)
		at = behind;
	else if (read_params(&at, &challenge, err) < 0)
		return -1;
	if (*at != ',' && *at != '\0')
		return refuse(at, err);
	reader->at = at;
	*out = challenge;
	return 1;
}
