/* SPDX-License-Identifier: Apache-2.0 */
/* Input: two words, split at the first LF.  Properties: a part's name is its
 * only one; the order of two versions is the reverse of its reverse. */
#include "codec/name.h"
#include "codec/part.h"
#include "round_trip.h"

static void try_name(const char *text, size_t len)
{
	char name[PART_NAME_SIZE];
	struct part part;

	/* None of them may leave the folder it stands in. */
	if (name_is_app(text, len) || name_is_version(text, len) ||
	    part_parse(text, len, &part))
		require(memchr(text, '/', len) == NULL &&
		        memchr(text, '\0', len) == NULL && text[0] != '.');
	if (!part_parse(text, len, &part))
		return;
	part_name(part, name);
	require(strlen(name) == len && memcmp(name, text, len) == 0);
}

static void try_order(const char *a, const char *b)
{
	int there = 0;
	int back = 0;

	require(semver_compare(a, b, &there) == semver_compare(b, a, &back));
	require((there > 0) == (back < 0) && (there < 0) == (back > 0));
	if (semver_compare(a, a, &there))
		require(there == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_BUF struct buf text = BUF_NONE;
	struct err err;
	char *lf;

	try_name(size > 0 ? (const char *)data : "", size);
	require(buf_add(&text, data, size, &err) == 0);
	lf = memchr(text.data, '\n', text.len);
	if (lf == NULL)
		return 0;
	*lf = '\0';
	try_order(text.data, lf + 1);
	return 0;
}
