/* SPDX-License-Identifier: Apache-2.0 */
/* The half of json_read.h that walks over a document. */
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "codec/base64.h"
#include "codec/json_read.h"

#define PATH_SIZE    256 /* of a field's name in errors, with the NUL */
#define QUOTED_MAX   60  /* bytes of foreign text in an error */
#define MESSAGE_SIZE 256

/* Append ".key" or "[index]"; what does not fit is cut. */
static void add_step(char path[PATH_SIZE], size_t *len,
                     const struct json_node *node)
{
	size_t left = PATH_SIZE - *len;
	int n = node->key != NULL
	                ? snprintf(path + *len, left, "%s%s",
	                           *len > 0 ? "." : "", node->key)
	                : snprintf(path + *len, left, "[%zu]", node->index);

	if (n > 0)
		*len += (size_t)n < left ? (size_t)n : left - 1;
}

/* "verificationMaterial.tlogEntries[2].logIndex". */
static void name_field(const struct json_node *node, char path[PATH_SIZE])
{
	const struct json_node *steps[JSON_DEPTH_MAX + 1];
	size_t count = 0, len = 0;

	for (; node->parent != NULL && count <= JSON_DEPTH_MAX;
	     node = node->parent)
		steps[count++] = node;
	(void)snprintf(path, PATH_SIZE, "%s", count > 0 ? "" : "top level");
	while (count > 0)
		add_step(path, &len, steps[--count]);
}

int json_refuse(const struct json_node *node, enum err_code code,
                struct err *err, const char *fmt, ...)
{
	char path[PATH_SIZE], message[MESSAGE_SIZE];
	va_list args;

	name_field(node, path);
	va_start(args, fmt);
	(void)vsnprintf(message, sizeof message, fmt, args);
	va_end(args);
	return err_set(err, code, 0, "%s: %s", path, message);
}

/* Name the field of an error that a text conversion set. */
static int name_error(const struct json_node *node, struct err *err)
{
	char path[PATH_SIZE];

	name_field(node, path);
	return err_wrap(err, "%s", path);
}

static int refuse_type(const struct json_node *node, const char *want,
                       struct err *err)
{
	return json_refuse(
		node, ERR_FORMAT, err, "%s %s",
		json_is_present(node) ? "is not" : "is missing:", want);
}

struct json_node json_top(const struct json_document *document)
{
	return (struct json_node){ .value = document->root };
}

bool json_is_present(const struct json_node *node)
{
	return node->value != NULL;
}

static struct json_t *unless_null(struct json_t *value)
{
	return json_is_null(value) ? NULL : value;
}

struct json_node json_member(const struct json_node *object, const char *key)
{
	return (struct json_node){
		.value = unless_null(json_object_get(object->value, key)),
		.parent = object,
		.key = key,
	};
}

struct json_node json_element(const struct json_node *list, size_t index)
{
	return (struct json_node){
		.value = unless_null(json_array_get(list->value, index)),
		.parent = list,
		.index = index,
	};
}

static bool is_known(const char *key, const char *const *known)
{
	for (; *known != NULL; known++)
		if (strcmp(key, *known) == 0)
			return true;
	return false;
}

int json_require_object(const struct json_node *node, const char *const *known,
                        struct err *err)
{
	const char *key;
	json_t *value;

	if (!json_is_object(node->value))
		return refuse_type(node, "an object", err);
	if (known == NULL)
		return 0;
	json_object_foreach(node->value, key, value)
	{
		if (!is_known(key, known))
			return json_refuse(node, ERR_FORMAT, err,
			                   "unknown member '%.*s'", QUOTED_MAX,
			                   key);
	}
	return 0;
}

int json_get_list(const struct json_node *node, size_t max, size_t *count,
                  struct err *err)
{
	size_t size;

	if (!json_is_present(node)) {
		*count = 0;
		return 0;
	}
	if (!json_is_array(node->value))
		return refuse_type(node, "a list", err);
	size = json_array_size(node->value);
	if (size > max)
		return json_refuse(node, ERR_LIMIT, err,
		                   "%zu elements; at most %zu", size, max);
	for (size_t i = 0; i < size; i++) {
		struct json_node element = json_element(node, i);

		if (!json_is_present(&element))
			return json_refuse(&element, ERR_FORMAT, err,
			                   "null in a list");
	}
	*count = size;
	return 0;
}

int json_count_members(const struct json_node *node, size_t max, size_t *count,
                       struct err *err)
{
	size_t size = json_object_size(node->value);

