/* SPDX-License-Identifier: Apache-2.0 */
/* Each step that changes the disk fails, or the process dies there, in the
 * operations of the store.  Whatever happens, `current` names a whole release,
 * and the next run ends where an undisturbed one does.  Needs FAULTS=1. */
#include "store/activate.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "temp_release.h"
#include "temp_store.h"

#include "base/lines.h"
#include "store/history.h"
#include "store/links.h"
#include "store/lock.h"
#include "store/marks.h"
#include "store/recover.h"
#include "store/releases.h"
#include "store/seen.h"
#include "store/tree_check.h"

#define POINTS   "tests/crash/points.txt"
#define STEP_MAX 64

static const struct payload_entry payload[] = {
	{ "bin", NULL, 0755 },
	{ "bin/run", "#!/bin/sh\n", 0755 },
	{ "empty", "", 0644 },
	{ "link", "->bin/run", 0777 },
};

#define PAYLOAD_COUNT (sizeof payload / sizeof *payload)

/* A root with a store, and the payload that all its releases have. */
struct world {
	struct temp_dir dir;
	struct payload_entry entries[PAYLOAD_COUNT];
	struct release_ini release;
	int mtree;
};

/* --- operations, each of which can be run again ------------------------- */

typedef int operation(const struct store *store, struct world *world,
                      struct err *err);

static int stage(const struct store *store, struct world *world,
                 struct package_stage *package, struct tree_stage *tree,
                 struct err *err)
{
	const struct part ini = { PART_RELEASE_INI, 0 };
	AUTO_BUF struct buf receipt = BUF_NONE;
	struct part_pin pin = { .is_present = true, .size = 1 };

	write_receipt(world->release.version,
	              (uint64_t)(world->release.version[0] - '0'), &receipt);
	if (sha256_of("x", 1, pin.sha256, err) < 0 ||
	    package_stage_begin(store, package, err) < 0 ||
	    package_stage_put(package, ini, INI, sizeof INI - 1, err) < 0 ||
	    package_stage_part_begin(package, PART_MTREE, &pin, err) < 0 ||
	    package_stage_part_bytes(package, "x", 1, err) < 0 ||
	    package_stage_part_end(package, err) < 0 ||
	    package_stage_receipt(package, receipt.data, receipt.len, err) < 0)
		return -1;
	if (tree_stage_begin(store, world->mtree, &world->release,
	                     TREE_ALLOW_NONE, tree, err) < 0 ||
	    send_all(world->entries, PAYLOAD_COUNT, tree, 5, err) < 0)
		return -1;
	return tree_stage_finish(tree, err);
}

static int commit(const struct store *store, struct world *world,
                  const char *version, struct committed_release *out,
                  struct err *err)
{
	AUTO_TREE_STAGE struct tree_stage tree = TREE_STAGE_NONE;
	AUTO_PACKAGE_STAGE struct package_stage package = PACKAGE_STAGE_NONE;
	struct installed found;
	int got = store_find(store, version, &found, err);

	if (got == 1 && !found.is_damaged)
		return commit_installed(store, version, out, err);
	(void)snprintf(world->release.version, VERSION_SIZE, "%s", version);
	if (got < 0 || stage(store, world, &package, &tree, err) < 0)
		return -1;
	if (got == 1)
		return commit_repair(store, &world->release, &package, &tree,
		                     out, err);
	return commit_release(store, &world->release, &package, &tree, out,
	                      err);
}

static int install(const struct store *store, struct world *world,
                   const char *version, struct err *err)
{
	const struct history_event event = { .op = "install",
		                             .version = version };
	struct committed_release release;

	if (commit(store, world, version, &release, err) < 0 ||
	    store_activate(store, &release, JOURNAL_INSTALL, GATE_PENDING,
	                   err) < 0 ||
	    store_settle(store, err) < 0 ||
	    seen_write(store, version, 1, err) < 0)
		return -1;
	return history_append(store, &event, err);
}

