/* SPDX-License-Identifier: Apache-2.0 */
/* What the rooms of install share: all that one run holds on its way.  The
 * corridor is install.c; ahead.c fetches before the lock is taken, and
 * preview.c looks without changing anything. */
#ifndef INSTALL_INSTALL_H
#define INSTALL_INSTALL_H

#include <stdbool.h>

#include "admit.h"
#include "base/err.h"
#include "delta.h"
#include "incoming.h"
#include "parts.h"
#include "plan.h"
#include "session.h"

/* What of a release from elsewhere is on this host. */
enum ahead {
	AHEAD_NOTHING,
	AHEAD_PARTS, /* all but its payload */
	AHEAD_ALL    /* and what installed releases lack of that */
};

/* Owns all it holds; the rooms fill it in order, and command_install ends it.
 */
struct install {
	struct session session;
	struct incoming incoming;
	/* What it was about, for the history, whatever becomes of incoming. */
	struct verification_result judged;
	enum admission admission;
	char from[VERSION_SIZE]; /* what was current before; "" for none */
	struct plan plan;        /* of a dry run */
	/* Of a release from elsewhere. */
	struct parts_copy copy;
	struct delta delta;
	enum ahead ahead;  /* what is here */
	enum ahead wanted; /* the most that was ever needed */
	enum delta_reuse reuse;
	bool is_spent; /* its source is read, and is needed once more */
};

/** install_release - what the release says of itself, as it was verified. */
const struct release_ini *install_release(const struct install *install);

/** install_open_to_look - open the store, if there is one, to read it alone.
 * Returns 0, or -1 as store_open. */
int install_open_to_look(struct install *install, struct err *err) MUST_CHECK;

/** install_say_nothing_newer - tell why --version latest changed nothing. */
void install_say_nothing_newer(const struct install *install);

/**
 * install_print_json - the one object that install prints with --json, whatever
 * it did; nothing without it.
 * @result: the word for that.
 * Returns 0, or -1 with ERR_SYSTEM.
 */
int install_print_json(const struct install *install, const char *result,
                       struct err *err) MUST_CHECK;

#endif
