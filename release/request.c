/* SPDX-License-Identifier: Apache-2.0 */
#include "request.h"

#define PUBLISH_OPERANDS_MAX 256

static int take_text(const char **field, const char *value, struct err *err)
{
	if (value[0] == '\0')
		return err_set(err, ERR_USAGE, 0, "the value is empty");
	*field = value;
	return 0;
}

static int take_pattern(struct patterns *list, const char *value,
                        struct err *err)
{
	if (value[0] == '\0')
		return err_set(err, ERR_USAGE, 0, "the value is empty");
	if (list->count == COLLECT_PATTERNS_MAX)
		return err_set(err, ERR_LIMIT, 0, "given more than %d times",
		               COLLECT_PATTERNS_MAX);
	list->at[list->count++] = value;
	return 0;
}

/* One function for each field that an option fills. */
#define TEXT(field)                                                            \
	static int take_##field(void *request, const char *value,              \
	                        struct err *err)                               \
	{                                                                      \
		struct request *r = request;                                   \
		return take_text(&r->field, value, err);                       \
	}
#define LIST(name, field)                                                      \
	static int take_##name(void *request, const char *value,               \
	                       struct err *err)                                \
	{                                                                      \
		struct request *r = request;                                   \
		return take_pattern(&r->field, value, err);                    \
	}
#define SWITCH(field)                                                          \
	static int take_##field(void *request, const char *value,              \
	                        struct err *err)                               \
	{                                                                      \
		struct request *r = request;                                   \
		(void)value; /* NULL for a switch */                           \
		(void)err;                                                     \
		r->field = true;                                               \
		return 0;                                                      \
	}

TEXT(config)
TEXT(app)
TEXT(version)
TEXT(payload)
TEXT(out)
TEXT(output)
TEXT(platform)
TEXT(sequence)
TEXT(profile)
TEXT(sbom)
TEXT(cosign_asset)
TEXT(password_file)
TEXT(trust)
TEXT(type)
TEXT(cosign_key)
TEXT(signature)
TEXT(attestation)
TEXT(bundle)
TEXT(identity)
TEXT(issuer)
TEXT(trusted_root)
TEXT(require)
TEXT(builder)
TEXT(started)
TEXT(finished)
TEXT(username)
TEXT(ca_file)
TEXT(deadline)
TEXT(lock)
TEXT(env_file)
TEXT(packs_dir)
TEXT(filter)
TEXT(media_type)
TEXT(chunk_size)
TEXT(policy)
LIST(target, targets)
SWITCH(move_tag)
SWITCH(latest)
SWITCH(keep_going)
SWITCH(with_parts)
SWITCH(print_config)
LIST(token_file, token_files)
LIST(plain_http, plain_hosts)
SWITCH(password_stdin)
SWITCH(is_offline)
LIST(statement, statements)
LIST(parameter, parameters)
LIST(dependency, dependencies)
LIST(set, sets)
LIST(image, images)
LIST(patch_from, patches)
LIST(key, keys)
LIST(include, rules.include)
LIST(exclude, rules.exclude)
LIST(allow_link, rules.allow_link)
LIST(allow_mode, rules.allow_mode)
SWITCH(skip_sbom)
SWITCH(no_password)
SWITCH(replace)
SWITCH(dry_run)
SWITCH(json)
SWITCH(staging)
SWITCH(quiet)

/* A command line is read by everybody on the machine, and kept by shells. */
static int refuse_password(void *request, const char *value, struct err *err)
{
	(void)request;
	(void)value;
	return err_set(err, ERR_USAGE, 0,
	               "everybody can read a command line: use "
	               "--password-stdin or --token-file");
}

