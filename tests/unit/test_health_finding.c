/* SPDX-License-Identifier: Apache-2.0 */
/* The table of checks, the list of findings and the text report. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "health/finding.h"
#include "health/look.h"
#include "health/report.h"

static struct err err;

struct set_case {
	const char *name;
	const char *text;
	int want;
	uint64_t bits;
};

#define BIT(check) CHECK_BIT(check)

static const struct set_case set_cases[] = {
	{ "one id", "release.tree", 0, BIT(CHECK_RELEASE_TREE) },
	{ "two ids", "disk.space,config.legal", 0,
	  BIT(CHECK_DISK_SPACE) | BIT(CHECK_CONFIG_LEGAL) },
	{ "one id twice", "disk.space,disk.space", 0, BIT(CHECK_DISK_SPACE) },
	{ "nothing", "", -1, 0 },
	{ "an unknown id", "release.trees", -1, 0 },
	{ "all of a kind", "images,disk.space", 0,
	  BIT(CHECK_IMAGES_PRESENT) | BIT(CHECK_IMAGES_SIGNED) |
	          BIT(CHECK_DISK_SPACE) },
	{ "a kind that another begins with", "release", 0,
	  BIT(CHECK_RELEASE_COMMITTED) | BIT(CHECK_RELEASE_SIGNATURE) |
	          BIT(CHECK_RELEASE_RECEIPT) | BIT(CHECK_RELEASE_TREE) },
	{ "the head of a kind", "rel", -1, 0 },
	{ "a kind with its dot", "release.", -1, 0 },
	{ "an empty id at the end", "disk.space,", -1, 0 },
	{ "a blank", "disk.space, config.legal", -1, 0 },
};

static void sets_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof set_cases / sizeof *set_cases; i++) {
		const struct set_case *c = &set_cases[i];
		struct check_set set = { 0x5a5a };
		int got = check_set_parse(c->text, &set, &err);

		if (got != c->want || set.bits != (got == 0 ? c->bits : 0x5a5a))
			fail_msg("%s: got %d, bits %lx", c->name, got,
			         (unsigned long)set.bits);
		if (got < 0 && err.code != ERR_USAGE)
			fail_msg("%s: code %d", c->name, (int)err.code);
	}
}

static void each_check_has_a_line_in_the_list(void **state)
{
	AUTO_BUF struct buf list = BUF_NONE;
	size_t lines = 0;

	(void)state;
	assert_int_equal(check_list(&list, &err), 0);
	for (unsigned i = 0; i < CHECK_COUNT; i++) {
		struct check_set set;

		assert_non_null(check_name(i));
		assert_non_null(strstr(buf_text(&list), check_name(i)));
		assert_int_equal(check_set_parse(check_name(i), &set, &err), 0);
		assert_true(set.bits == BIT(i));
		assert_true(check_worst(i) >= SEVERITY_WARNING);
	}
	for (size_t i = 0; i < list.len; i++)
		lines += list.data[i] == '\n';
	assert_int_equal(lines, CHECK_COUNT);
}

static void skipping_takes_away(void **state)
{
	struct check_set skip = { BIT(CHECK_DISK_SPACE) };
	struct check_set rest = check_set_without(CHECK_SET_ALL, skip);

	(void)state;
	assert_false(check_set_has(rest, CHECK_DISK_SPACE));
	assert_true(check_set_has(rest, CHECK_CONFIG_LEGAL));
	assert_true(check_set_has(rest, CHECK_PROFILE_ENV));
}

static void severities_give_the_documented_statuses(void **state)
{
	(void)state;
	assert_int_equal(severity_exit_status(SEVERITY_NOT_APPLICABLE), 0);
	assert_int_equal(severity_exit_status(SEVERITY_OK), 0);
	assert_int_equal(severity_exit_status(SEVERITY_WARNING), 1);
	assert_int_equal(severity_exit_status(SEVERITY_CRITICAL), 2);
	assert_int_equal(severity_exit_status(SEVERITY_UNKNOWN), 3);
}

struct look_case {
	const char *name;
	enum err_code code;
	int sys;
	enum sight want;
};

static const struct look_case look_cases[] = {
	{ "no right", ERR_SYSTEM, EACCES, SIGHT_HIDDEN },
	{ "no permission", ERR_SYSTEM, EPERM, SIGHT_HIDDEN },
	{ "not there", ERR_SYSTEM, ENOENT, SIGHT_ABSENT },
	{ "a parent that is no folder", ERR_SYSTEM, ENOTDIR, SIGHT_ABSENT },
	{ "a broken disk", ERR_SYSTEM, EIO, SIGHT_FAILED },
	{ "a bug", ERR_INTERNAL, 0, SIGHT_FAILED },
	{ "a damaged file", ERR_FORMAT, 0, SIGHT_WRONG },
	{ "a large file", ERR_LIMIT, 0, SIGHT_WRONG },
	{ "a bad signature", ERR_UNTRUSTED, 0, SIGHT_WRONG },
	{ "another release", ERR_CONFLICT, 0, SIGHT_WRONG },
};

static void failures_are_facts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof look_cases / sizeof *look_cases; i++) {
		const struct look_case *c = &look_cases[i];
		struct err failure;
		struct look look;

		(void)err_set(&failure, c->code, c->sys, "reading '%s'",
		              "a\nb");
		look_failed(&look, &failure);
		if (look.sight != c->want)
			fail_msg("%s: got %d", c->name, (int)look.sight);
		if (strstr(look.text, "reading 'a?b'") != look.text)
			fail_msg("%s: '%s'", c->name, look.text);
	}
}

static void app_is_shop(struct findings *list)
{
	(void)snprintf(list->app, sizeof list->app, "shop");
	(void)snprintf(list->current, sizeof list->current, "1.4.2");
}

static void add(struct findings *list, enum check_id check,
                enum severity severity, const char *object, enum remedy remedy)
{
	const struct judgement judgement = { check,  severity, "1.4.2",
		                             object, remedy,   0 };

	assert_int_equal(findings_add(list, &judgement, &err, "it is %s", "so"),
	                 0);
}

static void the_worst_finding_counts(void **state)
{
	AUTO_FINDINGS struct findings list = FINDINGS_NONE;

	(void)state;
	assert_int_equal(list.worst, SEVERITY_NOT_APPLICABLE);
	add(&list, CHECK_DISK_SPACE, SEVERITY_WARNING, NULL, REMEDY_PRUNE);
	add(&list, CHECK_DISK_SPACE, SEVERITY_OK, NULL, REMEDY_NONE);
	assert_int_equal(list.worst, SEVERITY_WARNING);
	add(&list, CHECK_DISK_SPACE, SEVERITY_CRITICAL, NULL, REMEDY_NONE);
	add(&list, CHECK_DISK_SPACE, SEVERITY_UNKNOWN, NULL, REMEDY_NONE);
	assert_int_equal(list.worst, SEVERITY_CRITICAL);
	assert_int_equal(list.count, 4);
}

static void findings_beyond_the_limit_are_counted(void **state)
{
	AUTO_FINDINGS struct findings list = FINDINGS_NONE;

	(void)state;
	for (size_t i = 0; i < FINDINGS_PER_CHECK_MAX; i++)
		add(&list, CHECK_RELEASE_TREE, SEVERITY_WARNING, "a",
		    REMEDY_NONE);
	assert_int_equal(list.dropped[CHECK_RELEASE_TREE], 0);
	add(&list, CHECK_RELEASE_TREE, SEVERITY_CRITICAL, "b", REMEDY_NONE);
	assert_int_equal(list.count, FINDINGS_PER_CHECK_MAX);
	assert_int_equal(list.dropped[CHECK_RELEASE_TREE], 1);
	assert_int_equal(list.worst, SEVERITY_CRITICAL);
	add(&list, CHECK_DISK_SPACE, SEVERITY_OK, NULL, REMEDY_NONE);
	assert_int_equal(list.count, FINDINGS_PER_CHECK_MAX + 1);
}

/* What is not kept counts as what it is, not as the worst there is. */
static void each_report_counts_by_severity(void **state)
{
	static const char data[] =
		"and 1010 more | ok=1;;;0 warning=1011;0;;0 critical=1;;0;0 "
		"unknown=1;;;0 ";
	const struct judgement many = { .check = CHECK_RELEASE_TREE,
		                        .severity = SEVERITY_WARNING,
		                        .alike = 9 };
	AUTO_FINDINGS struct findings list = FINDINGS_NONE;
	const struct report report = { .apps = &list, .count = 1 };
	AUTO_BUF struct buf line = BUF_NONE;
	AUTO_BUF struct buf metrics = BUF_NONE;

	(void)state;
	app_is_shop(&list);
	for (size_t i = 0; i <= FINDINGS_PER_CHECK_MAX; i++)
		add(&list, CHECK_RELEASE_TREE, SEVERITY_WARNING, "a",
		    REMEDY_NONE);
	add(&list, CHECK_RELEASE_TREE, SEVERITY_UNKNOWN, "b", REMEDY_NONE);
	assert_int_equal(findings_add(&list, &many, &err, "many"), 0);
	add(&list, CHECK_CONFIG_LEGAL, SEVERITY_CRITICAL, "c", REMEDY_NONE);
	add(&list, CHECK_DISK_SPACE, SEVERITY_OK, NULL, REMEDY_NONE);
	assert_int_equal(list.dropped[CHECK_RELEASE_TREE], 12);
	assert_int_equal(report_nagios(&report, &line, &err), 0);
	if (strstr(buf_text(&line), data) == NULL)
		fail_msg("%s", buf_text(&line));
	assert_int_equal(report_prometheus(&report, &metrics, &err), 0);
	assert_non_null(strstr(buf_text(&metrics),
	                       "findings{app=\"shop\",severity=\"warning\"} "
	                       "1011\n"));
	assert_non_null(
		strstr(buf_text(&metrics), "check=\"release.tree\"} 3\n"));
}

