/* SPDX-License-Identifier: Apache-2.0 */
#include "store/spool.h"

#include <errno.h>
#include <sys/file.h>
#include <sys/syscall.h>

#include "temp_dir.h"

#include "base/fs.h"

#define FOLDER        "var/lib/tidegate/.spool"

#define AUTO_TEMP_DIR AUTO(temp_dir_remove)

/* Whoever had it removes it between an opening and its lock, so often. */
static struct {
	int root;
	const char *path;
	unsigned times;
} removal;

int flock(int fd, int operation)
{
	if (removal.times > 0) {
		removal.times--;
		assert_int_equal(unlinkat(removal.root, removal.path, 0), 0);
	}
	return (int)syscall(SYS_flock, fd, operation);
}

static int open_spool(int root, const char *app, bool expected)
{
	bool is_begun = !expected;
	struct err err;
	int fd = spool_open(root, app, &is_begun, &err);

	if (fd < 0)
		fail_msg("%s", err.text);
	assert_int_equal(is_begun, expected);
	return fd;
}

static void a_spool_is_kept_until_it_is_removed(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	char text[5] = "";
	struct err err;
	int fd;

	(void)state;
	fd = open_spool(dir.fd, "demo", false);
	assert_int_equal(pwrite(fd, "bytes", 5, 500), 5);
	(void)close(fd);
	fd = open_spool(dir.fd, "demo", true);
	assert_int_equal(pread(fd, text, 5, 500), 5);
	assert_memory_equal(text, "bytes", 5);
	(void)close(fd);
	fd = spool_peek(dir.fd, "demo", &err);
	assert_int_equal(pread(fd, text, 5, 500), 5);
	(void)close(fd);
	assert_int_equal(mode_of(dir.fd, FOLDER), 0700);
	assert_int_equal(mode_of(dir.fd, FOLDER "/demo.part"), 0600);
	assert_int_equal(spool_remove(dir.fd, "demo", &err), 0);
	assert_false(is_there(dir.fd, FOLDER "/demo.part"));
	assert_int_equal(spool_remove(dir.fd, "demo", &err), 0);
}

static void removing_where_nothing_was_fetched_is_no_error(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	struct err err;

	(void)state;
	assert_int_equal(spool_remove(dir.fd, "demo", &err), 0);
	assert_int_equal(spool_peek(dir.fd, "demo", &err), -1);
	assert_int_equal(err.sys, ENOENT);
	assert_false(is_there(dir.fd, "var"));
}

static void one_run_has_it_at_a_time(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	int fd = open_spool(dir.fd, "demo", false);
	int other = open_spool(dir.fd, "other", false);
	bool is_begun;
	struct err err;

	(void)state;
	assert_int_equal(spool_open(dir.fd, "demo", &is_begun, &err), -1);
	assert_int_equal(err.code, ERR_LOCKED);
	(void)close(fd);
	(void)close(other);
	(void)close(open_spool(dir.fd, "demo", false));
}

static void a_lock_counts_on_the_file_that_has_the_name(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	struct stat opened, named;
	bool is_begun;
	struct err err;
	int fd;

	(void)state;
	removal.root = dir.fd;
	removal.path = FOLDER "/demo.part";
	removal.times = SPOOL_TRIES - 1;
	fd = open_spool(dir.fd, "demo", false);
	assert_int_equal(fstat(fd, &opened), 0);
	assert_int_equal(fstatat(dir.fd, removal.path, &named, 0), 0);
	assert_true(opened.st_ino == named.st_ino);
	assert_int_equal(spool_open(dir.fd, "demo", &is_begun, &err), -1);
	assert_int_equal(err.code, ERR_LOCKED);
	(void)close(fd);

	removal.times = SPOOL_TRIES;
	assert_int_equal(spool_open(dir.fd, "demo", &is_begun, &err), -1);
	assert_int_equal(err.code, ERR_LOCKED);
	assert_int_equal(removal.times, 0);
}

