/* SPDX-License-Identifier: Apache-2.0 */
#include "health/gather_service.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "codec/settings.h"
#include "health/patience.h"
#include "health/service_try.h"
#include "privsep/errands.h"
#include "trust/configured.h"

/* One app of the round. */
struct member {
	struct settings_service service;
	enum sandbox_mode mode;
	struct service_facts facts; /* owned */
};

/* One probe: where it belongs, and how long it is waited for. */
struct turn {
	size_t member, probe;
	uint32_t wait_ms;
	bool is_cut; /* that is less than [service] grants it */
};

struct service_round {
	struct member *members; /* owned */
	size_t member_count;
	struct turn *turns; /* owned; since the round began */
	size_t turn_count;
	uint32_t share_ms;      /* for each */
	struct errands errands; /* owned */
};

int service_round_new(struct service_round **out, struct err *err)
{
	struct service_round *round = calloc(1, sizeof *round);

	if (round == NULL)
		return err_nomem(err);
	round->errands = ERRANDS_NONE;
	*out = round;
	return 0;
}

void service_round_free(struct service_round *round)
{
	if (round == NULL)
		return;
	errands_done(&round->errands);
	for (size_t i = 0; i < round->member_count; i++)
		free(round->members[i].facts.probes);
	free(round->members);
	free(round->turns);
	free(round);
}

/* --- what there is to ask --------------------------------------------------
 */

static int add_probe(struct service_facts *facts, enum check_id check,
                     const char *object, struct err *err)
{
	struct service_probe *probes = reallocarray(
		facts->probes, facts->count + 1, sizeof *facts->probes);

	if (probes == NULL)
		return err_nomem(err);
	facts->probes = probes;
	probes += facts->count++;
	*probes = (struct service_probe){ .check = check };
	(void)snprintf(probes->object, sizeof probes->object, "%s", object);
	return 0;
}

static int add_each(const struct service_app *app, enum check_id check,
                    const struct settings_words *objects,
                    struct service_facts *out, struct err *err)
{
	if (!check_set_has(app->set, check))
		return 0;
	for (size_t i = 0; i < objects->count; i++)
		if (add_probe(out, check, settings_word(objects, i), err) < 0)
			return -1;
	return 0;
}

static int add_all(const struct service_app *app,
                   const struct settings_service *service,
                   struct service_facts *out, struct err *err)
{
	/* The one command: its words are no list of objects. */
	struct settings_words program = service->command;

	program.count = program.count > 0 ? 1 : 0;
	if (app->is_real &&
	    add_each(app, CHECK_SERVICE_UNITS, &service->units, out, err) < 0)
		return -1;
	if (add_each(app, CHECK_SERVICE_COMMAND, &program, out, err) < 0 ||
	    add_each(app, CHECK_SERVICE_HTTP, &service->http, out, err) < 0 ||
	    add_each(app, CHECK_SERVICE_TCP, &service->tcp, out, err) < 0)
		return -1;
	return add_each(app, CHECK_SERVICE_UNIX, &service->unix_paths, out,
	                err);
}

/* What of the configuration decides; why it cannot be read, facts->config
 * tells. */
static int read_service(const struct service_app *app, struct member *member,
                        struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(SETTINGS_MAX);
	AUTO_FREE struct settings *settings = malloc(sizeof *settings);

	if (settings == NULL)
		return err_nomem(err);
	if (configured_settings(app->root, app->app, &text, settings, err) <
	    0) {
		if (look_note(&member->facts.look, err) < 0)
			return -1;
		look_set(&member->facts.look, SIGHT_BLOCKED,
		         "the configuration is not understood");
		return 0;
	}
	member->service = settings->service;
	member->mode = sandbox_mode_of(settings);
	look_set(&member->facts.look, SIGHT_GOOD, "tried");
	return add_all(app, &member->service, &member->facts, err);
}

int service_round_add(struct service_round *round,
                      const struct service_app *app, struct err *err)
{
	struct member *members =
		reallocarray(round->members, round->member_count + 1,
	                     sizeof *round->members);

	if (members == NULL)
		return err_nomem(err);
	round->members = members;
	members += round->member_count++;
	*members = (struct member){ .mode = SANDBOX_FULL };
	return read_service(app, members, err);
}

/* --- one of them, in a process of its own ----------------------------------
 */

