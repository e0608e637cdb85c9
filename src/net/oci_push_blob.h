/* SPDX-License-Identifier: Apache-2.0 */
/* One blob on its way into a registry.  Source: the OCI distribution
 * specification 1.1, "Pushing blobs".
 *
 *     oci_push_blob.c     the conversation: what each answer leads to
 *     oci_push_upload.c   an upload: its bytes, its address, how far it is */
#ifndef NET_OCI_PUSH_BLOB_H
#define NET_OCI_PUSH_BLOB_H

#include <stdbool.h>
#include <stdint.h>

#include "net/oci_job.h"

struct oci_blob_job {
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

/** oci_blob_open - see that the blob's bytes can be had, and are as many as
 * they were.  0, or -1 with ERR_CONFLICT or ERR_SYSTEM. */
int oci_blob_open(struct oci_blob_job *own, struct err *err) MUST_CHECK;

/** oci_blob_take_location - send what follows to the address that the answer
 * names; one that is not the registry's gets no credentials.  0, or -1 as
 * http_follow. */
int oci_blob_take_location(struct oci_blob_job *own,
                           struct err *err) MUST_CHECK;

/** oci_blob_put_rest - make the request with all bytes from own->offset on,
 * which closes the upload.  0, or -1 with ERR_LIMIT. */
int oci_blob_put_rest(struct oci_blob_job *own, struct err *err) MUST_CHECK;

/** oci_blob_patch - make the request with the next @len bytes. */
void oci_blob_patch(struct oci_blob_job *own, uint64_t len);

/** oci_blob_ask - make the request for how much the registry has of it. */
void oci_blob_ask(struct oci_blob_job *own);

/**
 * oci_blob_range - how many bytes the answer's "Range: 0-n" says that the
 * registry has.
 * @out: written only where it says so.  "0-0" stands for one byte or for none
 *       (distribution, olareg): then we do not know.
 */
bool oci_blob_range(const char *text, uint64_t *out);

/** oci_blob_note_offset - the registry has @offset bytes.  Bytes that it never
 * had before make the next try a first one.  To have lost them and got them
 * again does not: that could go on for ever. */
void oci_blob_note_offset(struct oci_blob_job *own, uint64_t offset);

/** oci_blob_tell - @bytes of this blob are on their way: pass it on. */
void oci_blob_tell(struct oci_blob_job *own, uint64_t bytes);

#endif
