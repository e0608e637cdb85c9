/* SPDX-License-Identifier: Apache-2.0 */
#include "store/tree_check.h"

#include <errno.h>

#include "temp_payload.h"

static const struct payload_entry payload[] = {
	{ "a", NULL, 0755 },          { "a.b", "beside\n", 0644 },
	{ "a/file", "text\n", 0644 }, { "a/deep", NULL, 0755 },
	{ "a/deep/x", "x", 0755 },    { "b", NULL, 0755 },
	{ "link", "->a/file", 0777 }, { "z", "", 0644 },
};

#define PAYLOAD_COUNT (sizeof payload / sizeof *payload)

struct fixture {
	struct temp_dir dir;
	struct release_ini release;
	int mtree;
	int tree;
	struct buf found; /* "<kind> <path>\n" for each finding */
};

static void set_time(int at, const char *path)
{
	const struct timespec times[2] = { { .tv_nsec = UTIME_OMIT },
		                           { .tv_sec = CREATED } };

	assert_int_equal(utimensat(at, path, times, AT_SYMLINK_NOFOLLOW), 0);
}

static void make_tree(int at, const struct payload_entry *entries, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct payload_entry *entry = &entries[i];

		if (entry->text == NULL)
			put_dir(at, entry->path);
		else if (strncmp(entry->text, "->", 2) == 0)
			put_link(at, entry->path, entry->text + 2);
		else
			put_file(at, entry->path, entry->text);
		if (entry->mode != 0777)
			assert_int_equal(
				fchmodat(at, entry->path, entry->mode, 0), 0);
	}
	for (size_t i = 0; i < count; i++)
		set_time(at, entries[i].path);
	set_time(at, ".");
}

static void fixture_make(struct fixture *fixture)
{
	struct payload_entry entries[PAYLOAD_COUNT];
	struct err err;

	memset(fixture, 0, sizeof *fixture);
	memcpy(entries, payload, sizeof payload);
	fixture->dir = temp_dir_make();
	fixture->found = BUF_NONE;
	fixture->mtree = write_mtree(fixture->dir.fd, entries, PAYLOAD_COUNT,
	                             &fixture->release);
	put_dir(fixture->dir.fd, "tree");
	fixture->tree = fs_open_dir(fixture->dir.fd, "tree", &err);
	make_tree(fixture->tree, entries, PAYLOAD_COUNT);
}

static void fixture_done(struct fixture *fixture)
{
	buf_done(&fixture->found);
	(void)close(fixture->mtree);
	(void)close(fixture->tree);
	temp_dir_remove(&fixture->dir);
}

#define AUTO_FIXTURE AUTO(fixture_done)

static int note(void *context, const struct tree_finding *finding,
                struct err *err)
{
	struct fixture *fixture = context;

	assert_int_equal(finding->kind == TREE_UNREADABLE, finding->sys != 0);
	return buf_printf(&fixture->found, err, "%s %s\n",
	                  tree_finding_name(finding->kind), finding->path);
}

static int check(struct fixture *fixture, enum tree_check_depth depth,
                 uint64_t *count, struct err *err)
{
	const struct tree_check what = {
		.tree = fixture->tree,
		.mtree = fixture->mtree,
		.release = &fixture->release,
		.depth = depth,
		.found = note,
		.context = fixture,
	};

	return tree_check(&what, count, err);
}

/* --- one change each ------------------------------------------------- */

static void nothing(int at)
{
	(void)at;
}

static void remove_file(int at)
{
	assert_int_equal(unlinkat(at, "a/file", 0), 0);
	set_time(at, "a");
}

static void remove_last(int at)
{
	assert_int_equal(unlinkat(at, "z", 0), 0);
	set_time(at, ".");
}

static void remove_folder(int at)
{
	struct err err;

	assert_int_equal(disk_remove_tree("test.lose", at, "a", &err), 0);
	set_time(at, ".");
}

