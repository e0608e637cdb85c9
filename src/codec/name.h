/* SPDX-License-Identifier: Apache-2.0 */
/* The grammars of names that become path components, and the order of
 * versions.  docs/bundle-format.md has the rules. */
#ifndef CODEC_NAME_H
#define CODEC_NAME_H

#include <stdbool.h>
#include <stddef.h>

#define APP_SIZE             65 /* bytes of the longest app name, with the NUL */
#define VERSION_SIZE         129 /* bytes of the longest version, with the NUL */
#define PLATFORM_SIZE        34  /* "<os>/<arch>", with the NUL */
#define KEY_NAME_SIZE        65  /* ... of a key */

#define REPOSITORY_OWNER_MAX 39  /* bytes; of a repository on GitHub */
#define REPOSITORY_NAME_MAX  100 /* bytes; ... */
/* Bytes of "<owner>/<name>", with the NUL. */
#define REPOSITORY_SIZE (REPOSITORY_OWNER_MAX + REPOSITORY_NAME_MAX + 2)

/** name_is_app - [a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])? */
bool name_is_app(const char *text, size_t len);

/** name_is_version - the grammar of OCI tags, so never "." or ".." */
bool name_is_version(const char *text, size_t len);

/** name_is_platform - "<os>/<arch>", each [a-z0-9]{1,16} */
bool name_is_platform(const char *text, size_t len);

/** name_is_architecture - [a-z0-9]{1,16}, as in a platform */
bool name_is_architecture(const char *text, size_t len);

/** name_is_key - what a host calls a trusted key: [A-Za-z0-9._-]{1,64} */
bool name_is_key(const char *text, size_t len);

/**
 * name_is_repository - "<owner>/<name>", a repository on GitHub: the owner is
 * [A-Za-z0-9][A-Za-z0-9_-]{0,38}, the name [A-Za-z0-9._-]{1,100}, not "." or
 * "..", and does not end in ".git", which GitHub takes for an address.
 */
bool name_is_repository(const char *text, size_t len);

/**
 * name_app_of_repository - the app that a repository is taken for: its name
 * without the owner, in lower case.
 * @repository: as name_is_repository demands.
 * Returns false, and leaves @out, where that is no name of an app.
 */
bool name_app_of_repository(const char *repository, char out[APP_SIZE]);

/**
 * semver_compare - order two versions by Semantic Versioning 2.0.0, section 11;
 * a leading "v" is allowed, build metadata is ignored.
 * @order: out; below, equal to or above 0 as @a is lower, equal or higher.
 *
 * Returns false, and leaves @order, where one of them is no SemVer.
 */
bool semver_compare(const char *a, const char *b, int *order);

#endif
