/* SPDX-License-Identifier: Apache-2.0 */
/* A byte buffer that grows up to a limit the owner names.  Texts are built in
 * it with buf_printf; buf_text gives them NUL-terminated. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/err.h"

struct buf {
	char *data; /* owned; NULL while empty */
	size_t len; /* bytes in use */
	size_t cap; /* bytes allocated */
	size_t max; /* len never exceeds this */
};

#define BUF_MAX_DEFAULT ((size_t)64 << 20)
#define BUF_NONE        ((struct buf){ NULL, 0, 0, BUF_MAX_DEFAULT })
#define BUF_LIMIT(n)    ((struct buf){ NULL, 0, 0, (n) })
#define AUTO_BUF        AUTO(buf_done)
#define AUTO_SECRET     AUTO(buf_wipe) /* a struct buf with a secret in it */

/** buf_done - release the memory; the buffer is empty and usable afterwards. */
void buf_done(struct buf *buf);

/**
 * buf_wipe - buf_done for a secret: what is released is overwritten.
 *
 * Memory that a buffer outgrew was not: reserve what a secret needs before it
 * is read where that counts.
 */
void buf_wipe(struct buf *buf);

/**
 * buf_reserve - make room for @more bytes behind len.
 *
 * Returns 0, or -1 with ERR_LIMIT above max or ERR_SYSTEM without memory; the
 * contents stay as they were.
 */
int buf_reserve(struct buf *buf, size_t more, struct err *err) MUST_CHECK;

/** buf_add - append @len bytes; errors as buf_reserve. */
int buf_add(struct buf *buf, const void *data, size_t len,
            struct err *err) MUST_CHECK;

/** buf_adds - append a NUL-terminated text without its NUL. */
int buf_adds(struct buf *buf, const char *text, struct err *err) MUST_CHECK;

/** buf_add_u64 - append a number in decimal; buf_printf is slow by the million.
 */
int buf_add_u64(struct buf *buf, uint64_t value, struct err *err) MUST_CHECK;

/** buf_printf - append formatted text; errors as buf_reserve. */
int buf_printf(struct buf *buf, struct err *err, const char *fmt, ...)
	PRINTF_LIKE(3, 4) MUST_CHECK;

/** buf_cut - drop what lies behind the first @len bytes. */
void buf_cut(struct buf *buf, size_t len);

/**
 * buf_text - the contents as a NUL-terminated string, borrowed until the next
 * call on the buffer.  Returns "" when empty; never NULL: every append keeps a
 * NUL behind len.
 */
const char *buf_text(const struct buf *buf);

/** buf_bytes - the contents as bytes, borrowed in the same way. */
struct bytes buf_bytes(const struct buf *buf);

#endif