/* Of every command that talks to a server it is known to. */
#define CREDENTIAL_OPTIONS                                                     \
	{ "username", "USER", "who the password is of", take_username,         \
	  OPT_ONCE },                                                          \
		{ "u", "USER", "the same", take_username, OPT_ONCE },          \
		{ "password-stdin", NULL,                                      \
		  "read a password or token from the standard input",          \
		  take_password_stdin, OPT_ONCE },                             \
		{ "token-file", "[HOST=]FILE",                                 \
		  "a password or token, or user:password, for HOST",           \
		  take_token_file, OPT_MANY },                                 \
	{                                                                      \
		"p", "PASSWORD", "refused: everybody could read it",           \
			refuse_password, OPT_ONCE                              \
	}

/* Of every command that talks to a server at all. */
#define NETWORK_OPTIONS                                                        \
	{ "plain-http", "HOST", "HOST may be talked to without TLS",           \
	  take_plain_http, OPT_MANY },                                         \
		{ "ca-file", "FILE",                                           \
		  "certificates to trust instead of the system's",             \
		  take_ca_file, OPT_ONCE },                                    \
	{                                                                      \
		"deadline", "SECONDS", "give up after so long (default: 600)", \
			take_deadline, OPT_ONCE                                \
	}

#define OPT_END                                                                \
	{                                                                      \
		NULL, NULL, NULL, NULL, OPT_ONCE                               \
	}

static const struct opt keygen_options[] = {
	{ "type", "TYPE", "minisign (the default) or cosign", take_type,
	  OPT_ONCE },
	{ "output", "FILE", "where the secret key goes; FILE.pub beside it",
	  take_output, OPT_ONCE },
	{ "password-file", "FILE", "encrypt with the first line of FILE",
	  take_password_file, OPT_ONCE },
	{ "no-password", NULL,
	  "leave the secret key open to who has the file, for CI",
	  take_no_password, OPT_ONCE },
	OPT_END,
};

static const struct opt init_options[] = {
	{ "app", "APP", "name of the application to fill in", take_app,
	  OPT_ONCE },
	{ "payload", "DIR", "folder that holds the payload", take_payload,
	  OPT_ONCE },
	{ "config", "FILE", "what to write (default: package.ini)", take_config,
	  OPT_ONCE },
	OPT_END,
};

static const struct opt stamp_options[] = {
	{ "profile", "PROFILE", "dev, nightly or prod", take_profile,
	  OPT_ONCE },
	{ "set", "KEY=VALUE", "set a value of profile.env", take_set,
	  OPT_MANY },
	{ "image", "NAME=REF@DIGEST", "pin the image NAME to its digest",
	  take_image, OPT_MANY },
	{ "out", "FILE", "the profile.env to write", take_out, OPT_ONCE },
	{ "config", "FILE", "read FILE instead of package.ini", take_config,
	  OPT_ONCE },
	OPT_END,
};

