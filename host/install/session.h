/* SPDX-License-Identifier: Apache-2.0 */
/* What every command on an installed app begins with: the host, its store and,
 * for those that write, the lock and a recovered store. */
#ifndef INSTALL_SESSION_H
#define INSTALL_SESSION_H

#include <stdbool.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "codec/receipt.h"
#include "host.h"
#include "request.h"
#include "store/history.h"
#include "store/store.h"
#include "trust/judge.h"

struct session {
	const struct request *request; /* borrowed */
	struct host host;
	struct store store;
	int lock; /* owned */
};

#define SESSION_NONE                                                           \
	((struct session){ .host = HOST_NONE, .store = STORE_NONE, .lock = -1 })
#define AUTO_SESSION AUTO(session_done)

void session_done(struct session *session);

/**
 * session_read - open the store for looking only.
 * @out: SESSION_NONE before; release it with session_done, whatever comes.
 * Returns 0, or -1 with ERR_CONFLICT where nothing was ever installed, or as
 * host_open_root and store_open.
 */
int session_read(const struct request *request, struct session *out,
                 struct err *err) MUST_CHECK;

/**
 * session_plan - the same, with configuration and keys (host_open): to say what
 * a command that writes would do.
 */
int session_plan(const struct request *request, struct session *out,
                 struct err *err) MUST_CHECK;

/**
 * session_has_store - whether anything was ever installed; a session whose host
 * is open.  A damaged store is one as well: opening it for writing mends it, or
 * says what is wrong.
 */
bool session_has_store(const struct session *session);

/**
 * session_write - open it for writing: host_open, lock_take, store_open,
 * switch_recover, session_note_current.
 * @command: for whoever finds the lock taken.
 * Returns 0, or -1 with ERR_CONFLICT where nothing was ever installed (nothing
 * is made then), or as these.
 */
int session_write(const struct request *request, const char *command,
                  struct session *out, struct err *err) MUST_CHECK;

/**
 * session_start_writing - the same on a session whose host is open already.
 * After -1 the lock is held where the store was opened, and is not otherwise;
 * session_unlock and session_done fit both.
 */
int session_start_writing(struct session *session, const char *command,
                          struct err *err) MUST_CHECK;

/** session_unlock - let others at the store, and let go of it;
 * session_start_writing begins again. */
void session_unlock(struct session *session);

/**
 * session_note_current - record what is current, and has passed its gate, as
 * seen (progress.h).  That it fails is a warning: going back must be possible
 * all the same, and an install counts what is current in any case.
 */
void session_note_current(const struct session *session);

/**
 * session_user - who runs this program, for records: "uid 1000".  The login uid
 * where there is one, because it outlives sudo.
 */
void session_user(char out[RECEIPT_BY_SIZE]);

/* What the history says of an operation. */
struct event {
	const char *op;
	const char *version; /* NULL: none */
	const char *from;    /* what was current before; NULL or "": none */
	const uint8_t *release_sha256; /* of the release.ini; NULL: none */
	uint64_t sequence;
	const struct signer *signers;
	size_t signer_count;
};

/**
 * session_log - append the operation and how it ended to the history
 * and to the system's log: journald with fields (docs/host.md), else syslog.
 * @session: its host is open.  Without the lock the line is written under one
 *           of its own, and nothing of the app but its records is touched.
 * @failure: NULL when it went well.
 *
 * A history that cannot be written is a warning: what was done stays done.
 */
void session_log(const struct session *session, const struct event *event,
                 const struct err *failure);

#endif
