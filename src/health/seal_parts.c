/* SPDX-License-Identifier: Apache-2.0 */
#include "health/seal_parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"

#define PACKAGE_FILES_MAX 1000 /* names in packages/<version> */

static bool is_evidence(enum part_kind kind)
{
	return kind != PART_RELEASE_INI && !part_is_pinned(kind);
}

static int take_names(char *const *names, size_t count, struct seal_parts *out,
                      struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		struct part part;

		if (!part_parse(names[i], strlen(names[i]), &part) ||
		    !is_evidence(part.kind))
			continue;
		if (out->count == SEAL_PARTS_MAX)
			return err_set(err, ERR_LIMIT, 0,
			               "more than %d signatures and "
			               "attestations",
			               SEAL_PARTS_MAX);
		out->items[out->count++] = (struct seal_part){
			part, BUF_LIMIT((size_t)part_max_size(part.kind))
		};
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct seal_part *left = a;
	const struct seal_part *right = b;

	return part_compare(left->part, right->part);
}

static int read_all(int package, struct seal_parts *parts, struct err *err)
{
	for (size_t i = 0; i < parts->count; i++) {
		char name[PART_NAME_SIZE];

		part_name(parts->items[i].part, name);
		if (fs_read_trusted(package, name, &parts->items[i].bytes,
		                    err) < 0)
			return -1;
	}
	return 0;
}

int seal_parts_read(int package, struct seal_parts *out, struct err *err)
{
	char **names;
	size_t count;
	int result;

	if (fs_list(package, PACKAGE_FILES_MAX, &names, &count, err) < 0)
		return -1;
	result = take_names(names, count, out, err);
	fs_list_free(names, count);
	if (result < 0)
		return -1;
	qsort(out->items, out->count, sizeof out->items[0], compare);
	return read_all(package, out, err);
}

void seal_parts_done(struct seal_parts *parts)
{
	for (size_t i = 0; i < parts->count; i++)
		buf_done(&parts->items[i].bytes);
	parts->count = 0;
}
