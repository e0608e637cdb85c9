/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "crypto/sha256.h"
#include "net/oci_job.h"

#define BLOB_UNKNOWN_TRIES 3 /* a blob may be seen a moment after its PUT */

/* --- manifests ------------------------------------------------------------ */

struct manifest_job {
	struct oci_job job; /* first */
	struct oci_push_manifest *manifest;
	char digest[OCI_DIGEST_SIZE];
};

static int step_found(struct oci_job *job, const struct err *failure,
                      struct err *err);
static int step_put(struct oci_job *job, const struct err *failure,
                    struct err *err);
static int step_read_back(struct oci_job *job, const struct err *failure,
                          struct err *err);

static struct manifest_job *manifest_job(struct oci_job *job)
{
	return (struct manifest_job *)job;
}

static const char *name_of(const struct manifest_job *own)
{
	return own->manifest->tag != NULL ? own->manifest->tag : own->digest;
}

static int get_manifest(struct manifest_job *own)
{
	struct http_request *request =
		oci_job_request(&own->job, HTTP_GET, "manifests", name_of(own));

	request->accept = OCI_ACCEPT_MANIFESTS;
	return 1;
}

static int begin_manifest(struct oci_job *job, void *item, struct err *err)
{
	struct manifest_job *own = manifest_job(job);

	(void)err; /* nothing can fail yet */
	own->manifest = item;
	oci_digest_text(own->manifest->digest, own->digest);
	job->step = step_found;
	return get_manifest(own);
}

/* The digest of the bytes that came. */
static int hash_answer(const struct oci_job *job, uint8_t out[OCI_DIGEST_LEN],
                       struct err *err)
{
	const struct buf *body = &job->slot->response.body;

	return sha256_of(body->data, body->len, out, err);
}

static int refuse_other(const struct manifest_job *own,
                        const uint8_t got[OCI_DIGEST_LEN], struct err *err)
{
	const struct oci_push_manifest *manifest = own->manifest;
	char there[OCI_DIGEST_SIZE];

	oci_digest_text(got, there);
	if (manifest->tag == NULL)
		return err_set(err, ERR_FORMAT, 0,
		               "the registry sends other bytes, of %s, for %s",
		               there, own->digest);
	return err_set(err, ERR_CONFLICT, 0,
	               "the tag '%s' names %s, not %s; tags are moved only "
	               "with --move-tag",
	               manifest->tag, there, own->digest);
}

static int check_type(const struct manifest_job *own, struct err *err)
{
	const char *type = own->job.slot->response.content_type;

	if (strcasecmp(type, own->manifest->media_type) == 0)
		return 0;
	return err_set(err, ERR_FORMAT, 0,
	               "the registry calls %s '%.80s'; it is '%.80s'",
	               own->digest, type, own->manifest->media_type);
}

static int put_manifest(struct manifest_job *own)
{
	const struct oci_push_manifest *manifest = own->manifest;
	struct http_request *request =
		oci_job_request(&own->job, HTTP_PUT, "manifests", name_of(own));

	request->upload.content_type = manifest->media_type;
	request->upload.data = manifest->text.data;
	request->upload.len = manifest->text.len;
	/* Most registries do not look at it; who does closes the moment in
	 * which another publisher may set the tag. */
	if (manifest->tag != NULL && manifest->rule == OCI_TAG_KEEP)
		request->headers[0] = "If-None-Match: *";
	own->job.step = step_put;
	return 1;
}

/* What is there under that name? */
static int step_found(struct oci_job *job, const struct err *failure,
                      struct err *err)
{
	struct manifest_job *own = manifest_job(job);
	const struct oci_push_manifest *manifest = own->manifest;
	uint8_t got[OCI_DIGEST_LEN];

	if (failure != NULL)
		return oci_job_fail(failure, err);
	if (job->slot->response.status == 404)
		return put_manifest(own);
	if (oci_require(job->to, &job->slot->request, &job->slot->response,
	                err) < 0 ||
	    hash_answer(job, got, err) < 0)
		return -1;
	if (sha256_equal(got, manifest->digest)) {
		if (check_type(own, err) < 0)
			return -1;
		return oci_job_end(job, OCI_WAS_THERE);
	}
	if (manifest->tag == NULL || manifest->rule == OCI_TAG_KEEP)
		return refuse_other(own, got, err);
	return put_manifest(own);
}

