/* SPDX-License-Identifier: Apache-2.0 */
#include "temp_dir.h"

#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "crypto/sha256.h"
#include "pack/zip_folder.h"

static const char *const nothing[] = { NULL };
static const char *const skipped[] = { "skip", NULL };

static void write_file(int dir, const char *name, const char *text, mode_t mode)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC, mode);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static int make_folder(const struct temp_dir *temp, const char *name)
{
	int fd;

	assert_int_equal(mkdirat(temp->fd, name, 0700), 0);
	fd = openat(temp->fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(fd >= 0);
	return fd;
}

static void read_zip(const struct temp_dir *temp, const char *name,
                     struct buf *out)
{
	struct err err;
	int fd = openat(temp->fd, name, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(fs_read_fd(fd, out, &err), 0);
	close(fd);
}

static void times_modes_and_what_is_skipped_make_no_difference(void **state)
{
	static const struct timespec old[2] = { { 1000, 0 }, { 1000, 0 } };
	AUTO(temp_dir_remove) struct temp_dir temp = temp_dir_make_in("/tmp");
	AUTO_BUF struct buf one = BUF_NONE;
	AUTO_BUF struct buf two = BUF_NONE;
	AUTO_CLOSE int a = make_folder(&temp, "a");
	AUTO_CLOSE int b = make_folder(&temp, "b");
	struct err err;

	(void)state;
	write_file(a, "x", "same", 0600);
	write_file(a, "y", "", 0755);
	write_file(b, "y", "", 0711);
	write_file(b, "x", "same", 0664);
	write_file(b, "skip", "this", 0644);
	assert_int_equal(utimensat(b, "x", old, 0), 0);
	assert_int_equal(zip_folder(a, nothing, temp.fd, "1", &err), 0);
	assert_int_equal(zip_folder(b, skipped, temp.fd, "2", &err), 0);
	read_zip(&temp, "1", &one);
	read_zip(&temp, "2", &two);
	assert_int_equal(one.len, two.len);
	assert_memory_equal(one.data, two.data, one.len);
	assert_memory_equal(one.data, "PK\3\4", 4);
}

static void what_is_there_is_replaced(void **state)
{
	AUTO(temp_dir_remove) struct temp_dir temp = temp_dir_make_in("/tmp");
	AUTO_BUF struct buf zip = BUF_NONE;
	AUTO_CLOSE int a = make_folder(&temp, "a");
	struct err err;

	(void)state;
	write_file(a, "x", "one", 0644);
	write_file(temp.fd, "zip", "other", 0644);
	write_file(temp.fd, ".zip.new", "leftover", 0644);
	assert_int_equal(zip_folder(a, nothing, temp.fd, "zip", &err), 0);
	read_zip(&temp, "zip", &zip);
	assert_memory_equal(zip.data, "PK\3\4", 4);
	assert_int_equal(faccessat(temp.fd, ".zip.new", F_OK, 0), -1);
}

static void refuses_links_fifos_and_nothing(void **state)
{
	AUTO(temp_dir_remove) struct temp_dir temp = temp_dir_make_in("/tmp");
	AUTO_CLOSE int link = make_folder(&temp, "link");
	AUTO_CLOSE int fifo = make_folder(&temp, "fifo");
	AUTO_CLOSE int empty = make_folder(&temp, "empty");
	const int folders[] = { link, fifo, empty };
	static const char *const wants[] = { "'l'", "'f'", "nothing" };
	char text[1024];
	struct err err;

	(void)state;
	assert_int_equal(symlinkat("/etc/passwd", link, "l"), 0);
	assert_int_equal(mkfifoat(fifo, "f", 0600), 0);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(
			zip_folder(folders[i], nothing, temp.fd, "zip", &err),
			-1);
		assert_int_equal(err.code, ERR_FORMAT);
		assert_non_null(
			strstr(err_format(&err, text, sizeof text), wants[i]));
		assert_int_equal(faccessat(temp.fd, "zip", F_OK, 0), -1);
	}
}

static void a_file_above_the_limit_is_refused_before_it_is_read(void **state)
{
	AUTO(temp_dir_remove) struct temp_dir temp = temp_dir_make_in("/tmp");
	AUTO_CLOSE int a = make_folder(&temp, "a");
	AUTO_CLOSE int fd =
		openat(a, "x", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	struct err err;

	(void)state;
	assert_int_equal(ftruncate(fd, (off_t)ZIP_FILE_MAX + 1), 0);
	assert_int_equal(zip_folder(a, nothing, temp.fd, "zip", &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(faccessat(temp.fd, "zip", F_OK, 0), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			times_modes_and_what_is_skipped_make_no_difference),
		cmocka_unit_test(what_is_there_is_replaced),
		cmocka_unit_test(refuses_links_fifos_and_nothing),
		cmocka_unit_test(
			a_file_above_the_limit_is_refused_before_it_is_read),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
