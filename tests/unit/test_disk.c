/* SPDX-License-Identifier: Apache-2.0 */
#include "base/disk.h"

#include <errno.h>

#include "temp_dir.h"

#define DEPTH 2046 /* folders of the longest path, each "d" */

static void assert_system(int got, const struct err *err, int sys)
{
	assert_int_equal(got, -1);
	assert_int_equal(err->code, ERR_SYSTEM);
	assert_int_equal(err->sys, sys);
}

static void folders_get_their_mode_whatever_the_umask(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	mode_t mask = umask(077);
	struct err err;

	(void)state;
	assert_int_equal(disk_mkdir("test.mkdir", dir.fd, "a", 0755, &err), 0);
	assert_int_equal(disk_mkdir("test.mkdir", dir.fd, "a/b", 0700, &err),
	                 0);
	(void)umask(mask);
	assert_int_equal(mode_of(dir.fd, "a"), 0755);
	assert_int_equal(mode_of(dir.fd, "a/b"), 0700);
	assert_system(disk_mkdir("test.mkdir", dir.fd, "a", 0755, &err), &err,
	              EEXIST);
	assert_system(disk_mkdir("test.mkdir", dir.fd, "x/y", 0755, &err), &err,
	              ENOENT);
}

static void a_required_folder_is_made_once(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	struct err err;

	(void)state;
	for (int i = 0; i < 2; i++) {
		AUTO_CLOSE int fd = disk_require_dir("test.require", dir.fd,
		                                     "a", 0750, &err);

		assert_true(fd >= 0);
	}
	assert_int_equal(mode_of(dir.fd, "a"), 0750);
	put_link(dir.fd, "link", "a");
	assert_system(
		disk_require_dir("test.require", dir.fd, "link", 0750, &err),
		&err, ENOTDIR);
}

static void files_are_new_and_have_their_mode(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	mode_t mask = umask(077);
	struct err err;
	AUTO_CLOSE int fd =
		disk_create("test.create", dir.fd, "file", 0644, &err);

	(void)state;
	(void)umask(mask);
	assert_true(fd >= 0);
	assert_int_equal(mode_of(dir.fd, "file"), 0644);
	assert_int_equal(disk_write("test.write", fd, "one", 3, &err), 0);
	assert_int_equal(disk_write("test.write", fd, "two", 3, &err), 0);
	assert_text(dir.fd, "file", "onetwo");
	assert_system(disk_create("test.create", dir.fd, "file", 0644, &err),
	              &err, EEXIST);
}

static void nothing_is_made_through_a_link(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	struct err err;

	(void)state;
	put_dir(dir.fd, "real");
	put_link(dir.fd, "way", "real");
	put_link(dir.fd, "out", "..");
	put_link(dir.fd, "nowhere", "real/file");
	assert_system(
		disk_create("test.create", dir.fd, "way/file", 0644, &err),
		&err, ELOOP);
	assert_system(disk_create("test.create", dir.fd, "nowhere", 0644, &err),
	              &err, EEXIST);
	assert_system(disk_create("test.create", dir.fd, "../file", 0644, &err),
	              &err, EXDEV);
	assert_system(disk_mkdir("test.mkdir", dir.fd, "way/dir", 0755, &err),
	              &err, ENOTDIR);
	assert_system(disk_mkdir("test.mkdir", dir.fd, "out/dir", 0755, &err),
	              &err, ENOTDIR);
	assert_system(
		disk_symlink("test.link", "x", dir.fd, "way/link", -1, &err),
		&err, ENOTDIR);
	assert_system(
		disk_open_append("test.append", dir.fd, "nowhere", 0644, &err),
		&err, ELOOP);
	assert_int_equal(disk_rmdir("test.rmdir", dir.fd, "real", &err), 0);
}

static void a_stream_writes_where_it_is_told(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	struct err err;
	AUTO_CLOSE int fd =
		disk_create("test.create", dir.fd, "file", 0600, &err);

	(void)state;
	assert_int_equal(disk_stream("test.stream", fd, "abc", 3, 0, &err), 0);
	assert_int_equal(disk_stream("test.stream", fd, "def", 3, 3, &err), 0);
	assert_text(dir.fd, "file", "abcdef");
	assert_int_equal(disk_truncate("test.cut", fd, 2, &err), 0);
	assert_text(dir.fd, "file", "ab");
	assert_int_equal(disk_sync("test.sync", fd, &err), 0);
	assert_int_equal(disk_sync_all("test.sync-all", dir.fd, &err), 0);
}

