/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_read.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

#define LEVELS_32 "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["
#define ENDS_32   "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"

static const struct read_case {
	const char *name, *text;
	enum err_code code;
	size_t len; /* 0: up to the NUL */
} cases[] = {
	{ "an object", "{\"a\":1}", ERR_NONE, 0 },
	{ "blanks around it", " \n{ }\n", ERR_NONE, 0 },
	{ "nothing", "", ERR_FORMAT, 0 },
	{ "an object without end", "{\"a\":1", ERR_FORMAT, 0 },
	{ "bytes behind it", "{} x", ERR_FORMAT, 0 },
	{ "a second document", "{}{}", ERR_FORMAT, 0 },
	{ "a NUL behind it", "{}\0", ERR_FORMAT, 3 },
	{ "a key that stands twice", "{\"a\":1,\"a\":1}", ERR_FORMAT, 0 },
	{ "the same key, escaped", "{\"a\":1,\"\\u0061\":1}", ERR_FORMAT, 0 },
	{ "a key twice, deeper", "{\"b\":[{\"a\":1,\"a\":2}]}", ERR_FORMAT, 0 },
	{ "an escaped NUL", "[\"a\\u0000b\"]", ERR_FORMAT, 0 },
	{ "a NUL in a key", "{\"a\\u0000b\":1}", ERR_FORMAT, 0 },
	{ "a bare NUL in a text", "[\"a\0b\"]", ERR_FORMAT, 7 },
	{ "a bare control character", "[\"\n\"]", ERR_FORMAT, 0 },
	{ "bytes that are no UTF-8", "[\"\xff\"]", ERR_FORMAT, 0 },
	{ "half a surrogate pair", "[\"\\ud800\"]", ERR_FORMAT, 0 },
	{ "a leading zero", "[01]", ERR_FORMAT, 0 },
	{ "a number above 64 bits", "[9223372036854775808]", ERR_FORMAT, 0 },
	{ "a comment", "{} // x", ERR_FORMAT, 0 },
	{ "a comma at the end", "[1,]", ERR_FORMAT, 0 },
	{ "a text at the top", "\"a\"", ERR_FORMAT, 0 },
	{ "32 levels", LEVELS_32 ENDS_32, ERR_NONE, 0 },
	{ "33 levels", LEVELS_32 "[" ENDS_32 "]", ERR_LIMIT, 0 },
	{ "33 levels without end", LEVELS_32 "[", ERR_LIMIT, 0 },
	{ "33 levels of objects", LEVELS_32 "{}" ENDS_32, ERR_LIMIT, 0 },
	{ "brackets in a text", "[\"" LEVELS_32 "[\\\"[\"]", ERR_NONE, 0 },
	{ "brackets behind an escaped backslash",
	  "[\"\\\\\"," LEVELS_32 ENDS_32 "]", ERR_LIMIT, 0 },
};

static void documents_are_read_strictly(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct read_case *c = &cases[i];
		AUTO_JSON_DOCUMENT struct json_document document =
			JSON_DOCUMENT_NONE;
		struct err err = { .code = ERR_NONE };
		int got = json_read(c->text,
		                    c->len > 0 ? c->len : strlen(c->text),
		                    JSON_READ_MAX, &document, &err);

		if (got != (c->code == ERR_NONE ? 0 : -1) ||
		    err.code != c->code)
			fail_msg("%s: got %d, code %d", c->name, got,
			         (int)err.code);
		if (got < 0 && document.root != NULL)
			fail_msg("%s: touched what it was given", c->name);
	}
}

/* A list of @count zeros. */
static void write_zeros(struct buf *out, size_t count)
{
	struct err err;

	assert_int_equal(buf_adds(out, "[", &err), 0);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(buf_adds(out, i == 0 ? "0" : ",0", &err), 0);
	assert_int_equal(buf_adds(out, "]", &err), 0);
}

static int read_zeros(size_t count, struct err *err)
{
	AUTO_JSON_DOCUMENT struct json_document document = JSON_DOCUMENT_NONE;
	AUTO_BUF struct buf text = BUF_NONE;

	write_zeros(&text, count);
	return json_read(buf_text(&text), text.len, JSON_READ_MAX, &document,
	                 err);
}

