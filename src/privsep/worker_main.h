/* SPDX-License-Identifier: Apache-2.0 */
/* The worker's end: what every worker's main() does around its own job.
 *
 *     static int unpack(struct worker_context *context, struct err *err);
 *     static const struct worker_program program = {
 *             .profile = SANDBOX_PURE,
 *             .prepare = load_libraries,
 *             .run = unpack,
 *     };
 *     int main(int argc, char **argv)
 *     {
 *             return worker_main(&program, argc, argv);
 *     }
 *
 * A worker prints nothing: its failure travels to the monitor as a message. */
#ifndef PRIVSEP_WORKER_MAIN_H
#define PRIVSEP_WORKER_MAIN_H

#include "base/err.h"
#include "privsep/message.h"
#include "privsep/ring.h"
#include "privsep/sandbox.h"

/* The descriptors a worker is born with. */
#define WORKER_FD_SOCKET 3
#define WORKER_FD_RING   4
#define WORKER_FD_INPUT  5 /* the first of them */

/* argv[1], from the monitor. */
#define WORKER_ARG_FULL     "full"
#define WORKER_ARG_UID_ONLY "uid-only"

struct worker_context {
	struct message_channel channel;
	struct ring_writer ring;
	union job job; /* from the monitor: trusted */
};

struct worker_program {
	enum sandbox_profile profile;
	const char *const *paths; /* as for sandbox_enter */
	/* Before the sandbox: locale, libraries' own start; may be NULL. */
	int (*prepare)(struct err *err);
	/* The job.  All frames that it puts are flushed for it. */
	int (*run)(struct worker_context *context, struct err *err);
};

/**
 * worker_main - prepare, shut in, READY, START, run, DONE or FAILED.
 * Returns the exit status: 0 when DONE was sent, 1 when FAILED was, 2 when it
 * was not started by a monitor, 3 when the monitor is gone.
 */
int worker_main(const struct worker_program *program, int argc, char **argv);

/** worker_tell - send a verdict, where the job is answered with these.
 * Returns 0, or -1 with ERR_SYSTEM when the monitor is gone. */
int worker_tell(const struct worker_context *context,
                const struct evidence_verdict *verdict,
                struct err *err) MUST_CHECK;

#endif
