/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/requirements.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"

#define UNMET_MAX ((size_t)1024) /* bytes; more than all messages have */

typedef int check_fn(const struct release_ini *release,
                     const struct host_facts *facts, struct buf *unmet,
                     struct err *err);

static int check_platform(const struct release_ini *release,
                          const struct host_facts *facts, struct buf *unmet,
                          struct err *err)
{
	char here[PLATFORM_SIZE];

	(void)snprintf(here, sizeof here, "%s/%s", facts->os,
	               facts->architecture);
	if (release->platform[0] == '\0' ||
	    strcmp(release->platform, here) == 0)
		return 0;
	return buf_printf(unmet, err, "; it is for %s, this host is %s",
	                  release->platform, here);
}

static int check_architecture(const struct release_ini *release,
                              const struct host_facts *facts, struct buf *unmet,
                              struct err *err)
{
	if (release->architecture[0] == '\0' ||
	    strcmp(release->architecture, facts->architecture) == 0)
		return 0;
	return buf_printf(unmet, err,
	                  "; it needs architecture %s, this host has %s",
	                  release->architecture, facts->architecture);
}

static int check_kernel(const struct release_ini *release,
                        const struct host_facts *facts, struct buf *unmet,
                        struct err *err)
{
	if (release->kernel_major < facts->kernel_major ||
	    (release->kernel_major == facts->kernel_major &&
	     release->kernel_minor <= facts->kernel_minor))
		return 0;
	return buf_printf(unmet, err,
	                  "; it needs kernel %u.%u, this host runs %u.%u",
	                  release->kernel_major, release->kernel_minor,
	                  facts->kernel_major, facts->kernel_minor);
}

static int check_amount(const char *what, uint64_t need, uint64_t have,
                        struct buf *unmet, struct err *err)
{
	if (need <= have)
		return 0;
	return buf_printf(unmet, err, "; it needs %llu %s, this host has %llu",
	                  (unsigned long long)need, what,
	                  (unsigned long long)have);
}

static int check_memory(const struct release_ini *release,
                        const struct host_facts *facts, struct buf *unmet,
                        struct err *err)
{
	return check_amount("bytes of memory", release->memory, facts->memory,
	                    unmet, err);
}

static int check_disk(const struct release_ini *release,
                      const struct host_facts *facts, struct buf *unmet,
                      struct err *err)
{
	return check_amount("bytes of free disk", release->disk,
	                    facts->disk_free, unmet, err);
}

int requirements_check(const struct release_ini *release,
                       const struct host_facts *facts, struct err *err)
{
	static check_fn *const checks[] = { check_platform, check_architecture,
		                            check_kernel, check_memory,
		                            check_disk };
	AUTO_BUF struct buf unmet = BUF_LIMIT(UNMET_MAX);

	for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
		if (checks[i](release, facts, &unmet, err) < 0)
			return -1;
	if (unmet.len == 0)
		return 0;
	return err_set(err, ERR_CONFLICT, 0, "%s %s does not fit this host%s",
	               release->app, release->version, buf_text(&unmet));
}
