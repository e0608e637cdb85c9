/* SPDX-License-Identifier: Apache-2.0 */
#include "net/oci_push.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "net/oci_job.h"

/* --- a registry ----------------------------------------------------------- */

int oci_push_open(struct oci_push *push, const struct http_config *config,
                  struct err *err)
{
	*push = OCI_PUSH_NONE;
	if (http_open(config, &push->client, err) < 0)
		return -1;
	if (http_open(config, &push->tokens, err) < 0) {
		http_close(&push->client);
		return -1;
	}
	return 0;
}

void oci_push_done(struct oci_push *push)
{
	http_close(&push->client);
	http_close(&push->tokens);
}

int oci_push_repository(struct oci_push *push,
                        const struct source_wanted *wanted,
                        const struct oci_reference *reference,
                        struct oci_registry *out, struct err *err)
{
	int got = oci_open(out, push->client, wanted, reference, err);

	out->auth.client = push->tokens;
	out->auth.purpose = OCI_PUSH;
	return got;
}

/* --- one blob ------------------------------------------------------------- */

struct blob_job {
	struct oci_job job; /* first */
	struct oci_push_blob *blob;
	char digest[OCI_DIGEST_SIZE];
	int fd;     /* of blob->path, while it is open; else -1 */
	bool is_up; /* an upload was begun, and may be gone on with */
	/* The upload, as the registry calls it, and whether that is another
	 * host. */
	char location[HTTP_URL_SIZE];
	bool is_elsewhere;
	unsigned reach;
	uint64_t offset; /* bytes that the registry has of it */
	uint64_t best;   /* the most that it ever had */
	uint64_t len;    /* bytes of the request that is under way */
	uint64_t chunk;  /* most bytes of a request; 0: all */
	uint64_t told;   /* bytes that push.under_way has of it */
	bool may_mount;
	char range[OCI_CONTENT_RANGE_SIZE]; /* Content-Range */
};

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

static struct blob_job *blob_job(struct oci_job *job)
{
	return (struct blob_job *)job;
}

/* @bytes: of this blob, that are on their way. */
static void tell(struct blob_job *own, uint64_t bytes)
{
	struct oci_push *push = own->job.push;

	push->under_way += bytes;
	push->under_way -= own->told;
	own->told = bytes;
	if (push->progress != NULL)
		push->progress(push->context, push->sent + push->under_way);
}

static int end_blob(struct oci_job *job, enum oci_outcome outcome)
{
	job->push->sent += blob_job(job)->blob->size;
	tell(blob_job(job), 0);
	return oci_job_end(job, outcome);
}

static void note_sent(void *context, uint64_t bytes)
{
	struct blob_job *own = context;

	tell(own, own->offset + bytes);
}

/* Bytes that the registry never had before make the next try a first one.  To
 * have lost them and got them again does not: that could go on for ever. */
static void note_offset(struct blob_job *own, uint64_t offset)
{
	if (offset >= own->best + HTTP_PROGRESS_MIN ||
	    (offset > own->best && offset == own->blob->size))
		own->job.tries = 0;
	if (offset > own->best)
		own->best = offset;
	own->offset = offset;
}

/* --- what the registry says ----------------------------------------------- */

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

/* Range: 0-n, of an upload; how many bytes that are.  "0-0" stands for one byte
 * or for none (distribution, olareg): then we do not know. */
static bool read_range(const char *text, uint64_t *out)
{
	struct err ignored;
	uint64_t last;

	if (strncmp(text, "bytes=", 6) == 0)
		text += 6;
	if (strncmp(text, "0-", 2) != 0 ||
	    text_u64(text + 2, strlen(text + 2), OCI_BLOB_MAX, &last,
	             &ignored) < 0 ||
	    last == 0)
		return false;
	*out = last + 1;
	return true;
}

/* Where to send it.  An address that is not the registry's gets no
 * credentials. */
static int take_location(struct oci_job *job, struct err *err)
{
	struct blob_job *own = blob_job(job);
	const struct http_response *response = &job->slot->response;
	const struct http_config *config = http_config_of(job->push->client);
	struct http_place registry;
	struct http_place place;

	if (http_follow(config, response->url, response->location,
	                own->location, err) < 0)
		return err_wrap(err, "the address for an upload");
	if (http_place_of(config, job->to->base, &registry, err) < 0 ||
	    http_place_of(config, own->location, &place, err) < 0)
		return -1;
	own->is_elsewhere = strcmp(registry.host, place.host) != 0 ||
	                    strcmp(registry.port, place.port) != 0 ||
	                    strcmp(registry.scheme, place.scheme) != 0;
	if (!job->slot->request.is_led)
		own->reach = response->reach;
	return 0;
}

