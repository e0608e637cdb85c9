/* SPDX-License-Identifier: Apache-2.0 */
/* Credentials that are a line: of the standard input, of a file that the
 * command line names, of systemd. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/text.h"
#include "files.h"
#include "net/redact.h"
#include "publish_credentials_own.h"

/* --- a line ------------------------------------------------------------- */

int credential_check_line(struct buf *line, const char *where, struct err *err)
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

/* @line as one that source_wanted takes: with the user of --username.  1, for
 * it is found. */
static int take_line(const struct publish_credentials *credentials,
                     const struct buf *line, struct publish_credential *out,
                     struct err *err)
{
	const char *user = credentials->request->username;

	if (user != NULL && strchr(user, ':') != NULL)
		return err_set(err, ERR_USAGE, 0,
		               "--username: a user's name holds no colon");
	if (user != NULL &&
	    (redact_note(user, line->data, line->len, err) < 0 ||
	     buf_printf(&out->token, err, "%s:", user) < 0))
		return -1;
	return buf_add(&out->token, line->data, line->len, err) < 0 ? -1 : 1;
}

/* --- the standard input ------------------------------------------------- */

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
	return credential_check_line(&out->line, "the standard input", err);
}

/* --- --token-file ------------------------------------------------------- */

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
	return credential_check_line(out, path, err);
}

static int take_file(const struct publish_credentials *credentials,
                     const char *path, struct publish_credential *out,
                     struct err *err)
{
	AUTO_SECRET struct buf line = BUF_LIMIT(PUBLISH_CREDENTIAL_MAX);

	if (read_line(path, &line, err) < 0)
		return -1;
	return take_line(credentials, &line, out, err);
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

/* The file for @host; NULL where there is none. */
static const char *file_of(const struct patterns *files, const char *host)
{
	for (size_t i = 0; i < files->count; i++) {
		const char *equals = find_equals(files->at[i]);

		if (equals != NULL &&
		    text_equal(files->at[i], (size_t)(equals - files->at[i]),
		               host))
			return equals + 1;
	}
	return NULL;
}

/* The one for whom it may concern; the last, where there are several. */
static const char *bare_file(const struct patterns *files)
{
	const char *bare = NULL;

	for (size_t i = 0; i < files->count; i++)
		if (find_equals(files->at[i]) == NULL)
			bare = files->at[i];
	return bare;
}

int publish_credentials_require_named(const struct request *request,
                                      struct err *err)
{
	if (!request->password_stdin &&
	    bare_file(&request->token_files) == NULL)
		return 0;
	return err_set(err, ERR_USAGE, 0,
	               "whose password is it? The file that is looked into "
	               "does not say who gets one: give --token-file "
	               "HOST=FILE, as in --token-file ghcr.io=token.txt");
}

/* --- of the two, for a server ------------------------------------------- */

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

int credential_take_named(struct publish_credentials *credentials,
                          const char *host, struct publish_credential *out,
                          struct err *err)
{
	const struct patterns *files = &credentials->request->token_files;
	const char *file = file_of(files, host);

	if (file != NULL)
		return take_file(credentials, file, out, err);
	if (credentials->line.len > 0) {
		if (claim(credentials, "--password-stdin", host, err) < 0)
			return -1;
		return take_line(credentials, &credentials->line, out, err);
	}
	file = bare_file(files);
	if (file == NULL)
		return 0;
	if (claim(credentials, "--token-file", host, err) < 0)
		return -1;
	return take_file(credentials, file, out, err);
}

/* --- systemd ------------------------------------------------------------ */

/* The name of a credential holds no colon: that of a port becomes '_'. */
int credential_take_systemd(const struct publish_credentials *credentials,
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
	    credential_check_line(&line, name, err) < 0 ||
	    take_line(credentials, &line, out, err) < 0)
		return err_wrap(err, "the credential '%s'", name);
	return 1;
}
