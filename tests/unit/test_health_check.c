/* SPDX-License-Identifier: Apache-2.0 */
/* The checks: from facts that are written down here to findings. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "health/check.h"

static struct err err;

/* The facts of a healthy app with two releases. */
static struct facts facts;
static struct release_facts releases[2];

static void put_link(struct link_facts *link, const char *version)
{
	look_set(&link->look, SIGHT_GOOD, "releases/%s", version);
	(void)snprintf(link->version, sizeof link->version, "%s", version);
	link->is_installed = true;
}

static void put_release(struct release_facts *release, const char *version)
{
	*release = (struct release_facts){ 0 };
	(void)snprintf(release->version, sizeof release->version, "%s",
	               version);
	release->is_in_history = true;
	look_set(&release->signature, SIGHT_GOOD, "ops");
	look_set(&release->committed, SIGHT_GOOD, "whole");
	look_set(&release->receipt, SIGHT_GOOD, "fits");
	look_set(&release->profile, SIGHT_NONE, "no profile");
	look_set(&release->tree.look, SIGHT_GOOD, "compared");
	release->tree.entries = 5;
	release->tree.bytes = 77;
}

static int make_healthy(void **state)
{
	(void)state;
	facts = (struct facts){ .app = "shop" };
	look_set(&facts.config, SIGHT_GOOD, "understood");
	look_set(&facts.keys, SIGHT_GOOD, "1 key");
	look_set(&facts.store, SIGHT_GOOD, "there");
	look_set(&facts.owner, SIGHT_GOOD, "root's");
	put_link(&facts.current, "2.0.0");
	put_link(&facts.previous, "1.0.0");
	look_set(&facts.journal.look, SIGHT_ABSENT, "none");
	look_set(&facts.history.look, SIGHT_GOOD, "read");
	look_set(&facts.space.look, SIGHT_GOOD, "seen");
	facts.space.free_bytes = (uint64_t)10 << 30;
	facts.space.free_files = 1000000;
	facts.space.min_free = (uint64_t)1 << 30;
	facts.space.is_min_known = true;
	put_release(&releases[0], "2.0.0");
	releases[0].is_current = true;
	put_release(&releases[1], "1.0.0");
	facts.releases = releases;
	facts.release_count = 2;
	return 0;
}

static int free_differences(void **state)
{
	(void)state;
	for (size_t r = 0; r < 2; r++) {
		for (size_t i = 0; i < releases[r].tree.count; i++)
			free(releases[r].tree.items[i].path);
		free(releases[r].tree.items);
	}
	return 0;
}

/* Each breaks one thing of the healthy app. */
static void break_nothing(void)
{
}

static void break_config(void)
{
	look_set(&facts.config, SIGHT_WRONG, "line 3: unknown key");
}

static void open_config(void)
{
	look_set(&facts.config, SIGHT_OPEN, "others can write to it");
}

static void have_no_config(void)
{
	look_set(&facts.config, SIGHT_ABSENT, "the defaults hold");
}

static void have_no_keys(void)
{
	look_set(&facts.keys, SIGHT_ABSENT, "no key");
}

static void hide_keys(void)
{
	look_set(&facts.keys, SIGHT_HIDDEN, "trust: Permission denied");
}

static void open_store(void)
{
	look_set(&facts.owner, SIGHT_OPEN, "releases: others can write");
}

static void have_no_current(void)
{
	look_set(&facts.current.look, SIGHT_ABSENT, "none");
	releases[0].is_current = false;
}

static void damage_current(void)
{
	look_set(&facts.current.look, SIGHT_WRONG, "it is no link");
	releases[0].is_current = false;
}

static void dangle_current(void)
{
	facts.current.is_installed = false;
}

static void have_no_previous(void)
{
	look_set(&facts.previous.look, SIGHT_ABSENT, "none");
}

static void damage_previous(void)
{
	look_set(&facts.previous.look, SIGHT_WRONG, "it is no link");
}

static void dangle_previous(void)
{
	facts.previous.is_installed = false;
}

static void mark_previous(void)
{
	facts.previous.is_bad = true;
}

static void repeat_previous(void)
{
	put_link(&facts.previous, "2.0.0");
}

