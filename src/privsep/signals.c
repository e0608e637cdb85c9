/* SPDX-License-Identifier: Apache-2.0 */
#include "privsep/signals.h"

#include <signal.h>
#include <string.h>

#define SIGNALS 65 /* one above the highest signal */

int signals_reset(void)
{
	struct sigaction plain;
	sigset_t none;

	memset(&plain, 0, sizeof plain);
	plain.sa_handler = SIG_DFL;
	for (int signal = 1; signal < SIGNALS; signal++)
		(void)sigaction(signal, &plain,
		                NULL); /* KILL and STOP refuse */
	(void)sigemptyset(&none);
	return sigprocmask(SIG_SETMASK, &none, NULL);
}
