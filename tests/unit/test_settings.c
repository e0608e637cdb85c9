/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/cleanup.h"
#include "codec/release_ini.h"
#include "codec/settings.h"

#define GITHUB                                                                 \
	"[identity a]\n"                                                       \
	"issuer = https://token.actions.githubusercontent.com\n"

static const struct refused_case {
	const char *name;
	const char *text;
	enum err_code code;
} refused[] = {
	{ "unknown section", "[polcy]\nthreshold = 2\n", ERR_USAGE },
	{ "unknown key", "[policy]\ntreshold = 2\n", ERR_USAGE },
	{ "key without section", "threshold = 2\n", ERR_USAGE },
	{ "repeated key", "[policy]\nthreshold = 2\nthreshold = 1\n",
	  ERR_FORMAT },
	{ "repeated section", "[policy]\nthreshold = 2\n[policy]\n",
	  ERR_FORMAT },
	{ "threshold 0", "[policy]\nthreshold = 0\n", ERR_USAGE },
	{ "threshold above the most", "[policy]\nthreshold = 33\n", ERR_USAGE },
	{ "threshold with sign", "[policy]\nthreshold = +1\n", ERR_USAGE },
	{ "a rule of a later version", "[policy]\nrequire = notary\n",
	  ERR_USAGE },
	{ "an unknown rule beside a known one",
	  "[policy]\nrequire = minisign, notary\n", ERR_USAGE },
	{ "a rule twice", "[policy]\nrequire = minisign, minisign\n",
	  ERR_USAGE },
	{ "rules without a comma", "[policy]\nrequire = minisign sigstore\n",
	  ERR_USAGE },
	{ "an empty rule", "[policy]\nrequire = minisign,\n", ERR_USAGE },
	{ "a comma alone", "[policy]\nrequire = ,\n", ERR_USAGE },
	{ "a rule in capitals", "[policy]\nrequire = Minisign\n", ERR_USAGE },
	{ "keyless maybe", "[policy]\naccept_keyless_alone = 1\n", ERR_USAGE },
	{ "neither yes nor no", "[policy]\nallow_setuid = true\n", ERR_USAGE },
	{ "no version", "[policy]\nminimum_version = 1/2\n", ERR_USAGE },
	{ "plain http", "[source]\nurl = http://example.org/x\n", ERR_USAGE },
	{ "plain http of another host",
	  "[source]\nurl = http://a.b.c/\nallow_plain_http = b.c\n",
	  ERR_USAGE },
	{ "a mirror over plain http", "[source]\nurl = https://a/ http://b/\n",
	  ERR_USAGE },
	{ "another scheme", "[source]\nurl = ftp://example.org/x\n",
	  ERR_USAGE },
	{ "a file among mirrors", "[source]\nurl = https://a/ file:/b\n",
	  ERR_USAGE },
	{ "a file that is relative", "[source]\nurl = file:b\n", ERR_USAGE },
	{ "more than 8 mirrors",
	  "[source]\nurl = https://a/ https://b/ https://c/ https://d/ "
	  "https://e/ https://f/ https://g/ https://h/ https://i/\n",
	  ERR_USAGE },
	{ "a proxy without scheme", "[source]\nproxy = proxy:3128\n",
	  ERR_USAGE },
	{ "a host with a port", "[source]\nallow_plain_http = a:80\n",
	  ERR_USAGE },
	{ "more than 16 hosts",
	  "[source]\nallow_plain_http = 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 "
	  "16 17\n",
	  ERR_USAGE },
	{ "deadline above the most", "[source]\ndeadline = 604801\n",
	  ERR_USAGE },
	{ "relative CA file", "[source]\nca_file = ca.pem\n", ERR_USAGE },
	{ "relative token file", "[source]\ntoken_file = t\n", ERR_USAGE },
	{ "relative docker file", "[source]\ndocker_config = c.json\n",
	  ERR_USAGE },
	{ "a repository's address", "[source]\nrepo = https://github.com/a/b\n",
	  ERR_USAGE },
	{ "an API without scheme", "[source]\napi = api.github.com\n",
	  ERR_USAGE },
	{ "an API without TLS", "[source]\napi = http://ghe.lan/api/v3\n",
	  ERR_USAGE },
	{ "artifact without a registry", "[source]\noci = acme/shop\n",
	  ERR_USAGE },
	{ "size with unknown suffix", "[install]\nreserve = 5T\n", ERR_USAGE },
	{ "size that overflows", "[install]\nreserve = 1048577G\n", ERR_USAGE },
	{ "keep 0", "[install]\nkeep = 0\n", ERR_USAGE },
	{ "keep above the most", "[install]\nkeep = 1001\n", ERR_USAGE },
	{ "unit that is an option", "[activate]\nrestart = --force\n",
	  ERR_USAGE },
	{ "relative command", "[health]\ncommand = true\n", ERR_USAGE },
	{ "user that is an option", "[health]\nuser = -u\n", ERR_USAGE },
	{ "http with blank", "[health]\nhttp = http://a b\n", ERR_USAGE },
	{ "timeout above the most", "[health]\ntimeout = 3601\n", ERR_USAGE },
	{ "sandbox off", "[install]\nsandbox = off\n", ERR_USAGE },
	{ "unknown key of a key", "[key a]\nmin_sequence = 1\n", ERR_USAGE },
	{ "key's sequence too large",
	  "[key a]\nmax_sequence = 9007199254740992\n", ERR_USAGE },
	{ "key's name with a slash", "[key a/b]\nmax_sequence = 1\n",
	  ERR_USAGE },
	{ "unknown key of a root", "[trusted_root a]\nrequires = log\n",
	  ERR_USAGE },
	{ "unknown evidence", "[trusted_root a]\nrequire = witness\n",
	  ERR_USAGE },
	{ "root's name with a slash", "[trusted_root a/b]\nrequire = log\n",
	  ERR_USAGE },
	{ "a section like that of roots", "[trusted_roots]\nrequire = log\n",
	  ERR_USAGE },
	{ "unknown key of an identity", GITHUB "workflows = x.yml\n",
	  ERR_USAGE },
	{ "identity's name with a slash",
	  "[identity a/b]\nissuer = x\nsubject = y\n", ERR_USAGE },
	{ "identity without an issuer", "[identity a]\nsubject = y\n",
	  ERR_USAGE },
	{ "identity with an issuer alone", "[identity a]\nissuer = x\n",
	  ERR_USAGE },
	{ "an issuer that is a pattern",
	  "[identity a]\nissuer = https://*\nsubject = y\n", ERR_USAGE },
	{ "subject and repository", GITHUB "repository = o/r\nsubject = y\n",
	  ERR_USAGE },
	{ "repository of an issuer that has none",
	  "[identity a]\nissuer = https://gitlab.com\nrepository = o/r\n",
	  ERR_USAGE },
	{ "an issuer that only begins like GitHub's",
	  "[identity a]\n"
	  "issuer = https://token.actions.githubusercontent.com.evil.org\n"
	  "repository = o/r\n",
	  ERR_USAGE },
	{ "a tenant with a path",
	  "[identity a]\n"
	  "issuer = https://token.actions.evil.org/x.ghe.com\n"
	  "repository = o/r\n",
	  ERR_USAGE },
	{ "repository without owner", GITHUB "repository = r\n", ERR_USAGE },
	{ "repository of three", GITHUB "repository = o/r/x\n", ERR_USAGE },
	{ "repository of any depth", GITHUB "repository = o/**\n", ERR_USAGE },
	{ "workflow beside a subject", GITHUB "subject = y\nworkflow = x.yml\n",
	  ERR_USAGE },
	{ "ref beside a subject", GITHUB "subject = y\nref = z\n", ERR_USAGE },
	{ "source_ref beside a repository",
	  GITHUB "repository = o/r\nsource_ref = z\n", ERR_USAGE },
	{ "source_repository beside a repository",
	  GITHUB "repository = o/r\nsource_repository = z\n", ERR_USAGE },
	{ "a foreign workflow at any ref",
	  GITHUB "repository = o/r\nworkflow = p/q/.github/workflows/x.yml\n",
	  ERR_USAGE },
	{ "a workflow with an empty ref",
	  GITHUB "repository = o/r\nworkflow = x.yml@\n", ERR_USAGE },
	{ "identity's sequence too large",
	  GITHUB "repository = o/r\nmax_sequence = 9007199254740992\n",
	  ERR_USAGE },
	{ "an unknown engine", "[container]\nengine = lxc\n", ERR_USAGE },
	{ "a relative socket", "[container]\nsocket = d.sock\n", ERR_USAGE },
	{ "a relative storage", "[container]\nstorage = x\n", ERR_USAGE },
	{ "an engine's version with a suffix",
	  "[container]\nmin_version = 20.10-ce\n", ERR_USAGE },
	{ "containers expected", "[container]\nexpect = yes\n", ERR_USAGE },
	{ "rootless perhaps", "[container]\nrootless = yes\n", ERR_USAGE },
	{ "compose perhaps", "[container]\ncompose = yes\n", ERR_USAGE },
	{ "a kernel of five numbers", "[host]\nmin_kernel = 1.2.3.4.5\n",
	  ERR_USAGE },
	{ "time perhaps", "[host]\ntime_sync = maybe\n", ERR_USAGE },
	{ "a unit that is an option", "[service]\nunits = a -b\n", ERR_USAGE },
	{ "a service's relative command", "[service]\ncommand = true\n",
	  ERR_USAGE },
	{ "one address of two without scheme", "[service]\nhttp = http://a b\n",
	  ERR_USAGE },
	{ "a port alone", "[service]\ntcp = :80\n", ERR_USAGE },
	{ "a host alone", "[service]\ntcp = a\n", ERR_USAGE },
	{ "port 0", "[service]\ntcp = a:0\n", ERR_USAGE },
	{ "port 65536", "[service]\ntcp = a:65536\n", ERR_USAGE },
	{ "IPv6 without brackets", "[service]\ntcp = ::1:80\n", ERR_USAGE },
	{ "a bracket that does not close", "[service]\ntcp = [::1:80\n",
	  ERR_USAGE },
	{ "empty brackets", "[service]\ntcp = []:80\n", ERR_USAGE },
	{ "a bracket alone", "[service]\ntcp = ]:80\n", ERR_USAGE },
	{ "a relative Unix socket", "[service]\nunix = a\n", ERR_USAGE },
	{ "a service's timeout of 0", "[service]\ntimeout = 0\n", ERR_USAGE },
	{ "a severity of no word", "[severity]\ndisk.space = ok\n", ERR_USAGE },
	{ "a severity of no id", "[severity]\nDISK = ignore\n", ERR_USAGE },
	{ "a severity's id of 32 bytes",
	  "[severity]\naaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb = ignore\n",
	  ERR_USAGE },
	{ "identity's key twice", GITHUB "repository = o/r\nrepository = o/r\n",
	  ERR_FORMAT },
};

