/* SPDX-License-Identifier: Apache-2.0 */
/* The keys that say what is well. */
#include "codec/settings_health.h"

#include <string.h>

#include "base/text.h"
#include "codec/name.h"
#include "codec/settings_row.h"

#define ADDRESS_CHARACTERS "0123456789abcdefABCDEF:."
#define ID_CHARACTERS      "abcdefghijklmnopqrstuvwxyz."

/* The number of the word that @value is, of a list that NULL ends. */
static int take_choice(const char *value, const char *const *words,
                       unsigned *out, struct err *err)
{
	for (unsigned i = 0; words[i] != NULL; i++) {
		if (strcmp(value, words[i]) != 0)
			continue;
		*out = i;
		return 0;
	}
	return err_set(err, ERR_USAGE, 0, "'%s' is not one of %s, %s%s%s",
	               value, words[0], words[1], words[2] != NULL ? ", " : "",
	               words[2] != NULL ? words[2] : "");
}

static int take_version(const char *value, char out[DOTTED_SIZE],
                        struct err *err)
{
	if (!dotted_is(value))
		return err_set(err, ERR_USAGE, 0,
		               "'%s' is no version like 5.10", value);
	return text_copy(out, DOTTED_SIZE, value, strlen(value), err);
}

/* --- [check] --- */

static int take_ignore(struct settings *s, const char *value, struct err *err)
{
	return settings_take_words(value, SETTINGS_WORDS_MAX, &s->ignore, err);
}

static int take_min_free(struct settings *s, const char *value, struct err *err)
{
	return settings_take_bytes(value, &s->min_free, err);
}

/* Words that @check finds nothing wrong with. */
static int take_checked(const char *value,
                        int (*check)(const char *word, struct err *err),
                        struct settings_words *out, struct err *err)
{
	struct settings_words words;

	if (settings_take_words(value, SETTINGS_WORDS_MAX, &words, err) < 0)
		return -1;
	for (size_t i = 0; i < words.count; i++)
		if (check(settings_word(&words, i), err) < 0)
			return -1;
	*out = words;
	return 0;
}

/* --- [container] --- */

static int take_engine(struct settings *s, const char *value, struct err *err)
{
	static const struct {
		const char *word;
		enum container_engine engine;
	} engines[] = { { "docker", CONTAINER_DOCKER },
		        { "podman", CONTAINER_PODMAN },
		        { "any", CONTAINER_ANY },
		        { "none", CONTAINER_NONE } };

	for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++) {
		if (strcmp(value, engines[i].word) != 0)
			continue;
		s->container.engine = engines[i].engine;
		return 0;
	}
	return err_set(err, ERR_USAGE, 0,
	               "'%s' is not one of docker, podman, any, none", value);
}

static int take_socket(struct settings *s, const char *value, struct err *err)
{
	return settings_take_path(value, s->container.socket,
	                          sizeof s->container.socket, err);
}

static int take_storage(struct settings *s, const char *value, struct err *err)
{
	return settings_take_path(value, s->container.storage,
	                          sizeof s->container.storage, err);
}

static int take_allow_podman(struct settings *s, const char *value,
                             struct err *err)
{
	return settings_take_flag(value, &s->container.allows_podman, err);
}

static int take_min_version(struct settings *s, const char *value,
                            struct err *err)
{
	return take_version(value, s->container.min_version, err);
}

static int take_container_min_free(struct settings *s, const char *value,
                                   struct err *err)
{
	return settings_take_bytes(value, &s->container.min_free, err);
}

static int take_rootless(struct settings *s, const char *value, struct err *err)
{
	static const char *const words[] = { "any", "required", "refused",
		                             NULL };
	unsigned choice;

	if (take_choice(value, words, &choice, err) < 0)
		return -1;
	s->container.rootless = (enum container_rootless)choice;
	return 0;
}

static int take_expect(struct settings *s, const char *value, struct err *err)
{
	static const char *const words[] = { "any", "each", "none", NULL };
	unsigned choice;

	if (take_choice(value, words, &choice, err) < 0)
		return -1;
	s->container.expect = (enum container_expect)choice;
	return 0;
}

