/* SPDX-License-Identifier: Apache-2.0 */
/* Env files: KEY=VALUE lines as docker's --env-file and dotenv have them, read
 * as data.  Nothing in them is ever expanded or run: '$' and '`' are letters
 * like any other.
 *
 *     # a comment; so are lines of blanks alone
 *     OCI_ORG=acme
 *     export PACK_FILTER="one, two"      # "export " is skipped
 *     NOTE='kept as it is: $HOME "x"'
 *
 * A value without quotes goes to the end of the line, or to a '#' behind a
 * blank; blanks around it are dropped.  Between single quotes nothing has a
 * meaning; between double quotes \" \\ \n \r \t \$ have theirs.  Behind the
 * closing quote only blanks and a comment may follow. */
#ifndef CODEC_ENV_FILE_H
#define CODEC_ENV_FILE_H

#include <stddef.h>

#include "base/cleanup.h"
#include "base/err.h"

#define ENV_FILE_MAX      ((size_t)64 << 10) /* bytes */
#define ENV_FILE_KEYS_MAX 256
#define ENV_FILE_NAME_MAX 128 /* bytes */

struct env_item {
	const char *name, *value; /* borrowed from the file's text */
};

struct env_file {
	char *text; /* owned; names and values, each with its NUL */
	struct env_item items[ENV_FILE_KEYS_MAX];
	size_t count;
};

#define ENV_FILE_NONE ((struct env_file){ .text = NULL })
#define AUTO_ENV_FILE AUTO(env_file_done)

/** env_file_done - wipe and release; it may hold secrets. */
void env_file_done(struct env_file *file);

/**
 * env_file_parse - read an env file.
 * @out: ENV_FILE_NONE before; released with env_file_done, also after -1.
 *
 * Refused are: a line without '=', a name that is not
 * [A-Za-z_][A-Za-z0-9_]*, a name that stands twice, a quote that is not closed
 * on its line, other escapes than those above, text behind a closing quote,
 * control characters but tabs, and what is no UTF-8.  CR before LF is dropped;
 * the last line may lack its LF.
 *
 * Returns 0, or -1 with ERR_FORMAT naming the line and never showing a value,
 * ERR_LIMIT, ERR_SYSTEM.
 */
int env_file_parse(const char *text, size_t len, struct env_file *out,
                   struct err *err) MUST_CHECK;

/** env_file_find - the value, or NULL. */
const char *env_file_find(const struct env_file *file, const char *name);

#endif
