/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fs.h"

#include <errno.h>
#include <sys/wait.h>

#include "temp_dir.h"

static void assert_failed(int got, const struct err *err, enum err_code code,
                          int sys)
{
	assert_int_equal(got, -1);
	assert_int_equal(err->code, code);
	assert_int_equal(err->sys, sys);
}

static void no_link_on_the_way_is_followed(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	struct err err;

	(void)state;
	put_dir(dir.fd, "real");
	put_file(dir.fd, "real/file", "text");
	put_link(dir.fd, "way", "real");
	put_link(dir.fd, "link", "real/file");
	assert_failed(fs_open_dir(dir.fd, "way", &err), &err, ERR_SYSTEM,
	              ENOTDIR);
	assert_failed(fs_open_file(dir.fd, "way/file", &err), &err, ERR_SYSTEM,
	              ELOOP);
	assert_failed(fs_open_file(dir.fd, "link", &err), &err, ERR_SYSTEM,
	              ELOOP);
	assert_failed(fs_open_file(dir.fd, "real/../../x", &err), &err,
	              ERR_SYSTEM, EXDEV);
	assert_failed(fs_open_file(dir.fd, "/etc/passwd", &err), &err,
	              ERR_SYSTEM, EXDEV);
}

static void only_regular_files_are_read(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	struct err err;

	(void)state;
	assert_int_equal(mkfifoat(dir.fd, "fifo", 0600), 0);
	put_dir(dir.fd, "dir");
	assert_failed(fs_open_file(dir.fd, "fifo", &err), &err, ERR_FORMAT, 0);
	assert_failed(fs_open_file(dir.fd, "dir", &err), &err, ERR_FORMAT, 0);
	assert_failed(fs_open_file(dir.fd, "none", &err), &err, ERR_SYSTEM,
	              ENOENT);
	assert_failed(fs_open_anchor("/nonexistent", &err), &err, ERR_SYSTEM,
	              ENOENT);
}

/* Of @dir's file @name, by its path. */
static int open_given(const struct temp_dir *dir, const char *name,
                      struct err *err)
{
	AUTO_BUF struct buf path = BUF_NONE;

	assert_int_equal(buf_printf(&path, err, "%s/%s", dir->path, name), 0);
	return fs_open_given(buf_text(&path), err);
}

static void a_file_that_the_user_named_may_be_behind_links(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	AUTO_BUF struct buf text = BUF_NONE;
	AUTO_CLOSE int fd = -1;
	struct err err;

	(void)state;
	assert_int_equal(mkfifoat(dir.fd, "fifo", 0600), 0);
	put_dir(dir.fd, "real");
	put_file(dir.fd, "real/file", "text");
	put_link(dir.fd, "way", "real");
	put_link(dir.fd, "real/link", "file");
	assert_failed(open_given(&dir, "fifo", &err), &err, ERR_USAGE, 0);
	assert_failed(open_given(&dir, "way", &err), &err, ERR_USAGE, 0);
	assert_failed(open_given(&dir, "none", &err), &err, ERR_SYSTEM, ENOENT);
	fd = open_given(&dir, "way/link", &err);
	assert_int_equal(fs_read_fd(fd, &text, &err), 0);
	assert_string_equal(buf_text(&text), "text");
}

static void a_trusted_file_is_written_by_its_owner_alone(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	AUTO_BUF struct buf text = BUF_NONE;
	struct err err;

	(void)state;
	put_file(dir.fd, "file", "text");
	assert_int_equal(fs_read_trusted(dir.fd, "file", &text, &err), 1);
	assert_string_equal(buf_text(&text), "text");
	assert_int_equal(fs_read_trusted(dir.fd, "none", &text, &err), 0);
	assert_int_equal(fchmodat(dir.fd, "file", 0664, 0), 0);
	assert_failed(fs_read_trusted(dir.fd, "file", &text, &err), &err,
	              ERR_UNTRUSTED, 0);
	assert_int_equal(fchmodat(dir.fd, "file", 0646, 0), 0);
	assert_failed(fs_open_trusted(dir.fd, "file", &err), &err,
	              ERR_UNTRUSTED, 0);
	assert_int_equal(fchmodat(dir.fd, "file", 0644, 0), 0);
	if (geteuid() == 0) {
		assert_int_equal(fchownat(dir.fd, "file", 12345, 0, 0), 0);
		assert_failed(fs_open_trusted(dir.fd, "file", &err), &err,
		              ERR_UNTRUSTED, 0);
	}
}