static void writing_to_a_closed_descriptor_fails(void **state)
{
	struct err err;

	(void)state;
	assert_system(disk_write("test.write", -1, "a", 1, &err), &err, EBADF);
	assert_system(disk_stream("test.stream", -1, "a", 1, 0, &err), &err,
	              EBADF);
	assert_system(disk_finish("test.finish", -1, 0644, 0, &err), &err,
	              EBADF);
	assert_system(disk_truncate("test.cut", -1, 0, &err), &err, EBADF);
	assert_system(disk_sync("test.sync", -1, &err), &err, EBADF);
	assert_system(disk_sync_all("test.sync-all", -1, &err), &err, EBADF);
}

static void finish_sets_mode_and_time(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	struct err err;
	AUTO_CLOSE int fd =
		disk_create("test.create", dir.fd, "file", 0600, &err);

	(void)state;
	assert_int_equal(disk_finish("test.finish", fd, 0755, 1700000000, &err),
	                 0);
	assert_int_equal(mode_of(dir.fd, "file"), 0755);
	assert_int_equal(time_of(dir.fd, "file"), 1700000000);
	assert_int_equal(disk_symlink("test.link", "file", dir.fd, "link",
	                              1600000000, &err),
	                 0);
	assert_link(dir.fd, "link", "file");
	assert_int_equal(time_of(dir.fd, "link"), 1600000000);
	assert_int_equal(time_of(dir.fd, "file"), 1700000000);
	assert_system(disk_symlink("test.link", "x", dir.fd, "link", -1, &err),
	              &err, EEXIST);
}

static void names_move_replace_and_change_places(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	int fd = dir.fd;
	struct err err;

	(void)state;
	put_file(fd, "a", "a");
	put_file(fd, "b", "b");
	assert_int_equal(disk_exchange("test.swap", fd, "a", fd, "b", &err), 0);
	assert_text(fd, "a", "b");
	assert_system(disk_rename_new("test.new", fd, "a", fd, "b", &err), &err,
	              EEXIST);
	assert_int_equal(disk_rename_new("test.new", fd, "a", fd, "c", &err),
	                 0);
	assert_int_equal(disk_rename("test.move", fd, "c", fd, "b", &err), 0);
	assert_text(fd, "b", "b");
	assert_false(is_there(fd, "c"));
	assert_system(disk_exchange("test.swap", fd, "b", fd, "x", &err), &err,
	              ENOENT);
	assert_system(disk_rename("test.move", fd, "x", fd, "b", &err), &err,
	              ENOENT);
}

static void removing_what_is_not_there_is_no_error(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	struct err err;

	(void)state;
	put_dir(dir.fd, "a");
	put_file(dir.fd, "a/file", "");
	assert_int_equal(disk_unlink("test.unlink", dir.fd, "x", &err), 0);
	assert_int_equal(disk_rmdir("test.rmdir", dir.fd, "x", &err), 0);
	assert_int_equal(disk_remove_tree("test.tree", dir.fd, "x", &err), 0);
	assert_system(disk_unlink("test.unlink", dir.fd, "a", &err), &err,
	              EISDIR);
	assert_system(disk_rmdir("test.rmdir", dir.fd, "a", &err), &err,
	              ENOTEMPTY);
	assert_int_equal(disk_unlink("test.unlink", dir.fd, "a/file", &err), 0);
	assert_int_equal(disk_rmdir("test.rmdir", dir.fd, "a", &err), 0);
}

static void a_tree_is_removed_but_not_where_its_links_lead(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	struct err err;

	(void)state;
	put_dir(dir.fd, "kept");
	put_file(dir.fd, "kept/file", "still here");
	put_dir(dir.fd, "tree");
	put_dir(dir.fd, "tree/a");
	put_dir(dir.fd, "tree/a/b");
	put_dir(dir.fd, "tree/c");
	put_file(dir.fd, "tree/a/b/file", "");
	put_link(dir.fd, "tree/a/link", "../../kept");
	put_link(dir.fd, "tree/a/b/up", "..");
	assert_int_equal(fchmodat(dir.fd, "tree/a/b", 0, 0), 0);
	assert_int_equal(disk_remove_tree("test.tree", dir.fd, "tree", &err),
	                 0);
	assert_false(is_there(dir.fd, "tree"));
	assert_text(dir.fd, "kept/file", "still here");
	put_link(dir.fd, "link", "kept");
	assert_int_equal(disk_remove_tree("test.tree", dir.fd, "link", &err),
	                 0);
	assert_text(dir.fd, "kept/file", "still here");
}

