/* SPDX-License-Identifier: Apache-2.0 */
/* verify-worker: takes a bundle apart, judges the evidence on a release, or
 * says until when trusted roots last. */
#include "judge.h"
#include "privsep/worker_main.h"
#include "take_apart.h"

static int run(struct worker_context *context, struct err *err)
{
	switch ((enum verify_task)context->job.verify.task) {
	case VERIFY_TAKE_APART:
		return take_apart(context, err);
	case VERIFY_JUDGE:
		return judge(context, err);
	case VERIFY_ROOTS:
		return judge_roots(context, err);
	}
	return err_set(err, ERR_FORMAT, 0, "no task has number %u",
	               context->job.verify.task);
}

static const struct worker_program program = {
	.profile = SANDBOX_PURE,
	.prepare = judge_prepare,
	.run = run,
};

int main(int argc, char **argv)
{
	return worker_main(&program, argc, argv);
}