static int upgrade(const struct store *store, struct world *world,
                   struct err *err)
{
	return install(store, world, "2", err);
}

static int go_back(const struct store *store, struct world *world,
                   struct err *err)
{
	struct committed_release release;

	(void)world;
	if (commit_installed(store, "0", &release, err) < 0)
		return -1;
	return store_activate(store, &release, JOURNAL_ROLLBACK, GATE_NONE,
	                      err) < 0
	               ? -1
	               : 0;
}

/* An install whose gate fails. */
static int fail_gate(const struct store *store, struct world *world,
                     struct err *err)
{
	struct committed_release release;
	char version[VERSION_SIZE];

	if (commit(store, world, "3", &release, err) < 0 ||
	    store_activate(store, &release, JOURNAL_INSTALL, GATE_PENDING,
	                   err) < 0 ||
	    mark_set(store, MARK_BAD, "3", "unhealthy", err) < 0 ||
	    store_revert(store, version, err) < 0)
		return -1;
	return store_settle(store, err);
}

static int repair(const struct store *store, struct world *world,
                  struct err *err)
{
	struct committed_release release;

	return commit(store, world, "1", &release, err);
}

static int prune(const struct store *store, struct world *world,
                 struct err *err)
{
	struct installed found;
	int got = store_find(store, "4", &found, err);

	(void)world;
	return got == 1 ? store_remove_release(store, "4", err) : got;
}

/* --- a run -------------------------------------------------------------- */

/* What the caller does with a pending gate: that of release 3 fails. */
static int recover(const struct store *store, struct err *err)
{
	struct recovery recovery;
	char version[VERSION_SIZE];

	if (store_recover(store, &recovery, err) < 0)
		return -1;
	if (recovery.what == STORE_PENDING &&
	    strcmp(recovery.journal.to, "3") == 0 &&
	    (mark_set(store, MARK_BAD, "3", "unhealthy", err) < 0 ||
	     store_revert(store, version, err) < 0))
		return -1;
	return store_settle(store, err);
}

static int run(struct world *world, operation *operate, struct err *err)
{
	AUTO_STORE struct store store = STORE_NONE;
	AUTO_LOCK int lock = -1;

	if (store_open(world->dir.fd, DEMO, STORE_WRITE, &store, err) < 0)
		return -1;
	lock = lock_take(&store, "test", err);
	if (lock < 0 || recover(&store, err) < 0)
		return -1;
	return operate(&store, world, err);
}

/* Releases 0 (previous), 1 (current) and 4, as the operations need them. */
static int prepare(const struct store *store, struct world *world,
                   struct err *err)
{
	struct committed_release release;

	if (commit(store, world, "4", &release, err) < 0 ||
	    install(store, world, "0", err) < 0)
		return -1;
	return install(store, world, "1", err);
}

static int spoil(const struct store *store, struct world *world,
                 struct err *err)
{
	if (prepare(store, world, err) < 0)
		return -1;
	put_file(store->packages, "1/release.ini", "damaged");
	return 0;
}

static int nothing(const struct store *store, struct world *world,
                   struct err *err)
{
	(void)store;
	(void)world;
	(void)err;
	return 0;
}

static void world_make(struct world *world)
{
	memset(world, 0, sizeof *world);
	world->dir = temp_dir_make_in("/dev/shm");
	memcpy(world->entries, payload, sizeof payload);
	world->mtree = write_mtree(world->dir.fd, world->entries, PAYLOAD_COUNT,
	                           &world->release);
}

static void world_done(struct world *world)
{
	(void)close(world->mtree);
	temp_dir_remove(&world->dir);
}

#define AUTO_WORLD AUTO(world_done)

/* --- what must hold ----------------------------------------------------- */

struct scenario {
	const char *name;
	operation *prepare;
	operation *operate;
	const char *current, *previous; /* in the end */
	const char *before;             /* current at the start */
};

