/* SPDX-License-Identifier: Apache-2.0 */
#include "privsep/registry.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "privsep/input.h"
#include "privsep/worker.h"

#define SECOND_MS 1000
#define GRACE_MS  2000 /* for a worker that does not keep the time */

/* A worker that is asked. */
struct asking {
	struct worker worker;
	int64_t end; /* of all its answer, by clock_monotonic_ms */
};

#define AUTO_ASKING AUTO(asking_done)

static void asking_done(struct asking *asking)
{
	worker_done(&asking->worker);
}

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

static int start(const struct registry_ask *ask, enum fetch_kind kind,
                 struct asking *asking, struct err *err)
{
	AUTO_CLOSE int nothing = -1;
	AUTO_CLOSE int token = -1;
	AUTO_CLOSE int docker_config = -1;
	AUTO_CLOSE int request = -1;
	struct worker_spec spec = {
		.program = ask->program != NULL ? ask->program : "fetch-worker",
		.folder = ask->folder,
		.account = "tidegate-fetch",
		.profile = SANDBOX_NETWORK,
		.mode = ask->mode,
		.input_count = 3, /* the request; no plan, and no payload */
		.stall_ms = (int64_t)ask->wait_s * SECOND_MS + GRACE_MS,
	};

	nothing = input_make("", 0, err);
	if (nothing < 0 || make_secret(ask->token, &token, err) < 0 ||
	    make_secret(ask->docker_config, &docker_config, err) < 0)
		return -1;
	ask->request->has_authorities = add_input(&spec, ask->authorities);
	ask->request->has_token = add_input(&spec, token);
	ask->request->has_docker_config = add_input(&spec, docker_config);
	ask->request->sources[0].kind = kind;
	ask->request->deadline_s = ask->wait_s;
	request = input_make(ask->request, sizeof *ask->request, err);
	if (request < 0)
		return -1;
	spec.inputs[0] = request;
	spec.inputs[1] = spec.inputs[2] = nothing;
	asking->end = clock_monotonic_ms() + spec.stall_ms;
	return worker_start(&spec, &asking->worker, err);
}

/* As worker_next_frame, which one that never ends may keep busy for ever. */
static int next_frame(struct asking *asking, struct frame *frame,
                      struct err *err)
{
	if (clock_monotonic_ms() >= asking->end)
		return err_set(err, ERR_LIMIT, 0,
		               "fetch-worker answers without end");
	return worker_next_frame(&asking->worker, frame, err);
}

/* What says something of the image as a whole; all else is only life. */
static void take_word(const struct frame *frame, struct registry_word *out)
{
	out->has_image |= frame->number == FETCH_ITEM_ORIGIN;
	out->has_answered |= frame->number == FETCH_ITEM_ANSWERED;
}

/* A registry that was there: what it gave until it failed is there, too. */
static int note_cut(struct registry_word *out, const struct err *failure,
                    struct err *err)
{
	bool is_there = out->has_image || out->has_answered;

	if (is_there &&
	    (failure->code == ERR_NETWORK || failure->code == ERR_LIMIT ||
	     failure->code == ERR_FORMAT)) {
		out->cut = *failure;
		return 0;
	}
	*err = *failure;
	return -1;
}

/* --- for the image alone -------------------------------------------------- */

static int listen_to(struct asking *asking, struct registry_word *out,
                     struct err *err)
{
	struct frame frame;
	int got;

	while ((got = next_frame(asking, &frame, err)) > 0)
		take_word(&frame, out);
	return got;
}

int registry_ask(const struct registry_ask *ask, struct registry_word *out,
                 struct err *err)
{
	AUTO_ASKING struct asking asking = { .worker = WORKER_NONE };
	struct registry_word word = { .has_image = false };
	struct err why;

	if (start(ask, FETCH_IMAGE, &asking, err) < 0 ||
	    (listen_to(&asking, &word, &why) < 0 &&
	     note_cut(&word, &why, err) < 0))
		return -1;
	*out = word;
	return 0;
}

/* --- for its signatures --------------------------------------------------- */

/* Bytes of a signature, or the end of one of its two items. */
static int take_piece(struct registry_signatures *out, uint32_t *next,
                      const struct frame *frame, struct err *err)
{
	struct registry_signature *signature = &out->list[frame->number / 2];
	bool is_payload = frame->number % 2 == 0;

	if (frame->number != *next)
		return err_set(err, ERR_INTERNAL, 0,
		               "fetch-worker: a signature out of order");
	if (frame->len == 0) {
		out->count = ++*next / 2;
		return 0;
	}
	return buf_add(is_payload ? &signature->payload : &signature->bundle,
	               frame->data, frame->len, err);
}

/* Of the first that was left out; its end is an empty frame. */
static int note_left_out(struct registry_signatures *out,
                         const struct frame *frame, struct err *err)
{
	size_t used = strlen(out->reason);

	if (frame->len == 0) {
		out->left_out++;
		return 0;
	}
	if (out->left_out > 0)
		return 0;
	if (frame->len > sizeof out->reason - 1 - used ||
	    !text_is_printable((const char *)frame->data, frame->len))
		return err_set(err, ERR_INTERNAL, 0,
		               "fetch-worker: a reason that is no text");
	memcpy(out->reason + used, frame->data, frame->len);
	return 0;
}

static int collect(struct asking *asking, struct registry_signatures *out,
                   struct err *err)
{
	uint32_t next = 0;
	struct frame frame;
	int got;

	while ((got = next_frame(asking, &frame, err)) > 0) {
		if (frame.number < FETCH_ITEM_PAYLOAD(FETCH_SIGNATURES_MAX))
			got = take_piece(out, &next, &frame, err);
		else if (frame.number == FETCH_ITEM_LEFT_OUT)
			got = note_left_out(out, &frame, err);
		else
			take_word(&frame, &out->word);
		if (got < 0)
			return -1;
	}
	if (got == 0 && next % 2 != 0)
		return err_set(err, ERR_INTERNAL, 0,
		               "fetch-worker: half a signature");
	return got;
}

int registry_signatures(const struct registry_ask *ask,
                        struct registry_signatures *out, struct err *err)
{
	AUTO_ASKING struct asking asking = { .worker = WORKER_NONE };
	AUTO_REGISTRY_SIGNATURES struct registry_signatures got = { .count =
		                                                            0 };
	struct err why;

	for (size_t i = 0; i < FETCH_SIGNATURES_MAX; i++)
		got.list[i] = (struct registry_signature){
			BUF_LIMIT(FETCH_PAYLOAD_MAX),
			BUF_LIMIT(FETCH_BUNDLE_MAX)
		};
	if (start(ask, FETCH_SIGNATURES, &asking, err) < 0 ||
	    (collect(&asking, &got, &why) < 0 &&
	     note_cut(&got.word, &why, err) < 0))
		return -1;
	*out = got;
	got = (struct registry_signatures){ .count = 0 };
	return 0;
}

void registry_signatures_done(struct registry_signatures *signatures)
{
	for (size_t i = 0; i < FETCH_SIGNATURES_MAX; i++) {
		buf_done(&signatures->list[i].payload);
		buf_done(&signatures->list[i].bundle);
	}
	signatures->count = 0;
}
