/* SPDX-License-Identifier: Apache-2.0 */
/* A fetch-worker that was taken over while it was asked for signatures: what it
 * sends is what false_registry.h has. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "false_registry.h"
#include "privsep/fetch.h"
#include "privsep/worker_main.h"

static int put(struct worker_context *context, uint32_t item, char fill,
               size_t len, struct err *err)
{
	AUTO_FREE char *bytes = malloc(len + 1);

	if (bytes == NULL)
		return err_nomem(err);
	memset(bytes, fill, len);
	if (len > 0 && frame_put(&context->ring, item, bytes, len, err) < 0)
		return -1;
	return frame_end(&context->ring, item, err);
}

static int put_signature(struct worker_context *context, unsigned number,
                         size_t payload, size_t bundle, struct err *err)
{
	if (put(context, FETCH_ITEM_PAYLOAD(number), 'p', payload, err) < 0)
		return -1;
	return put(context, FETCH_ITEM_SIGNATURE(number), 'b', bundle, err);
}

static int put_honest(struct worker_context *context, struct err *err)
{
	if (put(context, FETCH_ITEM_ORIGIN, 'o', 3, err) < 0 ||
	    put(context, FETCH_ITEM_ALIVE, 'x', 0, err) < 0 ||
	    put_signature(context, 0, 5, 7, err) < 0)
		return -1;
	return put_signature(context, 1, 0, 7, err);
}

static int put_most(struct worker_context *context, struct err *err)
{
	for (unsigned i = 0; i < FETCH_SIGNATURES_MAX; i++)
		if (put_signature(context, i, 1, 1, err) < 0)
			return -1;
	return 0;
}

/* Until it is killed. */
static int put_life(struct worker_context *context, struct err *err)
{
	while (put(context, FETCH_ITEM_ALIVE, 'x', 0, err) == 0 &&
	       ring_flush(&context->ring, err) == 0)
		;
	return -1;
}

static int put_cut(struct worker_context *context, struct err *err)
{
	if (put(context, FETCH_ITEM_ORIGIN, 'o', 3, err) < 0 ||
	    put_signature(context, 0, 5, 7, err) < 0 ||
	    put(context, FETCH_ITEM_PAYLOAD(1), 'p', 5, err) < 0)
		return -1;
	return ring_flush(&context->ring, err);
}

static int lie(struct worker_context *context, enum false_registry lie,
               struct err *err)
{
	const uint32_t left_out = FETCH_ITEM_LEFT_OUT;

	switch (lie) {
	case REGISTRY_HONEST:
		return put_honest(context, err);
	case REGISTRY_NOTHING:
		return 0;
	case REGISTRY_HALF:
		return put(context, FETCH_ITEM_PAYLOAD(0), 'p', 1, err);
	case REGISTRY_ORDER:
		return put_signature(context, 1, 1, 1, err);
	case REGISTRY_TWICE:
		if (put_signature(context, 0, 1, 1, err) < 0)
			return -1;
		return put_signature(context, 0, 1, 1, err);
	case REGISTRY_MOST:
		return put_most(context, err);
	case REGISTRY_BEYOND:
		if (put_most(context, err) < 0)
			return -1;
		return put_signature(context, FETCH_SIGNATURES_MAX, 1, 1, err);
	case REGISTRY_PAYLOAD_MAX:
		return put_signature(context, 0, FETCH_PAYLOAD_MAX,
		                     FETCH_BUNDLE_MAX, err);
	case REGISTRY_PAYLOAD_MORE:
		return put_signature(context, 0, FETCH_PAYLOAD_MAX + 1, 1, err);
	case REGISTRY_BUNDLE_MORE:
		return put_signature(context, 0, 1, FETCH_BUNDLE_MAX + 1, err);
	case REGISTRY_REASON:
		if (put(context, left_out, 'r', FETCH_TEXT_MAX, err) < 0)
			return -1;
		return put(context, left_out, 's', 1, err);
	case REGISTRY_REASON_MORE:
		return put(context, left_out, 'r', FETCH_TEXT_MAX + 1, err);
	case REGISTRY_REASON_ESCAPE:
		return put(context, left_out, '\033', 1, err);
	case REGISTRY_REASON_END:
		return frame_put(&context->ring, left_out, "r", 1, err);
	case REGISTRY_ENDLESS:
		return put_life(context, err);
	case REGISTRY_CUT:
		if (put_cut(context, err) < 0)
			return -1;
		break;
	case REGISTRY_REFUSAL:
		if (put(context, FETCH_ITEM_ANSWERED, 'a', 0, err) < 0 ||
		    ring_flush(&context->ring, err) < 0)
			return -1;
		break;
	case REGISTRY_FAILURE:
		break;
	}
	return err_set(err, ERR_NETWORK, 0, "this registry gives up");
}

static int run(struct worker_context *context, struct err *err)
{
	AUTO_FREE struct fetch_request *request = calloc(1, sizeof *request);

	if (request == NULL)
		return err_nomem(err);
	if (fs_read_at(FETCH_INPUT_REQUEST, 0, request, sizeof *request, err) <
	    0)
		return -1;
	return lie(context, (enum false_registry)request->sources[0].address[0],
	           err);
}

static const struct worker_program program = { .profile = SANDBOX_PURE,
	                                       .run = run };

int main(int argc, char **argv)
{
	return worker_main(&program, argc, argv);
}
