/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a release may run on this machine: its platform and its
 * [requirements].  Pure; base/host_facts.h asks the kernel. */
#ifndef TRUST_REQUIREMENTS_H
#define TRUST_REQUIREMENTS_H

#include "base/err.h"
#include "base/host_facts.h"
#include "codec/release_ini.h"

/**
 * requirements_check - compare what @release asks for with what there is.
 *
 * Returns 0, or -1 with ERR_CONFLICT that names all that is unmet.
 */
int requirements_check(const struct release_ini *release,
                       const struct host_facts *facts,
                       struct err *err) MUST_CHECK;

#endif
