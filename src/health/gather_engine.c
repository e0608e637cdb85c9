/* SPDX-License-Identifier: Apache-2.0 */
#include "health/gather_engine.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/host_facts.h"
#include "health/engine_round.h"
#include "store/space.h"

/* --- whether and whom to ask --- */

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

/* --- what lies about --- */

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

/* --- its storage --- */

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

/* --- all of it --- */

int gather_engine(const struct gather_engine *request, struct engine_facts *out,
                  struct err *err)
{
	const char *obstacle = find_obstacle(request);
	char sockets[ENGINES_MAX][ENGINE_PATH_SIZE];
	const struct engine_seen *chosen;
	size_t count;

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
	count = list_sockets(&out->policy, sockets);
	if (engine_round(request, sockets, count, out, err) < 0 ||
	    look_at_host(request->root, out, err) < 0)
		return -1;
	chosen = engine_choose(out);
	if (chosen == NULL)
		return 0;
	return look_at_storage(request->root, chosen->report, out, err);
}
