/* SPDX-License-Identifier: Apache-2.0 */
#include "publish_credentials.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/environment.h"
#include "base/fs.h"
#include "base/text.h"
#include "codec/json_write.h"
#include "files.h"
#include "helper.h"
#include "net/github.h"
#include "redact.h"
#include "say.h"

#define TOKEN_USER "<token>" /* of an identity token, as docker says */

void publish_credentials_done(struct publish_credentials *credentials)
{
	buf_wipe(&credentials->line);
}

void publish_credential_done(struct publish_credential *credential)
{
	buf_wipe(&credential->token);
	buf_wipe(&credential->docker_config);
	credential->origin[0] = '\0';
}

void publish_credential_fill(const struct publish_credential *credential,
                             struct source_wanted *wanted)
{
	wanted->token = buf_bytes(&credential->token);
	wanted->docker_config = buf_bytes(&credential->docker_config);
}

static void note_origin(struct publish_credential *credential, const char *text)
{
	(void)snprintf(credential->origin, sizeof credential->origin, "%s",
	               text);
}

/* --- a line ------------------------------------------------------------- */

/* user:password, or a token; the end of the line is forgiven. */
static int check_line(struct buf *line, const char *where, struct err *err)
{
	const char *colon;

	while (line->len > 0 && (line->data[line->len - 1] == '\n' ||
	                         line->data[line->len - 1] == '\r'))
		buf_cut(line, line->len - 1);
	if (line->len == 0)
		return err_set(err, ERR_USAGE, 0, "%s is empty", where);
	if (!text_is_printable(line->data, line->len))
		return err_set(err, ERR_USAGE, 0,
		               "%s is not one printable line: user:password, "
		               "or a token",
		               where);
	colon = memchr(line->data, ':', line->len);
	if (colon != NULL &&
	    redact_note(NULL, colon + 1,
	                (size_t)(line->data + line->len - colon - 1), err) < 0)
		return -1;
	return redact_note(NULL, line->data, line->len, err);
}

/* @line as one that source_wanted takes: with the user of --username. */
static int take_line(const struct publish_credentials *credentials,
                     const struct buf *line, const char *origin,
                     struct publish_credential *out, struct err *err)
{
	const char *user = credentials->request->username;

	note_origin(out, origin);
	if (user != NULL && strchr(user, ':') != NULL)
		return err_set(err, ERR_USAGE, 0,
		               "--username: a user's name holds no colon");
	if (user != NULL &&
	    (redact_note(user, line->data, line->len, err) < 0 ||
	     buf_printf(&out->token, err, "%s:", user) < 0))
		return -1;
	return buf_add(&out->token, line->data, line->len, err);
}