static void put_journal(enum journal_op op, enum journal_gate gate)
{
	look_set(&facts.journal.look, SIGHT_GOOD, "there");
	facts.journal.journal = (struct journal){
		.op = op, .from = "1.0.0", .to = "2.0.0", .gate = gate
	};
}

static void leave_install(void)
{
	put_journal(JOURNAL_INSTALL, GATE_NONE);
}

static void leave_gate(void)
{
	put_journal(JOURNAL_INSTALL, GATE_PENDING);
}

static void leave_revert(void)
{
	put_journal(JOURNAL_REVERT, GATE_NONE);
}

static void damage_journal(void)
{
	look_set(&facts.journal.look, SIGHT_WRONG, "line 2");
}

static void have_no_history(void)
{
	look_set(&facts.history.look, SIGHT_ABSENT, "not there");
}

static void damage_history(void)
{
	look_set(&facts.history.look, SIGHT_WRONG, "line 9 is no JSON");
}

static void tell_half_the_history(void)
{
	releases[1].is_in_history = false;
}

static void fill_disk(void)
{
	facts.space.free_bytes = facts.space.min_free - 1;
}

static void leave_just_enough_disk(void)
{
	facts.space.free_bytes = facts.space.min_free;
}

static void fill_inodes(void)
{
	facts.space.free_files = 3;
}

static void mark_current(void)
{
	releases[0].is_bad = true;
	(void)snprintf(releases[0].bad_reason, sizeof releases[0].bad_reason,
	               "its gate failed");
}

static void mark_other(void)
{
	releases[1].is_bad = true;
}

static void revoke_current(void)
{
	look_set(&releases[0].signature, SIGHT_WRONG, "revoked");
}

static void revoke_other(void)
{
	look_set(&releases[1].signature, SIGHT_WRONG, "revoked");
	look_set(&releases[1].tree.look, SIGHT_BLOCKED, "not checked");
}

static void block_current_tree(void)
{
	look_set(&releases[0].tree.look, SIGHT_BLOCKED, "not checked");
}

static void lose_part(void)
{
	look_set(&releases[0].committed, SIGHT_ABSENT, "sbom.json");
}

static void lose_part_of_other(void)
{
	look_set(&releases[1].committed, SIGHT_ABSENT, "sbom.json");
}

static void hide_receipt(void)
{
	look_set(&releases[0].receipt, SIGHT_HIDDEN, "Permission denied");
}

static void falsify_receipt(void)
{
	look_set(&releases[0].receipt, SIGHT_WRONG, "of another release");
}

static void falsify_profile(void)
{
	look_set(&releases[0].profile, SIGHT_WRONG, "line 1");
}

static void differ(size_t release, enum tree_finding_kind kind,
                   const char *path)
{
	const struct tree_finding finding = { kind, path, EACCES };

	assert_int_equal(
		difference_add(&releases[release].tree, &finding, &err), 0);
}

static void change_content(void)
{
	differ(0, TREE_CONTENT, "bin/tool");
}

static void change_content_of_other(void)
{
	differ(1, TREE_CONTENT, "bin/tool");
}

static void add_file(void)
{
	differ(0, TREE_EXTRA, "bin/new");
}

static void add_file_and_time(void)
{
	differ(0, TREE_TIME, "bin");
	differ(0, TREE_EXTRA, "bin/new");
}

static void change_time(void)
{
	differ(0, TREE_TIME, "bin");
	differ(0, TREE_EXTRA, "sbin/new");
}

static void ignore_file(void)
{
	differ(0, TREE_TIME, "bin");
	difference_ignore(&releases[0].tree, "bin/new");
}

static void ignore_one_of_two(void)
{
	differ(0, TREE_TIME, "bin");
	differ(0, TREE_EXTRA, "bin/a");
	difference_ignore(&releases[0].tree, "bin/b");
}

static void hide_file(void)
{
	differ(0, TREE_UNREADABLE, "etc/secret");
}

static void drop_differences(void)
{
	releases[0].tree.dropped[TREE_MISSING] = 1;
}

static void drop_extras(void)
{
	releases[0].tree.dropped[TREE_EXTRA] = 1;
}

