/* SPDX-License-Identifier: Apache-2.0 */
/* fetch-worker: fetches one bundle into a descriptor of the monitor's.  Input
 * 0 holds a struct transfer_request and behind it the certificates to trust
 * (none: the system's), input 1 is the file to write. */
#include "base/clock.h"
#include "base/fs.h"
#include "net/transfer.h"
#include "privsep/worker_main.h"

enum { INPUT_REQUEST = WORKER_FD_INPUT, INPUT_OUTPUT, INPUT_AUTHORITIES };

/* An empty item each second shows the monitor that bytes still come. */
#define ALIVE_MS 1000

struct beat {
	struct ring_writer *ring;
	int64_t last; /* by clock_monotonic_ms */
};

static int show_alive(void *context, struct err *err)
{
	struct beat *beat = context;
	int64_t now = clock_monotonic_ms();

	if (now - beat->last < ALIVE_MS)
		return 0;
	beat->last = now;
	if (frame_end(beat->ring, 0, err) < 0)
		return -1;
	return ring_flush(beat->ring, err);
}

static int fetch(struct worker_context *context, struct err *err)
{
	struct transfer_request request;
	AUTO_BUF struct buf authorities = BUF_LIMIT(TRANSFER_CA_MAX);
	struct beat beat = { .ring = &context->ring };
	const struct transfer_sink sink = { INPUT_OUTPUT, show_alive, &beat };
	uint64_t size;

	if (fs_read_at(INPUT_REQUEST, 0, &request, sizeof request, err) < 0 ||
	    (request.has_authorities != 0 &&
	     fs_read_fd(INPUT_AUTHORITIES, &authorities, err) < 0))
		return -1;
	return transfer_get(&request, &authorities, &sink, &size, err);
}

static const struct worker_program program = {
	.profile = SANDBOX_NETWORK,
	.paths = sandbox_network_paths,
	.prepare = transfer_prepare,
	.run = fetch,
};

int main(int argc, char **argv)
{
	return worker_main(&program, argc, argv);
}
