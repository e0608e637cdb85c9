/* SPDX-License-Identifier: Apache-2.0 */
/* What machine this is, as far as a release may ask. */
#ifndef BASE_HOST_FACTS_H
#define BASE_HOST_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* Bytes of os and architecture, with the NUL. */
#define HOST_FACTS_WORD_SIZE 17

struct host_facts {
	char os[HOST_FACTS_WORD_SIZE];           /* "linux" */
	char architecture[HOST_FACTS_WORD_SIZE]; /* "amd64": OCI's word */
	unsigned kernel_major, kernel_minor;
	uint64_t memory;    /* bytes, all of it */
	uint64_t disk_free; /* bytes that an ordinary user may still take */
};

/**
 * host_facts_read - ask the kernel.
 * @dir: on the file system that the release will lie on.
 * @out: written only on 0.
 *
 * Returns 0, or -1 with ERR_SYSTEM.
 */
int host_facts_read(int dir, struct host_facts *out,
                    struct err *err) MUST_CHECK;

/**
 * host_facts_architecture - OCI's word for a machine as uname(2) names it;
 * one without its own word is returned as it is.
 */
const char *host_facts_architecture(const char *machine);

/**
 * host_facts_kernel - the two first numbers of a kernel release such as
 * "6.1.0-13-amd64".  Returns false, and leaves both, for any other text.
 */
bool host_facts_kernel(const char *release, unsigned *major, unsigned *minor);

#endif
