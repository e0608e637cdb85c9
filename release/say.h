/* SPDX-License-Identifier: Apache-2.0 */
/* The only place of package-release that prints. */
#ifndef RELEASE_SAY_H
#define RELEASE_SAY_H

#include "base/buf.h"
#include "base/err.h"
#include "request.h"

/** say - a line to the standard output, unless --quiet. */
void say(const struct request *request, const char *fmt, ...) PRINTF_LIKE(2, 3);

/** warn_user - "package-release: warning: ..." */
void warn_user(const char *fmt, ...) PRINTF_LIKE(1, 2);

/** print_result - what was asked for (JSON, help, a plan), even with --quiet.
 */
int print_result(const struct buf *text, struct err *err) MUST_CHECK;

/** print_error - "package-release: error: ..." */
void print_error(const struct err *err);

#endif
