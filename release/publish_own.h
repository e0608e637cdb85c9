/* SPDX-License-Identifier: Apache-2.0 */
/* A run of publish, for its three files alone:
 *
 *     publish.c          the command: what goes where
 *     publish_phases.c   the phases, over all targets
 *     publish_report.c   what is said of it */
#ifndef RELEASE_PUBLISH_OWN_H
#define RELEASE_PUBLISH_OWN_H

#include <stddef.h>
#include <stdint.h>

#include "publication.h"
#include "publication_sign.h"
#include "publish_credentials.h"
#include "publish_journal.h"
#include "publish_settings.h"
#include "publish_target.h"
#include "say.h"
#include "web_client.h"

struct publishing {
	const struct request *request;     /* borrowed */
	struct publish_settings *settings; /* owned */
	struct publications publications;  /* owned */
	struct publication_signer signer;  /* owned; without its secret */
	struct publish_credentials credentials;
	struct publish_journal journal;
	struct publish_context context;
	struct publish_target *targets[PUBLISH_TARGETS_MAX]; /* owned */
	size_t target_count;
	struct web_client web; /* its configuration alone; owned */
	struct meter meter;
	uint64_t done_before; /* bytes of the targets before this one */
};

/**
 * publish_phases_run - take all targets through the phases of publish_target.h,
 * and note each in the journal.
 *
 * Returns 0, with --keep-going also where items failed, which then say so; or
 * -1 as the first item that failed.
 */
int publish_phases_run(struct publishing *run, struct err *err) MUST_CHECK;

/** publish_report - say, or print as JSON, what became of each package, or
 * would in a dry run.  0, or -1 with ERR_SYSTEM. */
int publish_report(const struct publishing *run, struct err *err) MUST_CHECK;

/**
 * publish_conclude - what a run comes to that went through all phases.
 *
 * Returns 0; with --keep-going -1 where anything failed, with the code of the
 * first failure, and each of them said.  What could not be built was said
 * before.
 */
int publish_conclude(const struct publishing *run, struct err *err) MUST_CHECK;

#endif