static const struct scenario scenarios[] = {
	{ "first install", nothing, upgrade, "2", "", "" },
	{ "upgrade", prepare, upgrade, "2", "1", "1" },
	{ "rollback", prepare, go_back, "0", "1", "1" },
	{ "failed gate", prepare, fail_gate, "1", "0", "1" },
	{ "failed first gate", nothing, fail_gate, "", "", "" },
	{ "repair", spoil, repair, "1", "0", "1" },
	{ "prune", prepare, prune, "1", "0", "1" },
};

static int note(void *context, const struct tree_finding *finding,
                struct err *err)
{
	(void)context;
	return err_set(err, ERR_FINDINGS, 0, "%s: %s", finding->path,
	               tree_finding_name(finding->kind));
}

static void assert_whole(const struct world *world, const struct store *store,
                         const char *name, const char *version)
{
	struct err err;
	AUTO_CLOSE int tree = fs_open_dir(store->releases, version, &err);
	const struct tree_check check = {
		.tree = tree,
		.mtree = world->mtree,
		.release = &world->release,
		.depth = TREE_CHECK_CONTENT,
		.found = note,
	};

	if (tree < 0 || tree_check(&check, NULL, &err) < 0)
		fail_msg("%s: release %s: %s", name, version, err.text);
	if (!is_there(store->packages, version))
		fail_msg("%s: release %s has no package", name, version);
}

static void read_current(const struct store *store, const char *link,
                         char out[VERSION_SIZE])
{
	struct err err;

	out[0] = '\0';
	assert_true(link_read(store, link, out, &err) >= 0);
}

/* Right after the fault: the old release or the new one, and that one whole. */
static void check_after_fault(const struct world *world,
                              const struct scenario *scenario, const char *name)
{
	AUTO_STORE struct store store = STORE_NONE;
	char current[VERSION_SIZE];
	struct err err;

	if (store_open(world->dir.fd, DEMO, STORE_READ, &store, &err) != 1)
		return; /* it died while it made the store */
	read_current(&store, LINK_CURRENT, current);
	if (strcmp(current, scenario->before) != 0 &&
	    strcmp(current, scenario->current) != 0 &&
	    strcmp(current, "3") != 0)
		fail_msg("%s: current is '%s'", name, current);
	if (current[0] != '\0')
		assert_whole(world, &store, name, current);
}

static void assert_no_leftovers(int dir, const char *name)
{
	char **names;
	size_t count;
	struct err err;

	assert_int_equal(fs_list(dir, 100, &names, &count, &err), 0);
	for (size_t i = 0; i < count; i++)
		if (names[i][0] == '.')
			fail_msg("%s: %s is left", name, names[i]);
	fs_list_free(names, count);
}

static void check_end(const struct world *world,
                      const struct scenario *scenario, const char *name)
{
	AUTO_STORE struct store store = STORE_NONE;
	AUTO_INSTALLED struct installed_list list = INSTALLED_NONE;
	char current[VERSION_SIZE];
	char previous[VERSION_SIZE];
	struct journal journal;
	struct err err;

	assert_int_equal(
		store_open(world->dir.fd, DEMO, STORE_READ, &store, &err), 1);
	read_current(&store, LINK_CURRENT, current);
	read_current(&store, LINK_PREVIOUS, previous);
	if (strcmp(current, scenario->current) != 0 ||
	    strcmp(previous, scenario->previous) != 0)
		fail_msg("%s: ends with '%s' and '%s'", name, current,
		         previous);
	assert_int_equal(store_pending(&store, &journal, &err), 0);
	assert_no_leftovers(store.releases, name);
	assert_no_leftovers(store.packages, name);
	assert_int_equal(store_list(&store, &list, &err), 0);
	for (size_t i = 0; i < list.count; i++) {
		assert_false(list.items[i].is_damaged);
		assert_whole(world, &store, name, list.items[i].version);
	}
}

