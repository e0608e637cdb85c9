/* SPDX-License-Identifier: Apache-2.0 */
#include "switch.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "gate.h"
#include "report.h"
#include "store/links.h"
#include "store/marks.h"
#include "store/recover.h"

#define REASON_UNKNOWN "it failed its health gate"

/* After a revert: the units of the old release, and its health.  That decides
 * nothing any more: there is nothing to go back to. */
static void revive(const struct host *host)
{
	char text[2 * ERR_TEXT_MAX];
	struct err unhealthy;

	if (gate_run(host, &unhealthy) < 0)
		report_warning("the release that is current again: %s",
		               err_format(&unhealthy, text, sizeof text));
}

static int finish_revert(const struct host *host, const struct store *store,
                         const char *bad, const char *reason, struct err *err)
{
	char version[VERSION_SIZE];
	int has_current = link_read(store, LINK_CURRENT, version, err);

	if (has_current < 0 || mark_set(store, MARK_BAD, bad, reason, err) < 0)
		return -1;
	if (has_current == 1)
		revive(host);
	return store_settle(store, err);
}

/* @what happened, and then @how far going back came, because of @obstacle. */
static int strand(const struct host *host, const char *what, const char *how,
                  const struct err *obstacle, struct err *failure)
{
	char text[2 * ERR_TEXT_MAX];

	return err_set(failure, ERR_STRANDED, 0,
	               "%s, and %s (%s); run: install-package recover --app "
	               "%s",
	               what, how, err_format(obstacle, text, sizeof text),
	               host->app);
}

/* @version: what the revert left, "" for none. */
static int say_current(const char *what, const char *version,
                       struct err *failure)
{
	if (version[0] == '\0')
		return err_wrap(failure, "%s; no release is current, as before",
		                what);
	return err_wrap(failure, "%s; %s is current again", what, version);
}

/* @failure says why the gate did not pass; it becomes the result. */
static int go_back(const struct host *host, const struct store *store,
                   const char *bad, struct err *failure)
{
	char what[VERSION_SIZE + sizeof "release  is unhealthy"];
	char version[VERSION_SIZE];
	char reason[2 * ERR_TEXT_MAX];
	struct err err;

	(void)snprintf(what, sizeof what, "release %s is unhealthy", bad);
	(void)err_format(failure, reason, sizeof reason);
	if (store_revert(store, version, &err) < 0)
		return strand(host, what, "going back failed", &err, failure);
	if (finish_revert(host, store, bad, reason, &err) < 0)
		return strand(host, what, "going back did not come to its end",
		              &err, failure);
	failure->code = ERR_UNHEALTHY;
	return say_current(what, version, failure);
}

/* How far an activation came that failed. */
enum reach {
	REACH_OLD,     /* the old release is current */
	REACH_PENDING, /* the new one, and the journal can take it back */
	REACH_NEW,     /* the new one for good */
};

static int find_reach(const struct store *store, const char *version,
                      enum reach *out, struct err *err)
{
	char current[VERSION_SIZE] = "";
	struct journal journal;
	int pending = store_pending(store, &journal, err);

	if (pending < 0 || link_read(store, LINK_CURRENT, current, err) < 0)
		return -1;
	if (strcmp(current, version) != 0)
		*out = REACH_OLD;
	else
		*out = pending == 1 ? REACH_PENDING : REACH_NEW;
	return 0;
}

/* A step behind the switch failed, through no fault of the release: go back all
 * the same, so that a command which failed has changed nothing; else say what
 * is true.  Returns whether the old release came back. */
static bool take_back(const struct host *host, const struct store *store,
                      const char *version, struct err *failure)
{
	char what[2 * ERR_TEXT_MAX];
	char old[VERSION_SIZE];
	enum reach reach;
	struct err err;

	(void)err_format(failure, what, sizeof what);
	if (find_reach(store, version, &reach, &err) < 0) {
		(void)strand(host, what, "going back failed", &err, failure);
		return false;
	}
	if (reach == REACH_NEW)
		(void)err_wrap(failure, "release %s is current all the same",
		               version);
	if (reach != REACH_PENDING)
		return false;
	if (store_revert(store, old, &err) < 0 ||
	    store_settle(store, &err) < 0) {
		(void)strand(host, what, "going back failed", &err, failure);
		return false;
	}
	(void)say_current("it was taken back", old, failure);
	return true;
}

static int pass_gate(const struct request *request, const struct host *host,
                     const struct store *store, const char *version,
                     struct err *err)
{
	report_step(request, "checking the health of %s", version);
	if (gate_run(host, err) < 0)
		return go_back(host, store, version, err);
	/* Whoever activated a bad release on purpose has his proof now. */
	if (mark_clear(store, MARK_BAD, version, err) == 0 &&
	    store_settle(store, err) == 0)
		return 0;
	if (take_back(host, store, version, err))
		revive(host);
	return -1;
}

int switch_to(const struct request *request, const struct host *host,
              const struct store *store,
              const struct committed_release *release, enum journal_op op,
              struct err *err)
{
	enum journal_gate gate = gate_is_set(host) ? GATE_PENDING : GATE_NONE;
	int switched = store_activate(store, release, op, gate, err);

	/* Without a gate the operator's word is all the proof there is, also
	 * for what is current: a run may have been killed just here. */
	if (switched >= 0 && gate == GATE_NONE &&
	    mark_clear(store, MARK_BAD, release->version, err) < 0)
		switched = -1;
	if (switched == 0)
		return 0;
	if (switched < 0) {
		/* Nothing was restarted yet. */
		(void)take_back(host, store, release->version, err);
		return -1;
	}
	if (gate == GATE_PENDING &&
	    pass_gate(request, host, store, release->version, err) < 0)
		return -1;
	report_step(request, "release %s is current", release->version);
	return 1;
}

/* The gate of an interrupted run.  When it fails, all is well again with the
 * old release: that is worth a warning, and no reason to stop this run. */
static int pass_late(const struct request *request, const struct host *host,
                     const struct store *store, const char *version,
                     struct err *err)
{
	char text[2 * ERR_TEXT_MAX];

	/* A mistake in the configuration says nothing about the release. */
	if (gate_check(host, err) < 0)
		return -1;
	if (pass_gate(request, host, store, version, err) == 0)
		return 0;
	if (err->code != ERR_UNHEALTHY)
		return -1;
	report_warning("%s", err_format(err, text, sizeof text));
	return 0;
}

int switch_recover(const struct request *request, const struct host *host,
                   const struct store *store, struct err *err)
{
	struct recovery recovery;

	if (store_recover(store, &recovery, err) < 0)
		return err_wrap(err, "recovering from an interrupted run");
	switch (recovery.what) {
	case STORE_CLEAN:
		return 0;
	case STORE_UNDONE:
		report_step(request, "undid an interrupted switch to %s",
		            recovery.journal.to);
		return 0;
	case STORE_FINISHED:
		report_step(request, "finished an interrupted switch to %s",
		            recovery.journal.to);
		return 0;
	case STORE_PENDING:
		report_step(request, "an interrupted switch to %s is unproven",
		            recovery.journal.to);
		return pass_late(request, host, store, recovery.journal.to,
		                 err);
	case STORE_REVERTED:
		return finish_revert(host, store, recovery.journal.from,
		                     REASON_UNKNOWN, err);
	}
	return 0;
}
