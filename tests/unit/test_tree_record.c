/* SPDX-License-Identifier: Apache-2.0 */
/* What --record keeps: which files it knows, and what it refuses to read. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fs.h"
#include "health/tree_record.h"
#include "temp_dir.h"

#define ENTRIES  3
#define BEGAN_NS INT64_C(1700000000000000000)
#define FILE_    RECORD_FOLDER "/shop.record"

static struct err err;
static const uint8_t release[SHA256_LEN] = { 1 };
static const uint8_t other[SHA256_LEN] = { 2 };

static struct stat stat_of(int64_t changed_ns)
{
	return (struct stat){ .st_ino = 7,
		              .st_size = 11,
		              .st_mtim = { 13, 17 },
		              .st_ctim = { changed_ns / 1000000000,
		                           changed_ns % 1000000000 } };
}

struct time_case {
	const char *name;
	int64_t before_ns; /* changed so long before the check began */
	bool is_noted;
};

static const struct time_case times[] = {
	{ "a day before", INT64_C(86400000000000), true },
	{ "just long enough before", RECORD_SLACK_NS + 1, true },
	{ "a tick before", RECORD_SLACK_NS, false },
	{ "meanwhile", -1, false },
};

static void what_has_just_changed_is_not_noted(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		AUTO_TREE_RECORD struct tree_record record = TREE_RECORD_NONE;
		const struct stat st = stat_of(BEGAN_NS - times[i].before_ns);

		assert_int_equal(
			tree_record_new(ENTRIES, BEGAN_NS, &record, &err), 0);
		tree_record_note(&record, 1, &st);
		if (tree_record_knows(&record, 1, &st) != times[i].is_noted)
			fail_msg("%s", times[i].name);
		assert_false(tree_record_knows(&record, 0, &st));
		tree_record_note(&record, ENTRIES + 1, &st); /* out of range */
		assert_false(tree_record_knows(&record, ENTRIES + 1, &st));
	}
}

static void each_field_counts(void **state)
{
	AUTO_TREE_RECORD struct tree_record record = TREE_RECORD_NONE;
	const struct stat st = stat_of(5);
	struct stat changed[6] = { st, st, st, st, st, st };

	(void)state;
	changed[0].st_ino++;
	changed[1].st_size++;
	changed[2].st_mtim.tv_sec++;
	changed[3].st_mtim.tv_nsec++;
	changed[4].st_ctim.tv_sec++;
	changed[5].st_ctim.tv_nsec++;
	assert_int_equal(tree_record_new(ENTRIES, BEGAN_NS, &record, &err), 0);
	tree_record_note(&record, 0, &st);
	assert_true(tree_record_knows(&record, 0, &st));
	for (size_t i = 0; i < sizeof changed / sizeof changed[0]; i++)
		if (tree_record_knows(&record, 0, &changed[i]))
			fail_msg("field %zu", i);
}

/* Write a record of both releases below @root. */
static void write_record(int root)
{
	AUTO_RECORD_WRITER struct record_writer writer = RECORD_WRITER_NONE;
	AUTO_TREE_RECORD struct tree_record record = TREE_RECORD_NONE;
	const struct stat st = stat_of(5);

	assert_int_equal(record_writer_begin(root, "shop", &writer, &err), 0);
	assert_int_equal(tree_record_new(ENTRIES, BEGAN_NS, &record, &err), 0);
	assert_int_equal(record_writer_add(&writer, other, &record, &err), 0);
	tree_record_note(&record, ENTRIES, &st);
	assert_int_equal(record_writer_add(&writer, release, &record, &err), 0);
	assert_int_equal(record_writer_commit(&writer, &err), 0);
}

static int load(int root, uint64_t entries, struct tree_record *out)
{
	return tree_record_load(root, "shop", release, entries, out, &err);
}

static void what_is_written_is_read(void **state)
{
	struct temp_dir dir = temp_dir_make();
	AUTO_TREE_RECORD struct tree_record record = TREE_RECORD_NONE;
	const struct stat st = stat_of(5);

	(void)state;
	assert_int_equal(load(dir.fd, ENTRIES, &record), 0);
	assert_int_equal(mkdirat(dir.fd, "var", 0755), 0);
	assert_int_equal(mkdirat(dir.fd, "var/lib", 0755), 0);
	write_record(dir.fd);
	write_record(dir.fd); /* in place of the first */
	assert_int_equal(load(dir.fd, ENTRIES, &record), 1);
	assert_int_equal(record.count, ENTRIES + 1);
	assert_int_equal(record.time, BEGAN_NS / 1000000000);
	assert_true(tree_record_knows(&record, ENTRIES, &st));
	assert_false(tree_record_knows(&record, 0, &st));
	assert_int_equal(fs_exists(dir.fd, RECORD_FOLDER "/.shop.record.new",
	                           NULL, &err),
	                 0);
	temp_dir_remove(&dir);
}

