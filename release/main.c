/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/environment.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/options.h"
#include "codec/json_read.h"
#include "crypto/init.h"
#include "request.h"
#include "say.h"

/* Copies of all variables; the originals are wiped, as /proc/PID/environ shows
 * them to every process of the user, a build command among them. */
static const char *const *take_variables(struct err *err)
{
	size_t count = 0;
	char **copies;

	while (environ[count] != NULL)
		count++;
	copies = calloc(count + 1, sizeof *copies);
	for (size_t i = 0; copies != NULL && i < count; i++) {
		copies[i] = strdup(environ[i]);
		if (copies[i] == NULL)
			break; /* the program ends: no use in freeing */
#ifndef FAULTS
		explicit_bzero(environ[i], strlen(environ[i]));
#endif
	}
	if (copies == NULL || (count > 0 && copies[count - 1] == NULL)) {
		(void)err_nomem(err);
		return NULL;
	}
	return (const char *const *)copies;
}

/* Nothing else of the environment decides anything: no library of ours is to
 * find a variable that the caller of a build job forgot about. */
static int take_environment(struct request *request, struct err *err)
{
	const char *const *all = take_variables(err);

	if (all == NULL)
		return -1;
	request->source_date_epoch = environment_find(all, "SOURCE_DATE_EPOCH");
	request->credentials = environment_find(all, "CREDENTIALS_DIRECTORY");
	request->cosign_key_text = environment_find(all, "COSIGN_KEY");
	request->cosign_password = environment_find(all, "COSIGN_PASSWORD");
	request->path = environment_find(all, "PATH");
	request->home = environment_find(all, "HOME");
	request->environment = all;
#ifndef FAULTS
	if (clearenv() != 0)
		return err_nomem(err);
#endif
	return 0; /* with FAULTS the fault points read theirs: base/fault.h */
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

static int run(int argc, const char **argv, struct request *request,
               struct err *err)
{
	struct invocation invocation;

	if (fs_reserve_standard(err) < 0 || keep_secrets(err) < 0 ||
	    take_environment(request, err) < 0 || crypto_init(err) < 0 ||
	    json_read_init(err) < 0 ||
	    options_parse(&package_release, argc, argv, request, &invocation,
	                  err) < 0)
		return -1;
	if (invocation.wants_help)
		return print_help(&invocation, err);
	request->operands = invocation.operands;
	request->operand_count = invocation.operand_count;
	return invocation.command->run(request, err);
}

int main(int argc, char **argv)
{
	static struct request request; /* large: lists of patterns */
	struct err err = { .code = ERR_NONE };

	/* A reader that went away is an error of the write, not our end. */
	(void)signal(SIGPIPE, SIG_IGN);
	if (run(argc, (const char **)(uintptr_t)argv, &request, &err) == 0) {
		if (fflush(stdout) == 0)
			return 0;
		(void)err_set(&err, ERR_SYSTEM, 0,
		              "the output could not be written");
	}
	print_error(&err);
	if (request.json)
		print_error_json(&err);
	return err_exit_status(err.code);
}
