/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/disk.h"
#include "base/text.h"
#include "files.h"
#include "pack/zip_folder.h"
#include "packs.h"
#include "say.h"

#define WORDS_MAX    64
#define BUILD_ZIP    "zip"
#define PATH_DEFAULT "/usr/bin:/bin"
#define VARIABLES    10

/* Who says how it is built. */
struct recipe {
	const char *command;      /* borrowed; "" for the zip */
	char origin[FS_PATH_MAX]; /* for messages */
	char folder[FS_PATH_MAX]; /* where it is run */
};

struct build {
	const struct publish_settings *settings;
	const char *name;
	char folder[FS_PATH_MAX];   /* of the pack; absolute */
	char out[FS_PATH_MAX];      /* $OUT_DIR; absolute */
	char out_file[FS_PATH_MAX]; /* absolute */
	struct recipe recipe;
	char *variables[VARIABLES + 1]; /* owned; "NAME=value" */
	size_t variable_count;
	char *words[WORDS_MAX + 1]; /* owned */
	size_t word_count;
};

static void build_done(struct build *build)
{
	for (size_t i = 0; i < build->variable_count; i++)
		free(build->variables[i]);
	for (size_t i = 0; i < build->word_count; i++)
		free(build->words[i]);
}

/* --- the command -------------------------------------------------------- */

static int add_variable(struct build *build, const char *name,
                        const char *value, struct err *err)
{
	AUTO_BUF struct buf text = BUF_NONE;

	if (buf_printf(&text, err, "%s=%s", name, value) < 0)
		return -1;
	build->variables[build->variable_count] = strdup(buf_text(&text));
	if (build->variables[build->variable_count] == NULL)
		return err_nomem(err);
	build->variable_count++;
	return 0;
}

static int add_variables(struct build *build, struct err *err)
{
	const struct request *request = build->settings->request;
	char epoch[24];

	(void)snprintf(epoch, sizeof epoch, "%lld",
	               (long long)build->settings->source.created);
	if (add_variable(build, "PACK_NAME", build->name, err) < 0 ||
	    add_variable(build, "PACK_DIR", build->folder, err) < 0 ||
	    add_variable(build, "PACK_VERSION",
	                 publish_word(build->settings, PUBLISH_VERSION),
	                 err) < 0 ||
	    add_variable(build, "OUT_DIR", build->out, err) < 0 ||
	    add_variable(build, "OUT_FILE", build->out_file, err) < 0 ||
	    add_variable(build, "PATH",
	                 request->path != NULL ? request->path : PATH_DEFAULT,
	                 err) < 0 ||
	    add_variable(build, "HOME",
	                 request->home != NULL ? request->home : "/",
	                 err) < 0 ||
	    add_variable(build, "LC_ALL", "C.UTF-8", err) < 0 ||
	    add_variable(build, "TZ", "UTC", err) < 0)
		return -1;
	return build->settings->source.created < 0
	               ? 0
	               : add_variable(build, "SOURCE_DATE_EPOCH", epoch, err);
}

/* The value of the variable that begins at @text, behind its '$'; NULL for any
 * other text. */
static const char *value_at(const struct build *build, const char *text,
                            size_t left, size_t *len)
{
	for (size_t i = 0; i < build->variable_count; i++) {
		const char *variable = build->variables[i];
		size_t name = strcspn(variable, "=");
		char behind;

		if (name > left || strncmp(text, variable, name) != 0)
			continue;
		behind = name < left ? text[name] : '\0';
		if ((behind >= 'A' && behind <= 'Z') || behind == '_')
			continue;
		*len = name;
		return variable + name + 1;
	}
	return NULL;
}

static int add_word(struct build *build, const char *word, size_t len,
                    struct err *err)
{
	AUTO_BUF struct buf text = BUF_NONE;

	if (build->word_count == WORDS_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d words",
		               WORDS_MAX);
	for (size_t i = 0; i < len; i++) {
		size_t skip = 0;
		const char *value = word[i] == '$'
		                            ? value_at(build, word + i + 1,
		                                       len - i - 1, &skip)
		                            : NULL;

		if ((value != NULL ? buf_adds(&text, value, err)
		                   : buf_add(&text, word + i, 1, err)) < 0)
			return -1;
		i += skip;
	}
	build->words[build->word_count] = strdup(buf_text(&text));
	if (build->words[build->word_count] == NULL)
		return err_nomem(err);
	build->word_count++;
	return 0;
}

static int split(struct build *build, const char *command, struct err *err)
{
	const char *at = command;
	const char *word;
	size_t len;

	while ((word = text_word(&at, &len)) != NULL)
		if (add_word(build, word, len, err) < 0)
			return -1;
	return 0;
}

