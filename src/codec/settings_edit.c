/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/settings_edit.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "codec/ini_write.h"
#include "codec/release_ini.h"
#include "codec/settings.h"

#define HEADER_SIZE (KEY_NAME_SIZE + 16)

static bool has_identity(const struct settings *settings, const char *name)
{
	for (size_t i = 0; i < settings->identity_count; i++)
		if (strcmp(settings->identities[i].name, name) == 0)
			return true;
	return false;
}

/* What is edited must be a configuration, before as after. */
static int read_text(const char *text, size_t len, const char *name,
                     bool *has_it, struct err *err)
{
	AUTO_FREE struct settings *settings = malloc(sizeof *settings);

	if (settings == NULL)
		return err_nomem(err);
	if (settings_parse(text, len, settings, err) < 0)
		return -1;
	*has_it = has_identity(settings, name);
	return 0;
}

static int write_fields(const struct settings_identity *identity,
                        struct buf *out, struct err *err)
{
	char number[24];

	for (enum identity_field f = 0; f < IDENTITY_FIELDS; f++)
		if (identity->text[f][0] != '\0' &&
		    ini_write_item(out, identity_field_name(f),
		                   identity->text[f], err) < 0)
			return -1;
	if (identity->max_sequence >= SEQUENCE_MAX)
		return 0;
	(void)snprintf(number, sizeof number, "%llu",
	               (unsigned long long)identity->max_sequence);
	return ini_write_item(out, "max_sequence", number, err);
}

static int write_section(const struct settings_identity *identity,
                         struct buf *out, struct err *err)
{
	char section[HEADER_SIZE];

	if (!name_is_key(identity->name, strlen(identity->name)))
		return err_set(err, ERR_USAGE, 0, "'%s' is no identity's name",
		               identity->name);
	(void)snprintf(section, sizeof section, "identity %s", identity->name);
	if (ini_write_section(out, section, err) < 0)
		return -1;
	return write_fields(identity, out, err);
}

int settings_add_identity(const char *text, size_t len,
                          const struct settings_identity *identity,
                          struct buf *out, struct err *err)
{
	AUTO_BUF struct buf made = BUF_LIMIT(SETTINGS_MAX);
	bool is_there = false;

	if (read_text(text, len, identity->name, &is_there, err) < 0)
		return -1;
	if (is_there)
		return err_set(err, ERR_CONFLICT, 0,
		               "there is a section [identity %s] already; edit "
		               "it, or remove it first",
		               identity->name);
	if (settings_check_identity(identity, err) < 0 ||
	    buf_add(&made, text, len, err) < 0 ||
	    write_section(identity, &made, err) < 0 ||
	    read_text(buf_text(&made), made.len, identity->name, &is_there,
	              err) < 0)
		return -1;
	return buf_add(out, made.data, made.len, err);
}

/* Lines of a configuration, each with its newline. */
struct lines_left {
	const char *at, *end;
};

static size_t next_line(const struct lines_left *left)
{
	const char *lf = memchr(left->at, '\n', (size_t)(left->end - left->at));

	return lf != NULL ? (size_t)(lf - left->at) + 1
	                  : (size_t)(left->end - left->at);
}

static bool begins_with(const char *line, size_t len, const char *text)
{
	return len >= strlen(text) && memcmp(line, text, strlen(text)) == 0;
}

static int copy_without(const char *text, size_t len, const char *header,
                        struct buf *out, struct err *err)
{
	struct lines_left left = { text, text + len };
	bool is_inside = false;

	while (left.at < left.end) {
		size_t line = next_line(&left);

		if (left.at[0] == '[')
			is_inside = begins_with(left.at, line, header);
		if ((!is_inside || left.at[0] == '#') &&
		    buf_add(out, left.at, line, err) < 0)
			return -1;
		left.at += line;
	}
	return 0;
}

int settings_remove_identity(const char *text, size_t len, const char *name,
                             struct buf *out, struct err *err)
{
	char header[HEADER_SIZE];
	bool is_there = false;

	if (read_text(text, len, name, &is_there, err) < 0)
		return -1;
	if (!is_there)
		return err_set(err, ERR_USAGE, 0,
		               "there is no section [identity %s]", name);
	(void)snprintf(header, sizeof header, "[identity %s]", name);
	return copy_without(text, len, header, out, err);
}

