/* SPDX-License-Identifier: Apache-2.0 */
#include "request.h"

#include <string.h>

#include "commands.h"

/* One function per field: C has no pointer to "this member of that struct". */
#define TAKE_TEXT(field)                                                       \
	static int take_##field(void *request, const char *value,              \
	                        struct err *err)                               \
	{                                                                      \
		if (value[0] == '\0')                                          \
			return err_set(err, ERR_USAGE, 0,                      \
			               "the value is empty");                  \
		((struct request *)request)->field = value;                    \
		return 0;                                                      \
	}
#define TAKE_FLAG(field)                                                       \
	static int take_##field(void *request, const char *value,              \
	                        struct err *err)                               \
	{                                                                      \
		(void)value;                                                   \
		(void)err;                                                     \
		((struct request *)request)->field = true;                     \
		return 0;                                                      \
	}

TAKE_TEXT(app)
TAKE_TEXT(root)
TAKE_FLAG(wants_json)
TAKE_FLAG(is_quiet)
TAKE_TEXT(version)
TAKE_TEXT(bundle)
TAKE_TEXT(asset_dir)
TAKE_TEXT(url)
TAKE_TEXT(oci)
TAKE_TEXT(token_file)
TAKE_TEXT(repo)
TAKE_TEXT(locked)
TAKE_FLAG(no_activate)
TAKE_FLAG(allow_downgrade)
TAKE_FLAG(dry_run)
TAKE_FLAG(verify_only)
TAKE_FLAG(is_offline)
TAKE_TEXT(output)
TAKE_TEXT(key)
TAKE_TEXT(reason)
TAKE_TEXT(identity)
TAKE_TEXT(issuer)
TAKE_TEXT(repository)
TAKE_TEXT(workflow)
TAKE_TEXT(ref)
TAKE_TEXT(subject)
TAKE_FLAG(even_if_bad)
TAKE_TEXT(to)
TAKE_TEXT(keep)
TAKE_FLAG(all)

#define END                                                                    \
	{                                                                      \
		NULL, NULL, NULL, NULL, OPT_ONCE                               \
	}

static const struct opt common_options[] = {
	{ "app", "NAME", "the app (default: the only one configured)", take_app,
	  OPT_ONCE },
	{ "root", "DIR", "work below DIR instead of /", take_root, OPT_ONCE },
	{ "json", NULL, "print one JSON object instead of text",
	  take_wants_json, OPT_ONCE },
	{ "quiet", NULL, "print errors only", take_is_quiet, OPT_ONCE },
	END,
};

/* Where a release comes from: install and fetch take the same. */
#define SOURCE_OPTIONS                                                         \
	{ "bundle", "FILE", "install from a bundle file", take_bundle,         \
	  OPT_ONCE },                                                          \
		{ "asset-dir", "DIR",                                          \
		  "install from a folder of parts, or of one bundle",          \
		  take_asset_dir, OPT_ONCE },                                  \
		{ "url", "URL",                                                \
		  "install from a bundle at URL, or a folder of parts",        \
		  take_url, OPT_ONCE },                                        \
		{ "oci", "REF", "install REGISTRY/REPOSITORY[:TAG|@DIGEST]",   \
		  take_oci, OPT_ONCE },                                        \
		{ "token-file", "FILE",                                        \
		  "credentials: user:password, or a token", take_token_file,   \
		  OPT_ONCE },                                                  \
		{ "repo", "OWNER/REPO",                                        \
		  "install a release of a repository on GitHub", take_repo,    \
		  OPT_ONCE },                                                  \
		{ "locked", "FILE",                                            \
		  "install what the lockfile FILE pins, and nothing else",     \
		  take_locked, OPT_ONCE },                                     \
		{ "version", "VERSION|latest",                                 \
		  "refuse any other version than this", take_version,          \
		  OPT_ONCE },                                                  \
	{                                                                      \
		"offline", NULL, "open no socket to fetch anything",           \
			take_is_offline, OPT_ONCE                              \
	}

static const struct opt install_options[] = {
	SOURCE_OPTIONS,
	{ "no-activate", NULL, "install, but leave current as it is",
	  take_no_activate, OPT_ONCE },
	{ "allow-downgrade", NULL, "accept a release older than one seen",
	  take_allow_downgrade, OPT_ONCE },
	{ "dry-run", NULL, "verify, print the plan, change nothing",
	  take_dry_run, OPT_ONCE },
	{ "verify-only", NULL, "say whether the host would trust it",
	  take_verify_only, OPT_ONCE },
	END,
};

static const struct opt fetch_options[] = {
	SOURCE_OPTIONS,
	{ "output", "DIR", "lay it down below DIR", take_output, OPT_ONCE },
	END,
};