struct remedy_case {
	const char *name;
	enum remedy remedy;
	const char *root;
	const char *want;
};

static const struct remedy_case remedy_cases[] = {
	{ "none of its own", REMEDY_NONE, "/",
	  "see to what it says, then: check-health --app shop" },
	{ "on this host", REMEDY_ROLLBACK, "/",
	  "install-package rollback --app shop" },
	{ "below a root", REMEDY_RECOVER, "/srv/a b",
	  "install-package recover --app shop --root '/srv/a b'" },
	{ "of a version", REMEDY_INSTALL, "/",
	  "install-package install --app shop --version 1.4.2 --bundle FILE" },
	{ "of a version and a root", REMEDY_UNINSTALL, "/x",
	  "install-package uninstall 1.4.2 --app shop --root '/x'" },
};

static void remedies_can_be_typed_as_they_are(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof remedy_cases / sizeof *remedy_cases;
	     i++) {
		const struct remedy_case *c = &remedy_cases[i];
		AUTO_FINDINGS struct findings list = FINDINGS_NONE;

		app_is_shop(&list);
		list.root = c->root;
		add(&list, CHECK_RELEASE_TREE, SEVERITY_WARNING, NULL,
		    c->remedy);
		if (strcmp(list.items[0].remedy, c->want) != 0)
			fail_msg("%s: '%s'", c->name, list.items[0].remedy);
	}
}

