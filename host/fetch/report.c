/* SPDX-License-Identifier: Apache-2.0 */
#include "report.h"

#include <string.h>

#include "base/clock.h"
#include "privsep/fetch.h"

#define SHOW_MS 500

int report_text(struct report *report, uint32_t item, const char *text,
                struct err *err)
{
	size_t len = strlen(text);

	if (len > FETCH_TEXT_MAX)
		len = FETCH_TEXT_MAX;
	frame_pause(report->ring);
	if ((len > 0 && frame_put(report->ring, item, text, len, err) < 0) ||
	    frame_end(report->ring, item, err) < 0)
		return -1;
	return ring_flush(report->ring, err);
}

int report_progress(struct report *report, struct err *err)
{
	frame_pause(report->ring);
	if (frame_put(report->ring, FETCH_ITEM_PROGRESS, &report->bytes,
	              sizeof report->bytes, err) < 0)
		return -1;
	return frame_end(report->ring, FETCH_ITEM_PROGRESS, err);
}

int report_alive(void *context, struct err *err)
{
	struct report *report = context;
	int64_t now = clock_monotonic_ms();

	if (report->note.code != ERR_NONE) {
		*err = report->note;
		return -1;
	}
	if (now - report->shown < SHOW_MS)
		return 0;
	report->shown = now;
	frame_pause(report->ring);
	if ((report->is_loading
	             ? report_progress(report, err)
	             : frame_end(report->ring, FETCH_ITEM_ALIVE, err)) < 0)
		return -1;
	return ring_flush(report->ring, err);
}

void report_say(void *context, const char *text)
{
	struct report *report = context;
	struct err err;

	/* It has no result; the next sign of life ends the worker. */
	if (report_text(report, FETCH_ITEM_NOTE, text, &err) < 0)
		report->note = err;
}
