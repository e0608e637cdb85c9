/* SPDX-License-Identifier: Apache-2.0 */
#include "health/gather_engine.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/host_facts.h"
#include "health/patience.h"
#include "privsep/engine.h"
#include "privsep/errands.h"
#include "privsep/worker.h"
#include "store/space.h"

#define WORKER_ACCOUNT "tidegate-probe"

/* --- whether and whom to ask -----------------------------------------------
 */

bool gather_engine_asks(struct check_set set)
{
	static const enum check_id ids[] = {
		CHECK_ENGINE_PRESENT,     CHECK_ENGINE_SUPPORTED,
		CHECK_ENGINE_VERSION,     CHECK_ENGINE_HEALTHY,
		CHECK_ENGINE_STORAGE,     CHECK_ENGINE_CGROUPS,
		CHECK_ENGINE_RUNTIMES,    CHECK_ENGINE_SECCOMP,
		CHECK_ENGINE_APPARMOR,    CHECK_ENGINE_COMPOSE,
		CHECK_IMAGES_PRESENT,     CHECK_CONTAINERS_RUNNING,
		CHECK_CONTAINERS_HEALTHY, CHECK_HOST_YAMA,
	};

	for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++)
		if (check_set_has(set, ids[i]))
			return true;
	return false;
}

static bool names_images(const struct profile_env *profile)
{
	return profile != NULL &&
	       (profile->image_prefix[0] != '\0' ||
	        profile->image_digest[0] != '\0' || profile->image_count > 0);
}

/* Why nothing is asked; NULL: it is. */
static const char *find_obstacle(const struct gather_engine *request)
{
	if (request->settings->container.engine == CONTAINER_NONE)
		return "the configuration says engine = none";
	if (request->settings->container.engine == CONTAINER_BY_PROFILE &&
	    !names_images(request->profile))
		return "no profile.env names images, and the configuration "
		       "no engine";
	return NULL;
}

/* --- one engine ------------------------------------------------------------
 */

/* Who may talk to a socket that we may not: a right to be named. */
static void name_right(int socket, const char *path, struct look *look)
{
	const struct group *group = NULL;
	struct stat st;

	if (socket >= 0 && fstat(socket, &st) == 0 &&
	    (st.st_mode & S_IWGRP) != 0 && st.st_gid != 0)
		group = getgrgid(st.st_gid);
	if (group != NULL)
		look_set(look, SIGHT_HIDDEN,
		         "'%s' is open to root and the group '%s' only", path,
		         group->gr_name);
	else
		look_set(look, SIGHT_HIDDEN, "'%s' is open to its owner only",
		         path);
}

static bool is_forbidden(const struct err *err)
{
	return err->code == ERR_SYSTEM &&
	       (err->sys == EACCES || err->sys == EPERM);
}

/* What came of asking one engine. */
struct answer {
	struct look look;
	bool has_report; /* the look is GOOD */
	bool is_silent;  /* it had all of its time, and used all of it */
	struct engine_report report;
};

/* The engines that are there to be asked, side by side. */
struct round {
	const struct gather_engine *request;
	const struct engine_wishes *wishes;
	struct patience patience; /* of each */
	uint32_t grace_ms;
	int workers; /* borrowed */
	struct {
		struct engine_seen *seen; /* borrowed */
		int socket;               /* owned */
	} items[ENGINES_MAX];
	size_t count;
};

static void round_done(struct round *round)
{
	for (size_t i = 0; i < round->count; i++)
		cleanup_close(&round->items[i].socket);
}

/* In a process of its own. */
static void ask(void *context, size_t number, void *result)
{
	const struct round *round = context;
	const struct gather_engine *request = round->request;
	struct answer *out = result;
	const char *path = round->items[number].seen->socket;
	int64_t end = clock_monotonic_ms() + round->patience.wait_ms;
	const struct engine_ask ask = {
		.socket = round->items[number].socket,
		.wishes = round->wishes,
		.folder = round->workers,
		.account = WORKER_ACCOUNT,
		.mode = request->settings->is_uid_only ? SANDBOX_UID_ONLY
		                                       : SANDBOX_FULL,
		.timeout_ms = round->patience.wait_ms,
	};
	struct err err;

	if (engine_ask(&ask, &out->report, &err) == 0) {
		look_set(&out->look, SIGHT_GOOD, "it answers");
		out->has_report = true;
		return;
	}
	if (is_forbidden(&err)) {
		name_right(ask.socket, path, &out->look);
		return;
	}
	(void)err_wrap(&err, "the engine at '%s'", path);
	look_failed(&out->look, &err);
	if (patience_is_lost(&round->patience))
		out->look.sight = SIGHT_FAILED;
	out->is_silent = !round->patience.is_cut && clock_monotonic_ms() >= end;
}

