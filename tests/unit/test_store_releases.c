/* SPDX-License-Identifier: Apache-2.0 */
#include "store/releases.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "temp_release.h"
#include "temp_store.h"

#include "store/commit.h"
#include "store/marks.h"
#include "store/package_stage.h"

/* Fewer words in the tables below. */
#define KEEP(n) ((size_t)(n))

static void put_receipt(int package, const char *version, uint64_t sequence)
{
	AUTO_BUF struct buf text = BUF_NONE;

	write_receipt(version, sequence, &text);
	put_file(package, RECEIPT_NAME, buf_text(&text));
}

static void put_release(const struct store *store, const char *version,
                        uint64_t sequence)
{
	struct err err;
	int package;

	put_dir(store->releases, version);
	put_dir(store->packages, version);
	package = fs_open_dir(store->packages, version, &err);
	put_file(package, "release.ini", INI);
	put_receipt(package, version, sequence);
	(void)close(package);
}

/* Versions whose order is that of their sequences, not of their names. */
static struct temp_store make_releases(void)
{
	struct temp_store temp = temp_store_make();

	put_release(&temp.store, "9", 1);
	put_release(&temp.store, "10", 2);
	put_release(&temp.store, "11", 3);
	put_release(&temp.store, "12", 4);
	put_link(temp.store.app, "current", "releases/12");
	put_link(temp.store.app, "previous", "releases/11");
	return temp;
}

static struct installed must_find(const struct store *store,
                                  const char *version)
{
	struct installed found;
	struct err err;

	if (store_find(store, version, &found, &err) != 1)
		fail_msg("%s is not found", version);
	return found;
}

static void a_release_is_found_with_its_receipt(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = make_releases();
	struct installed found;
	uint8_t digest[DIGEST_LEN];
	struct err err;

	(void)state;
	assert_int_equal(sha256_of(INI, sizeof INI - 1, digest, &err), 0);
	found = must_find(&temp.store, "10");
	assert_string_equal(found.version, "10");
	assert_int_equal(found.sequence, 2);
	assert_int_equal(found.time, 2000);
	assert_memory_equal(found.release_sha256, digest, sizeof digest);
	assert_false(found.is_current || found.is_previous || found.is_bad ||
	             found.is_held || found.is_damaged);
	assert_true(must_find(&temp.store, "12").is_current);
	assert_true(must_find(&temp.store, "11").is_previous);
	assert_int_equal(mark_set(&temp.store, MARK_BAD, "9", "x", &err), 0);
	assert_int_equal(mark_set(&temp.store, MARK_HELD, "9", "x", &err), 0);
	assert_true(must_find(&temp.store, "9").is_bad);
	assert_true(must_find(&temp.store, "9").is_held);
	assert_int_equal(store_find(&temp.store, "13", &found, &err), 0);
	assert_int_equal(store_find(&temp.store, "../10", &found, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
}

struct damage {
	const char *name;
	const char *file; /* below packages/10; replaced by text, or removed */
	const char *text;
};

static const struct damage damages[] = {
	{ "no release.ini", "10/release.ini", NULL },
	{ "another release.ini", "10/release.ini", "x" },
	{ "no receipt", "10/receipt.ini", NULL },
	{ "a torn receipt", "10/receipt.ini", "format = 1\n" },
};

static void damage_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof damages / sizeof *damages; i++) {
		AUTO_TEMP_STORE struct temp_store temp = make_releases();
		const struct damage *damage = &damages[i];
		struct committed_release release = { .version = "untouched" };
		struct installed found;
		struct err err;

		assert_int_equal(unlinkat(temp.store.packages, damage->file, 0),
		                 0);
		if (damage->text != NULL)
			put_file(temp.store.packages, damage->file,
			         damage->text);
		found = must_find(&temp.store, "10");
		if (!found.is_damaged || found.sequence != 0)
			fail_msg("%s: not damaged", damage->name);
		assert_int_equal(
			commit_installed(&temp.store, "10", &release, &err),
			-1);
		assert_int_equal(err.code, ERR_CONFLICT);
		assert_string_equal(release.version, "untouched");
	}
}

static void the_receipt_of_another_version_is_damage(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = make_releases();
	struct err err;
	AUTO_CLOSE int package = fs_open_dir(temp.store.packages, "10", &err);

	(void)state;
	put_receipt(package, "9", 1);
	assert_true(must_find(&temp.store, "10").is_damaged);
}

static void a_lost_current_release_is_listed(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = make_releases();
	AUTO_INSTALLED struct installed_list list = INSTALLED_NONE;
	struct err err;

	(void)state;
	assert_int_equal(unlinkat(temp.store.releases, "12", AT_REMOVEDIR), 0);
	assert_int_equal(unlinkat(temp.store.releases, "9", AT_REMOVEDIR), 0);
	put_dir(temp.store.releases, STORE_STAGING);
	assert_int_equal(store_list(&temp.store, &list, &err), 0);
	assert_int_equal(list.count, 3);
	assert_string_equal(list.items[2].version, "12");
	assert_true(list.items[2].is_damaged);
}

static void an_installed_release_can_be_activated(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = make_releases();
	struct committed_release release;
	struct err err;

	(void)state;
	assert_int_equal(commit_installed(&temp.store, "10", &release, &err),
	                 0);
	assert_string_equal(release.version, "10");
	assert_int_equal(commit_installed(&temp.store, "13", &release, &err),
	                 -1);
	assert_int_equal(err.code, ERR_CONFLICT);
}

/* --- what may go ----------------------------------------------------- */

struct choice {
	const char *name;
	const char *current, *previous;
	const char *bad, *held; /* or NULL */
	size_t keep;
	const char *target; /* of a rollback, or NULL */
	const char *prune;  /* those that may go, each behind a blank */
};