static void remove_all(int at)
{
	remove_folder(at);
	remove_last(at);
	assert_int_equal(unlinkat(at, "a.b", 0), 0);
	assert_int_equal(unlinkat(at, "b", AT_REMOVEDIR), 0);
	assert_int_equal(unlinkat(at, "link", 0), 0);
	set_time(at, ".");
}

static void add_extras(int at)
{
	put_file(at, ".hidden", "");
	put_dir(at, "a/extra");
	put_file(at, "a/extra/not-named", "");
	put_link(at, "zz", "a");
	set_time(at, ".");
	set_time(at, "a");
}

static void change_content(int at)
{
	put_file(at, "a/file", "Text\n");
	set_time(at, "a/file");
}

static void grow(int at)
{
	put_file(at, "z", "1");
	set_time(at, "z");
}

static void change_modes(int at)
{
	assert_int_equal(fchmodat(at, "a/deep/x", 0700, 0), 0);
	assert_int_equal(fchmodat(at, "b", 0777, 0), 0);
	assert_int_equal(fchmodat(at, ".", 0700, 0), 0);
}

static void change_setuid(int at)
{
	assert_int_equal(fchmodat(at, "a/deep/x", 04755, 0), 0);
}

static void change_times(int at)
{
	put_file(at, "a.b", "beside\n");
	assert_int_equal(fchmodat(at, "a.b", 0644, 0), 0);
}

static void change_link(int at)
{
	assert_int_equal(unlinkat(at, "link", 0), 0);
	put_link(at, "link", "a/file2");
	set_time(at, "link");
	set_time(at, ".");
}

static void link_for_file(int at)
{
	assert_int_equal(unlinkat(at, "a/file", 0), 0);
	put_link(at, "a/file", "../a.b");
	set_time(at, "a/file");
	set_time(at, "a");
}

static void link_for_folder(int at)
{
	assert_int_equal(renameat(at, "a/deep", at, "../deep"), 0);
	put_link(at, "a/deep", "../../deep");
	set_time(at, "a");
}

static void folder_for_file(int at)
{
	assert_int_equal(unlinkat(at, "z", 0), 0);
	put_dir(at, "z");
	put_file(at, "z/inside", "");
	set_time(at, ".");
}

static void fifo_for_file(int at)
{
	assert_int_equal(unlinkat(at, "z", 0), 0);
	assert_int_equal(mkfifoat(at, "z", 0600), 0);
	set_time(at, "z");
	set_time(at, ".");
}

struct change {
	const char *name;
	void (*make)(int at);
	const char *want;
};

static const struct change changes[] = {
	{ "nothing", nothing, "" },
	{ "a file is missing", remove_file, "missing a/file\n" },
	{ "the last is missing", remove_last, "missing z\n" },
	{ "a folder is missing", remove_folder,
	  "missing a\nmissing a/deep\nmissing a/deep/x\nmissing a/file\n" },
	{ "all is missing", remove_all,
	  "missing a\nmissing a/deep\nmissing a/deep/x\nmissing a/file\n"
	  "missing a.b\nmissing b\nmissing link\nmissing z\n" },
	{ "extras", add_extras, "extra .hidden\nextra a/extra\nextra zz\n" },
	{ "content", change_content, "content a/file\n" },
	{ "size", grow, "size z\n" },
	{ "modes", change_modes, "mode .\nmode a/deep/x\nmode b\n" },
	{ "setuid", change_setuid, "mode a/deep/x\n" },
	{ "time", change_times, "time a.b\n" },
	{ "link", change_link, "link link\n" },
	{ "a link for a file", link_for_file, "type a/file\n" },
	{ "a link for a folder", link_for_folder,
	  "type a/deep\nmissing a/deep/x\n" },
	{ "a folder for a file", folder_for_file, "type z\n" },
	{ "a fifo for a file", fifo_for_file, "type z\n" },
};

static size_t count_lines(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += *text == '\n';
	return count;
}

