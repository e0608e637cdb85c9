/* SPDX-License-Identifier: Apache-2.0 */
/* login, logout: the entry of one registry in docker's configuration file, or
 * with the helper that the file names. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/disk.h"
#include "base/fs.h"
#include "base/text.h"
#include "codec/docker_config.h"
#include "codec/json_write.h"
#include "docker_files.h"
#include "files.h"
#include "helper.h"
#include "net/oci_login.h"
#include "publish_credentials.h"
#include "request.h"
#include "say.h"
#include "web_client.h"

/* The file, open to be replaced. */
struct config_file {
	char path[FS_PATH_MAX];
	char name[FS_NAME_MAX];
	int folder;      /* owned; locked */
	struct buf text; /* owned; empty where there is none yet */
};

#define CONFIG_FILE_NONE                                                       \
	((struct config_file){ .folder = -1,                                   \
	                       .text = BUF_LIMIT(DOCKER_CONFIG_MAX) })
#define AUTO_CONFIG_FILE AUTO(config_file_done)

static void config_file_done(struct config_file *file)
{
	cleanup_close(&file->folder);
	buf_wipe(&file->text);
}

/* --- which registry ------------------------------------------------------ */

/* "ghcr.io", "https://ghcr.io/", "oci://ghcr.io". */
static int read_registry(const char *text, struct oci_reference *out,
                         struct err *err)
{
	const char *scheme = strstr(text, "://");
	const char *host = scheme != NULL ? scheme + 3 : text;
	size_t len = strcspn(host, "/");
	char whole[2 * OCI_NAME_MAX];

	if (len == 0 || len > OCI_NAME_MAX || host[len + (host[len] == '/')])
		return err_set(err, ERR_USAGE, 0,
		               "'%s' is no registry: a name alone, as "
		               "ghcr.io",
		               text);
	(void)snprintf(whole, sizeof whole, "%.*s/any", (int)len, host);
	if (oci_reference_parse(whole, out, err) < 0)
		return err_set(err, ERR_USAGE, 0,
		               "'%s' is no registry: a name in lower case with "
		               "a dot or a port, as ghcr.io",
		               text);
	return 0;
}

/* --- the file ------------------------------------------------------------ */

/* Who is asked first must not go on saying something else: podman's file gets
 * the entry where it has one, or a helper for one. */
static int is_known(const char *path, const struct oci_reference *reference,
                    struct err *err)
{
	AUTO_DOCKER_CREDENTIAL struct docker_credential found =
		DOCKER_CREDENTIAL_NONE;

	return docker_file_find(path, reference, &found, err);
}

/* Which file a login goes to. */
static int choose_path(const struct docker_files *files,
                       const struct oci_reference *reference, const char **out,
                       struct err *err)
{
	size_t last = files->count - 1;

	if (files->count == 0 || (!files->is_explicit && !files->has_docker))
		return err_set(err, ERR_USAGE, 0,
		               "there is no $HOME to keep docker's "
		               "configuration in: name a file with "
		               "REGISTRY_AUTH_FILE");
	if (!files->is_explicit)
		for (size_t i = 0; i < last; i++) {
			int known = is_known(files->paths[i], reference, err);

			if (known < 0)
				return -1;
			if (known == 1)
				last = i;
		}
	*out = files->paths[files->is_explicit ? 0 : last];
	return 0;
}

/* Who keeps the file elsewhere, by a link, keeps it there. */
static void follow_links(char path[FS_PATH_MAX])
{
	char real[PATH_MAX];

	if (realpath(path, real) != NULL && strlen(real) < FS_PATH_MAX)
		(void)snprintf(path, FS_PATH_MAX, "%s", real);
}

/* ~/.docker, for the first time. */
static int require_folder(const char *path, struct err *err)
{
	char folder[FS_PATH_MAX];
	char name[FS_NAME_MAX];
	AUTO_CLOSE int parent = -1;
	AUTO_CLOSE int made = -1;
	char *slash;

	(void)snprintf(folder, sizeof folder, "%s", path);
	slash = strrchr(folder, '/');
	if (slash == NULL || slash == folder)
		return 0;
	*slash = '\0';
	if (access(folder, F_OK) == 0)
		return 0;
	parent = file_split(folder, name, err);
	if (parent < 0)
		return -1;
	made = disk_require_dir("login.folder", parent, name, 0700, err);
	return made < 0 ? -1 : 0;
}

static int open_config(const char *path, struct config_file *out,
                       struct err *err)
{
	AUTO_CLOSE int fd = -1;
	int is_there;

	if (text_copy(out->path, sizeof out->path, path, strlen(path), err) < 0)
		return -1;
	follow_links(out->path);
	if (require_folder(out->path, err) < 0)
		return -1;
	out->folder = file_split(out->path, out->name, err);
	if (out->folder < 0)
		return -1;
	if (flock(out->folder, LOCK_EX) < 0)
		return err_set(err, ERR_SYSTEM, errno, "locking '%s'",
		               out->path);
	is_there = fs_exists(out->folder, out->name, NULL, err);
	if (is_there <= 0)
		return is_there;
	fd = fs_open_file(out->folder, out->name, err);
	if (fd < 0 || fs_read_fd(fd, &out->text, err) < 0)
		return err_wrap(err, "'%s'", out->path);
	return 0;
}