static void what_is_well_has_no_remedy(void **state)
{
	AUTO_FINDINGS struct findings list = FINDINGS_NONE;

	(void)state;
	app_is_shop(&list);
	add(&list, CHECK_RELEASE_TREE, SEVERITY_OK, NULL, REMEDY_ROLLBACK);
	add(&list, CHECK_RELEASE_TREE, SEVERITY_NOT_APPLICABLE, NULL,
	    REMEDY_NONE);
	list.verdicts[CHECK_DISK_SPACE] = VERDICT_IGNORE;
	add(&list, CHECK_DISK_SPACE, SEVERITY_CRITICAL, NULL, REMEDY_PRUNE);
	for (size_t i = 0; i < list.count; i++)
		assert_string_equal(list.items[i].remedy, "");
}

static void foreign_text_cannot_drive_the_terminal(void **state)
{
	AUTO_FINDINGS struct findings list = FINDINGS_NONE;

	(void)state;
	add(&list, CHECK_RELEASE_TREE, SEVERITY_WARNING, "a\033[2Jb\n",
	    REMEDY_NONE);
	add(&list, CHECK_RELEASE_TREE, SEVERITY_WARNING, "gr\303\274n",
	    REMEDY_NONE);
	add(&list, CHECK_RELEASE_TREE, SEVERITY_WARNING, "gr\374n",
	    REMEDY_NONE);
	assert_string_equal(list.items[0].object, "a?[2Jb?");
	assert_string_equal(list.items[1].object, "gr\303\274n");
	assert_string_equal(list.items[2].object, "gr?n");
}

