/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of the machine: who looks, kernel, clock, guards. */
#include "health/check.h"

static int check_machine(const struct look *look, enum check_id check,
                         enum remedy remedy, struct findings *out,
                         struct err *err)
{
	const struct judgement wrong = { .check = check,
		                         .severity = check_worst(check),
		                         .remedy = remedy };

	return check_look(look, &wrong, out, err);
}

int check_user_rights(const struct facts *facts, struct findings *out,
                      struct err *err)
{
	return check_machine(&facts->machine.rights, CHECK_USER_RIGHTS,
	                     REMEDY_RIGHTS, out, err);
}

int check_host_kernel(const struct facts *facts, struct findings *out,
                      struct err *err)
{
	return check_machine(&facts->machine.kernel, CHECK_HOST_KERNEL,
	                     REMEDY_KERNEL, out, err);
}

int check_host_wsl(const struct facts *facts, struct findings *out,
                   struct err *err)
{
	return check_machine(&facts->machine.wsl, CHECK_HOST_WSL, REMEDY_WSL,
	                     out, err);
}

int check_host_time(const struct facts *facts, struct findings *out,
                    struct err *err)
{
	return check_machine(&facts->machine.time, CHECK_HOST_TIME, REMEDY_TIME,
	                     out, err);
}

int check_host_yama(const struct facts *facts, struct findings *out,
                    struct err *err)
{
	return check_machine(&facts->machine.yama, CHECK_HOST_YAMA, REMEDY_YAMA,
	                     out, err);
}

int check_host_profiles(const struct facts *facts, struct findings *out,
                        struct err *err)
{
	const struct judgement lax = { .check = CHECK_HOST_PROFILES,
		                       .severity = SEVERITY_WARNING,
		                       .remedy = REMEDY_ENFORCE };

	if (facts->machine.are_profiles_lax)
		return check_look(&facts->machine.profiles, &lax, out, err);
	return check_machine(&facts->machine.profiles, CHECK_HOST_PROFILES,
	                     REMEDY_PROFILES, out, err);
}