/* --- sources --- */

#define SOURCE_HEADER "[source]"

static const char *const source_keys[] = {
	[SETTINGS_URL] = "url",
	[SETTINGS_OCI] = "oci",
	[SETTINGS_REPO] = "repo",
};

/* The words of a value with one blank between each two. */
static void join_words(const struct settings_words *words,
                       char out[SETTINGS_VALUE_SIZE])
{
	size_t used = 0;

	out[0] = '\0';
	for (size_t i = 0; i < words->count; i++) {
		int len =
			snprintf(out + used, SETTINGS_VALUE_SIZE - used, "%s%s",
		                 i > 0 ? " " : "", settings_word(words, i));

		used += (size_t)len; /* the words and their NULs fit */
	}
}

/* What a configuration says of a source; "" where it is silent. */
static int read_source(const char *text, size_t len,
                       enum settings_source source,
                       char out[SETTINGS_VALUE_SIZE], struct err *err)
{
	AUTO_FREE struct settings *settings = malloc(sizeof *settings);

	if (settings == NULL)
		return err_nomem(err);
	if (settings_parse(text, len, settings, err) < 0)
		return -1;
	switch (source) {
	case SETTINGS_URL:
		join_words(&settings->urls, out);
		return 0;
	case SETTINGS_OCI:
		(void)snprintf(out, SETTINGS_VALUE_SIZE, "%s", settings->oci);
		return 0;
	case SETTINGS_REPO:
		(void)snprintf(out, SETTINGS_VALUE_SIZE, "%s", settings->repo);
		return 0;
	}
	return err_set(err, ERR_INTERNAL, 0, "there is no such source");
}

static bool is_same_source(enum settings_source source, const char *a,
                           const char *b)
{
	return source == SETTINGS_REPO ? strcasecmp(a, b) == 0
	                               : strcmp(a, b) == 0;
}

/* Where a key goes: the bytes [begin, end) of the text are replaced. */
struct place {
	size_t begin, end;
	bool has_section;
};

/* Whether the line is "#key = ...", as setup writes examples. */
static bool is_example(const char *line, size_t len, const char *key)
{
	size_t key_len = strlen(key);

	return len > key_len + 2 && line[0] == '#' &&
	       memcmp(line + 1, key, key_len) == 0 &&
	       (line[key_len + 1] == ' ' || line[key_len + 1] == '=');
}

static struct place find_place(const char *text, size_t len, const char *key)
{
	struct lines_left left = { text, text + len };
	struct place place = { .begin = len, .end = len };
	bool is_inside = false;

	while (left.at < left.end) {
		size_t line = next_line(&left);
		size_t at = (size_t)(left.at - text);

		if (left.at[0] == '[') {
			is_inside = begins_with(left.at, line, SOURCE_HEADER);
			if (is_inside)
				place = (struct place){ at + line, at + line,
					                true };
		} else if (is_inside && is_example(left.at, line, key)) {
			return (struct place){ at, at + line, true };
		}
		left.at += line;
	}
	return place;
}

static int write_source(const char *text, size_t len, const char *key,
                        const char *value, struct buf *out, struct err *err)
{
	struct place place = find_place(text, len, key);

	if (buf_add(out, text, place.begin, err) < 0 ||
	    (!place.has_section && ini_write_section(out, "source", err) < 0) ||
	    ini_write_item(out, key, value, err) < 0)
		return -1;
	return buf_add(out, text + place.end, len - place.end, err);
}

int settings_set_source(const char *text, size_t len,
                        enum settings_source source, const char *value,
                        struct buf *out, struct err *err)
{
	AUTO_BUF struct buf made = BUF_LIMIT(SETTINGS_MAX);
	const char *key = source_keys[source];
	char there[SETTINGS_VALUE_SIZE];

	if (read_source(text, len, source, there, err) < 0)
		return -1;
	if (is_same_source(source, there, value))
		return 0;
	if (there[0] != '\0')
		return err_set(err, ERR_CONFLICT, 0, "it has %s as %s; edit it",
		               there, key);
	if (write_source(text, len, key, value, &made, err) < 0 ||
	    read_source(buf_text(&made), made.len, source, there, err) < 0 ||
	    buf_add(out, made.data, made.len, err) < 0)
		return -1;
	return 1;
}
