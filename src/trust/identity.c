/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/identity.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "codec/pattern.h"
#include "codec/workflow.h"

#define OLD_BUILDER "https://github.com/actions/runner/"

/* Who is asked about, and how far it went: the checks that passed. */
struct match {
	const struct settings_identity *identity;
	const struct claims *claims;
	const struct provenance *provenance; /* NULL: none */
	unsigned passed;
};

static const char *wanted(const struct match *match, enum identity_field field)
{
	return match->identity->text[field];
}

static const char *claim_of(const struct match *match, enum claim claim)
{
	return match->claims->text[claim];
}

static int refuse(enum identity_field field, const char *want, const char *is,
                  struct err *err)
{
	if (is[0] == '\0')
		return err_set(err, ERR_UNTRUSTED, 0,
		               "%s: '%s' is wanted, and the certificate does "
		               "not speak of it",
		               identity_field_name(field), want);
	return err_set(err, ERR_UNTRUSTED, 0, "%s: '%s' is wanted, not '%s'",
	               identity_field_name(field), want, is);
}

static bool matches(const char *pattern, const char *text, size_t len)
{
	return len > 0 && pattern_match(pattern, strlen(pattern), text, len);
}

/* --- one field, one claim --- */

static int check_claim(struct match *match, enum identity_field field,
                       enum claim claim, struct err *err)
{
	const char *want = wanted(match, field);
	const char *is = claim_of(match, claim);

	if (want[0] != '\0' && !matches(want, is, strlen(is)))
		return refuse(field, want, is, err);
	match->passed++;
	return 0;
}

static int check_issuer(struct match *match, struct err *err)
{
	const char *want = wanted(match, IDENTITY_ISSUER);
	const char *is = claim_of(match, CLAIM_ISSUER);

	if (want[0] == '\0' || strcmp(want, is) != 0)
		return refuse(IDENTITY_ISSUER, want, is, err);
	match->passed++;
	return 0;
}

/* The certificate and the provenance may both say who built it. */
static int check_builder(struct match *match, struct err *err)
{
	const char *want = wanted(match, IDENTITY_BUILDER_ID);
	const char *claimed = claim_of(match, CLAIM_BUILD_SIGNER_URI);
	const char *stated =
		match->provenance != NULL ? match->provenance->builder_id : "";

	if (want[0] != '\0') {
		if (claimed[0] == '\0' && stated[0] == '\0')
			return refuse(IDENTITY_BUILDER_ID, want, "", err);
		if (claimed[0] != '\0' &&
		    !matches(want, claimed, strlen(claimed)))
			return refuse(IDENTITY_BUILDER_ID, want, claimed, err);
		if (stated[0] != '\0' && !matches(want, stated, strlen(stated)))
			return refuse(IDENTITY_BUILDER_ID, want, stated, err);
	}
	match->passed++;
	return 0;
}

/* --- a GitHub repository --- */

/* What stands behind the server's address; NULL for another server. */
static const char *find_path(const char *uri, const char *server)
{
	size_t len = strlen(server);

	return strncmp(uri, server, len) == 0 ? uri + len : NULL;
}

/* A piece of the subject against its pattern; an empty pattern takes all. */
static int check_piece(struct match *match, enum identity_field field,
                       struct workflow_piece want, struct workflow_piece is,
                       struct err *err)
{
	if (want.len > 0 &&
	    !pattern_match(want.text, want.len, is.text, is.len))
		return err_set(err, ERR_UNTRUSTED, 0,
		               "%s: '%.*s' is wanted, not '%.*s' of the "
		               "subject",
		               identity_field_name(field), (int)want.len,
		               want.text, (int)is.len, is.text);
	match->passed++;
	return 0;
}

/* What the subject must be: its pieces as patterns. */
static int read_wanted(const struct match *match, char *path, size_t size,
                       struct workflow *out, struct err *err)
{
	const char *repository = wanted(match, IDENTITY_REPOSITORY);
	const char *workflow = wanted(match, IDENTITY_WORKFLOW);
	const char *ref = wanted(match, IDENTITY_REF);

