/* SPDX-License-Identifier: Apache-2.0 */
#include "store/activate.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/disk.h"
#include "base/fs.h"
#include "store/links.h"
#include "store/marks.h"

#define JOURNAL_NAME "journal"

/* --- the journal ----------------------------------------------------- */

int store_pending(const struct store *store, struct journal *out,
                  struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(JOURNAL_MAX);
	AUTO_CLOSE int fd = fs_open_file(store->state, JOURNAL_NAME, err);

	if (fd < 0)
		return err->code == ERR_SYSTEM && err->sys == ENOENT ? 0 : -1;
	if (fs_read_fd(fd, &text, err) < 0 ||
	    journal_parse(buf_text(&text), text.len, out, err) < 0)
		return err_wrap(err, "state of %s", store->name);
	return 1;
}

static int write_journal(const struct store *store,
                         const struct journal *journal, struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(JOURNAL_MAX);

	if (journal_write(journal, &text, err) < 0)
		return -1;
	return disk_replace_file("activate.journal", store->state, JOURNAL_NAME,
	                         STORE_FILE_MODE, text.data, text.len, err);
}

int store_settle(const struct store *store, struct err *err)
{
	if (disk_unlink("activate.settle", store->state, JOURNAL_NAME, err) < 0)
		return -1;
	return disk_sync("activate.settled", store->state, err);
}

/* --- the links ------------------------------------------------------- */

/* The version of a link, "" where there is none. */
static int read_version(const struct store *store, const char *link,
                        char out[VERSION_SIZE], struct err *err)
{
	out[0] = '\0';
	return link_read(store, link, out, err) < 0 ? -1 : 0;
}

/* Make .next, unless it is what it should be already. */
static int make_next(const struct store *store, const char *version,
                     struct err *err)
{
	char target[LINK_TARGET_SIZE];

	if (link_names(store, LINK_NEXT, version))
		return 0;
	link_target(version, target);
	if (disk_unlink("activate.next-clear", store->app, LINK_NEXT, err) < 0)
		return -1;
	return disk_symlink("activate.next", target, store->app, LINK_NEXT,
	                    /* mtime= */ -1, err);
}

/* Bring `previous` to what it must be, and leave no .next.  Does nothing where
 * that is so: recovery and the normal course end with it alike. */
static int settle_previous(const struct store *store, const char *version,
                           struct err *err)
{
	if (version[0] == '\0') {
		if (disk_unlink("activate.previous-none", store->app,
		                LINK_PREVIOUS, err) < 0)
			return -1;
	} else if (!link_names(store, LINK_PREVIOUS, version)) {
		if (make_next(store, version, err) < 0 ||
		    disk_rename("activate.previous", store->app, LINK_NEXT,
		                store->app, LINK_PREVIOUS, err) < 0)
			return -1;
	}
	if (disk_unlink("activate.next-done", store->app, LINK_NEXT, err) < 0)
		return -1;
	return disk_sync("activate.previous-sync", store->app, err);
}

/* --- activation ------------------------------------------------------ */

/* What `previous` becomes: what was current; but never a bad release, nor the
 * one that is current now. */
static int choose_previous(const struct store *store,
                           const struct journal *journal,
                           char out[VERSION_SIZE], struct err *err)
{
	const char *const wishes[] = { journal->from, journal->previous };

	out[0] = '\0';
	for (size_t i = 0; i < sizeof wishes / sizeof *wishes; i++) {
		int is_bad;

		if (wishes[i][0] == '\0' || strcmp(wishes[i], journal->to) == 0)
			continue;
		is_bad = mark_find(store, MARK_BAD, wishes[i], NULL, err);
		if (is_bad < 0)
			return -1;
		if (is_bad == 0) {
			(void)snprintf(out, VERSION_SIZE, "%s", wishes[i]);
			return 0;
		}
	}
	return 0;
}

/* A journal of what the links say. */
static int look_at_links(const struct store *store, const char *to,
                         struct journal *out, struct err *err)
{
	(void)snprintf(out->to, sizeof out->to, "%s", to);
	if (read_version(store, LINK_CURRENT, out->from, err) < 0)
		return -1;
	return read_version(store, LINK_PREVIOUS, out->previous, err);
}

int store_next_previous(const struct store *store, const char *to,
                        char out[VERSION_SIZE], struct err *err)
{
	struct journal journal = { .op = JOURNAL_INSTALL };

	if (look_at_links(store, to, &journal, err) < 0)
		return -1;
	return choose_previous(store, &journal, out, err);
}

/* For file systems that cannot exchange names: previous first, so that the
 * old release is never without a link. */
static int switch_slowly(const struct store *store,
                         const struct journal *journal, struct err *err)
{
	char previous[VERSION_SIZE];

	if (choose_previous(store, journal, previous, err) < 0 ||
	    settle_previous(store, previous, err) < 0 ||
	    make_next(store, journal->to, err) < 0)
		return -1;
	return disk_rename("activate.switch-slowly", store->app, LINK_NEXT,
	                   store->app, LINK_CURRENT, err);
}

