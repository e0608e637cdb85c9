/* SPDX-License-Identifier: Apache-2.0 */
/* The findings as entries of journald, which finds them by field:
 *
 *     TIDEGATE_APP, TIDEGATE_RELEASE (what is current), TIDEGATE_RESULT (the
 *     severity); of a finding also TIDEGATE_CHECK, TIDEGATE_OBJECT and
 *     TIDEGATE_REMEDY; of an app TIDEGATE_FURTHER, what was not listed */
#ifndef CHECK_JOURNAL_H
#define CHECK_JOURNAL_H

#include "health/report.h"

/**
 * journal_report - send one entry for each finding of @detail that applies, and
 * behind those of an app one for the app.
 *
 * Returns 1, 0 where no journald listens, or -1 as journal_log; a part of the
 * entries may then have been sent.
 */
int journal_report(const struct report *report, enum report_detail detail,
                   struct err *err) MUST_CHECK;

#endif
