/* SPDX-License-Identifier: Apache-2.0 */
/* What fetch-worker tells the monitor while it works: privsep/fetch.h. */
#ifndef FETCH_REPORT_H
#define FETCH_REPORT_H

#include <stdint.h>

#include "base/err.h"
#include "privsep/ring.h"

/* Fields are private. */
struct report {
	struct ring_writer *ring; /* borrowed */
	int64_t shown;            /* by clock_monotonic_ms */
	uint64_t bytes;           /* of the plan that were written */
	int is_loading;           /* the second phase has begun */
	struct err note;          /* why a note could not be sent, or none */
};

/** report_text - an item of text, such as the origin or a note. */
int report_text(struct report *report, uint32_t item, const char *text,
                struct err *err) MUST_CHECK;

/** report_alive - for http_config: about once a second an item that says so. */
int report_alive(void *context, struct err *err) MUST_CHECK;

/** report_progress - how many bytes of the plan were written, now. */
int report_progress(struct report *report, struct err *err) MUST_CHECK;

/** report_say - for http_config. */
void report_say(void *context, const char *text);

#endif