/* Files of ours alone; what comes through a pipe has no mode. */
static int read_line(const char *path, struct buf *out, struct err *err)
{
	AUTO_CLOSE int fd = file_open(path, err);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		return err_set(err, ERR_SYSTEM, errno, "looking at '%s'", path);
	if (S_ISREG(st.st_mode) && (st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "'%s' holds credentials, and others may open "
		               "it: chmod 600",
		               path);
	if (fs_read_fd(fd, out, err) < 0)
		return err_wrap(err, "'%s'", path);
	return check_line(out, path, err);
}

int publish_credentials_open(struct publish_credentials *out,
                             const struct request *request, struct err *err)
{
	*out = (struct publish_credentials){
		.request = request,
		.line = BUF_LIMIT(PUBLISH_CREDENTIAL_MAX),
	};
	if (!request->password_stdin)
		return 0;
	if (isatty(STDIN_FILENO))
		return err_set(err, ERR_USAGE, 0,
		               "--password-stdin reads a pipe or a file, and "
		               "the standard input is a terminal, which would "
		               "show what is typed");
	if (fs_read_fd(STDIN_FILENO, &out->line, err) < 0)
		return err_wrap(err, "--password-stdin");
	return check_line(&out->line, "the standard input", err);
}

/* --- 1, 2: what the command line names ----------------------------------- */

/* What names no server is for one alone: sent to a second, a password would be
 * given away. */
static int claim(struct publish_credentials *credentials, const char *option,
                 const char *host, struct err *err)
{
	if (credentials->bare[0] != '\0' &&
	    strcmp(credentials->bare, host) != 0)
		return err_set(err, ERR_USAGE, 0,
		               "%s is for one server, and here are '%s' and "
		               "'%s': give --token-file %s=FILE for each",
		               option, credentials->bare, host, host);
	(void)snprintf(credentials->bare, sizeof credentials->bare, "%s", host);
	return 0;
}

/* "HOST=FILE"; NULL where no host is named. */
static const char *find_equals(const char *value)
{
	const char *equals = strchr(value, '=');

	if (equals == NULL ||
	    memchr(value, '/', (size_t)(equals - value)) != NULL)
		return NULL;
	return equals;
}

/* The file for @host, else the one for whom it may concern. */
static const char *find_token_file(const struct patterns *files,
                                   const char *host, bool *is_bare)
{
	const char *bare = NULL;

	for (size_t i = 0; i < files->count; i++) {
		const char *equals = find_equals(files->at[i]);

		if (equals == NULL)
			bare = files->at[i];
		else if (text_equal(files->at[i],
		                    (size_t)(equals - files->at[i]), host)) {
			*is_bare = false;
			return equals + 1;
		}
	}
	*is_bare = bare != NULL;
	return bare;
}

int publish_credentials_require_named(const struct request *request,
                                      struct err *err)
{
	const struct patterns *files = &request->token_files;
	bool is_bare = request->password_stdin;

	for (size_t i = 0; i < files->count; i++)
		is_bare = is_bare || find_equals(files->at[i]) == NULL;
	if (!is_bare)
		return 0;
	return err_set(err, ERR_USAGE, 0,
	               "whose password is it? The file that is looked into "
	               "does not say who gets one: give --token-file "
	               "HOST=FILE, as in --token-file ghcr.io=token.txt");
}

/* 1 found, 0 not, -1. */
static int take_named(struct publish_credentials *credentials, const char *host,
                      struct publish_credential *out, struct err *err)
{
	AUTO_SECRET struct buf line = BUF_LIMIT(PUBLISH_CREDENTIAL_MAX);
	bool is_bare;
	const char *file = find_token_file(&credentials->request->token_files,
	                                   host, &is_bare);

	if (file != NULL && !is_bare)
		return read_line(file, &line, err) < 0 ||
		                       take_line(credentials, &line,
		                                 "--token-file", out, err) < 0
		               ? -1
		               : 1;
	if (credentials->line.len > 0)
		return claim(credentials, "--password-stdin", host, err) < 0 ||
		                       take_line(
					       credentials, &credentials->line,
					       "--password-stdin", out, err) < 0
		               ? -1
		               : 1;
	if (file == NULL)
		return 0;
	return claim(credentials, "--token-file", host, err) < 0 ||
	                       read_line(file, &line, err) < 0 ||
	                       take_line(credentials, &line, "--token-file",
	                                 out, err) < 0
	               ? -1
	               : 1;
}

/* --- 3: systemd ---------------------------------------------------------- */

/* The name of a credential holds no colon: that of a port becomes '_'. */
static int take_systemd(const struct publish_credentials *credentials,
                        const char *host, struct publish_credential *out,
                        struct err *err)
{
	AUTO_SECRET struct buf line = BUF_LIMIT(PUBLISH_CREDENTIAL_MAX);
	const char *folder = credentials->request->credentials;
	char name[PUBLISH_HOST_SIZE];
	AUTO_CLOSE int at = -1;
	AUTO_CLOSE int fd = -1;
	int is_there;

	if (folder == NULL)
		return 0;
	(void)snprintf(name, sizeof name, "%s", host);
	for (char *c = name; *c != '\0'; c++)
		if (*c == ':')
			*c = '_';
	at = fs_open_anchor(folder, err);
	if (at < 0)
		return err_wrap(err, "$CREDENTIALS_DIRECTORY");
	is_there = fs_exists(at, name, NULL, err);
	if (is_there <= 0)
		return is_there;
	fd = fs_open_trusted(at, name, err);
	if (fd < 0 || fs_read_fd(fd, &line, err) < 0 ||
	    check_line(&line, name, err) < 0 ||
	    take_line(credentials, &line, "$CREDENTIALS_DIRECTORY", out, err) <
	            0)
		return err_wrap(err, "the credential '%s'", name);
	return 1;
}

/* --- 4, 5: docker's configuration ---------------------------------------- */

/* One entry, so that no more than what is needed goes further. */
static int write_entry(const struct oci_reference *reference,
                       const struct docker_credential *found,
                       struct publish_credential *out, struct err *err)
{
	struct json_writer writer;

	json_begin(&writer, &out->docker_config);
	if (json_open_object(&writer, NULL, err) < 0 ||
	    json_open_object(&writer, "auths", err) < 0 ||
	    json_open_object(&writer, reference->registry, err) < 0 ||
	    json_text(&writer, "username", found->user, err) < 0 ||
	    json_text(&writer, "password", found->password, err) < 0 ||
	    json_text(&writer, "identitytoken", found->identity_token, err) <
	            0 ||
	    json_text(&writer, "registrytoken", found->registry_token, err) <
	            0 ||
	    json_close(&writer, err) < 0 || json_close(&writer, err) < 0)
		return -1;
	return json_close(&writer, err);
}

static int note_secrets(const struct docker_credential *found, struct err *err)
{
	const char *const secrets[] = { found->password, found->identity_token,
		                        found->registry_token };

	for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
		if (redact_note(found->user, secrets[i], strlen(secrets[i]),
		                err) < 0)
			return -1;
	return 0;
}

static int take_entry(const struct oci_reference *reference,
                      const struct docker_credential *found,
                      struct publish_credential *out, struct err *err)
{
	if (note_secrets(found, err) < 0)
		return -1;
	return write_entry(reference, found, out, err);
}

/* {"ServerURL", "Username", "Secret"}; the user "<token>" has an identity
 * token. */
static int read_answer(const struct oci_reference *reference,
                       const struct buf *answer, struct publish_credential *out,
                       struct err *err)
{
	AUTO_JSON_DOCUMENT struct json_document document = JSON_DOCUMENT_NONE;
	struct docker_credential found = DOCKER_CREDENTIAL_NONE;
	struct json_node top, user, secret;
	const char *text;

	if (json_read(buf_text(answer), answer->len, PUBLISH_HELPER_MAX,
	              &document, err) < 0)
		return -1;
	top = json_top(&document);
	user = json_member(&top, "Username");
	secret = json_member(&top, "Secret");
	if (json_require_object(&top, NULL, err) < 0 ||
	    json_get_text(&user, &found.user, err) < 0 ||
	    json_require_text(&secret, &text, err) < 0)
		return -1;
	found.password = found.identity_token = found.registry_token = "";
	if (strcmp(found.user, TOKEN_USER) == 0)
		found.identity_token = text;
	else
		found.password = text;
	return take_entry(reference, &found, out, err);
}

/* 1 found; 0: it keeps none for this registry, -1. */
static int ask_helper(const struct publish_credentials *credentials,
                      const char *helper, const struct oci_reference *reference,
                      struct publish_credential *out, struct err *err)
{
	AUTO_SECRET struct buf answer = BUF_LIMIT(PUBLISH_HELPER_MAX);
	const char *key = docker_config_key(reference);
	const struct helper_call call = {
		.helper = helper,
		.verb = "get",
		.input = { (const uint8_t *)key, strlen(key) },
	};
	int got = helper_run(credentials->request, &call, &answer, err);

	if (got <= 0)
		return got;
	if (read_answer(reference, &answer, out, err) < 0)
		return err_wrap(err, "what docker-credential-%s says", helper);
	(void)snprintf(out->origin, sizeof out->origin, "docker-credential-%s",
	               helper);
	return 1;
}

/* A file that others may read is no reason to stop: docker and podman take it.
 */
static void judge_mode(int fd, const char *path)
{
	struct stat st;

	if (fstat(fd, &st) == 0 && (st.st_mode & (S_IRWXG | S_IRWXO)) != 0)
		warn_user("'%s' holds credentials, and others may open it: "
		          "chmod 600",
		          path);
}

static int look_into(const struct publish_credentials *credentials,
                     const char *path, int fd,
                     const struct oci_reference *reference,
                     struct publish_credential *out, struct err *err)
{
	AUTO_SECRET struct buf text = BUF_LIMIT(DOCKER_CONFIG_MAX);
	AUTO_DOCKER_CREDENTIAL struct docker_credential found =
		DOCKER_CREDENTIAL_NONE;
	int got;

	if (fs_read_fd(fd, &text, err) < 0)
		return -1;
	if (text.len == 0) /* podman leaves such */
		return 0;
	got = docker_config_find(buf_text(&text), text.len, reference, &found,
	                         err);
	if (got <= 0)
		return got;
	if (found.helper[0] != '\0')
		return ask_helper(credentials, found.helper, reference, out,
		                  err);
	judge_mode(fd, path);
	note_origin(out, path);
	return take_entry(reference, &found, out, err) < 0 ? -1 : 1;
}

/* @path is there or not, as it likes. */
static int take_file(const struct publish_credentials *credentials,
                     const char *path, const struct oci_reference *reference,
                     struct publish_credential *out, struct err *err)
{
	AUTO_CLOSE int fd = -1;
	int got;

	if (access(path, F_OK) < 0)
		return 0;
	fd = file_open(path, err);
	if (fd < 0)
		return -1;
	got = look_into(credentials, path, fd, reference, out, err);
	return got < 0 ? err_wrap(err, "'%s'", path) : got;
}

/* The file that @variable names, or @tail below the folder that it names. */
int publish_credentials_files(const struct request *request,
                              struct publish_files *out, struct err *err)
{
	static const struct {
		const char *variable, *tail;
	} places[] = {
		{ "REGISTRY_AUTH_FILE", "" },
		{ "XDG_RUNTIME_DIR", "/containers/auth.json" },
		{ "DOCKER_CONFIG", "/config.json" },
		{ "HOME", "/.docker/config.json" },
	};
	bool is_named[2] = { false, false }; /* the first of each two */

	*out = (struct publish_files){ .count = 0 };
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		const char *value = environment_find(request->environment,
		                                     places[i].variable);

		if (value == NULL || value[0] == '\0' || is_named[i / 2])
			continue;
		is_named[i / 2] = true;
		if (snprintf(out->paths[out->count], FS_PATH_MAX, "%s%s", value,
		             places[i].tail) >= FS_PATH_MAX)
			return err_set(err, ERR_LIMIT, 0, "$%s is too long",
			               places[i].variable);
		out->count++;
		out->is_explicit = out->is_explicit || i == 0;
		out->has_docker = out->has_docker || i >= 2;
	}
	return 0;
}