static void ask(const struct service_round *round, const struct turn *turn,
                struct look *out)
{
	const struct member *member = &round->members[turn->member];
	const struct service_probe *probe = &member->facts.probes[turn->probe];
	const struct service_try what = { .check = probe->check,
		                          .object = probe->object,
		                          .service = &member->service,
		                          .mode = member->mode,
		                          .wait_ms = turn->wait_ms };
	const struct patience patience = { .end = clock_monotonic_ms() +
		                                  turn->wait_ms,
		                           .wait_ms = turn->wait_ms,
		                           .is_cut = turn->is_cut };
	struct err err;

	if (service_try(&what, &err) == 0) {
		look_set(out, SIGHT_GOOD, "well");
		return;
	}
	if (patience_is_lost(&patience)) {
		look_set(out, SIGHT_FAILED,
		         "no answer in %" PRIu32 " ms, all that was left until "
		         "the verdict",
		         turn->wait_ms);
		return;
	}
	look_failed(out, &err);
	/* What cannot be tried says nothing of the service. */
	if (err.code != ERR_UNHEALTHY && out->sight != SIGHT_HIDDEN)
		out->sight = SIGHT_FAILED;
}

static void run_turn(void *context, size_t number, void *result)
{
	const struct service_round *round = context;

	ask(round, &round->turns[number], result);
}

static uint32_t limit_of(const void *context, size_t number)
{
	const struct service_round *round = context;

	return patience_limit(round->turns[number].wait_ms, round->share_ms);
}

/* --- all of them ---------------------------------------------------------- */

static size_t count_probes(const struct service_round *round)
{
	size_t count = 0;

	for (size_t i = 0; i < round->member_count; i++)
		count += round->members[i].facts.count;
	return count;
}

/* In how many goes they are asked; at least 1. */
static unsigned count_goes(size_t probes)
{
	return (unsigned)(probes / ERRANDS_AT_ONCE) +
	       (probes % ERRANDS_AT_ONCE > 0 || probes == 0 ? 1 : 0);
}

static struct turn turn_of(const struct service_round *round, size_t member,
                           size_t probe, uint32_t share)
{
	uint32_t own = round->members[member].service.timeout * 1000;

	return (struct turn){ .member = member,
		              .probe = probe,
		              .wait_ms = own < share ? own : share,
		              .is_cut = share < own };
}

static int make_turns(struct service_round *round, uint32_t share,
                      struct err *err)
{
	size_t count = count_probes(round);

	round->turns = calloc(count + 1, sizeof *round->turns);
	if (round->turns == NULL)
		return err_nomem(err);
	for (size_t m = 0; m < round->member_count; m++)
		for (size_t p = 0; p < round->members[m].facts.count; p++)
			round->turns[round->turn_count++] =
				turn_of(round, m, p, share);
	return 0;
}

int service_round_begin(struct service_round *round, int64_t end,
                        struct err *err)
{
	/* So that also the last has as much: those before it may all hang. */
	uint32_t share = patience_left(end) / count_goes(count_probes(round));
	struct errands_plan plan = { .result_size = sizeof(struct look),
		                     .run = run_turn,
		                     .limit_ms = limit_of,
		                     .context = round };

	if (make_turns(round, share, err) < 0)
		return -1;
	if (share == 0 || round->turn_count == 0)
		return 0; /* nobody is asked */
	plan.count = round->turn_count;
	round->share_ms = share;
	return errands_begin(&plan, &round->errands, err);
}

static void note_answer(struct service_round *round, size_t number)
{
	const struct turn *turn = &round->turns[number];
	struct look *look =
		&round->members[turn->member].facts.probes[turn->probe].look;
	const struct look *answer = errands_result(&round->errands, number);

	if (answer != NULL)
		*look = *answer;
	else if (turn->wait_ms == 0)
		look_set(look, SIGHT_FAILED,
		         "not tried: no time was left until the verdict");
	else
		look_set(look, SIGHT_FAILED,
		         "the process that asks did not come to its end in "
		         "%" PRIu32 " ms, or could not be started",
		         limit_of(round, number));
}

void service_round_await(struct service_round *round)
{
	errands_await(&round->errands);
}

int service_round_take(struct service_round *round, size_t number,
                       struct service_facts *out, struct err *err)
{
	if (number >= round->member_count)
		return err_set(err, ERR_INTERNAL, 0, "no app has this number");
	service_round_await(round);
	for (size_t i = 0; i < round->turn_count; i++)
		if (round->turns[i].member == number &&
		    round->turns[i].probe < round->members[number].facts.count)
			note_answer(round, i);
	*out = round->members[number].facts;
	round->members[number].facts = (struct service_facts){ .count = 0 };
	return 0;
}
