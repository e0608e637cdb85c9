/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/workflow.h"

#include <stdio.h>
#include <string.h>

#define FOLDER        ".github/workflows/"
#define PUBLIC_ISSUER "https://token.actions.githubusercontent.com"
#define TENANT_ISSUER "https://token.actions."
#define TENANT_DOMAIN ".ghe.com"

static const char *find_end(const char *text)
{
	return text + strlen(text);
}

/* "owner/repo/" at the start; its length without the last '/', or 0. */
static size_t repository_len(const char *text, const char *end)
{
	const char *first = memchr(text, '/', (size_t)(end - text));
	const char *second;

	if (first == NULL || first == text)
		return 0;
	second = memchr(first + 1, '/', (size_t)(end - first - 1));
	if (second == NULL || second == first + 1)
		return 0;
	return (size_t)(second - text);
}

static struct workflow_piece piece(const char *start, const char *end)
{
	return (struct workflow_piece){ start, (size_t)(end - start) };
}

int workflow_parse(const char *text, struct workflow *out, struct err *err)
{
	const char *at = strchr(text, '@');
	size_t len = at != NULL ? repository_len(text, at) : 0;
	const char *path = text + len + 1;

	if (len == 0 || path >= at || at[1] == '\0')
		return err_set(err, ERR_FORMAT, 0,
		               "'%s' is not OWNER/REPO/PATH@REF", text);
	out->repository = piece(text, text + len);
	out->path = piece(path, at);
	out->ref = piece(at + 1, find_end(at + 1));
	return 0;
}

static int refuse_setting(const char *text, struct err *err)
{
	return err_set(err, ERR_USAGE, 0,
	               "'%s' is neither FILE.yml nor " FOLDER
	               "FILE.yml nor OWNER/REPO/" FOLDER "FILE.yml@REF",
	               text);
}

int workflow_parse_setting(const char *text, char *path, size_t size,
                           struct workflow *out, struct err *err)
{
	const char *at = strchr(text, '@');
	const char *end = at != NULL ? at : find_end(text);
	struct workflow read = { .path = piece(text, end) };
	size_t len;

	if (end == text || (at != NULL && at[1] == '\0'))
		return refuse_setting(text, err);
	if (at != NULL)
		read.ref = piece(at + 1, find_end(at + 1));
	if (memchr(text, '/', read.path.len) == NULL) {
		int made = snprintf(path, size, FOLDER "%.*s",
		                    (int)read.path.len, text);

		if (made < 0 || (size_t)made >= size)
			return refuse_setting(text, err);
		read.path = piece(path, path + made);
	} else if (strncmp(text, FOLDER, strlen(FOLDER)) != 0) {
		len = repository_len(text, end);
		if (len == 0 || text + len + 1 >= end)
			return refuse_setting(text, err);
		read.repository = piece(text, text + len);
		read.path = piece(text + len + 1, end);
	}
	*out = read;
	return 0;
}

static int refuse_issuer(const char *issuer, struct err *err)
{
	return err_set(err, ERR_USAGE, 0,
	               "issuer '%s' is not GitHub's, so that a repository says "
	               "nothing; give a subject instead",
	               issuer);
}

int workflow_server(const char *issuer, char out[WORKFLOW_SERVER_SIZE],
                    struct err *err)
{
	size_t len = strlen(PUBLIC_ISSUER), prefix = strlen(TENANT_ISSUER);
	size_t suffix = strlen(TENANT_DOMAIN), end = strlen(issuer);

	if (strncmp(issuer, PUBLIC_ISSUER, len) == 0 &&
	    (issuer[len] == '\0' || issuer[len] == '/')) {
		(void)snprintf(out, WORKFLOW_SERVER_SIZE,
		               "https://github.com/");
		return 0;
	}
	if (strncmp(issuer, TENANT_ISSUER, prefix) != 0 ||
	    end <= prefix + suffix ||
	    strcmp(issuer + end - suffix, TENANT_DOMAIN) != 0 ||
	    strpbrk(issuer + prefix, "/:@") != NULL ||
	    end - prefix + sizeof "https:///" > WORKFLOW_SERVER_SIZE)
		return refuse_issuer(issuer, err);
	(void)snprintf(out, WORKFLOW_SERVER_SIZE, "https://%s/",
	               issuer + prefix);
	return 0;
}
