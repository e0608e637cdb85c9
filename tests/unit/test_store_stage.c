/* SPDX-License-Identifier: Apache-2.0 */
#include "store/tree_stage.h"

#include <errno.h>
#include <linux/fs.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "temp_release.h"
#include "temp_store.h"

#include "store/commit.h"
#include "store/package_stage.h"
#include "store/recover.h"
#include "store/tree_check.h"

/* --- a small payload ------------------------------------------------- */

static const struct payload_entry payload[] = {
	{ "bin", NULL, 0755 },
	{ "bin/empty", "", 0600 },
	{ "bin/run", "#!/bin/sh\n", 0755 },
	{ "bin.txt", "between\n", 0644 },
	{ "lib", NULL, 0500 },
	{ "lib/deep", NULL, 0755 },
	{ "lib/deep/a", "a", 0644 },
	{ "lib/link", "->deep/a", 0777 },
};

#define PAYLOAD_COUNT (sizeof payload / sizeof *payload)

struct fixture {
	struct temp_store temp;
	struct payload_entry entries[16];
	size_t count;
	struct release_ini release;
	int mtree;
};

static void fixture_of(struct fixture *fixture,
                       const struct payload_entry *entries, size_t count)
{
	memset(fixture, 0, sizeof *fixture);
	fixture->temp = temp_store_make();
	fixture->count = count;
	memcpy(fixture->entries, entries, count * sizeof *entries);
	(void)snprintf(fixture->release.app, APP_SIZE, DEMO);
	(void)snprintf(fixture->release.version, VERSION_SIZE, "1");
	fixture->release.created = CREATED;
	fixture->mtree = write_mtree(fixture->temp.dir.fd, fixture->entries,
	                             fixture->count, &fixture->release);
}

static void fixture_done(struct fixture *fixture)
{
	(void)close(fixture->mtree);
	temp_store_remove(&fixture->temp);
}

#define AUTO_FIXTURE AUTO(fixture_done)

static int begin(struct fixture *fixture, unsigned allow,
                 struct tree_stage *stage, struct err *err)
{
	return tree_stage_begin(&fixture->temp.store, fixture->mtree,
	                        &fixture->release, allow, stage, err);
}

static int count_finding(void *context, const struct tree_finding *finding,
                         struct err *err)
{
	(void)context;
	(void)err;
	print_message("# %s: %s\n", finding->path,
	              tree_finding_name(finding->kind));
	return 0;
}

static void assert_whole(const struct fixture *fixture, const char *version)
{
	struct err err;
	AUTO_CLOSE int tree =
		fs_open_dir(fixture->temp.store.releases, version, &err);
	const struct tree_check check = {
		.tree = tree,
		.mtree = fixture->mtree,
		.release = &fixture->release,
		.depth = TREE_CHECK_CONTENT,
		.found = count_finding,
	};
	uint64_t count = 99;

	assert_int_equal(tree_check(&check, &count, &err), 0);
	assert_int_equal(count, 0);
}

static void stage_tree(struct fixture *fixture, struct tree_stage *stage)
{
	struct err err;

	if (begin(fixture, TREE_ALLOW_NONE, stage, &err) < 0 ||
	    send_all(fixture->entries, fixture->count, stage, 3, &err) < 0 ||
	    tree_stage_finish(stage, &err) < 0)
		fail_msg("%s", err.text);
}

static void stage_package(const struct fixture *fixture, const char *text,
                          struct package_stage *stage)
{
	struct err err;

	assert_int_equal(package_stage_begin(&fixture->temp.store, stage, &err),
	                 0);
	assert_int_equal(package_stage_put(stage,
	                                   (struct part){ PART_RELEASE_INI, 0 },
	                                   text, strlen(text), &err),
	                 0);
	assert_int_equal(package_stage_receipt(stage, "receipt", 7, &err), 0);
}

