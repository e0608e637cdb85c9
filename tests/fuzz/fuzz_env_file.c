/* SPDX-License-Identifier: Apache-2.0 */
/* Property: what is accepted gives the same names and values when it is written
 * between double quotes and read again, but for control characters that an
 * escape made, which are written as escapes. */
#include "codec/env_file.h"
#include "round_trip.h"

static void write_value(struct buf *out, const char *value)
{
	static const char special[] = "\n\r\t\"\\$";
	static const char letters[] = "nrt\"\\$";
	struct err err;

	require(buf_adds(out, "\"", &err) == 0);
	for (; *value != '\0'; value++) {
		const char *at = strchr(special, *value);
		const char pair[2] = { '\\',
			               at != NULL ? letters[at - special] : 0 };

		if (at != NULL)
			require(buf_add(out, pair, 2, &err) == 0);
		else
			require(buf_add(out, value, 1, &err) == 0);
	}
	require(buf_adds(out, "\"\n", &err) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct env_file first = ENV_FILE_NONE;
	struct env_file second = ENV_FILE_NONE;
	AUTO_BUF struct buf text = BUF_NONE;
	struct err err;

	if (size <= ENV_FILE_MAX / 4 &&
	    env_file_parse((const char *)data, size, &first, &err) == 0) {
		for (size_t i = 0; i < first.count; i++) {
			require(buf_printf(&text, &err,
			                   "%s=", first.items[i].name) == 0);
			write_value(&text, first.items[i].value);
		}
		require(env_file_parse(buf_text(&text), text.len, &second,
		                       &err) == 0);
		require(second.count == first.count);
		for (size_t i = 0; i < first.count; i++)
			require(strcmp(first.items[i].name,
			               second.items[i].name) == 0 &&
			        strcmp(first.items[i].value,
			               second.items[i].value) == 0);
	}
	env_file_done(&first);
	env_file_done(&second);
	return 0;
}
