/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/ci.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/environment.h"
#include "base/text.h"
#include "codec/workflow.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* All that is read, so that it can be checked before anything is made of it. */
static const char *const variables[] = {
	"GITHUB_SERVER_URL",
	"GITHUB_REPOSITORY",
	"GITHUB_REPOSITORY_ID",
	"GITHUB_REPOSITORY_OWNER_ID",
	"GITHUB_SHA",
	"GITHUB_REF",
	"GITHUB_WORKFLOW_REF",
	"GITHUB_EVENT_NAME",
	"GITHUB_RUN_ID",
	"GITHUB_RUN_ATTEMPT",
	"RUNNER_ENVIRONMENT",
	"CI_PROJECT_URL",
	"CI_PROJECT_ID",
	"CI_COMMIT_SHA",
	"CI_COMMIT_TAG",
	"CI_COMMIT_BRANCH",
	"CI_MERGE_REQUEST_REF_PATH",
	"CI_CONFIG_PATH",
	"CI_JOB_NAME",
	"CI_JOB_URL",
	"CI_JOB_STARTED_AT",
	"CI_PIPELINE_ID",
	"CI_PIPELINE_SOURCE",
	"CI_RUNNER_ID",
};

static int check_variables(const char *const *environment, struct err *err)
{
	for (size_t i = 0; i < COUNT(variables); i++) {
		const char *value = environment_find(environment, variables[i]);
		size_t len = value != NULL ? strlen(value) : 0;

		if (len >= CI_TEXT_SIZE)
			return err_set(err, ERR_USAGE, 0,
			               "$%s has %zu bytes; at most %d",
			               variables[i], len, CI_TEXT_SIZE - 1);
		if (value != NULL && !text_is_printable(value, len))
			return err_set(err, ERR_USAGE, 0,
			               "$%s is not printable UTF-8",
			               variables[i]);
	}
	return 0;
}

/* An empty variable says as little as none. */
static const char *find(const char *const *environment, const char *name)
{
	const char *value = environment_find(environment, name);

	return value != NULL && value[0] != '\0' ? value : NULL;
}

/* Put the pieces together; "" where one of them is not known (NULL). */
static int join(char out[CI_TEXT_SIZE], const char *const *pieces, size_t count,
                struct err *err)
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < count; i++)
		if (pieces[i] == NULL)
			return 0;
	for (size_t i = 0; i < count; i++) {
		size_t n = strlen(pieces[i]);

		if (n >= CI_TEXT_SIZE - len)
			return err_set(err, ERR_USAGE, 0,
			               "the variables of CI give a text of "
			               "more than %d bytes",
			               CI_TEXT_SIZE - 1);
		memcpy(out + len, pieces[i], n + 1);
		len += n;
	}
	return 0;
}

#define JOIN(out, err, ...)                                                    \
	join(out, (const char *const[]){ __VA_ARGS__ },                        \
	     COUNT(((const char *const[]){ __VA_ARGS__ })), err)

static int take_commit(struct ci_facts *facts, const char *const *environment,
                       const char *name, struct err *err)
{
	const char *commit = find(environment, name);
	size_t len = commit != NULL ? strlen(commit) : 0;

	if (commit == NULL)
		return 0;
	if ((len != 40 && len != 64) ||
	    strspn(commit, "0123456789abcdef") != len)
		return err_set(err, ERR_USAGE, 0, "$%s is '%s', no commit",
		               name, commit);
	memcpy(facts->commit, commit, len + 1);
	return 0;
}

struct detail {
	const char *name, *variable;
};

static void take_internal(struct ci_facts *facts,
                          const char *const *environment,
                          const struct detail *details, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *value = find(environment, details[i].variable);

		if (value != NULL)
			facts->internal.at[facts->internal.count++] =
				(struct build_pair){ details[i].name, value };
	}
}

/* --- GitHub Actions ---------------------------------------------------------
 */

/* Shorter than the variable it is a piece of. */
static void take_piece(const struct workflow_piece *piece,
                       char out[CI_TEXT_SIZE])
{
	(void)snprintf(out, CI_TEXT_SIZE, "%.*s", (int)piece->len, piece->text);
}

/* "owner/name/.github/workflows/x.yml@refs/heads/main": the workflow that was
 * started.  One that it calls is not in any variable. */
static int take_workflow(struct ci_facts *facts, const char *server,
                         const char *text, struct err *err)
{
	struct workflow workflow;
	char name[CI_TEXT_SIZE];

	if (text == NULL)
		return 0;
	if (workflow_parse(text, &workflow, err) < 0)
		return err_set(err, ERR_USAGE, 0,
		               "$GITHUB_WORKFLOW_REF is '%s', no workflow",
		               text);
	take_piece(&workflow.repository, name);
	take_piece(&workflow.path, facts->path);
	take_piece(&workflow.ref, facts->workflow_ref);
	return JOIN(facts->workflow_repository, err, server, "/", name);
}

