/* SPDX-License-Identifier: Apache-2.0 */
/* What the user reads.  Text goes line by line to standard output; with --json
 * it is silent, and the command prints one object at its end.  This file and
 * main.c are the only ones that print. */
#ifndef INSTALL_REPORT_H
#define INSTALL_REPORT_H

#include "base/buf.h"
#include "base/err.h"
#include "base/meter.h"
#include "request.h"

/** report_step - one line on what was done; nothing when quiet or JSON. */
void report_step(const struct request *request, const char *fmt, ...)
	PRINTF_LIKE(2, 3);

/**
 * report_event - with --json, one JSON object a line on standard error while
 * work goes on: its name, and a text (NULL: none) or how many bytes of how many
 * are done.  Nothing without --json, or when quiet.
 */
void report_event(const struct request *request, const char *event,
                  const char *text, uint64_t done, uint64_t total);

/** report_warning - one line on standard error, whatever the format. */
void report_warning(const char *fmt, ...) PRINTF_LIKE(1, 2);

/**
 * report_meter_begin - start to show how far long work is, on standard error
 * where that is a terminal; nothing when quiet or JSON.
 * @meter: ends with report_meter_done, before anything else is reported.
 */
void report_meter_begin(const struct request *request, struct meter *meter,
                        const char *what, uint64_t total);

/** report_meter - show it, if that is due.  @done: bytes so far. */
void report_meter(struct meter *meter, uint64_t done);

/** report_meter_done - take it away; idempotent. */
void report_meter_done(struct meter *meter);

#define AUTO_METER AUTO(report_meter_done)

/** report_text - print a finished text or JSON object, with a final newline if
 * it has none.  0, or -1 with ERR_SYSTEM when standard output is gone. */
int report_text(const struct buf *text, struct err *err) MUST_CHECK;

/* What a command has come to. */
struct outcome {
	const char *app;
	const char *version; /* that it was about; NULL: none */
	const char *key;     /* the same; not told where NULL */
	const char *result;  /* one word */
};

/** report_outcome - the object that --json prints for a command which has
 * nothing else to show; without --json nothing.  0, or -1 as report_text. */
int report_outcome(const struct request *request, const struct outcome *outcome,
                   struct err *err) MUST_CHECK;

/** report_refusal - as report_text, for an object that tells of the failure by
 * itself: report_error then prints none. */
int report_refusal(const struct buf *text, struct err *err) MUST_CHECK;

/** report_error - "install-package: error: ..." on standard error, and with
 * --json an object on standard output (codec/failure.h). */
void report_error(const struct request *request, const struct err *failure);

#endif