static const struct opt bundle_options[] = {
	{ "app", "APP", "name of the application", take_app, OPT_ONCE },
	{ "version", "VERSION", "version of the release (default: from git)",
	  take_version, OPT_ONCE },
	{ "payload", "DIR", "folder to pack", take_payload, OPT_ONCE },
	{ "out", "DIR", "results go to DIR/VERSION (default: dist)", take_out,
	  OPT_ONCE },
	{ "include", "GLOB", "pack only paths that match", take_include,
	  OPT_MANY },
	{ "exclude", "GLOB", "leave out paths that match", take_exclude,
	  OPT_MANY },
	{ "allow-link", "GLOB",
	  "let links that match leave the payload; recorded", take_allow_link,
	  OPT_MANY },
	{ "allow-mode", "GLOB", "pack paths that match with exactly their mode",
	  take_allow_mode, OPT_MANY },
	{ "profile", "PROFILE", "dev, nightly or prod", take_profile,
	  OPT_ONCE },
	{ "set", "KEY=VALUE", "set a value of profile.env", take_set,
	  OPT_MANY },
	{ "image", "NAME=REF@DIGEST", "pin the image NAME to its digest",
	  take_image, OPT_MANY },
	{ "patch-from", "OLD",
	  "make a patch from this older bundle (at most 4)", take_patch_from,
	  OPT_MANY },
	{ "platform", "OS/ARCH", "build for one platform, as linux/amd64",
	  take_platform, OPT_ONCE },
	{ "sequence", "N", "rises with each release (default: source date)",
	  take_sequence, OPT_ONCE },
	{ "sbom", "FILE", "use this SBOM (CycloneDX or SPDX, JSON)", take_sbom,
	  OPT_ONCE },
	{ "skip-sbom", NULL, "make a release without one; not for prod",
	  take_skip_sbom, OPT_ONCE },
	{ "cosign-asset", "FILE", "accepted for old scripts; not needed",
	  take_cosign_asset, OPT_ONCE },
	{ "key", "FILE", "sign with this minisign key", take_key, OPT_ONCE },
	{ "cosign-key", "KEY", "sign with this cosign key: FILE or env://NAME",
	  take_cosign_key, OPT_ONCE },
	{ "password-file", "FILE", "the key's password is its first line",
	  take_password_file, OPT_ONCE },
	{ "replace", NULL, "replace other bytes under the same version",
	  take_replace, OPT_ONCE },
	{ "dry-run", NULL, "say what would be packed, write nothing",
	  take_dry_run, OPT_ONCE },
	{ "config", "FILE", "read FILE instead of package.ini", take_config,
	  OPT_ONCE },
	OPT_END,
};

static const struct opt sign_options[] = {
	{ "key", "FILE", "sign with this minisign key", take_key, OPT_ONCE },
	{ "cosign-key", "KEY", "sign with this cosign key: FILE or env://NAME",
	  take_cosign_key, OPT_ONCE },
	{ "password-file", "FILE", "the key's password is its first line",
	  take_password_file, OPT_ONCE },
	OPT_END,
};

static const struct opt attest_options[] = {
	{ "key", "FILE", "sign with this minisign key", take_key, OPT_ONCE },
	{ "cosign-key", "KEY", "sign with this cosign key: FILE or env://NAME",
	  take_cosign_key, OPT_ONCE },
	{ "password-file", "FILE", "the key's password is its first line",
	  take_password_file, OPT_ONCE },
	{ "statement", "KIND", "provenance or sbom (default: both)",
	  take_statement, OPT_MANY },
	{ "builder", "URI", "what built it (default: what CI says)",
	  take_builder, OPT_ONCE },
	{ "parameter", "NAME=VALUE", "what the build was told", take_parameter,
	  OPT_MANY },
	{ "dependency", "URI=ALGORITHM:HEX", "what went into the build",
	  take_dependency, OPT_MANY },
	{ "started-on", "TIME", "when the build began (default: what CI says)",
	  take_started, OPT_ONCE },
	{ "finished-on", "TIME", "when the build ended", take_finished,
	  OPT_ONCE },
	{ "config", "FILE", "read FILE instead of package.ini", take_config,
	  OPT_ONCE },
	OPT_END,
};

static const struct opt attach_options[] = {
	{ "signature", "FILE",
	  "of release.ini: minisign, a Sigstore bundle, or cosign's base64",
	  take_signature, OPT_ONCE },
	{ "attestation", "FILE", "signed attestations, one a line",
	  take_attestation, OPT_ONCE },
	{ "key", "PUB", "who signed: a public key, minisign's or PEM", take_key,
	  OPT_MANY },
	{ "trust", "DIR", "who may have signed: a trust folder of hosts",
	  take_trust, OPT_ONCE },
	{ "config", "FILE", "a host's configuration, for its identities",
	  take_config, OPT_ONCE },
	{ "certificate-identity", "ID", "who signed, exactly", take_identity,
	  OPT_ONCE },
	{ "certificate-oidc-issuer", "URL", "who says so, exactly", take_issuer,
	  OPT_ONCE },
	{ "trusted-root", "FILE", "default: /etc/tidegate/trusted_root.json",
	  take_trusted_root, OPT_ONCE },
	OPT_END,
};