static uint32_t limit_of(const void *context, size_t number)
{
	const struct round *round = context;

	(void)number;
	return round->patience.wait_ms + round->grace_ms;
}

/* --- an engine that hangs, hangs for all apps ------------------------------
 */

static const struct look *find_silence(const struct engine_silences *silences,
                                       const char *socket)
{
	for (size_t i = 0; i < silences->count; i++)
		if (strcmp(silences->items[i].socket, socket) == 0)
			return &silences->items[i].look;
	return NULL;
}

static void note_silence(struct engine_silences *silences,
                         const struct engine_seen *seen)
{
	struct engine_silence *item = &silences->items[silences->count];

	if (silences->count == ENGINE_SILENCES_MAX)
		return; /* so it is asked again */
	memcpy(item->socket, seen->socket, sizeof item->socket);
	item->look = seen->look;
	silences->count++;
}

/* Look for one socket; one that is not there is no engine. */
static int look_at(const char path[ENGINE_PATH_SIZE], struct round *round,
                   struct engine_facts *facts, struct err *err)
{
	const struct gather_engine *request = round->request;
	struct engine_seen *seen = &facts->engines[facts->count];
	AUTO_CLOSE int socket = engine_open_socket(request->root, path, err);
	const struct look *silence;

	if (socket < 0 && err->code == ERR_SYSTEM &&
	    (err->sys == ENOENT || err->sys == ENOTDIR))
		return 0;
	memcpy(seen->socket, path, sizeof seen->socket);
	facts->count++;
	silence = find_silence(request->silences, path);
	if (socket >= 0 && silence != NULL) {
		seen->look = *silence;
	} else if (socket >= 0) {
		round->items[round->count].seen = seen;
		round->items[round->count++].socket = TAKE_FD(socket);
	} else if (is_forbidden(err)) {
		name_right(socket, path, &seen->look);
	} else {
		return look_note(&seen->look, err);
	}
	return 0;
}

static int take_answer(const struct round *round, const struct answer *answer,
                       struct engine_seen *seen, struct err *err)
{
	if (answer == NULL) {
		look_set(
			&seen->look, SIGHT_FAILED,
			"the process that asks the engine at '%s' did not come "
			"to its end",
			seen->socket);
		return 0;
	}
	seen->look = answer->look;
	if (answer->is_silent)
		note_silence(round->request->silences, seen);
	if (!answer->has_report)
		return 0;
	seen->report = malloc(sizeof *seen->report);
	if (seen->report == NULL)
		return err_nomem(err);
	*seen->report = answer->report;
	return 0;
}

static void skip_all(const struct round *round)
{
	for (size_t i = 0; i < round->count; i++)
		look_set(&round->items[i].seen->look, SIGHT_FAILED,
		         "the engine at '%s' was not asked: no time was left "
		         "until the verdict",
		         round->items[i].seen->socket);
}

static int ask_all(struct round *round, struct err *err)
{
	AUTO_ERRANDS struct errands errands = ERRANDS_NONE;
	const struct errands_plan plan = { .count = round->count,
		                           .result_size = sizeof(struct answer),
		                           .run = ask,
		                           .limit_ms = limit_of,
		                           .context = round };

	round->patience =
		patience_for(round->request->end, round->request->timeout_ms);
	round->grace_ms = patience_grace(round->request->end);
	if (round->patience.wait_ms == 0) {
		skip_all(round);
		return 0;
	}
	if (errands_begin(&plan, &errands, err) < 0)
		return -1;
	errands_await(&errands);
	for (size_t i = 0; i < round->count; i++)
		if (take_answer(round, errands_result(&errands, i),
		                round->items[i].seen, err) < 0)
			return -1;
	return 0;
}

