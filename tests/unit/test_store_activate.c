/* SPDX-License-Identifier: Apache-2.0 */
#include "store/activate.h"

#include "temp_store.h"

#include "store/links.h"
#include "store/marks.h"

static void put_release(const struct store *store, const char *version)
{
	put_dir(store->releases, version);
	put_dir(store->packages, version);
}

static struct temp_store make_releases(void)
{
	struct temp_store temp = temp_store_make();

	put_release(&temp.store, "1");
	put_release(&temp.store, "2");
	put_release(&temp.store, "3");
	return temp;
}

static void put_version_link(const struct store *store, const char *link,
                             const char *version)
{
	char target[LINK_TARGET_SIZE];

	if (version[0] == '\0')
		return;
	link_target(version, target);
	put_link(store->app, link, target);
}

static void assert_version(const struct store *store, const char *name,
                           const char *link, const char *want)
{
	char found[VERSION_SIZE] = "";
	struct err err;

	assert_true(link_read(store, link, found, &err) >= 0);
	if (strcmp(found, want) != 0)
		fail_msg("%s: %s is '%s', not '%s'", name, link, found, want);
}

static void assert_links(const struct store *store, const char *name,
                         const char *current, const char *previous)
{
	assert_version(store, name, LINK_CURRENT, current);
	assert_version(store, name, LINK_PREVIOUS, previous);
	assert_version(store, name, LINK_NEXT, "");
}

static int activate(const struct store *store, const char *version,
                    enum journal_gate gate, struct err *err)
{
	struct committed_release release = { .release_sha256 = { 0 } };

	(void)snprintf(release.version, sizeof release.version, "%s", version);
	return store_activate(store, &release, JOURNAL_ACTIVATE, gate, err);
}

static void must_activate(const struct store *store, const char *version)
{
	struct err err;

	assert_int_equal(activate(store, version, GATE_NONE, &err), 1);
}

static void mark_as_bad(const struct store *store, const char *version)
{
	struct err err;

	assert_int_equal(mark_set(store, MARK_BAD, version, "unhealthy", &err),
	                 0);
}

/* --- the normal course ----------------------------------------------- */

static void previous_follows_current(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = make_releases();
	const struct store *store = &temp.store;
	struct journal journal;
	struct err err;

	(void)state;
	must_activate(store, "1");
	assert_links(store, "first", "1", "");
	assert_link(store->app, "current", "releases/1");
	must_activate(store, "2");
	assert_links(store, "second", "2", "1");
	must_activate(store, "3");
	assert_links(store, "third", "3", "2");
	must_activate(store, "1");
	assert_links(store, "back", "1", "3");
	assert_int_equal(store_pending(store, &journal, &err), 0);
}

static void activating_the_current_release_changes_nothing(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = make_releases();
	const struct store *store = &temp.store;
	struct journal journal;
	struct err err;

	(void)state;
	must_activate(store, "1");
	must_activate(store, "2");
	assert_int_equal(activate(store, "2", GATE_PENDING, &err), 0);
	assert_links(store, "again", "2", "1");
	assert_int_equal(store_pending(store, &journal, &err), 0);
}

static void a_bad_release_never_becomes_previous(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = make_releases();
	const struct store *store = &temp.store;

	(void)state;
	must_activate(store, "1");
	must_activate(store, "2");
	mark_as_bad(store, "2");
	must_activate(store, "3");
	assert_links(store, "past a bad one", "3", "1");
	mark_as_bad(store, "3");
	must_activate(store, "1");
	assert_links(store, "nothing good is left", "1", "");
}

static void a_pending_activation_bars_the_next(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = make_releases();
	const struct store *store = &temp.store;
	struct err err;

	(void)state;
	must_activate(store, "1");
	assert_int_equal(activate(store, "2", GATE_PENDING, &err), 1);
	assert_links(store, "pending", "2", "1");
	assert_int_equal(activate(store, "3", GATE_NONE, &err), -1);
	assert_int_equal(err.code, ERR_CONFLICT);
	assert_links(store, "refused", "2", "1");
	assert_int_equal(store_settle(store, &err), 0);
	assert_int_equal(store_settle(store, &err), 0);
	must_activate(store, "3");
}

