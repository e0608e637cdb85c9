/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"

#ifdef FAULTS

#include "base/text.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Steps are passed by one thread only: the one that writes to the disk. */
static uint64_t passages;

int fault_point(const char *step)
{
	const char *at = getenv("FAULT_AT");
	const char *what = getenv("FAULT_DO");
	size_t len = strlen(step);
	uint64_t wanted = 1;
	struct err err;

	if (at == NULL || strncmp(at, step, len) != 0 ||
	    (at[len] != '\0' && at[len] != '#'))
		return 0;
	if (at[len] == '#' && text_u64(at + len + 1, strlen(at + len + 1),
	                               UINT64_MAX, &wanted, &err) < 0)
		return 0;
	if (++passages != wanted)
		return 0;
	if (what != NULL && strcmp(what, "EIO") == 0)
		return EIO;
	if (what != NULL && strcmp(what, "ENOSPC") == 0)
		return ENOSPC;
	if (what != NULL && strcmp(what, "EINVAL") == 0)
		return EINVAL;
	(void)kill(getpid(), SIGKILL); /* cannot fail for ourselves */
	for (;;)
		(void)pause();
}

#else

/* ISO C wants at least one declaration in a translation unit. */
typedef int fault_is_compiled_out;

#endif
