/* SPDX-License-Identifier: Apache-2.0 */
/* Running a program that the administrator named, under a deadline: a health
 * command, or systemctl.  No shell, no inherited environment or descriptors. */
#ifndef PRIVSEP_CHILD_H
#define PRIVSEP_CHILD_H

#include <stdint.h>

#include "base/err.h"

/* Where its standard error goes. */
enum child_words { CHILD_SILENT, CHILD_HEARD };

struct child {
	const char *const
		*argv;    /* argv[0] is an absolute path; NULL at the end */
	const char *user; /* NULL: as the caller */
	int64_t deadline; /* by clock_monotonic_ms */
	enum child_words words; /* HEARD: to the caller's own */
};

/**
 * child_run - start it in a process group of its own and wait for it.
 *
 * It inherits no ambient capability.  Standard input and output are /dev/null,
 * and standard error, unless it is to be heard.
 * At the deadline the whole group is killed, and so is what it left behind when
 * it ends in time.  Between the two stands a process that does this also when
 * the caller is killed; until then it keeps the caller's descriptors, and
 * thereby the lock: no second command starts beside the first.
 *
 * It begins with no signal blocked, ignored or caught, whatever the caller does
 * with them.
 *
 * Returns 0 when it exited with status 0; -1 with ERR_UNHEALTHY for any other
 * end, ERR_USAGE for an unknown user, ERR_SYSTEM.
 */
int child_run(const struct child *child, struct err *err) MUST_CHECK;

/**
 * child_exit - the same for one whose status is an answer.
 * @code: out, written only on 0: 0 to 255, but for 127.
 *
 * Returns 0 when it exited; -1 as child_run, with ERR_UNHEALTHY where it could
 * not be started (status 127, as a shell gives it), a signal ended it, or its
 * deadline.
 */
int child_exit(const struct child *child, int *code,
               struct err *err) MUST_CHECK;

#endif