static void values_are_counted(void **state)
{
	struct err err;

	(void)state;
	/* The list is one of them. */
	assert_int_equal(read_zeros(JSON_VALUES_MAX - 1, &err), 0);
	assert_int_equal(read_zeros(JSON_VALUES_MAX, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

static void sizes_are_limited(void **state)
{
	static char text[JSON_READ_MAX + 1];
	AUTO_JSON_DOCUMENT struct json_document first = JSON_DOCUMENT_NONE,
						second = JSON_DOCUMENT_NONE;
	struct err err;

	(void)state;
	memset(text, ' ', sizeof text);
	text[0] = '[';
	text[1] = ']';
	assert_int_equal(
		json_read(text, JSON_READ_MAX, JSON_READ_MAX, &first, &err), 0);
	assert_int_equal(
		json_read(text, JSON_READ_MAX + 1, SIZE_MAX, &second, &err),
		-1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(json_read(text, 3, 2, &second, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(json_read(text, 2, 2, &second, &err), 0);
}

static void extents_end_where_documents_end(void **state)
{
	static const struct {
		const char *text;
		size_t want;
	} texts[] = {
		{ "{}{}", 2 },
		{ "{}", 2 },
		{ "\n[{}] {}", 5 },
		{ "[", 1 },
		{ "", 0 },
		{ "\"[]\"[]", 6 },
		{ "[\"]\\\"]\"]x", 8 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		if (json_extent(texts[i].text, strlen(texts[i].text)) !=
		    texts[i].want)
			fail_msg("'%s'", texts[i].text);
}

/* --- getters ------------------------------------------------------------ */

/* What one getter makes of the member "v" of an object. */
static int get_u64(const char *value, uint64_t max, uint64_t *out,
                   struct err *err)
{
	AUTO_JSON_DOCUMENT struct json_document document = JSON_DOCUMENT_NONE;
	struct json_node top, list, node;
	char text[256];

	(void)snprintf(text, sizeof text, "{\"v\":[0,%s]}", value);
	assert_int_equal(
		json_read(text, strlen(text), JSON_READ_MAX, &document, err),
		0);
	top = json_top(&document);
	list = json_member(&top, "v");
	node = json_element(&list, 1);
	return json_get_u64(&node, max, out, err);
}

static void whole_numbers_are_integers_or_texts(void **state)
{
	static const struct {
		const char *value;
		uint64_t max, want;
		enum err_code code;
	} numbers[] = {
		{ "0", 9, 0, ERR_NONE },
		{ "\"0\"", 9, 0, ERR_NONE },
		{ "null", 9, 0, ERR_NONE },
		{ "7", 7, 7, ERR_NONE },
		{ "\"7\"", 7, 7, ERR_NONE },
		{ "8", 7, 0, ERR_LIMIT },
		{ "\"8\"", 7, 0, ERR_LIMIT },
		{ "9223372036854775807", INT64_MAX, INT64_MAX, ERR_NONE },
		{ "\"9223372036854775807\"", INT64_MAX, INT64_MAX, ERR_NONE },
		{ "\"9223372036854775808\"", INT64_MAX, 0, ERR_LIMIT },
		{ "\"18446744073709551616\"", UINT64_MAX, 0, ERR_LIMIT },
		{ "-1", 9, 0, ERR_FORMAT },
		{ "\"-1\"", 9, 0, ERR_FORMAT },
		{ "\"+1\"", 9, 0, ERR_FORMAT },
		{ "\" 1\"", 9, 0, ERR_FORMAT },
		{ "\"1 \"", 9, 0, ERR_FORMAT },
		{ "\"01\"", 9, 0, ERR_FORMAT },
		{ "\"0x1\"", 9, 0, ERR_FORMAT },
		{ "\"\"", 9, 0, ERR_FORMAT },
		{ "1.0", 9, 0, ERR_FORMAT },
		{ "1e0", 9, 0, ERR_FORMAT },
		{ "true", 9, 0, ERR_FORMAT },
		{ "[1]", 9, 0, ERR_FORMAT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		uint64_t out = 77;
		char shown[ERR_TEXT_MAX + 64];
		struct err err = { .code = ERR_NONE };
		int got = get_u64(numbers[i].value, numbers[i].max, &out, &err);

		if (err.code != numbers[i].code ||
		    got != (err.code == ERR_NONE ? 0 : -1))
			fail_msg("%s: got %d, code %d", numbers[i].value, got,
			         (int)err.code);
		if (out != (got == 0 ? numbers[i].want : 77))
			fail_msg("%s: gave %" PRIu64, numbers[i].value, out);
		if (got < 0 && strncmp(err_format(&err, shown, sizeof shown),
		                       "v[1]: ", 6) != 0)
			fail_msg("%s: '%s'", numbers[i].value, shown);
	}
}

/* The members of one object, by the getter that each name says. */
static const char everything[] =
	"{\"text\":\"a\",\"empty\":\"\",\"null\":null,\"number\":1,"
	"\"bytes\":\"Zm9v\",\"wrapped\":\"Zm9v\\n\",\"name\":\"SECOND\","
	"\"strange\":\"FIRST \",\"list\":[1,2],\"holey\":[1,null],"
	"\"object\":{\"a\":1}}";

struct getters {
	struct json_document document;
	struct json_node top;
};

static void read_everything(struct getters *out)
{
	struct err err;

	assert_int_equal(json_read(everything, sizeof everything - 1,
	                           JSON_READ_MAX, &out->document, &err),
	                 0);
	out->top = json_top(&out->document);
}

static void texts_are_got(void **state)
{
	static const struct {
		const char *key, *want; /* NULL: refused */
		int is_required_met;
	} texts[] = {
		{ "text", "a", 1 },    { "empty", "", 0 },
		{ "null", "", 0 },     { "absent", "", 0 },
		{ "number", NULL, 0 }, { "object", NULL, 0 },
	};
	struct getters all;

	(void)state;
	read_everything(&all);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct json_node node = json_member(&all.top, texts[i].key);
		const char *out = "untouched", *required = "untouched";
		struct err err;
		int got = json_get_text(&node, &out, &err);

		if (got != (texts[i].want != NULL ? 0 : -1) ||
		    strcmp(out, got == 0 ? texts[i].want : "untouched") != 0)
			fail_msg("%s: got %d, '%s'", texts[i].key, got, out);
		got = json_require_text(&node, &required, &err);
		if (got != (texts[i].is_required_met ? 0 : -1))
			fail_msg("%s: required: %d", texts[i].key, got);
	}
	json_document_done(&all.document);
}

static void bytes_are_got(void **state)
{
	static const char *const refused[] = { "wrapped", "text", "number",
		                               "list" };
	struct bytes out = { NULL, 77 };
	struct json_node node;
	struct getters all;
	uint8_t three[3];
	struct err err;

	(void)state;
	read_everything(&all);
	node = json_member(&all.top, "bytes");
	assert_int_equal(json_get_bytes(&all.document, &node, &out, &err), 0);
	assert_int_equal(out.len, 3);
	assert_memory_equal(out.data, "foo", 3);
	assert_int_equal(json_require_exact(&node, three, 3, &err), 0);
	assert_memory_equal(three, "foo", 3);
	assert_int_equal(json_require_exact(&node, three, 2, &err), -1);
	node = json_member(&all.top, "absent");
	assert_int_equal(json_get_bytes(&all.document, &node, &out, &err), 0);
	assert_int_equal(out.len, 0);
	assert_int_equal(json_require_bytes(&all.document, &node, &out, &err),
	                 -1);
	assert_int_equal(json_require_exact(&node, three, 3, &err), -1);
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		node = json_member(&all.top, refused[i]);
		if (json_get_bytes(&all.document, &node, &out, &err) == 0)
			fail_msg("%s", refused[i]);
		assert_int_equal(err.code, ERR_FORMAT);
	}
	json_document_done(&all.document);
}

static void truth_is_got(void **state)
{
	static const char text[] = "{\"yes\":true,\"no\":false,\"null\":null,"
				   "\"one\":1,\"text\":\"true\"}";
	static const struct {
		const char *key;
		int want;
		bool value;
	} keys[] = {
		{ "yes", 0, true },   { "no", 0, false },  { "null", 0, false },
		{ "none", 0, false }, { "one", -1, true }, { "text", -1, true },
	};
	AUTO_JSON_DOCUMENT struct json_document document = JSON_DOCUMENT_NONE;
	struct json_node top;
	struct err err;

	(void)state;
	assert_int_equal(json_read(text, sizeof text - 1, JSON_READ_MAX,
	                           &document, &err),
	                 0);
	top = json_top(&document);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		struct json_node node = json_member(&top, keys[i].key);
		bool out = true;

		if (json_get_bool(&node, &out, &err) != keys[i].want ||
		    out != keys[i].value)
			fail_msg("%s", keys[i].key);
	}
}

static void enums_are_got_by_name(void **state)
{
	static const char *const names[] = { "", "FIRST", "SECOND", NULL };
	static const char *const refused[] = { "strange", "number", "empty",
		                               "list" };
	struct json_node node;
	struct getters all;
	unsigned out = 77;
	struct err err;

	(void)state;
	read_everything(&all);
	node = json_member(&all.top, "name");
	assert_int_equal(json_get_enum(&node, names, &out, &err), 0);
	assert_int_equal(out, 2);
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		node = json_member(&all.top, refused[i]);
		if (json_get_enum(&node, names, &out, &err) == 0)
			fail_msg("%s", refused[i]);
		assert_int_equal(out, 2);
	}
	node = json_member(&all.top, "absent");
	assert_int_equal(json_get_enum(&node, names, &out, &err), 0);
	assert_int_equal(out, 0);
	json_document_done(&all.document);
}

static void lists_are_got(void **state)
{
	struct json_node node;
	struct getters all;
	size_t count = 77;
	struct err err;

	(void)state;
	read_everything(&all);
	node = json_member(&all.top, "list");
	assert_int_equal(json_get_list(&node, 1, &count, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(count, 77);
	assert_int_equal(json_get_list(&node, 2, &count, &err), 0);
	assert_int_equal(count, 2);
	node = json_member(&all.top, "absent");
	assert_int_equal(json_get_list(&node, 2, &count, &err), 0);
	assert_int_equal(count, 0);
	node = json_member(&all.top, "holey");
	assert_int_equal(json_get_list(&node, 2, &count, &err), -1);
	assert_string_equal(err.text, "holey[1]: null in a list");
	node = json_member(&all.top, "object");
	assert_int_equal(json_get_list(&node, 2, &count, &err), -1);
	json_document_done(&all.document);
}

static void unknown_members_are_refused(void **state)
{
	static const char *const a[] = { "b", "a", NULL };
	static const char *const b[] = { "b", NULL };
	struct json_node object, absent;
	struct getters all;
	struct err err;

	(void)state;
	read_everything(&all);
	object = json_member(&all.top, "object");
	absent = json_member(&object, "x");
	assert_int_equal(json_require_object(&object, a, &err), 0);
	assert_int_equal(json_require_object(&object, NULL, &err), 0);
	assert_int_equal(json_require_object(&object, b, &err), -1);
	assert_string_equal(err.text, "object: unknown member 'a'");
	assert_int_equal(json_require_object(&absent, NULL, &err), -1);
	assert_string_equal(err.text, "object.x: is missing: an object");
	json_document_done(&all.document);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documents_are_read_strictly),
		cmocka_unit_test(values_are_counted),
		cmocka_unit_test(sizes_are_limited),
		cmocka_unit_test(extents_end_where_documents_end),
		cmocka_unit_test(whole_numbers_are_integers_or_texts),
		cmocka_unit_test(texts_are_got),
		cmocka_unit_test(bytes_are_got),
		cmocka_unit_test(truth_is_got),
		cmocka_unit_test(enums_are_got_by_name),
		cmocka_unit_test(lists_are_got),
		cmocka_unit_test(unknown_members_are_refused),
	};
	struct err err;

	if (json_read_init(&err) < 0)
		return 1;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
