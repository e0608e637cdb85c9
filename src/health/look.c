/* SPDX-License-Identifier: Apache-2.0 */
#include "health/look.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

void look_set(struct look *look, enum sight sight, const char *fmt, ...)
{
	va_list args;

	look->sight = sight;
	va_start(args, fmt);
	/* What does not fit is cut. */
	(void)vsnprintf(look->text, sizeof look->text, fmt, args);
	va_end(args);
}

static enum sight sight_of_system(int sys)
{
	switch (sys) {
	case EACCES:
	case EPERM:
		return SIGHT_HIDDEN;
	case ENOENT:
	case ENOTDIR:
		return SIGHT_ABSENT;
	default:
		return SIGHT_FAILED;
	}
}

static enum sight sight_of(const struct err *failure)
{
	switch (failure->code) {
	case ERR_SYSTEM:
		return sight_of_system(failure->sys);
	case ERR_NONE:
	case ERR_NETWORK:
	case ERR_LOCKED:
	case ERR_INTERNAL:
		return SIGHT_FAILED;
	case ERR_FINDINGS:
	case ERR_USAGE:
	case ERR_LIMIT:
	case ERR_FORMAT:
	case ERR_UNTRUSTED:
	case ERR_CONFLICT:
	case ERR_UNHEALTHY:
	case ERR_STRANDED:
		break;
	}
	return SIGHT_WRONG;
}

void look_failed(struct look *look, const struct err *failure)
{
	look->sight = sight_of(failure);
	(void)err_format(failure, look->text, sizeof look->text);
}

int look_note(struct look *look, const struct err *failure)
{
	if (failure->code == ERR_SYSTEM && failure->sys == ENOMEM)
		return -1;
	look_failed(look, failure);
	return 0;
}

int look_note_trusted(struct look *look, const struct err *failure)
{
	int result = look_note(look, failure);

	if (result == 0 && failure->code == ERR_UNTRUSTED)
		look->sight = SIGHT_OPEN;
	return result;
}
