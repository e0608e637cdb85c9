/* SPDX-License-Identifier: Apache-2.0 */
/* profile.env: the command "stamp", and the one that a bundle carries. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/disk.h"
#include "base/text.h"
#include "files.h"
#include "job.h"
#include "pack/profile.h"
#include "say.h"

/* Where a build and an installed tree keep them, from the program's folder. */
#define INSTALLED "../share/tidegate/profiles"

static struct profile_wishes wishes_of(const struct request *request,
                                       const struct package_settings *settings)
{
	return (struct profile_wishes){ .name = settings->profile,
		                        .sets = &request->sets,
		                        .images = &request->images };
}

/* The folder of profiles that lies with this program. */
static int installed_folder(char out[FS_PATH_MAX], struct err *err)
{
	char program[FS_PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", program, sizeof program - 1);

	if (len < 0)
		return err_set(err, ERR_SYSTEM, errno, "finding this program");
	program[len] = '\0';
	return file_beside(program, INSTALLED, out, err);
}

/* Read @folder/<name>.env: 1, or 0 when there is none. */
static int read_base(const char *folder, const char *name,
                     struct profile_env *out, struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(PROFILE_ENV_MAX);
	char path[2 * FS_PATH_MAX];

	(void)snprintf(path, sizeof path, "%s/%s.env", folder, name);
	if (file_read(path, &text, err) < 0)
		return err->code == ERR_SYSTEM && err->sys == ENOENT ? 0 : -1;
	if (profile_env_parse(buf_text(&text), text.len, out, err) < 0)
		return err_wrap(err, "'%s'", path);
	return 1;
}

static int find_base(const struct package_settings *settings,
                     struct profile_env *out, struct err *err)
{
	const char *name =
		settings->profile != NULL ? settings->profile : "dev";
	char folder[FS_PATH_MAX];
	int found;

	if (strcmp(name, "dev") != 0 && strcmp(name, "nightly") != 0 &&
	    strcmp(name, "prod") != 0)
		return err_set(err, ERR_USAGE, 0,
		               "'%s' is no profile: dev, nightly or prod",
		               name);
	if (file_beside(settings->config, "profiles", folder, err) < 0)
		return -1;
	found = read_base(folder, name, out, err);
	if (found != 0)
		return found < 0 ? -1 : 0;
	if (installed_folder(folder, err) < 0)
		return -1;
	found = read_base(folder, name, out, err);
	if (found == 0)
		return err_set(
			err, ERR_USAGE, 0,
			"there is no %s.env, neither in profiles/ nor in "
			"'%s'",
			name, folder);
	return found < 0 ? -1 : 0;
}

/* A new profile.env, in its text. */
static int stamp(const struct request *request,
                 const struct package_settings *settings,
                 struct profile_env *env, struct buf *text, struct err *err)
{
	const struct profile_wishes wishes = wishes_of(request, settings);

	if (find_base(settings, env, err) < 0 ||
	    profile_stamp(&wishes, env, err) < 0 ||
	    profile_check(env, &settings->ini.images, err) < 0)
		return -1;
	return profile_env_write(env, text, err);
}

int stamp_run(void *context, struct err *err)
{
	const struct request *request = context;
	AUTO_FREE struct package_settings *settings = NULL;
	AUTO_BUF struct buf text = BUF_LIMIT(PROFILE_ENV_MAX);
	AUTO_CLOSE int dir = -1;
	struct profile_env env;
	char name[FS_NAME_MAX];

	if (request->out == NULL)
		return err_set(err, ERR_USAGE, 0,
		               "name the file: package-release stamp --out "
		               "host/profile.env");
	if (package_settings_load(request, &settings, err) < 0 ||
	    stamp(request, settings, &env, &text, err) < 0)
		return err_wrap(err, "stamping");
	dir = file_split(request->out, name, err);
	if (dir < 0 || disk_replace_file("stamp.write", dir, name, 0644,
	                                 text.data, text.len, err) < 0)
		return err_wrap(err, "stamping");
	say(request, "wrote %s: PROFILE=%s", request->out, env.profile);
	return 0;
}

/* --- for a bundle
 * --------------------------------------------------------------- */

/* A profile.env in the payload is what its author tested with: used as it is,
 * and what the command line says must agree. */
static int use_existing(struct job *job, const struct source_entry *entry,
                        struct profile_env *env, struct err *err)
{
	const struct profile_wishes wishes =
		wishes_of(job->request, job->settings);
	AUTO_CLOSE int fd = -1;

	if (entry->type != ENTRY_FILE)
		return err_set(err, ERR_FORMAT, 0, "it is no file");
	fd = fs_open_file(job->tree.root, entry->path, err);
	if (fd < 0 || fs_read_fd(fd, &job->profile, err) < 0 ||
	    profile_env_parse(buf_text(&job->profile), job->profile.len, env,
	                      err) < 0 ||
	    profile_hold(&wishes, env, err) < 0)
		return -1;
	return profile_check(env, &job->settings->ini.images, err);
}

static int make_new(struct job *job, struct profile_env *env, struct err *err)
{
	if (stamp(job->request, job->settings, env, &job->profile, err) < 0)
		return -1;
	return source_tree_add(&job->tree, job->settings->profile_path,
	                       job->profile.data, job->profile.len, err);
}

int job_profile(struct job *job, struct err *err)
{
	const char *path = job->settings->profile_path;
	const struct source_entry *entry = source_tree_find(&job->tree, path);
	const struct profile_wishes wishes =
		wishes_of(job->request, job->settings);
	struct profile_env env;

	job->profile.max = PROFILE_ENV_MAX;
	if (entry == NULL && !profile_is_wished(&wishes) &&
	    job->settings->ini.images.count == 0)
		return 0;
	if (entry != NULL ? use_existing(job, entry, &env, err) < 0
	                  : make_new(job, &env, err) < 0)
		return err_wrap(err, "'%s'", path);
	job->is_prod = strcmp(env.profile, "prod") == 0;
	return 0;
}