/* --- all of them -----------------------------------------------------------
 */

/* Where engines listen, for root and for an ordinary user. */
static size_t list_sockets(const struct settings_container *policy,
                           char out[ENGINES_MAX][ENGINE_PATH_SIZE])
{
	unsigned uid = (unsigned)geteuid();
	const struct passwd *user;
	size_t count = 0;

	if (policy->socket[0] != '\0') {
		(void)snprintf(out[0], ENGINE_PATH_SIZE, "%s", policy->socket);
		return 1;
	}
	(void)snprintf(out[count++], ENGINE_PATH_SIZE, "/run/docker.sock");
	(void)snprintf(out[count++], ENGINE_PATH_SIZE,
	               "/run/podman/podman.sock");
	if (uid == 0)
		return count;
	/* What $XDG_RUNTIME_DIR is, unless somebody changed it. */
	(void)snprintf(out[count++], ENGINE_PATH_SIZE,
	               "/run/user/%u/docker.sock", uid);
	(void)snprintf(out[count++], ENGINE_PATH_SIZE,
	               "/run/user/%u/podman/podman.sock", uid);
	user = getpwuid(uid);
	if (user != NULL)
		(void)snprintf(out[count++], ENGINE_PATH_SIZE,
		               "%s/.docker/desktop/docker.sock", user->pw_dir);
	return count;
}

static int look_at_all(const struct gather_engine *request,
                       struct engine_facts *facts, struct err *err)
{
	char sockets[ENGINES_MAX][ENGINE_PATH_SIZE];
	size_t count = list_sockets(&facts->policy, sockets);
	AUTO_CLOSE int workers = worker_open_folder(err);
	AUTO(round_done)
	struct round round = { .request = request,
		               .wishes = facts->wishes,
		               .workers = workers };

	if (workers < 0)
		return look_note(&facts->look, err);
	for (size_t i = 0; i < count; i++)
		if (look_at(sockets[i], &round, facts, err) < 0)
			return -1;
	if (round.count > 0 && ask_all(&round, err) < 0)
		return -1;
	look_set(&facts->look, SIGHT_GOOD, "looked for");
	return 0;
}

/* --- what lies about -------------------------------------------------------
 */

/* Whether any of these is there; what cannot be seen is not. */
static bool is_there(int root, const char *const *paths)
{
	struct err err;

	for (; *paths != NULL; paths++) {
		AUTO_CLOSE int fd = fs_find(root, *paths, &err);

		if (fd >= 0)
			return true;
	}
	return false;
}

static void look_at_files(int root, struct engine_facts *facts)
{
	static const char *const docker[] = { "/usr/bin/dockerd",
		                              "/usr/sbin/dockerd",
		                              "/usr/local/bin/dockerd", NULL };
	static const char *const podman[] = { "/usr/bin/podman",
		                              "/usr/local/bin/podman", NULL };
	static const char *const containerd[] = {
		"/run/containerd/containerd.sock", NULL
	};
	static const char *const compose[] = {
		"/usr/libexec/docker/cli-plugins/docker-compose",
		"/usr/lib/docker/cli-plugins/docker-compose",
		"/usr/local/libexec/docker/cli-plugins/docker-compose",
		"/usr/local/lib/docker/cli-plugins/docker-compose", NULL
	};

	facts->has_docker = is_there(root, docker);
	facts->has_podman = is_there(root, podman);
	facts->has_containerd = is_there(root, containerd);
	facts->has_compose = is_there(root, compose);
}

/* The kernel is one for all roots. */
static void look_at_kernel(struct engine_facts *facts)
{
	AUTO_CLOSE int fd = open("/sys/module/apparmor/parameters/enabled",
	                         O_RDONLY | O_CLOEXEC);
	char enabled = 'N';

	facts->kernel_has_seccomp =
		access("/proc/sys/kernel/seccomp/actions_avail", F_OK) == 0;
	if (fd >= 0 && read(fd, &enabled, 1) == 1)
		facts->kernel_has_apparmor = enabled == 'Y';
}

