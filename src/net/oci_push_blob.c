/* SPDX-License-Identifier: Apache-2.0 */
/* The part of oci_push.h that has blobs: for each a conversation.
 *
 *     HEAD blob       there: done; else
 *     POST uploads    mounted: done; else the address of an upload
 *     PATCH, PUT      the bytes, in one piece or several; closed: done
 *
 * Where that breaks: HEAD blob once more, GET of the upload's address for how
 * far it came, and on from there, or from POST. */
#include <stdio.h>
#include <string.h>

#include "net/oci_push_blob.h"

static int step_probed(struct oci_job *job, const struct err *failure,
                       struct err *err);
static int step_opened(struct oci_job *job, const struct err *failure,
                       struct err *err);
static int step_sent(struct oci_job *job, const struct err *failure,
                     struct err *err);
static int step_closed(struct oci_job *job, const struct err *failure,
                       struct err *err);
static int step_looked(struct oci_job *job, const struct err *failure,
                       struct err *err);
static int step_asked(struct oci_job *job, const struct err *failure,
                      struct err *err);

static struct oci_blob_job *blob_job(struct oci_job *job)
{
	return (struct oci_blob_job *)job;
}

static int end_blob(struct oci_job *job, enum oci_outcome outcome)
{
	struct oci_blob_job *own = blob_job(job);

	job->push->sent += own->blob->size;
	oci_blob_tell(own, 0);
	return oci_job_end(job, outcome);
}

/* --- requests --- */

static int probe_blob(struct oci_blob_job *own)
{
	(void)oci_job_request(&own->job, HTTP_HEAD, "blobs", own->digest);
	return 1;
}

static int begin_blob(struct oci_job *job, void *item, struct err *err)
{
	struct oci_blob_job *own = blob_job(job);

	(void)err; /* nothing can fail yet */
	own->blob = item;
	own->fd = -1;
	own->chunk = job->push->chunk_size;
	own->may_mount = own->blob->mount_from != NULL;
	oci_digest_text(own->blob->digest, own->digest);
	job->step = step_probed;
	return probe_blob(own);
}

static void end_job(struct oci_job *job)
{
	struct oci_blob_job *own = blob_job(job);

	job->push->under_way -= own->told;
	cleanup_close(&own->fd);
}

/* A new upload, from the first byte. */
static int open_upload(struct oci_blob_job *own, struct err *err)
{
	const struct oci_push_blob *blob = own->blob;
	struct http_slot *slot = own->job.slot;

	own->is_up = false;
	own->offset = 0;
	if (oci_blob_open(own, err) < 0)
		return -1;
	(void)oci_job_request(&own->job, HTTP_POST, "blobs", "uploads/");
	if (own->may_mount) {
		size_t used = strlen(slot->url);

		(void)snprintf(slot->url + used, sizeof slot->url - used,
		               "?mount=%s&from=%s", own->digest,
		               blob->mount_from);
	}
	own->job.step = step_opened;
	return 1;
}

/* From own->offset on: as a whole in one PUT; a rest in a PATCH before it, for
 * not every registry takes a part with the PUT. */
static int send_rest(struct oci_blob_job *own, struct err *err)
{
	uint64_t rest = own->blob->size - own->offset;
	uint64_t chunk = own->chunk;

	own->is_up = true;
	if (rest == 0 || (own->offset == 0 && (chunk == 0 || rest <= chunk))) {
		own->job.step = step_closed;
		return oci_blob_put_rest(own, err) < 0 ? -1 : 1;
	}
	own->job.step = step_sent;
	oci_blob_patch(own, chunk > 0 && chunk < rest ? chunk : rest);
	return 1;
}

/* --- steps --- */

/* Its digest of what it has now, if it says one. */
static int check_said(const struct oci_job *job, const char *digest,
                      struct err *err)
{
	const char *said = job->slot->response.docker_digest;

	if (said[0] == '\0' || strcmp(said, digest) == 0)
		return 0;
	return err_set(err, ERR_FORMAT, 0,
	               "%s calls it %s; it is %s: something on the way changes "
	               "what is sent",
	               job->to->reference.registry, said, digest);
}

static int step_probed(struct oci_job *job, const struct err *failure,
                       struct err *err)
{
	unsigned status = job->slot->response.status;

	if (failure != NULL)
		return oci_job_fail(failure, err);
	if (status == 200)
		return end_blob(job, OCI_WAS_THERE);
	if (status != 404)
		return oci_job_refuse(job, err);
	return open_upload(blob_job(job), err);
}

static int step_opened(struct oci_job *job, const struct err *failure,
                       struct err *err)
{
	struct oci_blob_job *own = blob_job(job);
	unsigned status = job->slot->response.status;

	if (failure != NULL)
		return oci_job_fail(failure, err);
	if (status == 201 && own->may_mount) {
		if (check_said(job, own->digest, err) < 0)
			return -1;
		return end_blob(job, OCI_PUSHED);
	}
	if (status != 202 && own->may_mount) {
		own->may_mount = false;
		return open_upload(own, err);
	}
	if (status != 202)
		return oci_job_refuse(job, err);
	if (oci_blob_take_location(own, err) < 0)
		return -1;
	return send_rest(own, err);
}

