/* SPDX-License-Identifier: Apache-2.0 */
/* install-package: the monitor.  It runs as root, so before anything else it
 * forgets the environment; what it links is held small by a test. */
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "commands.h"
#include "crypto/init.h"
#include "report.h"
#include "request.h"

static int keep_variable(const char *name, const char *value)
{
	return value != NULL ? setenv(name, value, 1) : 0;
}

/* Only what decides nothing may stay; libraries read many more. */
static int clear_environment(struct err *err)
{
	const char *terminal = getenv("TERM");
	const char *no_color = getenv("NO_COLOR");
#ifdef FAULTS
	const char *fault_at = getenv("FAULT_AT");
	const char *fault_do = getenv("FAULT_DO");
#endif

	/* clearenv(3) drops the array, not the strings it pointed at. */
	if (clearenv() != 0 || keep_variable("TERM", terminal) != 0 ||
	    keep_variable("NO_COLOR", no_color) != 0)
		return err_nomem(err);
#ifdef FAULTS
	if (keep_variable("FAULT_AT", fault_at) != 0 ||
	    keep_variable("FAULT_DO", fault_do) != 0)
		return err_nomem(err);
#endif
	return 0;
}

static int run(int argc, const char **argv, struct request *request,
               struct err *err)
{
	struct invocation invocation;
	AUTO_BUF struct buf help = BUF_NONE;

	if (fs_reserve_standard(err) < 0 || clear_environment(err) < 0 ||
	    crypto_init(err) < 0 ||
	    options_parse(&install_program, argc, argv, request, &invocation,
	                  err) < 0)
		return -1;
	if (invocation.wants_help) {
		if (options_help(&install_program, invocation.command, &help,
		                 err) < 0)
			return -1;
		return report_text(&help, err);
	}
	request->operands = invocation.operands;
	request->operand_count = invocation.operand_count;
	return invocation.command->run(request, err);
}

int main(int argc, char **argv)
{
	struct request request = {
		.root = "/",
		.credentials = getenv("CREDENTIALS_DIRECTORY"),
		.github_token = getenv("GITHUB_TOKEN"),
	};
	struct err err = { .code = ERR_NONE };

	/* A closed pipe is an error to report, not a reason to die half-way. */
	(void)signal(SIGPIPE, SIG_IGN);
	(void)umask(022);
	if (run(argc, (const char **)argv, &request, &err) == 0)
		return 0;
	report_error(&request, &err);
	return err_exit_status(err.code);
}
