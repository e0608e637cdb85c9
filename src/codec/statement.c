/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/statement.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* A member that is an object, or absent. */
static int get_object(const struct json_node *parent, const char *key,
                      struct json_node *out, struct err *err)
{
	*out = json_member(parent, key);
	return json_is_present(out) ? json_require_object(out, NULL, err) : 0;
}

static int get_text(const struct json_node *object, const char *key,
                    const char **out, struct err *err)
{
	struct json_node node = json_member(object, key);

	return json_get_text(&node, out, err);
}

static int check_type(const struct json_node *top, struct err *err)
{
	struct json_node node = json_member(top, "_type");
	const char *type = "";

	if (json_require_text(&node, &type, err) < 0)
		return -1;
	if (strcmp(type, STATEMENT_TYPE_V1) != 0 &&
	    strcmp(type, STATEMENT_TYPE_V0_1) != 0)
		return json_refuse(&node, ERR_FORMAT, err,
		                   "'%.80s' is no in-toto statement of version "
		                   "0.1 or 1",
		                   type);
	return 0;
}

/* --- subjects ----------------------------------------------------------- */

static int read_hex(const struct json_node *node, uint8_t *out, size_t size,
                    bool *has, struct err *err)
{
	const char *text = "";

	if (!json_is_present(node))
		return 0;
	if (json_get_text(node, &text, err) < 0)
		return -1;
	if (text_from_hex(text, strlen(text), out, size, err) < 0)
		return json_refuse(node, ERR_FORMAT, err,
		                   "not %zu lower-case hex digits", 2 * size);
	*has = true;
	return 0;
}

static int read_digests(const struct json_node *node,
                        struct statement_subject *out, struct err *err)
{
	struct json_node sha256 = json_member(node, "sha256");
	struct json_node sha512 = json_member(node, "sha512");
	size_t count = 0;

	if (json_require_object(node, NULL, err) < 0 ||
	    json_count_members(node, STATEMENT_DIGESTS_MAX, &count, err) < 0)
		return -1;
	if (count == 0)
		return json_refuse(node, ERR_FORMAT, err, "no digest");
	if (read_hex(&sha256, out->sha256, sizeof out->sha256, &out->has_sha256,
	             err) < 0)
		return -1;
	return read_hex(&sha512, out->sha512, sizeof out->sha512,
	                &out->has_sha512, err);
}

static int read_subjects(const struct json_node *list, struct statement *out,
                         struct err *err)
{
	size_t count = 0;

	if (json_get_list(list, STATEMENT_SUBJECTS_MAX, &count, err) < 0)
		return -1;
	if (count == 0)
		return json_refuse(list, ERR_FORMAT, err, "no subject");
	out->subjects = calloc(count, sizeof *out->subjects);
	if (out->subjects == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++) {
		struct json_node node = json_element(list, i);
		struct json_node digest = json_member(&node, "digest");

		if (json_require_object(&node, NULL, err) < 0 ||
		    get_text(&node, "name", &out->subjects[i].name, err) < 0 ||
		    read_digests(&digest, &out->subjects[i], err) < 0)
			return -1;
	}
	out->subject_count = count;
	return 0;
}

/* --- SLSA provenance v1 ------------------------------------------------- */

/* Whether @uri is "git+REPOSITORY" or that and "@...". */
static bool is_of_repository(const char *uri, const char *repository)
{
	size_t len = strlen(repository);

	return strncmp(uri, "git+", 4) == 0 &&
	       strncmp(uri + 4, repository, len) == 0 &&
	       (uri[4 + len] == '\0' || uri[4 + len] == '@');
}

/* Take the commit of one dependency, where it is of the workflow's repository
 * (or none is named and this is the first). */
static int take_commit(const struct json_node *dependency,
                       struct provenance *out, struct err *err)
{
	const char *uri = "", *commit = "";
	struct json_node digest;
	bool is_named = out->workflow_repository[0] != '\0';

	if (json_require_object(dependency, NULL, err) < 0 ||
	    get_text(dependency, "uri", &uri, err) < 0 ||
	    get_object(dependency, "digest", &digest, err) < 0 ||
	    get_text(&digest, "gitCommit", &commit, err) < 0)
		return -1;
	if (commit[0] == '\0' ||
	    (is_named && !is_of_repository(uri, out->workflow_repository)) ||
	    (!is_named && out->git_commit[0] != '\0'))
		return 0;
	if (out->git_commit[0] != '\0' && strcmp(out->git_commit, commit) != 0)
		return json_refuse(&digest, ERR_FORMAT, err,
		                   "a second commit of the same repository");
	out->git_commit = commit;
	return 0;
}

static int read_dependencies(const struct json_node *definition,
                             struct provenance *out, struct err *err)
{
	struct json_node list = json_member(definition, "resolvedDependencies");
	size_t count = 0;

