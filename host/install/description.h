/* SPDX-License-Identifier: Apache-2.0 */
/* release.ini and all evidence on it, as a stranger sent them: raw bytes in
 * memory, to be judged before anything is parsed or written. */
#ifndef INSTALL_DESCRIPTION_H
#define INSTALL_DESCRIPTION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "codec/part.h"
#include "part_source.h"

/* Signatures, Sigstore bundles and attestations together: how many parts, and
 * how many bytes of memory all of them may take. */
#define EVIDENCE_PARTS_MAX (1 + PART_SIGNERS_MAX + PART_SIGSTORE_MAX + 1)
#define EVIDENCE_BYTES_MAX ((uint64_t)32 << 20)

struct evidence {
	enum part_kind kind;
	unsigned ordinal;
	struct buf bytes;
};

struct description {
	struct buf release_ini;
	struct evidence evidence[EVIDENCE_PARTS_MAX];
	size_t evidence_count;
	uint64_t evidence_bytes;
};

#define DESCRIPTION_NONE ((struct description){ .release_ini = BUF_NONE })
#define AUTO_DESCRIPTION AUTO(description_done)

void description_done(struct description *description);

/**
 * description_read - gather all that comes before the first pinned part: that
 * is all evidence, wherever it stands in the bundle.
 * @out:   DESCRIPTION_NONE before; release it with description_done, whatever
 *         comes.
 * @first: out, the first piece of the first pinned part.
 *
 * Returns 0, or -1 as part_source_next, or ERR_LIMIT for too much evidence.
 */
int description_read(struct part_source *source, struct description *out,
                     struct part_piece *first, struct err *err) MUST_CHECK;

/** evidence_part - which part it is; false where its name cannot be told: a
 * further signature is named by its key id, and this one cannot be read. */
bool evidence_part(const struct evidence *evidence, struct part *out);

#endif
