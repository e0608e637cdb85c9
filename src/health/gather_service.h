/* SPDX-License-Identifier: Apache-2.0 */
/* Asking the services of all apps whether they are well, as the [service] of
 * each says: in one round, side by side, so that none waits for one that hangs,
 * and what is known of one does not depend on which others there are, or in
 * what order.
 *
 *     AUTO_SERVICE_ROUND struct service_round *round = NULL;
 *
 *     if (service_round_new(&round, err) < 0 ||
 *         service_round_add(round, &app, err) < 0 || ...each of them... ||
 *         service_round_begin(round, end, err) < 0)
 *             return -1;
 *     ...something else...
 *     if (service_round_take(round, number, &facts->service, err) < 0)
 *             return -1;
 *
 * Each is waited for as long as the timeout of its [service] says; where less
 * is left until there must be a verdict, or so many are asked that they have to
 * take turns (ERRANDS_AT_ONCE), no longer than its equal share of that.  One
 * that had less than its own time, and used all of it, is unknown. */
#ifndef HEALTH_GATHER_SERVICE_H
#define HEALTH_GATHER_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "health/check_id.h"
#include "health/service_facts.h"

/* An app whose services are to be asked. */
struct service_app {
	int root;             /* borrowed; what etc lies in */
	const char *app;      /* checked: name_is_app */
	struct check_set set; /* what no check in it asks for is not asked */
	bool is_real;         /* the root is /: its units are this host's */
};

struct service_round; /* opaque */

#define AUTO_SERVICE_ROUND AUTO(service_round_cleanup)

int service_round_new(struct service_round **out, struct err *err) MUST_CHECK;

/** service_round_free - end what is still asked, and release all.  NULL is
 * none. */
void service_round_free(struct service_round *round);

static inline void service_round_cleanup(struct service_round **round)
{
	service_round_free(*round);
}

/**
 * service_round_add - one more app, before the round begins.  The first that is
 * added has the number 0.  That its configuration is not understood is a fact.
 * Returns 0, or -1 with ERR_SYSTEM without memory.
 */
int service_round_add(struct service_round *round,
                      const struct service_app *app,
                      struct err *err) MUST_CHECK;

/**
 * service_round_begin - ask all of them, and return at once.
 * @end: as in struct patience.
 * Returns 0, or -1 as errands_begin.
 */
int service_round_begin(struct service_round *round, int64_t end,
                        struct err *err) MUST_CHECK;

/** service_round_await - until each has answered, or will not. */
void service_round_await(struct service_round *round);

/**
 * service_round_take - wait, and hand over what is known of an app's services.
 * @out: all zero before; facts_done releases it, whatever comes.
 * Returns 0, or -1 with ERR_INTERNAL where there is no such app.
 */
int service_round_take(struct service_round *round, size_t number,
                       struct service_facts *out, struct err *err) MUST_CHECK;

#endif