/* The connection broke, or the server has trouble: what does it have? */
static int recover(struct oci_job *job, struct err *err)
{
	struct oci_blob_job *own = blob_job(job);

	if (oci_job_pause(job, err) < 0)
		return err_wrap(err, "sending %s, in %d tries", own->digest,
		                HTTP_TRIES);
	job->step = step_looked;
	return probe_blob(own);
}

/* Whether what was sent may be sent again; @err is why it must. */
static bool is_trouble(const struct oci_job *job, const struct err *failure,
                       struct err *err)
{
	const struct http_response *response = &job->slot->response;

	if (failure != NULL) {
		*err = *failure;
		return failure->code == ERR_NETWORK;
	}
	/* 404 and 416: the upload is gone, or is not where we thought. */
	if (!http_is_passing(response) && response->status != 404 &&
	    response->status != 416)
		return false;
	return oci_job_refuse(job, err) < 0;
}

/* A piece that was taken. */
static int step_sent(struct oci_job *job, const struct err *failure,
                     struct err *err)
{
	struct oci_blob_job *own = blob_job(job);
	const struct http_response *response = &job->slot->response;
	uint64_t there;

	if (is_trouble(job, failure, err))
		return recover(job, err);
	if (failure != NULL)
		return -1;
	if (response->status < 200 || response->status > 299)
		return oci_job_refuse(job, err);
	if (response->location[0] != '\0' &&
	    oci_blob_take_location(own, err) < 0)
		return -1;
	/* ECR says the same range for ever: what makes no sense counts for
	 * nothing. */
	if (!oci_blob_range(response->range, &there) || there <= own->offset ||
	    there > own->offset + own->len)
		there = own->offset + own->len;
	oci_blob_note_offset(own, there);
	return send_rest(own, err);
}

/* 400 DIGEST_INVALID of an upload that was gone on with: the registry did not
 * have what it said. */
static bool was_patched(const struct oci_blob_job *own)
{
	return own->offset > 0 && own->job.slot->response.status == 400;
}

/* 413: what stands before the registry takes no body that large. */
static bool is_too_large(const struct oci_blob_job *own)
{
	return own->job.slot->response.status == 413 && own->chunk == 0 &&
	       own->blob->size > OCI_CHUNK_SIZE;
}

static int step_closed(struct oci_job *job, const struct err *failure,
                       struct err *err)
{
	struct oci_blob_job *own = blob_job(job);
	unsigned status = job->slot->response.status;

	if (is_trouble(job, failure, err))
		return recover(job, err);
	if (failure != NULL)
		return -1;
	if (is_too_large(own)) {
		own->chunk = OCI_CHUNK_SIZE;
		return open_upload(own, err);
	}
	if (was_patched(own)) {
		(void)oci_job_refuse(job, err);
		own->is_up = false;
		return recover(job, err);
	}
	if (status < 200 || status > 299)
		return oci_job_refuse(job, err);
	if (check_said(job, own->digest, err) < 0)
		return -1;
	return end_blob(job, OCI_PUSHED);
}

/* Is it there after all?  The answer may have been lost alone. */
static int step_looked(struct oci_job *job, const struct err *failure,
                       struct err *err)
{
	struct oci_blob_job *own = blob_job(job);
	unsigned status = job->slot->response.status;

	if (failure != NULL)
		return oci_job_fail(failure, err);
	if (status == 200)
		return end_blob(job, OCI_PUSHED);
	if (status != 404)
		return oci_job_refuse(job, err);
	if (!own->is_up)
		return open_upload(own, err);
	oci_blob_ask(own);
	job->step = step_asked;
	return 1;
}

/* How far did it come?  Most registries do not know, or have dropped it. */
static int step_asked(struct oci_job *job, const struct err *failure,
                      struct err *err)
{
	struct oci_blob_job *own = blob_job(job);
	const struct http_response *response = &job->slot->response;
	uint64_t there;

	if (failure != NULL || response->status < 200 ||
	    response->status > 299 ||
	    !oci_blob_range(response->range, &there) || there < own->offset ||
	    there > own->blob->size)
		return open_upload(own, err);
	if (response->location[0] != '\0' &&
	    oci_blob_take_location(own, err) < 0)
		return -1;
	oci_blob_note_offset(own, there);
	return send_rest(own, err);
}

int oci_push_blobs(struct oci_push *push, struct oci_push_blob *blobs,
                   size_t count, struct err *err)
{
	static const struct oci_kind kind = {
		.item_size = sizeof *blobs,
		.result_at = offsetof(struct oci_push_blob, result),
		.registry_at = offsetof(struct oci_push_blob, to),
		.job_size = sizeof(struct oci_blob_job),
		.begin = begin_blob,
		.end = end_job,
	};

	return oci_jobs_run(push, &kind, blobs, count, err);
}
