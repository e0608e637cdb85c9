/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the host still trusts what was put away with a release: all evidence
 * there, judged anew as an install would. */
#ifndef HEALTH_SEAL_H
#define HEALTH_SEAL_H

#include "base/err.h"
#include "health/release_view.h"
#include "trust/judge.h"

/**
 * seal_judge - judge the release.ini of @view by the evidence in its package.
 * @out: written only on 1; allocated, the caller frees it.
 *
 * Returns 1; 0 where nobody could be asked, which says nothing about the
 * release: facts->signature then tells why; -1 as judge_release, with
 * facts->lacks_evidence set where more evidence would help.
 */
int seal_judge(const struct release_view *view,
               struct verification_result **out, struct err *err) MUST_CHECK;

#endif
