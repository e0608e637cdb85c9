/* SPDX-License-Identifier: Apache-2.0 */
/* Asking a service whether it is well.  Its answer is a stranger's, so that
 * probe-worker reads it, and says no more than yes or why not. */
#ifndef PRIVSEP_PROBE_H
#define PRIVSEP_PROBE_H

#include <stdint.h>

#include "base/err.h"
#include "privsep/sandbox.h"

#define PROBE_URL_SIZE    2048    /* bytes, with the NUL */
#define PROBE_TIMEOUT_MAX 3600000 /* milliseconds */

/* What probe-worker reads from its input 0: fixed, and larger than a message.
 */
struct probe_request {
	char url[PROBE_URL_SIZE]; /* http:// or https:// */
	uint32_t timeout_ms;      /* for all of it; at least 1 */
	uint32_t kind;            /* enum probe_kind */
};

enum probe_kind {
	PROBE_GET,    /* a status of 200 to 299 */
	PROBE_CONNECT /* the port takes a connection; the path is unused */
};

struct probe {
	const char *url; /* of the monitor's own configuration */
	enum probe_kind kind;
	uint32_t timeout_ms; /* for all of it */
	int folder;          /* borrowed; from worker_open_folder */
	const char *account; /* as in struct worker_spec */
	enum sandbox_mode mode;
};

/**
 * probe_http - one GET; the service is well if it answers with a status of 200
 * to 299 in time.  No redirect is followed, no body kept, nothing asked twice.
 * With PROBE_CONNECT, given as http://HOST:PORT, nothing is asked at all.
 *
 * Returns 0, or -1 with ERR_UNHEALTHY and the reason, ERR_USAGE for an address
 * of another kind, or as worker_start.
 */
int probe_http(const struct probe *probe, struct err *err) MUST_CHECK;

#endif
