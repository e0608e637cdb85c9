/* SPDX-License-Identifier: Apache-2.0 */
/* Many things to push at once, each a conversation with its repository: a
 * request, a step that looks at the answer and makes the next request, and so
 * on.  Credentials and the registry's demand for them are seen to here.  For
 * src/net/oci_push*.c. */
#ifndef NET_OCI_JOB_H
#define NET_OCI_JOB_H

#include "net/oci_own.h"
#include "net/oci_push.h"

#define OCI_CONTENT_RANGE_SIZE 64

/* One item that is being pushed; the first member of what its kind needs. */
struct oci_job {
	struct oci_push *push;
	struct oci_registry *to;
	struct http_slot *slot;
	struct oci_result *result;
	/**
	 * step - look at the answer to the slot's request.
	 * @failure: there was none, and why; else NULL.
	 * Returns 1 with the next request in the slot, and the step for its
	 * answer; 0 when the item is done; -1 when it failed.
	 */
	int (*step)(struct oci_job *job, const struct err *failure,
	            struct err *err);
	unsigned tries; /* without progress */

	/* Private. */
	struct buf authorization; /* owned: others renew it meanwhile */
	unsigned generation;
	bool has_answered; /* the registry's demand, for this request */
};

/* A kind of items. */
struct oci_kind {
	size_t item_size, result_at; /* of an item, and of the result in it */
	size_t registry_at;          /* of the pointer to its registry */
	size_t job_size;             /* its first member is a struct oci_job */
	/* Makes the first request; @item is the user's.  1, 0 when there is
	 * nothing to do, -1 when it failed. */
	int (*begin)(struct oci_job *job, void *item, struct err *err);
	/* Releases what the job holds; may be NULL. */
	void (*end)(struct oci_job *job);
};

/**
 * oci_jobs_run - push @count items, OCI_PUSH_SLOTS at a time.
 * Returns 0 when none failed, or -1 as the first one that did.
 */
int oci_jobs_run(struct oci_push *push, const struct oci_kind *kind,
                 void *items, size_t count, struct err *err) MUST_CHECK;

/** oci_job_request - a new request to "<kind>/<what>" of the repository; the
 * rest of it is zeroed. */
struct http_request *oci_job_request(struct oci_job *job,
                                     enum http_method method, const char *kind,
                                     const char *what);

/** oci_job_end - the item is done.  Returns 0. */
int oci_job_end(struct oci_job *job, enum oci_outcome outcome);

/** oci_job_fail - pass on why there was no answer.  Returns -1. */
int oci_job_fail(const struct err *failure, struct err *err);

/** oci_job_refuse - the answer is not what it has to be.  Returns -1 with
 * ERR_NETWORK. */
int oci_job_refuse(const struct oci_job *job, struct err *err);

/**
 * oci_job_pause - another try after a pause, of the length that the server
 * asked for, if it did.
 * Returns 1; -1 when it was the last, or the server asks for too long: then
 * @err stays as it is.
 */
int oci_job_pause(struct oci_job *job, struct err *err);

#endif