static void install(struct fixture *fixture, const char *text)
{
	AUTO_TREE_STAGE struct tree_stage tree = TREE_STAGE_NONE;
	AUTO_PACKAGE_STAGE struct package_stage package = PACKAGE_STAGE_NONE;
	struct committed_release release;
	uint8_t digest[DIGEST_LEN];
	struct err err;

	stage_package(fixture, text, &package);
	stage_tree(fixture, &tree);
	if (commit_release(&fixture->temp.store, &fixture->release, &package,
	                   &tree, &release, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(release.version, "1");
	assert_int_equal(sha256_of(text, strlen(text), digest, &err), 0);
	assert_memory_equal(release.release_sha256, digest, sizeof digest);
}

/* --- tree ------------------------------------------------------------ */

static void a_staged_tree_is_the_payload(void **state)
{
	AUTO_FIXTURE struct fixture fixture;
	int releases;

	(void)state;
	fixture_of(&fixture, payload, PAYLOAD_COUNT);
	releases = fixture.temp.store.releases;
	install(&fixture, "release");
	assert_whole(&fixture, "1");
	assert_int_equal(mode_of(releases, "1"), 0755);
	assert_int_equal(time_of(releases, "1"), CREATED);
	assert_int_equal(mode_of(releases, "1/lib"), 0500);
	assert_int_equal(time_of(releases, "1/lib/deep"), CREATED);
	assert_int_equal(time_of(releases, "1/lib/link"), CREATED);
	assert_text(releases, "1/bin/run", "#!/bin/sh\n");
	assert_text(fixture.temp.store.packages, "1/release.ini", "release");
	assert_int_equal(mode_of(fixture.temp.store.packages, "1"), 0755);
	assert_int_equal(
		mode_of(fixture.temp.store.packages, "1/" RECEIPT_NAME), 0644);
	assert_false(is_there(releases, STORE_STAGING));
	assert_false(is_there(fixture.temp.store.packages, STORE_STAGING));
}

/* errno of every pread(2), or 0: a disk with a bad sector. */
static int read_failure;

/* Its own name here, since libc has an inline one of the other. */
ssize_t failing_pread(int fd, void *out, size_t len,
                      off_t offset) __asm__("pread64");

ssize_t failing_pread(int fd, void *out, size_t len, off_t offset)
{
	if (read_failure != 0) {
		errno = read_failure;
		return -1;
	}
	return (ssize_t)syscall(SYS_pread64, fd, out, len, offset);
}

/* What tree_stage_copy says to a file with these bytes. */
static int copy_from(const struct fixture *fixture, const char *text,
                     struct tree_stage *stage)
{
	AUTO_CLOSE int from = -1;
	struct err err;
	int got;

	put_file(fixture->temp.dir.fd, "installed", text);
	from = fs_open_file(fixture->temp.dir.fd, "installed", &err);
	got = tree_stage_copy(stage, from, &err);
	if (got < 0)
		fail_msg("'%s': %s", text, err.text);
	return got;
}

/* The same to a right one on a bad sector. */
static int copy_unreadable(const struct fixture *fixture, const char *text,
                           struct tree_stage *stage)
{
	int got;

	read_failure = EIO;
	got = copy_from(fixture, text, stage);
	read_failure = 0;
	return got;
}

/* What FICLONE puts into the new file, whatever @from had when it was looked
 * at; or errno of its failure. */
static struct {
	const char *text; /* NULL: as the file system has it */
	int failure;
} cloning;

int ioctl(int fd, unsigned long request, ...)
{
	va_list list;
	int from;

	va_start(list, request);
	from = va_arg(list, int);
	va_end(list);
	errno = cloning.failure;
	if (request != FICLONE || (errno == 0 && cloning.text == NULL))
		return (int)syscall(SYS_ioctl, fd, request, from);
	if (errno != 0)
		return -1;
	return pwrite(fd, cloning.text, strlen(cloning.text), 0) < 0 ? -1 : 0;
}

/* The same to a file whose bytes are shared, and then are @shared. */
static int copy_shared(const struct fixture *fixture, const char *text,
                       const char *shared, int failure,
                       struct tree_stage *stage)
{
	int got;

	cloning.text = shared;
	cloning.failure = failure;
	got = copy_from(fixture, text, stage);
	cloning.text = NULL;
	cloning.failure = 0;
	return got;
}

static void assert_next(const struct tree_stage *stage, const char *path)
{
	const struct mtree_entry *entry;
	uint64_t line;

	entry = tree_stage_next(stage, &line);
	assert_non_null(entry);
	assert_string_equal(entry->path, path);
}

static void bytes_of_installed_files_are_taken_if_they_are_right(void **state)
{
	AUTO_FIXTURE struct fixture fixture;
	AUTO_TREE_STAGE struct tree_stage tree = TREE_STAGE_NONE;
	AUTO_PACKAGE_STAGE struct package_stage package = PACKAGE_STAGE_NONE;
	struct committed_release release;
	uint64_t line;
	struct err err;

	(void)state;
	fixture_of(&fixture, payload, PAYLOAD_COUNT);
	stage_package(&fixture, "release", &package);
	assert_int_equal(begin(&fixture, TREE_ALLOW_NONE, &tree, &err), 0);
	assert_next(&tree, "bin/run");
	assert_int_equal(copy_from(&fixture, "#!/bin/sh\n", &tree), 1);
	assert_next(&tree, "bin.txt");
	assert_int_equal(copy_from(&fixture, "betweem\n", &tree), 0);
	assert_int_equal(copy_from(&fixture, "between", &tree), 0);
	assert_int_equal(copy_from(&fixture, "between\n\n", &tree), 0);
	assert_int_equal(copy_unreadable(&fixture, "between\n", &tree), 0);
	/* And then from the worker, as if nothing had been. */
	assert_next(&tree, "bin.txt");
	(void)tree_stage_next(&tree, &line);
	assert_int_equal(send_file(&tree, line, "between\n", 3, &err), 0);
	assert_next(&tree, "lib/deep/a");
	assert_int_equal(copy_from(&fixture, "a", &tree), 1);
	assert_null(tree_stage_next(&tree, &line));
	assert_int_equal(tree_stage_finish(&tree, &err), 0);
	assert_int_equal(commit_release(&fixture.temp.store, &fixture.release,
	                                &package, &tree, &release, &err),
	                 0);
	assert_whole(&fixture, "1");
}

/* Somebody writes to the installed file while it is shared: what counts is
 * what the new one holds then. */
static void what_is_shared_is_judged_where_it_stays(void **state)
{
	AUTO_FIXTURE struct fixture fixture;
	AUTO_TREE_STAGE struct tree_stage tree = TREE_STAGE_NONE;
	AUTO_PACKAGE_STAGE struct package_stage package = PACKAGE_STAGE_NONE;
	struct err err;

	(void)state;
	fixture_of(&fixture, payload, PAYLOAD_COUNT);
	stage_package(&fixture, "release", &package);
	assert_int_equal(begin(&fixture, TREE_ALLOW_NONE, &tree, &err), 0);
	assert_int_equal(
		copy_shared(&fixture, "#!/bin/sh\n", "#!/bin/s!\n", 0, &tree),
		0);
	assert_int_equal(
		copy_shared(&fixture, "#!/bin/sh\n", "#!/bin/sh\n\n", 0, &tree),
		0);
	assert_int_equal(
		copy_shared(&fixture, "#!/bin/sh\n", "#!/bin", 0, &tree), 0);
	assert_next(&tree, "bin/run");
	assert_int_equal(
		copy_shared(&fixture, "#!/bin/sh\n", "#!/bin/sh\n", 0, &tree),
		1);
	/* Where sharing fails for whatever cause, the bytes are copied. */
	assert_int_equal(copy_shared(&fixture, "between\n", NULL, EIO, &tree),
	                 1);
	assert_int_equal(copy_shared(&fixture, "a", NULL, EXDEV, &tree), 1);
	assert_int_equal(tree_stage_finish(&tree, &err), 0);
	assert_text(tree.dir, "bin/run", "#!/bin/sh\n");
}

static void only_the_owner_enters_a_staging_folder(void **state)
{
	AUTO_FIXTURE struct fixture fixture;
	AUTO_TREE_STAGE struct tree_stage tree = TREE_STAGE_NONE;
	AUTO_PACKAGE_STAGE struct package_stage package = PACKAGE_STAGE_NONE;

	(void)state;
	fixture_of(&fixture, payload, PAYLOAD_COUNT);
	put_dir(fixture.temp.store.releases, STORE_STAGING);
	put_file(fixture.temp.store.releases, STORE_STAGING "/left", "");
	stage_package(&fixture, "release", &package);
	stage_tree(&fixture, &tree);
	assert_int_equal(mode_of(fixture.temp.store.releases, STORE_STAGING),
	                 0700);
	assert_int_equal(mode_of(fixture.temp.store.packages, STORE_STAGING),
	                 0700);
	assert_false(
		is_there(fixture.temp.store.releases, STORE_STAGING "/left"));
}

struct frame {
	uint64_t line;
	const char *data; /* NULL ends the file */
};

struct lie {
	const char *name;
	struct frame frames[6]; /* up to the first line 0 */
};

/* Lines with bytes: 4 bin.txt (8), 6 bin/run (10), 9 lib/deep/a (1); line 5
 * is bin/empty. */
static const struct lie lies[] = {
	{ "nothing at all", { { 0, NULL } } },
	{ "another line", { { 6, "#!" } } },
	{ "line 0", { { UINT64_MAX, "b" } } },
	{ "the folder's line", { { 3, "b" } } },
	{ "the empty file's line", { { 5, NULL } } },
	{ "an early end", { { 4, "betwee" }, { 4, NULL } } },
	{ "an end at once", { { 4, NULL } } },
	{ "a byte too many", { { 4, "between\n!" } } },
	{ "a byte too many later", { { 4, "between\n" }, { 4, "!" } } },
	{ "other bytes", { { 4, "Between\n" }, { 4, NULL } } },
	{ "no end", { { 4, "between\n" }, { 6, "#!/bin/sh\n" } } },
	{ "ended twice", { { 4, "between\n" }, { 4, NULL }, { 4, NULL } } },
	{ "the last is missing",
	  { { 4, "between\n" },
	    { 4, NULL },
	    { 6, "#!/bin/sh\n" },
	    { 6, NULL } } },
};

static int tell(struct tree_stage *stage, const struct lie *lie,
                struct err *err)
{
	for (size_t i = 0; i < 6 && lie->frames[i].line != 0; i++) {
		const struct frame *frame = &lie->frames[i];
		size_t len = frame->data != NULL ? strlen(frame->data) : 0;

		if (tree_stage_bytes(stage, frame->line, frame->data, len,
		                     err) < 0)
			return -1;
	}
	return tree_stage_finish(stage, err);
}

static void a_lying_worker_makes_the_staging_fail(void **state)
{
	AUTO_FIXTURE struct fixture fixture;
	struct err err;

	(void)state;
	fixture_of(&fixture, payload, PAYLOAD_COUNT);
	install(&fixture, "release");
	for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
		AUTO_TREE_STAGE struct tree_stage tree = TREE_STAGE_NONE;

		assert_int_equal(begin(&fixture, TREE_ALLOW_NONE, &tree, &err),
		                 0);
		if (tell(&tree, &lies[i], &err) != -1 || err.code != ERR_FORMAT)
			fail_msg("%s: code %d", lies[i].name, (int)err.code);
		assert_whole(&fixture, "1");
	}
}

static void bytes_behind_the_last_file_are_refused(void **state)
{
	AUTO_FIXTURE struct fixture fixture;
	AUTO_TREE_STAGE struct tree_stage tree = TREE_STAGE_NONE;
	struct err err;

	(void)state;
	fixture_of(&fixture, payload, PAYLOAD_COUNT);
	assert_int_equal(begin(&fixture, TREE_ALLOW_NONE, &tree, &err), 0);
	assert_int_equal(
		send_all(fixture.entries, fixture.count, &tree, 100, &err), 0);
	assert_int_equal(tree_stage_bytes(&tree, 9, "b", 1, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
}

struct policy_case {
	const char *name;
	struct payload_entry entry;
	unsigned allow;
	const char *link; /* of release.ini */
	int want;
};

static const struct policy_case policies[] = {
	{ "setuid", { "x", "", 04755 }, TREE_ALLOW_NONE, NULL, -1 },
	{ "setgid folder", { "x", NULL, 02755 }, TREE_ALLOW_NONE, NULL, -1 },
	{ "setuid, world-writing allowed",
	  { "x", "", 04755 },
	  TREE_ALLOW_WORLD_WRITABLE,
	  NULL,
	  -1 },
	{ "setuid allowed", { "x", "", 04755 }, TREE_ALLOW_SETUID, NULL, 0 },
	{ "world-writable", { "x", "", 0666 }, TREE_ALLOW_NONE, NULL, -1 },
	{ "world-writable folder",
	  { "x", NULL, 01777 },
	  TREE_ALLOW_NONE,
	  NULL,
	  -1 },
	{ "world-writable allowed",
	  { "x", "", 0666 },
	  TREE_ALLOW_WORLD_WRITABLE,
	  NULL,
	  0 },
	{ "group-writable", { "x", "", 0664 }, TREE_ALLOW_NONE, NULL, 0 },
	{ "a link", { "x", "->y", 0777 }, TREE_ALLOW_NONE, NULL, 0 },
	{ "a link out", { "x", "->../y", 0777 }, TREE_ALLOW_NONE, NULL, -1 },
	{ "an absolute link",
	  { "x", "->/usr", 0777 },
	  TREE_ALLOW_NONE,
	  NULL,
	  -1 },
	{ "an absolute link that is listed",
	  { "x", "->/usr", 0777 },
	  TREE_ALLOW_NONE,
	  "x*",
	  0 },
	{ "an absolute link where another is listed",
	  { "x", "->/usr", 0777 },
	  TREE_ALLOW_NONE,
	  "y",
	  -1 },
};

static void check_policy(const struct policy_case *c)
{
	AUTO_FIXTURE struct fixture fixture;
	AUTO_TREE_STAGE struct tree_stage tree = TREE_STAGE_NONE;
	struct err err = { .code = ERR_NONE };
	int got;

	fixture_of(&fixture, &c->entry, 1);
	if (c->link != NULL) {
		fixture.release.link_count = 1;
		(void)snprintf(fixture.release.links[0], RELEASE_VALUE_SIZE,
		               "%s", c->link);
	}
	got = begin(&fixture, c->allow, &tree, &err);
	if (got != c->want || (got < 0 && err.code != ERR_UNTRUSTED))
		fail_msg("%s: got %d, code %d", c->name, got, (int)err.code);
	if (got < 0)
		assert_false(is_there(fixture.temp.store.releases,
		                      STORE_STAGING "/x"));
	else
		assert_int_equal(tree_stage_finish(&tree, &err), 0);
}

static void what_the_host_forbids_is_not_made(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof policies / sizeof *policies; i++)
		check_policy(&policies[i]);
}

static void totals_are_those_of_release_ini(void **state)
{
	static const struct {
		const char *name;
		int entries, bytes, created;
	} cases[] = {
		{ "an entry less", -1, 0, 0 }, { "an entry more", 1, 0, 0 },
		{ "a byte less", 0, -1, 0 },   { "a byte more", 0, 1, 0 },
		{ "another time", 0, 0, 1 },
	};
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		AUTO_FIXTURE struct fixture fixture;
		AUTO_TREE_STAGE struct tree_stage tree = TREE_STAGE_NONE;

		fixture_of(&fixture, payload, PAYLOAD_COUNT);
		fixture.release.entries += (uint64_t)cases[i].entries;
		fixture.release.bytes += (uint64_t)cases[i].bytes;
		fixture.release.created += cases[i].created;
		if (begin(&fixture, TREE_ALLOW_NONE, &tree, &err) == 0 &&
		    send_all(fixture.entries, fixture.count, &tree, 100,
		             &err) == 0 &&
		    tree_stage_finish(&tree, &err) == 0)
			fail_msg("%s: accepted", cases[i].name);
		if (err.code != ERR_FORMAT)
			fail_msg("%s: code %d", cases[i].name, (int)err.code);
	}
}

/* --- package --------------------------------------------------------- */

static struct part_pin pin_of(const char *text)
{
	struct part_pin pin = { .is_present = true, .size = strlen(text) };
	struct err err;

	assert_int_equal(sha256_of(text, pin.size, pin.sha256, &err), 0);
	return pin;
}

struct pinned_case {
	const char *name;
	const char *pinned; /* what the pin is of */
	const char *pieces[3];
	int want;
};

static const struct pinned_case pinned[] = {
	{ "whole", "abc", { "abc" }, 0 },
	{ "in pieces", "abc", { "a", "bc" }, 0 },
	{ "nothing, as pinned", "", { NULL }, 0 },
	{ "a byte short", "abc", { "ab" }, -1 },
	{ "nothing", "abc", { NULL }, -1 },
	{ "a byte long", "abc", { "abcd" }, -1 },
	{ "a byte long later", "abc", { "abc", "d" }, -1 },
	{ "other bytes", "abc", { "abd" }, -1 },
};

static int send_part(struct package_stage *stage, const struct pinned_case *c,
                     struct err *err)
{
	struct part_pin pin = pin_of(c->pinned);

	if (package_stage_part_begin(stage, PART_MTREE, &pin, err) < 0)
		return -1;
	for (size_t i = 0; i < 3 && c->pieces[i] != NULL; i++)
		if (package_stage_part_bytes(stage, c->pieces[i],
		                             strlen(c->pieces[i]), err) < 0)
			return -1;
	return package_stage_part_end(stage, err);
}

static void a_pinned_part_is_what_its_pin_says(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = temp_store_make();
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof pinned / sizeof *pinned; i++) {
		const struct pinned_case *c = &pinned[i];
		AUTO_PACKAGE_STAGE struct package_stage stage =
			PACKAGE_STAGE_NONE;
		int got;

		assert_int_equal(package_stage_begin(&temp.store, &stage, &err),
		                 0);
		got = send_part(&stage, c, &err);
		if (got != c->want || (got < 0 && err.code != ERR_FORMAT))
			fail_msg("%s: got %d", c->name, got);
		if (got < 0)
			assert_non_null(
				strstr(err.text, "payload.mtree is damaged"));
		else
			assert_text(stage.dir, "payload.mtree", c->pinned);
	}
}