static const struct opt verify_options[] = {
	{ "key", "PUB", "a public key that is trusted", take_key, OPT_MANY },
	{ "trust", "DIR", "a trust folder as hosts have it", take_trust,
	  OPT_ONCE },
	{ "config", "FILE", "the policy of a host: its APP.ini", take_config,
	  OPT_ONCE },
	{ "json", NULL, "print JSON that explains the verdict", take_json,
	  OPT_ONCE },
	OPT_END,
};

static const struct opt inspect_options[] = {
	{ "json", NULL, "print JSON", take_json, OPT_ONCE },
	OPT_END,
};

static const struct opt sigstore_options[] = {
	{ "bundle", "FILE", "the Sigstore bundle", take_bundle, OPT_ONCE },
	{ "certificate-identity", "ID", "who signed, exactly", take_identity,
	  OPT_ONCE },
	{ "certificate-oidc-issuer", "URL", "who says so, exactly", take_issuer,
	  OPT_ONCE },
	{ "key", "PUB.pem", "or the public key that signed", take_key,
	  OPT_MANY },
	{ "trusted-root", "FILE", "default: /etc/tidegate/trusted_root.json",
	  take_trusted_root, OPT_ONCE },
	{ "require", "LIST", "evidence: log, timestamp, sct; or none",
	  take_require, OPT_ONCE },
	{ "staging", NULL, "default root: staging.trusted_root.json",
	  take_staging, OPT_ONCE },
	{ "json", NULL, "print JSON", take_json, OPT_ONCE },
	OPT_END,
};

static const struct opt login_options[] = {
	CREDENTIAL_OPTIONS,
	NETWORK_OPTIONS,
	OPT_END,
};

static const struct opt logout_options[] = { OPT_END };

static const struct opt lock_options[] = {
	{ "offline", NULL, "verify: check the files alone, ask no server",
	  take_is_offline, OPT_ONCE },
	CREDENTIAL_OPTIONS,
	NETWORK_OPTIONS,
	{ "json", NULL, "print JSON", take_json, OPT_ONCE },
	OPT_END,
};

static const struct opt publish_options[] = {
	{ "to", "TARGET", "oci://..., github://owner/repo or dir:PATH",
	  take_target, OPT_MANY },
	{ "version", "VERSION", "of packs (default: the tag, without its v)",
	  take_version, OPT_ONCE },
	{ "dry-run", NULL, "build and print digests; send nothing",
	  take_dry_run, OPT_ONCE },
	{ "move-tag", NULL, "let a published version become other bytes",
	  take_move_tag, OPT_ONCE },
	{ "latest", NULL, "publish as \"latest\", too", take_latest, OPT_ONCE },
	{ "keep-going", NULL, "let a package that fails stop no other",
	  take_keep_going, OPT_ONCE },
	{ "parts", NULL, "release pages: the parts beside the bundle",
	  take_with_parts, OPT_ONCE },
	{ "filter", "NAMES", "only these packs; '*' is allowed", take_filter,
	  OPT_ONCE },
	{ "packs-dir", "DIR", "folder of packs (default: packs)",
	  take_packs_dir, OPT_ONCE },
	{ "out", "DIR", "where packs are built (default: dist/packs)", take_out,
	  OPT_ONCE },
	{ "media-type", "TYPE", "of packs", take_media_type, OPT_ONCE },
	{ "lock", "FILE", "lockfile to write (default: packs.lock.json)",
	  take_lock, OPT_ONCE },
	{ "env-file", "FILE", "variables, read as data", take_env_file,
	  OPT_ONCE },
	{ "key", "PUB", "a public key that must have signed a bundle", take_key,
	  OPT_MANY },
	{ "trust", "DIR", "or a trust folder as hosts have it", take_trust,
	  OPT_ONCE },
	{ "policy", "FILE", "and the policy of a host: its APP.ini",
	  take_policy, OPT_ONCE },
	{ "cosign-key", "KEY",
	  "registries: sign manifests with it: FILE or env://NAME",
	  take_cosign_key, OPT_ONCE },
	{ "password-file", "FILE", "its password is the first line",
	  take_password_file, OPT_ONCE },
	CREDENTIAL_OPTIONS,
	{ "plain-http", "HOST", "HOST may be talked to without TLS",
	  take_plain_http, OPT_MANY },
	{ "ca-file", "FILE", "certificates to trust instead of the system's",
	  take_ca_file, OPT_ONCE },
	{ "deadline", "SECONDS", "give up after so long (default: never)",
	  take_deadline, OPT_ONCE },
	{ "chunk-size", "SIZE", "send blobs in pieces, such as 4M",
	  take_chunk_size, OPT_ONCE },
	{ "print-config", NULL, "say what holds, and who said so",
	  take_print_config, OPT_ONCE },
	{ "config", "FILE", "read FILE instead of package.ini", take_config,
	  OPT_ONCE },
	{ "json", NULL, "print JSON", take_json, OPT_ONCE },
	OPT_END,
};

