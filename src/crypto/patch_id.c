/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/patch_id.h"

#include "base/text.h"

#define LINE_LEN ((size_t)SHA256_HEX_LEN + 1)

int patch_id_of(const uint8_t old_mtree[SHA256_LEN],
                const uint8_t new_mtree[SHA256_LEN], uint64_t *out,
                struct err *err)
{
	char lines[2 * LINE_LEN + 1];
	uint8_t digest[SHA256_LEN];
	uint64_t id = 0;

	text_to_hex(old_mtree, SHA256_LEN, lines);
	text_to_hex(new_mtree, SHA256_LEN, lines + LINE_LEN);
	lines[LINE_LEN - 1] = '\n';
	lines[2 * LINE_LEN - 1] = '\n';
	if (sha256_of(lines, 2 * LINE_LEN, digest, err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof id; i++)
		id = id << 8 | digest[i];
	*out = id;
	return 0;
}
