/* SPDX-License-Identifier: Apache-2.0 */
/* What reads a host and its store, with the n-th allocation failing, for all n:
 * an error that says so, never another picture of the host; no block and no
 * descriptor is left. */
#include "../unit/temp_release.h"
#include "../unit/temp_store.h"

#include <errno.h>

#include "short_memory.h"
#include "store/history.h"
#include "store/package_stage.h"
#include "store/releases.h"
#include "trust/configured.h"

#define ALLOCATION_MAX 5000 /* of one call; more is a loop */

#define PUBLIC_KEY     "tests/fuzz/seeds/minisign/public"

static struct temp_store host;

static int list(struct err *err)
{
	AUTO_INSTALLED struct installed_list installed = INSTALLED_NONE;

	if (store_list(&host.store, &installed, err) < 0)
		return -1;
	assert_int_equal(installed.count, 2);
	for (size_t i = 0; i < installed.count; i++)
		assert_false(installed.items[i].is_damaged);
	assert_true(installed.items[1].is_current);
	return 0;
}

static int list_after(struct err *err)
{
	AUTO_INSTALLED struct installed_list installed = INSTALLED_NONE;

	if (store_list_after(&host.store, "3.0", 3, &installed, err) < 0)
		return -1;
	assert_int_equal(installed.count, 3);
	assert_true(installed.items[1].is_previous);
	return 0;
}

static int receipt(struct err *err)
{
	static struct receipt read;

	return store_receipt(&host.store, "2.0", &read, err) == 1 ? 0 : -1;
}

static int apps(struct err *err)
{
	AUTO_APPS struct apps found = APPS_NONE;

	if (configured_apps(host.dir.fd, &found, err) < 0)
		return -1;
	assert_int_equal(found.count, 2); /* its ini, its trust folder */
	return 0;
}

static int settings(struct err *err)
{
	AUTO_BUF struct buf text = BUF_NONE;
	static struct settings read;

	if (configured_settings(host.dir.fd, DEMO, &text, &read, err) < 0)
		return -1;
	assert_int_equal(read.keep, 7);
	return 0;
}

static int keys(struct err *err)
{
	static struct keyring keyring;

	if (configured_keys(host.dir.fd, DEMO, &keyring, err) < 0)
		return -1;
	assert_int_equal(keyring.count, 1);
	keyring_done(&keyring);
	return 0;
}

static int history(struct err *err)
{
	AUTO_BUF struct buf lines = BUF_NONE;

	if (history_read(&host.store, 1000, &lines, err) < 0)
		return -1;
	assert_true(lines.len > 0);
	return 0;
}

static int count_line(void *context, const struct history_line *line,
                      struct err *err)
{
	(void)context;
	(void)line;
	(void)err;
	return 0;
}

static int history_lines(struct err *err)
{
	struct history_extent extent;

	if (history_each(&host.store, count_line, NULL, &extent, err) < 0)
		return -1;
	assert_int_equal(extent.lines, 1);
	return 0;
}

static int open_store(struct err *err)
{
	AUTO_STORE struct store store = STORE_NONE;

	return store_open(host.dir.fd, DEMO, STORE_READ, &store, err) == 1 ? 0
	                                                                   : -1;
}

static const struct {
	const char *name;
	int (*run)(struct err *err);
} rooms[] = {
	{ "opening a store", open_store },
	{ "the list of releases", list },
	{ "the list as it will be", list_after },
	{ "a receipt", receipt },
	{ "the history", history },
	{ "the history line by line", history_lines },
	{ "the configured apps", apps },
	{ "the settings of an app", settings },
	{ "the keys of an app", keys },
};

/* The lowest free descriptor tells whether one was left open. */
static int lowest_free(void)
{
	int fd = dup(STDIN_FILENO);

	(void)close(fd);
	return fd;
}

static void each_room_survives_each_failure(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
		int before = lowest_free();
		bool has_failed = true;

		for (size_t nth = 1; has_failed; nth++) {
			struct err err = { .code = ERR_NONE };
			char text[2 * ERR_TEXT_MAX] = "";
			long leaked;
			int got;

			short_memory_begin(nth);
			got = rooms[i].run(&err);
			has_failed = short_memory_end(&leaked);
			if (got < 0)
				(void)err_format(&err, text, sizeof text);
			if (has_failed ? got == 0 || err.code != ERR_SYSTEM ||
			                         err.sys != ENOMEM
			               : got < 0)
				fail_msg("%s, allocation %zu: got %d: %s",
				         rooms[i].name, nth, got, text);
			if (leaked != 0 || lowest_free() != before ||
			    nth > ALLOCATION_MAX)
				fail_msg("%s, allocation %zu: %ld blocks, or "
				         "a descriptor, leaked",
				         rooms[i].name, nth, leaked);
		}
	}
}

static void put_release(const char *version, uint64_t sequence)
{
	AUTO_BUF struct buf text = BUF_NONE;
	AUTO_CLOSE int package = -1;
	struct err err;

	put_dir(host.store.releases, version);
	put_dir(host.store.packages, version);
	package = fs_open_dir(host.store.packages, version, &err);
	put_file(package, "release.ini", INI);
	write_receipt(version, sequence, &text);
	put_file(package, RECEIPT_NAME, buf_text(&text));
}

static void put_key(void)
{
	AUTO_BUF struct buf text = BUF_NONE;
	AUTO_CLOSE int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO_CLOSE int file = -1;
	struct err err;

	file = fs_open_file(here, PUBLIC_KEY, &err);
	assert_true(file >= 0);
	assert_int_equal(fs_read_fd(file, &text, &err), 0);
	put_file(host.dir.fd, "etc/tidegate/trust/demo/release.pub",
	         buf_text(&text));
}

static int make_host(void **state)
{
	static const char *const folders[] = { "etc", "etc/tidegate",
		                               "etc/tidegate/trust",
		                               "etc/tidegate/trust/demo" };
	const struct history_event event = { .time = 1,
		                             .op = "install",
		                             .version = "1.0",
		                             .user = "uid 0",
		                             .result = "ok" };
	struct err err;

	(void)state;
	host = temp_store_make();
	put_release("1.0", 1);
	put_release("2.0", 2);
	put_link(host.store.app, "current", "releases/2.0");
	put_link(host.store.app, "previous", "releases/1.0");
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++)
		put_dir(host.dir.fd, folders[i]);
	put_file(host.dir.fd, "etc/tidegate/demo.ini", "[install]\nkeep = 7\n");
	put_key();
	return history_append(&host.store, &event, &err);
}

static int remove_host(void **state)
{
	(void)state;
	short_memory_begin(0); /* where a test failed */
	temp_store_remove(&host);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_room_survives_each_failure),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_host, remove_host);
}
