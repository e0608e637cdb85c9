/* SPDX-License-Identifier: Apache-2.0 */
#include "output.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/disk.h"
#include "base/fs.h"
#include "base/text.h"

#define OUTPUT_MODE 0644

int output_print(const struct buf *text, struct err *err)
{
	if (fwrite(buf_text(text), 1, text->len, stdout) != text->len ||
	    fflush(stdout) != 0)
		return err_set(err, ERR_SYSTEM, errno,
		               "writing to standard output");
	return 0;
}

/* Open the folder of @path; its last component is @name. */
static int open_folder(const char *path, const char **name, struct err *err)
{
	const char *slash = strrchr(path, '/');
	char folder[FS_PATH_MAX];
	size_t len;

	*name = slash != NULL ? slash + 1 : path;
	if ((*name)[0] == '\0' || strcmp(*name, ".") == 0 ||
	    strcmp(*name, "..") == 0)
		return err_set(err, ERR_USAGE, 0, "'%s' names no file", path);
	if (slash == NULL)
		return fs_open_guarded(".", err);
	len = slash == path ? 1 : (size_t)(slash - path);
	if (text_copy(folder, sizeof folder, path, len, err) < 0)
		return -1;
	return fs_open_guarded(folder, err);
}

int output_replace(const char *path, const struct buf *text, struct err *err)
{
	const char *name;
	AUTO_CLOSE int folder = open_folder(path, &name, err);

	if (folder < 0)
		return -1;
	return disk_replace_shared("check.output", folder, name, OUTPUT_MODE,
	                           buf_text(text), text->len, err);
}
