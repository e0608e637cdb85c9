/* SPDX-License-Identifier: Apache-2.0 */
#include "net/refusal.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* Special before general.  Sources: the error codes of the OCI distribution
 * specification 1.1; what docker-registry, zot, Harbor, Amazon's, GitHub's and
 * Docker's registries answer; "Troubleshooting the REST API" of GitHub. */
static const struct refusal rows[] = {
	/* --- registries: rights --- */
	{ "ghcr-token-scopes",
	  REFUSAL_REGISTRY,
	  403,
	  { "does not match expected scopes" },
	  "the token may not write packages",
	  "a workflow needs permissions: packages: write, a classic token the "
	  "scope write:packages" },
	{ "ghcr-write-package",
	  REFUSAL_REGISTRY,
	  403,
	  { "write_package" },
	  "the package is not linked to this repository, or the token lacks "
	  "packages: write",
	  "in the package's settings, Manage Actions access, add the "
	  "repository "
	  "with the role Write" },
	{ "ghcr-read-package",
	  REFUSAL_REGISTRY,
	  403,
	  { "read_package" },
	  "the package is private, and the token may not read it",
	  "give a token with read:packages, or add the repository in the "
	  "package's settings" },
	{ "ghcr-create-package",
	  REFUSAL_REGISTRY,
	  403,
	  { "installation not allowed to" },
	  "the organization lets no workflow make packages",
	  "allow it in its settings, Packages, or push the first version with "
	  "a "
	  "token of your own" },
	{ "quota",
	  REFUSAL_REGISTRY,
	  403,
	  { "quota" },
	  "the room that the account has is used up",
	  "remove old versions, or have the quota raised" },
	{ "storage-limit",
	  REFUSAL_REGISTRY,
	  403,
	  { "exceed", "limit" },
	  "the project's limit of storage is reached",
	  "remove old versions, or have the limit raised" },
	{ "denied",
	  REFUSAL_REGISTRY,
	  403,
	  { "DENIED" },
	  "these credentials may not do that in this repository",
	  "check its name, and that the account may pull from it, or push to "
	  "it" },
	{ "expired-token",
	  REFUSAL_REGISTRY,
	  401,
	  { "expired" },
	  "the token has expired",
	  "log in again, or give a new one" },
	{ "unauthorized",
	  REFUSAL_REGISTRY,
	  401,
	  { "UNAUTHORIZED" },
	  "no credentials, or none that are taken",
	  "package-release login REGISTRY, --password-stdin or --token-file" },
	/* --- registries: names --- */
	{ "name-invalid",
	  REFUSAL_REGISTRY,
	  0,
	  { "NAME_INVALID" },
	  "the repository's name is not allowed",
	  "names are in lower case, [a-z0-9] with single . _ - and / between" },
	{ "name-upper-case",
	  REFUSAL_REGISTRY,
	  400,
	  { "lowercase" },
	  "the repository's name has upper case in it",
	  "write owner and repository in lower case" },
	{ "name-unknown",
	  REFUSAL_REGISTRY,
	  404,
	  { "NAME_UNKNOWN" },
	  "there is no such repository, or it is not shown to you",
	  "check its name; some registries want it made before the first "
	  "push" },
	{ "repository-not-found",
	  REFUSAL_REGISTRY,
	  404,
	  { "repository", "does not exist" },
	  "the repository does not exist",
	  "this registry wants it made before the first push" },
	{ "manifest-unknown",
	  REFUSAL_REGISTRY,
	  404,
	  { "MANIFEST_UNKNOWN" },
	  "there is no such tag or digest",
	  "check the version; it may have been removed" },
	/* --- registries: tags --- */
	{ "tag-immutable",
	  REFUSAL_REGISTRY,
	  0,
	  { "immutable" },
	  "the registry lets no tag be moved",
	  "publish under a new version" },
	{ "tag-exists",
	  REFUSAL_REGISTRY,
	  0,
	  { "ImageTagAlreadyExists" },
	  "the registry lets no tag be moved, and this one is taken",
	  "publish under a new version" },
	{ "tag-invalid",
	  REFUSAL_REGISTRY,
	  0,
	  { "TAG_INVALID" },
	  "the version is no tag that the registry takes",
	  "tags are [A-Za-z0-9_] and then at most 127 of [A-Za-z0-9._-]" },
	/* --- registries: what was sent --- */
	{ "manifest-blob-unknown",
	  REFUSAL_REGISTRY,
	  0,
	  { "MANIFEST_BLOB_UNKNOWN" },
	  "the registry does not have a blob that was just sent",
	  "run the same command again: what is there is not sent twice" },
	{ "blob-unknown",
	  REFUSAL_REGISTRY,
	  404,
	  { "BLOB_UNKNOWN" },
	  "the manifest is there, and one of its blobs is not",
	  "publish it again; the registry may have lost it" },
	{ "blob-upload-unknown",
	  REFUSAL_REGISTRY,
	  404,
	  { "BLOB_UPLOAD_UNKNOWN" },
	  "the registry forgot the upload, as those with several servers may",
	  "run the same command again" },
	{ "blob-upload-invalid",
	  REFUSAL_REGISTRY,
	  0,
	  { "BLOB_UPLOAD_INVALID" },
	  "the upload was broken off and cannot be continued",
	  "run the same command again" },
	{ "manifest-too-large",
	  REFUSAL_REGISTRY,
	  400,
	  { "MANIFEST_INVALID", "too large" },
	  "the manifest is larger than the registry takes",
	  "a package of fewer parts" },
	{ "manifest-invalid",
	  REFUSAL_REGISTRY,
	  0,
	  { "MANIFEST_INVALID" },
	  "the registry does not take this kind of artifact",
	  "it is older than OCI 1.1, or its administrator allows images only" },
	{ "digest-invalid",
	  REFUSAL_REGISTRY,
	  0,
	  { "DIGEST_INVALID" },
	  "other bytes came than were sent, or a file changed meanwhile",
	  "run the same command again, without --chunk-size" },
	{ "size-invalid",
	  REFUSAL_REGISTRY,
	  0,
	  { "SIZE_INVALID" },
	  "fewer or more bytes came than were promised",
	  "run the same command again; something between may cut bodies" },
	{ "chunk-too-large",
	  REFUSAL_REGISTRY,
	  416,
	  { "too large" },
	  "the registry takes smaller pieces only",
	  "give --chunk-size 4M" },
	{ "range-invalid",
	  REFUSAL_REGISTRY,
	  416,
	  { NULL },
	  "the registry has another part of the upload than was said",
	  "run the same command again, without --chunk-size" },
	{ "unsupported",
	  REFUSAL_REGISTRY,
	  405,
	  { NULL },
	  "the registry does not do that, or is read only",
	  "it may be a mirror or under maintenance" },
	/* --- registries: how much, how often --- */
	{ "pull-limit",
	  REFUSAL_REGISTRY,
	  429,
	  { "pull rate limit" },
	  "the limit of pulls is used up",
	  "wait, or log in: accounts have a higher one" },
	{ "too-many-requests",
	  REFUSAL_REGISTRY,
	  429,
	  { NULL },
	  "too many requests",
	  "wait some minutes and run the same command again" },

	/* --- GitHub: rights --- */
	{ "github-bad-credentials",
	  REFUSAL_GITHUB,
	  401,
	  { "Bad credentials" },
	  "the token has expired, was revoked, or is for another server",
	  "replace it, or for a public repository take it away" },
	{ "github-sso",
	  REFUSAL_GITHUB,
	  403,
	  { "SAML" },
	  "the organization wants single sign-on for the token",
	  "authorize it: Settings, Developer settings, Configure SSO" },
	{ "github-integration",
	  REFUSAL_GITHUB,
	  403,
	  { "not accessible by integration" },
	  "the workflow's token may not write releases",
	  "permissions: contents: write; of a pull request from a fork it "
	  "never "
	  "may" },
	{ "github-personal-token",
	  REFUSAL_GITHUB,
	  403,
	  { "not accessible by personal access token" },
	  "the token may not write releases of this repository",
	  "a fine-grained token needs Contents: read and write, a classic one "
	  "the scope repo" },
	{ "github-secondary-rate",
	  REFUSAL_GITHUB,
	  0,
	  { "secondary rate limit" },
	  "too many requests in a short time",
	  "wait some minutes and run the same command again" },
	{ "github-rate",
	  REFUSAL_GITHUB,
	  0,
	  { "rate limit exceeded" },
	  "the limit of requests is used up",
	  "without a token it is 60 an hour for one address: give one" },
	{ "github-archived",
	  REFUSAL_GITHUB,
	  403,
	  { "archived" },
	  "the repository is archived, and read only",
	  "unarchive it first" },
	{ "github-workflows",
	  REFUSAL_GITHUB,
	  0,
	  { "workflow", "permission" },
	  "the commit changes workflows, which this token may not tag",
	  "make the tag first, with git push" },
	/* --- GitHub: what is there --- */
	{ "github-immutable-release",
	  REFUSAL_GITHUB,
	  422,
	  { "immutable release" },
	  "the release is published, and immutable",
	  "publish under a new version" },
	{ "github-tag-used",
	  REFUSAL_GITHUB,
	  422,
	  { "tag_name", "immutable" },
	  "an immutable release had this tag, which is never free again",
	  "publish under a new version" },
	{ "github-already-exists",
	  REFUSAL_GITHUB,
	  422,
	  { "already_exists" },
	  "there is one of that name",
	  "a release with other files is never changed: use a new version" },
	{ "github-target",
	  REFUSAL_GITHUB,
	  422,
	  { "target_commitish" },
	  "GitHub does not have the commit",
	  "push it first" },
	{ "github-asset-size",
	  REFUSAL_GITHUB,
	  422,
	  { "size", "must be" },
	  "an asset is empty, or larger than 2 GiB",
	  "publish it to a registry, or with --parts" },
	{ "github-not-found",
	  REFUSAL_GITHUB,
	  404,
	  { NULL },
	  "no such repository or release, or the token may not see it",
	  "check the name, and that the token may read its contents" },

	/* --- whoever answers --- */
	{ "body-too-large",
	  REFUSAL_ANY,
	  413,
	  { NULL },
	  "something before the server takes no body of that size",
	  "give --chunk-size 64M, or raise its limit (nginx: "
	  "client_max_body_size)" },
	{ "proxy-login",
	  REFUSAL_ANY,
	  407,
	  { NULL },
	  "the proxy wants credentials",
	  "put them into HTTPS_PROXY" },
	{ "storage-full",
	  REFUSAL_ANY,
	  507,
	  { NULL },
	  "the server's disk is full",
	  "tell its administrator" },
	{ "unavailable",
	  REFUSAL_ANY,
	  503,
	  { NULL },
	  "the server is overloaded, or under maintenance",
	  "wait, and run the same command again" },
	{ "bad-gateway",
	  REFUSAL_ANY,
	  502,
	  { NULL },
	  "what stands before the server cannot reach it",
	  "wait, and run the same command again" },
	{ "gateway-timeout",
	  REFUSAL_ANY,
	  504,
	  { NULL },
	  "the server did not answer what stands before it in time",
	  "wait, and run the same command again" },
	{ "server-error",
	  REFUSAL_ANY,
	  500,
	  { NULL },
	  "a fault of the server's",
	  "tell its operators the id of the request" },
	{ NULL, REFUSAL_ANY, 0, { NULL }, NULL, NULL },
};

