/* SPDX-License-Identifier: Apache-2.0 */
/* Asking a registry for an image by its digest, or for its signatures, through
 * fetch-worker, which alone sees credentials and answers. */
#ifndef PRIVSEP_REGISTRY_H
#define PRIVSEP_REGISTRY_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "privsep/fetch.h"
#include "privsep/sandbox.h"

#define REGISTRY_TIMEOUT_S 8 /* a plugin of Nagios has ten for all */

struct registry_ask {
	/* One source, an image; its kind, which inputs there are, and the
	 * deadline are set by what is called. */
	struct fetch_request *request;
	int authorities;            /* borrowed; -1: the system's */
	struct bytes token;         /* empty: none */
	struct bytes docker_config; /* empty: none */
	int folder;                 /* borrowed; from worker_open_folder */
	enum sandbox_mode mode;
	uint32_t wait_s;     /* for all of the answer; at least 1 */
	const char *program; /* NULL: fetch-worker; tests name others */
};

/* What a registry says of an image. */
struct registry_word {
	bool has_image;
	bool has_answered; /* before it failed, with no or with yes */
	struct err cut;    /* why it told no more, as that it lets nobody in; or
	                    * ERR_NONE */
};

/**
 * registry_ask - ask.
 * @out: written only on 0.
 *
 * Returns 0 where the registry answers: cut says whether it let us in; or -1
 * with ERR_NETWORK or ERR_LIMIT: it gives no answer; or as worker_start.
 */
int registry_ask(const struct registry_ask *ask, struct registry_word *out,
                 struct err *err) MUST_CHECK;

/* A signature as the registry has it: nothing of it is judged yet. */
struct registry_signature {
	struct buf payload; /* owned; what it signs, empty where it says so */
	struct buf bundle;  /* owned; a Sigstore bundle */
};

/* All zero is none. */
struct registry_signatures {
	struct registry_signature list[FETCH_SIGNATURES_MAX];
	size_t count;
	struct registry_word word; /* cut: why no more of them came */
	unsigned left_out;         /* too many, too large, or no signature */
	/* Why the first one was: a worker's text, to be shown and no more. */
	char reason[FETCH_TEXT_MAX + 1];
};

#define AUTO_REGISTRY_SIGNATURES AUTO(registry_signatures_done)

/**
 * registry_signatures - ask for the signatures of an image.
 * @out: written only on 0; release it with registry_signatures_done.
 *
 * A registry that answered and then fails, or refuses, is told by cut: what it
 * gave until then is whole, and what else it has is not known.
 *
 * Returns 0, also without the image or any signature, or -1 as registry_ask
 * where it gave no answer at all, and with ERR_INTERNAL for a worker that
 * breaks the protocol.
 */
int registry_signatures(const struct registry_ask *ask,
                        struct registry_signatures *out,
                        struct err *err) MUST_CHECK;

/** registry_signatures_done - release them; idempotent. */
void registry_signatures_done(struct registry_signatures *signatures);

#endif