static int replace_config(const struct config_file *file,
                          const struct buf *text, struct err *err)
{
	if (disk_replace_file("login.config", file->folder, file->name, 0600,
	                      buf_text(text), text->len, err) < 0)
		return err_wrap(err, "'%s'", file->path);
	return 0;
}

/* The name of the helper, or "" where the file itself keeps passwords. */
static int find_keeper(const struct config_file *file,
                       const struct oci_reference *reference,
                       char out[DOCKER_HELPER_SIZE], struct err *err)
{
	out[0] = '\0';
	if (file->text.len == 0)
		return 0;
	if (docker_config_helper(buf_text(&file->text), file->text.len,
	                         reference, out, err) < 0)
		return err_wrap(err, "'%s'", file->path);
	return 0;
}

/* --- with a helper ------------------------------------------------------- */

/* What all helpers say of a registry that they know nothing of:
 * docker-credential-helpers, credentials/error.go. */
#define NOT_FOUND "credentials not found in native keychain"

/* 1; 0: it has no such credentials; or -1. */
static int run_helper(const struct request *request,
                      const struct helper_call *call, struct err *err)
{
	AUTO_SECRET struct buf answer = BUF_LIMIT(HELPER_MAX);
	int got = helper_run(request, call, &answer, err);

	if (got != 0 ||
	    strncmp(buf_text(&answer), NOT_FOUND, strlen(NOT_FOUND)) == 0)
		return got;
	return err_set(err, ERR_SYSTEM, 0,
	               "docker-credential-%s %s did not succeed: %.*s",
	               call->helper, call->verb,
	               (int)strcspn(buf_text(&answer), "\n"),
	               buf_text(&answer));
}

static int store(const struct request *request, const char *helper,
                 const char *key, const char *user, const char *password,
                 struct err *err)
{
	AUTO_SECRET struct buf input = BUF_LIMIT(HELPER_MAX);
	struct helper_call call = { .helper = helper, .verb = "store" };
	struct json_writer writer;

	json_begin(&writer, &input);
	if (json_open_object(&writer, NULL, err) < 0 ||
	    json_text(&writer, "ServerURL", key, err) < 0 ||
	    json_text(&writer, "Username", user, err) < 0 ||
	    json_text(&writer, "Secret", password, err) < 0 ||
	    json_close(&writer, err) < 0)
		return -1;
	call.input = buf_bytes(&input);
	return run_helper(request, &call, err) < 0 ? -1 : 0;
}

/* --- login --------------------------------------------------------------- */

static int check_usage(const struct request *request, struct err *err)
{
	if (request->password_stdin || request->token_files.count > 0)
		return 0;
	return err_set(err, ERR_USAGE, 0,
	               "login reads the password with --password-stdin, as in "
	               "'package-release login %s -u USER --password-stdin "
	               "<FILE', or with --token-file FILE",
	               request->operands[0]);
}

static int require_pair(const struct buf *line, struct err *err)
{
	const char *colon = memchr(line->data, ':', line->len);

	if (colon == NULL)
		return err_set(err, ERR_USAGE, 0,
		               "whose password is it? give -u USER (any name "
		               "will do for a token of GitHub's)");
	if (colon == line->data || colon + 1 == line->data + line->len)
		return err_set(err, ERR_USAGE, 0,
		               "the user or the password is empty");
	return 0;
}

/* "user:password" to two texts, in place.  Returns the second. */
static const char *split(struct buf *line)
{
	char *colon = strchr(line->data, ':');

	*colon = '\0';
	return colon + 1;
}

/* The registry says whether they are good, before anything is kept. */
static int check_with_registry(const struct request *request,
                               const struct oci_reference *reference,
                               const struct publish_credential *credential,
                               struct err *err)
{
	AUTO_WEB_CLIENT struct web_client web = { .client = NULL };
	struct source_wanted wanted = { .app = NULL, .version = "" };
	enum oci_login result;

	publish_credential_fill(credential, &wanted);
	if (web_client_open(request, &web, err) < 0 ||
	    oci_login_check(web.client, &wanted, reference, &result, err) < 0)
		return -1;
	if (result == OCI_LOGIN_OPEN)
		warn_user("%s asks nobody for credentials: these were not "
		          "checked",
		          reference->registry);
	return 0;
}

/* A password in the file would be found before the helper is asked. */
static int drop_plain(const struct config_file *file,
                      const struct oci_reference *reference, struct err *err)
{
	AUTO_DOCKER_CREDENTIAL struct docker_credential found =
		DOCKER_CREDENTIAL_NONE;
	AUTO_SECRET struct buf text = BUF_LIMIT(DOCKER_CONFIG_MAX);
	int got = docker_config_find(buf_text(&file->text), file->text.len,
	                             reference, &found, err);

	if (got <= 0 || found.helper[0] != '\0')
		return got < 0 ? -1 : 0;
	got = docker_config_remove(buf_text(&file->text), file->text.len,
	                           reference, &text, err);
	return got == 1 ? replace_config(file, &text, err) : got;
}