const struct refusal *refusal_list(void)
{
	return rows;
}

/* --- finding ------------------------------------------------------------- */

/* Behind "https://host". */
static const char *path_of(const char *url)
{
	const char *authority = strstr(url, "://");
	const char *path =
		authority != NULL ? strchr(authority + 3, '/') : NULL;

	return path != NULL ? path : "";
}

static enum refusal_server server_of(const struct http_response *response)
{
	const char *path = path_of(response->url);

	if (strncmp(path, "/v2/", 4) == 0)
		return REFUSAL_REGISTRY;
	if (strncmp(path, "/repos/", 7) == 0 ||
	    strncmp(path, "/api/v3/", 8) == 0 ||
	    strncmp(path, "/api/uploads/", 13) == 0)
		return REFUSAL_GITHUB;
	return REFUSAL_ANY;
}

/* The body in lower case, as far as it is looked into. */
static size_t fold(const struct http_response *response,
                   char out[REFUSAL_BODY_MAX])
{
	size_t len = response->body.len;

	if (len > REFUSAL_BODY_MAX)
		len = REFUSAL_BODY_MAX;
	for (size_t i = 0; i < len; i++)
		out[i] = (char)tolower((unsigned char)response->body.data[i]);
	return len;
}

static bool has_word(const char *body, size_t len, const char *word)
{
	char folded[64];
	size_t n = 0;

	for (; word[n] != '\0' && n < sizeof folded; n++)
		folded[n] = (char)tolower((unsigned char)word[n]);
	return memmem(body, len, folded, n) != NULL;
}