static void a_part_is_written_once(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = temp_store_make();
	AUTO_PACKAGE_STAGE struct package_stage stage = PACKAGE_STAGE_NONE;
	const struct part minisig = { PART_MINISIG, 0 };
	struct part_pin pin = pin_of("");
	struct err err;

	(void)state;
	assert_int_equal(package_stage_begin(&temp.store, &stage, &err), 0);
	assert_int_equal(package_stage_put(&stage, minisig, "sig", 3, &err), 0);
	assert_int_equal(package_stage_put(&stage, minisig, "sig", 3, &err),
	                 -1);
	assert_int_equal(err.code, ERR_CONFLICT);
	assert_int_equal(
		package_stage_part_begin(&stage, PART_SBOM, &pin, &err), 0);
	assert_int_equal(
		package_stage_part_begin(&stage, PART_INDEX, &pin, &err), -1);
	assert_int_equal(err.code, ERR_INTERNAL);
	assert_int_equal(package_stage_part_end(&stage, &err), 0);
	assert_int_equal(
		package_stage_part_begin(&stage, PART_SBOM, &pin, &err), -1);
	assert_int_equal(err.code, ERR_CONFLICT);
	assert_int_equal(package_stage_part_end(&stage, &err), -1);
	assert_int_equal(package_stage_part_bytes(&stage, "", 0, &err), -1);
	assert_int_equal(
		package_stage_part_begin(&stage, PART_MINISIG, &pin, &err), -1);
	assert_int_equal(err.code, ERR_INTERNAL);
}

