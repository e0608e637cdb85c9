/* SPDX-License-Identifier: Apache-2.0 */
/* From what the user names, or from the folders of packs/, to publications.
 *
 * A pack is a folder; what is made of it is $OUT_DIR/<folder>.gtpack, by
 * - `build` of [publish] in the folder's own package.ini, run in that folder;
 * - else `build` of the repository's package.ini, run where that lies;
 * - else packc, where it is found;
 * - else, and for `build = zip`, a zip of the folder (pack/zip_folder.h).
 * `publish = no` in the folder's package.ini leaves it out.  A folder that
 * holds a release.ini is a Tidegate bundle, and goes as one.
 *
 * A command is split at blanks, and no shell is asked; in its words $PACK_NAME,
 * $PACK_DIR, $PACK_VERSION, $OUT_DIR and $OUT_FILE have their values, which it
 * also finds in its environment, besides PATH, HOME, LC_ALL, TZ and
 * SOURCE_DATE_EPOCH.  It gets nothing else: no secret.  What it prints goes to
 * standard error. */
#ifndef RELEASE_PACKS_H
#define RELEASE_PACKS_H

#include "base/err.h"
#include "publication.h"
#include "publish_settings.h"

#define PACK_FOLDERS_MAX PUBLICATIONS_MAX

/**
 * packs_gather - build, verify and describe all that is to be published.
 * @out: empty before; released with publications_done, also after -1.
 *
 * All of it is sealed: digests are known.  Returns 0, or -1 with ERR_USAGE
 * (nothing there, a name that no registry takes, a command that is absent),
 * ERR_CONFLICT for a version that is not the one asked for, ERR_UNTRUSTED for a
 * bundle that nobody signed, or whose signers are not trusted; ERR_FORMAT,
 * ERR_LIMIT, ERR_SYSTEM; naming the package.
 */
int packs_gather(const struct publish_settings *settings,
                 struct publications *out, struct err *err) MUST_CHECK;

/**
 * pack_build - make a pack's file.
 * @path: of its folder.  @name: of the pack.  @own: its package.ini.
 * @file: out, FS_PATH_MAX bytes: $OUT_DIR/<name>.gtpack.
 */
int pack_build(const struct publish_settings *settings, const char *path,
               const char *name, const struct package_ini *own, char *file,
               struct err *err) MUST_CHECK;

/**
 * bundle_publish - a bundle as a publication, files and tags but no manifests.
 * @path: the bundle file, or the folder of its parts.
 *
 * Its integrity is checked, and its signatures as hosts judge them where --key,
 * --trust or [publish] key say who is trusted; else it must have one at least.
 */
int bundle_publish(const struct publish_settings *settings, const char *path,
                   struct publication **out, struct err *err) MUST_CHECK;

#endif
