/* SPDX-License-Identifier: Apache-2.0 */
#include "health/engine_round.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "health/patience.h"
#include "privsep/engine.h"
#include "privsep/errands.h"
#include "privsep/worker.h"

#define WORKER_ACCOUNT "tidegate-probe"

/* What came of asking one engine. */
struct answer {
	struct look look;
	bool has_report; /* the look is GOOD */
	bool is_silent;  /* it had all of its time, and used all of it */
	struct engine_report report;
};

/* The engines that are there to be asked, side by side. */
struct round {
	const struct gather_engine *request;
	const struct engine_wishes *wishes;
	struct patience patience; /* of each */
	uint32_t left_ms;         /* until the verdict */
	int workers;              /* borrowed */
	struct {
		struct engine_seen *seen; /* borrowed */
		int socket;               /* owned */
	} items[ENGINES_MAX];
	size_t count;
};

static void round_done(struct round *round)
{
	for (size_t i = 0; i < round->count; i++)
		cleanup_close(&round->items[i].socket);
}

/* --- one engine --- */

/* Who may talk to a socket that we may not: a right to be named. */
static void name_right(int socket, const char *path, struct look *look)
{
	const struct group *group = NULL;
	struct stat st;

	if (socket >= 0 && fstat(socket, &st) == 0 &&
	    (st.st_mode & S_IWGRP) != 0 && st.st_gid != 0)
		group = getgrgid(st.st_gid);
	if (group != NULL)
		look_set(look, SIGHT_HIDDEN,
		         "'%s' is open to root and the group '%s' only", path,
		         group->gr_name);
	else
		look_set(look, SIGHT_HIDDEN, "'%s' is open to its owner only",
		         path);
}

static bool is_forbidden(const struct err *err)
{
	return err->code == ERR_SYSTEM &&
	       (err->sys == EACCES || err->sys == EPERM);
}

/* In a process of its own. */
static void ask(void *context, size_t number, void *result)
{
	const struct round *round = context;
	const struct gather_engine *request = round->request;
	struct answer *out = result;
	const char *path = round->items[number].seen->socket;
	int64_t end = clock_monotonic_ms() + round->patience.wait_ms;
	const struct engine_ask ask = {
		.socket = round->items[number].socket,
		.wishes = round->wishes,
		.folder = round->workers,
		.account = WORKER_ACCOUNT,
		.mode = sandbox_mode_of(request->settings),
		.timeout_ms = round->patience.wait_ms,
	};
	struct err err;

	if (engine_ask(&ask, &out->report, &err) == 0) {
		look_set(&out->look, SIGHT_GOOD, "it answers");
		out->has_report = true;
		return;
	}
	if (is_forbidden(&err)) {
		name_right(ask.socket, path, &out->look);
		return;
	}
	(void)err_wrap(&err, "the engine at '%s'", path);
	look_failed(&out->look, &err);
	if (patience_is_lost(&round->patience))
		out->look.sight = SIGHT_FAILED;
	out->is_silent = !round->patience.is_cut && clock_monotonic_ms() >= end;
}

static uint32_t limit_of(const void *context, size_t number)
{
	const struct round *round = context;

	(void)number;
	return patience_limit(round->patience.wait_ms, round->left_ms);
}

/* --- an engine that hangs, hangs for all apps --- */

static const struct look *find_silence(const struct engine_silences *silences,
                                       const char *socket)
{
	for (size_t i = 0; i < silences->count; i++)
		if (strcmp(silences->items[i].socket, socket) == 0)
			return &silences->items[i].look;
	return NULL;
}

static void note_silence(struct engine_silences *silences,
                         const struct engine_seen *seen)
{
	struct engine_silence *item = &silences->items[silences->count];

	if (silences->count == ENGINE_SILENCES_MAX)
		return; /* so it is asked again */
	memcpy(item->socket, seen->socket, sizeof item->socket);
	item->look = seen->look;
	silences->count++;
}

/* --- all of them --- */

/* Look for one socket; one that is not there is no engine. */
static int look_at(const char path[ENGINE_PATH_SIZE], struct round *round,
                   struct engine_facts *facts, struct err *err)
{
	const struct gather_engine *request = round->request;
	struct engine_seen *seen = &facts->engines[facts->count];
	AUTO_CLOSE int socket = engine_open_socket(request->root, path, err);
	const struct look *silence;

	if (socket < 0 && err->code == ERR_SYSTEM &&
	    (err->sys == ENOENT || err->sys == ENOTDIR))
		return 0;
	memcpy(seen->socket, path, sizeof seen->socket);
	facts->count++;
	silence = find_silence(request->silences, path);
	if (socket >= 0 && silence != NULL) {
		seen->look = *silence;
	} else if (socket >= 0) {
		round->items[round->count].seen = seen;
		round->items[round->count++].socket = TAKE_FD(socket);
	} else if (is_forbidden(err)) {
		name_right(socket, path, &seen->look);
	} else {
		return look_note(&seen->look, err);
	}
	return 0;
}

static int take_answer(const struct round *round, const struct answer *answer,
                       struct engine_seen *seen, struct err *err)
{
	if (answer == NULL) {
		look_set(
			&seen->look, SIGHT_FAILED,
			"the process that asks the engine at '%s' did not come "
			"to its end",
			seen->socket);
		return 0;
	}
	seen->look = answer->look;
	if (answer->is_silent)
		note_silence(round->request->silences, seen);
	if (!answer->has_report)
		return 0;
	seen->report = malloc(sizeof *seen->report);
	if (seen->report == NULL)
		return err_nomem(err);
	*seen->report = answer->report;
	return 0;
}

static void skip_all(const struct round *round)
{
	for (size_t i = 0; i < round->count; i++)
		look_set(&round->items[i].seen->look, SIGHT_FAILED,
		         "the engine at '%s' was not asked: no time was left "
		         "until the verdict",
		         round->items[i].seen->socket);
}

static int ask_all(struct round *round, struct err *err)
{
	AUTO_ERRANDS struct errands errands = ERRANDS_NONE;
	const struct errands_plan plan = { .count = round->count,
		                           .result_size = sizeof(struct answer),
		                           .run = ask,
		                           .limit_ms = limit_of,
		                           .context = round };

	/* First what is left, so that the time of each is no more. */
	round->left_ms = patience_left(round->request->end);
	round->patience =
		patience_for(round->request->end, round->request->timeout_ms);
	if (round->patience.wait_ms == 0) {
		skip_all(round);
		return 0;
	}
	if (errands_begin(&plan, &errands, err) < 0)
		return -1;
	errands_await(&errands);
	for (size_t i = 0; i < round->count; i++)
		if (take_answer(round, errands_result(&errands, i),
		                round->items[i].seen, err) < 0)
			return -1;
	return 0;
}

int engine_round(const struct gather_engine *request,
                 char (*sockets)[ENGINE_PATH_SIZE], size_t count,
                 struct engine_facts *facts, struct err *err)
{
	AUTO_CLOSE int workers = worker_open_folder(err);
	AUTO(round_done)
	struct round round = { .request = request,
		               .wishes = facts->wishes,
		               .workers = workers };

	if (workers < 0)
		return look_note(&facts->look, err);
	for (size_t i = 0; i < count; i++)
		if (look_at(sockets[i], &round, facts, err) < 0)
			return -1;
	if (round.count > 0 && ask_all(&round, err) < 0)
		return -1;
	look_set(&facts->look, SIGHT_GOOD, "looked for");
	return 0;
}
