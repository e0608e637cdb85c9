/* SPDX-License-Identifier: Apache-2.0 */
/* Input: a byte for the dialect, then a text.  Property: inih gives exactly
 * the lines that stand there: what it gives, written again and read again, is
 * the same. */
#include "codec/ini.h"
#include "codec/ini_write.h"
#include "round_trip.h"

struct copy {
	struct buf *out;
	char section[INI_SECTION_MAX + 1];
	unsigned line;
	int is_writable;
};

static int write_again(void *context, const struct ini_item *item,
                       struct err *err)
{
	struct copy *copy = context;

	require(item->line > copy->line);
	copy->line = item->line;
	if (strcmp(copy->section, item->section) != 0) {
		size_t len = strlen(item->section);

		require(len > 0 && len < sizeof copy->section);
		memcpy(copy->section, item->section, len + 1);
		require(ini_write_section(copy->out, item->section, err) == 0);
	}
	/* The reader leaves UTF-8 to those who know what a value is. */
	if (ini_write_item(copy->out, item->key, item->value, err) < 0)
		copy->is_writable = 0;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_BUF struct buf once = BUF_NONE;
	AUTO_BUF struct buf twice = BUF_NONE;
	struct copy first = { .out = &once, .is_writable = 1 };
	struct copy second = { .out = &twice, .is_writable = 1 };
	enum ini_dialect dialect;
	struct err err;

	if (size == 0)
		return 0;
	dialect = data[0] % 2 == 0 ? INI_CANONICAL : INI_COMMENTED;
	if (ini_read((const char *)data + 1, size - 1, dialect, write_again,
	             &first, &err) < 0 ||
	    !first.is_writable)
		return 0;
	require(ini_read(buf_text(&once), once.len, INI_CANONICAL, write_again,
	                 &second, &err) == 0);
	require_same(&twice, buf_text(&once), once.len);
	return 0;
}
