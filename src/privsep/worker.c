/* SPDX-License-Identifier: Apache-2.0 */
#include "privsep/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/text.h"
#include "privsep/spawn.h"
#include "privsep/worker_main.h"

#define WORKERS_FOLDER "libexec/tidegate"

/* --- finding programs and accounts --- */

int worker_open_folder(struct err *err)
{
	AUTO_CLOSE int above = -1;
	AUTO_CLOSE int folder = -1;
	char path[FS_PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);

	if (len < 0)
		return err_set(err, ERR_SYSTEM, errno,
		               "asking where this program lies");
	path[len] = '\0';
	/* "/usr/bin/install-package" becomes "/usr"; a program right below
	 * the root has no folder of workers. */
	for (int i = 0; i < 2; i++) {
		char *slash = strrchr(path, '/');

		if (slash == NULL)
			return err_set(err, ERR_SYSTEM, ENOENT,
			               "no folder above this program");
		*slash = '\0';
	}
	above = fs_open_anchor(path[0] == '\0' ? "/" : path, err);
	if (above < 0)
		return -1;
	folder = fs_open_dir(above, WORKERS_FOLDER, err);
	if (folder < 0 || fs_check_owner(folder, WORKERS_FOLDER, err) < 0)
		return err_wrap(err, "looking for workers below %s", path);
	return TAKE_FD(folder);
}