static void ancestors_that_others_may_write_are_refused(void **state)
{
	/* Below the sticky /tmp. */
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	AUTO_CLOSE int below = -1;
	struct err err;

	(void)state;
	put_dir(dir.fd, "a");
	put_dir(dir.fd, "a/b");
	below = fs_open_dir(dir.fd, "a/b", &err);
	assert_int_equal(fs_check_ancestors(below, &err), 0);
	assert_int_equal(fchmodat(dir.fd, "a", 0775, 0), 0);
	assert_failed(fs_check_ancestors(below, &err), &err, ERR_UNTRUSTED, 0);
	assert_non_null(strstr(err.text, dir.path));
	assert_int_equal(fchmodat(dir.fd, "a", 01777, 0), 0);
	assert_int_equal(fs_check_ancestors(below, &err), 0);
	/* In a sticky folder itself, others could add names of ours. */
	assert_int_equal(fchmodat(dir.fd, "a/b", 01777, 0), 0);
	assert_failed(fs_check_ancestors(below, &err), &err, ERR_UNTRUSTED, 0);
	assert_int_equal(fchmodat(dir.fd, "a/b", 0755, 0), 0);
	if (geteuid() == 0) {
		assert_int_equal(fchownat(dir.fd, "a", 12345, 0, 0), 0);
		assert_failed(fs_check_ancestors(below, &err), &err,
		              ERR_UNTRUSTED, 0);
	}
}

/* A link of 4000 slashes, and as many behind it as fill @len bytes. */
static int open_of_length(const struct temp_dir *dir, size_t len,
                          struct err *err)
{
	char path[FS_PATH_MAX];
	int n = snprintf(path, sizeof path, "%s/long", dir->path);
	size_t rest = len - 4000 - 1;

	assert_true(n > 0);
	(void)memset(path + n, '/', rest);
	path[(size_t)n + rest] = '\0';
	return fs_open_guarded(path, err);
}

static void a_guarded_path_is_no_longer_than_others(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	char path[FS_PATH_MAX + 1];
	struct err err;
	int fd;

	(void)state;
	(void)memset(path, '/', sizeof path);
	path[4000] = '\0';
	put_link(dir.fd, "long", path);
	path[4000] = '/';
	path[FS_PATH_MAX] = '\0';
	assert_failed(fs_open_guarded(path, &err), &err, ERR_LIMIT, 0);
	path[FS_PATH_MAX - 1] = '\0';
	fd = fs_open_guarded(path, &err);
	assert_true(fd >= 0);
	(void)close(fd);
	fd = open_of_length(&dir, FS_PATH_MAX - 1, &err);
	assert_true(fd >= 0);
	(void)close(fd);
	assert_failed(open_of_length(&dir, FS_PATH_MAX, &err), &err, ERR_LIMIT,
	              0);
}

/* What lies in "real" is there; by any of its links too, where they are ours.
 */
static int open_guarded_in(const struct temp_dir *dir, const char *path,
                           struct err *err)
{
	char whole[FS_PATH_MAX];

	(void)snprintf(whole, sizeof whole, "%s/%s", dir->path, path);
	return fs_open_guarded(whole, err);
}

static void assert_leads_to(const struct temp_dir *dir, const char *path,
                            const char *want)
{
	struct err err;
	AUTO_CLOSE int fd = open_guarded_in(dir, path, &err);
	struct stat got;
	struct stat st;

	if (fd < 0)
		fail_msg("%s: %s", path, err.text);
	assert_int_equal(fstat(fd, &got), 0);
	assert_int_equal(fstatat(dir->fd, want, &st, 0), 0);
	if (got.st_ino != st.st_ino)
		fail_msg("%s does not lead to %s", path, want);
}

static void a_guarded_path_follows_links_of_ours(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	char target[FS_PATH_MAX];

	(void)state;
	put_dir(dir.fd, "real");
	put_dir(dir.fd, "real/inner");
	put_link(dir.fd, "way", "real");
	put_link(dir.fd, "real/up", "../way/inner");
	(void)snprintf(target, sizeof target, "%s/way//inner/.", dir.path);
	put_link(dir.fd, "whole", target);
	assert_leads_to(&dir, "real", "real");
	assert_leads_to(&dir, "way/", "real");
	assert_leads_to(&dir, "way/up", "real/inner");
	assert_leads_to(&dir, "whole", "real/inner");
	assert_leads_to(&dir, "whole/../../way/./inner//", "real/inner");
	assert_leads_to(&dir, "", ".");
}

