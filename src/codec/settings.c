/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/settings.h"

#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "codec/ini.h"
#include "codec/release_ini.h"
#include "codec/settings_row.h"

/* Sections that a name follows. */
#define KEY_SECTION        "key "
#define IDENTITY_SECTION   "identity "
#define ROOT_SECTION       "trusted_root"
#define SEVERITY_SECTION   "severity"
#define RESERVE            ((uint64_t)64 << 20)
#define MIN_FREE           ((uint64_t)1 << 30)
#define DEFAULT_KEEP       3
#define DEFAULT_TIMEOUT_S  60
#define DEFAULT_DEADLINE_S 86400

void settings_defaults(struct settings *out)
{
	*out = (struct settings){ .require = REQUIRE_MINISIGN,
		                  .threshold = 1,
		                  .api = GITHUB_API_URL,
		                  .keep = DEFAULT_KEEP,
		                  .reserve = RESERVE,
		                  .timeout = DEFAULT_TIMEOUT_S,
		                  .deadline = DEFAULT_DEADLINE_S,
		                  .min_free = MIN_FREE };
	out->container.min_free = CONTAINER_MIN_FREE;
	out->service.timeout = SERVICE_TIMEOUT_S;
}

/* The name in "[kind NAME]". */
static int take_name(const char *name, char out[KEY_NAME_SIZE],
                     const char *what, struct err *err)
{
	if (!name_is_key(name, strlen(name)))
		return err_set(err, ERR_USAGE, 0, "'%s' is no %s's name", name,
		               what);
	return text_copy(out, KEY_NAME_SIZE, name, strlen(name), err);
}

static int take_key_item(struct settings *settings, const struct ini_item *item,
                         struct err *err)
{
	const char *name = item->section + strlen(KEY_SECTION);
	struct settings_key *key = &settings->keys[settings->key_count];

	if (strcmp(item->key, "max_sequence") != 0)
		return err_set(err, ERR_USAGE, 0,
		               "unknown key '%s' in [key %s]", item->key, name);
	if (settings->key_count == SETTINGS_KEYS_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d keys",
		               SETTINGS_KEYS_MAX);
	if (take_name(name, key->name, "key", err) < 0)
		return -1;
	if (text_u64(item->value, strlen(item->value), SEQUENCE_MAX,
	             &key->max_sequence, err) < 0)
		return err_set(err, ERR_USAGE, 0, "'%s' is no sequence",
		               item->value);
	settings->key_count++;
	return 0;
}

/* Sections stand once, so that the last one is the one being read, or the item
 * begins a new one. */
static int take_identity_item(struct settings *settings,
                              const struct ini_item *item, struct err *err)
{
	const char *name = item->section + strlen(IDENTITY_SECTION);
	size_t count = settings->identity_count;
	struct settings_identity *identity = &settings->identities[count];

	if (count > 0 && strcmp(identity[-1].name, name) == 0)
		return settings_take_identity(identity - 1, item, err);
	if (count == IDENTITIES_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d identities",
		               IDENTITIES_MAX);
	if (take_name(name, identity->name, "identity", err) < 0)
		return -1;
	identity->max_sequence = SEQUENCE_MAX;
	settings->identity_count++;
	return settings_take_identity(identity, item, err);
}

static int take_root_item(struct settings *settings,
                          const struct ini_item *item, struct err *err)
{
	const char *name = item->section + strlen(ROOT_SECTION);
	struct settings_root *root = &settings->roots[settings->root_count];

	if (settings->root_count == ROOTS_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d trusted roots",
		               ROOTS_MAX);
	if (name[0] != '\0' &&
	    take_name(name + 1, root->name, "trusted root", err) < 0)
		return -1;
	settings->root_count++;
	return settings_take_root(root, item, err);
}

static bool is_root_section(const char *section)
{
	size_t len = strlen(ROOT_SECTION);

	return strncmp(section, ROOT_SECTION, len) == 0 &&
	       (section[len] == '\0' || section[len] == ' ');
}

static const struct settings_row *const tables[] = { settings_install_rows,
	                                             settings_health_rows };

#define TABLE_COUNT (sizeof tables / sizeof tables[0])

/* NULL: there is no such key. */
static const struct settings_row *find_row(const struct ini_item *item)
{
	for (size_t i = 0; i < TABLE_COUNT; i++)
		for (const struct settings_row *row = tables[i];
		     row->key != NULL; row++)
			if (strcmp(row->section, item->section) == 0 &&
			    strcmp(row->key, item->key) == 0)
				return row;
	return NULL;
}

static int take_item(void *context, const struct ini_item *item,
                     struct err *err)
{
	struct settings *settings = context;
	const struct settings_row *row;

