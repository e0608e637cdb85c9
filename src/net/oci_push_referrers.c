/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "crypto/sha256.h"
#include "net/oci_job.h"

/* How a list is kept by tag, without a registry that helps.
 *
 * Read, merge, write: another writer who read before our write may write after
 * it, and ours is gone.  He will not notice; so we look again, after a pause
 * that is longer than what such a writer needs, and write again if need be.  We
 * are done when the list stayed as it was over a whole pause and has all of
 * ours.  What we saw in it once we write again as well: so each round at least
 * one writer gets done, and many converge. */

/* What is known of a subject from one round to the next. */
struct subject {
	struct oci_push_subject *item; /* borrowed */
	/* For struct oci_kind, which finds them by offset. */
	struct oci_registry *to;
	struct oci_result result;
	bool is_settled;
	bool has_written;
	uint8_t last[OCI_DIGEST_LEN]; /* the list as we left or saw it */
	struct buf seen;              /* owned; the same, as text */
	int64_t look_at; /* by clock_monotonic_ms: the pause is over */
};

struct subject_job {
	struct oci_job job; /* first */
	struct subject *subject;
	char digest[OCI_DIGEST_SIZE];
	char tag[OCI_DIGEST_SIZE];
	int64_t begun_at;
	struct buf text; /* owned; the list that is being written */
	/* Of the API: */
	bool *is_listed; /* owned; one for each referrer */
	size_t again;    /* the referrer that is being pushed once more */
};

static int step_page(struct oci_job *job, const struct err *failure,
                     struct err *err);
static int step_again(struct oci_job *job, const struct err *failure,
                      struct err *err);
static int step_tag(struct oci_job *job, const struct err *failure,
                    struct err *err);
static int step_written(struct oci_job *job, const struct err *failure,
                        struct err *err);

static struct subject_job *subject_job(struct oci_job *job)
{
	return (struct subject_job *)job;
}

static void end_job(struct oci_job *job)
{
	buf_done(&subject_job(job)->text);
	free(subject_job(job)->is_listed);
}

/* --- the list by tag ------------------------------------------------------ */

static int get_tag(struct subject_job *own)
{
	struct http_request *request =
		oci_job_request(&own->job, HTTP_GET, "manifests", own->tag);

	request->accept = OCI_ACCEPT_MANIFESTS;
	own->begun_at = clock_monotonic_ms() + own->job.slot->wait_ms;
	own->job.step = step_tag;
	return 1;
}

/* Three times as long as we needed is long enough for others, too. */
static int64_t pause_after(const struct subject_job *own)
{
	int64_t pause = 3 * (clock_monotonic_ms() - own->begun_at);

	if (pause < OCI_SETTLE_MS)
		pause = OCI_SETTLE_MS;
	if (pause > OCI_SETTLE_MAX_MS)
		pause = OCI_SETTLE_MAX_MS;
	/* Writers that collided once shall not do so again. */
	return pause + http_random_ms(pause);
}

/* This is how we left the list; look again later whether it stayed so. */
static int leave(struct subject_job *own, const void *text, size_t len,
                 struct err *err)
{
	struct subject *subject = own->subject;

	subject->look_at = clock_monotonic_ms() + pause_after(own);
	buf_cut(&subject->seen, 0);
	if (buf_add(&subject->seen, text, len, err) < 0 ||
	    sha256_of(text, len, subject->last, err) < 0)
		return -1;
	return oci_job_end(&own->job, OCI_UNTOUCHED);
}

static int settle(struct subject_job *own)
{
	own->subject->is_settled = true;
	return oci_job_end(&own->job, own->subject->has_written
	                                      ? OCI_PUSHED
	                                      : OCI_WAS_THERE);
}

static int put_tag(struct subject_job *own)
{
	struct http_request *request =
		oci_job_request(&own->job, HTTP_PUT, "manifests", own->tag);

	request->upload.content_type = OCI_TYPE_INDEX;
	request->upload.data = own->text.data;
	request->upload.len = own->text.len;
	own->job.step = step_written;
	return 1;
}

/* The list has all of ours.  Has it, for long enough? */
static int judge_quiet(struct subject_job *own, const struct buf *body,
                       struct err *err)
{
	const struct subject *subject = own->subject;
	uint8_t now[OCI_DIGEST_LEN];

