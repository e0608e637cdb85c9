/* SPDX-License-Identifier: Apache-2.0 */
#include "privsep/worker_main.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static int send_plain(const struct message_channel *channel,
                      enum message_type type, struct err *err)
{
	union message message;

	memset(&message, 0, sizeof message);
	message.type = type;
	return message_send(channel, &message, err);
}

/* READY, and wait for the job. */
static int greet(struct worker_context *context, struct err *err)
{
	union message message;
	int got;

	if (send_plain(&context->channel, MESSAGE_READY, err) < 0)
		return -1;
	got = message_receive(&context->channel, &message, err);
	if (got < 0)
		return -1;
	if (got == 0 || message.type != MESSAGE_START)
		return err_set(err, ERR_SYSTEM, EPIPE, "no job came");
	context->job = message.start.job;
	return 0;
}

static int work(const struct worker_program *program, enum sandbox_mode mode,
                struct worker_context *context, struct err *err)
{
	if (program->prepare != NULL && program->prepare(err) < 0)
		return -1;
	if (ring_attach(WORKER_FD_RING, &context->channel, &context->ring,
	                err) < 0)
		return -1;
	(void)close(WORKER_FD_RING); /* the mapping holds it */
	if (sandbox_enter(program->profile, mode, program->paths, err) < 0 ||
	    greet(context, err) < 0 || program->run(context, err) < 0 ||
	    ring_flush(&context->ring, err) < 0)
		return -1;
	return send_plain(&context->channel, MESSAGE_DONE, err);
}

int worker_tell(const struct worker_context *context,
                const struct evidence_verdict *verdict, struct err *err)
{
	union message message;

	memset(&message, 0, sizeof message);
	message.verdict.type = MESSAGE_VERDICT;
	message.verdict.verdict = *verdict;
	return message_send(&context->channel, &message, err);
}

int worker_main(const struct worker_program *program, int argc, char **argv)
{
	static const char hint[] = "This program is started by install-package "
				   "or check-health.\n";
	struct worker_context context;
	struct err err;
	enum sandbox_mode mode;
	union message message;

	memset(&context, 0, sizeof context);
	context.channel = (struct message_channel){ .fd = WORKER_FD_SOCKET,
		                                    .side = SIDE_WORKER };
	if (argc == 2 && strcmp(argv[1], WORKER_ARG_FULL) == 0) {
		mode = SANDBOX_FULL;
	} else if (argc == 2 && strcmp(argv[1], WORKER_ARG_UID_ONLY) == 0) {
		mode = SANDBOX_UID_ONLY;
	} else {
		(void)!write(STDERR_FILENO, hint, sizeof hint - 1);
		return 2;
	}
	if (work(program, mode, &context, &err) == 0)
		return 0;
	message_failure(&err, &message);
	if (message_send(&context.channel, &message, &err) < 0)
		return 3; /* the monitor is gone; nobody is left to tell */
	return 1;
}