static void evidence_has_a_largest_size(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = temp_store_make();
	AUTO_PACKAGE_STAGE struct package_stage stage = PACKAGE_STAGE_NONE;
	size_t max = (size_t)part_max_size(PART_MINISIG);
	AUTO_FREE char *data = calloc(1, max + 1);
	struct err err;

	(void)state;
	assert_int_equal(package_stage_begin(&temp.store, &stage, &err), 0);
	assert_int_equal(package_stage_put(&stage,
	                                   (struct part){ PART_MINISIG, 0 },
	                                   data, max, &err),
	                 0);
	assert_int_equal(
		package_stage_put(&stage,
	                          (struct part){ PART_MINISIG_FURTHER, 7 },
	                          data, max + 1, &err),
		-1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(package_stage_put(&stage,
	                                   (struct part){ PART_INDEX, 0 }, "x",
	                                   1, &err),
	                 -1);
	assert_int_equal(err.code, ERR_INTERNAL);
}

static void each_reader_has_its_own_offset(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = temp_store_make();
	AUTO_PACKAGE_STAGE struct package_stage stage = PACKAGE_STAGE_NONE;
	const struct part ini = { PART_RELEASE_INI, 0 };
	struct err err;

	(void)state;
	assert_int_equal(package_stage_begin(&temp.store, &stage, &err), 0);
	assert_int_equal(package_stage_put(&stage, ini, "abc", 3, &err), 0);
	for (int i = 0; i < 2; i++) {
		AUTO_CLOSE int fd = package_stage_open(&stage, ini, &err);
		AUTO_BUF struct buf text = BUF_NONE;

		assert_int_equal(fs_read_fd(fd, &text, &err), 0);
		assert_string_equal(buf_text(&text), "abc");
	}
	assert_int_equal(
		package_stage_open(&stage, (struct part){ PART_SBOM, 0 }, &err),
		-1);
}

/* --- commit ---------------------------------------------------------- */

static void an_installed_version_is_not_committed_over(void **state)
{
	AUTO_FIXTURE struct fixture fixture;
	AUTO_TREE_STAGE struct tree_stage tree = TREE_STAGE_NONE;
	AUTO_PACKAGE_STAGE struct package_stage package = PACKAGE_STAGE_NONE;
	struct committed_release release = { .version = "untouched" };
	struct err err;

	(void)state;
	fixture_of(&fixture, payload, PAYLOAD_COUNT);
	install(&fixture, "release");
	stage_package(&fixture, "another", &package);
	stage_tree(&fixture, &tree);
	assert_int_equal(commit_release(&fixture.temp.store, &fixture.release,
	                                &package, &tree, &release, &err),
	                 -1);
	assert_int_equal(err.code, ERR_CONFLICT);
	assert_string_equal(release.version, "untouched");
	assert_text(fixture.temp.store.packages, "1/release.ini", "release");
	assert_whole(&fixture, "1");
}

static void an_unfinished_stage_is_not_committed(void **state)
{
	AUTO_FIXTURE struct fixture fixture;
	AUTO_TREE_STAGE struct tree_stage tree = TREE_STAGE_NONE;
	AUTO_PACKAGE_STAGE struct package_stage package = PACKAGE_STAGE_NONE;
	struct committed_release release;
	struct err err;

	(void)state;
	fixture_of(&fixture, payload, PAYLOAD_COUNT);
	stage_package(&fixture, "release", &package);
	assert_int_equal(begin(&fixture, TREE_ALLOW_NONE, &tree, &err), 0);
	assert_int_equal(commit_release(&fixture.temp.store, &fixture.release,
	                                &package, &tree, &release, &err),
	                 -1);
	assert_int_equal(err.code, ERR_INTERNAL);
	assert_false(is_there(fixture.temp.store.releases, "1"));
}

static void a_package_without_its_release_is_replaced(void **state)
{
	AUTO_FIXTURE struct fixture fixture;

	(void)state;
	fixture_of(&fixture, payload, PAYLOAD_COUNT);
	put_dir(fixture.temp.store.packages, "1");
	put_file(fixture.temp.store.packages, "1/left", "by a crash");
	install(&fixture, "release");
	assert_false(is_there(fixture.temp.store.packages, "1/left"));
	assert_whole(&fixture, "1");
}

static void repair(struct fixture *fixture)
{
	AUTO_TREE_STAGE struct tree_stage tree = TREE_STAGE_NONE;
	AUTO_PACKAGE_STAGE struct package_stage package = PACKAGE_STAGE_NONE;
	struct committed_release release;
	struct err err;

	stage_package(fixture, "release", &package);
	stage_tree(fixture, &tree);
	assert_int_equal(commit_repair(&fixture->temp.store, &fixture->release,
	                               &package, &tree, &release, &err),
	                 0);
	assert_whole(fixture, "1");
	assert_text(fixture->temp.store.packages, "1/release.ini", "release");
	assert_false(is_there(fixture->temp.store.releases, STORE_STAGING));
	assert_false(is_there(fixture->temp.store.packages, STORE_STAGING));
}

static void a_damaged_release_is_exchanged(void **state)
{
	AUTO_FIXTURE struct fixture fixture;
	const struct store *store = &fixture.temp.store;

	(void)state;
	fixture_of(&fixture, payload, PAYLOAD_COUNT);
	install(&fixture, "release");
	put_file(store->releases, "1/bin/run", "damaged");
	put_file(store->releases, "1/extra", "");
	put_file(store->packages, "1/release.ini", "damaged");
	repair(&fixture);
	assert_false(is_there(store->releases, "1/extra"));
}

/* The tree is not even looked at. */
static void a_package_is_renewed_alone(void **state)
{
	AUTO_FIXTURE struct fixture fixture;
	AUTO_PACKAGE_STAGE struct package_stage package = PACKAGE_STAGE_NONE;
	const struct store *store = &fixture.temp.store;
	struct committed_release release;
	struct err err;

	(void)state;
	fixture_of(&fixture, payload, PAYLOAD_COUNT);
	install(&fixture, "release");
	put_file(store->releases, "1/mark", "");
	put_file(store->packages, "1/mark", "");
	stage_package(&fixture, "release", &package);
	assert_int_equal(commit_renewal(store, &fixture.release, &package,
	                                &release, &err),
	                 0);
	assert_string_equal(release.version, "1");
	assert_true(is_there(store->releases, "1/mark"));
	assert_false(is_there(store->packages, "1/mark"));
	assert_text(store->packages, "1/release.ini", "release");
	assert_false(is_there(store->packages, STORE_STAGING));
}

static void a_lost_release_is_put_back(void **state)
{
	AUTO_FIXTURE struct fixture fixture;
	struct err err;

	(void)state;
	fixture_of(&fixture, payload, PAYLOAD_COUNT);
	install(&fixture, "release");
	assert_int_equal(disk_remove_tree("test.lose",
	                                  fixture.temp.store.releases, "1",
	                                  &err),
	                 0);
	repair(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_staged_tree_is_the_payload),
		cmocka_unit_test(
			bytes_of_installed_files_are_taken_if_they_are_right),
		cmocka_unit_test(what_is_shared_is_judged_where_it_stays),
		cmocka_unit_test(only_the_owner_enters_a_staging_folder),
		cmocka_unit_test(a_lying_worker_makes_the_staging_fail),
		cmocka_unit_test(bytes_behind_the_last_file_are_refused),
		cmocka_unit_test(what_the_host_forbids_is_not_made),
		cmocka_unit_test(totals_are_those_of_release_ini),
		cmocka_unit_test(a_pinned_part_is_what_its_pin_says),
		cmocka_unit_test(a_part_is_written_once),
		cmocka_unit_test(evidence_has_a_largest_size),
		cmocka_unit_test(each_reader_has_its_own_offset),
		cmocka_unit_test(an_installed_version_is_not_committed_over),
		cmocka_unit_test(an_unfinished_stage_is_not_committed),
		cmocka_unit_test(a_package_without_its_release_is_replaced),
		cmocka_unit_test(a_damaged_release_is_exchanged),
		cmocka_unit_test(a_package_is_renewed_alone),
		cmocka_unit_test(a_lost_release_is_put_back),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
