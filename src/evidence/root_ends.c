/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/root_ends.h"

#include "evidence/roots.h"
#include "sigstore/trust.h"

static void note_ends(const struct evidence_roots *roots,
                      struct evidence_root_ends *out)
{
	*out = (struct evidence_root_ends){ .count = (uint32_t)roots->count };
	for (size_t i = 0; i < roots->count; i++) {
		enum sigstore_part part;
		int64_t end = sigstore_trust_end(roots->list[i], &part);

		out->list[i] = (struct evidence_root_end){
			.file = (uint32_t)roots->files[i],
			.part = (uint32_t)part,
			.end = end,
		};
	}
}

int evidence_find_ends(const struct evidence_case *given,
                       struct evidence_root_ends *out, struct err *err)
{
	struct evidence_roots roots = { .count = 0 };
	int result = evidence_roots_open(given, &roots, err);

	if (result == 0)
		note_ends(&roots, out);
	evidence_roots_done(&roots);
	return result;
}
