/* SPDX-License-Identifier: Apache-2.0 */
/* Input: a dossier.  Property: items that are accepted, added to a new dossier,
 * make the same bytes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "privsep/dossier.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dossier_reader reader = { .left = { data, size } };
	AUTO_DOSSIER struct dossier again = DOSSIER_NONE;
	AUTO_BUF struct buf text = BUF_LIMIT(DOSSIER_MAX);
	struct dossier_item item;
	struct err err;
	int got;

	require(dossier_begin(&again, &err) == 0);
	while ((got = dossier_next(&reader, &item, &err)) == 1)
		require(dossier_add(&again, item.kind, item.name, item.bytes,
		                    &err) == 0);
	if (got < 0)
		return 0;
	require(again.size == size);
	require(dossier_read(again.fd, again.size, &text, &err) == 0);
	require(size == 0 || memcmp(text.data, data, size) == 0);
	return 0;
}
