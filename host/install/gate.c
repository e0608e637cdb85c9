/* SPDX-License-Identifier: Apache-2.0 */
#include "gate.h"

#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "privsep/child.h"
#include "privsep/probe.h"

#define RETRY_MS          1000
#define RESTART_TIMEOUT_S 120 /* a unit's own start timeout is 90 s */
#define SYSTEMCTL         "/usr/bin/systemctl"

bool gate_is_set(const struct host *host)
{
	const struct settings *settings = &host->settings;

	return settings->command.count > 0 || settings->http[0] != '\0' ||
	       (host->is_real && settings->restart.count > 0);
}

int gate_check(const struct host *host, struct err *err)
{
	if (host->settings.command.count > 0 &&
	    host->settings.user[0] == '\0' && geteuid() == 0)
		return err_set(err, ERR_USAGE, 0,
		               "[health] command needs 'user = NAME' in "
		               "%s.ini: it must not run as root by default",
		               host->app);
	return 0;
}

int gate_restart(const struct host *host, struct err *err)
{
	const struct settings_words *units = &host->settings.restart;

	if (!host->is_real)
		return 0;
	for (size_t i = 0; i < units->count; i++) {
		const char *unit = settings_word(units, i);
		const char *argv[] = { SYSTEMCTL, "restart", "--", unit, NULL };
		const struct child child = {
			.argv = argv,
			.deadline = clock_monotonic_ms() +
			            (int64_t)RESTART_TIMEOUT_S * 1000,
		};

		if (child_run(&child, err) < 0)
			return err_wrap(err, "restarting %s", unit);
	}
	return 0;
}

static int run_command(const struct host *host, int64_t deadline,
                       struct err *err)
{
	const struct settings_words *command = &host->settings.command;
	const char *argv[SETTINGS_WORDS_MAX + 1] = { NULL };
	const struct child child = {
		.argv = argv,
		.user = host->settings.user[0] != '\0' ? host->settings.user
		                                       : NULL,
		.deadline = deadline,
	};

	if (command->count == 0)
		return 0;
	/* Whoever came here without asking: never as root by default. */
	if (gate_check(host, err) < 0)
		return -1;
	for (size_t i = 0; i < command->count; i++)
		argv[i] = settings_word(command, i);
	return child_run(&child, err);
}

static int run_http(const struct host *host, int64_t deadline, struct err *err)
{
	int64_t left = deadline - clock_monotonic_ms();
	const struct probe probe = {
		.url = host->settings.http,
		.timeout_ms = left > 0 ? (uint32_t)left : 1,
		.folder = host->workers,
		.account = "tidegate-probe",
		.mode = sandbox_mode_of(&host->settings),
	};

	if (host->settings.http[0] == '\0')
		return 0;
	return probe_http(&probe, err);
}

static int try_once(const struct host *host, int64_t deadline, struct err *err)
{
	if (run_command(host, deadline, err) < 0 ||
	    run_http(host, deadline, err) < 0)
		return -1;
	return 0;
}

int gate_run(const struct host *host, struct err *err)
{
	int64_t deadline;

	if (gate_restart(host, err) < 0)
		return err_wrap(err, "health gate");
	deadline =
		clock_monotonic_ms() + (int64_t)host->settings.timeout * 1000;
	while (try_once(host, deadline, err) < 0) {
		if (err->code != ERR_UNHEALTHY ||
		    clock_monotonic_ms() + RETRY_MS >= deadline)
			return err_wrap(err, "health gate");
		(void)poll(NULL, 0, RETRY_MS); /* a plain wait */
	}
	return 0;
}
