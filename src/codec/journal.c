/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/journal.h"

#include <string.h>

#include "codec/record.h"

static const char *const op_names[] = {
	[JOURNAL_INSTALL] = "install",
	[JOURNAL_ACTIVATE] = "activate",
	[JOURNAL_ROLLBACK] = "rollback",
	[JOURNAL_REVERT] = "revert",
	NULL,
};

static const char *const gate_names[] = {
	[GATE_NONE] = "none",
	[GATE_PENDING] = "pending",
	NULL,
};

/* The table reads and writes both as unsigned. */
_Static_assert(sizeof(enum journal_op) == sizeof(unsigned), "an enum's size");
_Static_assert(sizeof(enum journal_gate) == sizeof(unsigned), "an enum's size");

#define PLACE(member)                                                          \
	.section = "", .key = #member,                                         \
	.offset = offsetof(struct journal, member)
#define WORD(member, names) PLACE(member), .type = RECORD_WORD, .words = names
#define VERSION(member)                                                        \
	PLACE(member), .type = RECORD_TEXT, .need = RECORD_OPTIONAL,           \
		       .size = VERSION_SIZE, .is_legal = name_is_version

static const struct record_field fields[] = {
	{ .section = "", .key = "format", .type = RECORD_FORMAT },
	{ WORD(op, op_names) },
	{ VERSION(from) },
	{ VERSION(to) },
	{ VERSION(previous) },
	{ WORD(gate, gate_names) },
};

static const struct record_table table = { fields,
	                                   sizeof fields / sizeof fields[0] };

const char *journal_op_name(enum journal_op op)
{
	return op_names[op];
}

int journal_write(const struct journal *in, struct buf *out, struct err *err)
{
	if ((in->to[0] == '\0' && in->op != JOURNAL_REVERT) ||
	    strcmp(in->from, in->to) == 0)
		return err_set(err, ERR_USAGE, 0,
		               "the journal changes nothing");
	return record_write(&table, in, out, err);
}

static int write_record(const void *record, struct buf *out, struct err *err)
{
	return journal_write(record, out, err);
}

static int take(void *context, const struct ini_item *item, struct err *err)
{
	return record_take(&table, context, item, err);
}

int journal_parse(const char *text, size_t len, struct journal *out,
                  struct err *err)
{
	struct journal parsed = { .op = JOURNAL_INSTALL };

	if (len > JOURNAL_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "the journal is longer than %zu bytes",
		               JOURNAL_MAX);
	if (ini_read(text, len, INI_CANONICAL, take, &parsed, err) < 0 ||
	    record_prove(text, len, &parsed, write_record, err) < 0)
		return err_wrap(err, "reading the journal");
	*out = parsed;
	return 0;
}
