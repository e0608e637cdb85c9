/* SPDX-License-Identifier: Apache-2.0 */
#include "unpack.h"

#include <errno.h>
#include <fcntl.h>

#include "codec/digest_set.h"
#include "privsep/worker.h"
#include "report.h"
#include "store/patch_base.h"
#include "store/space.h"

static unsigned allowed(const struct settings *settings)
{
	return (settings->allows_setuid ? (unsigned)TREE_ALLOW_SETUID : 0U) |
	       (settings->allows_world_writable
	                ? (unsigned)TREE_ALLOW_WORLD_WRITABLE
	                : 0U);
}

/* What the worker and we read; each reader has a descriptor of its own, so that
 * they share no offset. */
struct inputs {
	int payload; /* -1: nothing of it is needed */
	int mtree;
	int worker_mtree;
	int index;
	int old; /* stream of a patch; -1: none */
};

static void inputs_done(struct inputs *inputs)
{
	cleanup_close(&inputs->payload);
	cleanup_close(&inputs->mtree);
	cleanup_close(&inputs->worker_mtree);
	cleanup_close(&inputs->index);
	cleanup_close(&inputs->old);
}

static int open_part(const struct unpack_request *request, enum part_kind kind,
                     struct err *err)
{
	return package_stage_open(request->package, (struct part){ kind, 0 },
	                          err);
}

static int open_parts(const struct unpack_request *request, struct inputs *out,
                      struct err *err)
{
	out->mtree = open_part(request, PART_MTREE, err);
	if (out->mtree >= 0)
		out->worker_mtree = open_part(request, PART_MTREE, err);
	if (out->worker_mtree >= 0)
		out->index = open_part(request, PART_INDEX, err);
	return out->index < 0 ? -1 : 0;
}

/* --- the worker --- */

/* All frames of the worker go to the tree, which judges each of them; 1, 0 as
 * delta_stage_reused, -1. */
static int take_frames(const struct unpack_request *request,
                       const struct delta *delta, struct worker *worker,
                       struct tree_stage *tree, struct err *err)
{
	const struct store *store = &request->session->store;
	AUTO_METER struct meter meter = METER_NONE;
	uint64_t done = 0;
	struct frame frame;
	int got;

	report_meter_begin(request->session->request, &meter, "unpacking",
	                   request->release->bytes - delta->reused_bytes);
	while ((got = worker_next_frame(worker, &frame, err)) == 1) {
		/* An end between two spans is none of the file. */
		if ((frame.len > 0 ||
		     !delta_goes_on(delta, tree, frame.number)) &&
		    tree_stage_bytes(tree, frame.number, frame.data, frame.len,
		                     err) < 0)
			return -1;
		done += frame.len;
		report_meter(&meter, done);
		if (frame.len > 0)
			continue;
		got = delta_stage_reused(delta, store, tree, err);
		if (got <= 0)
			return got;
	}
	return got < 0 ? -1 : 1;
}

static int run_worker(const struct unpack_request *request,
                      const struct inputs *inputs, const struct delta *delta,
                      const struct job_unpack *job, struct tree_stage *tree,
                      struct err *err)
{
	const struct host *host = &request->session->host;
	AUTO_WORKER struct worker worker = WORKER_NONE;
	const struct worker_spec spec = {
		.program = "unpack-worker",
		.folder = host->workers,
		.account = "tidegate-unpack",
		.profile = SANDBOX_PARALLEL,
		.mode = sandbox_mode_of(&host->settings),
		.job.unpack = *job,
		.inputs = { inputs->payload, inputs->worker_mtree,
		            inputs->index, delta->spans, inputs->old },
		.input_count = inputs->old >= 0       ? 5
		               : job->is_partial != 0 ? 4
		                                      : 3,
	};

	if (worker_start(&spec, &worker, err) < 0)
		return -1;
	return take_frames(request, delta, &worker, tree, err);
}

/* --- both --- */