static int take_files(const struct publish_credentials *credentials,
                      const struct oci_reference *reference,
                      struct publish_credential *out, struct err *err)
{
	struct publish_files files;
	int got = 0;

	if (publish_credentials_files(credentials->request, &files, err) < 0)
		return -1;
	for (size_t i = 0; i < files.count && got == 0; i++)
		got = take_file(credentials, files.paths[i], reference, out,
		                err);
	return got;
}

/* --- all ----------------------------------------------------------------- */

int publish_credentials_registry(struct publish_credentials *credentials,
                                 const struct oci_reference *reference,
                                 struct publish_credential *out,
                                 struct err *err)
{
	int got = take_named(credentials, reference->registry, out, err);

	if (got == 0)
		got = take_systemd(credentials, reference->registry, out, err);
	if (got == 0)
		got = take_files(credentials, reference, out, err);
	if (got < 0)
		return err_wrap(err, "the credentials for %s",
		                reference->registry);
	return 0;
}

/* GitHub wants the token alone. */
static void drop_user(struct publish_credential *out)
{
	char *colon = memchr(out->token.data, ':', out->token.len);
	size_t rest;

	if (colon == NULL)
		return;
	rest = (size_t)(out->token.data + out->token.len - colon - 1);
	memmove(out->token.data, colon + 1, rest);
	buf_cut(&out->token, rest);
}

