/* SPDX-License-Identifier: Apache-2.0 */
/* A strict front door for inih: what that library lets through silently (cut
 * lines, joined lines, repeated keys, inline comments; its release 55) is
 * refused before it sees the text. */
#ifndef CODEC_INI_H
#define CODEC_INI_H

#include <stddef.h>

#include "base/err.h"

#define INI_LINE_MAX     199  /* bytes, without the LF */
#define INI_SECTION_MAX  49   /* bytes of a section's name */
#define INI_KEYS_MAX     4096 /* in one text */
#define INI_SECTIONS_MAX 256

enum ini_dialect {
	INI_CANONICAL, /* no comments: what is signed or written by us */
	INI_COMMENTED  /* lines that begin with '#' are comments */
};

/* One "key = value" line; texts are borrowed for the call. */
struct ini_item {
	const char *section; /* "" before the first header */
	const char *key;
	const char *value; /* never empty, no blanks around it */
	unsigned line;     /* from 1 */
};

/** Called for each key in its order; -1 with @err set ends the reading. */
typedef int ini_take_fn(void *context, const struct ini_item *item,
                        struct err *err);

/**
 * ini_read - read an INI text.
 * @text: need not be NUL-terminated.
 *
 * Refuses besides the limits above: NUL and other control bytes, a BOM, CR, a
 * missing LF at the end, a leading blank, ';' and ':' as inih understands them,
 * text behind ']', a line without '=', an empty section, key or value, and a
 * section or key that stands twice.
 *
 * Returns 0, or -1 with ERR_FORMAT or ERR_LIMIT naming the line, or what @take
 * set, wrapped with the line.
 */
int ini_read(const char *text, size_t len, enum ini_dialect dialect,
             ini_take_fn *take, void *context, struct err *err) MUST_CHECK;

#endif
