/* SPDX-License-Identifier: Apache-2.0 */
/* check-health: says whether what is installed is what was signed.  It is run
 * by root from timers and by anybody, so before anything else it forgets the
 * environment: no verdict comes from there. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "crypto/init.h"
#include "health/check_id.h"
#include "output.h"
#include "request.h"
#include "timeout.h"

static int keep_variable(const char *name, const char *value)
{
	return value != NULL ? setenv(name, value, 1) : 0;
}

/* What is kept decides about colours alone. */
static int clear_environment(struct err *err)
{
	const char *terminal = getenv("TERM");
	const char *no_color = getenv("NO_COLOR");

	/* clearenv(3) drops the array, not the strings it pointed at. */
	if (clearenv() != 0 || keep_variable("TERM", terminal) != 0 ||
	    keep_variable("NO_COLOR", no_color) != 0)
		return err_nomem(err);
	return 0;
}

/* https://no-color.org: set and not empty. */
static enum report_color choose_color(void)
{
	const char *no_color = getenv("NO_COLOR");
	const char *terminal = getenv("TERM");

	if (!isatty(STDOUT_FILENO) ||
	    (no_color != NULL && no_color[0] != '\0') || terminal == NULL ||
	    strcmp(terminal, "dumb") == 0)
		return REPORT_PLAIN;
	return REPORT_COLOR;
}

static int print_help(const struct command *command, struct err *err)
{
	AUTO_BUF struct buf text = BUF_NONE;

	if (options_help(&check_program, command, &text, err) < 0)
		return -1;
	if (fputs(buf_text(&text), stdout) < 0 || fflush(stdout) != 0)
		return err_set(err, ERR_SYSTEM, errno,
		               "writing to standard output");
	return 0;
}

/* The exit status, or -1. */
static int run(int argc, const char **argv, struct request *request,
               struct err *err)
{
	struct invocation invocation;

	if (fs_reserve_standard(err) < 0 || clear_environment(err) < 0 ||
	    crypto_init(err) < 0 ||
	    options_parse(&check_program, argc, argv, request, &invocation,
	                  err) < 0)
		return -1;
	if (invocation.wants_help)
		return print_help(invocation.command, err);
	request->color = choose_color();
	if (request_timeout(request) > 0)
		timeout_begin(request_timeout(request), request->format);
	return invocation.command->run(request, err);
}

/* Programs read standard output, and Nagios nothing else. */
static int write_error(enum output_format format, const char *why,
                       struct buf *out, struct err *err)
{
	switch (format) {
	case OUTPUT_NAGIOS:
		return report_nagios_error(why, out, err);
	case OUTPUT_JSON:
		return report_json_error(why, out, err);
	case OUTPUT_TEXT:
	case OUTPUT_PROMETHEUS: /* a file that grows old tells */
		break;
	}
	return 0;
}

static void say_error(const struct request *request, const struct err *failure)
{
	char text[2 * ERR_TEXT_MAX];
	AUTO_BUF struct buf line = BUF_NONE;
	struct err ignored;

	(void)fprintf(stderr, "check-health: error: %s\n",
	              err_format(failure, text, sizeof text));
	if (request->output == NULL &&
	    write_error(request->format, text, &line, &ignored) == 0 &&
	    output_print(&line, &ignored) < 0)
		return; /* nobody is left to tell */
}

int main(int argc, char **argv)
{
	struct err err = { .code = ERR_NONE };
	struct request request = REQUEST_DEFAULT;
	int status;

	/* A closed pipe is an error to report, not a reason to die of. */
	(void)signal(SIGPIPE, SIG_IGN);
	status = run(argc, (const char **)argv, &request, &err);
	if (status >= 0)
		return status;
	say_error(&request, &err);
	/* Whatever keeps us from judging is unknown, never ok or critical. */
	return severity_exit_status(SEVERITY_UNKNOWN);
}
