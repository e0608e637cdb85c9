/* SPDX-License-Identifier: Apache-2.0 */
/* package.ini: what package-release is to pack, so that it need not be typed.
 * The project's own file, written by hand; comments are allowed. */
#ifndef PACK_PACKAGE_INI_H
#define PACK_PACKAGE_INI_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/name.h"
#include "codec/release_ini.h"

#define PACKAGE_INI_MAX    ((size_t)256 * 1024) /* bytes */
#define PACKAGE_LIST_MAX   64                   /* names in one list */
#define PACKAGE_VALUE_SIZE 200

/* A list of comma-separated words: "include", "include.2", ... */
struct package_list {
	char at[PACKAGE_LIST_MAX][PACKAGE_VALUE_SIZE];
	size_t count;
};

enum package_answer { PACKAGE_UNSAID, PACKAGE_NO, PACKAGE_YES };

/* "" and 0 where the file says nothing.  Paths are as they stand there,
 * relative to the folder of the file. */
struct package_ini {
	char app[APP_SIZE];
	char platform[PLATFORM_SIZE];
	char out[PACKAGE_VALUE_SIZE];
	struct package_list patch_from; /* paths of old bundles */

	char root[PACKAGE_VALUE_SIZE];
	struct package_list include, exclude, allow_link, allow_mode;

	char profile[PACKAGE_VALUE_SIZE];
	char profile_path[PACKAGE_VALUE_SIZE]; /* in the payload */
	struct package_list images;

	char architecture[17];
	unsigned kernel_major, kernel_minor;
	uint64_t memory, disk; /* bytes */

	char key[PACKAGE_VALUE_SIZE];
	char cosign_key[PACKAGE_VALUE_SIZE]; /* a path, or env://NAME */
	char password_file[PACKAGE_VALUE_SIZE];

	/* [publish]; the same in the package.ini of a folder of packs/, where
	 * only build, publish and media_type count. */
	struct package_list to;
	char packs[PACKAGE_VALUE_SIZE]; /* the folder of packs */
	char packs_out[PACKAGE_VALUE_SIZE];
	char build[PACKAGE_VALUE_SIZE]; /* a command, or "zip" */
	char media_type[PACKAGE_VALUE_SIZE];
	char lock[PACKAGE_VALUE_SIZE];
	char public_key[PACKAGE_VALUE_SIZE];
	enum package_answer publish, latest;

	struct release_info info[RELEASE_INFO_MAX]; /* sorted by key */
	size_t info_count;
};

/**
 * package_ini_parse - read a package.ini.
 * @out: large (120 KB), so the caller allocates it; unspecified after -1.
 *
 * Returns 0, or -1 with ERR_USAGE or ERR_FORMAT naming the line: an unknown
 * section or key, or a value outside its grammar.
 */
int package_ini_parse(const char *text, size_t len, struct package_ini *out,
                      struct err *err) MUST_CHECK;

/**
 * package_ini_template - append a package.ini that is explained by comments.
 * @app, @root: filled in.
 */
int package_ini_template(const char *app, const char *root, struct buf *out,
                         struct err *err) MUST_CHECK;

#endif
