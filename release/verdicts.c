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

int verdicts_make(const struct sealed_bundle *bundle,
                  const struct trusted *trusted, struct evidence_case *given,
                  struct evidence_verdicts *out, struct err *err)
{
	const struct evidence_listener listener = { take_verdict, out };

	given->settings = &trusted->settings;
	given->settings_text = buf_bytes(&trusted->settings_text);
	given->release_ini = buf_bytes(&bundle->release_text);
	evidence_trust(given, &trusted->keyring);
	return evidence_judge(given, &listener, err);
}