static void install_nothing(void)
{
	look_set(&facts.current.look, SIGHT_ABSENT, "none");
	look_set(&facts.previous.look, SIGHT_ABSENT, "none");
	look_set(&facts.history.look, SIGHT_ABSENT, "none");
	facts.release_count = 0;
}

static void close_store(void)
{
	look_set(&facts.store, SIGHT_HIDDEN, "packages: Permission denied");
	facts.release_count = 0;
}

static void ignore_file_at_top(void)
{
	differ(0, TREE_TIME, ".");
	difference_ignore(&releases[0].tree, "new");
}

static void keep_too_many(void)
{
	look_set(&facts.upkeep.kept, SIGHT_WRONG, "prune would remove 2 of 5");
}

static void leave_leftovers(void)
{
	look_set(&facts.upkeep.leftovers, SIGHT_WRONG, "1 of a run");
}

static void end_keys(void)
{
	look_set(&facts.upkeep.expiry, SIGHT_WRONG, "too few keys");
}

static void hide_profiles(void)
{
	look_set(&facts.machine.profiles, SIGHT_HIDDEN, "Permission denied");
}

static void lose_profiles(void)
{
	look_set(&facts.machine.profiles, SIGHT_WRONG, "'shop' is missing");
}

static void let_profiles_complain(void)
{
	look_set(&facts.machine.profiles, SIGHT_WRONG, "'shop' complains");
	facts.machine.are_profiles_lax = true;
}

static void age_kernel(void)
{
	look_set(&facts.machine.kernel, SIGHT_WRONG, "4.19 is older");
}

/* Two units and no port: one is ill. */
static struct service_probe probes[2];

static void make_unit_ill(void)
{
	probes[0] = (struct service_probe){ .check = CHECK_SERVICE_UNITS,
		                            .object = "a.service" };
	probes[1] = (struct service_probe){ .check = CHECK_SERVICE_UNITS,
		                            .object = "b.service" };
	look_set(&probes[0].look, SIGHT_GOOD, "well");
	look_set(&probes[1].look, SIGHT_WRONG, "status 3");
	look_set(&facts.service.look, SIGHT_GOOD, "tried");
	facts.service.probes = probes;
	facts.service.count = 2;
}

static void block_services(void)
{
	look_set(&facts.service.look, SIGHT_BLOCKED, "not understood");
}

static void trust_record(void)
{
	releases[0].tree.depth = TREE_RECORDED;
	releases[0].tree.recorded = 1767323045;
	releases[0].tree.reread = 3;
}

static void lose_record(void)
{
	releases[0].tree.depth = TREE_UNREAD;
	look_set(&releases[0].tree.record, SIGHT_ABSENT, "nothing on record");
}

static void lose_record_of_other(void)
{
	releases[1].tree.depth = TREE_UNREAD;
	look_set(&releases[1].tree.record, SIGHT_ABSENT, "nothing on record");
}

static void lose_record_and_a_file(void)
{
	lose_record();
	differ(0, TREE_MISSING, "bin/tool");
}

struct check_case {
	const char *name;
	void (*break_it)(void);
	enum check_id check; /* the check that must find it */
	enum severity want;
	const char *text; /* in the text of the worst finding */
};

