/* SPDX-License-Identifier: Apache-2.0 */
/* Canonical INI records: one table of fields describes a struct for reading
 * and for writing, so that the two can't drift apart.  What the table can't
 * say (lists, rules over several fields) its module adds. */
#ifndef CODEC_RECORD_H
#define CODEC_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/ini.h"

enum record_type {
	RECORD_FORMAT, /* the constant "1"; no field holds it */
	RECORD_TEXT,   /* char[size] */
	RECORD_NUMBER, /* uint64_t from min to max */
	RECORD_PAIR,   /* two unsigned in a row, each to max, as "1.2" */
	RECORD_TIME,   /* int64_t, seconds since 1970, 0 to max */
	RECORD_DIGEST, /* uint8_t[DIGEST_LEN] */
	RECORD_WORD    /* unsigned: index of one of the words */
};

/* An optional field is absent where it is "" or all 0. */
enum record_need { RECORD_REQUIRED, RECORD_OPTIONAL };

/* One row; which members count depends on the type. */
struct record_field {
	const char *section; /* "" before the first header */
	const char *key;
	enum record_type type;
	enum record_need need;
	size_t offset;                                  /* in the struct */
	size_t size;                                    /* text: with the NUL */
	bool (*is_legal)(const char *text, size_t len); /* text; may be NULL */
	uint64_t min, max;                              /* number, pair, time */
	const char *const *words;                       /* ends with NULL */
};

/* The rows in the order of the text. */
struct record_table {
	const struct record_field *fields;
	size_t count;
};

/**
 * record_take - read one item into its field.
 *
 * Returns 0, or -1 with ERR_FORMAT for an unknown key or a value that the row
 * forbids, or ERR_LIMIT.
 */
int record_take(const struct record_table *table, void *record,
                const struct ini_item *item, struct err *err) MUST_CHECK;

/**
 * record_write - append the sections of the table that have a field present.
 *
 * Returns 0, or -1 with ERR_USAGE when a field is not what its row allows or a
 * required one is absent, or as buf_add; @out is then as before.
 */
int record_write(const struct record_table *table, const void *record,
                 struct buf *out, struct err *err) MUST_CHECK;

/** How a module writes its whole record; errors as record_write. */
typedef int record_write_fn(const void *record, struct buf *out,
                            struct err *err);

/**
 * record_prove - that @text is the canonical spelling of what was read.
 *
 * Returns 0, or -1 with ERR_FORMAT that names the first other line, or says
 * what is missing.
 */
int record_prove(const char *text, size_t len, const void *record,
                 record_write_fn *write, struct err *err) MUST_CHECK;

#endif
