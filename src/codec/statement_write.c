/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/statement_write.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "codec/json_print.h"
#include "codec/json_read.h"
#include "codec/json_write.h"

/* Left out where it is not known. */
static int write_known(struct json_writer *json, const char *name,
                       const char *value, struct err *err)
{
	return value == NULL ? 0 : json_text(json, name, value, err);
}

static int write_digest(struct json_writer *json, const char *algorithm,
                        const char *digest, struct err *err)
{
	if (json_open_object(json, "digest", err) < 0 ||
	    json_text(json, algorithm, digest, err) < 0)
		return -1;
	return json_close(json, err);
}

static int write_subject(struct json_writer *json,
                         const struct attested_part *part, struct err *err)
{
	char hex[2 * DIGEST_LEN + 1];

	text_to_hex(part->sha256, sizeof part->sha256, hex);
	if (json_open_object(json, NULL, err) < 0 ||
	    json_text(json, "name", part->name, err) < 0 ||
	    write_digest(json, "sha256", hex, err) < 0)
		return -1;
	return json_close(json, err);
}

/* All before the predicate. */
static int open_statement(struct json_writer *json,
                          const struct attested *attested, const char *type,
                          struct err *err)
{
	if (json_open_object(json, NULL, err) < 0 ||
	    json_text(json, "_type", STATEMENT_TYPE_V1, err) < 0 ||
	    json_open_array(json, "subject", err) < 0)
		return -1;
	for (size_t i = 0; i < attested->count; i++)
		if (write_subject(json, &attested->parts[i], err) < 0)
			return -1;
	if (json_close(json, err) < 0)
		return -1;
	return json_text(json, "predicateType", type, err);
}

int statement_write_predicate(const struct attested *attested, const char *type,
                              const char *json, size_t len, struct buf *out,
                              struct err *err)
{
	struct json_writer writer;

	json_begin(&writer, out);
	if (open_statement(&writer, attested, type, err) < 0 ||
	    json_raw(&writer, "predicate", json, len, err) < 0)
		return -1;
	return json_close(&writer, err);
}

int statement_restate(const struct attested *attested, struct bytes text,
                      struct buf *out, struct err *err)
{
	AUTO_JSON_DOCUMENT struct json_document document = JSON_DOCUMENT_NONE;
	AUTO_BUF struct buf predicate = BUF_NONE;
	struct json_node top;
	struct json_node node;
	struct json_node type_node;
	const char *type;

	if (json_read((const char *)text.data, text.len, JSON_READ_MAX,
	              &document, err) < 0)
		return -1;
	top = json_top(&document);
	type_node = json_member(&top, "predicateType");
	node = json_member(&top, "predicate");
	if (json_require_object(&node, NULL, err) < 0 ||
	    json_require_text(&type_node, &type, err) < 0 ||
	    json_print(node.value, /* indent= */ 0, &predicate, err) < 0)
		return -1;
	return statement_write_predicate(attested, type, buf_text(&predicate),
	                                 predicate.len, out, err);
}

/* --- provenance -------------------------------------------------------------
 */

/* An object of texts; none at all where there is nothing to say. */
static int write_pairs(struct json_writer *json, const char *name,
                       const struct build_pairs *pairs, struct err *err)
{
	if (pairs->count == 0)
		return 0;
	if (json_open_object(json, name, err) < 0)
		return -1;
	for (size_t i = 0; i < pairs->count; i++)
		if (write_known(json, pairs->at[i].name, pairs->at[i].value,
		                err) < 0)
			return -1;
	return json_close(json, err);
}

static int write_release(struct json_writer *json,
                         const struct build_facts *build, struct err *err)
{
	if (json_open_object(json, "release", err) < 0 ||
	    json_text(json, "app", build->app, err) < 0 ||
	    json_text(json, "version", build->version, err) < 0 ||
	    write_known(json, "platform", build->platform, err) < 0)
		return -1;
	return json_close(json, err);
}