static const struct check_case cases[] = {
	{ "a healthy app", break_nothing, CHECK_LINKS_CURRENT, SEVERITY_OK,
	  "2.0.0" },
	{ "a healthy tree", break_nothing, CHECK_RELEASE_TREE, SEVERITY_OK,
	  "5 entries, 77 bytes" },
	{ "too many releases", keep_too_many, CHECK_RELEASES_KEPT,
	  SEVERITY_WARNING, "2 of 5" },
	{ "leftovers", leave_leftovers, CHECK_STORE_LEFTOVERS, SEVERITY_WARNING,
	  "1 of a run" },
	{ "keys at their end", end_keys, CHECK_TRUST_EXPIRY, SEVERITY_WARNING,
	  "too few" },
	{ "hidden profiles", hide_profiles, CHECK_HOST_PROFILES,
	  SEVERITY_UNKNOWN, "denied" },
	{ "lost profiles", lose_profiles, CHECK_HOST_PROFILES,
	  SEVERITY_CRITICAL, "missing" },
	{ "lax profiles", let_profiles_complain, CHECK_HOST_PROFILES,
	  SEVERITY_WARNING, "complains" },
	{ "an old kernel", age_kernel, CHECK_HOST_KERNEL, SEVERITY_CRITICAL,
	  "4.19" },
	{ "an ill unit beside one that is well", make_unit_ill,
	  CHECK_SERVICE_UNITS, SEVERITY_CRITICAL, "status 3" },
	{ "no port beside units", make_unit_ill, CHECK_SERVICE_TCP,
	  SEVERITY_NOT_APPLICABLE, "names none" },
	{ "services that nobody knows", block_services, CHECK_SERVICE_HTTP,
	  SEVERITY_UNKNOWN, "not understood" },
	{ "a quick look with a record", trust_record, CHECK_RELEASE_TREE,
	  SEVERITY_OK, "as on record of 2026-01-02T03:04:05Z; read again: 3" },
	{ "a quick look without a record", lose_record, CHECK_RELEASE_TREE,
	  SEVERITY_UNKNOWN, "has read no file of it: nothing on record" },
	{ "the same of another release", lose_record_of_other,
	  CHECK_RELEASE_TREE, SEVERITY_WARNING, "nothing on record" },
	{ "a lost file without a record", lose_record_and_a_file,
	  CHECK_RELEASE_TREE, SEVERITY_CRITICAL, "missing" },
	{ "an illegal configuration", break_config, CHECK_CONFIG_LEGAL,
	  SEVERITY_UNKNOWN, "line 3" },
	{ "an open configuration", open_config, CHECK_CONFIG_LEGAL,
	  SEVERITY_CRITICAL, "others" },
	{ "no configuration", have_no_config, CHECK_CONFIG_LEGAL, SEVERITY_OK,
	  "defaults" },
	{ "no keys", have_no_keys, CHECK_TRUST_KEYS, SEVERITY_CRITICAL,
	  "no key" },
	{ "hidden keys", hide_keys, CHECK_TRUST_KEYS, SEVERITY_UNKNOWN,
	  "denied" },
	{ "an open store", open_store, CHECK_STORE_OWNER, SEVERITY_CRITICAL,
	  "releases" },
	{ "no current", have_no_current, CHECK_LINKS_CURRENT, SEVERITY_WARNING,
	  "no release is active" },
	{ "a damaged current", damage_current, CHECK_LINKS_CURRENT,
	  SEVERITY_CRITICAL, "no link" },
	{ "a current that leads nowhere", dangle_current, CHECK_LINKS_CURRENT,
	  SEVERITY_CRITICAL, "not there" },
	{ "no previous", have_no_previous, CHECK_LINKS_PREVIOUS,
	  SEVERITY_NOT_APPLICABLE, "no previous" },
	{ "a damaged previous", damage_previous, CHECK_LINKS_PREVIOUS,
	  SEVERITY_WARNING, "no link" },
	{ "a previous that leads nowhere", dangle_previous,
	  CHECK_LINKS_PREVIOUS, SEVERITY_WARNING, "not there" },
	{ "a bad previous", mark_previous, CHECK_LINKS_PREVIOUS,
	  SEVERITY_WARNING, "marked bad" },
	{ "previous is current", repeat_previous, CHECK_LINKS_PREVIOUS,
	  SEVERITY_WARNING, "is current" },
	{ "a stuck install", leave_install, CHECK_JOURNAL_CLEAN,
	  SEVERITY_WARNING, "half-way" },
	{ "a pending gate", leave_gate, CHECK_JOURNAL_CLEAN, SEVERITY_WARNING,
	  "2.0.0 waits" },
	{ "a failed revert", leave_revert, CHECK_JOURNAL_CLEAN,
	  SEVERITY_CRITICAL, "going back from 1.0.0" },
	{ "a damaged journal", damage_journal, CHECK_JOURNAL_CLEAN,
	  SEVERITY_CRITICAL, "line 2" },
	{ "no history", have_no_history, CHECK_HISTORY_CONSISTENT,
	  SEVERITY_WARNING, "not there" },
	{ "a damaged history", damage_history, CHECK_HISTORY_CONSISTENT,
	  SEVERITY_WARNING, "line 9" },
	{ "half of the history", tell_half_the_history,
	  CHECK_HISTORY_CONSISTENT, SEVERITY_WARNING, "install of 1.0.0" },
	{ "a full disk", fill_disk, CHECK_DISK_SPACE, SEVERITY_WARNING,
	  "1023 MiB" },
	{ "just enough disk", leave_just_enough_disk, CHECK_DISK_SPACE,
	  SEVERITY_OK, "1024 MiB" },
	{ "no inodes", fill_inodes, CHECK_DISK_INODES, SEVERITY_WARNING,
	  "only 3" },
	{ "a bad current", mark_current, CHECK_RELEASES_BAD, SEVERITY_CRITICAL,
	  "its gate failed" },
	{ "a bad other release", mark_other, CHECK_RELEASES_BAD, SEVERITY_OK,
	  "not marked" },
	{ "a revoked current", revoke_current, CHECK_RELEASE_SIGNATURE,
	  SEVERITY_CRITICAL, "revoked" },
	{ "a revoked other", revoke_other, CHECK_RELEASE_SIGNATURE,
	  SEVERITY_WARNING, "revoked" },
	{ "the tree of a revoked other", revoke_other, CHECK_RELEASE_TREE,
	  SEVERITY_OK, "as signed" },
	{ "the tree of a revoked current", block_current_tree,
	  CHECK_RELEASE_TREE, SEVERITY_UNKNOWN, "not checked" },
	{ "a lost part", lose_part, CHECK_RELEASE_COMMITTED, SEVERITY_CRITICAL,
	  "sbom.json" },
	{ "a lost part of another", lose_part_of_other, CHECK_RELEASE_COMMITTED,
	  SEVERITY_WARNING, "sbom.json" },
	{ "a hidden receipt", hide_receipt, CHECK_RELEASE_RECEIPT,
	  SEVERITY_UNKNOWN, "denied" },
	{ "a false receipt", falsify_receipt, CHECK_RELEASE_RECEIPT,
	  SEVERITY_CRITICAL, "another release" },
	{ "no profile", break_nothing, CHECK_PROFILE_ENV,
	  SEVERITY_NOT_APPLICABLE, "no profile" },
	{ "an illegal profile", falsify_profile, CHECK_PROFILE_ENV,
	  SEVERITY_CRITICAL, "line 1" },
	{ "changed content", change_content, CHECK_RELEASE_TREE,
	  SEVERITY_CRITICAL, "content" },
	{ "changed content of another", change_content_of_other,
	  CHECK_RELEASE_TREE, SEVERITY_WARNING, "content" },
	{ "an extra file", add_file, CHECK_RELEASE_TREE, SEVERITY_WARNING,
	  "not part of" },
	{ "an extra file and its folder's time", add_file_and_time,
	  CHECK_RELEASE_TREE, SEVERITY_WARNING, "time" },
	{ "a folder's time", change_time, CHECK_RELEASE_TREE, SEVERITY_CRITICAL,
	  "time" },
	{ "an ignored file", ignore_file, CHECK_RELEASE_TREE, SEVERITY_OK,
	  "ignored: 1" },
	{ "one ignored file of two", ignore_one_of_two, CHECK_RELEASE_TREE,
	  SEVERITY_WARNING, "time" },
	{ "an ignored file at the top", ignore_file_at_top, CHECK_RELEASE_TREE,
	  SEVERITY_OK, "ignored: 1" },
	{ "a closed store: tree", close_store, CHECK_RELEASE_TREE,
	  SEVERITY_UNKNOWN, "packages" },
	{ "a closed store: receipt", close_store, CHECK_RELEASE_RECEIPT,
	  SEVERITY_UNKNOWN, "packages" },
	{ "a hidden file", hide_file, CHECK_RELEASE_TREE, SEVERITY_UNKNOWN,
	  "Permission denied" },
	{ "differences not kept", drop_differences, CHECK_RELEASE_TREE,
	  SEVERITY_CRITICAL, "further files: 1" },
	{ "extras not kept", drop_extras, CHECK_RELEASE_TREE, SEVERITY_WARNING,
	  "further files: 1" },
	{ "nothing installed: current", install_nothing, CHECK_LINKS_CURRENT,
	  SEVERITY_WARNING, "nothing is installed" },
	{ "nothing installed: tree", install_nothing, CHECK_RELEASE_TREE,
	  SEVERITY_NOT_APPLICABLE, "no release" },
	{ "nothing installed: history", install_nothing,
	  CHECK_HISTORY_CONSISTENT, SEVERITY_NOT_APPLICABLE,
	  "nothing is installed" },
};

