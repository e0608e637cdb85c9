/* SPDX-License-Identifier: Apache-2.0 */
#include "health/gather_service.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "health/patience.h"
#include "health/tree_record.h"
#include "privsep/child.h"
#include "privsep/probe.h"
#include "privsep/worker.h"

#define SYSTEMCTL     "/usr/bin/systemctl"
#define PROBE_ACCOUNT "tidegate-probe"

/* Each tries one thing: 0, or -1 with why it is not well. */
typedef int try_fn(const struct gather_service *request, const char *object,
                   uint32_t wait_ms, struct err *err);

/* The status alone speaks; systemctl(1), "Exit status", fixes it. */
enum { UNIT_ACTIVE = 0, UNIT_INACTIVE = 3, UNIT_UNKNOWN = 4 };

static int try_unit(const struct gather_service *request, const char *unit,
                    uint32_t wait_ms, struct err *err)
{
	const char *argv[] = { SYSTEMCTL, "is-active", "--quiet",
		               "--",      unit,        NULL };
	const struct child child = { .argv = argv,
		                     .deadline =
		                             clock_monotonic_ms() + wait_ms };
	int code = 0;

	(void)request;
	if (child_exit(&child, &code, err) < 0) {
		if (err->code == ERR_UNHEALTHY)
			err->code = ERR_SYSTEM; /* of systemctl, not of @unit */
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

static int try_command(const struct gather_service *request,
                       const char *program, uint32_t wait_ms, struct err *err)
{
	const struct settings_service *service = request->service;
	const char *argv[SETTINGS_WORDS_MAX + 1] = { NULL };
	const struct child child = {
		.argv = argv,
		.user = service->user[0] != '\0' ? service->user : NULL,
		.deadline = clock_monotonic_ms() + wait_ms,
	};

	(void)program; /* the first of the words */
	if (check_user(service->user, err) < 0)
		return -1;
	for (size_t i = 0; i < service->command.count; i++)
		argv[i] = settings_word(&service->command, i);
	return child_run(&child, err);
}

static int ask(const struct gather_service *request, const char *url,
               enum probe_kind kind, uint32_t wait_ms, struct err *err)
{
	AUTO_CLOSE int workers = worker_open_folder(err);
	const struct probe probe = {
		.url = url,
		.kind = kind,
		.timeout_ms = wait_ms,
		.folder = workers,
		.account = PROBE_ACCOUNT,
		.mode = request->mode,
	};

	return workers < 0 ? -1 : probe_http(&probe, err);
}

static int try_http(const struct gather_service *request, const char *url,
                    uint32_t wait_ms, struct err *err)
{
	return ask(request, url, PROBE_GET, wait_ms, err);
}

static int try_tcp(const struct gather_service *request, const char *address,
                   uint32_t wait_ms, struct err *err)
{
	char url[SETTINGS_VALUE_SIZE + sizeof "http:///"];

	(void)snprintf(url, sizeof url, "http://%s/", address);
	return ask(request, url, PROBE_CONNECT, wait_ms, err);
}

/* A listener with a full queue makes a connection wait, which for a socket
 * that does not block is EAGAIN: unix(7) has no other sign of it. */
static int try_unix(const struct gather_service *request, const char *path,
                    uint32_t wait_ms, struct err *err)
{
	int64_t deadline = clock_monotonic_ms() + wait_ms;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	AUTO_CLOSE int fd =
		socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return err_set(err, ERR_SYSTEM, errno, "making a socket");
	(void)request;
	/* That it fits, the configuration's reader has seen. */
	memcpy(address.sun_path, path,
	       strnlen(path, sizeof address.sun_path - 1));
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

/* --- all of them ---------------------------------------------------------- */

static struct service_probe *add(struct service_facts *facts,
                                 enum check_id check, const char *object,
                                 struct err *err)
{
	struct service_probe *probes = reallocarray(
		facts->probes, facts->count + 1, sizeof *facts->probes);

	if (probes == NULL) {
		(void)err_nomem(err);
		return NULL;
	}
	facts->probes = probes;
	probes += facts->count++;
	*probes = (struct service_probe){ .check = check };
	(void)snprintf(probes->object, sizeof probes->object, "%s", object);
	return probes;
}

/* Try one, and note what came of it. */
static int look_at(const struct gather_service *request, try_fn *try,
                   struct service_probe *probe, struct err *err)
{
	const struct patience patience =
		patience_for(request->end, request->service->timeout * 1000);

	if (patience.wait_ms == 0) {
		look_set(&probe->look, SIGHT_FAILED,
		         "not tried: no time was left until the verdict");
		return 0;
	}
	if (try(request, probe->object, patience.wait_ms, err) == 0) {
		look_set(&probe->look, SIGHT_GOOD, "well");
		return 0;
	}
	if (patience_is_lost(&patience)) {
		look_set(&probe->look, SIGHT_FAILED,
		         "no answer in %" PRIu32 " ms, all that was left until "
		         "the verdict",
		         patience.wait_ms);
		return 0;
	}
	if (look_note(&probe->look, err) < 0)
		return -1;
	/* What cannot be tried says nothing of the service. */
	if (err->code != ERR_UNHEALTHY && probe->look.sight != SIGHT_HIDDEN)
		probe->look.sight = SIGHT_FAILED;
	return 0;
}

static int try_each(const struct gather_service *request, enum check_id check,
                    const struct settings_words *objects, try_fn *try,
                    struct service_facts *out, struct err *err)
{
	if (!check_set_has(request->set, check))
		return 0;
	for (size_t i = 0; i < objects->count; i++) {
		struct service_probe *probe =
			add(out, check, settings_word(objects, i), err);

		if (probe == NULL || look_at(request, try, probe, err) < 0)
			return -1;
	}
	return 0;
}

/* The one command: its words are no list of objects. */
static struct settings_words program_of(const struct settings_service *service)
{
	struct settings_words program = service->command;

	program.count = program.count > 0 ? 1 : 0;
	return program;
}

int gather_service(const struct gather_service *request,
                   struct service_facts *out, struct err *err)
{
	const struct settings_service *service = request->service;
	struct settings_words program;

	if (service == NULL) {
		look_set(&out->look, SIGHT_BLOCKED,
		         "the configuration is not understood");
		return 0;
	}
	look_set(&out->look, SIGHT_GOOD, "tried");
	program = program_of(service);
	if (request->is_real &&
	    try_each(request, CHECK_SERVICE_UNITS, &service->units, try_unit,
	             out, err) < 0)
		return -1;
	if (try_each(request, CHECK_SERVICE_COMMAND, &program, try_command, out,
	             err) < 0 ||
	    try_each(request, CHECK_SERVICE_HTTP, &service->http, try_http, out,
	             err) < 0 ||
	    try_each(request, CHECK_SERVICE_TCP, &service->tcp, try_tcp, out,
	             err) < 0)
		return -1;
	return try_each(request, CHECK_SERVICE_UNIX, &service->unix_paths,
	                try_unix, out, err);
}