static void the_text_has_a_line_for_each_finding(void **state)
{
	AUTO_FINDINGS struct findings list = FINDINGS_NONE;
	const struct report report = { .apps = &list, .count = 1 };
	AUTO_BUF struct buf all = BUF_NONE;
	AUTO_BUF struct buf faults = BUF_NONE;

	(void)state;
	app_is_shop(&list);
	add(&list, CHECK_DISK_SPACE, SEVERITY_OK, NULL, REMEDY_NONE);
	add(&list, CHECK_RELEASE_TREE, SEVERITY_CRITICAL, "1.4.2/a",
	    REMEDY_ROLLBACK);
	list.dropped[CHECK_RELEASE_TREE] = 7;
	assert_int_equal(
		report_text(&report, REPORT_ALL, REPORT_PLAIN, &all, &err), 0);
	assert_string_equal(
		buf_text(&all),
		"shop 1.4.2: critical\n"
		"  ok        disk.space          1.4.2: it is so\n"
		"  critical  release.tree        1.4.2/a: it is so\n"
		"            try: install-package rollback --app shop\n"
		"  ...       release.tree        7 more\n");
	assert_int_equal(report_text(&report, REPORT_FAULTS, REPORT_PLAIN,
	                             &faults, &err),
	                 0);
	assert_null(strstr(buf_text(&faults), "disk.space"));
	assert_non_null(strstr(buf_text(&faults), "critical  release.tree"));
}

static void the_plugin_line_names_the_worst_three(void **state)
{
	AUTO_FINDINGS struct findings list = FINDINGS_NONE;
	const struct report report = { .apps = &list,
		                       .count = 1,
		                       .duration_ms = 61005 };
	AUTO_BUF struct buf out = BUF_NONE;

	(void)state;
	app_is_shop(&list);
	add(&list, CHECK_DISK_SPACE, SEVERITY_WARNING, "a|b", REMEDY_NONE);
	add(&list, CHECK_HOST_TIME, SEVERITY_OK, "", REMEDY_NONE);
	add(&list, CHECK_RELEASE_TREE, SEVERITY_UNKNOWN, "", REMEDY_NONE);
	add(&list, CHECK_RELEASE_TREE, SEVERITY_CRITICAL, "c", REMEDY_NONE);
	add(&list, CHECK_RELEASE_TREE, SEVERITY_WARNING, "d", REMEDY_NONE);
	assert_int_equal(report_nagios(&report, &out, &err), 0);
	assert_string_equal(
		buf_text(&out),
		"TIDEGATE CRITICAL - shop release.tree c: it is so; "
		"shop release.tree it is so; shop disk.space a/b: it is so; "
		"and 1 more | ok=1;;;0 warning=2;0;;0 critical=1;;0;0 "
		"unknown=1;;;0 time=61.005s;;;0\n");
}

/* 1,023 bytes fit before the first byte of a character, and not its second. */
static void a_long_line_is_cut_between_characters(void **state)
{
	AUTO_BUF struct buf text = BUF_NONE;
	AUTO_BUF struct buf out = BUF_NONE;
	size_t want = strlen("TIDEGATE UNKNOWN - ") + 1023 + 1;

	(void)state;
	for (size_t i = 0; i < 1023; i++)
		assert_int_equal(buf_adds(&text, "a", &err), 0);
	assert_int_equal(buf_adds(&text, "\303\274b", &err), 0);
	assert_int_equal(report_nagios_error(buf_text(&text), &out, &err), 0);
	assert_int_equal(out.len, want);
	assert_int_equal(buf_text(&out)[want - 2], 'a');
}

static void an_error_is_a_plugin_line(void **state)
{
	AUTO_BUF struct buf out = BUF_NONE;

	(void)state;
	assert_int_equal(report_nagios_error("a|b", &out, &err), 0);
	assert_string_equal(buf_text(&out), "TIDEGATE UNKNOWN - a/b\n");
}

