/* SPDX-License-Identifier: Apache-2.0 */
/* The part of sealed_bundle.h that opens parts that are files of their own. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "pack/sealed_own.h"

#define NAMES_MAX 4096 /* in a folder of parts */

static int open_loose_part(struct sealed_bundle *bundle, int dir,
                           const char *name, struct err *err)
{
	AUTO_CLOSE int fd = -1;
	struct sealed_part part = { .fd = -1 };
	struct stat st;

	if (!part_parse(name, strlen(name), &part.part))
		return 0;
	fd = fs_open_file(dir, name, err);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		return err_set(err, ERR_SYSTEM, errno, "looking at '%s'", name);
	part.size = (uint64_t)st.st_size;
	part.fd = fd;
	if (sealed_add_part(bundle, part, err) < 0)
		return -1;
	(void)TAKE_FD(fd); /* the bundle owns it now */
	return 0;
}

int sealed_open_folder(struct sealed_bundle *bundle, int dir, struct err *err)
{
	char **names;
	size_t count;
	int result = 0;

	if (fs_list(dir, NAMES_MAX, &names, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count && result == 0; i++)
		result = open_loose_part(bundle, dir, names[i], err);
	fs_list_free(names, count);
	return result;
}

static int open_parent(const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	AUTO_FREE char *folder =
		slash == NULL ? strdup(".")
			      : strndup(path, (size_t)(slash - path) + 1);

	if (folder == NULL)
		return err_nomem(err);
	return fs_open_anchor(folder, err);
}

int sealed_bundle_add_beside(struct sealed_bundle *bundle, const char *path,
                             struct err *err)
{
	AUTO_CLOSE int dir = -1;

	if (bundle->file < 0 || bundle->release.patch_count == 0)
		return 0;
	dir = open_parent(path, err);
	if (dir < 0)
		return -1;
	for (size_t i = 0; i < bundle->release.patch_count; i++) {
		const struct part part = { PART_PATCH,
			                   bundle->release.patches[i].id };
		char name[PART_NAME_SIZE];
		int there;

		part_name(part, name);
		there = fs_exists(dir, name, NULL, err);
		if (there < 0 ||
		    (there == 1 && open_loose_part(bundle, dir, name, err) < 0))
			return -1;
	}
	return sealed_check_patches(bundle, err);
}