static void each_difference_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		const struct change *c = &changes[i];
		AUTO_FIXTURE struct fixture fixture;
		uint64_t count = 99;
		struct err err;

		fixture_make(&fixture);
		c->make(fixture.tree);
		if (check(&fixture, TREE_CHECK_CONTENT, &count, &err) < 0)
			fail_msg("%s: %s", c->name, err.text);
		if (strcmp(buf_text(&fixture.found), c->want) != 0)
			fail_msg("%s: found\n%s", c->name,
			         buf_text(&fixture.found));
		assert_int_equal(count, count_lines(c->want));
	}
}

static void names_alone_do_not_tell_content(void **state)
{
	AUTO_FIXTURE struct fixture fixture;
	uint64_t count = 99;
	struct err err;

	(void)state;
	fixture_make(&fixture);
	change_content(fixture.tree);
	assert_int_equal(check(&fixture, TREE_CHECK_NAMES, &count, &err), 0);
	assert_int_equal(count, 0);
}

static void another_owner_is_found(void **state)
{
	AUTO_FIXTURE struct fixture fixture;
	uint64_t count = 99;
	struct err err;

	(void)state;
	fixture_make(&fixture);
	if (geteuid() != 0)
		return; /* only root can give files away */
	assert_int_equal(fchownat(fixture.tree, "a.b", 12345, 0, 0), 0);
	assert_int_equal(
		fchownat(fixture.tree, "link", 0, 12345, AT_SYMLINK_NOFOLLOW),
		0);
	assert_int_equal(check(&fixture, TREE_CHECK_CONTENT, &count, &err), 0);
	assert_string_equal(buf_text(&fixture.found),
	                    "owner a.b\nowner link\n");
}

/* Root may read everything: become somebody else for a while. */
static void what_may_not_be_read_is_not_judged(void **state)
{
	AUTO_FIXTURE struct fixture fixture;
	uint64_t count = 99;
	uid_t user = geteuid();
	struct err err;
	int got;

	(void)state;
	fixture_make(&fixture);
	assert_int_equal(fchmodat(fixture.dir.fd, ".", 0755, 0), 0);
	assert_int_equal(fchmodat(fixture.tree, "a", 0, 0), 0);
	assert_int_equal(fchmodat(fixture.tree, "a.b", 0, 0), 0);
	if (user == 0)
		assert_int_equal(seteuid(12345), 0);
	got = check(&fixture, TREE_CHECK_CONTENT, &count, &err);
	if (user == 0)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(got, 0);
	assert_string_equal(buf_text(&fixture.found),
	                    "mode a\nunreadable a\nmode a.b\nunreadable a.b\n");
}

static int refuse(void *context, const struct tree_finding *finding,
                  struct err *err)
{
	(void)context;
	(void)finding;
	return err_set(err, ERR_LIMIT, 0, "enough");
}

static void the_caller_can_end_the_check(void **state)
{
	AUTO_FIXTURE struct fixture fixture;
	struct tree_check what = { .depth = TREE_CHECK_NAMES, .found = refuse };
	uint64_t count = 99;
	struct err err;

	(void)state;
	fixture_make(&fixture);
	remove_all(fixture.tree);
	what.tree = fixture.tree;
	what.mtree = fixture.mtree;
	assert_int_equal(tree_check(&what, &count, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(count, 99);
}

static void another_mtree_than_that_of_release_ini_is_refused(void **state)
{
	AUTO_FIXTURE struct fixture fixture;
	uint64_t count = 99;
	struct err err;

	(void)state;
	fixture_make(&fixture);
	fixture.release.entries++;
	assert_int_equal(check(&fixture, TREE_CHECK_NAMES, &count, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
	fixture.release.entries--;
	assert_int_equal(ftruncate(fixture.mtree, 20), 0);
	assert_int_equal(check(&fixture, TREE_CHECK_NAMES, &count, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
	assert_int_equal(count, 99);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_difference_is_found),
		cmocka_unit_test(names_alone_do_not_tell_content),
		cmocka_unit_test(another_owner_is_found),
		cmocka_unit_test(what_may_not_be_read_is_not_judged),
		cmocka_unit_test(the_caller_can_end_the_check),
		cmocka_unit_test(
			another_mtree_than_that_of_release_ini_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
