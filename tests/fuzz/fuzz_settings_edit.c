/* SPDX-License-Identifier: Apache-2.0 */
/* A source that is set is there, and setting it again changes nothing.  An
 * identity that is added to a configuration is read back as it was meant,
 * and removing it gives the text as it was, but for the blank line that stood
 * before it.  The input: six fields, each a line, and the text. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "codec/release_ini.h"
#include "codec/settings.h"
#include "codec/settings_edit.h"

#define FIELDS 6

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* The next line of the input; false where there is none, or it is long. */
static bool take_line(const char **at, size_t *left, char *out, size_t size)
{
	const char *lf = *left > 0 ? memchr(*at, '\n', *left) : NULL;
	size_t len = lf != NULL ? (size_t)(lf - *at) : 0;

	if (lf == NULL || len >= size || memchr(*at, '\0', len) != NULL)
		return false;
	memcpy(out, *at, len);
	out[len] = '\0';
	*at += len + 1;
	*left -= len + 1;
	return true;
}

static bool take_identity(const char **at, size_t *left,
                          struct settings_identity *out)
{
	static const enum identity_field fields[FIELDS - 1] = {
		IDENTITY_ISSUER, IDENTITY_SUBJECT, IDENTITY_REPOSITORY,
		IDENTITY_WORKFLOW, IDENTITY_REF
	};

	memset(out, 0, sizeof *out);
	out->max_sequence = SEQUENCE_MAX;
	if (!take_line(at, left, out->name, sizeof out->name))
		return false;
	for (size_t i = 0; i < FIELDS - 1; i++)
		if (!take_line(at, left, out->text[fields[i]],
		               IDENTITY_VALUE_SIZE))
			return false;
	return true;
}

static void check_added(const struct settings_identity *identity,
                        const struct buf *text)
{
	static struct settings settings;
	const struct settings_identity *read;
	struct err err;

	require(settings_parse(text->data, text->len, &settings, &err) == 0);
	require(settings.identity_count > 0);
	read = &settings.identities[settings.identity_count - 1];
	require(strcmp(read->name, identity->name) == 0);
	for (size_t f = 0; f < IDENTITY_FIELDS; f++)
		require(strcmp(read->text[f], identity->text[f]) == 0);
}

/* @value: an issuer is an address, and as good as any text. */
static void check_source(const char *text, size_t len, const char *value)
{
	AUTO_BUF struct buf set = BUF_NONE;
	AUTO_BUF struct buf again = BUF_NONE;
	struct err err;

	for (enum settings_source source = SETTINGS_URL;
	     source <= SETTINGS_REPO; source++) {
		buf_cut(&set, 0);
		if (settings_set_source(text, len, source, value, &set, &err) <=
		    0)
			continue;
		require(settings_set_source(set.data, set.len, source, value,
		                            &again, &err) == 0);
		require(again.len == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *at = (const char *)data;
	AUTO_BUF struct buf added = BUF_NONE;
	AUTO_BUF struct buf again = BUF_NONE;
	struct settings_identity identity;
	struct err err;

	if (!take_identity(&at, &size, &identity))
		return 0;
	check_source(at, size, identity.text[IDENTITY_ISSUER]);
	if (settings_add_identity(at, size, &identity, &added, &err) < 0)
		return 0;
	require(added.len > size && memcmp(added.data, at, size) == 0);
	check_added(&identity, &added);
	require(settings_remove_identity(added.data, added.len, identity.name,
	                                 &again, &err) == 0);
	require(again.len == size + 1 && memcmp(again.data, at, size) == 0 &&
	        again.data[size] == '\n');
	return 0;
}
