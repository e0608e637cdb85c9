/* SPDX-License-Identifier: Apache-2.0 */
#include "password.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/fs.h"
#include "files.h"

#define CONTROL_C 3

void password_wipe(struct password *password)
{
	explicit_bzero(password, sizeof *password);
}

/* Read the first line.  Not through a buf: that would leave copies. */
static int read_line(int fd, struct password *out, struct err *err)
{
	out->len = 0;
	for (;;) {
		ssize_t n = read(fd, out->text + out->len, 1);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, ERR_SYSTEM, errno,
			               "reading the password");
		if (n == 0 || out->text[out->len] == '\n')
			break;
		if (out->len == PASSWORD_MAX)
			return err_set(err, ERR_LIMIT, 0,
			               "the password has more than %d bytes",
			               PASSWORD_MAX);
		out->len++;
	}
	out->text[out->len] = '\0';
	return 0;
}

static int read_from(const char *path, struct password *out, struct err *err)
{
	AUTO_CLOSE int fd = file_open(path, err);

	if (fd < 0 || read_line(fd, out, err) < 0)
		return -1;
	if (out->len == 0)
		return err_set(err, ERR_USAGE, 0,
		               "'%s' holds no password in its first line",
		               path);
	return 0;
}

static int write_text(int fd, const char *text, struct err *err)
{
	if (write(fd, text, strlen(text)) < 0)
		return err_set(err, ERR_SYSTEM, errno,
		               "writing to the terminal");
	return 0;
}

/* Ask without echo.  Signals from the keyboard are off meanwhile, so that none
 * of them can leave the terminal mute. */
static int ask(int terminal, const char *question, struct password *out,
               struct err *err)
{
	struct termios before;
	struct termios mute;
	int result;

	if (tcgetattr(terminal, &before) < 0)
		return err_set(err, ERR_SYSTEM, errno,
		               "looking at the terminal");
	mute = before;
	mute.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
	/* Mute before the question, and nothing typed or pasted ahead is
	 * dropped (TCSAFLUSH would). */
	if (tcsetattr(terminal, TCSADRAIN, &mute) < 0)
		return err_set(err, ERR_SYSTEM, errno,
		               "silencing the terminal");
	result = write_text(terminal, question, err);
	if (result == 0)
		result = read_line(terminal, out, err);
	(void)tcsetattr(terminal, TCSADRAIN, &before); /* as it was */
	if (result < 0 || write_text(terminal, "\n", err) < 0)
		return -1;
	if (memchr(out->text, CONTROL_C, out->len) != NULL)
		return err_set(err, ERR_USAGE, 0, "interrupted");
	if (out->len == 0)
		return err_set(err, ERR_USAGE, 0, "the password is empty");
	return 0;
}

static int ask_twice(int terminal, struct password *out, struct err *err)
{
	AUTO_PASSWORD struct password again = { .len = 0 };

	if (ask(terminal, "Password for the new key: ", out, err) < 0 ||
	    ask(terminal, "The same once more: ", &again, err) < 0)
		return -1;
	if (out->len != again.len ||
	    memcmp(out->text, again.text, out->len) != 0)
		return err_set(err, ERR_USAGE, 0, "the two differ");
	return 0;
}

static int ask_at_terminal(const char *key, enum password_use use,
                           struct password *out, struct err *err)
{
	AUTO_CLOSE int terminal =
		isatty(STDIN_FILENO)
			? open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
			: -1;
	char question[512];

	if (terminal < 0)
		return err_set(err, ERR_USAGE, 0,
		               "'%s' needs a password, and there is no "
		               "terminal to ask at; name a file with "
		               "--password-file",
		               key);
	if (use == PASSWORD_NEW)
		return ask_twice(terminal, out, err);
	(void)snprintf(question, sizeof question, "Password of '%s': ", key);
	return ask(terminal, question, out, err);
}

static int take_variable(const char *value, struct password *out,
                         struct err *err)
{
	size_t len = strlen(value);

	if (len > PASSWORD_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "$COSIGN_PASSWORD has more than %d bytes",
		               PASSWORD_MAX);
	memcpy(out->text, value, len + 1);
	out->len = len;
	return 0;
}

int password_get(const struct request *request,
                 const struct password_query *query, struct password *out,
                 struct err *err)
{
	char path[FS_PATH_MAX];

	if (query->file != NULL)
		return read_from(query->file, out, err);
	if (request->credentials != NULL) {
		(void)snprintf(path, sizeof path, "%s/%s", request->credentials,
		               query->credential);
		if (access(path, F_OK) == 0)
			return read_from(path, out, err);
	}
	if (query->variable != NULL)
		return take_variable(query->variable, out, err);
	return ask_at_terminal(query->key, query->use, out, err);
}
