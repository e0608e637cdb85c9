/* SPDX-License-Identifier: Apache-2.0 */
/* --verify-only and --dry-run: look, and touch nothing. */
#ifndef INSTALL_PREVIEW_H
#define INSTALL_PREVIEW_H

#include "base/err.h"
#include "install.h"

/** preview_verify - hold every part against what was signed.
 * Returns 0, or -1 as incoming_check. */
int preview_verify(struct install *install, struct err *err) MUST_CHECK;

/**
 * preview_plan - print what the run without --dry-run would do, and then does.
 * No payload is fetched for it.
 * Returns 0, or -1 as install_admit, incoming_check, incoming_take_parts,
 * delta_make and plan_make.
 */
int preview_plan(struct install *install, struct err *err) MUST_CHECK;

#endif
