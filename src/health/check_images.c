/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of the app's images and containers. */
#include "health/check.h"

int check_images_present(const struct facts *facts, struct findings *out,
                         struct err *err)
{
	(void)facts;
	return check_not_applicable(CHECK_IMAGES_PRESENT, "not looked at", out,
	                            err);
}

int check_images_signed(const struct facts *facts, struct findings *out,
                        struct err *err)
{
	(void)facts;
	return check_not_applicable(CHECK_IMAGES_SIGNED, "not looked at", out,
	                            err);
}

int check_containers_running(const struct facts *facts, struct findings *out,
                             struct err *err)
{
	(void)facts;
	return check_not_applicable(CHECK_CONTAINERS_RUNNING, "not looked at",
	                            out, err);
}

int check_containers_healthy(const struct facts *facts, struct findings *out,
                             struct err *err)
{
	(void)facts;
	return check_not_applicable(CHECK_CONTAINERS_HEALTHY, "not looked at",
	                            out, err);
}
