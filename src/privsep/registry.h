/* SPDX-License-Identifier: Apache-2.0 */
/* Asking a registry for an image by its digest, through fetch-worker, which
 * alone sees credentials and answers. */
#ifndef PRIVSEP_REGISTRY_H
#define PRIVSEP_REGISTRY_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/err.h"
#include "privsep/fetch.h"
#include "privsep/sandbox.h"

#define REGISTRY_TIMEOUT_S 8 /* a plugin of Nagios has ten for all */

struct registry_ask {
	/* One source of the kind FETCH_IMAGE; which inputs there are, and the
	 * deadline, registry_ask sets. */
	struct fetch_request *request;
	int authorities;            /* borrowed; -1: the system's */
	struct bytes token;         /* empty: none */
	struct bytes docker_config; /* empty: none */
	int folder;                 /* borrowed; from worker_open_folder */
	enum sandbox_mode mode;
};

/**
 * registry_ask - ask.
 * @has_image: out, written only on 0.
 *
 * Returns 0 where the registry let us in; or -1 with ERR_NETWORK or ERR_LIMIT:
 * it gives no answer, or refuses; or as worker_start.
 */
int registry_ask(const struct registry_ask *ask, bool *has_image,
                 struct err *err) MUST_CHECK;

#endif
