/* SPDX-License-Identifier: Apache-2.0 */
#include "privsep/probe.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "privsep/worker.h"

/* The worker keeps the time; this is for one that does not. */
#define PROBE_GRACE_MS 5000

static int check_request(const struct probe *probe, struct err *err)
{
	if (strncmp(probe->url, "http://", strlen("http://")) != 0 &&
	    strncmp(probe->url, "https://", strlen("https://")) != 0)
		return err_set(err, ERR_USAGE, 0,
		               "'%s' begins neither with http:// nor with "
		               "https://",
		               probe->url);
	if (probe->timeout_ms < 1 || probe->timeout_ms > PROBE_TIMEOUT_MAX)
		return err_set(err, ERR_USAGE, 0,
		               "a timeout of %lu ms is out of range",
		               (unsigned long)probe->timeout_ms);
	return 0;
}

/* The request in a file of its own, without a name.  Returns a descriptor. */
static int write_request(const struct probe *probe, struct err *err)
{
	struct probe_request request = { .timeout_ms = probe->timeout_ms,
		                         .kind = (uint32_t)probe->kind };
	AUTO_CLOSE int fd = -1;
	ssize_t n;

	if (text_copy(request.url, sizeof request.url, probe->url,
	              strlen(probe->url), err) < 0)
		return err_wrap(err, "the address");
	fd = memfd_create("probe-request", MFD_CLOEXEC);
	if (fd < 0)
		return err_set(err, ERR_SYSTEM, errno, "making a request");
	n = pwrite(fd, &request, sizeof request, 0);
	if (n != (ssize_t)sizeof request)
		return err_set(err, ERR_SYSTEM, n < 0 ? errno : ENOSPC,
		               "writing a request");
	return TAKE_FD(fd);
}

/* Wait for the worker's word; what it sends besides is a lie. */
static int await_answer(const struct worker_spec *spec, struct err *err)
{
	AUTO_WORKER struct worker worker = WORKER_NONE;
	const uint8_t *data;
	size_t len;
	int got;

	if (worker_start(spec, &worker, err) < 0)
		return -1;
	got = worker_next_slot(&worker, &data, &len, err);
	if (got > 0)
		return err_set(err, ERR_INTERNAL, 0,
		               "%s sends what nobody asked for", spec->program);
	return got;
}

int probe_http(const struct probe *probe, struct err *err)
{
	struct worker_spec spec = { .program = "probe-worker",
		                    .folder = probe->folder,
		                    .account = probe->account,
		                    .profile = SANDBOX_NETWORK,
		                    .mode = probe->mode,
		                    .input_count = 1 };
	AUTO_CLOSE int request = -1;

	if (check_request(probe, err) < 0)
		return -1;
	request = write_request(probe, err);
	if (request < 0)
		return -1;
	spec.inputs[0] = request;
	spec.stall_ms = (int64_t)probe->timeout_ms + PROBE_GRACE_MS;
	if (await_answer(&spec, err) == 0)
		return 0;
	/* No answer in time, or not the right one: the service is not well. */
	if (err->code == ERR_NETWORK || err->code == ERR_LIMIT)
		err->code = ERR_UNHEALTHY;
	return err_wrap(err, "asking %s", probe->url);
}
