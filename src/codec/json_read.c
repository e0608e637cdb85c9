/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/json_read.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <sys/random.h>

/* As much of JSON as it takes to count, byte by byte.  Up to the first byte
 * that is no JSON, where jansson gives up, both see the same tokens. */
struct outline {
	size_t depth;  /* open lists and objects */
	size_t values; /* an upper bound of those that have begun */
	bool is_in_text, is_escaped;
};

static void step_in_text(struct outline *outline, char c)
{
	bool was_escaped = outline->is_escaped;

	outline->is_escaped = c == '\\' && !was_escaped;
	outline->is_in_text = c != '"' || was_escaped;
}

/* True where @c ends the outermost list or object. */
static bool step(struct outline *outline, char c)
{
	if (outline->is_in_text) {
		step_in_text(outline, c);
		return false;
	}
	switch (c) {
	case '"':
		outline->is_in_text = true;
		return false;
	case '[':
	case '{':
		outline->depth++;
		outline->values++; /* what comes first in it */
		return false;
	case ',':
		outline->values++;
		return false;
	case ']':
	case '}':
		outline->depth -= outline->depth > 0;
		return outline->depth == 0;
	default:
		return false;
	}
}

/* jansson recurses once for each level, and takes some 200 bytes for "{}". */
static int check_outline(const char *text, size_t len, struct err *err)
{
	struct outline outline = { .values = 1 };

	for (size_t i = 0; i < len; i++) {
		(void)step(&outline, text[i]);
		if (outline.depth > JSON_DEPTH_MAX)
			return err_set(err, ERR_LIMIT, 0,
			               "JSON nested deeper than %d levels",
			               JSON_DEPTH_MAX);
		if (outline.values > JSON_VALUES_MAX)
			return err_set(err, ERR_LIMIT, 0,
			               "JSON of more than %zu values",
			               JSON_VALUES_MAX);
	}
	return 0;
}

size_t json_extent(const char *text, size_t len)
{
	struct outline outline = { .values = 0 };

	for (size_t i = 0; i < len; i++)
		if (step(&outline, text[i]))
			return i + 1;
	return len;
}

int json_read_init(struct err *err)
{
	size_t seed = 0;

	/* 0 would mean: take it from /dev/urandom. */
	while (seed == 0)
		if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed)
			return err_set(err, ERR_SYSTEM, errno,
			               "getting random bytes");
	json_object_seed(seed);
	return 0;
}

/* jansson's lexer does not look whether its buffer could grow (2.14, lex_save):
 * where memory is short a text is cut, silently.  So this is noted here. */
static _Thread_local bool is_memory_short;

static void *allocate(size_t size)
{
	void *block = malloc(size);

	is_memory_short |= block == NULL;
	return block;
}

static json_t *load(const char *text, size_t len, struct err *err)
{
	json_error_t why;
	json_t *root;

	json_set_alloc_funcs(allocate, free);
	is_memory_short = false;
	root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
	if (is_memory_short) {
		json_decref(root);
		(void)err_nomem(err);
		return NULL;
	}
	if (root == NULL)
		(void)err_set(err, ERR_FORMAT, 0,
		              "not JSON as demanded here: line %d: %s",
		              why.line, why.text);
	return root;
}

int json_read(const char *text, size_t len, size_t max,
              struct json_document *out, struct err *err)
{
	AUTO_JSON_DOCUMENT struct json_document read = JSON_DOCUMENT_NONE;

	if (len > max || len > JSON_READ_MAX)
		return err_set(err, ERR_LIMIT, 0, "%zu bytes; at most %zu", len,
		               max < JSON_READ_MAX ? max : JSON_READ_MAX);
	if (check_outline(text, len, err) < 0)
		return -1;
	read.root = load(text, len, err);
	if (read.root == NULL)
		return -1;
	/* Twice what all of it could decode to: intoto entries hold base64 of
	 * base64. */
	read.size = 2 * len;
	read.bytes = malloc(read.size);
	if (read.bytes == NULL)
		return err_nomem(err);
	*out = read;
	read = JSON_DOCUMENT_NONE;
	return 0;
}

void json_document_done(struct json_document *document)
{
	json_decref(document->root);
	free(document->bytes);
	*document = JSON_DOCUMENT_NONE;
}