	*out = (struct workflow){ .repository = { NULL, 0 } };
	if (workflow[0] != '\0' &&
	    workflow_parse_setting(workflow, path, size, out, err) < 0)
		return -1;
	if (out->repository.len == 0)
		out->repository = (struct workflow_piece){ repository,
			                                   strlen(repository) };
	if (out->ref.len == 0)
		out->ref = (struct workflow_piece){ ref, strlen(ref) };
	return 0;
}

static int check_workflow(struct match *match, const char *server,
                          struct err *err)
{
	const char *subject = claim_of(match, CLAIM_SUBJECT);
	const char *text = find_path(subject, server);
	char path[IDENTITY_VALUE_SIZE + 32];
	struct workflow want, is;

	if (read_wanted(match, path, sizeof path, &want, err) < 0)
		return -1;
	if (text == NULL || workflow_parse(text, &is, err) < 0)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "repository: the subject '%s' is no workflow "
		               "below %s",
		               subject, server);
	match->passed++;
	if (check_piece(match, IDENTITY_REPOSITORY, want.repository,
	                is.repository, err) < 0 ||
	    check_piece(match, IDENTITY_WORKFLOW, want.path, is.path, err) < 0)
		return -1;
	return check_piece(match, IDENTITY_REF, want.ref, is.ref, err);
}

static int check_source(struct match *match, const char *server,
                        struct err *err)
{
	const char *want = wanted(match, IDENTITY_REPOSITORY);
	const char *uri = claim_of(match, CLAIM_SOURCE_URI);
	const char *source = find_path(uri, server);

	if (source == NULL || !matches(want, source, strlen(source)))
		return refuse(IDENTITY_REPOSITORY, want, uri, err);
	match->passed++;
	return check_claim(match, IDENTITY_REF, CLAIM_SOURCE_REF, err);
}

static int check_repository(struct match *match, struct err *err)
{
	char server[WORKFLOW_SERVER_SIZE];

	if (workflow_server(wanted(match, IDENTITY_ISSUER), server, err) < 0 ||
	    check_workflow(match, server, err) < 0)
		return -1;
	return check_source(match, server, err);
}

/* --- all of it --- */

static int check_owner(struct match *match, struct err *err)
{
	if (wanted(match, IDENTITY_REPOSITORY)[0] != '\0')
		return check_repository(match, err);
	/* settings_check_identity: one of the two is there. */
	if (wanted(match, IDENTITY_SUBJECT)[0] == '\0')
		return refuse(IDENTITY_SUBJECT, "", "", err);
	if (check_claim(match, IDENTITY_SUBJECT, CLAIM_SUBJECT, err) < 0 ||
	    check_claim(match, IDENTITY_SOURCE_REPOSITORY, CLAIM_SOURCE_URI,
	                err) < 0)
		return -1;
	return check_claim(match, IDENTITY_SOURCE_REF, CLAIM_SOURCE_REF, err);
}