	if (json_is_present(node) && !json_is_object(node->value))
		return refuse_type(node, "an object", err);
	if (size > max)
		return json_refuse(node, ERR_LIMIT, err,
		                   "%zu members; at most %zu", size, max);
	*count = size;
	return 0;
}

int json_get_text(const struct json_node *node, const char **out,
                  struct err *err)
{
	if (json_is_present(node) && !json_is_string(node->value))
		return refuse_type(node, "a text", err);
	*out = json_is_present(node) ? json_string_value(node->value) : "";
	return 0;
}

int json_get_u64(const struct json_node *node, uint64_t max, uint64_t *out,
                 struct err *err)
{
	if (!json_is_present(node)) {
		*out = 0;
		return 0;
	}
	if (json_is_string(node->value)) {
		if (text_u64(json_string_value(node->value),
		             json_string_length(node->value), max, out,
		             err) < 0)
			return name_error(node, err);
		return 0;
	}
	if (!json_is_integer(node->value))
		return refuse_type(node, "a whole number", err);
	if (json_integer_value(node->value) < 0)
		return json_refuse(node, ERR_FORMAT, err, "below 0");
	if ((uint64_t)json_integer_value(node->value) > max)
		return json_refuse(node, ERR_LIMIT, err, "above %llu",
		                   (unsigned long long)max);
	*out = (uint64_t)json_integer_value(node->value);
	return 0;
}

int json_get_bool(const struct json_node *node, bool *out, struct err *err)
{
	if (json_is_present(node) && !json_is_boolean(node->value))
		return refuse_type(node, "true or false", err);
	*out = json_is_true(node->value);
	return 0;
}

int json_get_bytes(struct json_document *document, const struct json_node *node,
                   struct bytes *out, struct err *err)
{
	uint8_t *room = document->bytes + document->used;
	const char *text = "";
	size_t len, got = 0;

	if (json_get_text(node, &text, err) < 0)
		return -1;
	len = strlen(text);
	if (BASE64_DECODED_MAX(len) > document->size - document->used)
		return json_refuse(node, ERR_INTERNAL, err, "decoded twice");
	if (base64_decode(text, len, room, &got, err) < 0)
		return name_error(node, err);
	document->used += got;
	*out = (struct bytes){ got > 0 ? room : NULL, got };
	return 0;
}

int json_get_enum(const struct json_node *node, const char *const *names,
                  unsigned *out, struct err *err)
{
	const char *text = "";

	if (json_get_text(node, &text, err) < 0)
		return -1;
	if (!json_is_present(node)) {
		*out = 0;
		return 0;
	}
	for (unsigned i = 0; names[i] != NULL; i++)
		if (names[i][0] != '\0' && strcmp(text, names[i]) == 0) {
			*out = i;
			return 0;
		}
	return json_refuse(node, ERR_FORMAT, err, "'%.*s' is not known here",
	                   QUOTED_MAX, text);
}

int json_check_printable(const struct json_node *node, const char *text,
                         size_t max, struct err *err)
{
	size_t len = strlen(text);

	if (len > max)
		return json_refuse(node, ERR_LIMIT, err,
		                   "%zu bytes; at most %zu", len, max);
	if (!text_is_printable(text, len))
		return json_refuse(node, ERR_FORMAT, err, "not printable text");
	return 0;
}

int json_require_text(const struct json_node *node, const char **out,
                      struct err *err)
{
	const char *text = "";

	if (json_get_text(node, &text, err) < 0)
		return -1;
	if (text[0] == '\0')
		return json_refuse(node, ERR_FORMAT, err,
		                   "is missing or empty");
	*out = text;
	return 0;
}

int json_require_bytes(struct json_document *document,
                       const struct json_node *node, struct bytes *out,
                       struct err *err)
{
	struct bytes bytes;

	if (json_get_bytes(document, node, &bytes, err) < 0)
		return -1;
	if (bytes.len == 0)
		return json_refuse(node, ERR_FORMAT, err,
		                   "is missing or empty");
	*out = bytes;
	return 0;
}

int json_require_exact(const struct json_node *node, uint8_t *out, size_t size,
                       struct err *err)
{
	const char *text = "";

	if (json_require_text(node, &text, err) < 0)
		return -1;
	if (base64_decode_exact(text, strlen(text), out, size, err) < 0)
		return name_error(node, err);
	return 0;
}