static void refuses_what_it_does_not_know(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		const struct refused_case *c = &refused[i];
		struct settings settings = { .threshold = 77 };
		struct err err = { .code = ERR_NONE };
		int got = settings_parse(c->text, strlen(c->text), &settings,
		                         &err);

		if (got != -1 || err.code != c->code)
			fail_msg("%s: got %d, code %d", c->name, got,
			         (int)err.code);
		if (settings.threshold != 77)
			fail_msg("%s: the output was touched", c->name);
	}
}

static void reads_every_key(void **state)
{
	static const char text[] =
		"# a comment\n[source]\nurl = https://example.org/b.tar.gz "
		"http://mirror.lan:80/shop/\nallow_plain_http = x MIRROR.lan\n"
		"proxy = http://proxy:3128\ndeadline = 604800\n"
		"repo = acme/Shop\napi = http://mirror.lan/api/v3\n"
		"ca_file = /etc/ca.pem\noci = ghcr.io/acme/shop:stable\n"
		"token_file = /etc/t\ndocker_config = /root/c.json\n"
		"[policy]\nrequire = minisign\n"
		"threshold = 32\nminimum_version = 1.2.3\nallow_setuid = yes\n"
		"allow_world_writable = yes\n[key old]\n"
		"max_sequence = 9007199254740991\n[install]\nkeep = 1000\n"
		"keep_payload = yes\nreserve = 2G\nsandbox = uid-only\n"
		"[activate]\nrestart = a.service b@x.service\n[health]\n"
		"command = /bin/test -f  /x\nuser = nobody\n"
		"http = http://127.0.0.1:80/\ntimeout = 3600\n[check]\n"
		"ignore = *.pyc var/*\nmin_free = 5K\n";
	struct settings s;
	struct err err;

	(void)state;
	assert_int_equal(settings_parse(text, strlen(text), &s, &err), 0);
	assert_string_equal(settings_word(&s.urls, 0),
	                    "https://example.org/b.tar.gz");
	assert_int_equal(s.urls.count, 2);
	assert_string_equal(settings_word(&s.urls, 1),
	                    "http://mirror.lan:80/shop/");
	assert_int_equal(s.plain_hosts.count, 2);
	assert_true(settings_allows(&s, "http://mirror.lan/"));
	assert_false(settings_allows(&s, "http://mirror.lan.evil/"));
	assert_false(settings_allows(&s, "file:/x"));
	assert_string_equal(s.repo, "acme/Shop");
	assert_string_equal(s.api, "http://mirror.lan/api/v3");
	assert_string_equal(s.proxy, "http://proxy:3128");
	assert_int_equal(s.deadline, 604800);
	assert_string_equal(s.ca_file, "/etc/ca.pem");
	assert_string_equal(s.oci, "ghcr.io/acme/shop:stable");
	assert_string_equal(s.token_file, "/etc/t");
	assert_string_equal(s.docker_config, "/root/c.json");
	assert_int_equal(s.threshold, 32);
	assert_string_equal(s.minimum_version, "1.2.3");
	assert_true(s.allows_setuid && s.allows_world_writable);
	assert_int_equal(s.key_count, 1);
	assert_string_equal(s.keys[0].name, "old");
	assert_true(s.keys[0].max_sequence == 9007199254740991U);
	assert_int_equal(s.keep, 1000);
	assert_true(s.keeps_payload && s.is_uid_only);
	assert_true(s.reserve == (uint64_t)2 << 30);
	assert_int_equal(s.restart.count, 2);
	assert_string_equal(settings_word(&s.restart, 1), "b@x.service");
	assert_int_equal(s.command.count, 3);
	assert_string_equal(settings_word(&s.command, 2), "/x");
	assert_string_equal(s.user, "nobody");
	assert_string_equal(s.http, "http://127.0.0.1:80/");
	assert_int_equal(s.timeout, 3600);
	assert_int_equal(s.ignore.count, 2);
	assert_true(s.min_free == 5120);
}

