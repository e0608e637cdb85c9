/* SPDX-License-Identifier: Apache-2.0 */
#include "spans.h"

#include "base/fs.h"

static int fill(struct spans *spans, struct err *err)
{
	uint64_t left = spans->count - spans->next;
	size_t held = left < SPANS_AHEAD ? (size_t)left : SPANS_AHEAD;

	if (fs_read_at(spans->fd, spans->next * sizeof spans->list[0],
	               spans->list, held * sizeof spans->list[0], err) < 0)
		return err_wrap(err, "the list of wanted files");
	spans->next += held;
	spans->held = held;
	spans->at = 0;
	return 0;
}

int spans_begin(struct spans *spans, int fd, uint64_t count, struct err *err)
{
	spans->fd = fd;
	spans->count = count;
	spans->next = 0;
	return fill(spans, err);
}

const struct payload_span *spans_current(const struct spans *spans)
{
	return spans->at < spans->held ? &spans->list[spans->at] : NULL;
}

int spans_next(struct spans *spans, struct err *err)
{
	spans->at++;
	return spans->at < spans->held ? 0 : fill(spans, err);
}
