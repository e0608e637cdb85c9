/* SPDX-License-Identifier: Apache-2.0 */
#include "privsep/engine.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/text.h"
#include "privsep/input.h"
#include "privsep/worker.h"

#define READ_CHUNK    ((size_t)64 * 1024)
#define ID_TEXT_SIZE  (2 * ENGINE_ID_LEN + 1)
#define QUESTION_SIZE 256

/* --- the socket ------------------------------------------------------------
 */

int engine_open_socket(int root, const char *path, struct err *err)
{
	/* podman-docker makes /run/docker.sock a link. */
	AUTO_CLOSE int fd = fs_find(root, path, err);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		return err_set(err, ERR_SYSTEM, errno, "looking at '%s'", path);
	if (!S_ISSOCK(st.st_mode))
		return err_set(err, ERR_FORMAT, 0, "'%s' is no socket", path);
	return TAKE_FD(fd);
}

/* What a failed connect(2) says about the engine. */
static int fail_connect(int sys, struct err *err)
{
	if (sys == ECONNREFUSED)
		return err_set(err, ERR_UNHEALTHY, 0,
		               "nobody listens on its socket: it is stopped");
	if (sys == EAGAIN)
		return err_set(err, ERR_UNHEALTHY, 0,
		               "it takes no more connections");
	return err_set(err, ERR_SYSTEM, sys, "connecting to its socket");
}

static int connect_to(int socket_fd, struct err *err)
{
	AUTO_CLOSE int fd =
		socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (fd < 0)
		return err_set(err, ERR_SYSTEM, errno, "making a socket");
	/* The socket that was opened, whatever has its name by now, and however
	 * long that is. */
	(void)snprintf(address.sun_path, sizeof address.sun_path,
	               "/proc/self/fd/%d", socket_fd);
	if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		return fail_connect(errno, err);
	return TAKE_FD(fd);
}

/* --- questions -------------------------------------------------------------
 */

/* One conversation with an engine. */
struct conversation {
	const struct engine_ask *ask;
	int64_t deadline; /* of clock_monotonic_ms */
	struct buf file;  /* as engine.h has it */
	size_t asked;     /* of the report's IDs */
};

static void write_question(enum engine_question question,
                           const uint8_t id[ENGINE_ID_LEN],
                           char out[QUESTION_SIZE])
{
	static const char *const paths[ENGINE_QUESTIONS] = {
		[ENGINE_VERSION] = "/version",
		[ENGINE_INFO] = "/info",
		[ENGINE_IMAGES] = "/images/json",
		[ENGINE_CONTAINERS] = "/containers/json?all=1",
		[ENGINE_IMAGE] = "/images/sha256:%s/json",
		[ENGINE_CONTAINER] = "/containers/%s/json",
	};
	char text[ID_TEXT_SIZE];
	char path[QUESTION_SIZE];
	const char *place = strstr(paths[question], "%s");

	text_to_hex(id, ENGINE_ID_LEN, text);
	if (place == NULL)
		(void)snprintf(path, sizeof path, "%s", paths[question]);
	else
		(void)snprintf(path, sizeof path, "%.*s%s%s",
		               (int)(place - paths[question]), paths[question],
		               text, place + 2);
	(void)snprintf(out, QUESTION_SIZE,
	               "GET %.150s HTTP/1.0\r\nHost: engine\r\n"
	               "User-Agent: tidegate/" TIDEGATE_VERSION "\r\n\r\n",
	               path);
}

/* Wait until the engine has said or heard something; 1 is yes. */
static int wait_for(const struct conversation *talk, int fd, short events,
                    struct err *err)
{
	for (;;) {
		struct pollfd entry = { fd, events, 0 };
		int64_t left = talk->deadline - clock_monotonic_ms();
		int got = left > 0 ? poll(&entry, 1, (int)left) : 0;

		if (got > 0)
			return 0;
		if (got < 0 && errno != EINTR)
			return err_set(err, ERR_SYSTEM, errno,
			               "waiting for it");
		if (left <= 0)
			return err_set(err, ERR_UNHEALTHY, 0,
			               "it gave no answer within %u ms",
			               talk->ask->timeout_ms);
	}
}

static int say(const struct conversation *talk, int fd, const char *text,
               struct err *err)
{
	size_t len = strlen(text);

	while (len > 0) {
		ssize_t n = send(fd, text, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN) {
			if (wait_for(talk, fd, POLLOUT, err) < 0)
				return -1;
			continue;
		}
		if (n < 0 && errno != EINTR)
			return err_set(err, ERR_UNHEALTHY, errno, "it hung up");
		if (n > 0) {
			text += n;
			len -= (size_t)n;
		}
	}
	return 0;
}

/* One read: 1, 0 at the end, or -1. */
static int hear_some(struct conversation *talk, int fd, struct err *err)
{
	uint8_t chunk[READ_CHUNK];
	ssize_t n;

	if (wait_for(talk, fd, POLLIN, err) < 0)
		return -1;
	n = recv(fd, chunk, sizeof chunk, 0);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 1;
	if (n < 0)
		return err_set(err, ERR_UNHEALTHY, errno, "it hung up");
	if (n == 0)
		return 0;
	return buf_add(&talk->file, chunk, (size_t)n, err) < 0 ? -1 : 1;
}

