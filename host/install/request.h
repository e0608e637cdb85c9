/* SPDX-License-Identifier: Apache-2.0 */
/* What a command line of install-package asks for, and the table it is read
 * by. */
#ifndef INSTALL_REQUEST_H
#define INSTALL_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/options.h"

/* All texts are borrowed from argv or the environment; NULL where the option is
 * absent. */
struct request {
	const char *app;
	const char *root; /* "/" unless given */
	bool wants_json;
	bool is_quiet;

	/* install */
	const char *version; /* see request_version */
	const char *bundle;
	const char *asset_dir;
	const char *url;
	const char *oci;
	const char *token_file;
	const char *repo;
	const char *locked;
	bool no_activate;
	bool allow_downgrade;
	bool dry_run;
	bool verify_only;
	bool is_offline;
	const char *output; /* fetch */

	/* setup, trust */
	const char *key;
	const char *reason;
	const char *identity; /* trust add: its name, and its fields */
	const char *issuer;
	const char *repository;
	const char *workflow;
	const char *ref;
	const char *subject;

	/* activate, rollback, prune, uninstall */
	bool even_if_bad;
	const char *to;
	const char *keep;
	bool all;

	const char *credentials;  /* CREDENTIALS_DIRECTORY; NULL: unset */
	const char *github_token; /* GITHUB_TOKEN; the same */

	const char *const *operands;
	size_t operand_count;
};

extern const struct program install_program;

/** request_version - the version that the release must have; NULL for any, as
 * with --version latest. */
const char *request_version(const struct request *request);

/** request_wants_latest - whether --version latest was said. */
bool request_wants_latest(const struct request *request);

#endif
