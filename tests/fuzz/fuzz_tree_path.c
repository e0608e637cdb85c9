/* SPDX-License-Identifier: Apache-2.0 */
/* Input: a path and, behind a NUL, a link target.  Properties: an accepted
 * path has no component that names something else, and a target that stays
 * never climbs above the top when it is walked. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "codec/tree_path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int holds)
{
	if (!holds)
		abort();
}

/* Between slashes, a bad component shows as one of these. */
static void try_path(const char *path, size_t len)
{
	static const char *const bad[] = { "//", "/./", "/../", "\n" };
	AUTO_BUF struct buf text = BUF_NONE;
	struct err err;

	if (tree_path_check(path, len, &err) < 0)
		return;
	require(len > 0 && len < TREE_PATH_SIZE);
	require(memchr(path, '\0', len) == NULL);
	require(buf_adds(&text, "/", &err) == 0);
	require(buf_add(&text, path, len, &err) == 0);
	require(buf_adds(&text, "/", &err) == 0);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		require(strstr(text.data, bad[i]) == NULL);
}

/* How far above its start a walk along @target gets at most. */
static long highest(const char *target)
{
	long depth = 0;
	long top = 0;

	while (*target != '\0') {
		size_t n = strcspn(target, "/");

		if (n == 2 && memcmp(target, "..", 2) == 0)
			depth--;
		else if (n > 0 && !(n == 1 && target[0] == '.'))
			depth++;
		if (depth < top)
			top = depth;
		target += n + (target[n] == '/');
	}
	return -top;
}

static void try_link(const char *path, const char *target)
{
	long depth = 0;
	struct err err;

	if (tree_path_check(path, strlen(path), &err) < 0 ||
	    tree_link_check(target, strlen(target), &err) < 0 ||
	    !tree_link_stays(path, target))
		return;
	for (; *path != '\0'; path++)
		depth += *path == '/';
	require(target[0] != '/' && highest(target) <= depth);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_BUF struct buf text = BUF_NONE;
	struct err err;
	size_t path_len;

	try_path((const char *)data, size);
	require(buf_add(&text, data, size, &err) == 0);
	path_len = strlen(buf_text(&text));
	if (path_len < size)
		try_link(text.data, text.data + path_len + 1);
	return 0;
}