static int keep(const struct request *request,
                const struct oci_reference *reference, const char *user,
                const char *password, struct err *err)
{
	struct docker_files files;
	const char *path = NULL;
	AUTO_CONFIG_FILE struct config_file file = CONFIG_FILE_NONE;
	AUTO_SECRET struct buf text = BUF_LIMIT(DOCKER_CONFIG_MAX);
	char helper[DOCKER_HELPER_SIZE];

	if (docker_files_name(request, &files, err) < 0 ||
	    choose_path(&files, reference, &path, err) < 0 ||
	    open_config(path, &file, err) < 0 ||
	    find_keeper(&file, reference, helper, err) < 0)
		return -1;
	if (helper[0] != '\0') {
		if (store(request, helper, docker_config_key(reference), user,
		          password, err) < 0 ||
		    drop_plain(&file, reference, err) < 0)
			return -1;
		say(request,
		    "logged in to %s as %s; docker-credential-%s "
		    "keeps the password",
		    reference->registry, user, helper);
		return 0;
	}
	if (docker_config_set(buf_text(&file.text), file.text.len, reference,
	                      user, password, &text, err) < 0 ||
	    replace_config(&file, &text, err) < 0)
		return -1;
	say(request,
	    "logged in to %s as %s; '%s' keeps the password, not encrypted",
	    reference->registry, user, file.path);
	return 0;
}

int login_run(void *context, struct err *err)
{
	const struct request *request = context;
	AUTO_PUBLISH_CREDENTIALS struct publish_credentials credentials = {
		.request = request
	};
	AUTO_PUBLISH_CREDENTIAL struct publish_credential credential =
		PUBLISH_CREDENTIAL_NONE;
	struct oci_reference reference;
	const char *password;

	if (check_usage(request, err) < 0 ||
	    read_registry(request->operands[0], &reference, err) < 0 ||
	    publish_credentials_open(&credentials, request, err) < 0 ||
	    publish_credentials_registry(&credentials, &reference, &credential,
	                                 err) < 0)
		return -1;
	if (credential.token.len == 0)
		return err_set(err, ERR_USAGE, 0, "no --token-file is for %s",
		               reference.registry);
	if (require_pair(&credential.token, err) < 0)
		return -1;
	if (check_with_registry(request, &reference, &credential, err) < 0)
		return err_wrap(err, "logging in to %s", reference.registry);
	password = split(&credential.token);
	return keep(request, &reference, buf_text(&credential.token), password,
	            err);
}

/* --- logout -------------------------------------------------------------- */

static int forget_helper(const struct request *request, const char *helper,
                         const char *key, struct err *err)
{
	const struct helper_call call = {
		.helper = helper,
		.verb = "erase",
		.input = { (const uint8_t *)key, strlen(key) },
	};

	return run_helper(request, &call, err);
}

/* What an earlier login left in the file goes as well.  1 where there was
 * something. */
static int forget(const struct request *request, struct config_file *file,
                  const struct oci_reference *reference, struct err *err)
{
	AUTO_SECRET struct buf text = BUF_LIMIT(DOCKER_CONFIG_MAX);
	char helper[DOCKER_HELPER_SIZE];
	int was_kept = 0;
	int was_plain;

	if (find_keeper(file, reference, helper, err) < 0)
		return -1;
	if (helper[0] != '\0')
		was_kept = forget_helper(request, helper,
		                         docker_config_key(reference), err);
	if (was_kept < 0)
		return -1;
	was_plain = docker_config_remove(buf_text(&file->text), file->text.len,
	                                 reference, &text, err);
	if (was_plain < 0)
		return err_wrap(err, "'%s'", file->path);
	if (was_plain == 1 && replace_config(file, &text, err) < 0)
		return -1;
	return was_plain == 1 || was_kept == 1;
}

/* 1, 0 where the file has no entry or is not there, or -1. */
static int forget_in(const struct request *request, const char *path,
                     const struct oci_reference *reference, struct err *err)
{
	AUTO_CONFIG_FILE struct config_file file = CONFIG_FILE_NONE;

	if (access(path, F_OK) < 0)
		return 0;
	if (open_config(path, &file, err) < 0)
		return -1;
	return forget(request, &file, reference, err);
}

/* Whoever is logged out is not found in any file that is looked into. */
int logout_run(void *context, struct err *err)
{
	const struct request *request = context;
	struct oci_reference reference;
	struct docker_files files;
	bool was_there = false;

	if (read_registry(request->operands[0], &reference, err) < 0 ||
	    docker_files_name(request, &files, err) < 0)
		return -1;
	for (size_t i = 0; i < files.count; i++) {
		int got = forget_in(request, files.paths[i], &reference, err);

		if (got < 0)
			return -1;
		was_there = was_there || got == 1;
	}
	say(request, was_there ? "logged out of %s" : "not logged in to %s",
	    reference.registry);
	return 0;
}