/* All that it says, behind what the file has. */
static int hear(struct conversation *talk, int fd, struct err *err)
{
	size_t began = talk->file.len;
	int got;

	while ((got = hear_some(talk, fd, err)) > 0)
		if (talk->file.len - began > ENGINE_ANSWER_RAW_MAX)
			return err_set(err, ERR_LIMIT, 0,
			               "an answer of more than %zu bytes",
			               ENGINE_ANSWER_RAW_MAX);
	return got;
}

static int ask_one(struct conversation *talk, enum engine_question question,
                   const uint8_t id[ENGINE_ID_LEN], struct err *err)
{
	struct engine_record record = { .question = (uint32_t)question };
	size_t head = talk->file.len;
	char text[QUESTION_SIZE];
	AUTO_CLOSE int fd = connect_to(talk->ask->socket, err);

	if (fd < 0)
		return -1;
	write_question(question, id, text);
	memcpy(record.id, id, sizeof record.id);
	if (buf_add(&talk->file, &record, sizeof record, err) < 0 ||
	    say(talk, fd, text, err) < 0 || hear(talk, fd, err) < 0)
		return -1;
	record.len = talk->file.len - head - sizeof record;
	memcpy(talk->file.data + head, &record, sizeof record);
	return 0;
}

static int ask_all(struct conversation *talk, struct err *err)
{
	static const uint8_t none[ENGINE_ID_LEN];

	for (unsigned i = ENGINE_VERSION; i <= ENGINE_CONTAINERS; i++)
		if (ask_one(talk, (enum engine_question)i, none, err) < 0)
			return -1;
	return 0;
}

/* Whether an image of a lower number has the same ID. */
static bool was_asked(const struct engine_report *report, size_t number)
{
	for (size_t i = 0; i < number; i++)
		if (report->images[i].state == ENGINE_IMAGE_PRESENT &&
		    memcmp(report->images[i].id, report->images[number].id,
		           ENGINE_ID_LEN) == 0)
			return true;
	return false;
}

static int ask_about(struct conversation *talk, enum engine_question question,
                     const uint8_t id[ENGINE_ID_LEN], struct err *err)
{
	talk->asked++;
	return ask_one(talk, question, id, err);
}

/* What the report of the first answers leaves open. */
static int ask_further(struct conversation *talk,
                       const struct engine_report *report, struct err *err)
{
	for (size_t i = 0; i < talk->ask->wishes->image_count; i++)
		if (report->images[i].state == ENGINE_IMAGE_PRESENT &&
		    !was_asked(report, i) &&
		    ask_about(talk, ENGINE_IMAGE, report->images[i].id, err) <
		            0)
			return -1;
	for (size_t i = 0; i < report->container_count; i++)
		if (ask_about(talk, ENGINE_CONTAINER, report->containers[i].id,
		              err) < 0)
			return -1;
	return 0;
}

/* --- the worker ------------------------------------------------------------
 */

/* The one item that it sends: a report. */
static int receive(struct worker *worker, struct engine_report *out,
                   struct err *err)
{
	uint8_t *bytes = (uint8_t *)out;
	size_t len = 0;
	struct frame frame;
	int got;

	while ((got = worker_next_frame(worker, &frame, err)) > 0) {
		if (frame.number != 0 || frame.len > sizeof *out - len)
			return err_set(err, ERR_INTERNAL, 0,
			               "%s sends what is no report",
			               worker->program);
		memcpy(bytes + len, frame.data, frame.len);
		len += frame.len;
	}
	if (got == 0 && len != sizeof *out)
		return err_set(err, ERR_INTERNAL, 0, "%s sends half a report",
		               worker->program);
	return got;
}

static int understand(const struct conversation *talk,
                      struct engine_report *out, struct err *err)
{
	const struct engine_ask *ask = talk->ask;
	struct worker_spec spec = {
		.program = "engine-worker",
		.folder = ask->folder,
		.account = ask->account,
		.profile = SANDBOX_PURE,
		.mode = ask->mode,
		.job.engine = { .file_size = talk->file.len },
		.input_count = 1,
	};
	AUTO_WORKER struct worker worker = WORKER_NONE;
	AUTO_CLOSE int file = input_make(talk->file.data, talk->file.len, err);

	if (file < 0)
		return -1;
	spec.inputs[0] = file;
	if (worker_start(&spec, &worker, err) < 0 ||
	    receive(&worker, out, err) < 0)
		return -1;
	return engine_report_check(ask->wishes, out, err);
}

static int converse(struct conversation *talk, struct engine_report *report,
                    struct err *err)
{
	if (buf_add(&talk->file, talk->ask->wishes, sizeof *talk->ask->wishes,
	            err) < 0 ||
	    ask_all(talk, err) < 0 || understand(talk, report, err) < 0 ||
	    ask_further(talk, report, err) < 0)
		return -1;
	return talk->asked > 0 ? understand(talk, report, err) : 0;
}

int engine_ask(const struct engine_ask *ask, struct engine_report *out,
               struct err *err)
{
	AUTO_FREE struct engine_report *report = calloc(1, sizeof *report);
	struct conversation talk = {
		.ask = ask,
		.deadline = clock_monotonic_ms() + ask->timeout_ms,
		.file = BUF_LIMIT(ENGINE_FILE_MAX),
	};
	int result;

	if (report == NULL)
		return err_nomem(err);
	result = converse(&talk, report, err);
	buf_done(&talk.file);
	if (result == 0)
		*out = *report;
	return result;
}