static int open_program(const struct worker_spec *spec, struct err *err)
{
	AUTO_CLOSE int fd = openat(spec->folder, spec->program,
	                           O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return err_set(err, ERR_SYSTEM, errno, "opening it");
	if (fs_check_owner(fd, spec->program, err) < 0)
		return -1;
	return TAKE_FD(fd);
}

/* As root, whose worker it will be. */
static int find_account(const struct worker_spec *spec, struct spawn *spawn,
                        struct err *err)
{
	const struct passwd *account;

	if (geteuid() != 0)
		return 0;
	account = getpwnam(spec->account);
	if (account == NULL)
		return err_set(err, ERR_USAGE, 0,
		               "account '%s' is missing; make it with: "
		               "systemd-sysusers, or: useradd --system "
		               "--no-create-home --shell /usr/sbin/nologin %s",
		               spec->account, spec->account);
	if (account->pw_uid == 0 || account->pw_gid == 0)
		return err_set(err, ERR_USAGE, 0,
		               "account '%s' has the rights of root",
		               spec->account);
	spawn->drops_identity = true;
	spawn->uid = account->pw_uid;
	spawn->gid = account->pw_gid;
	return 0;
}

/* --- why a worker is no more --- */

/* Kill and reap; returns the status of waitpid. */
static int reap(struct worker *worker)
{
	int status = 0;
	pid_t got;

	(void)kill(worker->pid, SIGKILL); /* it may be gone already */
	do
		got = waitpid(worker->pid, &status, 0);
	while (got < 0 && errno == EINTR);
	worker->pid = 0;
	return status;
}

static int fail_gone(struct worker *worker, struct err *err)
{
	int status = reap(worker);

	/* A process that dies by itself closes the socket on its way, when
	 * SIGKILL no longer changes its status: so this is the real reason. */
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		return err_set(err, ERR_INTERNAL, 0,
		               "%s was killed by its sandbox: it tried a call "
		               "that it has no use for",
		               worker->program);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		return err_set(err, ERR_INTERNAL, 0,
		               "%s was killed, or closed its socket; is memory "
		               "short?",
		               worker->program);
	if (WIFSIGNALED(status))
		return err_set(err, ERR_INTERNAL, 0,
		               "%s crashed with signal %d", worker->program,
		               WTERMSIG(status));
	return err_set(err, ERR_INTERNAL, 0, "%s ended early with status %d",
	               worker->program, WEXITSTATUS(status));
}

/* @err holds what it did. */
static int fail_protocol(struct worker *worker, struct err *err)
{
	char what[ERR_TEXT_MAX];

	(void)reap(worker);
	(void)err_format(err, what, sizeof what);
	return err_set(err, ERR_INTERNAL, 0, "%s broke the protocol: %s",
	               worker->program, what);
}

static enum err_code code_of(uint32_t failure)
{
	switch ((enum failure_code)failure) {
	case FAILURE_FORMAT:
		return ERR_FORMAT;
	case FAILURE_LIMIT:
		return ERR_LIMIT;
	case FAILURE_UNTRUSTED:
		return ERR_UNTRUSTED;
	case FAILURE_NETWORK:
		return ERR_NETWORK;
	case FAILURE_USAGE:
		return ERR_USAGE;
	case FAILURE_SYSTEM:
	case FAILURE_CODES:
		break;
	}
	return ERR_SYSTEM;
}

static int fail_itself(struct worker *worker,
                       const struct message_failed *failed, struct err *err)
{
	(void)reap(worker);
	return err_set(err, code_of(failed->code), (int)failed->sys, "%s: %.*s",
	               worker->program, (int)failed->len, failed->text);
}

/* --- the conversation --- */

/* Wait until the socket has something, and no longer than patience lasts. */
static int wait_for_worker(struct worker *worker, struct err *err)
{
	int64_t deadline = clock_monotonic_ms() + worker->patience_ms;

	for (;;) {
		struct pollfd socket = { worker->channel.fd, POLLIN, 0 };
		int64_t left = deadline - clock_monotonic_ms();
		int got = 0;

		if (left > 0)
			got = poll(&socket, 1, (int)left);
		worker->patience_ms = deadline - clock_monotonic_ms();
		if (got > 0)
			return 0;
		if (got < 0 && errno != EINTR)
			return err_set(err, ERR_SYSTEM, errno, "waiting for %s",
			               worker->program);
		if (left <= 0)
			break;
	}
	(void)reap(worker);
	if (worker->rate_min > 0)
		return err_set(err, ERR_LIMIT, 0,
		               "%s stalled: for more than %lld ms it sent less "
		               "than %u bytes a second",
		               worker->program, (long long)worker->stall_ms,
		               worker->rate_min);
	return err_set(err, ERR_LIMIT, 0, "%s stalled for %lld ms",
	               worker->program, (long long)worker->stall_ms);
}

static int receive(struct worker *worker, union message *out, struct err *err)
{
	int got;

	if (wait_for_worker(worker, err) < 0)
		return -1;
	got = message_receive(&worker->channel, out, err);
	if (got < 0)
		return fail_protocol(worker, err);
	if (got == 0)
		return fail_gone(worker, err);
	if (out->type == MESSAGE_FAILED)
		return fail_itself(worker, &out->failed, err);
	return 0;
}

static int send_to(struct worker *worker, const union message *message,
                   struct err *err)
{
	struct err unsent;

	if (message_send(&worker->channel, message, &unsent) == 0)
		return 0;
	if (unsent.code == ERR_LIMIT) {
		*err = unsent;
		return fail_protocol(worker, err);
	}
	/* Its last words may still lie in the socket: the next receive
	 * finds them, or the end of file. */
	return 0;
}

static int begin_job(struct worker *worker, const union job *job,
                     struct err *err)
{
	union message message;

	if (receive(worker, &message, err) < 0)
		return -1;
	/* Before READY the table lets only FAILED through. */
	memset(&message, 0, sizeof message);
	message.start.type = MESSAGE_START;
	message.start.job = *job;
	return send_to(worker, &message, err);
}

static int fill_fds(const struct worker_spec *spec, int socket, int ring,
                    int *fds, struct err *err)
{
	if (spec->input_count > WORKER_INPUTS_MAX)
		return err_set(err, ERR_INTERNAL, 0, "too many inputs");
	fds[0] = socket;
	fds[1] = ring;
	for (size_t i = 0; i < spec->input_count; i++)
		fds[2 + i] = spec->inputs[i];
	return 0;
}

static int spawn_worker(const struct worker_spec *spec, struct worker *worker,
                        struct err *err)
{
	char program[FS_NAME_MAX];
	char full[] = WORKER_ARG_FULL;
	char uid_only[] = WORKER_ARG_UID_ONLY;
	char *argv[] = { program,
		         spec->mode == SANDBOX_UID_ONLY ? uid_only : full,
		         NULL };
	AUTO_CLOSE int file = open_program(spec, err);
	AUTO_CLOSE int theirs = -1;
	int fds[2 + WORKER_INPUTS_MAX];
	int pair[2];
	struct spawn spawn = { .program = file,
		               .argv = argv,
		               .fds = fds,
		               .fd_count = 2 + spec->input_count,
		               .profile = spec->profile };

	if (file < 0 ||
	    text_copy(program, sizeof program, spec->program,
	              strlen(spec->program), err) < 0 ||
	    find_account(spec, &spawn, err) < 0)
		return -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_set(err, ERR_SYSTEM, errno, "making its socket");
	theirs = pair[1];
	worker->channel = (struct message_channel){ .fd = pair[0],
		                                    .side = SIDE_MONITOR,
		                                    .answer = spec->answer };
	if (fill_fds(spec, theirs, worker->ring.fd, fds, err) < 0)
		return -1;
	return spawn_start(&spawn, &worker->pid, err);
}

int worker_start(const struct worker_spec *spec, struct worker *out,
                 struct err *err)
{
	AUTO_WORKER struct worker worker = WORKER_NONE;

	worker.program = spec->program;
	worker.stall_ms = spec->stall_ms > 0 ? spec->stall_ms : WORKER_STALL_MS;
	worker.patience_ms = worker.stall_ms;
	worker.rate_min = spec->rate_min;
	if (worker.rate_min == 0 && spec->profile != SANDBOX_NETWORK)
		worker.rate_min = WORKER_RATE_MIN;
	worker.slot = malloc(RING_SLOT_SIZE);
	if (worker.slot == NULL)
		return err_nomem(err);
	if (ring_make(&worker.ring, err) < 0 ||
	    spawn_worker(spec, &worker, err) < 0)
		return err_wrap(err, "starting %s", spec->program);
	if (begin_job(&worker, &spec->job, err) < 0)
		return -1;
	*out = worker;
	worker = WORKER_NONE;
	return 0;
}

/* What @bytes are worth of the time that was waited for them. */
static void restore_patience(struct worker *worker, uint32_t bytes)
{
	int64_t earned = worker->stall_ms;

	if (worker->rate_min > 0)
		earned = (int64_t)bytes * 1000 / worker->rate_min;
	worker->patience_ms += earned;
	if (worker->patience_ms > worker->stall_ms)
		worker->patience_ms = worker->stall_ms;
}

/* A SLOT: copy it, and give it back. */
static int take_slot(struct worker *worker, uint32_t used, struct err *err)
{
	union message credit;

	if (used < FRAME_HEAD_SIZE || used > RING_SLOT_SIZE) {
		(void)err_set(err, ERR_FORMAT, 0, "SLOT with %u bytes", used);
		return fail_protocol(worker, err);
	}
	ring_copy(&worker->ring, used, worker->slot);
	restore_patience(worker, used);
	memset(&credit, 0, sizeof credit);
	credit.type = MESSAGE_CREDIT;
	return send_to(worker, &credit, err);
}

/* The next message of an answer; 0 when there are no more. */
static int receive_answer(struct worker *worker, enum message_answer answer,
                          union message *out, struct err *err)
{
	if (worker->is_done)
		return 0;
	if (worker->pid == 0 || worker->channel.answer != answer)
		return err_set(err, ERR_INTERNAL, 0, "no such worker runs");
	if (receive(worker, out, err) < 0)
		return -1;
	worker->is_done = out->type == MESSAGE_DONE;
	return worker->is_done ? 0 : 1;
}

int worker_next_slot(struct worker *worker, const uint8_t **data, size_t *len,
                     struct err *err)
{
	union message message;
	int got = receive_answer(worker, ANSWER_SLOTS, &message, err);

	if (got <= 0)
		return got;
	/* READY came, so the table leaves only SLOT. */
	if (take_slot(worker, message.slot.used, err) < 0)
		return -1;
	*data = worker->slot;
	*len = message.slot.used;
	return 1;
}

int worker_next_frame(struct worker *worker, struct frame *out, struct err *err)
{
	for (;;) {
		int got = frame_next(&worker->frames, out, err);

		if (got < 0)
			return fail_protocol(worker, err);
		if (got > 0)
			return 1;
		got = worker_next_slot(worker, &worker->frames.at,
		                       &worker->frames.left, err);
		if (got <= 0)
			return got;
	}
}

int worker_go(struct worker *worker, struct err *err)
{
	union message message;

	if (worker->pid == 0 || worker->is_done)
		return err_set(err, ERR_INTERNAL, 0, "no such worker runs");
	memset(&message, 0, sizeof message);
	message.type = MESSAGE_GO;
	/* Time that the monitor took to decide is not the worker's. */
	worker->patience_ms = worker->stall_ms;
	return send_to(worker, &message, err);
}

int worker_next_verdict(struct worker *worker, struct evidence_verdict *out,
                        struct err *err)
{
	union message message;
	int got = receive_answer(worker, ANSWER_VERDICTS, &message, err);

	if (got <= 0)
		return got;
	/* READY came, so the table leaves only VERDICT. */
	*out = message.verdict.verdict;
	return 1;
}

void worker_done(struct worker *worker)
{
	if (worker->pid > 0)
		(void)reap(worker);
	cleanup_close(&worker->channel.fd);
	ring_done(&worker->ring);
	free(worker->slot);
	*worker = WORKER_NONE;
}