static bool fits(const struct refusal *row, enum refusal_server server,
                 unsigned status, const char *body, size_t len)
{
	if (row->server != REFUSAL_ANY && row->server != server)
		return false;
	if (row->status != 0 && row->status != status)
		return false;
	for (size_t i = 0; i < REFUSAL_WORDS_MAX; i++)
		if (row->words[i] != NULL &&
		    !has_word(body, len, row->words[i]))
			return false;
	return true;
}

const struct refusal *refusal_find(const struct http_response *response)
{
	enum refusal_server server = server_of(response);
	char body[REFUSAL_BODY_MAX];
	size_t len;

	if (response->status < 400)
		return NULL;
	len = fold(response, body);
	for (const struct refusal *row = rows; row->id != NULL; row++)
		if (fits(row, server, response->status, body, len))
			return row;
	return NULL;
}

void refusal_explain(const struct http_response *response,
                     char out[REFUSAL_TEXT_SIZE])
{
	const struct refusal *row = refusal_find(response);
	const char *id = response->request_id;

	(void)snprintf(out, REFUSAL_TEXT_SIZE, "%s%s%s%s%s%.60s%s",
	               row != NULL ? ": " : "", row != NULL ? row->meaning : "",
	               row != NULL ? ": " : "", row != NULL ? row->advice : "",
	               id[0] != '\0' ? " (request " : "", id,
	               id[0] != '\0' ? ")" : "");
}