static int take_runtimes(struct settings *s, const char *value, struct err *err)
{
	return settings_take_words(value, SETTINGS_WORDS_MAX,
	                           &s->container.runtimes, err);
}

static int take_compose(struct settings *s, const char *value, struct err *err)
{
	static const char *const words[] = { "no", "required", NULL };
	unsigned choice;

	if (take_choice(value, words, &choice, err) < 0)
		return -1;
	s->container.requires_compose = choice == 1;
	return 0;
}

/* A path of a key, or the name of one or of an identity. */
static int check_image_signer(const char *word, struct err *err)
{
	char path[SETTINGS_VALUE_SIZE];

	if (word[0] == '/')
		return settings_take_path(word, path, sizeof path, err);
	if (name_is_key(word, strlen(word)))
		return 0;
	return err_set(err, ERR_USAGE, 0,
	               "'%s' is neither the name of a key or an identity, nor "
	               "the path of a key",
	               word);
}

static int take_images_signed(struct settings *s, const char *value,
                              struct err *err)
{
	return take_checked(value, check_image_signer,
	                    &s->container.images_signed, err);
}

/* --- [host] --- */

static int take_min_kernel(struct settings *s, const char *value,
                           struct err *err)
{
	return take_version(value, s->host.min_kernel, err);
}

static int take_security_profiles(struct settings *s, const char *value,
                                  struct err *err)
{
	return settings_take_words(value, SETTINGS_WORDS_MAX,
	                           &s->host.security_profiles, err);
}

static int take_time_sync(struct settings *s, const char *value,
                          struct err *err)
{
	return settings_take_flag(value, &s->host.requires_time_sync, err);
}

/* --- [service] --- */

static int take_units(struct settings *s, const char *value, struct err *err)
{
	return settings_take_units(value, &s->service.units, err);
}

static int take_command(struct settings *s, const char *value, struct err *err)
{
	return settings_take_command(value, &s->service.command, err);
}

static int take_user(struct settings *s, const char *value, struct err *err)
{
	return settings_take_user(value, s->service.user, err);
}

static int take_http(struct settings *s, const char *value, struct err *err)
{
	return take_checked(value, settings_check_http, &s->service.http, err);
}

int settings_split_tcp(const char *text, char *host, uint16_t *port,
                       struct err *err)
{
	const char *colon = strrchr(text, ':');
	bool is_bracketed = text[0] == '[';
	char name[SETTINGS_VALUE_SIZE];
	uint64_t number;
	size_t len;

	if (colon == NULL || colon == text ||
	    (is_bracketed && colon[-1] != ']') ||
	    text_u64(colon + 1, strlen(colon + 1), UINT16_MAX, &number, err) <
	            0 ||
	    number == 0)
		return err_set(err, ERR_USAGE, 0, "'%s' is not HOST:PORT",
		               text);
	len = (size_t)(colon - text) - (is_bracketed ? 2 : 0);
	if (text_copy(name, sizeof name, text + (is_bracketed ? 1 : 0), len,
	              err) < 0)
		return -1;
	if (!settings_is_made_of(name, is_bracketed ? ADDRESS_CHARACTERS
	                                            : SETTINGS_ALNUM ".-"))
		return err_set(err, ERR_USAGE, 0,
		               "'%s' is neither a host's name nor an address "
		               "with a port; IPv6 is written [ADDRESS]:PORT",
		               text);
	memcpy(host, name, sizeof name);
	*port = (uint16_t)number;
	return 0;
}

static int check_tcp(const char *word, struct err *err)
{
	char host[SETTINGS_VALUE_SIZE];
	uint16_t port;

	return settings_split_tcp(word, host, &port, err);
}

static int take_tcp(struct settings *s, const char *value, struct err *err)
{
	return take_checked(value, check_tcp, &s->service.tcp, err);
}

/* sun_path has room for so many bytes, with the NUL: unix(7). */
static int check_unix(const char *word, struct err *err)
{
	char path[108];

	return settings_take_path(word, path, sizeof path, err);
}

