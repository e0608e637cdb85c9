/* SPDX-License-Identifier: Apache-2.0 */
/* What --record keeps: which files it knows, and what it refuses to read. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fs.h"
#include "health/tree_record.h"
#include "temp_dir.h"

#define ENTRIES  3
#define BEGAN_NS INT64_C(1700000000000000000)

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

/* The record of whoever runs the tests. */
static const char *file(void)
{
	static char path[FS_PATH_MAX];

	(void)snprintf(path, sizeof path, RECORD_FOLDER "/shop@%u.record",
	               geteuid());
	return path;
}

/* How many files the folder of the records holds. */
static size_t count_files(int root)
{
	AUTO_CLOSE int folder = fs_open_dir(root, RECORD_FOLDER, &err);
	char **names;
	size_t count;

	assert_true(folder >= 0);
	assert_int_equal(fs_list(folder, 100, &names, &count, &err), 0);
	fs_list_free(names, count);
	return count;
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
	assert_int_equal(count_files(dir.fd), 1);
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
	assert_int_equal(count_files(dir.fd), 1);
	temp_dir_remove(&dir);
}

static void two_that_record_at_once_do_not_meet(void **state)
{
	struct temp_dir dir = temp_dir_make();
	struct record_writer first = RECORD_WRITER_NONE;
	AUTO_TREE_RECORD struct tree_record record = TREE_RECORD_NONE;

	(void)state;
	assert_int_equal(mkdirat(dir.fd, "var", 0755), 0);
	assert_int_equal(mkdirat(dir.fd, "var/lib", 0755), 0);
	assert_int_equal(record_writer_begin(dir.fd, "shop", &first, &err), 0);
	write_record(dir.fd);
	assert_int_equal(load(dir.fd, ENTRIES, &record), 1);
	assert_int_equal(record_writer_commit(&first, &err), 0);
	tree_record_done(&record);
	assert_int_equal(load(dir.fd, ENTRIES, &record), 0); /* it was empty */
	record_writer_done(&first);
	assert_int_equal(count_files(dir.fd), 1);
	temp_dir_remove(&dir);
}

static void what_a_killed_run_left_goes_after_a_day(void **state)
{
	static const struct timespec old[2] = { { 1700000000, 0 },
		                                { 1700000000, 0 } };
	struct temp_dir dir = temp_dir_make();
	struct record_writer left = RECORD_WRITER_NONE;
	struct record_writer busy = RECORD_WRITER_NONE;

	(void)state;
	assert_int_equal(mkdirat(dir.fd, "var", 0755), 0);
	assert_int_equal(mkdirat(dir.fd, "var/lib", 0755), 0);
	assert_int_equal(record_writer_begin(dir.fd, "shop", &left, &err), 0);
	assert_int_equal(record_writer_begin(dir.fd, "shop", &busy, &err), 0);
	assert_int_equal(futimens(left.fd, old), 0);
	write_record(dir.fd);
	assert_int_equal(count_files(dir.fd), 2);
	record_writer_done(&left);
	record_writer_done(&busy);
	assert_int_equal(count_files(dir.fd), 1);
	temp_dir_remove(&dir);
}

/* root's may be rewritten by root alone, whatever its name says. */
static void a_record_of_another_owner_is_refused(void **state)
{
	struct temp_dir dir = temp_dir_make();
	AUTO_TREE_RECORD struct tree_record record = TREE_RECORD_NONE;

	(void)state;
	assert_int_equal(mkdirat(dir.fd, "var", 0755), 0);
	assert_int_equal(mkdirat(dir.fd, "var/lib", 0755), 0);
	write_record(dir.fd);
	if (geteuid() == 0) {
		assert_int_equal(fchownat(dir.fd, file(), 12345, 0, 0), 0);
		assert_int_equal(load(dir.fd, ENTRIES, &record), -1);
		assert_int_equal(err.code, ERR_UNTRUSTED);
	}
	assert_int_equal(renameat(dir.fd, file(), dir.fd,
	                          RECORD_FOLDER "/shop@12345.record"),
	                 0);
	assert_int_equal(load(dir.fd, ENTRIES, &record), 0);
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
		fd = openat(dir.fd, file(), O_WRONLY | O_CLOEXEC);
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
	assert_int_equal(fchmodat(dir.fd, file(), 0664, 0), 0);
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
		cmocka_unit_test(two_that_record_at_once_do_not_meet),
		cmocka_unit_test(what_a_killed_run_left_goes_after_a_day),
		cmocka_unit_test(a_record_of_another_owner_is_refused),
		cmocka_unit_test(what_is_damaged_is_refused),
		cmocka_unit_test(another_number_of_entries_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