static int look_at_github(const char *const *environment,
                          struct ci_facts *facts, struct err *err)
{
	static const struct detail details[] = {
		{ "event_name", "GITHUB_EVENT_NAME" },
		{ "repository_id", "GITHUB_REPOSITORY_ID" },
		{ "repository_owner_id", "GITHUB_REPOSITORY_OWNER_ID" },
		{ "runner_environment", "RUNNER_ENVIRONMENT" },
	};
	const char *server = find(environment, "GITHUB_SERVER_URL");
	const char *repository = find(environment, "GITHUB_REPOSITORY");

	facts->system = "github";
	take_internal(facts, environment, details, COUNT(details));
	if (JOIN(facts->builder, err, server, "/actions/runner/",
	         find(environment, "RUNNER_ENVIRONMENT")) < 0 ||
	    JOIN(facts->repository, err, server, "/", repository) < 0 ||
	    JOIN(facts->ref, err, find(environment, "GITHUB_REF")) < 0 ||
	    JOIN(facts->invocation, err, server, "/", repository,
	         "/actions/runs/", find(environment, "GITHUB_RUN_ID"),
	         "/attempts/", find(environment, "GITHUB_RUN_ATTEMPT")) < 0 ||
	    take_workflow(facts, server,
	                  find(environment, "GITHUB_WORKFLOW_REF"), err) < 0)
		return -1;
	return take_commit(facts, environment, "GITHUB_SHA", err);
}

/* --- GitLab CI --------------------------------------------------------------
 */

static int take_gitlab_ref(struct ci_facts *facts,
                           const char *const *environment, struct err *err)
{
	const char *tag = find(environment, "CI_COMMIT_TAG");
	const char *branch = find(environment, "CI_COMMIT_BRANCH");

	if (tag != NULL)
		return JOIN(facts->ref, err, "refs/tags/", tag);
	if (branch != NULL)
		return JOIN(facts->ref, err, "refs/heads/", branch);
	return JOIN(facts->ref, err,
	            find(environment, "CI_MERGE_REQUEST_REF_PATH"));
}

/* A configuration of another project ("x.yml@group/project") or of an address
 * is none of this repository. */
static int take_gitlab_path(struct ci_facts *facts,
                            const char *const *environment, struct err *err)
{
	const char *path = find(environment, "CI_CONFIG_PATH");

	if (path == NULL || strchr(path, '@') != NULL ||
	    strstr(path, "://") != NULL)
		return 0;
	if (JOIN(facts->path, err, path) < 0 ||
	    JOIN(facts->workflow_ref, err, facts->ref) < 0)
		return -1;
	return JOIN(facts->workflow_repository, err, facts->repository);
}

static int look_at_gitlab(const char *const *environment,
                          struct ci_facts *facts, struct err *err)
{
	static const struct detail details[] = {
		{ "config_path", "CI_CONFIG_PATH" },
		{ "job_name", "CI_JOB_NAME" },
		{ "pipeline_id", "CI_PIPELINE_ID" },
		{ "pipeline_source", "CI_PIPELINE_SOURCE" },
		{ "project_id", "CI_PROJECT_ID" },
	};
	const char *project = find(environment, "CI_PROJECT_URL");

	facts->system = "gitlab";
	take_internal(facts, environment, details, COUNT(details));
	if (JOIN(facts->builder, err, project, "/-/runners/",
	         find(environment, "CI_RUNNER_ID")) < 0 ||
	    JOIN(facts->repository, err, project) < 0 ||
	    JOIN(facts->invocation, err, find(environment, "CI_JOB_URL")) < 0 ||
	    JOIN(facts->started, err, find(environment, "CI_JOB_STARTED_AT")) <
	            0 ||
	    take_gitlab_ref(facts, environment, err) < 0 ||
	    take_gitlab_path(facts, environment, err) < 0)
		return -1;
	return take_commit(facts, environment, "CI_COMMIT_SHA", err);
}

static bool is_set(const char *const *environment, const char *name)
{
	const char *value = environment_find(environment, name);

	return value != NULL && strcmp(value, "true") == 0;
}

int ci_look(const char *const *environment, struct ci_facts *out,
            struct err *err)
{
	struct ci_facts facts = { .system = NULL };
	int result = check_variables(environment, err);

	if (result < 0)
		return -1;
	if (is_set(environment, "GITHUB_ACTIONS"))
		result = look_at_github(environment, &facts, err);
	else if (is_set(environment, "GITLAB_CI"))
		result = look_at_gitlab(environment, &facts, err);
	if (result == 0)
		*out = facts;
	return result;
}
