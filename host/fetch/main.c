/* SPDX-License-Identifier: Apache-2.0 */
/* fetch-worker: fetches one bundle into a descriptor of the monitor's.  Input
 * 0 holds a struct transfer_request and behind it the certificates to trust
 * (none: the system's), input 1 is the file to write. */
#include "base/fs.h"
#include "net/transfer.h"
#include "privsep/worker_main.h"

enum { INPUT_REQUEST = WORKER_FD_INPUT, INPUT_OUTPUT, INPUT_AUTHORITIES };

static int fetch(struct worker_context *context, struct err *err)
{
	struct transfer_request request;
	AUTO_BUF struct buf authorities = BUF_LIMIT(TRANSFER_CA_MAX);
	uint64_t size;

	(void)context; /* the request is larger than a message */
	if (fs_read_at(INPUT_REQUEST, 0, &request, sizeof request, err) < 0 ||
	    (request.has_authorities != 0 &&
	     fs_read_fd(INPUT_AUTHORITIES, &authorities, err) < 0))
		return -1;
	return transfer_get(&request, &authorities, INPUT_OUTPUT, &size, err);
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
