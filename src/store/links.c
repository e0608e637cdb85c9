/* SPDX-License-Identifier: Apache-2.0 */
#include "store/links.h"

#include <stdio.h>
#include <string.h>

#include "base/fs.h"
#include "base/text.h"

#define TARGET_PREFIX "releases/"

int link_read(const struct store *store, const char *link,
              char version[VERSION_SIZE], struct err *err)
{
	const size_t prefix = sizeof TARGET_PREFIX - 1;
	char target[FS_PATH_MAX];
	int got = fs_read_link(store->app, link, target, err);

	if (got < 0)
		return err_wrap(err, "/opt/%s", store->name);
	if (got == 0)
		return 0;
	if (strncmp(target, TARGET_PREFIX, prefix) != 0 ||
	    !name_is_version(target + prefix, strlen(target + prefix)))
		return err_set(err, ERR_FORMAT, 0,
		               "/opt/%s/%s points to '%s', not to "
		               "releases/<version>; ln -sfn mends it",
		               store->name, link, target);
	/* The grammar bounds the length: this always fits. */
	return text_copy(version, VERSION_SIZE, target + prefix,
	                 strlen(target + prefix), err) < 0
	               ? -1
	               : 1;
}

void link_target(const char *version, char out[LINK_TARGET_SIZE])
{
	(void)snprintf(out, LINK_TARGET_SIZE, TARGET_PREFIX "%s", version);
}

int links_check(const struct store *store, struct err *err)
{
	static const char *const links[] = { LINK_CURRENT, LINK_PREVIOUS };
	char version[VERSION_SIZE];

	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		if (link_read(store, links[i], version, err) < 0)
			return -1;
	return 0;
}

bool link_names(const struct store *store, const char *link,
                const char *version)
{
	struct err ignored;
	char found[VERSION_SIZE];

	return link_read(store, link, found, &ignored) == 1 &&
	       strcmp(found, version) == 0;
}