static void the_metrics_count_by_app_and_check(void **state)
{
	AUTO_FINDINGS struct findings list = FINDINGS_NONE;
	const struct report report = {
		.apps = &list, .count = 1, .time = 7, .duration_ms = 1500
	};
	AUTO_BUF struct buf out = BUF_NONE;
	const char *text;

	(void)state;
	app_is_shop(&list);
	add(&list, CHECK_RELEASE_TREE, SEVERITY_OK, "", REMEDY_NONE);
	add(&list, CHECK_RELEASE_TREE, SEVERITY_UNKNOWN, "", REMEDY_NONE);
	add(&list, CHECK_HOST_WSL, SEVERITY_NOT_APPLICABLE, "", REMEDY_NONE);
	assert_int_equal(report_prometheus(&report, &out, &err), 0);
	text = buf_text(&out);
	assert_non_null(strstr(text, "_status{app=\"shop\"} 3\n"));
	assert_non_null(
		strstr(text, "{app=\"shop\",check=\"release.tree\"} 3\n"));
	assert_null(strstr(text, "host.wsl"));
	assert_non_null(strstr(text, "{app=\"shop\",severity=\"ok\"} 1\n"));
	assert_non_null(strstr(text, "_seconds{app=\"shop\"} 7\n"));
	assert_non_null(strstr(text, "_seconds{app=\"shop\"} 1.500\n"));
}

static void the_metrics_of_a_narrowed_run_say_so(void **state)
{
	AUTO_FINDINGS struct findings list = FINDINGS_NONE;
	const struct report report = { .apps = &list,
		                       .count = 1,
		                       .only = "engine,disk.space" };
	AUTO_BUF struct buf out = BUF_NONE;
	const char *text;

	(void)state;
	app_is_shop(&list);
	add(&list, CHECK_DISK_SPACE, SEVERITY_OK, "", REMEDY_NONE);
	assert_int_equal(report_prometheus(&report, &out, &err), 0);
	text = buf_text(&out);
	assert_non_null(strstr(text, "_status{app=\"shop\","
	                             "only=\"engine,disk.space\"} 0\n"));
	assert_null(strstr(text, "{app=\"shop\"}"));
}

struct verdict_case {
	enum verdict verdict;
	enum severity found, want;
};

static const struct verdict_case verdict_cases[] = {
	{ VERDICT_AS_FOUND, SEVERITY_CRITICAL, SEVERITY_CRITICAL },
	{ VERDICT_WARNING, SEVERITY_CRITICAL, SEVERITY_WARNING },
	{ VERDICT_WARNING, SEVERITY_UNKNOWN, SEVERITY_UNKNOWN },
	{ VERDICT_WARNING, SEVERITY_OK, SEVERITY_OK },
	{ VERDICT_CRITICAL, SEVERITY_WARNING, SEVERITY_CRITICAL },
	{ VERDICT_CRITICAL, SEVERITY_UNKNOWN, SEVERITY_UNKNOWN },
	{ VERDICT_CRITICAL, SEVERITY_NOT_APPLICABLE, SEVERITY_NOT_APPLICABLE },
	{ VERDICT_IGNORE, SEVERITY_CRITICAL, SEVERITY_NOT_APPLICABLE },
	{ VERDICT_IGNORE, SEVERITY_UNKNOWN, SEVERITY_NOT_APPLICABLE },
	{ VERDICT_IGNORE, SEVERITY_OK, SEVERITY_OK },
};

static void verdicts_of_the_administrator_weigh(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof verdict_cases / sizeof *verdict_cases;
	     i++) {
		const struct verdict_case *c = &verdict_cases[i];
		AUTO_FINDINGS struct findings list = FINDINGS_NONE;

		list.verdicts[CHECK_RELEASE_TREE] = c->verdict;
		add(&list, CHECK_RELEASE_TREE, c->found, "", REMEDY_PRUNE);
		if (list.items[0].severity != c->want || list.worst != c->want)
			fail_msg("case %zu: %s", i,
			         severity_name(list.items[0].severity));
	}
}

static void only_a_terminal_gets_colours(void **state)
{
	AUTO_FINDINGS struct findings list = FINDINGS_NONE;
	const struct report report = { .apps = &list, .count = 1 };
	AUTO_BUF struct buf color = BUF_NONE;

	(void)state;
	app_is_shop(&list);
	add(&list, CHECK_DISK_SPACE, SEVERITY_WARNING, NULL, REMEDY_PRUNE);
	assert_int_equal(
		report_text(&report, REPORT_ALL, REPORT_COLOR, &color, &err),
		0);
	assert_string_equal(
		buf_text(&color),
		"shop 1.4.2: \033[33mwarning\033[0m\n"
		"  \033[33mwarning\033[0m   disk.space          1.4.2: it is "
		"so\n"
		"            try: install-package prune --app shop\n");
}

