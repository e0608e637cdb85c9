/* SPDX-License-Identifier: Apache-2.0 */
/* Rounds of many services, which are sockets whose queues are full: who
 * connects to one hangs. */
#include "health/gather_service.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "health/patience.h"
#include "privsep/errands.h"
#include "temp_dir.h"

#define CALLERS 4 /* more than a queue of none takes */

static struct err err;
static struct temp_dir dir;
static int listener = -1;
static int callers[CALLERS];

static void put_config(const char *app, const char *format, ...)
	PRINTF_LIKE(2, 3);

static void put_config(const char *app, const char *format, ...)
{
	char path[64];
	char text[1024];
	va_list args;
	int fd;

	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	(void)snprintf(path, sizeof path, "etc/tidegate/%s.ini", app);
	fd = openat(dir.fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
	            0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	(void)close(fd);
}

/* A socket that hangs, and the app "hangs" that names it. */
static int make_host(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	(void)state;
	dir = temp_dir_make();
	assert_int_equal(mkdirat(dir.fd, "etc", 0755), 0);
	assert_int_equal(mkdirat(dir.fd, "etc/tidegate", 0755), 0);
	(void)snprintf(address.sun_path, sizeof address.sun_path, "%s/full",
	               dir.path);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(
		bind(listener, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(listen(listener, 0), 0);
	for (size_t i = 0; i < CALLERS; i++) {
		callers[i] = socket(
			AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		(void)connect(callers[i], (struct sockaddr *)&address,
		              sizeof address);
	}
	put_config("hangs", "[service]\nunix = %s\ntimeout = 1\n",
	           address.sun_path);
	put_config("works", "[service]\ncommand = /bin/true\nuser = nobody\n");
	put_config("odd", "[service]\nunix = here\n");
	return 0;
}

static int remove_host(void **state)
{
	(void)state;
	for (size_t i = 0; i < CALLERS; i++)
		(void)close(callers[i]);
	(void)close(listener);
	temp_dir_remove(&dir);
	return 0;
}

static void add(struct service_round *round, const char *name)
{
	const struct service_app app = { .root = dir.fd,
		                         .app = name,
		                         .set = CHECK_SET_ALL };

	assert_int_equal(service_round_add(round, &app, &err), 0);
}

static struct service_facts take(struct service_round *round, size_t number)
{
	struct service_facts facts = { .count = 0 };

	assert_int_equal(service_round_take(round, number, &facts, &err), 0);
	return facts;
}

static void require_sights(struct service_round *round, size_t count,
                           enum sight sight)
{
	for (size_t i = 0; i < count; i++) {
		struct service_facts facts = take(round, i);

		if (facts.count != 1 || facts.probes[0].look.sight != sight)
			fail_msg("%zu of %zu: sight %d: %s", i, count,
			         facts.probes[0].look.sight,
			         facts.probes[0].look.text);
		free(facts.probes);
	}
}

struct round_case {
	const char *name;
	size_t count;
	int64_t left_ms; /* until the verdict; -1: endless */
	enum sight want;
};

/* Whichever place one has, the same is known of it. */
static void all_that_hang_get_the_same_verdict(void **state)
{
	static const struct round_case cases[] = {
		{ "as many as at once", ERRANDS_AT_ONCE, 8000, SIGHT_WRONG },
		{ "one more, and time for it", ERRANDS_AT_ONCE + 1, 16000,
		  SIGHT_WRONG },
		{ "one more, and no time for it", ERRANDS_AT_ONCE + 1, 1200,
		  SIGHT_FAILED },
		{ "one more, and endless time", ERRANDS_AT_ONCE + 1, -1,
		  SIGHT_WRONG },
		{ "no time at all", 2, 0, SIGHT_FAILED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct round_case *c = &cases[i];
		AUTO_SERVICE_ROUND struct service_round *round = NULL;
		int64_t began = clock_monotonic_ms();

		print_message("# %s\n", c->name);
		assert_int_equal(service_round_new(&round, &err), 0);
		for (size_t n = 0; n < c->count; n++)
			add(round, "hangs");
		assert_int_equal(
			service_round_begin(round,
		                            c->left_ms < 0 ? PATIENCE_ENDLESS
		                                           : began + c->left_ms,
		                            &err),
			0);
		require_sights(round, c->count, c->want);
	}
}

/* One that hangs, one that must not be tried by everybody, one that nobody
 * understands, and one that is not configured. */
static void each_app_gets_its_own(void **state)
{
	AUTO_SERVICE_ROUND struct service_round *round = NULL;
	struct service_facts facts;

	(void)state;
	assert_int_equal(service_round_new(&round, &err), 0);
	add(round, "works");
	add(round, "odd");
	add(round, "hangs");
	add(round, "none");
	assert_int_equal(service_round_begin(round, PATIENCE_ENDLESS, &err), 0);
	facts = take(round, 3);
	assert_int_equal(facts.look.sight, SIGHT_GOOD);
	assert_int_equal(facts.count, 0);
	facts = take(round, 2);
	assert_int_equal(facts.probes[0].look.sight, SIGHT_WRONG);
	assert_int_equal(facts.probes[0].check, CHECK_SERVICE_UNIX);
	free(facts.probes);
	facts = take(round, 1);
	assert_int_equal(facts.look.sight, SIGHT_BLOCKED);
	assert_int_equal(facts.count, 0);
	facts = take(round, 0);
	assert_int_equal(facts.count, 1);
	assert_string_equal(facts.probes[0].object, "/bin/true");
	assert_int_equal(facts.probes[0].look.sight,
	                 geteuid() == 0 ? SIGHT_GOOD : SIGHT_HIDDEN);
	free(facts.probes);
	assert_int_equal(service_round_take(round, 4, &facts, &err), -1);
	assert_int_equal(err.code, ERR_INTERNAL);
}

/* Nobody waits for the answers of a round that is dropped. */
static void a_round_that_is_dropped_ends_at_once(void **state)
{
	struct service_round *round = NULL;

	(void)state;
	put_config("slow", "[service]\nunix = %s/full\ntimeout = 3600\n",
	           dir.path);
	assert_int_equal(service_round_new(&round, &err), 0);
	add(round, "slow");
	assert_int_equal(service_round_begin(round, PATIENCE_ENDLESS, &err), 0);
	service_round_free(round);
	service_round_free(NULL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_hang_get_the_same_verdict),
		cmocka_unit_test(each_app_gets_its_own),
		cmocka_unit_test(a_round_that_is_dropped_ends_at_once),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, make_host, remove_host);
}
