/* SPDX-License-Identifier: Apache-2.0 */
/* The part of engine_answer_own.h that reads values. */
#include <string.h>

#include "base/text.h"
#include "codec/engine_answer_own.h"

static const char id_head[] = "sha256:";

void engine_show(const char *text, char *out, size_t size)
{
	size_t len = strlen(text);

	if (len >= size)
		len = size - 1;
	memmove(out, text, len);
	out[len] = '\0';
	if (text_is_printable(out, len))
		return;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)out[i] < 0x20 ||
		    (unsigned char)out[i] >= 0x7f)
			out[i] = '?';
}

int engine_get_member(const struct json_node *object, const char *key,
                      const char **out, struct err *err)
{
	struct json_node node = json_member(object, key);

	return json_get_text(&node, out, err);
}

int engine_show_member(const struct json_node *object, const char *key,
                       char *out, size_t size, struct err *err)
{
	const char *text;

	if (engine_get_member(object, key, &text, err) < 0)
		return -1;
	engine_show(text, out, size);
	return 0;
}

bool engine_read_id(const char *text, uint8_t out[ENGINE_ID_LEN])
{
	size_t head = strlen(id_head);
	struct err err;

	if (strncmp(text, id_head, head) == 0)
		text += head;
	return text_from_hex(text, strlen(text), out, ENGINE_ID_LEN, &err) == 0;
}

int engine_require_id(const struct json_node *object, const char *key,
                      uint8_t out[ENGINE_ID_LEN], struct err *err)
{
	struct json_node node = json_member(object, key);
	const char *text;

	if (json_require_text(&node, &text, err) < 0)
		return -1;
	if (!engine_read_id(text, out))
		return json_refuse(&node, ERR_FORMAT, err, "is no SHA-256");
	return 0;
}

bool engine_is_bare_id(const char *reference)
{
	size_t head = strlen(id_head);
	size_t len;

	if (strncmp(reference, id_head, head) == 0)
		return true;
	len = strspn(reference, "0123456789abcdef");
	return len >= 12 && reference[len] == '\0';
}

int engine_for_each_text(const struct json_node *object, const char *key,
                         size_t max,
                         void (*each)(void *context, const char *text),
                         void *context, struct err *err)
{
	struct json_node list = json_member(object, key);
	size_t count;

	if (json_get_list(&list, max, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct json_node node = json_element(&list, i);
		const char *text;

		if (json_get_text(&node, &text, err) < 0)
			return -1;
		each(context, text);
	}
	return 0;
}

int engine_take_list(struct engine_reading *reading,
                     const struct json_node *top, size_t max,
                     int (*take)(struct engine_reading *reading,
                                 const struct json_node *node, struct err *err),
                     struct err *err)
{
	size_t count;

	if (!json_is_present(top))
		return json_refuse(top, ERR_FORMAT, err, "is no list");
	if (json_get_list(top, max, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct json_node node = json_element(top, i);

		if (json_require_object(&node, NULL, err) < 0 ||
		    take(reading, &node, err) < 0)
			return -1;
	}
	return 0;
}