static int take_variable(const struct publish_credentials *credentials,
                         struct publish_credential *out, struct err *err)
{
	static const char *const names[] = { "GITHUB_TOKEN", "GH_TOKEN" };
	const char *const *environment = credentials->request->environment;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		const char *value = environment_find(environment, names[i]);

		if (value == NULL || value[0] == '\0')
			continue;
		if (buf_adds(&out->token, value, err) < 0 ||
		    check_line(&out->token, names[i], err) < 0)
			return -1;
		note_origin(out, names[i]);
		return 1;
	}
	return 0;
}

/* GitHub's workflows say which server they run on. */
const char *publish_credentials_api(const struct request *request)
{
	const char *api =
		environment_find(request->environment, "GITHUB_API_URL");

	return api != NULL && api[0] != '\0' ? api : GITHUB_API;
}

/* "api.github.com" of "https://api.github.com/x". */
static void host_of(const char *url, char out[PUBLISH_HOST_SIZE])
{
	const char *host = strstr(url, "://");
	size_t len;

	host = host != NULL ? host + strlen("://") : url;
	len = strcspn(host, "/:?#");
	(void)snprintf(out, PUBLISH_HOST_SIZE, "%.*s",
	               (int)(len < PUBLISH_HOST_SIZE ? len : 0), host);
}

static int find_github(struct publish_credentials *credentials,
                       const char *host, struct publish_credential *out,
                       struct err *err)
{
	static const char api[] = "api.";
	const char *site = strncmp(host, api, sizeof api - 1) == 0
	                           ? host + sizeof api - 1
	                           : host;
	int got = take_named(credentials, site, out, err);

	if (got == 0)
		got = take_systemd(credentials, host, out, err);
	if (got == 0 && site != host)
		got = take_systemd(credentials, site, out, err);
	if (got == 1)
		drop_user(out);
	return got == 0 ? take_variable(credentials, out, err) : got;
}

int publish_credentials_github(struct publish_credentials *credentials,
                               const char *api, struct publish_credential *out,
                               struct err *err)
{
	char host[PUBLISH_HOST_SIZE];

	host_of(api, host);
	if (find_github(credentials, host, out, err) < 0)
		return err_wrap(err, "the token for %s", host);
	return 0;
}