static struct http_request *to_location(struct blob_job *own,
                                        enum http_method method)
{
	struct http_request *request =
		oci_job_request(&own->job, method, "blobs", "uploads/");

	request->url = own->location;
	request->is_led = own->is_elsewhere;
	request->led_from = own->is_elsewhere ? own->reach : 0;
	return request;
}

/* --- the bytes ------------------------------------------------------------ */

static int check_file(int fd, const struct oci_push_blob *blob, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_set(err, ERR_SYSTEM, errno, "looking at a file");
	if (S_ISREG(st.st_mode) &&
	    (uint64_t)st.st_size >= blob->offset + blob->size)
		return 0;
	return err_set(err, ERR_CONFLICT, 0,
	               "%s has %" PRIu64 " bytes; it had %" PRIu64
	               " when it was hashed",
	               blob->path != NULL ? blob->path : "a file",
	               (uint64_t)st.st_size, blob->offset + blob->size);
}

static int open_bytes(struct blob_job *own, struct err *err)
{
	const struct oci_push_blob *blob = own->blob;

	if (blob->data != NULL || blob->size == 0)
		return 0;
	/* A path of the user's, who may use links; check_file() does not wait
	 * for what is no regular file. */
	if (blob->path != NULL && own->fd < 0)
		own->fd = open(blob->path,
		               O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (blob->path != NULL && own->fd < 0)
		return err_set(err, ERR_SYSTEM, errno, "opening %s",
		               blob->path);
	return check_file(own->fd >= 0 ? own->fd : blob->fd, blob, err);
}

/* @len bytes from own->offset on. */
static void add_bytes(struct blob_job *own, struct http_request *request,
                      uint64_t len)
{
	const struct oci_push_blob *blob = own->blob;
	struct http_upload *upload = &request->upload;

	own->len = len;
	upload->len = len;
	upload->sent = note_sent;
	upload->context = own;
	if (blob->size == 0)
		upload->data = "";
	else if (blob->data != NULL)
		upload->data = (const char *)blob->data + own->offset;
	upload->fd = own->fd >= 0 ? own->fd : blob->fd;
	upload->offset = blob->offset + own->offset;
	request->repetition = HTTP_ONCE;
}

/* --- steps ---------------------------------------------------------------- */

static int probe_blob(struct blob_job *own)
{
	(void)oci_job_request(&own->job, HTTP_HEAD, "blobs", own->digest);
	return 1;
}

static int begin_blob(struct oci_job *job, void *item, struct err *err)
{
	struct blob_job *own = blob_job(job);

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
	struct blob_job *own = blob_job(job);

	job->push->under_way -= own->told;
	if (own->fd >= 0)
		(void)close(own->fd);
}

/* A new upload, from the first byte. */
static int open_upload(struct blob_job *own, struct err *err)
{
	const struct oci_push_blob *blob = own->blob;
	struct http_slot *slot = own->job.slot;

	own->is_up = false;
	own->offset = 0;
	if (open_bytes(own, err) < 0)
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

/* The address with the digest, by which an upload is closed; as it was given
 * but for that, since it may be signed. */
static int add_digest(struct blob_job *own, struct err *err)
{
	char *url = own->job.slot->url;
	int len = snprintf(url, HTTP_URL_SIZE, "%s%cdigest=sha256%%3A%s",
	                   own->location,
	                   strchr(own->location, '?') != NULL ? '&' : '?',
	                   own->digest + strlen("sha256:"));

	if (len >= 0 && len < HTTP_URL_SIZE)
		return 0;
	return err_set(err, ERR_LIMIT, 0,
	               "the address for an upload is too long");
}

/* A PUT with the rest, which closes the upload. */
static int put_rest(struct blob_job *own, struct err *err)
{
	struct http_request *request = to_location(own, HTTP_PUT);

	if (add_digest(own, err) < 0)
		return -1;
	request->url = own->job.slot->url;
	add_bytes(own, request, own->blob->size - own->offset);
	own->is_up = true;
	own->job.step = step_closed;
	return 1;
}

/* A PATCH with the next piece. */
static int patch_next(struct blob_job *own, uint64_t len)
{
	struct http_request *request = to_location(own, HTTP_PATCH);

	(void)snprintf(own->range, sizeof own->range,
	               "Content-Range: %" PRIu64 "-%" PRIu64, own->offset,
	               own->offset + len - 1);
	request->headers[0] = own->range;
	add_bytes(own, request, len);
	own->is_up = true;
	own->job.step = step_sent;
	return 1;
}

/* From own->offset on: as a whole in one PUT; a rest in a PATCH before it, for
 * not every registry takes a part with the PUT. */
static int send_rest(struct blob_job *own, struct err *err)
{
	uint64_t rest = own->blob->size - own->offset;
	uint64_t chunk = own->chunk;

	if (rest == 0 || (own->offset == 0 && (chunk == 0 || rest <= chunk)))
		return put_rest(own, err);
	return patch_next(own, chunk > 0 && chunk < rest ? chunk : rest);
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
	struct blob_job *own = blob_job(job);
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
	if (take_location(job, err) < 0)
		return -1;
	return send_rest(own, err);
}

/* The connection broke, or the server has trouble: what does it have? */
static int recover(struct oci_job *job, struct err *err)
{
	struct blob_job *own = blob_job(job);

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
	struct blob_job *own = blob_job(job);
	const struct http_response *response = &job->slot->response;
	uint64_t there;

	if (is_trouble(job, failure, err))
		return recover(job, err);
	if (failure != NULL)
		return -1;
	if (response->status < 200 || response->status > 299)
		return oci_job_refuse(job, err);
	if (response->location[0] != '\0' && take_location(job, err) < 0)
		return -1;
	/* ECR says the same range for ever: what makes no sense counts for
	 * nothing. */
	if (!read_range(response->range, &there) || there <= own->offset ||
	    there > own->offset + own->len)
		there = own->offset + own->len;
	note_offset(own, there);
	return send_rest(own, err);
}

/* 400 DIGEST_INVALID of an upload that was gone on with: the registry did not
 * have what it said. */
static bool was_patched(const struct blob_job *own)
{
	return own->offset > 0 && own->job.slot->response.status == 400;
}

/* 413: what stands before the registry takes no body that large. */
static bool is_too_large(const struct blob_job *own)
{
	return own->job.slot->response.status == 413 && own->chunk == 0 &&
	       own->blob->size > OCI_CHUNK_SIZE;
}

static int step_closed(struct oci_job *job, const struct err *failure,
                       struct err *err)
{
	struct blob_job *own = blob_job(job);
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
	struct blob_job *own = blob_job(job);
	unsigned status = job->slot->response.status;

	if (failure != NULL)
		return oci_job_fail(failure, err);
	if (status == 200)
		return end_blob(job, OCI_PUSHED);
	if (status != 404)
		return oci_job_refuse(job, err);
	if (!own->is_up)
		return open_upload(own, err);
	(void)to_location(own, HTTP_GET);
	job->step = step_asked;
	return 1;
}

/* How far did it come?  Most registries do not know, or have dropped it. */
static int step_asked(struct oci_job *job, const struct err *failure,
                      struct err *err)
{
	struct blob_job *own = blob_job(job);
	const struct http_response *response = &job->slot->response;
	uint64_t there;

	if (failure != NULL || response->status < 200 ||
	    response->status > 299 || !read_range(response->range, &there) ||
	    there < own->offset || there > own->blob->size)
		return open_upload(own, err);
	if (response->location[0] != '\0' && take_location(job, err) < 0)
		return -1;
	note_offset(own, there);
	return send_rest(own, err);
}

int oci_push_blobs(struct oci_push *push, struct oci_push_blob *blobs,
                   size_t count, struct err *err)
{
	static const struct oci_kind kind = {
		.item_size = sizeof *blobs,
		.result_at = offsetof(struct oci_push_blob, result),
		.registry_at = offsetof(struct oci_push_blob, to),
		.job_size = sizeof(struct blob_job),
		.begin = begin_blob,
		.end = end_job,
	};

	return oci_jobs_run(push, &kind, blobs, count, err);
}