static int fill_tree(const struct unpack_request *request,
                     struct inputs *inputs, const struct delta *delta,
                     struct tree_stage *tree, struct err *err)
{
	const struct release_ini *release = request->release;
	struct job_unpack job = {
		.payload_size = release->parts[PART_PAYLOAD].size,
		.tar_size = release->tar_size,
		.created = release->created,
		.is_partial = delta_is_partial(delta),
		.span_count = delta->span_count,
	};
	int staged =
		delta_stage_reused(delta, &request->session->store, tree, err);

	if (staged <= 0 || (delta_is_partial(delta) && delta->span_count == 0))
		return staged;
	inputs->payload = part_source_payload(
		request->source, release,
		request->delta != NULL ? &delta->plan : NULL, &job, err);
	if (inputs->payload < 0)
		return -1;
	return run_worker(request, inputs, delta, &job, tree, err);
}

/* --- out of a patch --- */

static uint64_t less(uint64_t from, uint64_t what)
{
	return from > what ? from - what : 0;
}

/* The old stream lies beside the tree that comes of it, be it on another file
 * system, and the reserve stays free of both. */
static int find_room(const struct unpack_request *request, int dir,
                     uint64_t *room, struct err *err)
{
	struct space there;

	if (space_free(dir, &there, err) < 0)
		return -1;
	*room = less(less(there.bytes, request->session->host.settings.reserve),
	             request->release->bytes);
	return 0;
}

static int make_old(const struct unpack_request *request, struct inputs *inputs,
                    const struct delta *delta, uint64_t *size, struct err *err)
{
	AUTO_DIGEST_SET struct digest_set kept = DIGEST_SET_NONE;
	uint64_t room;

	if (patch_files(inputs->mtree, &kept, err) < 0)
		return -1;
	inputs->old = host_open_unnamed(&request->session->host, err);
	if (inputs->old < 0 || find_room(request, inputs->old, &room, err) < 0)
		return -1;
	return patch_base_copy(&request->session->store, delta->base, &kept,
	                       inputs->old, room, size, err);
}

static int patch_tree(const struct unpack_request *request,
                      struct inputs *inputs, const struct delta *delta,
                      struct tree_stage *tree, struct err *err)
{
	struct job_unpack job = {
		.frame = PAYLOAD_PATCH,
		.is_partial = 1,
		.span_count = delta->span_count,
		.file_size = delta->patch->pin.size,
	};
	int staged;

	if (make_old(request, inputs, delta, &job.old_size, err) < 0)
		return -1;
	staged = delta_stage_reused(delta, &request->session->store, tree, err);
	if (staged <= 0 || delta->span_count == 0)
		return staged;
	inputs->payload = fcntl(delta->patch_fd, F_DUPFD_CLOEXEC, 0);
	if (inputs->payload < 0)
		return err_set(err, ERR_SYSTEM, errno, "opening the patch");
	return run_worker(request, inputs, delta, &job, tree, err);
}

/* --- all of it --- */

static int fill_and_finish(const struct unpack_request *request,
                           struct inputs *inputs, const struct delta *delta,
                           struct tree_stage *tree, struct err *err)
{
	int staged = delta->patch != NULL
	                     ? patch_tree(request, inputs, delta, tree, err)
	                     : fill_tree(request, inputs, delta, tree, err);

	if (staged <= 0)
		return staged;
	return tree_stage_finish(tree, err) < 0 ? -1 : 1;
}

int unpack_release(const struct unpack_request *request,
                   struct tree_stage *tree, struct err *err)
{
	AUTO(inputs_done) struct inputs inputs = { -1, -1, -1, -1, -1 };
	static const struct delta none = { .spans = -1, .patch_fd = -1 };
	const struct delta *delta =
		request->delta != NULL ? request->delta : &none;
	int staged;

	if (open_parts(request, &inputs, err) < 0 ||
	    tree_stage_begin(
		    &request->session->store, inputs.mtree, request->release,
		    allowed(&request->session->host.settings), tree, err) < 0)
		return -1;
	staged = fill_and_finish(request, &inputs, delta, tree, err);
	/* Whatever is wrong with a patch is no reason to fail. */
	return staged < 0 && delta->patch != NULL ? 0 : staged;
}
