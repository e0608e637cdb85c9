/* SPDX-License-Identifier: Apache-2.0 */
#include "verdicts.h"

#include "evidence/judge.h"

static int take_verdict(void *context, const struct evidence_verdict *verdict,
                        struct err *err)
{
	struct evidence_verdicts *verdicts = context;

	(void)err;
	/* evidence_judge gives no more than there is room for. */
	verdicts->list[verdicts->count++] = *verdict;
	return 0;
}

void verdicts_begin(const struct sealed_bundle *bundle,
                    const struct trusted *trusted, struct evidence_case *out)
{
	evidence_begin(out, &trusted->settings,
	               buf_bytes(&trusted->settings_text), &trusted->keyring);
	out->release_ini = buf_bytes(&bundle->release_text);
}

int verdicts_make(const struct evidence_case *given,
                  struct evidence_verdicts *out, struct err *err)
{
	const struct evidence_listener listener = { take_verdict, out };

	return evidence_judge(given, &listener, err);
}
