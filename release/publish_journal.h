/* SPDX-License-Identifier: Apache-2.0 */
/* What a publication has done, in a file beside its lockfile:
 * <lockfile>.journal, a JSON object a line, durable when a call returns.  It is
 * for people, and for the next run's word that it goes on; what is really there
 * is asked of the servers.  It holds addresses and digests, no secret.
 *
 *     {"journal":"tidegate.publish/1","plan":"<hex>"}
 *     {"step":"upload","target":"oci://ghcr.io/acme/packs"}
 *     {"step":"draft","place":"github://acme/tool:1.2.3","id":"1001"}
 *     {"step":"moved","place":"oci://...:1.2.3","was":"sha256:..."}
 *     {"step":"done"}
 *
 * The plan is a digest of all packages and targets.  It also is the lock: two
 * runs never write the same lockfile. */
#ifndef RELEASE_PUBLISH_JOURNAL_H
#define RELEASE_PUBLISH_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "crypto/sha256.h"

#define PUBLISH_JOURNAL_MAX                                                    \
	((size_t)4 << 20) /* bytes; a longer one is begun                      \
	                   * anew */

struct publish_journal {
	int fd;            /* owned; locked */
	bool continues;    /* an earlier run of the same plan did not end */
	unsigned steps;    /* that it had done */
	struct buf before; /* owned; its lines */
};

#define PUBLISH_JOURNAL_NONE                                                   \
	((struct publish_journal){ .fd = -1,                                   \
	                           .before = BUF_LIMIT(PUBLISH_JOURNAL_MAX) })
#define AUTO_PUBLISH_JOURNAL AUTO(publish_journal_close)

/**
 * publish_journal_open - open, or begin, the journal beside @lock.
 * @plan: what this run is about.
 * @out:  to be closed with publish_journal_close, also after -1.
 *
 * That of another plan, or of one that ended, is begun anew.  Returns 0, or -1
 * with ERR_LOCKED when another run has it, ERR_SYSTEM.
 */
int publish_journal_open(const char *lock, const uint8_t plan[SHA256_LEN],
                         struct publish_journal *out,
                         struct err *err) MUST_CHECK;

/** publish_journal_close - idempotent. */
void publish_journal_close(struct publish_journal *journal);

/** publish_journal_step - "@step was done for @target". */
int publish_journal_step(struct publish_journal *journal, const char *step,
                         const char *target, struct err *err) MUST_CHECK;

/** publish_journal_moved - a name is about to be taken away from something
 * else.
 * @was: the digest of that; NULL where it has none. */
int publish_journal_moved(struct publish_journal *journal, const char *place,
                          const uint8_t *was, struct err *err) MUST_CHECK;

/** publish_journal_draft - a draft was made on a release page: its id, which
 * tells it from another of the same tag. */
int publish_journal_draft(struct publish_journal *journal, const char *place,
                          uint64_t id, struct err *err) MUST_CHECK;

/**
 * publish_journal_find_draft - what the run that this one continues noted last
 * of @place.
 * @id: out; 0 where it noted nothing.
 * Returns 0, or -1 with ERR_SYSTEM.
 */
int publish_journal_find_draft(const struct publish_journal *journal,
                               const char *place, uint64_t *id,
                               struct err *err) MUST_CHECK;

/** publish_journal_end - all was done. */
int publish_journal_end(struct publish_journal *journal,
                        struct err *err) MUST_CHECK;

#endif
