/* SPDX-License-Identifier: Apache-2.0 */
/* The keys that say how releases come to the host. */
#include <string.h>

#include "base/text.h"
#include "codec/oci_reference.h"
#include "codec/settings_row.h"

/* A file: address stands alone; whether plain http is allowed another key
 * says. */
static int check_url(const char *url, size_t count, struct err *err)
{
	if (settings_begins(url, "https://") ||
	    settings_begins(url, "http://") ||
	    (settings_begins(url, "file:/") && count == 1))
		return 0;
	return err_set(err, ERR_USAGE, 0, "'%s' does not begin with https://",
	               url);
}

static int take_url(struct settings *s, const char *value, struct err *err)
{
	if (!text_is_printable(value, strlen(value)))
		return err_set(err, ERR_USAGE, 0, "unprintable characters");
	if (settings_take_words(value, SETTINGS_MIRRORS_MAX, &s->urls, err) < 0)
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
	return settings_take_text(value, s->repo, sizeof s->repo, err);
}

/* Whether plain http is allowed another key says. */
static int take_api(struct settings *s, const char *value, struct err *err)
{
	if (!settings_begins(value, "https://") &&
	    !settings_begins(value, "http://"))
		return err_set(err, ERR_USAGE, 0,
		               "'%s' does not begin with https://", value);
	return settings_take_text(value, s->api, sizeof s->api, err);
}

static int take_proxy(struct settings *s, const char *value, struct err *err)
{
	if (!settings_begins(value, "http://") &&
	    !settings_begins(value, "https://") &&
	    !settings_begins(value, "socks5h://"))
		return err_set(err, ERR_USAGE, 0,
		               "'%s' begins with none of http://, https:// and "
		               "socks5h://",
		               value);
	return settings_take_text(value, s->proxy, sizeof s->proxy, err);
}

static int take_plain_http(struct settings *s, const char *value,
                           struct err *err)
{
	if (settings_take_words(value, SETTINGS_PLAIN_MAX, &s->plain_hosts,
	                        err) < 0)
		return -1;
	for (size_t i = 0; i < s->plain_hosts.count; i++) {
		const char *host = settings_word(&s->plain_hosts, i);

		if (!settings_is_made_of(host, SETTINGS_ALNUM ".-"))
			return err_set(err, ERR_USAGE, 0,
			               "'%s' is no host's name or IPv4 address "
			               "(without a port)",
			               host);
	}
	return 0;
}

static int take_deadline(struct settings *s, const char *value, struct err *err)
{
	return settings_take_number(value, 0, SETTINGS_DEADLINE_MAX,
	                            &s->deadline, err);
}

static int take_oci(struct settings *s, const char *value, struct err *err)
{
	struct oci_reference reference;

	if (oci_reference_parse(value, &reference, err) < 0)
		return -1;
	return settings_take_text(value, s->oci, sizeof s->oci, err);
}

static int take_ca_file(struct settings *s, const char *value, struct err *err)
{
	return settings_take_path(value, s->ca_file, sizeof s->ca_file, err);
}

static int take_token_file(struct settings *s, const char *value,
                           struct err *err)
{
	return settings_take_path(value, s->token_file, sizeof s->token_file,
	                          err);
}

static int take_docker_config(struct settings *s, const char *value,
                              struct err *err)
{
	return settings_take_path(value, s->docker_config,
	                          sizeof s->docker_config, err);
}

static int take_require(struct settings *s, const char *value, struct err *err)
{
	static const char *const names[] = { "minisign", "sigstore",
		                             "provenance", NULL };

	return settings_take_set(value, names, &s->require, err);
}

static int take_keyless(struct settings *s, const char *value, struct err *err)
{
	return settings_take_flag(value, &s->accepts_keyless_alone, err);
}

static int take_threshold(struct settings *s, const char *value,
                          struct err *err)
{
	return settings_take_number(value, 1, SETTINGS_THRESHOLD_MAX,
	                            &s->threshold, err);
}

static int take_minimum_version(struct settings *s, const char *value,
                                struct err *err)
{
	if (!name_is_version(value, strlen(value)))
		return err_set(err, ERR_USAGE, 0, "'%s' is no version", value);
	return settings_take_text(value, s->minimum_version,
	                          sizeof s->minimum_version, err);
}

static int take_allow_setuid(struct settings *s, const char *value,
                             struct err *err)
{
	return settings_take_flag(value, &s->allows_setuid, err);
}

static int take_allow_world_writable(struct settings *s, const char *value,
                                     struct err *err)
{
	return settings_take_flag(value, &s->allows_world_writable, err);
}

static int take_keep(struct settings *s, const char *value, struct err *err)
{
	return settings_take_number(value, 1, SETTINGS_KEEP_MAX, &s->keep, err);
}

static int take_keep_payload(struct settings *s, const char *value,
                             struct err *err)
{
	return settings_take_flag(value, &s->keeps_payload, err);
}

static int take_reserve(struct settings *s, const char *value, struct err *err)
{
	return settings_take_bytes(value, &s->reserve, err);
}

static int take_sandbox(struct settings *s, const char *value, struct err *err)
{
	s->is_uid_only = strcmp(value, "uid-only") == 0;
	if (s->is_uid_only || strcmp(value, "full") == 0)
		return 0;
	return err_set(err, ERR_USAGE, 0, "'%s' is neither full nor uid-only",
	               value);
}

static int take_restart(struct settings *s, const char *value, struct err *err)
{
	return settings_take_units(value, &s->restart, err);
}

static int take_command(struct settings *s, const char *value, struct err *err)
{
	return settings_take_command(value, &s->command, err);
}

static int take_user(struct settings *s, const char *value, struct err *err)
{
	return settings_take_user(value, s->user, err);
}

static int take_http(struct settings *s, const char *value, struct err *err)
{
	if (settings_check_http(value, err) < 0)
		return -1;
	return settings_take_text(value, s->http, sizeof s->http, err);
}

static int take_timeout(struct settings *s, const char *value, struct err *err)
{
	return settings_take_number(value, 1, SETTINGS_TIMEOUT_MAX, &s->timeout,
	                            err);
}

const struct settings_row settings_install_rows[] = {
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
	{ NULL, NULL, NULL, NULL, NULL },
};
