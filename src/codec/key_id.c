/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/key_id.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"

int key_id_parse(const char *text, size_t len, uint64_t *out, struct err *err)
{
	uint8_t bytes[sizeof *out];
	uint64_t id = 0;

	if (text_from_hex(text, len, bytes, sizeof bytes, err) < 0)
		return err_wrap(err, "key id");
	for (size_t i = 0; i < sizeof bytes; i++)
		id = id << 8 | bytes[i];
	*out = id;
	return 0;
}

void key_id_text(uint64_t id, char out[KEY_ID_TEXT])
{
	(void)snprintf(out, KEY_ID_TEXT, "%016" PRIx64, id); /* always fits */
}