static const struct finding *find_worst(const struct findings *list)
{
	const struct finding *worst = NULL;

	for (size_t i = 0; i < list->count; i++)
		if (worst == NULL || list->items[i].severity > worst->severity)
			worst = &list->items[i];
	return worst;
}

/* Nobody is left alone with what is not well. */
static void require_remedies(const char *name, const struct findings *list)
{
	for (size_t i = 0; i < list->count; i++)
		if ((list->items[i].severity > SEVERITY_OK) !=
		    (list->items[i].remedy[0] != '\0'))
			fail_msg("%s: '%s' has the remedy '%s'", name,
			         list->items[i].text, list->items[i].remedy);
}

static void each_fault_is_found(void **state)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct check_case *c = &cases[i];
		const struct check_set only = { CHECK_BIT(c->check) };
		AUTO_FINDINGS struct findings list = FINDINGS_NONE;
		const struct finding *worst;

		(void)make_healthy(state);
		c->break_it();
		if (check_facts(&facts, only, &list, &err) < 0)
			fail_msg("%s: an error", c->name);
		worst = find_worst(&list);
		if (worst == NULL || list.worst != c->want)
			fail_msg("%s: severity %s", c->name,
			         severity_name(list.worst));
		else if (worst->check != c->check ||
		         strstr(worst->text, c->text) == NULL)
			fail_msg("%s: '%s'", c->name, worst->text);
		require_remedies(c->name, &list);
		(void)free_differences(state);
	}
}

