/* SPDX-License-Identifier: Apache-2.0 */
#include "trust_identity.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/disk.h"
#include "base/fs.h"
#include "base/text.h"
#include "codec/release_ini.h"
#include "codec/settings_edit.h"

#define FILE_MODE 0644

/* The configuration as it is now, or as setup would write it. */
static int read_configuration(const struct host *host, int folder,
                              const char *name, struct buf *out,
                              struct err *err)
{
	int found = fs_read_trusted(folder, name, out, err);

	if (found != 0)
		return found < 0 ? -1 : 0;
	return settings_write_commented(host->app, out, err);
}

static int take_field(struct settings_identity *out, enum identity_field field,
                      const char *value, struct err *err)
{
	if (value == NULL)
		return 0;
	if (text_copy(out->text[field], IDENTITY_VALUE_SIZE, value,
	              strlen(value), err) < 0)
		return err_wrap(err, "--%s", identity_field_name(field));
	return 0;
}

/* The options are called as the keys are. */
static int take_identity(const struct request *request,
                         struct settings_identity *out, struct err *err)
{
	const struct {
		enum identity_field field;
		const char *value;
	} rows[] = {
		{ IDENTITY_ISSUER, request->issuer },
		{ IDENTITY_REPOSITORY, request->repository },
		{ IDENTITY_WORKFLOW, request->workflow },
		{ IDENTITY_REF, request->ref },
		{ IDENTITY_SUBJECT, request->subject },
	};

	*out = (struct settings_identity){ .max_sequence = SEQUENCE_MAX };
	if (text_copy(out->name, sizeof out->name, request->identity,
	              strlen(request->identity), err) < 0)
		return err_wrap(err, "--identity");
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (take_field(out, rows[i].field, rows[i].value, err) < 0)
			return -1;
	return 0;
}

static int write_configuration(struct host *host, int folder, const char *name,
                               const struct buf *text, struct err *err)
{
	if (settings_parse(buf_text(text), text->len, &host->settings, err) < 0)
		return -1;
	return disk_replace_file("trust.identity", folder, name, FILE_MODE,
	                         text->data, text->len, err);
}

/* @identity: to add; NULL: @name is removed. */
static int edit(struct host *host, const struct settings_identity *identity,
                const char *name, struct err *err)
{
	AUTO_CLOSE int folder = fs_open_dir(host->root, CONFIGURATION_DIR, err);
	AUTO_BUF struct buf before = BUF_LIMIT(SETTINGS_MAX);
	AUTO_BUF struct buf after = BUF_LIMIT(SETTINGS_MAX);
	char file[APP_SIZE + sizeof ".ini"];
	int edited;

	if (folder < 0)
		return -1;
	(void)snprintf(file, sizeof file, "%s.ini", host->app);
	if (read_configuration(host, folder, file, &before, err) < 0)
		return -1;
	edited = identity != NULL
	                 ? settings_add_identity(buf_text(&before), before.len,
	                                         identity, &after, err)
	                 : settings_remove_identity(buf_text(&before),
	                                            before.len, name, &after,
	                                            err);
	if (edited < 0 ||
	    write_configuration(host, folder, file, &after, err) < 0)
		return err_wrap(err, "/" CONFIGURATION_DIR "/%s", file);
	return 0;
}

static bool is_same(const struct settings_identity *a,
                    const struct settings_identity *b)
{
	for (enum identity_field f = 0; f < IDENTITY_FIELDS; f++)
		if (strcmp(a->text[f], b->text[f]) != 0)
			return false;
	return strcmp(a->name, b->name) == 0 &&
	       a->max_sequence == b->max_sequence;
}

static bool is_there(const struct settings *settings,
                     const struct settings_identity *identity)
{
	for (size_t i = 0; i < settings->identity_count; i++)
		if (is_same(&settings->identities[i], identity))
			return true;
	return false;
}

int trust_identity_add(const struct request *request, struct host *host,
                       struct err *err)
{
	struct settings_identity identity;

	if (take_identity(request, &identity, err) < 0)
		return -1;
	if (is_there(&host->settings, &identity))
		return 0;
	return edit(host, &identity, identity.name, err) < 0 ? -1 : 1;
}

int trust_identity_remove(struct host *host, const char *name, struct err *err)
{
	char copy[KEY_NAME_SIZE]; /* the settings that hold it are replaced */

	if (text_copy(copy, sizeof copy, name, strlen(name), err) < 0)
		return -1;
	return edit(host, /* identity= */ NULL, copy, err);
}