static const struct opt setup_options[] = {
	{ "key", "FILE", "trust this public key", take_key, OPT_ONCE },
	{ "repo", "OWNER/REPO", "releases come from there, on GitHub",
	  take_repo, OPT_ONCE },
	{ "oci", "REF", "releases come from REGISTRY/REPOSITORY", take_oci,
	  OPT_ONCE },
	{ "url", "URL", "releases come from a bundle or folder there", take_url,
	  OPT_ONCE },
	END,
};

static const struct opt trust_options[] = {
	{ "reason", "TEXT", "why a key, identity or release is revoked",
	  take_reason, OPT_ONCE },
	{ "identity", "NAME", "add: an identity instead of a file",
	  take_identity, OPT_ONCE },
	{ "issuer", "URL", "add: who vouches for the identity, exactly",
	  take_issuer, OPT_ONCE },
	{ "repository", "OWNER/REPO", "add: its repository at GitHub",
	  take_repository, OPT_ONCE },
	{ "workflow", "FILE", "add: its workflow in that repository",
	  take_workflow, OPT_ONCE },
	{ "ref", "REF", "add: its branch or tag, or a pattern", take_ref,
	  OPT_ONCE },
	{ "subject", "TEXT", "add: the certificate's subject, or a pattern",
	  take_subject, OPT_ONCE },
	END,
};

static const struct opt activate_options[] = {
	{ "even-if-bad", NULL, "also a release that failed its health gate",
	  take_even_if_bad, OPT_ONCE },
	END,
};

static const struct opt rollback_options[] = {
	{ "to", "VERSION", "go to this installed release", take_to, OPT_ONCE },
	END,
};

static const struct opt prune_options[] = {
	{ "keep", "N", "keep the N newest releases (default 3)", take_keep,
	  OPT_ONCE },
	{ "dry-run", NULL, "say what would be removed", take_dry_run,
	  OPT_ONCE },
	END,
};

static const struct opt uninstall_options[] = {
	{ "all", NULL, "every release, and the links", take_all, OPT_ONCE },
	END,
};

static const struct opt no_options[] = { END };

static const struct command commands[] = {
	{ "install", NULL, "verify a release and make it current",
	  install_options, 0, 0, command_install },
	{ "fetch", NULL, "verify a release and lay it down for another host",
	  fetch_options, 0, 0, command_fetch },
	{ "setup", NULL, "write the configuration of an app and trust a key",
	  setup_options, 0, 0, command_setup },
	{ "trust", "add [FILE] | list | remove NAME | revoke NAME",
	  "manage whom an app trusts, and what is revoked", trust_options, 1, 2,
	  command_trust },
	{ "activate", "VERSION", "make an installed release current",
	  activate_options, 1, 1, command_activate },
	{ "rollback", NULL, "go back to the newest earlier good release",
	  rollback_options, 0, 0, command_rollback },
	{ "list", NULL, "list the installed releases", no_options, 0, 0,
	  command_list },
	{ "status", NULL, "show what is current, and where it came from",
	  no_options, 0, 0, command_status },
	{ "history", NULL, "show what was done, by whom, with what result",
	  no_options, 0, 0, command_history },
	{ "prune", NULL, "remove old releases", prune_options, 0, 0,
	  command_prune },
	{ "hold", "VERSION", "protect a release from prune", no_options, 1, 1,
	  command_hold },
	{ "unhold", "VERSION", "undo hold", no_options, 1, 1, command_unhold },
	{ "uninstall", "[VERSION]", "remove a release, or all",
	  uninstall_options, 0, 1, command_uninstall },
	{ "recover", NULL, "finish or undo what a crash interrupted",
	  no_options, 0, 0, command_recover },
	{ "version", NULL, "print the version of this program", no_options, 0,
	  0, command_version },
	{ "completion", NULL, "print a completion script for bash", no_options,
	  0, 0, command_completion },
	{ NULL, NULL, NULL, NULL, 0, 0, NULL },
};

const struct program install_program = {
	.name = "install-package",
	.summary = "install signed releases below /opt, and roll them back",
	.text = "\n"
		"Without a command it installs:\n"
		"  install-package setup --app shop --key release.pub\n"
		"  install-package --app shop --bundle shop-1.4.2.tar.gz\n"
		"  install-package rollback --app shop\n",
	.commands = commands,
	.common = common_options,
	.implied = &commands[0],
};

bool request_wants_latest(const struct request *request)
{
	return request->version != NULL &&
	       strcmp(request->version, "latest") == 0;
}

const char *request_version(const struct request *request)
{
	return request_wants_latest(request) ? NULL : request->version;
}