static int write_workflow(struct json_writer *json,
                          const struct build_facts *build, struct err *err)
{
	if (build->path == NULL)
		return 0;
	if (json_open_object(json, "workflow", err) < 0 ||
	    write_known(json, "ref", build->ref, err) < 0 ||
	    write_known(json, "repository", build->repository, err) < 0 ||
	    json_text(json, "path", build->path, err) < 0)
		return -1;
	return json_close(json, err);
}

static int write_external(struct json_writer *json,
                          const struct build_facts *build, struct err *err)
{
	if (json_open_object(json, "externalParameters", err) < 0 ||
	    write_release(json, build, err) < 0 ||
	    write_workflow(json, build, err) < 0 ||
	    write_pairs(json, "parameters", &build->parameters, err) < 0)
		return -1;
	return json_close(json, err);
}

static int write_internal(struct json_writer *json,
                          const struct build_facts *build, struct err *err)
{
	if (build->system == NULL || build->internal.count == 0)
		return 0;
	if (json_open_object(json, "internalParameters", err) < 0 ||
	    write_pairs(json, build->system, &build->internal, err) < 0)
		return -1;
	return json_close(json, err);
}

static int write_dependency(struct json_writer *json,
                            const struct build_dependency *dependency,
                            struct err *err)
{
	if (json_open_object(json, NULL, err) < 0 ||
	    write_known(json, "uri", dependency->uri, err) < 0 ||
	    write_digest(json, dependency->algorithm, dependency->digest, err) <
	            0)
		return -1;
	return json_close(json, err);
}

static int write_dependencies(struct json_writer *json,
                              const struct build_facts *build, struct err *err)
{
	if (build->dependency_count == 0)
		return 0;
	if (json_open_array(json, "resolvedDependencies", err) < 0)
		return -1;
	for (size_t i = 0; i < build->dependency_count; i++)
		if (write_dependency(json, &build->dependencies[i], err) < 0)
			return -1;
	return json_close(json, err);
}

static int write_definition(struct json_writer *json,
                            const struct build_facts *build, struct err *err)
{
	if (json_open_object(json, "buildDefinition", err) < 0 ||
	    json_text(json, "buildType", BUILD_TYPE, err) < 0 ||
	    write_external(json, build, err) < 0 ||
	    write_internal(json, build, err) < 0 ||
	    write_dependencies(json, build, err) < 0)
		return -1;
	return json_close(json, err);
}

static int write_metadata(struct json_writer *json,
                          const struct build_facts *build, struct err *err)
{
	if (build->invocation == NULL && build->started == NULL &&
	    build->finished == NULL)
		return 0;
	if (json_open_object(json, "metadata", err) < 0 ||
	    write_known(json, "invocationId", build->invocation, err) < 0 ||
	    write_known(json, "startedOn", build->started, err) < 0 ||
	    write_known(json, "finishedOn", build->finished, err) < 0)
		return -1;
	return json_close(json, err);
}

static int write_run(struct json_writer *json, const struct build_facts *build,
                     struct err *err)
{
	if (json_open_object(json, "runDetails", err) < 0 ||
	    json_open_object(json, "builder", err) < 0 ||
	    json_text(json, "id", build->builder, err) < 0 ||
	    json_close(json, err) < 0 || write_metadata(json, build, err) < 0)
		return -1;
	return json_close(json, err);
}

int statement_write_provenance(const struct attested *attested,
                               const struct build_facts *build, struct buf *out,
                               struct err *err)
{
	struct json_writer json;

	if (build->app == NULL || build->version == NULL ||
	    build->builder == NULL)
		return err_set(err, ERR_INTERNAL, 0,
		               "provenance without app, version or builder");
	json_begin(&json, out);
	if (open_statement(&json, attested, PREDICATE_SLSA_V1, err) < 0 ||
	    json_open_object(&json, "predicate", err) < 0 ||
	    write_definition(&json, build, err) < 0 ||
	    write_run(&json, build, err) < 0 || json_close(&json, err) < 0)
		return -1;
	return json_close(&json, err);
}
