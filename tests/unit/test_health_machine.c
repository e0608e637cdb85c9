/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel tells of a machine, and what is to be seen to in time. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "health/gather_expiry.h"
#include "health/gather_machine.h"
#include "health/gather_upkeep.h"
#include "temp_dir.h"

#define NOW INT64_C(1800000000)

static struct err err;
static struct temp_dir dir;
static struct settings_host host;
static struct gather_machine request;
static struct machine_facts facts;

static void put(const char *path, const char *text)
{
	char folder[256];
	size_t len = strlen(text);
	int fd;

	for (const char *c = path; (c = strchr(c, '/')) != NULL; c++) {
		(void)memcpy(folder, path, (size_t)(c - path));
		folder[c - path] = '\0';
		(void)mkdirat(dir.fd, folder, 0755);
	}
	fd = openat(dir.fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
	            0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	(void)close(fd);
}

static void take(const char *path)
{
	(void)unlinkat(dir.fd, path, 0);
}

/* A machine where all is well. */
static int make_machine(void **state)
{
	char map[64];

	(void)state;
	dir = temp_dir_make();
	put("proc/sys/kernel/osrelease", "6.1.0-18-amd64\n");
	put("proc/version", "Linux version 6.1.0-18-amd64 (debian)\n");
	(void)snprintf(map, sizeof map, "proc/%ld/uid_map", (long)getpid());
	put(map, "         0          0 4294967295\n");
	put("proc/sys/kernel/yama/ptrace_scope", "1\n");
	put("sys/module/apparmor/parameters/enabled", "Y\n");
	put("sys/kernel/security/apparmor/profiles",
	    "shop (enforce)\n/usr/bin/man (enforce)\n"
	    "odd (enforce) (unconfined)\npay-killer (kill)\n"
	    "pay-agent (complain)\n");
	put("run/systemd/system/x", "");
	put("usr/bin/su", "");
	host = (struct settings_host){ .requires_time_sync = true };
	(void)memcpy(host.min_kernel, "5.10", sizeof "5.10");
	request = (struct gather_machine){
		.top = dir.fd,
		.host = &host,
		.has_containers = true,
		.newest = NOW - 5,
		.clock = { NOW, true, true },
	};
	return 0;
}

static int remove_machine(void **state)
{
	(void)state;
	temp_dir_remove(&dir);
	return 0;
}

static void look(void)
{
	facts = (struct machine_facts){ .time = { .sight = SIGHT_NONE } };
	assert_int_equal(gather_machine(&request, &facts, &err), 0);
}

static void name_profiles(const char *first, const char *second)
{
	struct settings_words *words = &host.security_profiles;
	size_t len = strlen(first) + 1;

	(void)memcpy(words->text, first, len);
	(void)memcpy(words->text + len, second, strlen(second) + 1);
	words->at[1] = len;
	words->count = 2;
}

static void change_nothing(void)
{
}

static void age_kernel(void)
{
	put("proc/sys/kernel/osrelease", "5.9.16\n");
}

static void ask_nothing_of_kernel(void)
{
	age_kernel();
	host.min_kernel[0] = '\0';
}

static void lose_osrelease(void)
{
	take("proc/sys/kernel/osrelease");
}

static void be_wsl(void)
{
	put("proc/version",
	    "Linux version 5.15.167.4-microsoft-standard-WSL2 (gcc)\n");
}

static void be_wsl_without_systemd(void)
{
	be_wsl();
	take("run/systemd/system/x");
	(void)unlinkat(dir.fd, "run/systemd/system", AT_REMOVEDIR);
}

static void be_wsl_without_apparmor(void)
{
	be_wsl();
	take("sys/module/apparmor/parameters/enabled");
}

static void be_old_wsl(void)
{
	put("proc/version", "Linux version 4.19.1-microsoft-standard (gcc)\n");
}

static void turn_yama_off(void)
{
	put("proc/sys/kernel/yama/ptrace_scope", "0\n");
}

static void lose_yama(void)
{
	take("proc/sys/kernel/yama/ptrace_scope");
}

static void ask_for_no_containers(void)
{
	lose_yama();
	request.has_containers = false;
}

static void ask_for_loaded(void)
{
	name_profiles("pay-killer", "/usr/bin/man");
}

static void ask_for_one_that_complains(void)
{
	name_profiles("pay-agent", "/usr/bin/man");
}

static void ask_for_one_that_complains_and_another(void)
{
	name_profiles("pay-agent", "pay");
}

static void ask_for_the_head_of_a_name_with_brackets(void)
{
	name_profiles("shop", "odd");
}

static void ask_for_a_name_with_brackets(void)
{
	name_profiles("shop", "odd (enforce)");
}

static void ask_for_the_head_of_a_name(void)
{
	name_profiles("shop", "pay");
}

static void ask_without_apparmor(void)
{
	ask_for_loaded();
	take("sys/kernel/security/apparmor/profiles");
}

static void set_clock_back(void)
{
	request.clock.now = request.newest - CLOCK_DAY - 1;
}

static void set_clock_a_little_back(void)
{
	request.clock.now = request.newest - CLOCK_DAY;
}

static void set_clock_far_ahead(void)
{
	request.clock.now = INT64_C(4102444800);
}

static void lose_time_servers(void)
{
	request.clock.is_synchronised = false;
}

static void need_no_time_servers(void)
{
	lose_time_servers();
	host.requires_time_sync = false;
}

static void hide_clock(void)
{
	request.clock.is_known = false;
}

static void hide_clock_that_timesyncd_keeps(void)
{
	hide_clock();
	put("run/systemd/timesync/synchronized", "");
}

static void understand_nothing(void)
{
	lose_time_servers();
	request.host = NULL;
}

static const struct machine_case {
	const char *name;
	void (*change)(void);
	const struct look *look;
	enum sight want;
	const char *text;
} machines[] = {
	{ "who looks", change_nothing, &facts.rights, SIGHT_GOOD, "" },
	{ "a new kernel", change_nothing, &facts.kernel, SIGHT_GOOD, "6.1.0" },
	{ "an old kernel", age_kernel, &facts.kernel, SIGHT_WRONG,
	  "5.9.16 is older than min_kernel, 5.10" },
	{ "any kernel", ask_nothing_of_kernel, &facts.kernel, SIGHT_GOOD, "" },
	{ "no kernel's version", lose_osrelease, &facts.kernel, SIGHT_ABSENT,
	  "osrelease" },
	{ "no WSL", change_nothing, &facts.wsl, SIGHT_NONE, "not WSL" },
	{ "WSL", be_wsl, &facts.wsl, SIGHT_GOOD, "" },
	{ "WSL without systemd", be_wsl_without_systemd, &facts.wsl,
	  SIGHT_WRONG, "systemd=true" },
	{ "WSL without AppArmor", be_wsl_without_apparmor, &facts.wsl,
	  SIGHT_WRONG, "AppArmor" },
	{ "an old WSL", be_old_wsl, &facts.wsl, SIGHT_WRONG, "wsl --update" },
	{ "Yama", change_nothing, &facts.yama, SIGHT_GOOD, "1" },
	{ "Yama off", turn_yama_off, &facts.yama, SIGHT_WRONG, "is 0" },
	{ "no Yama", lose_yama, &facts.yama, SIGHT_WRONG, "no Yama" },
	{ "no containers", ask_for_no_containers, &facts.yama, SIGHT_NONE, "" },
	{ "no profiles named", change_nothing, &facts.profiles, SIGHT_NONE,
	  "" },
	{ "profiles loaded", ask_for_loaded, &facts.profiles, SIGHT_GOOD, "2" },
	{ "a profile not loaded", ask_for_the_head_of_a_name, &facts.profiles,
	  SIGHT_WRONG, "'pay'" },
	{ "a profile that complains", ask_for_one_that_complains,
	  &facts.profiles, SIGHT_WRONG, "the mode of 'pay-agent' is complain" },
	{ "one that complains beside one not loaded",
	  ask_for_one_that_complains_and_another, &facts.profiles, SIGHT_WRONG,
	  "not loaded 'pay'" },
	{ "the head of a name with brackets",
	  ask_for_the_head_of_a_name_with_brackets, &facts.profiles,
	  SIGHT_WRONG, "not loaded 'odd'" },
	{ "a name with brackets", ask_for_a_name_with_brackets, &facts.profiles,
	  SIGHT_WRONG, "the mode of 'odd (enforce)' is unconfined" },
	{ "no list of profiles", ask_without_apparmor, &facts.profiles,
	  SIGHT_ABSENT, "profiles" },
	{ "time", change_nothing, &facts.time, SIGHT_GOOD, "synchronised" },
	{ "a clock set back", set_clock_back, &facts.time, SIGHT_WRONG,
	  "before the newest" },
	{ "a clock a day back", set_clock_a_little_back, &facts.time,
	  SIGHT_GOOD, "" },
	{ "a clock far ahead", set_clock_far_ahead, &facts.time, SIGHT_WRONG,
	  "cannot be right" },
	{ "no time servers", lose_time_servers, &facts.time, SIGHT_WRONG,
	  "nothing synchronises" },
	{ "no time servers needed", need_no_time_servers, &facts.time,
	  SIGHT_GOOD, "nothing synchronises" },
	{ "a clock that is hidden", hide_clock, &facts.time, SIGHT_HIDDEN,
	  "does not tell" },
	{ "a hidden clock that timesyncd keeps",
	  hide_clock_that_timesyncd_keeps, &facts.time, SIGHT_GOOD, "" },
	{ "a kernel for a configuration that is not understood",
	  understand_nothing, &facts.kernel, SIGHT_BLOCKED, "not understood" },
	{ "the same of profiles", understand_nothing, &facts.profiles,
	  SIGHT_BLOCKED, "not understood" },
	{ "the same of the clock, which is sane", understand_nothing,
	  &facts.time, SIGHT_GOOD, "sane" },
};

static void machines_are_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof machines / sizeof machines[0]; i++) {
		const struct machine_case *c = &machines[i];

		assert_int_equal(make_machine(NULL), 0);
		c->change();
		look();
		if (c->look->sight != c->want ||
		    strstr(c->look->text, c->text) == NULL)
			fail_msg("%s: sight %d, '%s'", c->name,
			         (int)c->look->sight, c->look->text);
		if (facts.are_profiles_lax !=
		    (strstr(facts.profiles.text, "the mode of") != NULL))
			fail_msg("%s: lax is %d", c->name,
			         (int)facts.are_profiles_lax);
		assert_int_equal(remove_machine(NULL), 0);
	}
}

