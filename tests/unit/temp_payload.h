/* SPDX-License-Identifier: Apache-2.0 */
/* A small payload as a table, and its payload.mtree. */
#ifndef TESTS_UNIT_TEMP_PAYLOAD_H
#define TESTS_UNIT_TEMP_PAYLOAD_H

#include "temp_dir.h"

#include "codec/mtree.h"
#include "codec/release_ini.h"
#include "crypto/sha256.h"

#define CREATED 1700000000

struct payload_entry {
	const char *path;
	const char *
		text; /* of a file; a link's target behind "->"; NULL: folder */
	unsigned mode;
};

static inline int compare_entries(const void *a, const void *b)
{
	const struct payload_entry *left = a;
	const struct payload_entry *right = b;

	return tree_path_compare(left->path, right->path);
}

static inline void fill_entry(const struct payload_entry *in,
                              struct mtree_entry *out)
{
	struct err err;

	memset(out, 0, sizeof *out);
	(void)snprintf(out->path, sizeof out->path, "%s", in->path);
	out->mode = in->mode;
	out->type = ENTRY_DIR;
	if (in->text == NULL)
		return;
	if (strncmp(in->text, "->", 2) == 0) {
		out->type = ENTRY_LINK;
		(void)snprintf(out->link, sizeof out->link, "%s", in->text + 2);
		return;
	}
	out->type = ENTRY_FILE;
	out->size = strlen(in->text);
	assert_int_equal(sha256_of(in->text, out->size, out->sha256, &err), 0);
}

/* Sort the entries and write their payload.mtree below @at; totals and time go
 * to @release.  Returns its descriptor. */
static inline int write_mtree(int at, struct payload_entry *entries,
                              size_t count, struct release_ini *release)
{
	AUTO_BUF struct buf text = BUF_NONE;
	struct mtree_entry entry;
	struct err err;
	int fd;

	qsort(entries, count, sizeof *entries, compare_entries);
	release->created = CREATED;
	assert_int_equal(mtree_write_head(CREATED, &text, &err), 0);
	for (size_t i = 0; i < count; i++) {
		fill_entry(&entries[i], &entry);
		if (mtree_write_entry(&entry, &text, &err) < 0)
			fail_msg("%s: %s", entry.path, err.text);
		release->entries++;
		release->bytes += entry.size;
	}
	fd = openat(at, "mtree", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, text.data, text.len), (ssize_t)text.len);
	return fd;
}

#endif