static const struct choice choices[] = {
	{ "the normal case", "12", "11", NULL, NULL, KEEP(3), "11", " 9" },
	{ "keep one", "12", "11", NULL, NULL, KEEP(1), "11", " 9 10" },
	{ "keep none", "12", "11", NULL, NULL, KEEP(0), "11", " 9 10" },
	{ "keep many", "12", "11", NULL, NULL, KEEP(100), "11", "" },
	{ "one is held", "12", "11", NULL, "9", KEEP(1), "11", " 10" },
	{ "previous is bad", "12", "10", "11", NULL, KEEP(3), "10", " 11" },
	{ "an old one is current", "10", "12", NULL, NULL, KEEP(1), "9",
	  " 9 11" },
	{ "the oldest is current", "9", "12", NULL, NULL, KEEP(3), NULL, "" },
	{ "none is current", "", "", NULL, NULL, KEEP(2), "12", " 9 10" },
	{ "all before are bad", "10", "", "9", NULL, KEEP(3), NULL, " 9" },
};

static void set_links(const struct store *store, const struct choice *c)
{
	const char *const links[] = { "current", "previous" };
	const char *const versions[] = { c->current, c->previous };
	char target[64];

	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(unlinkat(store->app, links[i], 0), 0);
		if (versions[i][0] == '\0')
			continue;
		(void)snprintf(target, sizeof target, "releases/%s",
		               versions[i]);
		put_link(store->app, links[i], target);
	}
}

static void check_choice(const struct choice *c)
{
	AUTO_TEMP_STORE struct temp_store temp = make_releases();
	AUTO_INSTALLED struct installed_list list = INSTALLED_NONE;
	AUTO_BUF struct buf prune = BUF_NONE;
	const struct installed *target;
	struct err err;

	set_links(&temp.store, c);
	if (c->bad != NULL)
		assert_int_equal(
			mark_set(&temp.store, MARK_BAD, c->bad, "", &err), 0);
	if (c->held != NULL)
		assert_int_equal(
			mark_set(&temp.store, MARK_HELD, c->held, "", &err), 0);
	assert_int_equal(store_list(&temp.store, &list, &err), 0);
	assert_int_equal(list.count, 4);
	target = store_rollback_target(&list);
	if ((target == NULL) != (c->target == NULL) ||
	    (target != NULL && strcmp(target->version, c->target) != 0))
		fail_msg("%s: back to %s", c->name,
		         target != NULL ? target->version : "nothing");
	for (size_t i = 0; i < list.count; i++)
		if (store_may_prune(&list, &list.items[i], c->keep))
			assert_int_equal(buf_printf(&prune, &err, " %s",
			                            list.items[i].version),
			                 0);
	if (strcmp(buf_text(&prune), c->prune) != 0)
		fail_msg("%s: prune%s", c->name, buf_text(&prune));
}

static void rollback_and_prune_choose_well(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
		check_choice(&choices[i]);
}

static void a_current_release_without_receipt_can_be_left(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = make_releases();
	AUTO_INSTALLED struct installed_list list = INSTALLED_NONE;
	struct err err;

	(void)state;
	assert_int_equal(unlinkat(temp.store.packages, "12/receipt.ini", 0), 0);
	assert_int_equal(store_list(&temp.store, &list, &err), 0);
	assert_string_equal(store_rollback_target(&list)->version, "11");
}

static void removal_refuses_what_is_needed(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = make_releases();
	static const char *const needed[] = { "12", "11", "9", "13" };
	struct err err;

	(void)state;
	assert_int_equal(mark_set(&temp.store, MARK_HELD, "9", "", &err), 0);
	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
		if (store_remove_release(&temp.store, needed[i], &err) != -1 ||
		    err.code != ERR_CONFLICT)
			fail_msg("%s: code %d", needed[i], (int)err.code);
	assert_true(is_there(temp.store.releases, "9"));
}

static void a_release_and_its_package_are_removed(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = make_releases();
	struct err err;

	(void)state;
	put_file(temp.store.releases, "10/file", "");
	put_dir(temp.store.releases, STORE_TRASH "10"); /* left by a crash */
	assert_int_equal(store_remove_release(&temp.store, "10", &err), 0);
	assert_false(is_there(temp.store.releases, "10"));
	assert_false(is_there(temp.store.packages, "10"));
	assert_false(is_there(temp.store.releases, STORE_TRASH "10"));
}

static void a_release_in_use_stays(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = make_releases();
	int ready[2];
	char byte;
	pid_t child;
	struct err err;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		if (openat(temp.store.releases, "10", O_RDONLY) < 0 ||
		    write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			(void)pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(store_remove_release(&temp.store, "10", &err), -1);
	assert_int_equal(err.code, ERR_LOCKED);
	assert_true(is_there(temp.store.releases, "10"));
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	(void)close(ready[0]);
	(void)close(ready[1]);
	assert_int_equal(store_remove_release(&temp.store, "10", &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_release_is_found_with_its_receipt),
		cmocka_unit_test(damage_is_told),
		cmocka_unit_test(the_receipt_of_another_version_is_damage),
		cmocka_unit_test(a_lost_current_release_is_listed),
		cmocka_unit_test(an_installed_release_can_be_activated),
		cmocka_unit_test(rollback_and_prune_choose_well),
		cmocka_unit_test(a_current_release_without_receipt_can_be_left),
		cmocka_unit_test(removal_refuses_what_is_needed),
		cmocka_unit_test(a_release_and_its_package_are_removed),
		cmocka_unit_test(a_release_in_use_stays),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