static void a_foreign_link_is_left_alone(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = make_releases();
	static const char *const targets[] = { "/etc", "releases",
		                               "releases/../x",
		                               "releases/1/bin", "1" };
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
		put_link(temp.store.app, LINK_CURRENT, targets[i]);
		if (activate(&temp.store, "1", GATE_NONE, &err) != -1 ||
		    err.code != ERR_FORMAT)
			fail_msg("%s: code %d", targets[i], (int)err.code);
		assert_link(temp.store.app, LINK_CURRENT, targets[i]);
		assert_int_equal(unlinkat(temp.store.app, LINK_CURRENT, 0), 0);
	}
	put_file(temp.store.app, LINK_CURRENT, "");
	assert_int_equal(activate(&temp.store, "1", GATE_NONE, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
}

/* --- the way back ---------------------------------------------------- */

static void a_revert_restores_both_links(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = make_releases();
	const struct store *store = &temp.store;
	char version[VERSION_SIZE];
	struct recovery recovery;
	struct err err;

	(void)state;
	must_activate(store, "1");
	must_activate(store, "2");
	assert_int_equal(activate(store, "3", GATE_PENDING, &err), 1);
	mark_as_bad(store, "3");
	assert_int_equal(store_revert(store, version, &err), 0);
	assert_string_equal(version, "2");
	assert_links(store, "reverted", "2", "1");
	/* Until it is settled, recovery says so again. */
	assert_int_equal(store_recover(store, &recovery, &err), 0);
	assert_int_equal(recovery.what, STORE_REVERTED);
	assert_string_equal(recovery.journal.from, "3");
	assert_int_equal(store_revert(store, version, &err), 0);
	assert_links(store, "reverted again", "2", "1");
	assert_int_equal(store_settle(store, &err), 0);
	assert_int_equal(store_recover(store, &recovery, &err), 0);
	assert_int_equal(recovery.what, STORE_CLEAN);
}

static void a_failed_first_install_leaves_no_current(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = make_releases();
	const struct store *store = &temp.store;
	char version[VERSION_SIZE] = "untouched";
	struct err err;

	(void)state;
	assert_int_equal(activate(store, "1", GATE_PENDING, &err), 1);
	assert_int_equal(store_revert(store, version, &err), 0);
	assert_string_equal(version, "");
	assert_links(store, "first", "", "");
}

static void without_an_activation_there_is_nothing_to_revert(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = make_releases();
	char version[VERSION_SIZE] = "untouched";
	struct err err;

	(void)state;
	must_activate(&temp.store, "1");
	assert_int_equal(store_revert(&temp.store, version, &err), -1);
	assert_int_equal(err.code, ERR_CONFLICT);
	assert_string_equal(version, "untouched");
	assert_links(&temp.store, "kept", "1", "");
}

/* --- what crashes leave ---------------------------------------------- */

#define UPGRADE                                                                \
	"format = 1\nop = install\nfrom = 2\nto = 3\nprevious = 1\n"           \
	"gate = none\n"
#define GATED                                                                  \
	"format = 1\nop = install\nfrom = 2\nto = 3\nprevious = 1\n"           \
	"gate = pending\n"
#define FIRST "format = 1\nop = install\nto = 3\ngate = none\n"
#define BACK                                                                   \
	"format = 1\nop = rollback\nfrom = 3\nto = 2\nprevious = 2\n"          \
	"gate = none\n"
#define REVERT                                                                 \
	"format = 1\nop = revert\nfrom = 3\nto = 2\nprevious = 1\n"            \
	"gate = none\n"
#define REVERT_FIRST  "format = 1\nop = revert\nfrom = 3\ngate = none\n"
#define REVERT_SECOND "format = 1\nop = revert\nfrom = 3\nto = 2\ngate = none\n"

struct crash_case {
	const char *name;
	const char *journal; /* NULL: none */
	const char *current, *previous, *next;
	const char *bad; /* a version, or NULL */
	enum store_recovery what;
	const char *want_current, *want_previous;
	int is_settled; /* the journal is gone afterwards */
};

static const struct crash_case crashes[] = {
	{ "nothing happened", NULL, "2", "1", "", NULL, STORE_CLEAN, "2", "1",
	  1 },
	{ "nothing is there", NULL, "", "", "", NULL, STORE_CLEAN, "", "", 1 },
	{ "journal written", UPGRADE, "2", "1", "", NULL, STORE_UNDONE, "2",
	  "1", 1 },
	{ "next made", UPGRADE, "2", "1", "3", NULL, STORE_UNDONE, "2", "1",
	  1 },
	{ "switched", UPGRADE, "3", "1", "2", NULL, STORE_FINISHED, "3", "2",
	  1 },
	{ "previous renamed", UPGRADE, "3", "2", "", NULL, STORE_FINISHED, "3",
	  "2", 1 },
	{ "switched from a bad one", UPGRADE, "3", "1", "2", "2",
	  STORE_FINISHED, "3", "1", 1 },
	{ "a bad one's link removed", UPGRADE, "3", "1", "", "2",
	  STORE_FINISHED, "3", "1", 1 },
	{ "gate, next made", GATED, "2", "1", "3", NULL, STORE_UNDONE, "2", "1",
	  1 },
	{ "gate, switched", GATED, "3", "1", "2", NULL, STORE_PENDING, "3", "2",
	  0 },
	{ "gate, previous renamed", GATED, "3", "2", "", NULL, STORE_PENDING,
	  "3", "2", 0 },
	{ "first, journal written", FIRST, "", "", "", NULL, STORE_UNDONE, "",
	  "", 1 },
	{ "first, next made", FIRST, "", "", "3", NULL, STORE_UNDONE, "", "",
	  1 },
	{ "first, switched", FIRST, "3", "", "", NULL, STORE_FINISHED, "3", "",
	  1 },
	{ "rollback to previous, next made", BACK, "3", "2", "2", NULL,
	  STORE_UNDONE, "3", "2", 1 },
	{ "rollback to previous, switched", BACK, "2", "2", "3", NULL,
	  STORE_FINISHED, "2", "3", 1 },
	{ "rollback from a bad one, switched", BACK, "2", "2", "3", "3",
	  STORE_FINISHED, "2", "", 1 },
	{ "no exchange: previous first", UPGRADE, "2", "2", "", NULL,
	  STORE_UNDONE, "2", "1", 1 },
	{ "no exchange: next made again", UPGRADE, "2", "2", "3", NULL,
	  STORE_UNDONE, "2", "1", 1 },
	{ "no exchange: renamed over", UPGRADE, "3", "2", "", NULL,
	  STORE_FINISHED, "3", "2", 1 },
	{ "revert journaled", REVERT, "3", "2", "", NULL, STORE_REVERTED, "2",
	  "1", 0 },
	{ "revert, next made", REVERT, "3", "2", "2", NULL, STORE_REVERTED, "2",
	  "1", 0 },
	{ "revert, switched", REVERT, "2", "2", "", NULL, STORE_REVERTED, "2",
	  "1", 0 },
	{ "revert, next made for previous", REVERT, "2", "2", "1", NULL,
	  STORE_REVERTED, "2", "1", 0 },
	{ "revert complete", REVERT, "2", "1", "", NULL, STORE_REVERTED, "2",
	  "1", 0 },
	{ "revert of the first", REVERT_FIRST, "3", "", "", NULL,
	  STORE_REVERTED, "", "", 0 },
	{ "revert of the second", REVERT_SECOND, "2", "2", "", NULL,
	  STORE_REVERTED, "2", "", 0 },
};

static void check_crash(const struct crash_case *c)
{
	AUTO_TEMP_STORE struct temp_store temp = make_releases();
	const struct store *store = &temp.store;
	struct recovery recovery;
	struct journal journal;
	struct err err;

	put_version_link(store, LINK_CURRENT, c->current);
	put_version_link(store, LINK_PREVIOUS, c->previous);
	put_version_link(store, LINK_NEXT, c->next);
	if (c->journal != NULL)
		put_file(store->state, "journal", c->journal);
	if (c->bad != NULL)
		mark_as_bad(store, c->bad);
	for (int i = 0; i < 2; i++) {
		enum store_recovery want =
			i == 1 && c->is_settled ? STORE_CLEAN : c->what;

		if (store_recover(store, &recovery, &err) != 0)
			fail_msg("%s: %s", c->name, err.text);
		if (recovery.what != want || recovery.leftovers != 0)
			fail_msg("%s: recovery %d of %d", c->name,
			         (int)recovery.what, (int)want);
		assert_links(store, c->name, c->want_current, c->want_previous);
		if (store_pending(store, &journal, &err) != !c->is_settled)
			fail_msg("%s: settled or not", c->name);
	}
}

static void recovery_mends_what_a_crash_leaves(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
		check_crash(&crashes[i]);
}

static void a_torn_temporary_journal_is_no_journal(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = make_releases();
	struct recovery recovery;
	struct err err;

	(void)state;
	must_activate(&temp.store, "1");
	put_file(temp.store.state, ".journal.new", "format = 1\nop = in");
	assert_int_equal(store_recover(&temp.store, &recovery, &err), 0);
	assert_int_equal(recovery.what, STORE_CLEAN);
	must_activate(&temp.store, "2");
	assert_false(is_there(temp.store.state, ".journal.new"));
}

static void a_damaged_journal_is_an_error_that_changes_nothing(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = make_releases();
	struct recovery recovery = { .leftovers = 99 };
	struct err err;

	(void)state;
	must_activate(&temp.store, "1");
	put_file(temp.store.state, "journal", "format = 1\n");
	assert_int_equal(store_recover(&temp.store, &recovery, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
	assert_int_equal(recovery.leftovers, 99);
	assert_links(&temp.store, "kept", "1", "");
}

static void recovery_removes_leftovers(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = make_releases();
	const struct store *store = &temp.store;
	struct recovery recovery;
	struct err err;

	(void)state;
	must_activate(store, "1");
	put_dir(store->releases, ".staging");
	put_file(store->releases, ".staging/file", "half");
	put_dir(store->releases, ".trash-0");
	put_dir(store->releases, ".aside-2");
	put_file(store->releases, ".aside-2/old", "");
	put_dir(store->releases, ".aside-4");
	put_file(store->releases, ".aside-4/old", "");
	put_dir(store->packages, ".staging");
	put_dir(store->packages, ".trash-0");
	put_dir(store->packages, "4");
	put_dir(store->packages, "9");
	put_file(store->state, ".journal.new", "half");
	put_file(store->state, ".new", "");
	assert_int_equal(store_recover(store, &recovery, &err), 0);
	assert_int_equal(recovery.leftovers, 8);
	assert_false(is_there(store->releases, ".staging"));
	assert_false(is_there(store->releases, ".trash-0"));
	assert_false(is_there(store->releases, ".aside-2"));
	assert_false(is_there(store->releases, "2/old"));
	assert_true(is_there(store->releases, "4/old"));
	assert_false(is_there(store->packages, ".staging"));
	assert_true(is_there(store->packages, "4"));
	assert_false(is_there(store->packages, "9"));
	assert_true(is_there(store->packages, "1"));
	assert_false(is_there(store->state, ".journal.new"));
	assert_true(is_there(store->state, ".new")); /* none of ours */
	assert_links(store, "kept", "1", "");
	assert_int_equal(store_recover(store, &recovery, &err), 0);
	assert_int_equal(recovery.leftovers, 0);
}

static void the_package_of_a_lost_current_release_is_kept(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = make_releases();
	const struct store *store = &temp.store;
	struct recovery recovery;
	struct err err;

	(void)state;
	must_activate(store, "1");
	must_activate(store, "2");
	assert_int_equal(unlinkat(store->releases, "1", AT_REMOVEDIR), 0);
	assert_int_equal(unlinkat(store->releases, "2", AT_REMOVEDIR), 0);
	assert_int_equal(store_recover(store, &recovery, &err), 0);
	assert_int_equal(recovery.leftovers, 0);
	assert_true(is_there(store->packages, "1"));
	assert_true(is_there(store->packages, "2"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(previous_follows_current),
		cmocka_unit_test(
			activating_the_current_release_changes_nothing),
		cmocka_unit_test(a_bad_release_never_becomes_previous),
		cmocka_unit_test(a_pending_activation_bars_the_next),
		cmocka_unit_test(a_foreign_link_is_left_alone),
		cmocka_unit_test(a_revert_restores_both_links),
		cmocka_unit_test(a_failed_first_install_leaves_no_current),
		cmocka_unit_test(
			without_an_activation_there_is_nothing_to_revert),
		cmocka_unit_test(recovery_mends_what_a_crash_leaves),
		cmocka_unit_test(a_torn_temporary_journal_is_no_journal),
		cmocka_unit_test(
			a_damaged_journal_is_an_error_that_changes_nothing),
		cmocka_unit_test(recovery_removes_leftovers),
		cmocka_unit_test(the_package_of_a_lost_current_release_is_kept),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
