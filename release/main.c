/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fs.h"
#include "base/options.h"
#include "codec/json_read.h"
#include "crypto/init.h"
#include "request.h"
#include "say.h"

/* Nothing else of the environment decides anything: no library of ours is to
 * find a variable that the caller of a build job forgot about. */
static int take_environment(struct request *request, struct err *err)
{
	request->source_date_epoch = getenv("SOURCE_DATE_EPOCH");
	request->credentials = getenv("CREDENTIALS_DIRECTORY");
	request->cosign_key_text = getenv("COSIGN_KEY");
	request->cosign_password = getenv("COSIGN_PASSWORD");
	request->path = getenv("PATH");
	request->home = getenv("HOME");
	request->environment = (const char *const *)environ;
#ifndef FAULTS
	/* clearenv(3) drops the array, not the strings it pointed at. */
	if (clearenv() != 0)
		return err_nomem(err);
#else
	(void)err; /* the fault points read theirs: base/fault.h */
#endif
	return 0;
}

/* No memory of ours is written to a disk, or read by another process of the
 * user's: keys, passwords and tokens pass through it. */
static int keep_secrets(struct err *err)
{
	const struct rlimit none = { 0, 0 };

	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
	    setrlimit(RLIMIT_CORE, &none) < 0)
		return err_set(err, ERR_SYSTEM, errno, "forbidding core dumps");
	return 0;
}

static int print_help(const struct invocation *invocation, struct err *err)
{
	AUTO_BUF struct buf text = BUF_NONE;

	if (options_help(&package_release, invocation->command, &text, err) < 0)
		return -1;
	return print_result(&text, err);
}

static int run(int argc, const char **argv, struct err *err)
{
	static struct request request; /* large: lists of patterns */
	struct invocation invocation;

	if (fs_reserve_standard(err) < 0 || keep_secrets(err) < 0 ||
	    take_environment(&request, err) < 0 || crypto_init(err) < 0 ||
	    json_read_init(err) < 0 ||
	    options_parse(&package_release, argc, argv, &request, &invocation,
	                  err) < 0)
		return -1;
	if (invocation.wants_help)
		return print_help(&invocation, err);
	request.operands = invocation.operands;
	request.operand_count = invocation.operand_count;
	return invocation.command->run(&request, err);
}

int main(int argc, char **argv)
{
	struct err err = { .code = ERR_NONE };

	/* A reader that went away is an error of the write, not our end. */
	(void)signal(SIGPIPE, SIG_IGN);
	if (run(argc, (const char **)(uintptr_t)argv, &err) == 0) {
		if (fflush(stdout) == 0)
			return 0;
		(void)err_set(&err, ERR_SYSTEM, 0,
		              "the output could not be written");
	}
	print_error(&err);
	return err_exit_status(err.code);
}
