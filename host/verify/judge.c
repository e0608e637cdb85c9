/* SPDX-License-Identifier: Apache-2.0 */
#include "judge.h"

#include "codec/json_read.h"
#include "crypto/init.h"
#include "evidence/judge.h"
#include "evidence/received.h"
#include "evidence/root_ends.h"

int judge_prepare(struct err *err)
{
	if (crypto_init(err) < 0)
		return -1;
	return json_read_init(err);
}

static int tell(void *context, const struct evidence_verdict *verdict,
                struct err *err)
{
	return worker_tell(context, verdict, err);
}

int judge(struct worker_context *context, struct err *err)
{
	AUTO_RECEIVED struct received_case *received = NULL;
	const struct evidence_listener listener = { tell, context };

	if (received_case_new(WORKER_FD_INPUT, context->job.verify.file_size,
	                      &received, err) < 0)
		return -1;
	return evidence_judge(&received->given, &listener, err);
}

int judge_roots(struct worker_context *context, struct err *err)
{
	AUTO_RECEIVED struct received_case *received = NULL;
	static struct evidence_root_ends ends;

	if (received_case_new(WORKER_FD_INPUT, context->job.verify.file_size,
	                      &received, err) < 0 ||
	    evidence_find_ends(&received->given, &ends, err) < 0 ||
	    frame_put(&context->ring, 0, &ends, sizeof ends, err) < 0)
		return -1;
	return frame_end(&context->ring, 0, err);
}
