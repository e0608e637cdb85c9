/* SPDX-License-Identifier: Apache-2.0 */
/* How a program that was asked for JSON says that it failed:
 *
 *     {"result":"failed","error":"<what went wrong>","status":<exit status>}
 */
#ifndef CODEC_FAILURE_H
#define CODEC_FAILURE_H

#include "base/buf.h"
#include "base/err.h"
#include "codec/json_write.h"

/** failure_word - one word for the kind of a failure: "refused" (not trusted),
 * "reverted" (unhealthy, and what was is back), "stranded", else "failed". */
const char *failure_word(const struct err *failure);

/** failure_members - the members "error" and "status", into an open object.
 * Returns 0, or -1 as json_text. */
int failure_members(const struct err *failure, struct json_writer *json,
                    struct err *err) MUST_CHECK;

/** failure_json - append the whole object to @out; without an LF.
 * Returns 0, or -1 as json_text. */
int failure_json(const struct err *failure, struct buf *out,
                 struct err *err) MUST_CHECK;

#endif
