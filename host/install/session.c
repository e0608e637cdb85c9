/* SPDX-License-Identifier: Apache-2.0 */
#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/journal_log.h"
#include "base/text.h"
#include "codec/failure.h"
#include "codec/minisign.h"
#include "crypto/sha256.h"
#include "progress.h"
#include "report.h"
#include "store/history.h"
#include "store/lock.h"
#include "store/releases.h"
#include "switch.h"

void session_unlock(struct session *session)
{
	cleanup_close(&session->lock);
	session->lock = -1;
	store_done(&session->store);
}

void session_done(struct session *session)
{
	session_unlock(session);
	host_done(&session->host);
}

static int fail_absent(const struct session *session, struct err *err)
{
	return err_set(err, ERR_CONFLICT, 0, "%s is not installed",
	               session->host.app);
}

static int open_to_read(struct session *out, struct err *err)
{
	int found = store_open(out->host.root, out->host.app, STORE_READ,
	                       &out->store, err);

	return found == 0 ? fail_absent(out, err) : found < 0 ? -1 : 0;
}

int session_read(const struct request *request, struct session *out,
                 struct err *err)
{
	out->request = request;
	if (host_open_root(request, &out->host, err) < 0)
		return -1;
	return open_to_read(out, err);
}

int session_plan(const struct request *request, struct session *out,
                 struct err *err)
{
	out->request = request;
	if (host_open(request, &out->host, err) < 0)
		return -1;
	return open_to_read(out, err);
}

/* A release that is installed; told: the history knows it. */
struct telling {
	struct installed_list installed;
	struct history_extent extent; /* zero: there is no history */
	bool *told;                   /* owned; one for each item */
};

static void telling_done(struct telling *telling)
{
	installed_done(&telling->installed);
	free(telling->told);
}

static int tick_off(void *context, const struct history_line *line,
                    struct err *err)
{
	struct telling *telling = context;

	(void)err;
	for (size_t i = 0; i < telling->installed.count; i++) {
		const struct installed *item = &telling->installed.items[i];

		if (history_line_installs(line, item->version,
		                          item->release_sha256))
			telling->told[i] = true;
	}
	return 0;
}

static int find_untold(const struct store *store, struct telling *out,
                       struct err *err)
{
	if (store_list(store, &out->installed, err) < 0)
		return -1;
	out->told = calloc(out->installed.count + 1, sizeof *out->told);
	if (out->told == NULL)
		return err_nomem(err);
	if (history_each(store, tick_off, out, &out->extent, err) < 0 &&
	    err->sys != ENOENT)
		return -1;
	return 0;
}

static int append_install(const struct store *store,
                          const struct installed *item, struct err *err)
{
	char digest[SHA256_HEX_LEN + 1];
	const struct history_event line = {
		.time = item->time,
		.op = "install",
		.version = item->version,
		.digest = digest,
		.sequence = item->sequence,
		.result = "ok",
		.text = "written by a later run",
	};

	text_to_hex(item->release_sha256, SHA256_LEN, digest);
	return history_append(store, &line, err);
}

/* An install that was killed behind its last step left no line: the next run
 * writes it.  As everywhere, a history that fails stops nothing. */
static void complete_history(const struct store *store)
{
	AUTO(telling_done) struct telling telling = { .told = NULL };
	char text[2 * ERR_TEXT_MAX];
	struct err err;

	if (find_untold(store, &telling, &err) < 0) {
		report_warning("the history could not be read: %s",
		               err_format(&err, text, sizeof text));
		return;
	}
	for (size_t i = 0; i < telling.installed.count; i++) {
		const struct installed *item = &telling.installed.items[i];

		if (telling.told[i] || item->is_damaged ||
		    !history_would_tell(&telling.extent, item->time) ||
		    append_install(store, item, &err) == 0)
			continue;
		report_warning("the history could not be written: %s",
		               err_format(&err, text, sizeof text));
		return;
	}
}

void session_note_current(const struct session *session)
{
	char text[2 * ERR_TEXT_MAX];
	struct err err;

	if (progress_note_current(session, &err) < 0)
		report_warning("what was seen could not be noted: %s",
		               err_format(&err, text, sizeof text));
}

/* Whoever holds the lock may remove the store: it is opened behind it. */
static int lock_store(struct session *session, const char *command,
                      struct err *err)
{
	const struct host *host = &session->host;
	AUTO_STORE struct store state = STORE_NONE;
	AUTO_LOCK int lock = -1;

	if (store_open_state(host->root, host->app, STORE_WRITE, &state, err) <
	    0)
		return -1;
	lock = lock_take(&state, command, err);
	if (lock < 0 || store_open(host->root, host->app, STORE_WRITE,
	                           &session->store, err) < 0)
		return -1;
	session->lock = TAKE_FD(lock);
	return 0;
}

int session_start_writing(struct session *session, const char *command,
                          struct err *err)
{
	if (lock_store(session, command, err) < 0 ||
	    switch_recover(session->request, &session->host, &session->store,
	                   err) < 0)
		return -1;
	session_note_current(session);
	complete_history(&session->store);
	return 0;
}

bool session_has_store(const struct session *session)
{
	AUTO_STORE struct store store = STORE_NONE;
	struct err ignored;

	return store_open(session->host.root, session->host.app, STORE_READ,
	                  &store, &ignored) != 0;
}

