/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of the machine: kernel, clock, guards. */
#include "health/check.h"

int check_user_rights(const struct facts *facts, struct findings *out,
                      struct err *err)
{
	(void)facts;
	return check_not_applicable(CHECK_USER_RIGHTS, "not looked at", out,
	                            err);
}

int check_host_kernel(const struct facts *facts, struct findings *out,
                      struct err *err)
{
	(void)facts;
	return check_not_applicable(CHECK_HOST_KERNEL, "not looked at", out,
	                            err);
}

int check_host_wsl(const struct facts *facts, struct findings *out,
                   struct err *err)
{
	(void)facts;
	return check_not_applicable(CHECK_HOST_WSL, "not looked at", out, err);
}

int check_host_time(const struct facts *facts, struct findings *out,
                    struct err *err)
{
	(void)facts;
	return check_not_applicable(CHECK_HOST_TIME, "not looked at", out, err);
}

int check_host_yama(const struct facts *facts, struct findings *out,
                    struct err *err)
{
	(void)facts;
	return check_not_applicable(CHECK_HOST_YAMA, "not looked at", out, err);
}

int check_host_profiles(const struct facts *facts, struct findings *out,
                        struct err *err)
{
	(void)facts;
	return check_not_applicable(CHECK_HOST_PROFILES, "not looked at", out,
	                            err);
}
