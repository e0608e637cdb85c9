/* SPDX-License-Identifier: Apache-2.0 */
/* Properties: there is at least one subject, each is found by its digests, and
 * no text of the provenance is missing. */
#include "codec/statement.h"
#include "round_trip.h"

/* It, or an earlier one with the same digests. */
static void check_subject(const struct statement *statement,
                          const struct statement_subject *subject)
{
	const struct statement_subject *found =
		statement_find(statement, subject->sha256,
	                       subject->has_sha512 ? subject->sha512 : NULL);

	require(subject->name != NULL);
	if (subject->has_sha256 || subject->has_sha512)
		require(found != NULL && found <= subject);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_STATEMENT struct statement statement = STATEMENT_NONE;
	const struct provenance *says = &statement.provenance;
	struct err err;

	if (statement_parse((const char *)data, size, &statement, &err) < 0)
		return 0;
	require(statement.subject_count >= 1 &&
	        statement.subject_count <= STATEMENT_SUBJECTS_MAX);
	for (size_t i = 0; i < statement.subject_count; i++)
		check_subject(&statement, &statement.subjects[i]);
	require(says->build_type != NULL && says->builder_id != NULL &&
	        says->invocation_id != NULL && says->workflow_ref != NULL &&
	        says->workflow_repository != NULL &&
	        says->workflow_path != NULL && says->event_name != NULL &&
	        says->repository_id != NULL &&
	        says->repository_owner_id != NULL &&
	        says->runner_environment != NULL && says->git_commit != NULL);
	require(statement.is_provenance || says->builder_id[0] == '\0');
	return 0;
}