int session_write(const struct request *request, const char *command,
                  struct session *out, struct err *err)
{
	out->request = request;
	if (host_open(request, &out->host, err) < 0)
		return -1;
	if (!session_has_store(out))
		return fail_absent(out, err);
	return session_start_writing(out, command, err);
}

/* The login uid (proc(5), loginuid) cannot be set by the caller, as an
 * environment variable can. */
void session_user(char out[RECEIPT_BY_SIZE])
{
	char text[RECEIPT_BY_SIZE] = "";
	AUTO_CLOSE int fd = open("/proc/self/loginuid", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof text - 1) : 0;
	uint64_t uid = getuid();
	struct err unset; /* no login: the uid of the process then */

	/* 4294967295, no login, is above the largest uid. */
	if (n > 0 &&
	    text_u64(text, (size_t)n, UINT32_MAX - 1, &uid, &unset) < 0)
		uid = getuid();
	(void)snprintf(out, RECEIPT_BY_SIZE, "uid %llu",
	               (unsigned long long)uid);
}

/* Where no journald is. */
static void log_to_syslog(const char *text, bool is_ok)
{
	openlog("install-package", LOG_PID, LOG_USER);
	syslog(is_ok ? LOG_NOTICE : LOG_ERR, "%s", text);
	closelog();
}

/* The system's log, with fields where it has any.  A line that is lost must
 * not fail what was done. */
static void log_to_system(const struct session *session,
                          const struct history_event *line)
{
	bool is_ok = strcmp(line->result, "ok") == 0;
	char message[4 * ERR_TEXT_MAX];
	char sequence[21]; /* of a uint64_t */
	const struct journal_log_field fields[] = {
		{ "MESSAGE", message },
		{ "PRIORITY", is_ok ? JOURNAL_LOG_NOTICE : JOURNAL_LOG_ERROR },
		{ "SYSLOG_IDENTIFIER", "install-package" },
		{ "TIDEGATE_APP", session->host.app },
		{ "TIDEGATE_OPERATION", line->op },
		{ "TIDEGATE_RELEASE", line->version },
		{ "TIDEGATE_FROM", line->from },
		{ "TIDEGATE_DIGEST", line->digest },
		{ "TIDEGATE_SEQUENCE", sequence },
		{ "TIDEGATE_USER", line->user },
		{ "TIDEGATE_RESULT", line->result },
		{ "TIDEGATE_REASON", line->text },
	};
	struct err ignored;

	(void)snprintf(sequence, sizeof sequence, "%" PRIu64, line->sequence);
	(void)snprintf(message, sizeof message,
	               "op=%s app=%s version=%s result=%s%s%s", line->op,
	               session->host.app,
	               line->version != NULL ? line->version : "-",
	               line->result, line->text != NULL ? " " : "",
	               line->text != NULL ? line->text : "");
	if (journal_log(JOURNAL_LOG_SOCKET, fields,
	                sizeof fields / sizeof fields[0], &ignored) != 1)
		log_to_syslog(message, is_ok);
}

/* A line of the history is short; the receipt has all of them. */
#define LOGGED_SIGNERS_MAX 32

struct logged_signers {
	char texts[LOGGED_SIGNERS_MAX][SIGNER_TEXT_SIZE];
	const char *list[LOGGED_SIGNERS_MAX];
	size_t count;
};

static void list_signers(const struct event *event, struct logged_signers *out)
{
	out->count = 0;
	while (out->count < event->signer_count &&
	       out->count < LOGGED_SIGNERS_MAX) {
		char *text = out->texts[out->count];

		signer_text(&event->signers[out->count], text);
		out->list[out->count++] = text;
	}
}

/* Where this run has no lock (it ended before it needed one), it takes it for
 * the line: two that write at once would tear each other's. */
static int append_history(const struct session *session,
                          const struct history_event *line, struct err *err)
{
	const struct host *host = &session->host;
	AUTO_STORE struct store state = STORE_NONE;
	AUTO_LOCK int lock = -1;

	if (session->lock >= 0)
		return history_append(&session->store, line, err);
	if (store_open_state(host->root, host->app, STORE_WRITE, &state, err) <
	    0)
		return -1;
	lock = lock_take(&state, "install-package, for its history", err);
	return lock < 0 ? -1 : history_append(&state, line, err);
}

void session_log(const struct session *session, const struct event *event,
                 const struct err *failure)
{
	struct logged_signers signers;
	char digest[SHA256_HEX_LEN + 1];
	char user[RECEIPT_BY_SIZE];
	char text[2 * ERR_TEXT_MAX];
	struct err err;
	struct history_event line = {
		.time = clock_now(),
		.op = event->op,
		.version = event->version,
		.from = event->from != NULL && event->from[0] != '\0'
		                ? event->from
		                : NULL,
		.sequence = event->sequence,
		.signers = signers.list,
		.user = user,
		.result = failure != NULL ? failure_word(failure) : "ok",
	};

	session_user(user);
	if (event->release_sha256 != NULL) {
		text_to_hex(event->release_sha256, SHA256_LEN, digest);
		line.digest = digest;
	}
	list_signers(event, &signers);
	line.signer_count = signers.count;
	if (failure != NULL)
		line.text = err_format(failure, text, sizeof text);
	log_to_system(session, &line);
	if (append_history(session, &line, &err) < 0)
		report_warning("the history could not be written: %s",
		               err_format(&err, text, sizeof text));
}