/* --- what is to be seen to in time ---------------------------------------- */

#define DAYS(n) ((uint64_t)(n)*86400)

static const struct expiry_case {
	const char *name;
	uint64_t newest;    /* sequence installed */
	uint64_t limits[2]; /* of two keys */
	unsigned threshold;
	enum sight want;
} expiries[] = {
	{ "no limits", NOW, { SEQUENCE_MAX, SEQUENCE_MAX }, 2, SIGHT_GOOD },
	{ "one of two retired", NOW, { 7, SEQUENCE_MAX }, 1, SIGHT_GOOD },
	{ "one of two needed retired",
	  NOW,
	  { 7, SEQUENCE_MAX },
	  2,
	  SIGHT_WRONG },
	{ "at its end", NOW, { NOW, NOW }, 1, SIGHT_WRONG },
	{ "29 days left", NOW, { 7, NOW + DAYS(29) }, 1, SIGHT_WRONG },
	{ "30 days left", NOW, { 7, NOW + DAYS(30) }, 1, SIGHT_GOOD },
	{ "sequences that are no dates", 5, { 6, 6 }, 1, SIGHT_GOOD },
	{ "sequences at their end", 6, { 6, 6 }, 1, SIGHT_WRONG },
	{ "nothing installed", 0, { 7, 7 }, 1, SIGHT_GOOD },
};

