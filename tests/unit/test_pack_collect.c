/* SPDX-License-Identifier: Apache-2.0 */
/* What collecting takes, leaves out and refuses; black-box tests of refusals
 * are in tests/cli/package-release-refuse.bats. */
#include "pack/collect.h"

#include "temp_dir.h"

static void make_tree(const struct temp_dir *dir)
{
	put_dir(dir->fd, "a");
	put_dir(dir->fd, "a/b");
	put_file(dir->fd, "a/b/c", "text");
	put_file(dir->fd, "a.x", "text");
	put_file(dir->fd, "z", "text");
}

static void join_paths(const struct source_tree *tree, struct buf *out)
{
	struct err err;

	for (size_t i = 0; i < tree->count; i++)
		assert_int_equal(buf_printf(out, &err, "%s%s", i > 0 ? " " : "",
		                            tree->entries[i].path),
		                 0);
}

struct choose_case {
	const char *name, *include, *exclude, *want;
};

static const struct choose_case choose_cases[] = {
	{ "everything, in its order", NULL, NULL, "a a/b a/b/c a.x z" },
	{ "a folder stands for what it holds", "a", NULL, "a a/b a/b/c" },
	{ "folders come with what they hold", "a/b/c", NULL, "a a/b a/b/c" },
	{ "a star matches slashes", "*c", NULL, "a a/b a/b/c" },
	{ "excluding a folder", NULL, "a/b", "a a.x z" },
	{ "excluding is stronger", "a", "a/b", "a" },
	{ "a pattern holds the whole path", "b", NULL, NULL },
	{ "nothing is left", NULL, "*", NULL },
};

static void patterns_choose(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();

	(void)state;
	make_tree(&dir);
	for (size_t i = 0; i < sizeof choose_cases / sizeof *choose_cases;
	     i++) {
		const struct choose_case *c = &choose_cases[i];
		struct collect_rules rules = { .skip_inode = 0 };
		AUTO_TREE struct source_tree tree = SOURCE_TREE_NONE;
		AUTO_BUF struct buf paths = BUF_NONE;
		struct err err = { .code = ERR_NONE };
		int got;

		if (c->include != NULL)
			rules.include.at[rules.include.count++] = c->include;
		if (c->exclude != NULL)
			rules.exclude.at[rules.exclude.count++] = c->exclude;
		got = collect(dir.path, &rules, &tree, &err);
		if ((got < 0) != (c->want == NULL))
			fail_msg("%s: got %d", c->name, got);
		if (got < 0) {
			assert_int_equal(err.code, ERR_FORMAT);
			assert_int_equal(tree.root, -1);
			continue;
		}
		join_paths(&tree, &paths);
		if (strcmp(buf_text(&paths), c->want) != 0)
			fail_msg("%s: got '%s'", c->name, buf_text(&paths));
	}
}

static void a_tree_that_rests_passes_the_second_look(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	AUTO_TREE struct source_tree tree = SOURCE_TREE_NONE;
	const struct collect_rules rules = { .skip_inode = 0 };
	struct err err;

	(void)state;
	make_tree(&dir);
	assert_int_equal(collect(dir.path, &rules, &tree, &err), 0);
	assert_int_equal(collect_again(&tree, dir.path, &rules, &err), 0);
	assert_int_equal(
		source_tree_add(&tree, "new/deep/file", "text", 4, &err), 0);
	assert_int_equal(collect_again(&tree, dir.path, &rules, &err), 0);
}

static void what_comes_goes_or_changes_is_a_conflict(void **state)
{
	static const char *const changes[] = { "new", "z", "a/b/c" };

	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
		AUTO_TREE struct source_tree tree = SOURCE_TREE_NONE;
		const struct collect_rules rules = { .skip_inode = 0 };
		struct err err;

		make_tree(&dir);
		assert_int_equal(collect(dir.path, &rules, &tree, &err), 0);
		if (i > 0)
			assert_int_equal(unlinkat(dir.fd, changes[i], 0), 0);
		if (i != 1)
			put_file(dir.fd, changes[i], "other");
		assert_int_equal(collect_again(&tree, dir.path, &rules, &err),
		                 -1);
		if (err.code != ERR_CONFLICT)
			fail_msg("%s: code %d", changes[i], (int)err.code);
	}
}

static void adding_makes_the_folders_above(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	AUTO_TREE struct source_tree tree = SOURCE_TREE_NONE;
	const struct collect_rules rules = { .skip_inode = 0 };
	AUTO_BUF struct buf paths = BUF_NONE;
	struct err err;

	(void)state;
	make_tree(&dir);
	assert_int_equal(collect(dir.path, &rules, &tree, &err), 0);
	assert_int_equal(source_tree_add(&tree, "a/n/x", "t", 1, &err), 0);
	join_paths(&tree, &paths);
	assert_string_equal(buf_text(&paths), "a a/b a/b/c a/n a/n/x a.x z");
	assert_int_equal(source_tree_add(&tree, "z", "t", 1, &err), -1);
	assert_int_equal(err.code, ERR_CONFLICT);
	assert_int_equal(source_tree_add(&tree, "z/x", "t", 1, &err), -1);
	assert_int_equal(err.code, ERR_CONFLICT);
}

static void links_are_held_against_whole_paths(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	struct collect_rules rules = { .skip_inode = 0 };
	AUTO_TREE struct source_tree tree = SOURCE_TREE_NONE;
	struct err err;

	(void)state;
	make_tree(&dir);
	put_link(dir.fd, "a/out", "/bin/sh");
	rules.allow_link.at[rules.allow_link.count++] = "a";
	assert_int_equal(collect(dir.path, &rules, &tree, &err), -1);
	rules.allow_link.at[rules.allow_link.count++] = "a/o*";
	assert_int_equal(collect(dir.path, &rules, &tree, &err), 0);
	assert_true(source_tree_needs_link(&tree, "a/o*"));
	assert_false(source_tree_needs_link(&tree, "a"));
	assert_false(source_tree_needs_link(&tree, "b*"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_choose),
		cmocka_unit_test(a_tree_that_rests_passes_the_second_look),
		cmocka_unit_test(what_comes_goes_or_changes_is_a_conflict),
		cmocka_unit_test(adding_makes_the_folders_above),
		cmocka_unit_test(links_are_held_against_whole_paths),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