/* The commit point. */
static int switch_current(const struct store *store,
                          const struct journal *journal, struct err *err)
{
	if (make_next(store, journal->to, err) < 0)
		return -1;
	if (journal->from[0] == '\0')
		return disk_rename_new("activate.first", store->app, LINK_NEXT,
		                       store->app, LINK_CURRENT, err);
	if (disk_exchange("activate.switch", store->app, LINK_NEXT, store->app,
	                  LINK_CURRENT, err) == 0)
		return 0;
	return err->sys == EINVAL ? switch_slowly(store, journal, err) : -1;
}

/* All that is left to do once current is the new release. */
static int finish(const struct store *store, const struct journal *journal,
                  struct err *err)
{
	char previous[VERSION_SIZE];

	if (choose_previous(store, journal, previous, err) < 0 ||
	    settle_previous(store, previous, err) < 0)
		return -1;
	switch (journal->gate) {
	case GATE_NONE:
		return store_settle(store, err);
	case GATE_PENDING:
		return 0;
	}
	return 0;
}

static int require_settled(const struct store *store, struct err *err)
{
	struct journal journal;
	int got = store_pending(store, &journal, err);

	if (got == 1)
		return err_set(err, ERR_CONFLICT, 0,
		               "an activation of %s is still under way; run "
		               "'install-package recover'",
		               store->name);
	return got;
}

static int activate(const struct store *store, const struct journal *journal,
                    struct err *err)
{
	if (write_journal(store, journal, err) < 0 ||
	    switch_current(store, journal, err) < 0 ||
	    disk_sync("activate.switch-sync", store->app, err) < 0 ||
	    finish(store, journal, err) < 0)
		return err_wrap(err, "activating release %s", journal->to);
	return 1;
}

int store_activate(const struct store *store,
                   const struct committed_release *release, enum journal_op op,
                   enum journal_gate gate, struct err *err)
{
	struct journal journal = { .op = op, .gate = gate };

	if (require_settled(store, err) < 0 ||
	    look_at_links(store, release->version, &journal, err) < 0)
		return -1;
	if (strcmp(journal.from, release->version) == 0)
		return 0;
	return activate(store, &journal, err);
}

/* --- the way back ---------------------------------------------------- */

/* Both links as a revert's journal says; does nothing where they are so. */
static int restore(const struct store *store, const struct journal *revert,
                   struct err *err)
{
	if (revert->to[0] == '\0') {
		if (disk_unlink("activate.revert-none", store->app,
		                LINK_CURRENT, err) < 0)
			return -1;
	} else if (!link_names(store, LINK_CURRENT, revert->to)) {
		if (make_next(store, revert->to, err) < 0 ||
		    disk_rename("activate.revert", store->app, LINK_NEXT,
		                store->app, LINK_CURRENT, err) < 0)
			return -1;
	}
	if (disk_sync("activate.revert-sync", store->app, err) < 0)
		return -1;
	return settle_previous(store, revert->previous, err);
}

static void turn_round(const struct journal *journal, struct journal *revert)
{
	*revert = *journal;
	revert->op = JOURNAL_REVERT;
	revert->gate = GATE_NONE;
	memcpy(revert->from, journal->to, sizeof revert->from);
	memcpy(revert->to, journal->from, sizeof revert->to);
}

int store_revert(const struct store *store, char version[VERSION_SIZE],
                 struct err *err)
{
	struct journal journal;
	struct journal revert;
	int got = store_pending(store, &journal, err);

	if (got < 0)
		return -1;
	if (got == 0)
		return err_set(err, ERR_CONFLICT, 0,
		               "no activation of %s is under way", store->name);
	if (journal.op == JOURNAL_REVERT)
		revert = journal;
	else
		turn_round(&journal, &revert);
	if (write_journal(store, &revert, err) < 0 ||
	    restore(store, &revert, err) < 0)
		return err_wrap(err, "going back from release %s", revert.from);
	memcpy(version, revert.to, VERSION_SIZE);
	return 0;
}

/* --- recovery -------------------------------------------------------- */

static int recover_activation(const struct store *store,
                              const struct journal *journal,
                              enum store_recovery *what, struct err *err)
{
	char current[VERSION_SIZE];

	if (journal->op == JOURNAL_REVERT) {
		*what = STORE_REVERTED;
		return restore(store, journal, err);
	}
	if (read_version(store, LINK_CURRENT, current, err) < 0)
		return -1;
	if (strcmp(current, journal->to) == 0) {
		*what = journal->gate == GATE_PENDING ? STORE_PENDING
		                                      : STORE_FINISHED;
		return finish(store, journal, err);
	}
	*what = STORE_UNDONE;
	if (settle_previous(store, journal->previous, err) < 0)
		return -1;
	return store_settle(store, err);
}

int store_recover_links(const struct store *store, struct recovery *out,
                        struct err *err)
{
	struct recovery found = { .what = STORE_CLEAN };
	int got = store_pending(store, &found.journal, err);

	if (got < 0 || (got == 1 && recover_activation(store, &found.journal,
	                                               &found.what, err) < 0))
		return err_wrap(err, "finishing what the last run left");
	*out = found;
	return 0;
}
