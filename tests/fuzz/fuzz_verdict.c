/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever a worker sends as a verdict is refused, or its texts end and are
 * printable, and it can be named and refused again. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "codec/verdict.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct evidence_verdict verdict = { .kind = 0 };
	char name[VERDICT_NAME_SIZE];
	struct err err;

	memcpy(&verdict, data, size < sizeof verdict ? size : sizeof verdict);
	if (verdict_check(&verdict, &err) < 0)
		return 0;
	verdict_name(&verdict, name);
	if (strlen(verdict.subject) + strlen(verdict.issuer) +
	            strlen(verdict.reason) >=
	    2 * CLAIM_SIZE + VERDICT_REASON_SIZE)
		abort();
	if (!text_is_printable(verdict.reason, strlen(verdict.reason)))
		abort();
	err_set(&err, ERR_UNTRUSTED, 0, "%s", verdict.reason);
	verdict_refuse(&verdict, &err);
	if (verdict_check(&verdict, &err) < 0)
		abort();
	return 0;
}
