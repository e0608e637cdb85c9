/* SPDX-License-Identifier: Apache-2.0 */
#include "privsep/registry.h"

#include "base/cleanup.h"
#include "privsep/input.h"
#include "privsep/worker.h"

#define GRACE_MS 2000 /* for a worker that does not keep the time */

/* Returns whether it is there. */
static uint32_t add_input(struct worker_spec *spec, int input)
{
	if (input < 0)
		return 0;
	spec->inputs[spec->input_count++] = input;
	return 1;
}

/* @out stays -1 where there is none. */
static int make_secret(struct bytes secret, int *out, struct err *err)
{
	if (secret.len == 0)
		return 0;
	*out = input_make(secret.data, secret.len, err);
	return *out < 0 ? -1 : 0;
}

/* An origin means that it has the image; all else that it sends is only life.
 */
static int listen_to(struct worker *worker, bool *has_image, struct err *err)
{
	struct frame frame;
	bool has = false;
	int got;

	while ((got = worker_next_frame(worker, &frame, err)) > 0)
		has = has || frame.number == FETCH_ITEM_ORIGIN;
	if (got == 0)
		*has_image = has;
	return got;
}

int registry_ask(const struct registry_ask *ask, bool *has_image,
                 struct err *err)
{
	AUTO_WORKER struct worker worker = WORKER_NONE;
	AUTO_CLOSE int nothing = -1;
	AUTO_CLOSE int token = -1;
	AUTO_CLOSE int docker_config = -1;
	AUTO_CLOSE int request = -1;
	struct worker_spec spec = {
		.program = "fetch-worker",
		.folder = ask->folder,
		.account = "tidegate-fetch",
		.profile = SANDBOX_NETWORK,
		.mode = ask->mode,
		.input_count = 3, /* the request; no plan, and no payload */
		.stall_ms = REGISTRY_TIMEOUT_S * 1000 + GRACE_MS,
	};

	nothing = input_make("", 0, err);
	if (nothing < 0 || make_secret(ask->token, &token, err) < 0 ||
	    make_secret(ask->docker_config, &docker_config, err) < 0)
		return -1;
	ask->request->has_authorities = add_input(&spec, ask->authorities);
	ask->request->has_token = add_input(&spec, token);
	ask->request->has_docker_config = add_input(&spec, docker_config);
	ask->request->deadline_s = REGISTRY_TIMEOUT_S;
	request = input_make(ask->request, sizeof *ask->request, err);
	if (request < 0)
		return -1;
	spec.inputs[0] = request;
	spec.inputs[1] = spec.inputs[2] = nothing;
	if (worker_start(&spec, &worker, err) < 0)
		return -1;
	return listen_to(&worker, has_image, err);
}
