/* SPDX-License-Identifier: Apache-2.0 */
/* What the command line of package-release asks for, as it was typed.  Texts
 * are borrowed from argv and the environment; NULL where nothing was said. */
#ifndef RELEASE_REQUEST_H
#define RELEASE_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/options.h"
#include "pack/collect.h"

struct request {
	/* of the environment; the only variables that are read */
	const char *source_date_epoch;
	const char *credentials;     /* CREDENTIALS_DIRECTORY */
	const char *cosign_key_text; /* COSIGN_KEY */
	const char *cosign_password; /* COSIGN_PASSWORD */
	const char *path, *home;     /* for git */
	/* and, as it was, for the one that env://NAME names, and for what CI
	 * says of itself (pack/ci.h) */
	const char *const *environment;

	const char *config; /* package.ini */
	const char *app, *version, *payload, *out, *output;
	const char *platform, *sequence;
	const char *profile;
	struct patterns sets;    /* K=V */
	struct patterns images;  /* NAME=REF@DIGEST */
	struct patterns patches; /* old bundles or folders of parts */
	struct collect_rules rules;
	const char *sbom, *cosign_asset;
	const char *password_file;
	struct patterns keys; /* sign: one; verify: public keys */
	const char *trust;
	const char *type; /* keygen: of the key */
	const char *cosign_key;
	const char *signature, *attestation;
	/* sigstore verify-bundle */
	const char *bundle, *identity, *issuer, *trusted_root, *require;
	bool staging;
	const char *builder, *started, *finished; /* attest */
	struct patterns statements, parameters, dependencies;
	/* publish, login, lock: publish_credentials.h */
	const char *username;
	struct patterns token_files; /* [HOST=]FILE */
	bool password_stdin;
	struct patterns plain_hosts; /* that may be talked to without TLS */
	bool is_offline;             /* lock verify */
	/* publish; publish_settings.h lays them over variables and files */
	struct patterns targets; /* --to */
	const char *lock, *env_file, *packs_dir, *filter, *media_type;
	const char *chunk_size, *deadline, *ca_file, *policy;
	bool move_tag, latest, keep_going, with_parts, print_config;
	bool skip_sbom, no_password, replace, dry_run, json, quiet;

	const char *const *operands;
	size_t operand_count;
};

/** The table of everything that package-release understands. */
extern const struct program package_release;

/* The commands, each in a file of its own: 0, or -1 with the exit status's
 * code. */
int keygen_run(void *request, struct err *err);
int init_run(void *request, struct err *err);
int stamp_run(void *request, struct err *err);
int bundle_run(void *request, struct err *err);
int sign_run(void *request, struct err *err);
int attest_run(void *request, struct err *err);
int attach_run(void *request, struct err *err);
int verify_run(void *request, struct err *err);
int publish_run(void *request, struct err *err);
int inspect_run(void *request, struct err *err);
int sigstore_run(void *request, struct err *err);
int lock_run(void *request, struct err *err);
int login_run(void *request, struct err *err);
int logout_run(void *request, struct err *err);
int version_run(void *request, struct err *err);
int completion_run(void *request, struct err *err);

#endif