static void a_healthy_app_has_no_fault_at_all(void **state)
{
	AUTO_FINDINGS struct findings list = FINDINGS_NONE;

	(void)make_healthy(state);
	assert_int_equal(check_facts(&facts, CHECK_SET_ALL, &list, &err), 0);
	assert_int_equal(list.worst, SEVERITY_OK);
	assert_string_equal(list.app, "shop");
	assert_string_equal(list.current, "2.0.0");
	for (unsigned i = 0; i < CHECK_COUNT; i++)
		if (list.kept[i] == 0)
			fail_msg("%s says nothing", check_name(i));
}

static void no_check_is_worse_than_its_table_says(void **state)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (cases[i].want == SEVERITY_CRITICAL)
			assert_int_equal(check_worst(cases[i].check),
			                 SEVERITY_CRITICAL);
	(void)state;
}

static void the_worst_differences_come_first(void **state)
{
	const struct check_set tree = { (uint32_t)1 << CHECK_RELEASE_TREE };
	AUTO_FINDINGS struct findings list = FINDINGS_NONE;

	(void)make_healthy(state);
	differ(0, TREE_EXTRA, "a");
	differ(0, TREE_UNREADABLE, "b");
	differ(0, TREE_MISSING, "c");
	assert_int_equal(check_facts(&facts, tree, &list, &err), 0);
	assert_string_equal(list.items[0].object, "2.0.0/c");
	assert_string_equal(list.items[1].object, "2.0.0/b");
	assert_string_equal(list.items[2].object, "2.0.0/a");
	(void)free_differences(state);
}

static void differences_beyond_the_limit_are_counted(void **state)
{
	(void)make_healthy(state);
	for (size_t i = 0; i < DIFFERENCES_MAX; i++)
		differ(0, TREE_MISSING, "a");
	assert_int_equal(releases[0].tree.dropped[TREE_MISSING], 0);
	differ(0, TREE_MISSING, "a");
	assert_int_equal(releases[0].tree.count, DIFFERENCES_MAX);
	assert_int_equal(releases[0].tree.dropped[TREE_MISSING], 1);
	(void)free_differences(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_is_found),
		cmocka_unit_test(a_healthy_app_has_no_fault_at_all),
		cmocka_unit_test(no_check_is_worse_than_its_table_says),
		cmocka_unit_test(the_worst_differences_come_first),
		cmocka_unit_test(differences_beyond_the_limit_are_counted),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
