/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include "temp_store.h"

#include "store/history.h"
#include "store/in_use.h"
#include "store/links.h"
#include "store/lock.h"
#include "store/marks.h"
#include "store/seen.h"
#include "store/space.h"

/* --- open ------------------------------------------------------------ */

static void reading_makes_nothing(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	struct store store = STORE_NONE;
	struct err err;

	(void)state;
	assert_int_equal(store_open(dir.fd, DEMO, STORE_READ, &store, &err), 0);
	assert_int_equal(store.app, -1);
	assert_false(is_there(dir.fd, "opt"));
	assert_false(is_there(dir.fd, "var"));
}

static void writing_makes_the_store_readable_for_all(void **state)
{
	mode_t mask = umask(077);
	AUTO_TEMP_STORE struct temp_store temp = temp_store_make();
	AUTO_STORE struct store again = STORE_NONE;
	static const char *const folders[] = {
		"opt",
		"opt/demo",
		"opt/demo/releases",
		"opt/demo/packages",
		"var/lib/tidegate",
		"var/lib/tidegate/demo",
	};
	struct err err;

	(void)state;
	(void)umask(mask);
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		if (mode_of(temp.dir.fd, folders[i]) != 0755)
			fail_msg("%s has another mode", folders[i]);
	assert_int_equal(mode_of(temp.store.app, STORE_MARKER), 0644);
	assert_int_equal(
		store_open(temp.dir.fd, DEMO, STORE_READ, &again, &err), 1);
	assert_string_equal(again.name, DEMO);
}

static void an_unfinished_store_is_completed(void **state)
{
	static const char *const made[] = { "opt", "opt/demo",
		                            "opt/demo/releases",
		                            "opt/demo/packages" };
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
		AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
		AUTO_STORE struct store store = STORE_NONE;

		for (size_t j = 0; j <= i; j++)
			put_dir(dir.fd, made[j]);
		if (i > 0)
			put_file(dir.fd, "opt/demo/..tidegate.new", "");
		assert_int_equal(
			store_open(dir.fd, DEMO, STORE_READ, &store, &err), 0);
		if (store_open(dir.fd, DEMO, STORE_WRITE, &store, &err) != 1)
			fail_msg("%s: %s", made[i], err.text);
		assert_true(is_there(dir.fd, "opt/demo/" STORE_MARKER));
	}
}

static void a_foreign_folder_is_refused(void **state)
{
	static const char *const names[] = { "opt/demo/bin",
		                             "opt/demo/releases/1",
		                             "opt/demo/packages/1",
		                             "opt/demo/.hidden" };
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
		struct store store = STORE_NONE;

		put_dir(dir.fd, "opt");
		put_dir(dir.fd, "opt/demo");
		put_dir(dir.fd, "opt/demo/releases");
		put_dir(dir.fd, "opt/demo/packages");
		put_file(dir.fd, names[i], "");
		if (store_open(dir.fd, DEMO, STORE_WRITE, &store, &err) != -1 ||
		    err.code != ERR_CONFLICT)
			fail_msg("%s: code %d", names[i], (int)err.code);
		assert_int_equal(store.app, -1);
		assert_false(is_there(dir.fd, "opt/demo/" STORE_MARKER));
	}
}

static void a_link_in_place_of_a_folder_is_refused(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	struct store store = STORE_NONE;
	struct err err;

	(void)state;
	put_dir(dir.fd, "opt");
	put_dir(dir.fd, "elsewhere");
	put_link(dir.fd, "opt/demo", "../elsewhere");
	assert_int_equal(store_open(dir.fd, DEMO, STORE_WRITE, &store, &err),
	                 -1);
	assert_int_equal(err.code, ERR_SYSTEM);
	assert_false(is_there(dir.fd, "elsewhere/releases"));
}

static void root_refuses_what_others_can_write(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = temp_store_make();
	struct store store = STORE_NONE;
	struct err err;

	(void)state;
	if (geteuid() != 0)
		return; /* an ordinary user's folders are his own business */
	assert_int_equal(fchmodat(temp.dir.fd, "opt/demo", 0777, 0), 0);
	assert_int_equal(
		store_open(temp.dir.fd, DEMO, STORE_WRITE, &store, &err), -1);
	assert_int_equal(err.code, ERR_UNTRUSTED);
	assert_int_equal(fchmodat(temp.dir.fd, "opt/demo", 0755, 0), 0);
	assert_int_equal(
		fchownat(temp.dir.fd, "opt/demo/releases", 12345, 0, 0), 0);
	assert_int_equal(
		store_open(temp.dir.fd, DEMO, STORE_WRITE, &store, &err), -1);
	assert_int_equal(err.code, ERR_UNTRUSTED);
	assert_int_equal(store.app, -1);
}