	if (strncmp(item->section, KEY_SECTION, strlen(KEY_SECTION)) == 0)
		return take_key_item(settings, item, err);
	if (strncmp(item->section, IDENTITY_SECTION,
	            strlen(IDENTITY_SECTION)) == 0)
		return take_identity_item(settings, item, err);
	if (is_root_section(item->section))
		return take_root_item(settings, item, err);
	if (strcmp(item->section, SEVERITY_SECTION) == 0)
		return settings_take_severity(&settings->severities, item, err);
	row = find_row(item);
	if (row == NULL)
		return err_set(err, ERR_USAGE, 0, "unknown key '%s' in [%s]",
		               item->key, item->section);
	if (row->take(settings, item->value, err) < 0)
		return err_wrap(err, "%s", item->key);
	return 0;
}

bool settings_allows(const struct settings *settings, const char *url)
{
	const char *host = url + strlen("http://");
	size_t len;

	if (settings_begins(url, "https://"))
		return true;
	if (!settings_begins(url, "http://"))
		return false;
	len = strcspn(host, ":/?#");
	for (size_t i = 0; i < settings->plain_hosts.count; i++) {
		const char *plain = settings_word(&settings->plain_hosts, i);

		if (strlen(plain) == len && strncasecmp(plain, host, len) == 0)
			return true;
	}
	return false;
}

static int check_urls(const struct settings *settings, struct err *err)
{
	for (size_t i = 0; i < settings->urls.count; i++) {
		const char *url = settings_word(&settings->urls, i);

		if (!settings_begins(url, "file:") &&
		    !settings_allows(settings, url))
			return err_set(
				err, ERR_USAGE, 0,
				"url: '%s' does not begin with https://, "
				"and allow_plain_http does not name its "
				"host",
				url);
	}
	return 0;
}

static int check_api(const struct settings *settings, struct err *err)
{
	if (settings_allows(settings, settings->api))
		return 0;
	return err_set(err, ERR_USAGE, 0,
	               "api: '%s' does not begin with https://, and "
	               "allow_plain_http does not name its host",
	               settings->api);
}

static int check_identities(const struct settings *settings, struct err *err)
{
	for (size_t i = 0; i < settings->identity_count; i++)
		if (settings_check_identity(&settings->identities[i], err) < 0)
			return -1;
	return 0;
}

int settings_parse(const char *text, size_t len, struct settings *out,
                   struct err *err)
{
	AUTO_FREE struct settings *settings = calloc(1, sizeof *settings);

	if (settings == NULL)
		return err_nomem(err);
	settings_defaults(settings);
	if (len > SETTINGS_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %zu bytes",
		               SETTINGS_MAX);
	if (ini_read(text, len, INI_COMMENTED, take_item, settings, err) < 0 ||
	    check_urls(settings, err) < 0 || check_api(settings, err) < 0 ||
	    check_identities(settings, err) < 0)
		return -1;
	*out = *settings;
	return 0;
}

unsigned settings_root_evidence(const struct settings *settings,
                                const char *name)
{
	for (size_t i = 0; i < settings->root_count; i++)
		if (strcmp(settings->roots[i].name, name) == 0)
			return settings->roots[i].require;
	return 0;
}

static int write_rows(const struct settings_row *rows, struct buf *out,
                      struct err *err)
{
	const char *section = "";

	for (const struct settings_row *row = rows; row->key != NULL; row++) {
		if (strcmp(section, row->section) != 0 &&
		    buf_printf(out, err, "\n[%s]\n", row->section) < 0)
			return -1;
		section = row->section;
		if (buf_printf(out, err, "\n# %s\n#%s = %s\n", row->help,
		               row->key, row->example) < 0)
			return -1;
	}
	return 0;
}

int settings_write_commented(const char *app, struct buf *out, struct err *err)
{
	if (buf_printf(out, err,
	               "# How this host installs %s; see "
	               "install-package.ini(5).\n"
	               "# A line without the leading # sets what it says.\n",
	               app) < 0)
		return -1;
	for (size_t i = 0; i < TABLE_COUNT; i++)
		if (write_rows(tables[i], out, err) < 0)
			return -1;
	return buf_adds(out,
	                "\n# What a finding of a check counts: warning, "
	                "critical or ignore.\n"
	                "#[severity]\n#disk.space = critical\n"
	                "\n# Retire a key: it may sign nothing above this.\n"
	                "#[key NAME]\n#max_sequence = 1700000000\n"
	                "\n# Whose certificates count; see "
	                "install-package.ini(5).\n"
	                "#[identity NAME]\n"
	                "#issuer = "
	                "https://token.actions.githubusercontent.com\n"
	                "#repository = example/shop\n"
	                "#workflow = release.yml\n"
	                "#ref = refs/tags/v*\n"
	                "\n# What NAME.trusted_root.json demands.\n"
	                "#[trusted_root NAME]\n#require = log, sct\n",
	                err);
}
