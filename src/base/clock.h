/* SPDX-License-Identifier: Apache-2.0 */
/* Times as seconds since 1970 UTC, and their one spelling in our files:
 * RFC 3339 with "Z", whole seconds, years 1970 to 9999. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define CLOCK_TEXT_SIZE 21           /* "2026-01-02T03:04:05Z" and a NUL */
#define CLOCK_MAX       253402300799 /* 9999-12-31T23:59:59Z */
#define CLOCK_DAY       86400        /* seconds */

/** clock_now - the host's clock. */
int64_t clock_now(void);

/** clock_now_ns - the same in nanoseconds. */
int64_t clock_now_ns(void);

/** clock_monotonic_ms - milliseconds for deadlines; never goes back. */
int64_t clock_monotonic_ms(void);

/** clock_format - write @time (0 to CLOCK_MAX; clamped) to @out. */
void clock_format(int64_t time, char out[CLOCK_TEXT_SIZE]);

/** clock_parse - read exactly what clock_format writes.  0 or ERR_FORMAT. */
int clock_parse(const char *text, size_t len, int64_t *out,
                struct err *err) MUST_CHECK;

#endif
