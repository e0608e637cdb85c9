/* SPDX-License-Identifier: Apache-2.0 */
/* What is to be packed: package.ini with the command line on top of it. */
#ifndef RELEASE_PACKAGE_SETTINGS_H
#define RELEASE_PACKAGE_SETTINGS_H

#include <stdbool.h>

#include "base/err.h"
#include "base/fs.h"
#include "codec/part.h"
#include "pack/collect.h"
#include "pack/package_ini.h"
#include "request.h"

/* How a cosign key in a variable is named, as cosign does. */
#define COSIGN_KEY_VARIABLE "env://"

/* Texts are borrowed from the request or from ini; "" or NULL: not said. */
struct package_settings {
	struct package_ini ini;
	char config[FS_PATH_MAX]; /* path of package.ini, "" without one */
	const char *app, *platform;
	char payload[FS_PATH_MAX];
	char out[FS_PATH_MAX];
	struct collect_rules rules;
	const char *profile;      /* a name, or NULL */
	const char *profile_path; /* in the payload */
	char key[FS_PATH_MAX];    /* minisign */
	const char *cosign_key;   /* a path, env://NAME or PEM; NULL: none */
	char cosign_path[FS_PATH_MAX];
	char password_file[FS_PATH_MAX];
	struct patterns patch_from; /* at most PART_PATCHES_MAX paths */
	char patch_paths[PART_PATCHES_MAX][FS_PATH_MAX]; /* of the file's */
};

/**
 * package_settings_load - read package.ini (of --config, else of the current
 * folder if it has one) and lay the options over it.
 * @out: written only on 0; the caller frees it.
 *
 * Returns 0, or -1 with ERR_USAGE or ERR_FORMAT naming the line, or
 * ERR_SYSTEM.
 */
int package_settings_load(const struct request *request,
                          struct package_settings **out,
                          struct err *err) MUST_CHECK;

#endif