	if (json_get_list(&list, STATEMENT_DEPENDENCIES_MAX, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct json_node node = json_element(&list, i);

		if (take_commit(&node, out, err) < 0)
			return -1;
	}
	return 0;
}

static int read_parameters(const struct json_node *definition,
                           struct provenance *out, struct err *err)
{
	struct json_node external, internal, workflow, github;

	if (get_object(definition, "externalParameters", &external, err) < 0 ||
	    get_object(&external, "workflow", &workflow, err) < 0 ||
	    get_text(&workflow, "ref", &out->workflow_ref, err) < 0 ||
	    get_text(&workflow, "repository", &out->workflow_repository, err) <
	            0 ||
	    get_text(&workflow, "path", &out->workflow_path, err) < 0)
		return -1;
	if (get_object(definition, "internalParameters", &internal, err) < 0 ||
	    get_object(&internal, "github", &github, err) < 0 ||
	    get_text(&github, "event_name", &out->event_name, err) < 0 ||
	    get_text(&github, "repository_id", &out->repository_id, err) < 0 ||
	    get_text(&github, "repository_owner_id", &out->repository_owner_id,
	             err) < 0)
		return -1;
	return get_text(&github, "runner_environment", &out->runner_environment,
	                err);
}

static int read_definition(const struct json_node *predicate,
                           struct provenance *out, struct err *err)
{
	struct json_node definition;

	if (get_object(predicate, "buildDefinition", &definition, err) < 0 ||
	    get_text(&definition, "buildType", &out->build_type, err) < 0 ||
	    read_parameters(&definition, out, err) < 0)
		return -1;
	return read_dependencies(&definition, out, err);
}

static int read_run(const struct json_node *predicate, struct provenance *out,
                    struct err *err)
{
	struct json_node run, builder, metadata;

	if (get_object(predicate, "runDetails", &run, err) < 0 ||
	    get_object(&run, "builder", &builder, err) < 0 ||
	    get_text(&builder, "id", &out->builder_id, err) < 0 ||
	    get_object(&run, "metadata", &metadata, err) < 0)
		return -1;
	return get_text(&metadata, "invocationId", &out->invocation_id, err);
}

static int read_provenance(const struct json_node *top, struct provenance *out,
                           struct err *err)
{
	struct json_node predicate;

	if (get_object(top, "predicate", &predicate, err) < 0 ||
	    read_definition(&predicate, out, err) < 0)
		return -1;
	return read_run(&predicate, out, err);
}

/* --- statements --------------------------------------------------------- */

static const struct provenance silent = {
	.build_type = "",
	.builder_id = "",
	.invocation_id = "",
	.workflow_ref = "",
	.workflow_repository = "",
	.workflow_path = "",
	.event_name = "",
	.repository_id = "",
	.repository_owner_id = "",
	.runner_environment = "",
	.git_commit = "",
};

static int read_statement(struct statement *statement, struct err *err)
{
	struct json_node top = json_top(&statement->document);
	struct json_node subjects = json_member(&top, "subject");
	struct json_node type = json_member(&top, "predicateType");

	if (json_require_object(&top, NULL, err) < 0 ||
	    check_type(&top, err) < 0 ||
	    read_subjects(&subjects, statement, err) < 0 ||
	    json_require_text(&type, &statement->predicate_type, err) < 0)
		return -1;
	statement->provenance = silent;
	statement->is_provenance =
		strcmp(statement->predicate_type, PREDICATE_SLSA_V1) == 0;
	if (!statement->is_provenance)
		return 0;
	return read_provenance(&top, &statement->provenance, err);
}

int statement_parse(const char *text, size_t len, struct statement *out,
                    struct err *err)
{
	AUTO_STATEMENT struct statement statement = STATEMENT_NONE;

	if (json_read(text, len, JSON_READ_MAX, &statement.document, err) < 0 ||
	    read_statement(&statement, err) < 0)
		return err_wrap(err, "reading an in-toto statement");
	*out = statement;
	statement = STATEMENT_NONE;
	return 0;
}

void statement_done(struct statement *statement)
{
	json_document_done(&statement->document);
	free(statement->subjects);
	*statement = STATEMENT_NONE;
}

static bool is_artifact(const struct statement_subject *subject,
                        const uint8_t *sha256, const uint8_t *sha512)
{
	bool compares_long = subject->has_sha512 && sha512 != NULL;

	if (!subject->has_sha256 && !compares_long)
		return false;
	if (subject->has_sha256 &&
	    memcmp(subject->sha256, sha256, sizeof subject->sha256) != 0)
		return false;
	return !compares_long ||
	       memcmp(subject->sha512, sha512, sizeof subject->sha512) == 0;
}

const struct statement_subject *
statement_find(const struct statement *statement, const uint8_t *sha256,
               const uint8_t *sha512)
{
	for (size_t i = 0; i < statement->subject_count; i++)
		if (is_artifact(&statement->subjects[i], sha256, sha512))
			return &statement->subjects[i];
	return NULL;
}