static int look_at_host(int root, struct engine_facts *facts, struct err *err)
{
	struct host_facts host;

	if (host_facts_read(root, &host, err) < 0)
		return look_note(&facts->look, err);
	(void)snprintf(facts->platform, sizeof facts->platform, "%s/%s",
	               host.os, host.architecture);
	return 0;
}

/* --- its storage -----------------------------------------------------------
 */

/* Where engines store unless they are told otherwise. */
static void usual_folder(const struct engine_report *report,
                         char out[ENGINE_PATH_SIZE])
{
	bool is_podman = report->kind == ENGINE_PODMAN;
	const struct passwd *user = NULL;

	if ((report->guards & ENGINE_ROOTLESS) != 0 && geteuid() != 0)
		user = getpwuid(geteuid());
	if (user != NULL)
		(void)snprintf(out, ENGINE_PATH_SIZE, "%s/.local/share/%s",
		               user->pw_dir,
		               is_podman ? "containers/storage" : "docker");
	else
		(void)snprintf(out, ENGINE_PATH_SIZE, "%s",
		               is_podman ? "/var/lib/containers/storage"
		                         : "/var/lib/docker");
}

/* The engine says where it stores, and nothing is looked for at a place that a
 * stranger names: it must be the one that we know.  Below another root than /
 * an engine that was not started there says the whole path. */
static bool is_known(int root, const struct engine_report *report,
                     const char *folder)
{
	char link[64];
	char top[ENGINE_PATH_SIZE];
	ssize_t len;

	if (strcmp(report->folder, folder) == 0)
		return true;
	(void)snprintf(link, sizeof link, "/proc/self/fd/%d", root);
	len = readlink(link, top, sizeof top);
	if (len <= 0 || (size_t)len == sizeof top)
		return false;
	return strncmp(report->folder, top, (size_t)len) == 0 &&
	       strcmp(report->folder + len, folder) == 0;
}

static int measure(int root, struct engine_storage *out, struct err *err)
{
	AUTO_CLOSE int fd = fs_find(root, out->folder, err);
	struct space space;

	if (fd < 0 || space_free(fd, &space, err) < 0) {
		if (look_note(&out->look, err) < 0)
			return -1;
		if (out->look.sight == SIGHT_ABSENT)
			out->look.sight = SIGHT_FAILED; /* it has to be */
		return 0;
	}
	look_set(&out->look, SIGHT_GOOD, "known");
	out->free_bytes = space.bytes;
	out->free_files = space.files;
	return 0;
}

static int look_at_storage(int root, const struct engine_report *report,
                           struct engine_facts *facts, struct err *err)
{
	struct engine_storage *out = &facts->storage;

	if (report->kind == ENGINE_DESKTOP) {
		look_set(&out->look, SIGHT_NONE,
		         "Docker Desktop stores in a machine of its own");
		return 0;
	}
	if (facts->policy.storage[0] != '\0')
		(void)snprintf(out->folder, sizeof out->folder, "%s",
		               facts->policy.storage);
	else
		usual_folder(report, out->folder);
	if (is_known(root, report, out->folder))
		return measure(root, out, err);
	look_set(&out->look, SIGHT_FAILED,
	         "the engine stores in '%s'; write storage = with its path in "
	         "[container] of the configuration",
	         report->folder);
	return 0;
}

int gather_engine(const struct gather_engine *request, struct engine_facts *out,
                  struct err *err)
{
	const char *obstacle = find_obstacle(request);
	const struct engine_seen *chosen;

	if (obstacle != NULL) {
		look_set(&out->look, SIGHT_NONE, "%s", obstacle);
		return 0;
	}
	out->policy = request->settings->container;
	out->wishes = calloc(1, sizeof *out->wishes);
	if (out->wishes == NULL)
		return err_nomem(err);
	engine_wishes_of(request->profile, &out->policy, out->wishes);
	look_at_files(request->root, out);
	look_at_kernel(out);
	if (look_at_all(request, out, err) < 0 ||
	    look_at_host(request->root, out, err) < 0)
		return -1;
	chosen = engine_choose(out);
	if (chosen == NULL)
		return 0;
	return look_at_storage(request->root, chosen->report, out, err);
}