	if (sha256_of(body->data, body->len, now, err) < 0)
		return -1;
	if (!subject->has_written || sha256_equal(now, subject->last))
		return settle(own);
	return leave(own, body->data, body->len, err);
}

static int step_tag(struct oci_job *job, const struct err *failure,
                    struct err *err)
{
	struct subject_job *own = subject_job(job);
	const struct oci_push_subject *item = own->subject->item;
	struct buf *body = &job->slot->response.body;
	size_t missing = 0;

	if (failure != NULL)
		return oci_job_fail(failure, err);
	if (job->slot->response.status == 404)
		buf_cut(body, 0);
	else if (oci_require(job->to, &job->slot->request, &job->slot->response,
	                     err) < 0)
		return -1;
	own->text.max = OCI_MANIFEST_MAX;
	buf_cut(&own->text, 0);
	if (oci_write_referrers(buf_bytes(body), buf_bytes(&own->subject->seen),
	                        item->referrers, item->count, &own->text,
	                        &missing, err) < 0)
		return err_wrap(err, "reading what the tag '%s' names",
		                own->tag);
	return missing > 0 ? put_tag(own) : judge_quiet(own, body, err);
}

/* That the registry took what was put. */
static int require_taken(const struct oci_job *job, const struct err *failure,
                         struct err *err)
{
	unsigned status = job->slot->response.status;

	if (failure != NULL)
		return oci_job_fail(failure, err);
	return status >= 200 && status <= 299 ? 0 : oci_job_refuse(job, err);
}

static int step_written(struct oci_job *job, const struct err *failure,
                        struct err *err)
{
	struct subject_job *own = subject_job(job);

	if (require_taken(job, failure, err) < 0)
		return -1;
	own->subject->has_written = true;
	return leave(own, own->text.data, own->text.len, err);
}

/* --- the list of the API -------------------------------------------------- */

static int get_page(struct subject_job *own)
{
	struct http_request *request =
		oci_job_request(&own->job, HTTP_GET, "referrers", own->digest);

	request->accept = OCI_TYPE_INDEX;
	own->job.step = step_page;
	memset(own->is_listed, 0,
	       own->subject->item->count * sizeof *own->is_listed);
	return 1;
}

static void note_listed(struct subject_job *own,
                        const struct oci_manifest *page)
{
	const struct oci_push_subject *item = own->subject->item;

	for (size_t i = 0; i < page->count; i++)
		for (size_t j = 0; j < item->count; j++)
			if (sha256_equal(page->entries[i].digest,
			                 item->referrers[j].digest))
				own->is_listed[j] = true;
}

static bool has_all(const struct subject_job *own)
{
	for (size_t i = 0; i < own->subject->item->count; i++)
		if (!own->is_listed[i])
			return false;
	return true;
}

/* The first one, from @again on, that is not listed; when there is none, the
 * list is asked for anew. */
static int put_again(struct subject_job *own)
{
	const struct oci_push_subject *item = own->subject->item;
	char digest[OCI_DIGEST_SIZE];
	struct http_request *request;

	while (own->again < item->count && own->is_listed[own->again])
		own->again++;
	if (own->again == item->count)
		return get_page(own);
	oci_digest_text(item->referrers[own->again].digest, digest);
	request = oci_job_request(&own->job, HTTP_PUT, "manifests", digest);
	request->upload.content_type = item->referrers[own->again].media_type;
	request->upload.data = item->texts[own->again].data;
	request->upload.len = item->texts[own->again].len;
	own->job.step = step_again;
	return 1;
}

static int step_again(struct oci_job *job, const struct err *failure,
                      struct err *err)
{
	struct subject_job *own = subject_job(job);

	if (require_taken(job, failure, err) < 0)
		return -1;
	own->again++;
	return put_again(own);
}

/* The registry knows the API, but does not list all of ours.  Some (olareg 0.2)
 * read and write their list as the tag's writers do, and lose what two requests
 * add at once; what is pushed again is added again, so we do that, one after
 * the other. */