static void a_store_that_lost_a_folder_is_named(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = temp_store_make();
	AUTO_STORE struct store store = STORE_NONE;
	struct err err;

	(void)state;
	assert_int_equal(unlinkat(temp.store.app, "packages", AT_REMOVEDIR), 0);
	assert_int_equal(
		store_open(temp.dir.fd, DEMO, STORE_READ, &store, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
	assert_int_equal(
		store_open(temp.dir.fd, DEMO, STORE_WRITE, &store, &err), 1);
}

static void names_outside_the_grammar_are_refused(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	struct store store = STORE_NONE;
	struct err err;

	(void)state;
	assert_int_equal(
		store_open(dir.fd, "../etc", STORE_WRITE, &store, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_false(is_there(dir.fd, "opt"));
}

static void a_removed_store_keeps_its_state(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = temp_store_make();
	AUTO_STORE struct store again = STORE_NONE;
	struct err err;

	(void)state;
	put_dir(temp.store.releases, "1");
	put_file(temp.store.releases, "1/file", "");
	put_link(temp.store.app, LINK_CURRENT, "releases/1");
	assert_int_equal(seen_write(&temp.store, "7\n", 2, &err), 0);
	assert_int_equal(store_remove(&temp.store, &err), 0);
	assert_false(is_there(temp.dir.fd, "opt/demo"));
	assert_text(temp.dir.fd, "var/lib/tidegate/demo/seen", "7\n");
	assert_int_equal(
		store_open(temp.dir.fd, DEMO, STORE_WRITE, &again, &err), 1);
}

static void only_a_store_without_use_is_removed_as_unused(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = temp_store_make();
	struct err err;

	(void)state;
	put_dir(temp.store.releases, "1");
	assert_int_equal(store_remove_unused(&temp.store, &err), 0);
	assert_int_equal(unlinkat(temp.store.releases, "1", AT_REMOVEDIR), 0);
	put_dir(temp.store.packages, "1");
	assert_int_equal(store_remove_unused(&temp.store, &err), 0);
	assert_int_equal(unlinkat(temp.store.packages, "1", AT_REMOVEDIR), 0);
	put_link(temp.store.app, LINK_NEXT, "releases/1");
	assert_int_equal(store_remove_unused(&temp.store, &err), 0);
	assert_true(is_there(temp.dir.fd, "opt/demo/releases"));
	assert_int_equal(unlinkat(temp.store.app, LINK_NEXT, 0), 0);
	assert_int_equal(store_remove_unused(&temp.store, &err), 1);
	assert_false(is_there(temp.dir.fd, "opt/demo"));
	assert_true(is_there(temp.dir.fd, "var/lib/tidegate/demo"));
}

static void the_records_are_made_alone(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = temp_store_make();
	AUTO_STORE struct store records = STORE_NONE;
	struct err err;

	(void)state;
	assert_int_equal(store_open_state(temp.dir.fd, "other", STORE_READ,
	                                  &records, &err),
	                 0);
	assert_int_equal(store_open_state(temp.dir.fd, "other", STORE_WRITE,
	                                  &records, &err),
	                 1);
	assert_true(records.state >= 0);
	assert_int_equal(records.app, -1);
	assert_true(is_there(temp.dir.fd, "var/lib/tidegate/other"));
	assert_false(is_there(temp.dir.fd, "opt/other"));
}

static void removal_leaves_what_is_not_ours(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = temp_store_make();
	struct err err;

	(void)state;
	put_file(temp.store.app, "notes.txt", "by the administrator");
	assert_int_equal(store_remove(&temp.store, &err), 0);
	assert_text(temp.dir.fd, "opt/demo/notes.txt", "by the administrator");
	assert_false(is_there(temp.dir.fd, "opt/demo/releases"));
}

/* --- lock ------------------------------------------------------------ */

static void the_second_run_is_told_who_holds_the_lock(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = temp_store_make();
	AUTO_LOCK int lock = -1;
	char pid[32];
	struct err err;

	(void)state;
	lock = lock_take(&temp.store, "install-package install", &err);
	assert_true(lock >= 0);
	assert_int_equal(lock_take(&temp.store, "other", &err), -1);
	assert_int_equal(err.code, ERR_LOCKED);
	(void)snprintf(pid, sizeof pid, "(pid %ld, since", (long)getpid());
	assert_non_null(strstr(err.text, "install-package install"));
	assert_non_null(strstr(err.text, pid));
	assert_int_equal(mode_of(temp.store.state, "lock"), 0600);
	(void)close(TAKE_FD(lock));
	lock = lock_take(&temp.store, "other", &err);
	assert_true(lock >= 0);
}

static void a_dead_holder_leaves_no_lock(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = temp_store_make();
	AUTO_LOCK int lock = -1;
	struct err err;
	pid_t child = fork();
	int status;

	(void)state;
	if (child == 0)
		_exit(lock_take(&temp.store, "dies", &err) < 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	lock = lock_take(&temp.store, "next", &err);
	assert_true(lock >= 0);
}

/* --- marks ----------------------------------------------------------- */

static void marks_are_set_found_and_cleared(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = temp_store_make();
	char reason[MARK_REASON_SIZE] = "untouched";
	char **versions;
	size_t count;
	struct err err;

	(void)state;
	assert_int_equal(mark_find(&temp.store, MARK_BAD, "1", reason, &err),
	                 0);
	assert_int_equal(mark_clear(&temp.store, MARK_BAD, "1", &err), 0);
	assert_string_equal(reason, "untouched");
	assert_int_equal(
		mark_set(&temp.store, MARK_BAD, "1", "gate\nfailed", &err), 0);
	assert_int_equal(mark_set(&temp.store, MARK_HELD, "2", "", &err), 0);
	assert_int_equal(mark_find(&temp.store, MARK_BAD, "1", reason, &err),
	                 1);
	assert_string_equal(reason, "gate");
	assert_int_equal(mark_find(&temp.store, MARK_HELD, "1", NULL, &err), 0);
	put_file(temp.store.state, "bad/.2.new", "left by a crash");
	assert_int_equal(
		mark_list(&temp.store, MARK_BAD, &versions, &count, &err), 0);
	assert_int_equal(count, 1);
	assert_string_equal(versions[0], "1");
	fs_list_free(versions, count);
	assert_int_equal(mark_clear(&temp.store, MARK_BAD, "1", &err), 0);
	assert_int_equal(mark_find(&temp.store, MARK_BAD, "1", NULL, &err), 0);
	assert_int_equal(mark_set(&temp.store, MARK_BAD, "../x", "", &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
}

static void a_long_reason_is_cut(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = temp_store_make();
	char reason[MARK_REASON_SIZE + 10];
	char found[MARK_REASON_SIZE];
	struct err err;

	(void)state;
	memset(reason, 'x', sizeof reason - 1);
	reason[sizeof reason - 1] = '\0';
	assert_int_equal(mark_set(&temp.store, MARK_BAD, "1", reason, &err), 0);
	assert_int_equal(mark_find(&temp.store, MARK_BAD, "1", found, &err), 1);
	assert_int_equal(strlen(found), MARK_REASON_SIZE - 1);
}

/* --- seen ------------------------------------------------------------ */

static void what_was_seen_is_kept(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = temp_store_make();
	AUTO_BUF struct buf text = BUF_NONE;
	char big[SEEN_MAX + 1];
	struct err err;

	(void)state;
	memset(big, 'x', sizeof big);
	assert_int_equal(seen_read(&temp.store, &text, &err), 0);
	assert_int_equal(seen_write(&temp.store, "1\n", 2, &err), 0);
	assert_int_equal(seen_write(&temp.store, "2\n", 2, &err), 0);
	assert_int_equal(seen_read(&temp.store, &text, &err), 1);
	assert_string_equal(buf_text(&text), "2\n");
	assert_int_equal(seen_write(&temp.store, big, SEEN_MAX, &err), 0);
	assert_int_equal(seen_write(&temp.store, big, SEEN_MAX + 1, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(fchmodat(temp.store.state, "seen", 0666, 0), 0);
	assert_int_equal(seen_read(&temp.store, &text, &err), -1);
	assert_int_equal(err.code, ERR_UNTRUSTED);
}

/* --- history --------------------------------------------------------- */

static void append(const struct store *store, const char *version)
{
	static const char *const signers[] = { "RWQ", "RWX" };
	const struct history_event event = {
		.time = 0,
		.op = "install",
		.version = version,
		.signers = signers,
		.signer_count = 2,
		.sequence = 7,
		.result = "ok",
		.text = "a \"quote\"",
	};
	struct err err;

	assert_int_equal(history_append(store, &event, &err), 0);
}

#define RESERVE ((uint64_t)64 << 20)
#define LINE(version)                                                          \
	"{\"time\":\"1970-01-01T00:00:00Z\",\"op\":\"install\",\"version\":"   \
	"\"" version                                                           \
	"\",\"signers\":[\"RWQ\",\"RWX\"],\"sequence\":7,\"result\":\"ok\","   \
	"\"text\":\"a \\\"quote\\\"\"}\n"

static void read_history(const struct store *store, size_t max,
                         const char *want)
{
	AUTO_BUF struct buf text = BUF_NONE;
	struct err err;

	assert_int_equal(history_read(store, max, &text, &err), 0);
	assert_string_equal(buf_text(&text), want);
}

static void history_is_json_lines(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = temp_store_make();
	size_t one = sizeof LINE("1") - 1;

	(void)state;
	read_history(&temp.store, 1000, "");
	append(&temp.store, "1");
	append(&temp.store, "2");
	assert_text(temp.store.state, HISTORY_NAME, LINE("1") LINE("2"));
	read_history(&temp.store, 1000, LINE("1") LINE("2"));
	read_history(&temp.store, 2 * one, LINE("1") LINE("2"));
	read_history(&temp.store, 2 * one - 1, LINE("2"));
	read_history(&temp.store, one + 1, LINE("2"));
	read_history(&temp.store, 3, "");
}

static void a_torn_line_is_cut_before_the_next(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = temp_store_make();

	(void)state;
	put_file(temp.store.state, HISTORY_NAME, "{\"ti");
	read_history(&temp.store, 1000, "");
	append(&temp.store, "1");
	assert_text(temp.store.state, HISTORY_NAME, LINE("1"));
	put_file(temp.store.state, HISTORY_NAME, LINE("1") "{\"time\":");
	read_history(&temp.store, 1000, LINE("1"));
	append(&temp.store, "2");
	assert_text(temp.store.state, HISTORY_NAME, LINE("1") LINE("2"));
}

static void a_line_longer_than_any_of_ours_is_ended_not_cut(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = temp_store_make();
	char big[HISTORY_LINE_MAX + 2];
	struct stat st;

	(void)state;
	memset(big, 'x', sizeof big - 1);
	big[sizeof big - 1] = '\0';
	put_file(temp.store.state, HISTORY_NAME, big);
	append(&temp.store, "1");
	assert_int_equal(fstatat(temp.store.state, HISTORY_NAME, &st, 0), 0);
	assert_int_equal(st.st_size, sizeof big + sizeof LINE("1") - 1);
}

/* --- room ------------------------------------------------------------ */

static void room_is_compared_with_a_reserve(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	struct space there;
	struct space need = { 0, 0 };
	struct err err;

	(void)state;
	assert_int_equal(space_free(dir.fd, &there, &err), 0);
	if (there.bytes < 2 * RESERVE)
		fail_msg("too little room for this test");
	assert_int_equal(space_require(dir.fd, &need, RESERVE, &err), 0);
	need.bytes = there.bytes;
	assert_int_equal(space_require(dir.fd, &need, RESERVE, &err), -1);
	assert_int_equal(err.code, ERR_SYSTEM);
	assert_int_equal(err.sys, ENOSPC);
	need.bytes = 0;
	need.files = there.bytes / 512;
	assert_int_equal(space_require(dir.fd, &need, RESERVE, &err), -1);
	need.bytes = UINT64_MAX;
	need.files = UINT64_MAX;
	assert_int_equal(space_require(dir.fd, &need, RESERVE, &err), -1);
	assert_int_equal(err.sys, ENOSPC);
	assert_int_equal(space_require(-1, &need, RESERVE, &err), -1);
	assert_int_equal(err.sys, EBADF);
}

/* --- in use ---------------------------------------------------------- */

/* A child that waits in @release, or holds a file of it, until it is killed. */
static pid_t start_user(int release, int enter)
{
	int ready[2];
	char byte;
	pid_t child;

	assert_int_equal(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		if (enter && fchdir(release) < 0)
			_exit(1);
		if (!enter && openat(release, "file", O_RDONLY) < 0)
			_exit(1);
		(void)close(release);
		if (write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			(void)pause();
	}
	(void)close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	(void)close(ready[0]);
	return child;
}

static void stop_user(pid_t child)
{
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static void those_who_work_in_a_release_are_named(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	struct err err;

	(void)state;
	put_dir(dir.fd, "1");
	put_file(dir.fd, "1/file", "");
	for (int enter = 0; enter < 2; enter++) {
		AUTO_CLOSE int release = fs_open_dir(dir.fd, "1", &err);
		char who[IN_USE_TEXT_SIZE] = "untouched";
		char pid[32];
		pid_t child;

		assert_int_equal(in_use_find(release, who, &err), 0);
		assert_string_equal(who, "untouched");
		child = start_user(release, enter);
		(void)snprintf(pid, sizeof pid, "pid %ld (", (long)child);
		assert_int_equal(in_use_find(release, who, &err), 1);
		assert_non_null(strstr(who, pid));
		stop_user(child);
		assert_int_equal(in_use_find(release, who, &err), 0);
	}
}

static void a_neighbour_with_a_longer_name_is_no_user(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	char who[IN_USE_TEXT_SIZE];
	int other;
	int release;
	pid_t child;
	struct err err;

	(void)state;
	put_dir(dir.fd, "1");
	put_dir(dir.fd, "12");
	other = fs_open_dir(dir.fd, "12", &err);
	child = start_user(other, 1);
	(void)close(other);
	release = fs_open_dir(dir.fd, "1", &err);
	assert_int_equal(in_use_find(release, who, &err), 0);
	(void)close(release);
	stop_user(child);
}

/* A child in mounts of its own, where the release shows below "there", as in
 * a container; false where that may not be made. */
static bool start_container(int root, pid_t *child)
{
	int ready[2];
	char byte = 'n';

	assert_int_equal(pipe(ready), 0);
	*child = fork();
	if (*child == 0) {
		if (fchdir(root) < 0)
			_exit(1);
		byte = unshare(CLONE_NEWNS) == 0 &&
		                       mount("", "/", NULL, MS_PRIVATE | MS_REC,
		                             NULL) == 0 &&
		                       mount("1/lib", "there", NULL, MS_BIND,
		                             NULL) == 0 &&
		                       chdir("/") == 0
		               ? 'y'
		               : 'n';
		(void)close(root);
		if (write(ready[1], &byte, 1) != 1)
			_exit(1);
		for (;;)
			(void)pause();
	}
	(void)close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	(void)close(ready[0]);
	return byte == 'y';
}

static void a_container_that_has_it_mounted_is_named(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	char who[IN_USE_TEXT_SIZE] = "";
	pid_t child;
	int got = 0;
	bool is_started;
	struct err err;

	(void)state;
	put_dir(dir.fd, "1");
	put_dir(dir.fd, "1/lib");
	put_dir(dir.fd, "there");
	is_started = start_container(dir.fd, &child);
	if (is_started) {
		AUTO_CLOSE int release = fs_open_dir(dir.fd, "1", &err);

		got = in_use_find(release, who, &err);
	}
	stop_user(child);
	if (!is_started) {
		print_message("# mounts of its own need more rights\n");
		return;
	}
	assert_int_equal(got, 1);
	assert_non_null(strstr(who, "mounted in its own namespace"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reading_makes_nothing),
		cmocka_unit_test(writing_makes_the_store_readable_for_all),
		cmocka_unit_test(an_unfinished_store_is_completed),
		cmocka_unit_test(a_foreign_folder_is_refused),
		cmocka_unit_test(a_link_in_place_of_a_folder_is_refused),
		cmocka_unit_test(root_refuses_what_others_can_write),
		cmocka_unit_test(a_store_that_lost_a_folder_is_named),
		cmocka_unit_test(names_outside_the_grammar_are_refused),
		cmocka_unit_test(a_removed_store_keeps_its_state),
		cmocka_unit_test(removal_leaves_what_is_not_ours),
		cmocka_unit_test(only_a_store_without_use_is_removed_as_unused),
		cmocka_unit_test(the_records_are_made_alone),
		cmocka_unit_test(the_second_run_is_told_who_holds_the_lock),
		cmocka_unit_test(a_dead_holder_leaves_no_lock),
		cmocka_unit_test(marks_are_set_found_and_cleared),
		cmocka_unit_test(a_long_reason_is_cut),
		cmocka_unit_test(what_was_seen_is_kept),
		cmocka_unit_test(history_is_json_lines),
		cmocka_unit_test(a_torn_line_is_cut_before_the_next),
		cmocka_unit_test(
			a_line_longer_than_any_of_ours_is_ended_not_cut),
		cmocka_unit_test(room_is_compared_with_a_reserve),
		cmocka_unit_test(those_who_work_in_a_release_are_named),
		cmocka_unit_test(a_neighbour_with_a_longer_name_is_no_user),
		cmocka_unit_test(a_container_that_has_it_mounted_is_named),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