static void a_guarded_path_follows_no_link_of_others(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	struct err err;

	(void)state;
	put_dir(dir.fd, "real");
	put_dir(dir.fd, "open");
	put_dir(dir.fd, "open/inner");
	put_link(dir.fd, "open/way", "../real");
	assert_int_equal(fchmodat(dir.fd, "open", 0775, 0), 0);
	assert_failed(open_guarded_in(&dir, "open/way", &err), &err,
	              ERR_UNTRUSTED, 0);
	assert_leads_to(&dir, "open/inner", "open/inner");
	assert_int_equal(fchmodat(dir.fd, "open", 01777, 0), 0);
	assert_leads_to(&dir, "open/way", "real");
	if (geteuid() != 0)
		return;
	assert_int_equal(
		fchownat(dir.fd, "open/way", 12345, 0, AT_SYMLINK_NOFOLLOW), 0);
	assert_failed(open_guarded_in(&dir, "open/way", &err), &err,
	              ERR_UNTRUSTED, 0);
	assert_int_equal(
		fchownat(dir.fd, "open/way", 0, 0, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(fchownat(dir.fd, "open", 12345, 0, 0), 0);
	assert_failed(open_guarded_in(&dir, "open/way", &err), &err,
	              ERR_UNTRUSTED, 0);
}

static void a_guarded_path_has_limits(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	char name[16];
	char target[16];
	char path[FS_NAME_MAX + 1];
	struct err err;

	(void)state;
	put_dir(dir.fd, "l0");
	for (unsigned i = 1; i <= FS_LINKS_MAX + 1; i++) {
		(void)snprintf(name, sizeof name, "l%u", i);
		(void)snprintf(target, sizeof target, "l%u", i - 1);
		put_link(dir.fd, name, target);
	}
	(void)snprintf(name, sizeof name, "l%u", FS_LINKS_MAX);
	assert_leads_to(&dir, name, "l0");
	(void)snprintf(name, sizeof name, "l%u", FS_LINKS_MAX + 1);
	assert_failed(open_guarded_in(&dir, name, &err), &err, ERR_SYSTEM,
	              ELOOP);
	put_link(dir.fd, "loop", "loop/x");
	assert_failed(open_guarded_in(&dir, "loop", &err), &err, ERR_SYSTEM,
	              ELOOP);
	(void)memset(path, 'x', FS_NAME_MAX);
	path[FS_NAME_MAX] = '\0';
	assert_failed(fs_open_guarded(path, &err), &err, ERR_SYSTEM,
	              ENAMETOOLONG);
	put_file(dir.fd, "file", "text");
	assert_failed(open_guarded_in(&dir, "file", &err), &err, ERR_SYSTEM,
	              ENOTDIR);
	assert_failed(open_guarded_in(&dir, "none/x", &err), &err, ERR_SYSTEM,
	              ENOENT);
}

static void existence_is_asked_without_following(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	struct stat st = { .st_size = 4711 };
	struct err err;

	(void)state;
	put_file(dir.fd, "file", "12345");
	put_link(dir.fd, "dangling", "nowhere");
	assert_int_equal(fs_exists(dir.fd, "none", &st, &err), 0);
	assert_int_equal(fs_exists(dir.fd, "file/x", &st, &err), 0);
	assert_int_equal(st.st_size, 4711);
	assert_int_equal(fs_exists(dir.fd, "file", &st, &err), 1);
	assert_int_equal(st.st_size, 5);
	assert_int_equal(fs_exists(dir.fd, "dangling", &st, &err), 1);
	assert_true(S_ISLNK(st.st_mode));
	assert_failed(fs_exists(dir.fd, "../x", NULL, &err), &err, ERR_SYSTEM,
	              EXDEV);
}

static void reading_ends_at_the_limit(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	struct err err;

	(void)state;
	put_file(dir.fd, "file", "12345");
	for (size_t max = 0; max < 8; max++) {
		AUTO_BUF struct buf text = BUF_LIMIT(max);
		AUTO_CLOSE int fd = fs_open_file(dir.fd, "file", &err);
		int got = fs_read_fd(fd, &text, &err);

		if (got != (max < 5 ? -1 : 0))
			fail_msg("limit %zu: got %d", max, got);
		if (got < 0)
			assert_int_equal(err.code, ERR_LIMIT);
		else
			assert_string_equal(buf_text(&text), "12345");
	}
}

static void links_are_read(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	char target[FS_PATH_MAX] = "untouched";
	struct err err;

	(void)state;
	put_file(dir.fd, "file", "");
	put_link(dir.fd, "link", "some/where");
	assert_int_equal(fs_read_link(dir.fd, "none", target, &err), 0);
	assert_failed(fs_read_link(dir.fd, "file", target, &err), &err,
	              ERR_FORMAT, 0);
	assert_string_equal(target, "untouched");
	assert_int_equal(fs_read_link(dir.fd, "link", target, &err), 1);
	assert_string_equal(target, "some/where");
}

static void the_longest_link_is_read(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	char target[FS_PATH_MAX];
	char got[FS_PATH_MAX];
	struct err err;

	(void)state;
	memset(target, 'x', sizeof target - 1);
	target[sizeof target - 1] = '\0';
	put_link(dir.fd, "link", target);
	assert_int_equal(fs_read_link(dir.fd, "link", got, &err), 1);
	assert_string_equal(got, target);
}

static void names_are_listed_in_byte_order_up_to_a_limit(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	char **names = NULL;
	size_t count = 0;
	struct err err;

	(void)state;
	assert_int_equal(fs_list(dir.fd, 0, &names, &count, &err), 0);
	fs_list_free(names, count);
	names = NULL;
	put_file(dir.fd, "b", "");
	put_file(dir.fd, "a.b", "");
	put_file(dir.fd, "a", "");
	put_file(dir.fd, "\xff", "");
	assert_int_equal(fs_list(dir.fd, 3, &names, &count, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_null(names);
	assert_int_equal(fs_list(dir.fd, 4, &names, &count, &err), 0);
	assert_int_equal(count, 4);
	assert_string_equal(names[0], "a");
	assert_string_equal(names[1], "a.b");
	assert_string_equal(names[2], "b");
	assert_string_equal(names[3], "\xff");
	fs_list_free(names, count);
}

static void reading_beyond_the_end_is_refused(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	AUTO_CLOSE int fd = -1;
	char text[6] = "";
	struct err err;

	(void)state;
	put_file(dir.fd, "file", "12345");
	fd = fs_open_file(dir.fd, "file", &err);
	assert_int_equal(fs_read_at(fd, 2, text, 3, &err), 0);
	assert_string_equal(text, "345");
	assert_failed(fs_read_at(fd, 3, text, 3, &err), &err, ERR_FORMAT, 0);
	assert_failed(fs_read_at(-1, 0, text, 1, &err), &err, ERR_SYSTEM,
	              EBADF);
}

/* Which of the three are open for writing, as bits; 8: one is not open. */
static int writable_standard_fds(void)
{
	int found = 0;

	for (int fd = 0; fd <= STDERR_FILENO; fd++) {
		int flags = fcntl(fd, F_GETFL);

		if (flags < 0)
			return 8;
		if ((flags & O_ACCMODE) != O_RDONLY)
			found |= 1 << fd;
	}
	return found;
}

static int reserve_without(int closed)
{
	int null = open("/dev/null", O_RDWR);
	int status = -1;
	pid_t child = fork();

	if (child == 0) {
		struct err err;

		for (int fd = 0; fd <= STDERR_FILENO; fd++) {
			(void)dup2(null, fd);
			if ((closed & 1 << fd) != 0)
				(void)close(fd);
		}
		_exit(fs_reserve_standard(&err) < 0 ? 9
		                                    : writable_standard_fds());
	}
	(void)close(null);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void no_file_becomes_a_standard_descriptor(void **state)
{
	int before = dup(STDIN_FILENO);
	struct err err;

	(void)state;
	for (int closed = 0; closed < 8; closed++)
		assert_int_equal(reserve_without(closed), 7 & ~closed);
	assert_int_equal(fs_reserve_standard(&err), 0);
	(void)close(before);
	assert_int_equal(dup(STDIN_FILENO), before); /* nothing stays open */
	(void)close(before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_file_becomes_a_standard_descriptor),
		cmocka_unit_test(no_link_on_the_way_is_followed),
		cmocka_unit_test(only_regular_files_are_read),
		cmocka_unit_test(
			a_file_that_the_user_named_may_be_behind_links),
		cmocka_unit_test(a_trusted_file_is_written_by_its_owner_alone),
		cmocka_unit_test(ancestors_that_others_may_write_are_refused),
		cmocka_unit_test(a_guarded_path_follows_links_of_ours),
		cmocka_unit_test(a_guarded_path_follows_no_link_of_others),
		cmocka_unit_test(a_guarded_path_has_limits),
		cmocka_unit_test(a_guarded_path_is_no_longer_than_others),
		cmocka_unit_test(existence_is_asked_without_following),
		cmocka_unit_test(reading_ends_at_the_limit),
		cmocka_unit_test(links_are_read),
		cmocka_unit_test(the_longest_link_is_read),
		cmocka_unit_test(names_are_listed_in_byte_order_up_to_a_limit),
		cmocka_unit_test(reading_beyond_the_end_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