static int wait_for_list(struct subject_job *own, struct err *err)
{
	(void)err_set(err, ERR_NETWORK, 0,
	              "%s does not list what refers to %s, although it took it",
	              own->job.to->reference.registry, own->digest);
	if (oci_job_pause(&own->job, err) < 0)
		return -1;
	own->again = 0;
	return put_again(own);
}

/* Whether the answer is one of the API.  Some refuse (403) what they do not
 * know, or answer with something else. */
static bool knows_api(const struct http_response *response)
{
	return response->status == 200 &&
	       strcmp(response->content_type, OCI_TYPE_INDEX) == 0;
}

static int step_page(struct oci_job *job, const struct err *failure,
                     struct err *err)
{
	AUTO_OCI_MANIFEST struct oci_manifest page = OCI_MANIFEST_NONE;
	struct subject_job *own = subject_job(job);
	const struct http_response *response = &job->slot->response;

	if (failure != NULL)
		return oci_job_fail(failure, err);
	if (response->status >= 500)
		return oci_job_refuse(job, err);
	if (!knows_api(response))
		return get_tag(own);
	if (oci_manifest_parse(buf_text(&response->body), response->body.len,
	                       &page, err) < 0)
		return -1;
	if (page.kind == OCI_INDEX)
		note_listed(own, &page);
	if (has_all(own)) {
		own->subject->is_settled = true;
		return oci_job_end(job, OCI_PUSHED);
	}
	if (oci_next_page(job->to, response, job->slot->url))
		return 1;
	return wait_for_list(own, err);
}

/* --- rounds --------------------------------------------------------------- */

static int begin_subject(struct oci_job *job, void *item, struct err *err)
{
	struct subject_job *own = subject_job(job);
	struct subject *subject = item;
	int64_t wait = subject->look_at - clock_monotonic_ms();

	if (subject->is_settled || subject->result.outcome == OCI_FAILED)
		return 0;
	own->subject = subject;
	own->text = BUF_LIMIT(OCI_MANIFEST_MAX);
	oci_digest_text(subject->item->digest, own->digest);
	memcpy(own->tag, own->digest, sizeof own->tag);
	*strchr(own->tag, ':') = '-';
	job->slot->wait_ms = wait > 0 ? wait : 0;
	if (subject->seen.len > 0)
		return get_tag(own);
	own->is_listed =
		calloc(subject->item->count + 1, sizeof *own->is_listed);
	if (own->is_listed == NULL)
		return err_nomem(err);
	return get_page(own);
}

static bool are_settled(const struct subject *subjects, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!subjects[i].is_settled &&
		    subjects[i].result.outcome != OCI_FAILED)
			return false;
	return true;
}

static int run_rounds(struct oci_push *push, struct subject *subjects,
                      size_t count, struct err *err)
{
	static const struct oci_kind kind = {
		.item_size = sizeof *subjects,
		.result_at = offsetof(struct subject, result),
		.registry_at = offsetof(struct subject, to),
		.job_size = sizeof(struct subject_job),
		.begin = begin_subject,
		.end = end_job,
	};
	int result = 0;

	for (unsigned round = 0; !are_settled(subjects, count); round++) {
		struct err why;

		if (round == OCI_SETTLE_ROUNDS)
			return err_set(err, ERR_NETWORK, 0,
			               "others go on changing the list of "
			               "referrers: try again");
		if (oci_jobs_run(push, &kind, subjects, count, &why) == 0)
			continue;
		if (result == 0)
			*err = why;
		result = -1;
		if (push->on_failure == OCI_STOP || why.code == ERR_LIMIT)
			return -1;
	}
	return result;
}

int oci_push_referrers(struct oci_push *push, struct oci_push_subject *subjects,
                       size_t count, struct err *err)
{
	AUTO_FREE struct subject *states =
		calloc(count > 0 ? count : 1, sizeof *states);
	int result;

	if (states == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++)
		states[i] = (struct subject){
			.item = &subjects[i],
			.to = subjects[i].to,
			.is_settled = subjects[i].count == 0,
			.seen = BUF_LIMIT(OCI_MANIFEST_MAX),
		};
	result = run_rounds(push, states, count, err);
	for (size_t i = 0; i < count; i++) {
		subjects[i].result = states[i].result;
		buf_done(&states[i].seen);
	}
	return result;
}
