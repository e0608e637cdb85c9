/* SPDX-License-Identifier: Apache-2.0 */
/* package-release init, and the two commands that print about the program. */
#include <errno.h>
#include <string.h>

#include "base/disk.h"
#include "codec/name.h"
#include "files.h"
#include "pack/package_ini.h"
#include "request.h"
#include "say.h"

#define CONFIG_DEFAULT "package.ini"

int init_run(void *context, struct err *err)
{
	const struct request *request = context;
	const char *path =
		request->config != NULL ? request->config : CONFIG_DEFAULT;
	const char *app = request->app != NULL ? request->app : "myapp";
	AUTO_BUF struct buf text = BUF_NONE;
	AUTO_CLOSE int dir = -1;
	AUTO_CLOSE int fd = -1;
	char name[FS_NAME_MAX];

	if (!name_is_app(app, strlen(app)))
		return err_set(err, ERR_USAGE, 0,
		               "'%s' is no name of an app: a-z, 0-9, '.', '_', "
		               "'-'",
		               app);
	dir = file_split(path, name, err);
	if (dir < 0 ||
	    package_ini_template(app,
	                         request->payload != NULL ? request->payload
	                                                  : "payload",
	                         &text, err) < 0)
		return -1;
	fd = disk_create("init.create", dir, name, 0644, err);
	if (fd < 0 && err->code == ERR_SYSTEM && err->sys == EEXIST)
		return err_set(err, ERR_CONFLICT, 0,
		               "'%s' exists and is left as it is", path);
	if (fd < 0)
		return err_wrap(err, "writing '%s'", path);
	if (disk_write("init.write", fd, text.data, text.len, err) < 0)
		return -1;
	say(request,
	    "wrote %s; read it, then: package-release bundle "
	    "--version VERSION",
	    path);
	return 0;
}

int version_run(void *context, struct err *err)
{
	AUTO_BUF struct buf text = BUF_NONE;

	(void)context; /* nothing can be asked for */
	if (buf_adds(&text, "package-release " TIDEGATE_VERSION "\n", err) < 0)
		return -1;
	return print_result(&text, err);
}

int completion_run(void *context, struct err *err)
{
	AUTO_BUF struct buf text = BUF_NONE;

	(void)context; /* nothing can be asked for */
	if (options_completion(&package_release, &text, err) < 0)
		return -1;
	return print_result(&text, err);
}