static void what_is_no_file_is_not_written_to(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	bool is_begun;
	struct err err;

	(void)state;
	(void)close(open_spool(dir.fd, "demo", false));
	put_link(dir.fd, FOLDER "/linked.part", "/etc/passwd");
	assert_int_equal(spool_open(dir.fd, "linked", &is_begun, &err), -1);
	assert_int_equal(err.code, ERR_SYSTEM);
	put_dir(dir.fd, FOLDER "/folder.part");
	assert_int_equal(spool_open(dir.fd, "folder", &is_begun, &err), -1);
	assert_int_equal(fchmodat(dir.fd, FOLDER, 0777, 0), 0);
	assert_int_equal(spool_open(dir.fd, "demo", &is_begun, &err), -1);
	assert_int_equal(err.code, ERR_UNTRUSTED);
}

#define PATCH_AT   ((uint64_t)1 << 20)
#define PATCH_SIZE ((uint64_t)1 << 20)

/* How many bytes count as begun of a patch of which @len came; its note is of
 * @noted. */
static uint64_t begun_of(uint64_t len, const uint8_t noted[PART_DIGEST_LEN])
{
	static const uint8_t sha256[PART_DIGEST_LEN] = { 1, 2, 3 };
	const struct spool_patch patch = { PATCH_AT, PATCH_SIZE, sha256 };
	const struct spool_patch other = { PATCH_AT, PATCH_SIZE, noted };
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	AUTO_FREE char *bytes = calloc(1, PATCH_SIZE);
	AUTO_CLOSE int fd = open_spool(dir.fd, "demo", false);
	struct err err;

	assert_non_null(bytes);
	memset(bytes, 'x', PATCH_SIZE);
	assert_int_equal(ftruncate(fd, (off_t)spool_patch_end(&patch)), 0);
	assert_int_equal(spool_note_patch(fd, &other, &err), 0);
	assert_int_equal(pwrite(fd, bytes, len, (off_t)PATCH_AT), len);
	return spool_begun_patch(fd, &patch);
}

static void what_came_of_a_patch_counts_but_for_its_end(void **state)
{
	static const uint8_t same[PART_DIGEST_LEN] = { 1, 2, 3 };
	static const uint8_t other[PART_DIGEST_LEN] = { 1, 2, 4 };
	uint64_t half = PATCH_SIZE / 2;

	(void)state;
	assert_int_equal(begun_of(half, same), half - SPOOL_TORN);
	assert_int_equal(begun_of(SPOOL_TORN, same), 0);
	assert_int_equal(begun_of(0, same), 0);
	/* Never all of it, so that there is always something to fetch. */
	assert_int_equal(begun_of(PATCH_SIZE, same), PATCH_SIZE - SPOOL_TORN);
	assert_int_equal(begun_of(half, other), 0);
}

static void a_spool_of_something_else_has_no_patch(void **state)
{
	static const uint8_t sha256[PART_DIGEST_LEN] = { 1 };
	const struct spool_patch patch = { PATCH_AT, PATCH_SIZE, sha256 };
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	AUTO_CLOSE int fd = open_spool(dir.fd, "demo", false);
	off_t end = (off_t)spool_patch_end(&patch);
	struct err err;

	(void)state;
	assert_int_equal(spool_begun_patch(-1, &patch), 0);
	assert_int_equal(spool_begun_patch(fd, &patch), 0);
	assert_int_equal(ftruncate(fd, end), 0);
	assert_int_equal(spool_note_patch(fd, &patch, &err), 0);
	assert_int_equal(ftruncate(fd, end + 1), 0);
	assert_int_equal(spool_begun_patch(fd, &patch), 0);
	assert_int_equal(ftruncate(fd, end - 1), 0);
	assert_int_equal(spool_begun_patch(fd, &patch), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_spool_is_kept_until_it_is_removed),
		cmocka_unit_test(
			removing_where_nothing_was_fetched_is_no_error),
		cmocka_unit_test(one_run_has_it_at_a_time),
		cmocka_unit_test(a_lock_counts_on_the_file_that_has_the_name),
		cmocka_unit_test(what_is_no_file_is_not_written_to),
		cmocka_unit_test(what_came_of_a_patch_counts_but_for_its_end),
		cmocka_unit_test(a_spool_of_something_else_has_no_patch),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
