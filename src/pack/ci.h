/* SPDX-License-Identifier: Apache-2.0 */
/* What the CI system says, in its variables, of the job that runs: GitHub
 * Actions and GitLab CI.  What they do not say is left out, never guessed.
 *
 * Sources: https://docs.github.com/en/actions/reference/workflows-and-actions/
 * variables and https://docs.gitlab.com/ci/variables/predefined_variables/. */
#ifndef PACK_CI_H
#define PACK_CI_H

#include "base/err.h"
#include "codec/statement_write.h"

#define CI_TEXT_SIZE 1024 /* bytes of a variable or a text made of some */

/* Texts are "" where CI does not say. */
struct ci_facts {
	const char *system;         /* "github", "gitlab"; NULL outside of CI */
	char builder[CI_TEXT_SIZE]; /* URI of what ran the job */
	char repository[CI_TEXT_SIZE]; /* URL */
	char ref[CI_TEXT_SIZE];        /* refs/heads/main */
	char commit[CI_TEXT_SIZE];     /* 40 or 64 hex digits */
	char path[CI_TEXT_SIZE];       /* of the workflow in its repository */
	char workflow_repository[CI_TEXT_SIZE]; /* URL */
	char workflow_ref[CI_TEXT_SIZE];
	char invocation[CI_TEXT_SIZE]; /* URL of the job's run */
	char started[CI_TEXT_SIZE];    /* RFC 3339 */
	struct build_pairs internal;   /* values borrowed */
};

/**
 * ci_look - read the variables of CI.
 * @environment: "NAME=value" texts, ended by NULL; outlives @out.
 * @out:         written only on 0.
 *
 * Returns 0 (also outside of CI); -1 with ERR_USAGE for a variable that is too
 * long, holds control characters, or a commit that is none.
 */
int ci_look(const char *const *environment, struct ci_facts *out,
            struct err *err) MUST_CHECK;

#endif