static void where_all_is_well_the_faults_are_empty(void **state)
{
	AUTO_FINDINGS struct findings list = FINDINGS_NONE;
	const struct report report = { .apps = &list, .count = 1 };
	AUTO_BUF struct buf out = BUF_NONE;

	(void)state;
	app_is_shop(&list);
	add(&list, CHECK_DISK_SPACE, SEVERITY_OK, NULL, REMEDY_NONE);
	assert_int_equal(
		report_text(&report, REPORT_FAULTS, REPORT_PLAIN, &out, &err),
		0);
	assert_string_equal(buf_text(&out), "");
	assert_int_equal(report_status(&report), SEVERITY_OK);
}

static void the_json_has_the_documented_shape(void **state)
{
	struct findings lists[] = { FINDINGS_NONE, FINDINGS_NONE };
	const struct report report = { .apps = lists,
		                       .count = 2,
		                       .time = 1767323045,
		                       .duration_ms = 12,
		                       .depth = REPORT_QUICK };
	AUTO_BUF struct buf all = BUF_NONE;
	AUTO_BUF struct buf faults = BUF_NONE;

	(void)state;
	app_is_shop(&lists[0]);
	add(&lists[0], CHECK_DISK_SPACE, SEVERITY_OK, NULL, REMEDY_NONE);
	add(&lists[0], CHECK_RELEASE_TREE, SEVERITY_WARNING, "1.4.2/\"",
	    REMEDY_ROLLBACK);
	lists[0].dropped[CHECK_RELEASE_TREE] = 12;
	(void)snprintf(lists[1].app, sizeof lists[1].app, "empty");
	assert_int_equal(report_json(&report, REPORT_ALL, &all, &err), 0);
	assert_string_equal(
		buf_text(&all),
		"{\"format\":1,\"time\":\"2026-01-02T03:04:05Z\","
		"\"status\":\"warning\",\"quick\":true,"
		"\"duration_ms\":12,\"apps\":["
		"{\"app\":\"shop\",\"current\":\"1.4.2\","
		"\"status\":\"warning\",\"findings\":["
		"{\"check\":\"disk.space\",\"severity\":\"ok\","
		"\"object\":\"1.4.2\",\"text\":\"it is so\","
		"\"remedy\":\"\"},"
		"{\"check\":\"release.tree\",\"severity\":\"warning\","
		"\"object\":\"1.4.2/\\\"\",\"text\":\"it is so\","
		"\"remedy\":\"install-package rollback --app shop\"}],"
		"\"further\":[{\"check\":\"release.tree\",\"count\":12}]},"
		"{\"app\":\"empty\",\"current\":null,"
		"\"status\":\"not-applicable\",\"findings\":[],"
		"\"further\":[]}]}\n");
	assert_int_equal(report_json(&report, REPORT_FAULTS, &faults, &err), 0);
	assert_null(strstr(buf_text(&faults), "disk.space"));
	assert_non_null(strstr(buf_text(&faults), "release.tree"));
	findings_done(&lists[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sets_are_read),
		cmocka_unit_test(each_check_has_a_line_in_the_list),
		cmocka_unit_test(skipping_takes_away),
		cmocka_unit_test(severities_give_the_documented_statuses),
		cmocka_unit_test(failures_are_facts),
		cmocka_unit_test(the_worst_finding_counts),
		cmocka_unit_test(findings_beyond_the_limit_are_counted),
		cmocka_unit_test(each_report_counts_by_severity),
		cmocka_unit_test(remedies_can_be_typed_as_they_are),
		cmocka_unit_test(what_is_well_has_no_remedy),
		cmocka_unit_test(foreign_text_cannot_drive_the_terminal),
		cmocka_unit_test(the_text_has_a_line_for_each_finding),
		cmocka_unit_test(the_plugin_line_names_the_worst_three),
		cmocka_unit_test(a_long_line_is_cut_between_characters),
		cmocka_unit_test(an_error_is_a_plugin_line),
		cmocka_unit_test(the_metrics_count_by_app_and_check),
		cmocka_unit_test(the_metrics_of_a_narrowed_run_say_so),
		cmocka_unit_test(verdicts_of_the_administrator_weigh),
		cmocka_unit_test(only_a_terminal_gets_colours),
		cmocka_unit_test(the_json_has_the_documented_shape),
		cmocka_unit_test(where_all_is_well_the_faults_are_empty),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