static int check_all(struct match *match, struct err *err)
{
	static const struct {
		enum identity_field field;
		enum claim claim;
	} rows[] = {
		{ IDENTITY_RUNNER_ENVIRONMENT, CLAIM_RUNNER_ENVIRONMENT },
		{ IDENTITY_TRIGGER, CLAIM_TRIGGER },
		{ IDENTITY_SOURCE_OWNER_ID, CLAIM_OWNER_ID },
		{ IDENTITY_SOURCE_REPOSITORY_ID, CLAIM_SOURCE_ID },
	};

	if (check_issuer(match, err) < 0 || check_owner(match, err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (check_claim(match, rows[i].field, rows[i].claim, err) < 0)
			return -1;
	return check_builder(match, err);
}

int identity_match(const struct settings_identity *identity,
                   const struct claims *claims,
                   const struct provenance *provenance, struct err *err)
{
	struct match match = { identity, claims, provenance, 0 };

	return check_all(&match, err);
}

/* --- provenance --- */

static int check_equal(const char *what, const char *stated,
                       const char *claimed, struct err *err)
{
	if (stated[0] == '\0' || claimed[0] == '\0' ||
	    strcmp(stated, claimed) == 0)
		return 0;
	return err_set(err, ERR_UNTRUSTED, 0,
	               "the provenance says %s '%s', and the certificate '%s'",
	               what, stated, claimed);
}

/* The workflow that was started: REPOSITORY/PATH@REF, of which the ref may be
 * that of a branch that moved on. */
static int check_path(const struct claims *claims,
                      const struct provenance *provenance, struct err *err)
{
	const char *config = claims->text[CLAIM_CONFIG_URI];
	const char *repository = provenance->workflow_repository;
	const char *path = provenance->workflow_path;
	size_t repository_len = strlen(repository), path_len = strlen(path);

	if (config[0] == '\0' || repository[0] == '\0' || path[0] == '\0')
		return 0;
	if (strncmp(config, repository, repository_len) == 0 &&
	    config[repository_len] == '/' &&
	    strncmp(config + repository_len + 1, path, path_len) == 0 &&
	    config[repository_len + 1 + path_len] == '@')
		return 0;
	return err_set(err, ERR_UNTRUSTED, 0,
	               "the provenance says workflow '%s' of '%s', and the "
	               "certificate '%s'",
	               path, repository, config);
}

/* Until 2024 GitHub's own action named the kind of runner instead of the
 * workflow. */
static bool is_old_builder(const char *builder, const struct claims *claims)
{
	const char *runner = claims->text[CLAIM_RUNNER_ENVIRONMENT];
	size_t len = strlen(OLD_BUILDER);

	return runner[0] != '\0' && strncmp(builder, OLD_BUILDER, len) == 0 &&
	       strcmp(builder + len, runner) == 0;
}

int identity_check_agreement(const struct claims *claims,
                             const struct provenance *provenance,
                             struct err *err)
{
	const struct {
		const char *what, *stated;
		enum claim claim;
	} rows[] = {
		{ "repository", provenance->workflow_repository,
		  CLAIM_SOURCE_URI },
		{ "ref", provenance->workflow_ref, CLAIM_SOURCE_REF },
		{ "commit", provenance->git_commit, CLAIM_SOURCE_DIGEST },
		{ "invocation", provenance->invocation_id, CLAIM_INVOCATION },
		{ "trigger", provenance->event_name, CLAIM_TRIGGER },
		{ "repository id", provenance->repository_id, CLAIM_SOURCE_ID },
		{ "owner id", provenance->repository_owner_id, CLAIM_OWNER_ID },
		{ "runner", provenance->runner_environment,
		  CLAIM_RUNNER_ENVIRONMENT },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (check_equal(rows[i].what, rows[i].stated,
		                claims->text[rows[i].claim], err) < 0)
			return -1;
	if (check_path(claims, provenance, err) < 0)
		return -1;
	if (is_old_builder(provenance->builder_id, claims))
		return 0;
	return check_equal("builder", provenance->builder_id,
	                   claims->text[CLAIM_BUILD_SIGNER_URI], err);
}

/* --- among all identities --- */

static void note_reason(const struct settings_identity *identity,
                        const struct err *why, char out[VERDICT_REASON_SIZE])
{
	char text[ERR_TEXT_MAX];
	size_t len;

	(void)snprintf(out, VERDICT_REASON_SIZE, "[identity %s] %s",
	               identity->name, err_format(why, text, sizeof text));
	/* A character that the cut halves goes as a whole. */
	for (len = strlen(out); !text_is_printable(out, len); len--)
		out[len - 1] = '\0';
}

int identity_find(const struct settings *settings, const struct claims *claims,
                  const struct statement *statement, uint64_t *mask,
                  char reason[VERDICT_REASON_SIZE], struct err *err)
{
	bool is_provenance = statement != NULL && statement->is_provenance;
	const struct provenance *provenance =
		is_provenance ? &statement->provenance : NULL;
	unsigned furthest = 0;
	uint64_t found = 0;

	if (is_provenance &&
	    identity_check_agreement(claims, provenance, err) < 0)
		return -1;
	reason[0] = '\0';
	for (size_t i = 0; i < settings->identity_count; i++) {
		struct match match = { &settings->identities[i], claims,
			               provenance, 0 };
		struct err why;

		if (check_all(&match, &why) == 0) {
			found |= (uint64_t)1 << i;
		} else if (reason[0] == '\0' || match.passed > furthest) {
			furthest = match.passed;
			note_reason(match.identity, &why, reason);
		}
	}
	if (found != 0)
		reason[0] = '\0';
	*mask = found;
	return 0;
}
