/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of the service that the app gives. */
#include "health/check.h"

int check_service_units(const struct facts *facts, struct findings *out,
                        struct err *err)
{
	(void)facts;
	return check_not_applicable(CHECK_SERVICE_UNITS, "not looked at", out,
	                            err);
}

int check_service_command(const struct facts *facts, struct findings *out,
                          struct err *err)
{
	(void)facts;
	return check_not_applicable(CHECK_SERVICE_COMMAND, "not looked at", out,
	                            err);
}

int check_service_http(const struct facts *facts, struct findings *out,
                       struct err *err)
{
	(void)facts;
	return check_not_applicable(CHECK_SERVICE_HTTP, "not looked at", out,
	                            err);
}

int check_service_tcp(const struct facts *facts, struct findings *out,
                      struct err *err)
{
	(void)facts;
	return check_not_applicable(CHECK_SERVICE_TCP, "not looked at", out,
	                            err);
}

int check_service_unix(const struct facts *facts, struct findings *out,
                       struct err *err)
{
	(void)facts;
	return check_not_applicable(CHECK_SERVICE_UNIX, "not looked at", out,
	                            err);
}
