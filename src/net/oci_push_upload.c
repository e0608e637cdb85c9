/* SPDX-License-Identifier: Apache-2.0 */
/* The part of oci_push_blob.h that has the upload. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "net/oci_push_blob.h"

/* --- how far it is --- */

void oci_blob_tell(struct oci_blob_job *own, uint64_t bytes)
{
	struct oci_push *push = own->job.push;

	push->under_way += bytes;
	push->under_way -= own->told;
	own->told = bytes;
	if (push->progress != NULL)
		push->progress(push->context, push->sent + push->under_way);
}

static void note_sent(void *context, uint64_t bytes)
{
	struct oci_blob_job *own = context;

	oci_blob_tell(own, own->offset + bytes);
}

void oci_blob_note_offset(struct oci_blob_job *own, uint64_t offset)
{
	if (offset >= own->best + HTTP_PROGRESS_MIN ||
	    (offset > own->best && offset == own->blob->size))
		own->job.tries = 0;
	if (offset > own->best)
		own->best = offset;
	own->offset = offset;
}

bool oci_blob_range(const char *text, uint64_t *out)
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

/* --- its bytes --- */

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

int oci_blob_open(struct oci_blob_job *own, struct err *err)
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
static void add_bytes(struct oci_blob_job *own, struct http_request *request,
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

/* --- where it goes --- */

int oci_blob_take_location(struct oci_blob_job *own, struct err *err)
{
	const struct oci_job *job = &own->job;
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

static struct http_request *to_location(struct oci_blob_job *own,
                                        enum http_method method)
{
	struct http_request *request =
		oci_job_request(&own->job, method, "blobs", "uploads/");

	request->url = own->location;
	request->is_led = own->is_elsewhere;
	request->led_from = own->is_elsewhere ? own->reach : 0;
	return request;
}

/* The address with the digest, by which an upload is closed; as it was given
 * but for that, since it may be signed. */
static int add_digest(struct oci_blob_job *own, struct err *err)
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

/* --- requests --- */

int oci_blob_put_rest(struct oci_blob_job *own, struct err *err)
{
	struct http_request *request = to_location(own, HTTP_PUT);

	if (add_digest(own, err) < 0)
		return -1;
	request->url = own->job.slot->url;
	add_bytes(own, request, own->blob->size - own->offset);
	return 0;
}

void oci_blob_patch(struct oci_blob_job *own, uint64_t len)
{
	struct http_request *request = to_location(own, HTTP_PATCH);

	(void)snprintf(own->range, sizeof own->range,
	               "Content-Range: %" PRIu64 "-%" PRIu64, own->offset,
	               own->offset + len - 1);
	request->headers[0] = own->range;
	add_bytes(own, request, len);
}

void oci_blob_ask(struct oci_blob_job *own)
{
	(void)to_location(own, HTTP_GET);
}
