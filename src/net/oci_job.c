/* SPDX-License-Identifier: Apache-2.0 */
#include "net/oci_job.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A run over all items of one kind. */
struct run {
	struct oci_push *push;
	const struct oci_kind *kind;
	char *items;
	size_t count;
	size_t next; /* item */
	char *jobs;  /* owned; OCI_PUSH_SLOTS of the kind's jobs */
	size_t free_jobs[OCI_PUSH_SLOTS];
	size_t free_count;
	bool has_failed;
	struct err first;
};

#define AUTO_RUN AUTO(run_done)

static struct oci_job *job_at(const struct run *run, size_t i)
{
	return (void *)(run->jobs + i * run->kind->job_size);
}

static void close_job(const struct run *run, struct oci_job *job)
{
	if (run->kind->end != NULL && job->push != NULL)
		run->kind->end(job);
	buf_done(&job->authorization);
	memset(job, 0, run->kind->job_size);
}

static void run_done(struct run *run)
{
	for (size_t i = 0; run->jobs != NULL && i < OCI_PUSH_SLOTS; i++)
		close_job(run, job_at(run, i));
	free(run->jobs);
}

/* --- the end of an item --------------------------------------------------- */

/* Returns 0 where the others go on, -1 where not. */
static int note_failure(struct run *run, struct oci_result *result,
                        const struct err *why, struct err *err)
{
	result->outcome = OCI_FAILED;
	result->err = *why;
	if (!run->has_failed)
		run->first = *why;
	run->has_failed = true;
	if (run->push->on_failure == OCI_GO_ON)
		return 0;
	*err = *why;
	return -1;
}

static void free_job(struct run *run, struct oci_job *job)
{
	size_t i = (size_t)((char *)job - run->jobs) / run->kind->job_size;

	close_job(run, job);
	run->free_jobs[run->free_count++] = i;
}

/* --- credentials ---------------------------------------------------------- */

/* The slot's request, with what the registry wants to see. */
static int authorize(struct oci_job *job, struct err *err)
{
	struct oci_auth *auth = &job->to->auth;
	struct http_request *request = &job->slot->request;
	const char *value = NULL;

	request->authorization = NULL;
	if (request->is_led)
		return 0;
	if (oci_auth_value(auth, &value, err) < 0)
		return -1;
	job->generation = auth->generation;
	if (value == NULL)
		return 0;
	job->authorization.max = OCI_AUTH_HEADER_MAX;
	buf_cut(&job->authorization, 0);
	if (buf_adds(&job->authorization, value, err) < 0)
		return -1;
	request->authorization = buf_text(&job->authorization);
	return 0;
}

/* 401.  Another item may have seen to it meanwhile. */
static int answer_demand(struct oci_job *job, struct err *err)
{
	struct oci_auth *auth = &job->to->auth;

	if (job->generation != auth->generation)
		return 1;
	if (job->has_answered)
		return oci_auth_refused(auth, &job->slot->response, err);
	job->has_answered = true;
	return oci_auth_answer(auth, &job->slot->response, err) < 0 ? -1 : 1;
}

/* --- the crowd's functions ------------------------------------------------ */

/* What a step said: 1 to go on; 0 when the slot is free; -1 ends all. */
static int follow(struct run *run, struct oci_job *job, int said,
                  struct err *err)
{
	struct err why;

	if (said == 1)
		said = authorize(job, err);
	else if (said == 0) {
		free_job(run, job);
		return 0;
	}
	if (said == 0)
		return 1;
	why = *err;
	(void)err_wrap(&why, "pushing to %s/%s", job->to->reference.registry,
	               job->to->reference.repository);
	said = note_failure(run, job->result, &why, err);
	free_job(run, job);
	return said;
}

static int answer(void *context, struct http_slot *slot,
                  const struct err *failure, struct err *err)
{
	struct run *run = context;
	struct oci_job *job = slot->job;
	int said;

	if (failure == NULL && slot->response.status == 401 &&
	    !slot->request.is_led) {
		said = answer_demand(job, err);
	} else {
		job->has_answered = false;
		said = job->step(job, failure, err);
	}
	return follow(run, job, said, err);
}

static struct oci_job *take_job(struct run *run, struct http_slot *slot,
                                char *item)
{
	struct oci_job *job = job_at(run, run->free_jobs[--run->free_count]);
	const void *to = item + run->kind->registry_at;

	job->push = run->push;
	job->to = *(struct oci_registry *const *)to;
	job->result = (void *)(item + run->kind->result_at);
	job->slot = slot;
	slot->job = job;
	return job;
}

static int begin(void *context, struct http_slot *slot, struct err *err)
{
	struct run *run = context;

	while (run->next < run->count) {
		char *item = run->items + run->next++ * run->kind->item_size;
		struct oci_job *job = take_job(run, slot, item);
		int got = run->kind->begin(job, item, err);

		got = follow(run, job, got, err);
		if (got != 0)
			return got;
	}
	return 0;
}

int oci_jobs_run(struct oci_push *push, const struct oci_kind *kind,
                 void *items, size_t count, struct err *err)
{
	AUTO_RUN struct run run = { .push = push,
		                    .kind = kind,
		                    .items = items,
		                    .count = count,
		                    .free_count = OCI_PUSH_SLOTS };
	const struct http_crowd crowd = { begin, answer, &run, OCI_PUSH_SLOTS };

	run.jobs = calloc(OCI_PUSH_SLOTS, kind->job_size);
	if (run.jobs == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < OCI_PUSH_SLOTS; i++)
		run.free_jobs[i] = i;
	if (http_converse(push->client, &crowd, err) < 0)
		return -1;
	if (!run.has_failed)
		return 0;
	*err = run.first;
	return -1;
}

/* --- for the steps -------------------------------------------------------- */

struct http_request *oci_job_request(struct oci_job *job,
                                     enum http_method method, const char *kind,
                                     const char *what)
{
	struct http_slot *slot = job->slot;

	oci_make_url(job->to, kind, what, slot->url);
	slot->request = (struct http_request){ .url = slot->url,
		                               .method = method,
		                               .body_max = OCI_MANIFEST_MAX };
	return &slot->request;
}

int oci_job_end(struct oci_job *job, enum oci_outcome outcome)
{
	job->result->outcome = outcome;
	return 0;
}

int oci_job_fail(const struct err *failure, struct err *err)
{
	*err = *failure;
	return -1;
}

int oci_job_refuse(const struct oci_job *job, struct err *err)
{
	const struct http_slot *slot = job->slot;

	if (oci_require(job->to, &slot->request, &slot->response, err) < 0)
		return -1;
	return err_set(err, ERR_NETWORK, 0,
	               "%s answers %u, which is no answer to that",
	               job->to->reference.registry, slot->response.status);
}

int oci_job_pause(struct oci_job *job, struct err *err)
{
	int64_t asked = job->slot->response.retry_after;

	job->tries++;
	if (job->tries >= HTTP_TRIES)
		return -1;
	if (asked > HTTP_WAIT_MAX_S)
		return err_wrap(err,
		                "the server asks to wait %" PRId64
		                " s, which is more than %d",
		                asked, HTTP_WAIT_MAX_S);
	job->slot->wait_ms =
		asked > 0 ? asked * 1000
			  : http_pause_ms(job->push->client, job->tries);
	if (asked > 0)
		http_say(job->push->client, "%s asks to wait %" PRId64 " s",
		         job->to->reference.registry, asked);
	return 1;
}