static const struct opt no_options[] = { OPT_END };

static const struct opt common_options[] = {
	{ "quiet", NULL, "print errors and warnings only", take_quiet,
	  OPT_ONCE },
	OPT_END,
};

/* Also the command when none is named. */
#define BUNDLE                                                                 \
	{                                                                      \
		"bundle", NULL, "pack, describe and seal a release",           \
			bundle_options, 0, 0, bundle_run                       \
	}

static const struct command bundle_command = BUNDLE;

static const struct command commands[] = {
	{ "keygen", NULL, "make a key pair", keygen_options, 0, 0, keygen_run },
	{ "init", NULL, "write a package.ini, explained by comments",
	  init_options, 0, 0, init_run },
	{ "stamp", NULL, "write a profile.env", stamp_options, 0, 0,
	  stamp_run },
	BUNDLE,
	{ "sign", "BUNDLE", "add a signature", sign_options, 1, 1, sign_run },
	{ "attest", "BUNDLE", "add signed provenance and SBOM statements",
	  attest_options, 1, 1, attest_run },
	{ "attach", "BUNDLE", "add a signature or attestations made elsewhere",
	  attach_options, 1, 1, attach_run },
	{ "verify", "BUNDLE", "check integrity and signatures", verify_options,
	  1, 1, verify_run },
	{ "inspect", "BUNDLE", "show what a bundle says of itself",
	  inspect_options, 1, 1, inspect_run },
	{ "publish", "[PACKAGE...]",
	  "publish bundles or packs, whole or not at all", publish_options, 0,
	  PUBLISH_OPERANDS_MAX, publish_run },
	{ "sigstore", "verify-bundle FILE_OR_DIGEST",
	  "check a Sigstore bundle by itself", sigstore_options, 2, 2,
	  sigstore_run },
	{ "lock", "verify FILE | diff OLD NEW",
	  "check a lockfile, or compare two", lock_options, 2, 3, lock_run },
	{ "login", "REGISTRY", "keep a registry's password for later",
	  login_options, 1, 1, login_run },
	{ "logout", "REGISTRY", "forget it", logout_options, 1, 1, logout_run },
	{ "completion", NULL, "print the completion script for bash",
	  no_options, 0, 0, completion_run },
	{ "version", NULL, "print the version of this program", no_options, 0,
	  0, version_run },
	{ NULL, NULL, NULL, NULL, 0, 0, NULL },
};

const struct program package_release = {
	.name = "package-release",
	.summary = "pack, describe, sign and check releases",
	.text = "\nWithout COMMAND: bundle.  BUNDLE is a bundle file or a "
		"folder of its parts.\nWhat package.ini says need not be "
		"given here; \"package-release init\" writes one.\n",
	.commands = commands,
	.common = common_options,
	.implied = &bundle_command,
};