static int make_deep(int at, int depth)
{
	int fd = dup(at);

	for (int i = 0; i < depth; i++) {
		int below;

		assert_int_equal(mkdirat(fd, "d", 0755), 0);
		below = openat(fd, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_true(below >= 0);
		(void)close(fd);
		fd = below;
	}
	return fd;
}

static void the_deepest_tree_is_removed(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	AUTO_CLOSE int deepest = make_deep(dir.fd, DEPTH);
	struct err err;

	(void)state;
	put_file(deepest, "file", "");
	assert_int_equal(disk_remove_tree("test.tree", dir.fd, "d", &err), 0);
	assert_false(is_there(dir.fd, "d"));
}

static void a_deeper_tree_is_an_error(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	struct err err;

	(void)state;
	(void)close(make_deep(dir.fd, DEPTH + 5));
	assert_int_equal(disk_remove_tree("test.tree", dir.fd, "d", &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	/* Take off the top, for the clean-up. */
	assert_int_equal(renameat(dir.fd, "d/d/d/d/d/d/d/d", dir.fd, "e"), 0);
	assert_int_equal(disk_remove_tree("test.tree", dir.fd, "e", &err), 0);
}

static void appending_makes_the_file_and_keeps_it(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	mode_t mask = umask(077);
	struct err err;

	(void)state;
	for (int i = 0; i < 2; i++) {
		AUTO_CLOSE int fd = disk_open_append("test.append", dir.fd,
		                                     "log", 0644, &err);

		assert_true(fd >= 0);
		assert_int_equal(
			disk_write("test.write", fd, "line\n", 5, &err), 0);
	}
	(void)umask(mask);
	assert_text(dir.fd, "log", "line\nline\n");
	assert_int_equal(mode_of(dir.fd, "log"), 0644);
	assert_int_equal(mkfifoat(dir.fd, "fifo", 0600), 0);
	assert_int_equal(
		disk_open_append("test.append", dir.fd, "fifo", 0600, &err),
		-1);
	assert_int_equal(err.code, ERR_FORMAT);
}

static void a_replaced_file_leaves_no_other(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	char longest[FS_NAME_MAX + 1];
	struct err err;

	(void)state;
	put_file(dir.fd, ".name.new", "left by a crash");
	assert_int_equal(disk_replace_file("test.replace", dir.fd, "name", 0640,
	                                   "one", 3, &err),
	                 0);
	assert_int_equal(disk_replace_file("test.replace", dir.fd, "name", 0640,
	                                   "two", 3, &err),
	                 0);
	assert_text(dir.fd, "name", "two");
	assert_int_equal(mode_of(dir.fd, "name"), 0640);
	assert_false(is_there(dir.fd, ".name.new"));
	memset(longest, 'x', sizeof longest);
	longest[250] = '\0'; /* 255 with its ".", ".new" */
	assert_int_equal(disk_replace_file("test.replace", dir.fd, longest,
	                                   0640, "", 0, &err),
	                 0);
	longest[250] = 'x';
	longest[251] = '\0';
	assert_int_equal(disk_replace_file("test.replace", dir.fd, longest,
	                                   0640, "", 0, &err),
	                 -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folders_get_their_mode_whatever_the_umask),
		cmocka_unit_test(a_required_folder_is_made_once),
		cmocka_unit_test(files_are_new_and_have_their_mode),
		cmocka_unit_test(nothing_is_made_through_a_link),
		cmocka_unit_test(a_stream_writes_where_it_is_told),
		cmocka_unit_test(writing_to_a_closed_descriptor_fails),
		cmocka_unit_test(finish_sets_mode_and_time),
		cmocka_unit_test(names_move_replace_and_change_places),
		cmocka_unit_test(removing_what_is_not_there_is_no_error),
		cmocka_unit_test(
			a_tree_is_removed_but_not_where_its_links_lead),
		cmocka_unit_test(the_deepest_tree_is_removed),
		cmocka_unit_test(a_deeper_tree_is_an_error),
		cmocka_unit_test(appending_makes_the_file_and_keeps_it),
		cmocka_unit_test(a_replaced_file_leaves_no_other),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
