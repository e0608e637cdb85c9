/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/journal.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"
#include "codec/ini.h"

static const char *const op_names[] = {
	[JOURNAL_INSTALL] = "install",
	[JOURNAL_ACTIVATE] = "activate",
	[JOURNAL_ROLLBACK] = "rollback",
	[JOURNAL_REVERT] = "revert",
};

static const char *const gate_names[] = {
	[GATE_NONE] = "none",
	[GATE_PENDING] = "pending",
};

#define OP_COUNT   (sizeof op_names / sizeof *op_names)
#define GATE_COUNT (sizeof gate_names / sizeof *gate_names)

const char *journal_op_name(enum journal_op op)
{
	return op_names[op];
}

/* The index of @text among @names, or -1. */
static int find_name(const char *const *names, size_t count, const char *text)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], text) == 0)
			return (int)i;
	return -1;
}

static int take_version(const char *text, char out[VERSION_SIZE],
                        struct err *err)
{
	if (!name_is_version(text, strlen(text)))
		return err_set(err, ERR_FORMAT, 0, "'%s' is no version", text);
	return text_copy(out, VERSION_SIZE, text, strlen(text), err);
}

static int take_name(const char *const *names, size_t count, const char *text,
                     int *out, struct err *err)
{
	int index = find_name(names, count, text);

	if (index < 0)
		return err_set(err, ERR_FORMAT, 0, "unknown word '%s'", text);
	*out = index;
	return 0;
}

static int take(void *context, const struct ini_item *item, struct err *err)
{
	struct journal *journal = context;
	int index = 0;

	if (strcmp(item->key, "format") == 0)
		return strcmp(item->value, "1") == 0
		               ? 0
		               : err_set(err, ERR_FORMAT, 0,
		                         "unknown format '%s'", item->value);
	if (strcmp(item->key, "from") == 0)
		return take_version(item->value, journal->from, err);
	if (strcmp(item->key, "to") == 0)
		return take_version(item->value, journal->to, err);
	if (strcmp(item->key, "previous") == 0)
		return take_version(item->value, journal->previous, err);
	if (strcmp(item->key, "op") == 0) {
		int got =
			take_name(op_names, OP_COUNT, item->value, &index, err);

		journal->op = (enum journal_op)index;
		return got;
	}
	if (strcmp(item->key, "gate") == 0) {
		int got = take_name(gate_names, GATE_COUNT, item->value, &index,
		                    err);

		journal->gate = (enum journal_gate)index;
		return got;
	}
	return err_set(err, ERR_FORMAT, 0, "unknown key '%s'", item->key);
}

/* One spelling only: what was read must be what would be written. */
static int require_canonical(const struct journal *journal, const char *text,
                             size_t len, struct err *err)
{
	AUTO_BUF struct buf again = BUF_LIMIT(JOURNAL_MAX);

	if (journal_write(journal, &again, err) < 0 || again.len != len ||
	    memcmp(again.data, text, len) != 0)
		return err_set(err, ERR_FORMAT, 0,
		               "a key is missing or out of its place");
	return 0;
}

int journal_parse(const char *text, size_t len, struct journal *out,
                  struct err *err)
{
	struct journal journal = { .op = JOURNAL_INSTALL };

	if (len > JOURNAL_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "the journal is longer than %zu bytes",
		               JOURNAL_MAX);
	if (ini_read(text, len, INI_CANONICAL, take, &journal, err) < 0 ||
	    require_canonical(&journal, text, len, err) < 0)
		return err_wrap(err, "reading the journal");
	*out = journal;
	return 0;
}

static bool is_version_or_none(const char *text)
{
	return text[0] == '\0' || name_is_version(text, strlen(text));
}

static int check(const struct journal *in, struct err *err)
{
	if (!is_version_or_none(in->from) || !is_version_or_none(in->to) ||
	    !is_version_or_none(in->previous))
		return err_set(err, ERR_USAGE, 0,
		               "the journal names something that is no "
		               "version");
	if ((in->to[0] == '\0' && in->op != JOURNAL_REVERT) ||
	    strcmp(in->from, in->to) == 0)
		return err_set(err, ERR_USAGE, 0,
		               "the journal changes nothing");
	return 0;
}

static int write_version(const char *key, const char *version, struct buf *out,
                         struct err *err)
{
	if (version[0] == '\0')
		return 0;
	return buf_printf(out, err, "%s = %s\n", key, version);
}

int journal_write(const struct journal *in, struct buf *out, struct err *err)
{
	if (check(in, err) < 0 ||
	    buf_printf(out, err, "format = 1\nop = %s\n",
	               journal_op_name(in->op)) < 0 ||
	    write_version("from", in->from, out, err) < 0 ||
	    write_version("to", in->to, out, err) < 0 ||
	    write_version("previous", in->previous, out, err) < 0)
		return -1;
	return buf_printf(out, err, "gate = %s\n", gate_names[in->gate]);
}
