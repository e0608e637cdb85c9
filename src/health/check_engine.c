/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of the container engine. */
#include "health/check.h"

int check_engine_present(const struct facts *facts, struct findings *out,
                         struct err *err)
{
	(void)facts;
	return check_not_applicable(CHECK_ENGINE_PRESENT, "not looked at", out,
	                            err);
}

int check_engine_supported(const struct facts *facts, struct findings *out,
                           struct err *err)
{
	(void)facts;
	return check_not_applicable(CHECK_ENGINE_SUPPORTED, "not looked at",
	                            out, err);
}

int check_engine_version(const struct facts *facts, struct findings *out,
                         struct err *err)
{
	(void)facts;
	return check_not_applicable(CHECK_ENGINE_VERSION, "not looked at", out,
	                            err);
}

int check_engine_healthy(const struct facts *facts, struct findings *out,
                         struct err *err)
{
	(void)facts;
	return check_not_applicable(CHECK_ENGINE_HEALTHY, "not looked at", out,
	                            err);
}

int check_engine_storage(const struct facts *facts, struct findings *out,
                         struct err *err)
{
	(void)facts;
	return check_not_applicable(CHECK_ENGINE_STORAGE, "not looked at", out,
	                            err);
}

int check_engine_cgroups(const struct facts *facts, struct findings *out,
                         struct err *err)
{
	(void)facts;
	return check_not_applicable(CHECK_ENGINE_CGROUPS, "not looked at", out,
	                            err);
}

int check_engine_runtimes(const struct facts *facts, struct findings *out,
                          struct err *err)
{
	(void)facts;
	return check_not_applicable(CHECK_ENGINE_RUNTIMES, "not looked at", out,
	                            err);
}

int check_engine_seccomp(const struct facts *facts, struct findings *out,
                         struct err *err)
{
	(void)facts;
	return check_not_applicable(CHECK_ENGINE_SECCOMP, "not looked at", out,
	                            err);
}

int check_engine_apparmor(const struct facts *facts, struct findings *out,
                          struct err *err)
{
	(void)facts;
	return check_not_applicable(CHECK_ENGINE_APPARMOR, "not looked at", out,
	                            err);
}

int check_engine_compose(const struct facts *facts, struct findings *out,
                         struct err *err)
{
	(void)facts;
	return check_not_applicable(CHECK_ENGINE_COMPOSE, "not looked at", out,
	                            err);
}

int check_registry_reachable(const struct facts *facts, struct findings *out,
                             struct err *err)
{
	(void)facts;
	return check_not_applicable(CHECK_REGISTRY_REACHABLE, "not looked at",
	                            out, err);
}