/* Where a program is; a name with a '/' in it is relative to the folder. */
static bool find_program(const struct build *build, const char *word,
                         char out[FS_PATH_MAX])
{
	const char *path = build->settings->request->path;
	int n;

	if (strchr(word, '/') != NULL) {
		n = snprintf(out, FS_PATH_MAX, "%s%s%s",
		             word[0] == '/' ? "" : build->recipe.folder,
		             word[0] == '/' ? "" : "/", word);
		return n < FS_PATH_MAX && access(out, X_OK) == 0;
	}
	for (path = path != NULL ? path : PATH_DEFAULT; *path != '\0';) {
		size_t len = strcspn(path, ":");

		n = snprintf(out, FS_PATH_MAX, "%.*s/%s", (int)len, path, word);
		if (len > 0 && path[0] == '/' && n < FS_PATH_MAX &&
		    access(out, X_OK) == 0)
			return true;
		path += len + (path[len] == ':');
	}
	return false;
}

static int set_up(posix_spawn_file_actions_t *actions,
                  posix_spawnattr_t *attributes, const char *folder,
                  struct err *err)
{
	sigset_t reset;

	(void)sigemptyset(&reset);
	(void)sigaddset(&reset, SIGPIPE); /* main() ignores it */
	if (posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY,
	                                     0) != 0 ||
	    posix_spawn_file_actions_adddup2(actions, 2, 1) != 0 ||
	    posix_spawn_file_actions_addchdir_np(actions, folder) != 0 ||
	    posix_spawnattr_setsigdefault(attributes, &reset) != 0 ||
	    posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF) != 0)
		return err_nomem(err);
	return 0;
}

static int spawn(struct build *build, const char *program,
                 posix_spawn_file_actions_t *actions,
                 posix_spawnattr_t *attributes, pid_t *pid, struct err *err)
{
	int failed;

	if (set_up(actions, attributes, build->recipe.folder, err) < 0)
		return -1;
	failed = posix_spawn(pid, program, actions, attributes, build->words,
	                     build->variables);
	return failed == 0 ? 0
	                   : err_set(err, ERR_SYSTEM, failed, "starting '%s'",
	                             program);
}

static int start(struct build *build, const char *program, pid_t *pid,
                 struct err *err)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int result;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return err_nomem(err);
	if (posix_spawnattr_init(&attributes) != 0) {
		(void)posix_spawn_file_actions_destroy(&actions);
		return err_nomem(err);
	}
	result = spawn(build, program, &actions, &attributes, pid, err);
	(void)posix_spawnattr_destroy(&attributes); /* never fails */
	(void)posix_spawn_file_actions_destroy(&actions);
	return result;
}

static int run(struct build *build, const char *program, struct err *err)
{
	int status;
	pid_t pid;

	(void)fflush(stdout); /* keeps the order of what is said */
	if (start(build, program, &pid, err) < 0)
		return -1;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_set(err, ERR_SYSTEM, errno,
			               "waiting for '%s'", program);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return err_set(err, ERR_USAGE, 0, "'%.200s' ended with %s %d", program,
	               WIFSIGNALED(status) ? "signal" : "status",
	               WIFSIGNALED(status) ? WTERMSIG(status)
	                                   : WEXITSTATUS(status));
}

/* --- which recipe ------------------------------------------------------- */

/* 1: packc is there, and is the recipe; 0: it is not. */
static int try_packc(struct build *build, struct err *err)
{
	const struct publish_settings *settings = build->settings;
	const struct publish_setting *packc = &settings->words[PUBLISH_PACKC];
	char program[FS_PATH_MAX];
	const char *const words[] = {
		packc->value,
		"build",
		publish_word(settings, PUBLISH_PACKC_FLAGS),
		"--in",
		"$PACK_DIR",
		"--gtpack-out",
		"$OUT_FILE"
	};

	if (!find_program(build, packc->value, program)) {
		if (strcmp(packc->origin, "default") == 0)
			return 0;
		return err_set(err, ERR_USAGE, 0,
		               "%s names '%.200s', which is not there",
		               packc->origin, packc->value);
	}
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (split(build, words[i], err) < 0)
			return -1;
	return 1;
}

static int absolute(const char *path, char out[FS_PATH_MAX], struct err *err)
{
	AUTO_FREE char *real = realpath(path, NULL);

	if (real == NULL)
		return err_set(err, ERR_SYSTEM, errno, "'%s'", path);
	return text_copy(out, FS_PATH_MAX, real, strlen(real), err);
}

