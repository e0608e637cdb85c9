/* SPDX-License-Identifier: Apache-2.0 */
/* From the staging folders into the store, durably: first packages/<version>,
 * then releases/<version>.  Nothing here touches current. */
#ifndef STORE_COMMIT_H
#define STORE_COMMIT_H

#include "base/err.h"
#include "store/package_stage.h"
#include "store/store.h"
#include "store/tree_stage.h"

/* A release that is whole and durable in the store.  Made by commit_release,
 * commit_repair and commit_renewal alone, and by commit_installed for one that
 * was. */
struct committed_release {
	char version[VERSION_SIZE];
	uint8_t release_sha256[DIGEST_LEN]; /* of its release.ini */
};

/**
 * commit_release - make the staged release visible under its version.
 * @release: the verified release.ini of both stages.
 *
 * A package without its release, as a crash leaves it, is replaced.  Durable
 * on return: write errors since the store was opened count too.  Returns 0, or
 * -1 with ERR_CONFLICT when releases/<version> is there already, or ERR_SYSTEM;
 * then releases/<version> is not there, or at worst whole, and the next run's
 * store_recover removes the rest.
 */
int commit_release(const struct store *store, const struct release_ini *release,
                   struct package_stage *package, struct tree_stage *tree,
                   struct committed_release *out, struct err *err) MUST_CHECK;

/**
 * commit_repair - exchange a damaged release and its package for the staged
 * ones, then remove the damaged.  The caller has made sure that both are the
 * same release.  Durable on return; errors as commit_release, but without
 * ERR_CONFLICT; at any moment releases/<version> is the old tree or the new
 * (where the file system cannot exchange, nothing for an instant, which
 * store_recover mends after a crash).
 */
int commit_repair(const struct store *store, const struct release_ini *release,
                  struct package_stage *package, struct tree_stage *tree,
                  struct committed_release *out, struct err *err) MUST_CHECK;

/**
 * commit_renewal - exchange the package of a whole release for the staged one,
 * which is the same release with other evidence; its tree is not touched.  The
 * caller has made sure of both.  Durable on return; at any moment the package
 * is the old one or the new.  Returns 0, or -1 with ERR_SYSTEM, or ERR_INTERNAL
 * for an unfinished stage.
 */
int commit_renewal(const struct store *store, const struct release_ini *release,
                   struct package_stage *package, struct committed_release *out,
                   struct err *err) MUST_CHECK;

/**
 * commit_installed - the committed release of an installed version, for
 * activation without an install.
 * Returns 0, or -1 with ERR_CONFLICT when it is not installed or incomplete,
 * or ERR_SYSTEM.
 */
int commit_installed(const struct store *store, const char *version,
                     struct committed_release *out, struct err *err) MUST_CHECK;

#endif
