/* SPDX-License-Identifier: Apache-2.0 */
#include "timeout.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "health/check_id.h"

/* Made before the signal can come, read in its handler. */
static char line[160];
static int line_fd = STDERR_FILENO;
static int status;

/* Only calls of signal-safety(7). */
static void end(int signal)
{
	(void)signal;
	/* That it cannot be said changes nothing. */
	if (write(line_fd, line, strlen(line)) < 0)
		_exit(status);
	_exit(status);
}

/* As main() says that there is no verdict. */
static void write_line(unsigned seconds, enum output_format format)
{
	switch (format) {
	case OUTPUT_NAGIOS:
		line_fd = STDOUT_FILENO;
		(void)snprintf(line, sizeof line,
		               "TIDEGATE UNKNOWN - timeout: no verdict in %u "
		               "seconds\n",
		               seconds);
		return;
	case OUTPUT_JSON:
		line_fd = STDOUT_FILENO;
		(void)snprintf(line, sizeof line,
		               "{\"format\":1,\"status\":\"unknown\","
		               "\"error\":\"no verdict in %u seconds\"}\n",
		               seconds);
		return;
	case OUTPUT_TEXT:
	case OUTPUT_PROMETHEUS:
		break;
	}
	(void)snprintf(line, sizeof line,
	               "check-health: error: no verdict in %u seconds\n",
	               seconds);
}

void timeout_begin(unsigned seconds, enum output_format format)
{
	const struct sigaction action = { .sa_handler = end };
	sigset_t unblocked;

	write_line(seconds, format);
	status = severity_exit_status(SEVERITY_UNKNOWN);
	/* Neither fails for a signal that exists. */
	(void)sigaction(SIGALRM, &action, NULL);
	(void)sigemptyset(&unblocked);
	(void)sigaddset(&unblocked, SIGALRM);
	/* Who started us may have blocked it, and that lasts over execve(2). */
	(void)sigprocmask(SIG_UNBLOCK, &unblocked, NULL);
	(void)alarm(seconds);
}