static int choose_recipe(struct build *build, const struct package_ini *own,
                         struct err *err)
{
	const struct publish_settings *settings = build->settings;
	struct recipe *recipe = &build->recipe;
	char folder[FS_PATH_MAX];

	memcpy(recipe->folder, build->folder, sizeof recipe->folder);
	if (own->build[0] != '\0') {
		recipe->command = own->build;
		(void)snprintf(recipe->origin, sizeof recipe->origin,
		               "package.ini of the pack");
		return 0;
	}
	recipe->command = publish_word(settings, PUBLISH_BUILD);
	if (recipe->command[0] == '\0')
		return 0;
	(void)snprintf(recipe->origin, sizeof recipe->origin, "%s",
	               settings->package->config);
	if (file_beside(settings->package->config, ".", folder, err) < 0)
		return -1;
	return absolute(folder, recipe->folder, err);
}

static int run_recipe(struct build *build, struct err *err)
{
	char program[FS_PATH_MAX];

	if (!find_program(build, build->words[0], program))
		return err_set(err, ERR_USAGE, 0,
		               "'%.200s' is not there: %s says build = %.200s",
		               build->words[0],
		               build->recipe.origin[0] != '\0'
		                       ? build->recipe.origin
		                       : "PACKC_BIN",
		               build->recipe.command);
	return run(build, program, err);
}

/* --- the file ----------------------------------------------------------- */

static int make_zip(const struct build *build, struct err *err)
{
	static const char *const skip[] = { "package.ini", ".git", NULL };
	AUTO_CLOSE int folder = fs_open_anchor(build->folder, err);
	AUTO_CLOSE int out = -1;
	char name[FS_NAME_MAX];

	if (folder < 0)
		return -1;
	out = fs_open_anchor(build->out, err);
	if (out < 0)
		return -1;
	(void)snprintf(name, sizeof name, "%.200s" PACK_SUFFIX, build->name);
	return zip_folder(folder, skip, out, name, err);
}

/* What an earlier run left must not be taken for what this one made. */
static int clear_file(const struct build *build, struct err *err)
{
	AUTO_CLOSE int out = fs_open_anchor(build->out, err);
	char name[FS_NAME_MAX];

	if (out < 0)
		return -1;
	(void)snprintf(name, sizeof name, "%.200s" PACK_SUFFIX, build->name);
	return disk_unlink("packs.clear", out, name, err);
}

static int check_file(const struct build *build, struct err *err)
{
	struct stat st;

	if (stat(build->out_file, &st) < 0 && errno == ENOENT)
		return err_set(err, ERR_USAGE, 0,
		               "the build command ended well, and did not make "
		               "$OUT_FILE, '%s'",
		               build->out_file);
	if (stat(build->out_file, &st) < 0)
		return err_set(err, ERR_SYSTEM, errno, "'%s'", build->out_file);
	if (!S_ISREG(st.st_mode) || st.st_size == 0)
		return err_set(err, ERR_FORMAT, 0,
		               "'%s' is empty, or no regular file",
		               build->out_file);
	return 0;
}

static int make(struct build *build, const struct package_ini *own,
                struct err *err)
{
	int packc = 0;

	if (choose_recipe(build, own, err) < 0 ||
	    add_variables(build, err) < 0 || clear_file(build, err) < 0)
		return -1;
	if (build->recipe.command[0] == '\0')
		packc = try_packc(build, err);
	else if (strcmp(build->recipe.command, BUILD_ZIP) != 0)
		packc = split(build, build->recipe.command, err) < 0 ? -1 : 1;
	if (packc < 0)
		return -1;
	if (packc == 0)
		return make_zip(build, err);
	return run_recipe(build, err) < 0 ? -1 : check_file(build, err);
}

int pack_build(const struct publish_settings *settings, const char *path,
               const char *name, const struct package_ini *own, char *file,
               struct err *err)
{
	const char *out = publish_word(settings, PUBLISH_OUT_DIR);
	AUTO(build_done)
	struct build build = { .settings = settings, .name = name };

	if (make_folders(out, err) < 0 || absolute(out, build.out, err) < 0 ||
	    absolute(path, build.folder, err) < 0)
		return -1;
	if (snprintf(build.out_file, sizeof build.out_file,
	             "%.3800s/%.200s" PACK_SUFFIX, build.out,
	             name) >= (int)sizeof build.out_file ||
	    snprintf(file, FS_PATH_MAX, "%.3800s/%.200s" PACK_SUFFIX, out,
	             name) >= FS_PATH_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "the path of '%s' is too long", out);
	return make(&build, own, err);
}
