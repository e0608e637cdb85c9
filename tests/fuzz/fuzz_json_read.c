/* SPDX-License-Identifier: Apache-2.0 */
/* Properties: what is accepted ends at its extent but for white space, and no
 * getter gives what its type forbids. */
#include "codec/json_read.h"
#include "round_trip.h"

static void get_all(struct json_document *document, struct json_node node)
{
	static const char *const names[] = { "", "a", "SHA2_256", NULL };
	const char *text = "";
	struct bytes bytes = BYTES_NONE;
	unsigned choice = 0;
	uint64_t number = 0;
	struct err err;

	if (json_get_text(&node, &text, &err) == 0)
		require(text != NULL);
	if (json_get_u64(&node, 1000, &number, &err) == 0)
		require(number <= 1000);
	if (json_get_enum(&node, names, &choice, &err) == 0)
		require(choice <= 2);
	if (json_get_bytes(document, &node, &bytes, &err) == 0)
		require(bytes.len == 0 || bytes.data != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_JSON_DOCUMENT struct json_document document = JSON_DOCUMENT_NONE;
	const char *text = (const char *)data;
	size_t count = 0, extent = json_extent(text, size);
	struct json_node top;
	struct err err;

	require(extent <= size);
	if (json_read(text, size, JSON_READ_MAX, &document, &err) < 0)
		return 0;
	for (size_t i = extent; i < size; i++)
		require(strchr(" \t\r\n", text[i]) != NULL && text[i] != '\0');
	top = json_top(&document);
	get_all(&document, json_member(&top, "a"));
	if (json_get_list(&top, 64, &count, &err) == 0)
		for (size_t i = 0; i < count; i++)
			get_all(&document, json_element(&top, i));
	return 0;
}