static void a_writer_that_is_dropped_leaves_the_old_one(void **state)
{
	struct temp_dir dir = temp_dir_make();
	struct record_writer writer = RECORD_WRITER_NONE;
	AUTO_TREE_RECORD struct tree_record record = TREE_RECORD_NONE;

	(void)state;
	assert_int_equal(mkdirat(dir.fd, "var", 0755), 0);
	assert_int_equal(mkdirat(dir.fd, "var/lib", 0755), 0);
	write_record(dir.fd);
	assert_int_equal(record_writer_begin(dir.fd, "shop", &writer, &err), 0);
	record_writer_done(&writer);
	assert_int_equal(load(dir.fd, ENTRIES, &record), 1);
	assert_int_equal(fs_exists(dir.fd, RECORD_FOLDER "/.shop.record.new",
	                           NULL, &err),
	                 0);
	temp_dir_remove(&dir);
}

struct damage_case {
	const char *name;
	off_t size;   /* cut to it; -1: leave */
	off_t offset; /* overwrite 8 bytes there; -1: none */
	uint64_t word;
};

#define HEAD 16
#define ROW  48

static const struct damage_case damages[] = {
	{ "empty", 0, -1, 0 },
	{ "cut in the magic", HEAD - 1, -1, 0 },
	{ "another magic", -1, 0, 7 },
	{ "cut in a head", HEAD + 47, -1, 0 },
	{ "cut in the first rows", HEAD + 48 + ROW, -1, 0 },
	{ "cut in the last row", HEAD + 2 * 48 + 8 * ROW - 1, -1, 0 },
	{ "no rows", -1, HEAD + 32, 0 },
	{ "one row more than there can be", -1, HEAD + 32, 1000002 },
	{ "as many rows as wrap around", -1, HEAD + 32, UINT64_MAX / ROW + 2 },
};

static void what_is_damaged_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
		const struct damage_case *c = &damages[i];
		struct temp_dir dir = temp_dir_make();
		struct tree_record record = { .count = 99 };
		int fd;
		int got;

		assert_int_equal(mkdirat(dir.fd, "var", 0755), 0);
		assert_int_equal(mkdirat(dir.fd, "var/lib", 0755), 0);
		write_record(dir.fd);
		fd = openat(dir.fd, FILE_, O_WRONLY | O_CLOEXEC);
		assert_true(fd >= 0);
		if (c->size >= 0)
			assert_int_equal(ftruncate(fd, c->size), 0);
		if (c->offset >= 0)
			assert_int_equal(pwrite(fd, &c->word, 8, c->offset), 8);
		(void)close(fd);
		got = load(dir.fd, ENTRIES, &record);
		if (got != -1 || err.code != ERR_FORMAT || record.count != 99)
			fail_msg("%s: got %d, code %d", c->name, got,
			         (int)err.code);
		temp_dir_remove(&dir);
	}
}

static void another_number_of_entries_is_refused(void **state)
{
	struct temp_dir dir = temp_dir_make();
	struct tree_record record = TREE_RECORD_NONE;

	(void)state;
	assert_int_equal(mkdirat(dir.fd, "var", 0755), 0);
	assert_int_equal(mkdirat(dir.fd, "var/lib", 0755), 0);
	write_record(dir.fd);
	assert_int_equal(load(dir.fd, ENTRIES + 1, &record), -1);
	assert_int_equal(err.code, ERR_FORMAT);
	assert_int_equal(fchmodat(dir.fd, FILE_, 0664, 0), 0);
	assert_int_equal(load(dir.fd, ENTRIES, &record), -1);
	assert_int_equal(err.code, ERR_UNTRUSTED);
	temp_dir_remove(&dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_has_just_changed_is_not_noted),
		cmocka_unit_test(each_field_counts),
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(a_writer_that_is_dropped_leaves_the_old_one),
		cmocka_unit_test(what_is_damaged_is_refused),
		cmocka_unit_test(another_number_of_entries_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
