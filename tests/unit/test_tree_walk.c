/* SPDX-License-Identifier: Apache-2.0 */
#include "base/tree_walk.h"

#include <errno.h>

#include "temp_dir.h"

static void collect(struct tree_walk *walk, const char *skip, struct buf *out)
{
	struct tree_walk_item item;
	struct err err;
	int got;

	while ((got = tree_walk_next(walk, &item, &err)) == 1) {
		assert_int_equal(buf_printf(out, &err, "%s%s\n", item.path,
		                            item.sys != 0 ? " !" : ""),
		                 0);
		assert_string_equal(item.name,
		                    strrchr(item.path, '/') != NULL
		                            ? strrchr(item.path, '/') + 1
		                            : item.path);
		if (item.sys == 0)
			assert_true(is_there(item.folder, item.name));
		if (skip != NULL && strcmp(item.path, skip) == 0)
			tree_walk_skip(walk);
	}
	assert_int_equal(got, 0);
}

static void fill(int at)
{
	put_dir(at, "a");
	put_file(at, "a/c", "");
	put_dir(at, "a/d");
	put_file(at, "a/d/e", "");
	put_file(at, "a.b", "");
	put_dir(at, "a.c");
	put_file(at, "a.c/x", "");
	put_file(at, "a.c.d", "");
	put_file(at, "a0", "");
	put_dir(at, "b");
	put_link(at, "c", "a");
}

static void a_folder_is_followed_by_what_it_holds(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	AUTO_TREE_WALK struct tree_walk walk = TREE_WALK_INIT(dir.fd);
	AUTO_BUF struct buf got = BUF_NONE;

	(void)state;
	fill(dir.fd);
	collect(&walk, NULL, &got);
	assert_string_equal(buf_text(&got),
	                    "a\na/c\na/d\na/d/e\na.b\na.c\na.c/x\na.c.d\na0\n"
	                    "b\nc\n");
}

static void a_folder_can_be_passed_over(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	AUTO_TREE_WALK struct tree_walk walk = TREE_WALK_INIT(dir.fd);
	AUTO_BUF struct buf got = BUF_NONE;

	(void)state;
	fill(dir.fd);
	collect(&walk, "a", &got);
	assert_string_equal(buf_text(&got),
	                    "a\na.b\na.c\na.c/x\na.c.d\na0\nb\nc\n");
}

static void skipping_a_file_changes_nothing(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	AUTO_TREE_WALK struct tree_walk walk = TREE_WALK_INIT(dir.fd);
	AUTO_BUF struct buf got = BUF_NONE;

	(void)state;
	put_dir(dir.fd, "a");
	put_file(dir.fd, "a.b", "");
	put_file(dir.fd, "a/c", "");
	collect(&walk, "a.b", &got);
	assert_string_equal(buf_text(&got), "a\na/c\na.b\n");
}

static void an_empty_tree_has_no_entries(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	AUTO_TREE_WALK struct tree_walk walk = TREE_WALK_INIT(dir.fd);
	AUTO_BUF struct buf got = BUF_NONE;

	(void)state;
	collect(&walk, NULL, &got);
	assert_int_equal(got.len, 0);
}

static void a_folder_that_vanishes_is_reported_and_passed(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	AUTO_TREE_WALK struct tree_walk walk = TREE_WALK_INIT(dir.fd);
	AUTO_BUF struct buf got = BUF_NONE;
	struct tree_walk_item item;
	struct err err;

	(void)state;
	put_dir(dir.fd, "a");
	put_file(dir.fd, "b", "");
	assert_int_equal(tree_walk_next(&walk, &item, &err), 1);
	assert_int_equal(unlinkat(dir.fd, "a", AT_REMOVEDIR), 0);
	assert_int_equal(tree_walk_next(&walk, &item, &err), 1);
	assert_string_equal(item.path, "a");
	assert_int_equal(item.sys, ENOENT);
	assert_int_equal(item.folder, -1);
	collect(&walk, NULL, &got);
	assert_string_equal(buf_text(&got), "b\n");
}

static void a_path_over_the_limit_is_refused(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	AUTO_TREE_WALK struct tree_walk walk = TREE_WALK_INIT(dir.fd);
	struct tree_walk_item item;
	char name[FS_NAME_MAX];
	int fd = dup(dir.fd);
	struct err err;
	int got;

	(void)state;
	memset(name, 'x', sizeof name - 1);
	name[sizeof name - 1] = '\0';
	for (int i = 0; i < 17; i++) {
		int below;

		put_dir(fd, name);
		below = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		(void)close(fd);
		fd = below;
	}
	(void)close(fd);
	/* 15 * 256 + 255 bytes fit. */
	for (int i = 0; i < 16; i++)
		assert_int_equal(tree_walk_next(&walk, &item, &err), 1);
	got = tree_walk_next(&walk, &item, &err);
	assert_int_equal(got, -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_folder_is_followed_by_what_it_holds),
		cmocka_unit_test(a_folder_can_be_passed_over),
		cmocka_unit_test(skipping_a_file_changes_nothing),
		cmocka_unit_test(an_empty_tree_has_no_entries),
		cmocka_unit_test(a_folder_that_vanishes_is_reported_and_passed),
		cmocka_unit_test(a_path_over_the_limit_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
