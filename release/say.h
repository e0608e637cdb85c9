/* SPDX-License-Identifier: Apache-2.0 */
/* The only place of package-release that prints; secrets that redact.h knows
 * are taken out of all of it. */
#ifndef RELEASE_SAY_H
#define RELEASE_SAY_H

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/meter.h"
#include "request.h"

/** say - a line to the standard output, unless --quiet. */
void say(const struct request *request, const char *fmt, ...) PRINTF_LIKE(2, 3);

/**
 * say_meter_begin - start to show how far long work is, on standard error where
 * that is a terminal, unless --quiet; ends with say_meter_done, before anything
 * else is said.
 */
void say_meter_begin(const struct request *request, struct meter *meter,
                     const char *what, uint64_t total);

/** say_meter - show it, if that is due.  @meter: a struct meter; so that this
 * can be a callback. */
void say_meter(void *meter, uint64_t done);

/** say_meter_done - take it away; idempotent. */
void say_meter_done(struct meter *meter);

#define AUTO_METER AUTO(say_meter_done)

/** warn_user - "package-release: warning: ..." */
void warn_user(const char *fmt, ...) PRINTF_LIKE(1, 2);

/** print_result - what was asked for (JSON, help, a plan), even with --quiet.
 */
int print_result(const struct buf *text, struct err *err) MUST_CHECK;

/** print_error - "package-release: error: ..." on standard error. */
void print_error(const struct err *err);

/** print_error_json - an object for it on standard output (codec/failure.h),
 * unless print_result printed what tells of it: nobody wants to read two. */
void print_error_json(const struct err *err);

#endif
