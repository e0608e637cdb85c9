/* SPDX-License-Identifier: Apache-2.0 */
/* verify-worker: takes a bundle apart. */
#include "privsep/worker_main.h"
#include "take_apart.h"

static const struct worker_program program = {
	.profile = SANDBOX_PURE,
	.run = take_apart,
};

int main(int argc, char **argv)
{
	return worker_main(&program, argc, argv);
}
