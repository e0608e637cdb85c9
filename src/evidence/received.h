/* SPDX-License-Identifier: Apache-2.0 */
/* A case as verify-worker has it: read from its dossier. */
#ifndef EVIDENCE_RECEIVED_H
#define EVIDENCE_RECEIVED_H

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "codec/minisign.h"
#include "crypto/public_key.h"
#include "evidence/case.h"

/* All zero is none.  Large: to be allocated. */
struct received_case {
	struct evidence_case given; /* points into the rest */
	struct buf dossier;
	struct settings settings;
	struct public_key cosign_keys[EVIDENCE_KEYS_MAX];
	struct minisign_public minisign_keys[EVIDENCE_KEYS_MAX];
	char root_names[EVIDENCE_ROOTS_MAX][KEY_NAME_SIZE];
	struct bytes payloads[PART_SIGSTORE_MAX]; /* of an image's bundles */
	size_t payload_count;
};

/**
 * received_case_new - read the dossier in @fd.
 * @size: of it, as the job says.
 * @out:  written only on 0; free it with received_case_free.
 *
 * Returns 0, or -1 with ERR_FORMAT or ERR_LIMIT as dossier_read, dossier_next,
 * settings_parse and public_key_from_spki, or ERR_SYSTEM.
 */
int received_case_new(int fd, uint64_t size, struct received_case **out,
                      struct err *err) MUST_CHECK;

void received_case_free(struct received_case *received); /* NULL is fine */

static inline void received_case_done(struct received_case **received)
{
	received_case_free(*received);
	*received = NULL;
}

#define AUTO_RECEIVED AUTO(received_case_done)

#endif
