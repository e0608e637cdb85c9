/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/settings.h"

#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "codec/ini.h"
#include "codec/oci_reference.h"
#include "codec/release_ini.h"

/* Sections that a name follows. */
#define KEY_SECTION        "key "
#define IDENTITY_SECTION   "identity "
#define ROOT_SECTION       "trusted_root"
#define RESERVE            ((uint64_t)64 << 20)
#define MIN_FREE           ((uint64_t)1 << 30)
#define BYTES_MAX          ((uint64_t)1 << 50)
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
}

const char *settings_word(const struct settings_words *words, size_t number)
{
	return words->text + words->at[number];
}

/* --- values --- */

static int take_flag(const char *value, bool *out, struct err *err)
{
	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return err_set(err, ERR_USAGE, 0, "'%s' is neither yes nor no",
		               value);
	*out = value[0] == 'y';
	return 0;
}

static int take_number(const char *value, unsigned least, unsigned most,
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
static int take_bytes(const char *value, uint64_t *out, struct err *err)
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

static int take_text(const char *value, char *out, size_t size, struct err *err)
{
	size_t len = strlen(value);

	if (!text_is_printable(value, len))
		return err_set(err, ERR_USAGE, 0, "unprintable characters");
	return text_copy(out, size, value, len, err);
}

static int take_words(const char *value, size_t max, struct settings_words *out,
                      struct err *err)
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

static bool is_made_of(const char *text, const char *allowed)
{
	return text[0] != '\0' && text[strspn(text, allowed)] == '\0';
}

#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/* --- keys --- */

static bool begins_with(const char *text, const char *word)
{
	return strncmp(text, word, strlen(word)) == 0;
}

/* A file: address stands alone; whether plain http is allowed another key
 * says. */
static int check_url(const char *url, size_t count, struct err *err)
{
	if (begins_with(url, "https://") || begins_with(url, "http://") ||
	    (begins_with(url, "file:/") && count == 1))
		return 0;
	return err_set(err, ERR_USAGE, 0, "'%s' does not begin with https://",
	               url);
}

static int take_url(struct settings *s, const char *value, struct err *err)
{
	if (!text_is_printable(value, strlen(value)))
		return err_set(err, ERR_USAGE, 0, "unprintable characters");
	if (take_words(value, SETTINGS_MIRRORS_MAX, &s->urls, err) < 0)
		return -1;
	for (size_t i = 0; i < s->urls.count; i++)
		if (check_url(settings_word(&s->urls, i), s->urls.count, err) <
		    0)
			return -1;
	return 0;
}

static int take_repo(struct settings *s, const char *value, struct err *err)
{
	if (!name_is_repository(value, strlen(value)))
		return err_set(err, ERR_USAGE, 0,
		               "'%s' is no repository on GitHub; write "
		               "OWNER/REPOSITORY",
		               value);
	return take_text(value, s->repo, sizeof s->repo, err);
}

/* Whether plain http is allowed another key says. */
static int take_api(struct settings *s, const char *value, struct err *err)
{
	if (!begins_with(value, "https://") && !begins_with(value, "http://"))
		return err_set(err, ERR_USAGE, 0,
		               "'%s' does not begin with https://", value);
	return take_text(value, s->api, sizeof s->api, err);
}

static int take_proxy(struct settings *s, const char *value, struct err *err)
{
	if (!begins_with(value, "http://") && !begins_with(value, "https://") &&
	    !begins_with(value, "socks5h://"))
		return err_set(err, ERR_USAGE, 0,
		               "'%s' begins with none of http://, https:// and "
		               "socks5h://",
		               value);
	return take_text(value, s->proxy, sizeof s->proxy, err);
}

static int take_plain_http(struct settings *s, const char *value,
                           struct err *err)
{
	if (take_words(value, SETTINGS_PLAIN_MAX, &s->plain_hosts, err) < 0)
		return -1;
	for (size_t i = 0; i < s->plain_hosts.count; i++) {
		const char *host = settings_word(&s->plain_hosts, i);

		if (!is_made_of(host, ALNUM ".-"))
			return err_set(err, ERR_USAGE, 0,
			               "'%s' is no host's name or IPv4 address "
			               "(without a port)",
			               host);
	}
	return 0;
}

static int take_deadline(struct settings *s, const char *value, struct err *err)
{
	return take_number(value, 0, SETTINGS_DEADLINE_MAX, &s->deadline, err);
}

static int take_oci(struct settings *s, const char *value, struct err *err)
{
	struct oci_reference reference;

	if (oci_reference_parse(value, &reference, err) < 0)
		return -1;
	return take_text(value, s->oci, sizeof s->oci, err);
}

static int take_path(const char *value, char *out, size_t size, struct err *err)
{
	if (value[0] != '/' || value[1] == '\0')
		return err_set(err, ERR_USAGE, 0, "'%s' is no absolute path",
		               value);
	return take_text(value, out, size, err);
}

static int take_ca_file(struct settings *s, const char *value, struct err *err)
{
	return take_path(value, s->ca_file, sizeof s->ca_file, err);
}

static int take_token_file(struct settings *s, const char *value,
                           struct err *err)
{
	return take_path(value, s->token_file, sizeof s->token_file, err);
}

static int take_docker_config(struct settings *s, const char *value,
                              struct err *err)
{
	return take_path(value, s->docker_config, sizeof s->docker_config, err);
}

static int take_require(struct settings *s, const char *value, struct err *err)
{
	static const char *const names[] = { "minisign", "sigstore",
		                             "provenance", NULL };

	return settings_take_set(value, names, &s->require, err);
}

static int take_keyless(struct settings *s, const char *value, struct err *err)
{
	return take_flag(value, &s->accepts_keyless_alone, err);
}

static int take_threshold(struct settings *s, const char *value,
                          struct err *err)
{
	return take_number(value, 1, SETTINGS_THRESHOLD_MAX, &s->threshold,
	                   err);
}

static int take_minimum_version(struct settings *s, const char *value,
                                struct err *err)
{
	if (!name_is_version(value, strlen(value)))
		return err_set(err, ERR_USAGE, 0, "'%s' is no version", value);
	return take_text(value, s->minimum_version, sizeof s->minimum_version,
	                 err);
}

static int take_allow_setuid(struct settings *s, const char *value,
                             struct err *err)
{
	return take_flag(value, &s->allows_setuid, err);
}

static int take_allow_world_writable(struct settings *s, const char *value,
                                     struct err *err)
{
	return take_flag(value, &s->allows_world_writable, err);
}

static int take_keep(struct settings *s, const char *value, struct err *err)
{
	return take_number(value, 1, SETTINGS_KEEP_MAX, &s->keep, err);
}

static int take_keep_payload(struct settings *s, const char *value,
                             struct err *err)
{
	return take_flag(value, &s->keeps_payload, err);
}

static int take_reserve(struct settings *s, const char *value, struct err *err)
{
	return take_bytes(value, &s->reserve, err);
}

static int take_sandbox(struct settings *s, const char *value, struct err *err)
{
	s->is_uid_only = strcmp(value, "uid-only") == 0;
	if (s->is_uid_only || strcmp(value, "full") == 0)
		return 0;
	return err_set(err, ERR_USAGE, 0, "'%s' is neither full nor uid-only",
	               value);
}

/* systemd.unit(5) has the characters; a leading "-" would be an option. */
static int take_restart(struct settings *s, const char *value, struct err *err)
{
	if (take_words(value, 16, &s->restart, err) < 0)
		return -1;
	for (size_t i = 0; i < s->restart.count; i++) {
		const char *unit = settings_word(&s->restart, i);

		if (unit[0] == '-' || !is_made_of(unit, ALNUM ":_.@\\-"))
			return err_set(err, ERR_USAGE, 0, "'%s' is no unit",
			               unit);
	}
	return 0;
}

static int take_command(struct settings *s, const char *value, struct err *err)
{
	if (value[0] != '/')
		return err_set(err, ERR_USAGE, 0,
		               "'%s' does not begin with an absolute path",
		               value);
	return take_words(value, SETTINGS_WORDS_MAX, &s->command, err);
}

static int take_user(struct settings *s, const char *value, struct err *err)
{
	if (value[0] == '-' || !is_made_of(value, ALNUM "_.-"))
		return err_set(err, ERR_USAGE, 0, "'%s' is no user name",
		               value);
	return take_text(value, s->user, sizeof s->user, err);
}

static int take_http(struct settings *s, const char *value, struct err *err)
{
	if ((strncmp(value, "http://", strlen("http://")) != 0 &&
	     strncmp(value, "https://", strlen("https://")) != 0) ||
	    strchr(value, ' ') != NULL)
		return err_set(err, ERR_USAGE, 0,
		               "'%s' is no http:// or https:// address", value);
	return take_text(value, s->http, sizeof s->http, err);
}

static int take_timeout(struct settings *s, const char *value, struct err *err)
{
	return take_number(value, 1, SETTINGS_TIMEOUT_MAX, &s->timeout, err);
}

static int take_ignore(struct settings *s, const char *value, struct err *err)
{
	return take_words(value, SETTINGS_WORDS_MAX, &s->ignore, err);
}

static int take_min_free(struct settings *s, const char *value, struct err *err)
{
	return take_bytes(value, &s->min_free, err);
}

static const struct row {
	const char *section;
	const char *key;
	int (*take)(struct settings *settings, const char *value,
	            struct err *err);
	const char *example; /* for the commented file */
	const char *help;
} rows[] = {
	{ "source", "url", take_url, "https://example.org/shop/bundle.tar.gz",
	  "where releases come from when the command line names none: a "
	  "bundle, or with a final / a folder of parts; several are mirrors, "
	  "tried in order" },
	{ "source", "oci", take_oci, "ghcr.io/example/shop",
	  "the same as an artifact of a registry; tried after url" },
	{ "source", "token_file", take_token_file, "/etc/shop.token",
	  "credentials, instead of /etc/tidegate/credentials/<app>: "
	  "user:password, or a token; mode 0600" },
	{ "source", "docker_config", take_docker_config,
	  "/root/.docker/config.json",
	  "credentials as docker login writes them" },
	{ "source", "repo", take_repo, "acme/shop",
	  "the repository on GitHub whose releases it installs" },
	{ "source", "api", take_api, GITHUB_API_URL,
	  "of an enterprise server: https://HOST/api/v3" },
	{ "source", "ca_file", take_ca_file, "/etc/ssl/private-ca.pem",
	  "authorities to trust for it instead of the system's" },
	{ "source", "proxy", take_proxy, "http://proxy.example.org:3128",
	  "through which it is asked; the environment's is never used" },
	{ "source", "allow_plain_http", take_plain_http, "mirror.lan",
	  "hosts that may be asked without TLS" },
	{ "source", "deadline", take_deadline, "86400",
	  "seconds that a download may take in all; 0: no end" },
	{ "policy", "require", take_require, "minisign",
	  "what must be there and hold, all of it: minisign, sigstore, "
	  "provenance" },
	{ "policy", "threshold", take_threshold, "1",
	  "how many different trusted keys must have signed" },
	{ "policy", "accept_keyless_alone", take_keyless, "no",
	  "whether identities count without a signature by any key" },
	{ "policy", "minimum_version", take_minimum_version, "1.0.0",
	  "refuse any release below this Semantic Version" },
	{ "policy", "allow_setuid", take_allow_setuid, "no",
	  "whether files may be setuid or setgid" },
	{ "policy", "allow_world_writable", take_allow_world_writable, "no",
	  "whether files may be writable by everybody" },
	{ "install", "keep", take_keep, "3",
	  "releases that prune, and each install, leave" },
	{ "install", "keep_payload", take_keep_payload, "no",
	  "keep payload.tar.gz too, for check-health and audits" },
	{ "install", "reserve", take_reserve, "64M",
	  "disk space that an install leaves free" },
	{ "install", "sandbox", take_sandbox, "full",
	  "uid-only: run workers without Landlock where the kernel has none" },
	{ "activate", "restart", take_restart, "shop.service",
	  "systemd units to restart after each switch" },
	{ "health", "command", take_command, "/opt/shop/current/bin/healthy",
	  "must give status 0 before the timeout, else the old release "
	  "returns" },
	{ "health", "user", take_user, "nobody",
	  "who runs the command; needed when the installer runs as root" },
	{ "health", "http", take_http, "http://127.0.0.1:8080/healthz",
	  "an address that must answer with a status from 200 to 299" },
	{ "health", "timeout", take_timeout, "60",
	  "seconds until the new release must be healthy" },
	{ "check", "ignore", take_ignore, "var/* *.pyc",
	  "extra files that check-health passes over" },
	{ "check", "min_free", take_min_free, "1G",
	  "warn when less is free where releases lie" },
};

#define ROW_COUNT (sizeof rows / sizeof rows[0])

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

static int take_item(void *context, const struct ini_item *item,
                     struct err *err)
{
	struct settings *settings = context;

	if (strncmp(item->section, KEY_SECTION, strlen(KEY_SECTION)) == 0)
		return take_key_item(settings, item, err);
	if (strncmp(item->section, IDENTITY_SECTION,
	            strlen(IDENTITY_SECTION)) == 0)
		return take_identity_item(settings, item, err);
	if (is_root_section(item->section))
		return take_root_item(settings, item, err);
	for (size_t i = 0; i < ROW_COUNT; i++) {
		if (strcmp(rows[i].section, item->section) != 0 ||
		    strcmp(rows[i].key, item->key) != 0)
			continue;
		if (rows[i].take(settings, item->value, err) < 0)
			return err_wrap(err, "%s", item->key);
		return 0;
	}
	return err_set(err, ERR_USAGE, 0, "unknown key '%s' in [%s]", item->key,
	               item->section);
}

bool settings_allows(const struct settings *settings, const char *url)
{
	const char *host = url + strlen("http://");
	size_t len;

	if (begins_with(url, "https://"))
		return true;
	if (!begins_with(url, "http://"))
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

		if (!begins_with(url, "file:") &&
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

int settings_write_commented(const char *app, struct buf *out, struct err *err)
{
	const char *section = "";

	if (buf_printf(out, err,
	               "# How this host installs %s; see "
	               "install-package.ini(5).\n"
	               "# A line without the leading # sets what it says.\n",
	               app) < 0)
		return -1;
	for (size_t i = 0; i < ROW_COUNT; i++) {
		if (strcmp(section, rows[i].section) != 0 &&
		    buf_printf(out, err, "\n[%s]\n", rows[i].section) < 0)
			return -1;
		section = rows[i].section;
		if (buf_printf(out, err, "\n# %s\n#%s = %s\n", rows[i].help,
		               rows[i].key, rows[i].example) < 0)
			return -1;
	}
	return buf_adds(out,
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
