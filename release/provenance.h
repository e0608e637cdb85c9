/* SPDX-License-Identifier: Apache-2.0 */
/* What a provenance statement says of the build: from release.ini, from CI's
 * variables and from the command line.  What none of them says is left out. */
#ifndef RELEASE_PROVENANCE_H
#define RELEASE_PROVENANCE_H

#include <stddef.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "codec/release_ini.h"
#include "codec/statement_write.h"
#include "pack/ci.h"
#include "request.h"

/* Cut out of options: a name of each parameter, URI and algorithm of each
 * dependency and of the one that is too many; and the URI of the source. */
#define PROVENANCE_TEXTS_MAX                                                   \
	(BUILD_PAIRS_MAX + (size_t)2 * BUILD_DEPENDENCIES_MAX + 3)

struct provenance_facts {
	struct build_facts build; /* borrows from all below */
	struct ci_facts ci;
	char *texts[PROVENANCE_TEXTS_MAX]; /* owned */
	size_t text_count;
};

#define AUTO_PROVENANCE AUTO(provenance_facts_done)

void provenance_facts_done(struct provenance_facts *facts);

/**
 * provenance_gather - collect what is known.
 * @release: outlives @out.
 * @out:     all zero before; to be released in any case.
 *
 * The source is the commit that release.ini names, with the ref that CI names
 * where both mean the same commit; CI's commit where release.ini has none.
 * Returns 0, or -1 with ERR_USAGE for an option or variable that makes no
 * sense, or where nothing names the builder; ERR_LIMIT.
 */
int provenance_gather(const struct request *request,
                      const struct release_ini *release,
                      struct provenance_facts *out, struct err *err) MUST_CHECK;

#endif
