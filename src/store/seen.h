/* SPDX-License-Identifier: Apache-2.0 */
/* state/seen: the highest sequence seen, as a text that only its owner
 * (trust/advance) understands. */
#ifndef STORE_SEEN_H
#define STORE_SEEN_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "store/store.h"

#define SEEN_MAX ((size_t)2 << 20) /* bytes */

/** seen_read - append it to @out.  Returns 1, 0 when there is none yet, or -1
 * with ERR_SYSTEM, ERR_UNTRUSTED or ERR_LIMIT. */
int seen_read(const struct store *store, struct buf *out,
              struct err *err) MUST_CHECK;

/** seen_write - replace it; durable on return. */
int seen_write(const struct store *store, const void *data, size_t len,
               struct err *err) MUST_CHECK;

#endif