static void reads_what_is_to_be_well(void **state)
{
	static const char text[] =
		"[container]\nengine = podman\nsocket = /run/x.sock\n"
		"storage = /srv/images\n"
		"allow_podman = yes\nmin_version = 20.10\nmin_free = 1G\n"
		"rootless = refused\nruntimes = runc runsc\n"
		"expect = each\ncompose = required\n[host]\nmin_kernel = 5.10\n"
		"security_profiles = a /usr/bin/b\ntime_sync = yes\n"
		"[service]\nunits = a.service\ncommand = /bin/true x\n"
		"user = nobody\nhttp = http://a/ https://b/\n"
		"tcp = a.example:1 [::1]:65535\nunix = /run/a /run/b\n"
		"timeout = 3600\n[severity]\ndisk.space = ignore\n"
		"host.time = critical\n";
	AUTO_FREE struct settings *s = malloc(sizeof *s);
	char host[SETTINGS_VALUE_SIZE];
	uint16_t port;
	struct err err;

	(void)state;
	assert_non_null(s);
	if (settings_parse(text, strlen(text), s, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(s->container.engine, CONTAINER_PODMAN);
	assert_string_equal(s->container.socket, "/run/x.sock");
	assert_string_equal(s->container.storage, "/srv/images");
	assert_true(s->container.allows_podman &&
	            s->container.requires_compose);
	assert_string_equal(s->container.min_version, "20.10");
	assert_true(s->container.min_free == (uint64_t)1 << 30);
	assert_int_equal(s->container.rootless, ROOTLESS_REFUSED);
	assert_int_equal(s->container.expect, EXPECT_EACH);
	assert_string_equal(settings_word(&s->container.runtimes, 1), "runsc");
	assert_string_equal(s->host.min_kernel, "5.10");
	assert_string_equal(settings_word(&s->host.security_profiles, 1),
	                    "/usr/bin/b");
	assert_true(s->host.requires_time_sync);
	assert_int_equal(s->service.units.count, 1);
	assert_int_equal(s->service.command.count, 2);
	assert_string_equal(s->service.user, "nobody");
	assert_int_equal(s->service.http.count, 2);
	assert_int_equal(s->service.unix_paths.count, 2);
	assert_int_equal(s->service.timeout, 3600);
	assert_int_equal(s->severities.count, 2);
	assert_string_equal(s->severities.items[1].id, "host.time");
	assert_int_equal(s->severities.items[1].word, COUNT_CRITICAL);
	assert_int_equal(settings_split_tcp(settings_word(&s->service.tcp, 1),
	                                    host, &port, &err),
	                 0);
	assert_string_equal(host, "::1");
	assert_int_equal(port, 65535);
}

static void takes_as_many_severities_as_there_is_room_for(void **state)
{
	AUTO_BUF struct buf text = BUF_NONE;
	AUTO_FREE struct settings *s = malloc(sizeof *s);
	struct err err;

	(void)state;
	assert_non_null(s);
	assert_int_equal(buf_adds(&text, "[severity]\n", &err), 0);
	for (unsigned i = 0; i <= SEVERITIES_MAX; i++) {
		int want = i < SEVERITIES_MAX ? 0 : -1;

		assert_int_equal(buf_printf(&text, &err, "a%c%c = ignore\n",
		                            'a' + (int)(i / 26),
		                            'a' + (int)(i % 26)),
		                 0);
		assert_int_equal(settings_parse(text.data, text.len, s, &err),
		                 want);
	}
	assert_int_equal(err.code, ERR_LIMIT);
}

/* The examples of the file that setup writes are all legal, and as comments
 * they mean the defaults. */
static void what_setup_writes_means_the_defaults(void **state)
{
	AUTO_BUF struct buf text = BUF_NONE;
	AUTO_BUF struct buf bare = BUF_NONE;
	struct settings defaults;
	struct settings read;
	struct err err;
	const char *at;

	(void)state;
	settings_defaults(&defaults);
	assert_int_equal(settings_write_commented("shop", &text, &err), 0);
	assert_int_equal(settings_parse(text.data, text.len, &read, &err), 0);
	assert_int_equal(read.urls.count, 0);
	assert_int_equal(read.threshold, defaults.threshold);
	assert_int_equal(read.keep, defaults.keep);
	assert_int_equal(read.timeout, defaults.timeout);
	assert_true(read.reserve == defaults.reserve);
	for (at = text.data; *at != '\0'; at++)
		if (*at != '#' || (at != text.data && at[-1] != '\n') ||
		    at[1] == ' ')
			assert_int_equal(buf_add(&bare, at, 1, &err), 0);
	if (settings_parse(bare.data, bare.len, &read, &err) < 0)
		fail_msg("an example is not legal: %s", err.text);
}

static void reads_the_policy(void **state)
{
	static const char text[] =
		"[policy]\nrequire = minisign,sigstore , provenance\n"
		"accept_keyless_alone = yes\n"
		"[trusted_root]\nrequire = log\n"
		"[trusted_root github]\nrequire = timestamp, sct\n"
		"[identity one]\n"
		"issuer = https://token.actions.acme.ghe.com\n"
		"repository = o/r\nworkflow = release.yml\n"
		"ref = refs/tags/v*\nmax_sequence = 7\n"
		"[identity two]\nissuer = https://gitlab.com\n"
		"subject = https://gitlab.com/**\ntrigger = push\n"
		"source_repository = a\nsource_ref = b\n"
		"runner_environment = c\nbuilder_id = d\n"
		"source_owner_id = e\nsource_repository_id = f\n";
	AUTO_FREE struct settings *s = malloc(sizeof *s);
	struct err err;

	(void)state;
	assert_non_null(s);
	if (settings_parse(text, strlen(text), s, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(s->require, REQUIRE_MINISIGN | REQUIRE_SIGSTORE |
	                                     REQUIRE_PROVENANCE);
	assert_true(s->accepts_keyless_alone);
	assert_int_equal(settings_root_evidence(s, ""), ROOT_LOG);
	assert_int_equal(settings_root_evidence(s, "github"),
	                 ROOT_TIMESTAMP | ROOT_SCT);
	assert_int_equal(settings_root_evidence(s, "other"), 0);
	assert_int_equal(s->identity_count, 2);
	assert_string_equal(s->identities[0].name, "one");
	assert_string_equal(s->identities[0].text[IDENTITY_REF],
	                    "refs/tags/v*");
	assert_true(s->identities[0].max_sequence == 7);
	assert_string_equal(
		s->identities[1].text[IDENTITY_SOURCE_REPOSITORY_ID], "f");
	assert_true(s->identities[1].max_sequence == SEQUENCE_MAX);
}

static void takes_as_many_identities_as_there_are_bits(void **state)
{
	AUTO_BUF struct buf text = BUF_NONE;
	AUTO_FREE struct settings *s = malloc(sizeof *s);
	struct err err;

	(void)state;
	assert_non_null(s);
	for (unsigned i = 0; i <= IDENTITIES_MAX; i++) {
		int want = i < IDENTITIES_MAX ? 0 : -1;

		assert_int_equal(buf_printf(&text, &err,
		                            "[identity i%u]\nissuer = x\n"
		                            "subject = y\n",
		                            i),
		                 0);
		assert_int_equal(settings_parse(text.data, text.len, s, &err),
		                 want);
	}
	assert_int_equal(err.code, ERR_LIMIT);
}

/* The file that setup of version 0.1.0 wrote, as it wrote it. */
static const char old_file[] =
#include "old_settings.h"
	;

static void an_old_file_keeps_its_meaning(void **state)
{
	AUTO_FREE struct settings *s = malloc(sizeof *s);
	struct err err;

	(void)state;
	assert_non_null(s);
	if (settings_parse(old_file, strlen(old_file), s, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(s->require, REQUIRE_MINISIGN);
	assert_int_equal(s->threshold, 1);
	assert_false(s->accepts_keyless_alone);
	assert_int_equal(s->identity_count, 0);
	assert_int_equal(s->root_count, 0);
	assert_int_equal(s->key_count, 0);
	assert_int_equal(s->keep, 3);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_what_it_does_not_know),
		cmocka_unit_test(reads_every_key),
		cmocka_unit_test(reads_what_is_to_be_well),
		cmocka_unit_test(takes_as_many_severities_as_there_is_room_for),
		cmocka_unit_test(what_setup_writes_means_the_defaults),
		cmocka_unit_test(reads_the_policy),
		cmocka_unit_test(takes_as_many_identities_as_there_are_bits),
		cmocka_unit_test(an_old_file_keeps_its_meaning),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
