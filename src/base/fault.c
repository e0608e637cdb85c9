/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"

#ifdef FAULTS

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Steps are passed by one thread only: the one that writes to the disk. */
static unsigned long passages;

int fault_point(const char *step)
{
	const char *at = getenv("FAULT_AT");
	const char *what = getenv("FAULT_DO");
	size_t len = strlen(step);
	unsigned long wanted = 1;

	if (at == NULL || strncmp(at, step, len) != 0 ||
	    (at[len] != '\0' && at[len] != '#'))
		return 0;
	if (at[len] == '#')
		wanted = strtoul(at + len + 1, NULL, 10);
	if (++passages != wanted)
		return 0;
	if (what != NULL && strcmp(what, "EIO") == 0)
		return EIO;
	if (what != NULL && strcmp(what, "ENOSPC") == 0)
		return ENOSPC;
	(void)kill(getpid(), SIGKILL); /* cannot fail for ourselves */
	for (;;)
		(void)pause();
}

#else

/* ISO C wants at least one declaration in a translation unit. */
typedef int fault_is_compiled_out;

#endif