/* It lacks a blob that it has just taken: storage may be a moment late. */
static int wait_for_blobs(struct manifest_job *own, struct err *err)
{
	struct oci_job *job = &own->job;

	(void)oci_job_refuse(job, err);
	if (strstr(buf_text(&job->slot->response.body),
	           "MANIFEST_BLOB_UNKNOWN") == NULL ||
	    job->tries + 1 >= BLOB_UNKNOWN_TRIES || oci_job_pause(job, err) < 0)
		return -1;
	return put_manifest(own);
}

static int step_put(struct oci_job *job, const struct err *failure,
                    struct err *err)
{
	struct manifest_job *own = manifest_job(job);
	const struct http_response *response = &job->slot->response;

	if (failure != NULL)
		return oci_job_fail(failure, err);
	if (response->status == 400)
		return wait_for_blobs(own, err);
	/* 412: the tag is there now.  Perhaps it was we, and the answer to the
	 * first try was lost. */
	if (response->status != 412 &&
	    (response->status < 200 || response->status > 299))
		return oci_job_refuse(job, err);
	if (response->status != 412 && response->docker_digest[0] != '\0' &&
	    strcmp(response->docker_digest, own->digest) != 0)
		return err_set(err, ERR_FORMAT, 0,
		               "%s calls the manifest %s; it is %s",
		               job->to->reference.registry,
		               response->docker_digest, own->digest);
	job->tries = 0;
	job->step = step_read_back;
	return get_manifest(own);
}

static int step_read_back(struct oci_job *job, const struct err *failure,
                          struct err *err)
{
	struct manifest_job *own = manifest_job(job);
	uint8_t got[OCI_DIGEST_LEN];

	if (failure != NULL)
		return oci_job_fail(failure, err);
	if (job->slot->response.status == 404) {
		(void)oci_job_refuse(job, err);
		if (oci_job_pause(job, err) < 0)
			return err_wrap(err, "reading back '%s'", name_of(own));
		return get_manifest(own);
	}
	if (oci_require(job->to, &job->slot->request, &job->slot->response,
	                err) < 0 ||
	    hash_answer(job, got, err) < 0)
		return -1;
	if (!sha256_equal(got, own->manifest->digest)) {
		(void)refuse_other(own, got, err);
		return err_wrap(err, "reading back '%s'", name_of(own));
	}
	if (check_type(own, err) < 0)
		return -1;
	return oci_job_end(job, OCI_PUSHED);
}

int oci_push_manifests(struct oci_push *push,
                       struct oci_push_manifest *manifests, size_t count,
                       struct err *err)
{
	static const struct oci_kind kind = {
		.item_size = sizeof *manifests,
		.result_at = offsetof(struct oci_push_manifest, result),
		.registry_at = offsetof(struct oci_push_manifest, to),
		.job_size = sizeof(struct manifest_job),
		.begin = begin_manifest,
	};

	return oci_jobs_run(push, &kind, manifests, count, err);
}

/* --- tags ----------------------------------------------------------------- */

struct tag_job {
	struct oci_job job; /* first */
	struct oci_push_tag *tag;
};

static int step_tag(struct oci_job *job, const struct err *failure,
                    struct err *err)
{
	struct oci_push_tag *tag = ((struct tag_job *)job)->tag;

	if (failure != NULL)
		return oci_job_fail(failure, err);
	if (job->slot->response.status == 404)
		return oci_job_end(job, OCI_WAS_THERE);
	if (oci_require(job->to, &job->slot->request, &job->slot->response,
	                err) < 0 ||
	    hash_answer(job, tag->digest, err) < 0)
		return -1;
	tag->is_there = true;
	return oci_job_end(job, OCI_WAS_THERE);
}

static int begin_tag(struct oci_job *job, void *item, struct err *err)
{
	struct oci_push_tag *tag = item;
	struct http_request *request =
		oci_job_request(job, HTTP_GET, "manifests", tag->tag);

	(void)err; /* nothing can fail yet */
	((struct tag_job *)job)->tag = tag;
	tag->is_there = false;
	request->accept = OCI_ACCEPT_MANIFESTS;
	job->step = step_tag;
	return 1;
}

int oci_read_tags(struct oci_push *push, struct oci_push_tag *tags,
                  size_t count, struct err *err)
{
	static const struct oci_kind kind = {
		.item_size = sizeof *tags,
		.result_at = offsetof(struct oci_push_tag, result),
		.registry_at = offsetof(struct oci_push_tag, to),
		.job_size = sizeof(struct tag_job),
		.begin = begin_tag,
	};

	return oci_jobs_run(push, &kind, tags, count, err);
}
