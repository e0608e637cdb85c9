/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of what an administrator has to see to in time. */
#include "health/check.h"

int check_disk_inodes(const struct facts *facts, struct findings *out,
                      struct err *err)
{
	(void)facts;
	return check_not_applicable(CHECK_DISK_INODES, "not looked at", out,
	                            err);
}

int check_releases_kept(const struct facts *facts, struct findings *out,
                        struct err *err)
{
	(void)facts;
	return check_not_applicable(CHECK_RELEASES_KEPT, "not looked at", out,
	                            err);
}

int check_store_leftovers(const struct facts *facts, struct findings *out,
                          struct err *err)
{
	(void)facts;
	return check_not_applicable(CHECK_STORE_LEFTOVERS, "not looked at", out,
	                            err);
}

int check_trust_expiry(const struct facts *facts, struct findings *out,
                       struct err *err)
{
	(void)facts;
	return check_not_applicable(CHECK_TRUST_EXPIRY, "not looked at", out,
	                            err);
}
