/* SPDX-License-Identifier: Apache-2.0 */
/* One download over HTTPS, by libcurl.  Runs in fetch-worker, never in the
 * monitor: what comes is not authenticated. */
#ifndef NET_TRANSFER_H
#define NET_TRANSFER_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define TRANSFER_URL_SIZE      2048              /* bytes, with the NUL */
#define TRANSFER_CA_MAX        ((size_t)1 << 20) /* bytes of PEM */
#define TRANSFER_REDIRECTS_MAX 5
#define TRANSFER_STALL_S       30 /* without a byte */
#define TRANSFER_CONNECT_S     30

/* What to fetch; a fixed size, so that it can be handed to a worker as it is.
 */
struct transfer_request {
	char url[TRANSFER_URL_SIZE]; /* https:// */
	uint64_t size_max;           /* bytes; more is an error */
	uint32_t has_authorities;    /* for the worker: they come along */
	uint32_t unused;             /* 0 */
};

/* Where the body goes. */
struct transfer_sink {
	int fd; /* borrowed; written from offset 0 */
	/* Called for each piece, to tell a watcher that bytes flow; -1 with
	 * @err set ends the transfer. */
	int (*alive)(void *context, struct err *err);
	void *context;
};

/**
 * transfer_prepare - start libcurl; before any sandbox and thread.
 * Returns 0, or -1 with ERR_SYSTEM.
 */
int transfer_prepare(struct err *err) MUST_CHECK;

/**
 * transfer_get - write the body to a file.
 * @authorities: PEM certificates to trust instead of the system's; may be
 *               empty.
 * @size: out, bytes written; untouched on -1.
 *
 * TLS 1.2 and up, certificates and names checked, redirects only to HTTPS, no
 * transfer decoding, no proxy from the environment.  Returns 0, or -1 with
 * ERR_NETWORK (what the server or the way to it did; another scheme), ERR_LIMIT
 * above size_max, ERR_SYSTEM; the file may then hold a part of it.
 */
int transfer_get(const struct transfer_request *request,
                 const struct buf *authorities,
                 const struct transfer_sink *sink, uint64_t *size,
                 struct err *err) MUST_CHECK;

#endif