static void keys_at_their_end_are_told_of(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof expiries / sizeof expiries[0]; i++) {
		const struct expiry_case *c = &expiries[i];
		struct installed item = { .sequence = c->newest };
		const struct installed_list list = { &item, 1 };
		AUTO_FREE struct settings *settings =
			calloc(1, sizeof *settings);
		AUTO_FREE struct keyring *keyring = calloc(1, sizeof *keyring);
		struct look out;

		assert_true(settings != NULL && keyring != NULL);
		settings_defaults(settings);
		settings->threshold = c->threshold;
		keyring->count = settings->key_count = 2;
		for (unsigned k = 0; k < 2; k++) {
			keyring->keys[k].name[0] = (char)('a' + k);
			settings->keys[k].name[0] = (char)('a' + k);
			settings->keys[k].max_sequence = c->limits[k];
			keyring->keys[k].public.key[0] = (uint8_t)k;
			keyring->keys[k].public.id = k;
		}
		gather_expiry(settings, keyring, &list, NOW, &out);
		if (out.sight != c->want)
			fail_msg("%s: sight %d, '%s'", c->name, (int)out.sight,
			         out.text);
	}
}

struct rule_case {
	const char *name;
	unsigned require;
	unsigned threshold;
	uint64_t limits[3]; /* of a minisign key, a cosign key, an identity */
	bool is_keyless;
	enum sight want;
	const char *text;
};

#define MINISIGN   REQUIRE_MINISIGN
#define SIGSTORE   REQUIRE_SIGSTORE
#define PROVENANCE REQUIRE_PROVENANCE
#define ENDLESS    SEQUENCE_MAX