static int take_unix(struct settings *s, const char *value, struct err *err)
{
	return take_checked(value, check_unix, &s->service.unix_paths, err);
}

static int take_timeout(struct settings *s, const char *value, struct err *err)
{
	return settings_take_number(value, 1, SETTINGS_TIMEOUT_MAX,
	                            &s->service.timeout, err);
}

const struct settings_row settings_health_rows[] = {
	{ "check", "ignore", take_ignore, "var/* *.pyc",
	  "extra files that check-health passes over" },
	{ "check", "min_free", take_min_free, "1G",
	  "warn when less is free where releases lie" },
	{ "container", "engine", take_engine, "docker",
	  "what must run here: docker, podman, any or none; without it, any "
	  "where profile.env names images" },
	{ "container", "socket", take_socket, "/run/docker.sock",
	  "where the engine listens, if not at the usual place" },
	{ "container", "storage", take_storage, "/var/lib/docker",
	  "where it keeps images, if not at the usual place" },
	{ "container", "allow_podman", take_allow_podman, "no",
	  "whether podman may be there, alone or beside docker" },
	{ "container", "min_version", take_min_version, "20.10",
	  "the oldest engine that will do" },
	{ "container", "min_free", take_container_min_free, "5G",
	  "warn when less is free where the engine keeps images" },
	{ "container", "rootless", take_rootless, "any",
	  "whether the engine runs without root: any, required or refused" },
	{ "container", "expect", take_expect, "any",
	  "what must run of the images that profile.env pins: any of them, "
	  "each or none" },
	{ "container", "runtimes", take_runtimes, "runc runsc",
	  "runtimes that the engine must know" },
	{ "container", "compose", take_compose, "no",
	  "required: the compose plugin must be there" },
	{ "container", "images_signed", take_images_signed,
	  "cosign /etc/tidegate/images.pem",
	  "who may sign images, for check-health --online: cosign keys and "
	  "identities by their names, further keys by their paths" },
	{ "host", "min_kernel", take_min_kernel, "5.10",
	  "the oldest kernel that will do" },
	{ "host", "security_profiles", take_security_profiles, "shop-agent",
	  "AppArmor profiles that the kernel must have loaded" },
	{ "host", "time_sync", take_time_sync, "yes",
	  "whether the clock must be synchronised" },
	{ "service", "units", take_units, "shop.service",
	  "systemd units that must be active" },
	{ "service", "command", take_command, "/opt/shop/current/bin/healthy",
	  "must end with status 0" },
	{ "service", "user", take_user, "nobody",
	  "who runs the command; needed when check-health runs as root" },
	{ "service", "http", take_http, "http://127.0.0.1:8080/healthz",
	  "addresses that must answer with a status from 200 to 299" },
	{ "service", "tcp", take_tcp, "127.0.0.1:5432",
	  "ports that must take a connection" },
	{ "service", "unix", take_unix, "/run/shop.sock",
	  "Unix sockets that must take one" },
	{ "service", "timeout", take_timeout, "5",
	  "seconds that each of these may take" },
	{ NULL, NULL, NULL, NULL, NULL },
};

int settings_take_severity(struct settings_severities *severities,
                           const struct ini_item *item, struct err *err)
{
	static const char *const words[] = { "warning", "critical", "ignore",
		                             NULL };
	struct settings_severity *severity =
		&severities->items[severities->count];
	unsigned choice;

	if (severities->count == SEVERITIES_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d severities",
		               SEVERITIES_MAX);
	if (!settings_is_made_of(item->key, ID_CHARACTERS) ||
	    text_copy(severity->id, sizeof severity->id, item->key,
	              strlen(item->key), err) < 0)
		return err_set(err, ERR_USAGE, 0, "'%s' is no id of a check",
		               item->key);
	if (take_choice(item->value, words, &choice, err) < 0)
		return err_wrap(err, "%s", item->key);
	severity->word = (enum severity_word)choice;
	severities->count++;
	return 0;
}
