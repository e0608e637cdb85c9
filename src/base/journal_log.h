/* SPDX-License-Identifier: Apache-2.0 */
/* Entries with fields for journald: one datagram in its native protocol
 * (systemd.io/JOURNAL_NATIVE_PROTOCOL), without its library.  A field is
 * "NAME=value\n", or where the value has a LF "NAME\n", its length as 64 bits
 * little-endian, the value, "\n".
 *
 * Nothing is kept open: where no journald is, each call finds out anew. */
#ifndef BASE_JOURNAL_LOG_H
#define BASE_JOURNAL_LOG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

#define JOURNAL_LOG_SOCKET "/run/systemd/journal/socket"
#define JOURNAL_LOG_ENTRY_MAX                                                  \
	((size_t)64 << 10)      /* bytes; goes in one piece                    \
	                         */
#define JOURNAL_LOG_NAME_MAX 64 /* bytes of a field's name */

/* Priorities of syslog(3), as the field PRIORITY has them. */
#define JOURNAL_LOG_ERROR   "3"
#define JOURNAL_LOG_WARNING "4"
#define JOURNAL_LOG_NOTICE  "5"
#define JOURNAL_LOG_INFO    "6"

struct journal_log_field {
	const char *name;  /* [A-Z][A-Z0-9_]*; others are journald's own */
	const char *value; /* any text; NULL: the field is left out */
};

/**
 * journal_log_encode - append an entry to @out, whose limit holds.
 * Returns 0, or -1 with ERR_INTERNAL for a name that journald would drop,
 * ERR_LIMIT or ERR_SYSTEM; @out may then hold a part of it.
 */
int journal_log_encode(const struct journal_log_field *fields, size_t count,
                       struct buf *out, struct err *err) MUST_CHECK;

/**
 * journal_log - send an entry to the journald that listens at @path,
 * JOURNAL_LOG_SOCKET but in tests, and wait until it has read: only then is it
 * known which unit spoke.  A journald that does not read is given a second.
 *
 * Returns 1, 0 where nobody listens, or -1 with ERR_LIMIT above
 * JOURNAL_LOG_ENTRY_MAX or as journal_log_encode, ERR_SYSTEM: it is not logged.
 */
int journal_log(const char *path, const struct journal_log_field *fields,
                size_t count, struct err *err) MUST_CHECK;

/** journal_log_reads - whether what is written to @fd goes to journald, as the
 * output of a unit or of systemd-cat does. */
bool journal_log_reads(int fd);

#endif