static const struct rule_case rule_cases[] = {
	{ "all are left",
	  MINISIGN | SIGSTORE | PROVENANCE,
	  2,
	  { ENDLESS, ENDLESS, 7 },
	  false,
	  SIGHT_GOOD,
	  "enough" },
	{ "the minisign key ends, and a cosign key meets the threshold",
	  MINISIGN | SIGSTORE,
	  1,
	  { 7, ENDLESS, ENDLESS },
	  false,
	  SIGHT_WRONG,
	  ": require = minisign" },
	{ "an identity is left for sigstore",
	  MINISIGN | SIGSTORE,
	  1,
	  { ENDLESS, 7, ENDLESS },
	  false,
	  SIGHT_GOOD,
	  "enough" },
	{ "nobody is left for sigstore",
	  MINISIGN | SIGSTORE,
	  1,
	  { ENDLESS, 7, 7 },
	  false,
	  SIGHT_WRONG,
	  ": require = sigstore" },
	{ "a key is left for provenance",
	  MINISIGN | PROVENANCE,
	  1,
	  { ENDLESS, 7, 7 },
	  false,
	  SIGHT_GOOD,
	  "enough" },
	{ "one of two keys",
	  MINISIGN | SIGSTORE,
	  2,
	  { ENDLESS, 7, ENDLESS },
	  false,
	  SIGHT_WRONG,
	  ": threshold" },
	{ "identities are no keys",
	  SIGSTORE,
	  1,
	  { ENDLESS, 7, ENDLESS },
	  false,
	  SIGHT_WRONG,
	  ": threshold" },
	{ "an identity alone",
	  SIGSTORE,
	  1,
	  { 7, 7, ENDLESS },
	  true,
	  SIGHT_GOOD,
	  "enough" },
	{ "an identity alone that ends in a month",
	  SIGSTORE,
	  1,
	  { 7, 7, NOW + DAYS(29) },
	  true,
	  SIGHT_WRONG,
	  "30 days no release can meet the policy (max_sequence): "
	  "threshold, require = sigstore" },
};

static void each_rule_of_the_policy_is_judged_alone(void **state)
{
	struct installed item = { .sequence = NOW };
	const struct installed_list list = { &item, 1 };

	(void)state;
	for (size_t i = 0; i < sizeof rule_cases / sizeof *rule_cases; i++) {
		const struct rule_case *c = &rule_cases[i];
		AUTO_FREE struct settings *settings =
			calloc(1, sizeof *settings);
		AUTO_FREE struct keyring *keyring = calloc(1, sizeof *keyring);
		struct look out;

		assert_true(settings != NULL && keyring != NULL);
		settings_defaults(settings);
		settings->require = c->require;
		settings->threshold = c->threshold;
		settings->accepts_keyless_alone = c->is_keyless;
		keyring->count = keyring->cosign_count = 1;
		keyring->keys[0].name[0] = settings->keys[0].name[0] = 'a';
		keyring->cosign_keys[0].name[0] = settings->keys[1].name[0] =
			'b';
		settings->key_count = 2;
		settings->identity_count = 1;
		settings->identities[0].name[0] = 'c';
		settings->keys[0].max_sequence = c->limits[0];
		settings->keys[1].max_sequence = c->limits[1];
		settings->identities[0].max_sequence = c->limits[2];
		gather_expiry(settings, keyring, &list, NOW, &out);
		if (out.sight != c->want || strstr(out.text, c->text) == NULL)
			fail_msg("%s: sight %d, '%s'", c->name, (int)out.sight,
			         out.text);
	}
}

static void releases_beyond_keep_are_told_of(void **state)
{
	struct installed items[] = {
		{ .version = "1", .sequence = 1 },
		{ .version = "2", .sequence = 2, .is_previous = true },
		{ .version = "3", .sequence = 3, .is_current = true },
	};
	const struct installed_list list = { items, 3 };
	struct look out;

	(void)state;
	gather_kept(&list, 3, &out);
	assert_int_equal(out.sight, SIGHT_GOOD);
	gather_kept(&list, 2, &out);
	assert_int_equal(out.sight, SIGHT_WRONG);
	assert_non_null(strstr(out.text, "1 of 3, 1 first"));
	items[0].is_held = true;
	gather_kept(&list, 2, &out);
	assert_int_equal(out.sight, SIGHT_GOOD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(machines_are_judged),
		cmocka_unit_test(keys_at_their_end_are_told_of),
		cmocka_unit_test(each_rule_of_the_policy_is_judged_alone),
		cmocka_unit_test(releases_beyond_keep_are_told_of),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
