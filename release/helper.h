/* SPDX-License-Identifier: Apache-2.0 */
/* Docker's credential helpers: docker-credential-NAME get, store, erase.
 * Source: the protocol of docker-credential-helpers, README.
 *
 * A helper is a program of the user's, found on PATH.  It runs without a shell,
 * under a deadline, with a limit on what it says, in a process group that is
 * killed in the end, and with those variables of ours alone that name folders,
 * files and sessions: never one that holds a secret.  Secrets go through its
 * standard input and output. */
#ifndef RELEASE_HELPER_H
#define RELEASE_HELPER_H

#include "base/buf.h"
#include "base/err.h"
#include "request.h"

#define HELPER_DEADLINE_S 60 /* it may ask the user to unlock a key */
#define HELPER_MAX        ((size_t)64 << 10) /* bytes that it is told, or says */

/* What is asked of whom. */
struct helper_call {
	const char *helper; /* NAME, as docker_config_helper gives it */
	const char *verb;   /* "get", "store", "erase" */
	struct bytes input; /* what it reads */
};

/**
 * helper_run - ask one.
 * @answer: appended to; at most its max.
 *
 * Returns 1 when it succeeded; 0 when it did not, and @answer says why;
 * -1 with ERR_USAGE where there is no such program, ERR_LIMIT for an answer
 * that is too long or does not come in time, ERR_SYSTEM.
 */
int helper_run(const struct request *request, const struct helper_call *call,
               struct buf *answer, struct err *err) MUST_CHECK;

#endif
