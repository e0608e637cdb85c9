/* SPDX-License-Identifier: Apache-2.0 */
/* Key ids of minisign as our files spell them: 16 lower-case hex digits. */
#ifndef CODEC_KEY_ID_H
#define CODEC_KEY_ID_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define KEY_ID_TEXT 17 /* bytes, with the NUL */

/** key_id_parse - @out: written only on 0.  Returns 0, or ERR_FORMAT. */
int key_id_parse(const char *text, size_t len, uint64_t *out,
                 struct err *err) MUST_CHECK;

void key_id_text(uint64_t id, char out[KEY_ID_TEXT]);

#endif
