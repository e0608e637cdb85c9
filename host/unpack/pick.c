/* SPDX-License-Identifier: Apache-2.0 */
#include "pick.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "spans.h"

struct pick {
	struct spans spans; /* at the file that is being sent */
	uint64_t sent;      /* its bytes so far */
	struct ring_writer *ring;
};

/* Send what @piece holds of the current file; its end moves on to the next.
 * 1 when the piece may hold more of them, 0 when not, -1. */
static int send_from(struct pick *pick, const struct members_piece *piece,
                     struct err *err)
{
	const struct payload_span *span = spans_current(&pick->spans);
	uint64_t end = piece->offset + piece->len;
	uint64_t from;
	uint64_t len;

	if (span == NULL)
		return 0;
	from = span->offset + pick->sent;
	if (from < piece->offset || from >= end)
		return 0;
	len = span->size - pick->sent;
	if (len > end - from)
		len = end - from;
	if (frame_put(pick->ring, (uint32_t)span->mtree_line,
	              piece->data + (from - piece->offset), (size_t)len,
	              err) < 0)
		return -1;
	pick->sent += len;
	if (pick->sent < span->size)
		return 0;
	if (frame_end(pick->ring, (uint32_t)span->mtree_line, err) < 0)
		return -1;
	pick->sent = 0;
	return spans_next(&pick->spans, err) < 0 ? -1 : 1;
}

static int pick_all(struct pick *pick, struct members *members, struct err *err)
{
	struct members_piece piece;
	int got;

	while ((got = members_next(members, &piece, err)) == 1) {
		int more = 1;

		while (more == 1)
			more = send_from(pick, &piece, err);
		if (more < 0)
			return -1;
	}
	if (got < 0)
		return -1;
	if (spans_current(&pick->spans) != NULL)
		return err_set(err, ERR_FORMAT, 0,
		               "a wanted file lies beyond the payload");
	return 0;
}

int pick_files(struct members *members, int fd, uint64_t count,
               struct ring_writer *ring, struct err *err)
{
	AUTO_FREE struct pick *pick = calloc(1, sizeof *pick);

	if (pick == NULL)
		return err_nomem(err);
	pick->ring = ring;
	if (spans_begin(&pick->spans, fd, count, err) < 0)
		return -1;
	return pick_all(pick, members, err);
}
