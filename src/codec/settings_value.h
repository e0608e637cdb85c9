/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of values that the host's configuration has.  Each function reads
 * one value, which is never empty and has no blanks around it (codec/ini.h);
 * it returns 0, or -1 with ERR_USAGE (or ERR_LIMIT) that quotes the value, and
 * then the output is untouched. */
#ifndef CODEC_SETTINGS_VALUE_H
#define CODEC_SETTINGS_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define SETTINGS_VALUE_SIZE  200 /* bytes of a value, with the NUL */
#define SETTINGS_WORDS_MAX   32
#define SETTINGS_UNITS_MAX   16
#define SETTINGS_USER_SIZE   33
#define SETTINGS_TIMEOUT_MAX 3600 /* seconds */

#define SETTINGS_ALNUM                                                         \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/* A value of several words.  Each points into text. */
struct settings_words {
	char text[SETTINGS_VALUE_SIZE]; /* the words, each NUL-terminated */
	size_t at[SETTINGS_WORDS_MAX];  /* where each begins in text */
	size_t count;
};

/** settings_word - the @number-th word (below count) of a value; "" is the
 * first of none. */
const char *settings_word(const struct settings_words *words, size_t number);

/** settings_begins - whether @text begins with @word. */
bool settings_begins(const char *text, const char *word);

/** settings_is_made_of - whether @text has only characters of @allowed, and at
 * least one. */
bool settings_is_made_of(const char *text, const char *allowed);

/** settings_take_flag - yes or no. */
int settings_take_flag(const char *value, bool *out,
                       struct err *err) MUST_CHECK;

/** settings_take_number - a decimal number from @least to @most. */
int settings_take_number(const char *value, unsigned least, unsigned most,
                         unsigned *out, struct err *err) MUST_CHECK;

/** settings_take_bytes - up to 2^50 bytes, with K, M or G for powers of 1024.
 */
int settings_take_bytes(const char *value, uint64_t *out,
                        struct err *err) MUST_CHECK;

/** settings_take_text - any printable text. */
int settings_take_text(const char *value, char *out, size_t size,
                       struct err *err) MUST_CHECK;

/** settings_take_path - an absolute path, not / itself. */
int settings_take_path(const char *value, char *out, size_t size,
                       struct err *err) MUST_CHECK;

/** settings_take_words - up to @max (at most SETTINGS_WORDS_MAX) words with
 * blanks between them. */
int settings_take_words(const char *value, size_t max,
                        struct settings_words *out, struct err *err) MUST_CHECK;

/** settings_take_units - names of systemd units, SETTINGS_UNITS_MAX at most. */
int settings_take_units(const char *value, struct settings_words *out,
                        struct err *err) MUST_CHECK;

/** settings_take_command - a program by its absolute path, and arguments. */
int settings_take_command(const char *value, struct settings_words *out,
                          struct err *err) MUST_CHECK;

/** settings_take_user - the name of a user of the host. */
int settings_take_user(const char *value, char out[SETTINGS_USER_SIZE],
                       struct err *err) MUST_CHECK;

/** settings_check_http - that @url is an http:// or https:// address. */
int settings_check_http(const char *url, struct err *err) MUST_CHECK;

#endif