/* --- the sweep ---------------------------------------------------------- */

/* Returns whether the fault happened. */
static int fault(struct world *world, const struct scenario *scenario,
                 const char *at, const char *what)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		struct err err;

		if (setenv("FAULT_AT", at, 1) < 0 ||
		    setenv("FAULT_DO", what, 1) < 0)
			_exit(2);
		_exit(run(world, scenario->operate, &err) < 0 ? 1 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFSIGNALED(status))
		assert_int_equal(WTERMSIG(status), SIGKILL);
	return status != 0;
}

static int sweep_step(const struct scenario *scenario, const char *at,
                      const char *what)
{
	AUTO_WORLD struct world world;
	char name[2 * STEP_MAX + 64];
	struct err err;

	(void)snprintf(name, sizeof name, "%s, %s at %s", scenario->name, what,
	               at);
	world_make(&world);
	if (run(&world, scenario->prepare, &err) < 0)
		fail_msg("%s: preparing: %s", name, err.text);
	if (!fault(&world, scenario, at, what))
		return 0;
	check_after_fault(&world, scenario, name);
	if (run(&world, scenario->operate, &err) < 0)
		fail_msg("%s: the next run: %s", name, err.text);
	check_end(&world, scenario, name);
	return 1;
}

/* Each passage of the step, until one is not reached. */
static unsigned sweep_passages(const struct scenario *scenario,
                               const char *step)
{
	static const char *const faults[] = { "kill", "EIO" };
	unsigned count = 0;
	char at[STEP_MAX + 16];

	for (unsigned n = 1;; n++) {
		int happened = 0;

		(void)snprintf(at, sizeof at, "%s#%u", step, n);
		for (size_t i = 0; i < 2; i++)
			happened += sweep_step(scenario, at, faults[i]);
		if (happened == 0)
			return count;
		count += (unsigned)happened;
	}
}

static void sweep(const struct scenario *scenario)
{
	AUTO_LINES struct lines lines = LINES_NONE;
	AUTO_CLOSE int fd = open(POINTS, O_RDONLY | O_CLOEXEC);
	unsigned count = 0;
	const char *line;
	size_t len;
	char step[STEP_MAX];
	struct err err;
	int got;

	if (fd < 0)
		fail_msg("run it in the project's folder: no " POINTS);
	lines_begin(&lines, fd, STEP_MAX - 1);
	while ((got = lines_next(&lines, &line, &len, &err)) == 1) {
		if (line[0] == '#')
			continue;
		(void)snprintf(step, sizeof step, "%.*s", (int)len, line);
		count += sweep_passages(scenario, step);
	}
	assert_int_equal(got, 0);
	print_message("# %s: %u faults\n", scenario->name, count);
	assert_true(count > 0);
}

static void every_fault_is_mended_by_the_next_run(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof scenarios / sizeof *scenarios; i++)
		sweep(&scenarios[i]);
}

/* The way of file systems that cannot exchange names. */
static void without_exchange_the_end_is_the_same(void **state)
{
	static const struct {
		size_t scenario;
		const char *at;
	} cases[] = {
		{ 1, "activate.switch" },
		{ 2, "activate.switch" },
		{ 5, "commit.exchange" },
		{ 5, "commit.exchange#2" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct scenario *scenario = &scenarios[cases[i].scenario];
		AUTO_WORLD struct world world;
		struct err err;

		world_make(&world);
		assert_int_equal(run(&world, scenario->prepare, &err), 0);
		if (fault(&world, scenario, cases[i].at, "EINVAL"))
			fail_msg("%s without %s", scenario->name, cases[i].at);
		check_end(&world, scenario, cases[i].at);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_exchange_the_end_is_the_same),
		cmocka_unit_test(every_fault_is_mended_by_the_next_run),
	};

#ifndef FAULTS
	(void)puts("1..0 # SKIP needs a FAULTS=1 build");
	return 0;
#endif
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
