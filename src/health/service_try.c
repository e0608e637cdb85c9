/* SPDX-License-Identifier: Apache-2.0 */
#include "health/service_try.h"

#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "health/tree_record.h"
#include "privsep/child.h"
#include "privsep/probe.h"
#include "privsep/worker.h"

#define SYSTEMCTL     "/usr/bin/systemctl"
#define PROBE_ACCOUNT "tidegate-probe"

/* The status alone speaks; systemctl(1), "Exit status", fixes it. */
enum { UNIT_ACTIVE = 0, UNIT_INACTIVE = 3, UNIT_UNKNOWN = 4 };

static int try_unit(const struct service_try *what, struct err *err)
{
	const char *argv[] = { SYSTEMCTL, "is-active",  "--quiet",
		               "--",      what->object, NULL };
	const struct child child = {
		.argv = argv, .deadline = clock_monotonic_ms() + what->wait_ms
	};
	int code = 0;

	if (child_exit(&child, &code, err) < 0) {
		if (err->code == ERR_UNHEALTHY)
			err->code =
				ERR_SYSTEM; /* of systemctl, not of the unit */
		return -1;
	}
	if (code == UNIT_ACTIVE)
		return 0;
	if (code == UNIT_INACTIVE)
		return err_set(err, ERR_UNHEALTHY, 0, "it is not active");
	if (code == UNIT_UNKNOWN)
		return err_set(err, ERR_UNHEALTHY, 0, "there is no such unit");
	return err_set(err, ERR_SYSTEM, 0,
	               "systemd cannot be asked: systemctl gave status %d",
	               code);
}

/* Only root can become another user.  And the account of the timer owns what
 * check-health keeps: nothing of the app runs under it. */
static int check_user(const char *user, struct err *err)
{
	uid_t own = geteuid();
	struct passwd *account = getpwnam(RECORD_ACCOUNT);

	if (own == 0)
		return user[0] != '\0'
		               ? 0
		               : err_set(err, ERR_USAGE, 0,
		                         "[service] command needs 'user = "
		                         "NAME': it must not run as root by "
		                         "default");
	if (account != NULL && account->pw_uid == own)
		return err_set(err, ERR_SYSTEM, EPERM,
		               "the account " RECORD_ACCOUNT
		               " runs no command; that needs root");
	if (user[0] == '\0')
		return 0;
	account = getpwnam(user);
	if (account == NULL || account->pw_uid != own)
		return err_set(err, ERR_SYSTEM, EPERM,
		               "running it as '%s' needs root", user);
	return 0;
}

static int try_command(const struct service_try *what, struct err *err)
{
	const struct settings_service *service = what->service;
	const char *argv[SETTINGS_WORDS_MAX + 1] = { NULL };
	const struct child child = {
		.argv = argv,
		.user = service->user[0] != '\0' ? service->user : NULL,
		.deadline = clock_monotonic_ms() + what->wait_ms,
	};

	if (check_user(service->user, err) < 0)
		return -1;
	for (size_t i = 0; i < service->command.count; i++)
		argv[i] = settings_word(&service->command, i);
	return child_run(&child, err);
}

static int ask(const struct service_try *what, const char *url,
               enum probe_kind kind, struct err *err)
{
	AUTO_CLOSE int workers = worker_open_folder(err);
	const struct probe probe = {
		.url = url,
		.kind = kind,
		.timeout_ms = what->wait_ms,
		.folder = workers,
		.account = PROBE_ACCOUNT,
		.mode = what->mode,
	};

	return workers < 0 ? -1 : probe_http(&probe, err);
}

static int try_tcp(const struct service_try *what, struct err *err)
{
	char url[SETTINGS_VALUE_SIZE + sizeof "http:///"];

	(void)snprintf(url, sizeof url, "http://%s/", what->object);
	return ask(what, url, PROBE_CONNECT, err);
}

/* A listener with a full queue makes a connection wait, which for a socket
 * that does not block is EAGAIN: unix(7) has no other sign of it. */
static int try_unix(const struct service_try *what, struct err *err)
{
	int64_t deadline = clock_monotonic_ms() + what->wait_ms;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	AUTO_CLOSE int fd =
		socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return err_set(err, ERR_SYSTEM, errno, "making a socket");
	/* That it fits, the configuration's reader has seen. */
	memcpy(address.sun_path, what->object,
	       strnlen(what->object, sizeof address.sun_path - 1));
	while (connect(fd, (const struct sockaddr *)&address, sizeof address) <
	       0) {
		if (errno == EACCES || errno == EPERM)
			return err_set(err, ERR_SYSTEM, errno, "connecting");
		if (errno != EAGAIN)
			return err_set(err, ERR_UNHEALTHY, errno, "connecting");
		if (clock_monotonic_ms() >= deadline)
			return err_set(err, ERR_UNHEALTHY, 0,
			               "it takes no connection in time");
		(void)poll(NULL, 0, 10); /* a plain wait */
	}
	return 0;
}

int service_try(const struct service_try *what, struct err *err)
{
	switch (what->check) {
	case CHECK_SERVICE_UNITS:
		return try_unit(what, err);
	case CHECK_SERVICE_COMMAND:
		return try_command(what, err);
	case CHECK_SERVICE_HTTP:
		return ask(what, what->object, PROBE_GET, err);
	case CHECK_SERVICE_TCP:
		return try_tcp(what, err);
	case CHECK_SERVICE_UNIX:
		return try_unix(what, err);
	default:
		return err_set(err, ERR_INTERNAL, 0, "no check of services");
	}
}
