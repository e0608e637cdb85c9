/* SPDX-License-Identifier: Apache-2.0 */
/* The strict front door of jansson, for JSON of other people: bundles, trusted
 * roots, log entries, statements.  Workers and package-release use it; the
 * monitor never does.
 *
 * A document is read once, whole, and then walked over with nodes.  Each getter
 * checks what it gives; its error names the field as in
 * "verificationMaterial.tlogEntries[2].logIndex".  Numbers, enums, bytes and
 * absent values follow the JSON mapping of protocol buffers
 * (https://protobuf.dev/programming-guides/json/), the strict half of it:
 * a value that is absent or null is the zero value, a list with a null in it is
 * refused, 64-bit numbers are decimal texts or JSON integers, bytes are
 * base64.h. */
#ifndef CODEC_JSON_READ_H
#define CODEC_JSON_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/err.h"

#define JSON_READ_MAX   ((size_t)4 << 20) /* bytes of any document */
#define JSON_DEPTH_MAX  32                /* of lists and objects, nested */
#define JSON_VALUES_MAX ((size_t)1 << 18) /* in one document */

/* A document that was read, and the bytes that its texts decoded to.  Nodes,
 * texts and bytes point into it and live as long; it may be moved. */
struct json_document {
	struct json_t *root; /* owned; NULL while there is none */
	uint8_t *bytes;      /* owned */
	size_t used, size;   /* of bytes */
};

#define JSON_DOCUMENT_NONE ((struct json_document){ NULL, NULL, 0, 0 })
#define AUTO_JSON_DOCUMENT AUTO(json_document_done)

/* One value and where it stands.  Lives on the stack of its reader; its parent
 * must live as long.  What is absent, or null, is a node as well. */
struct json_node {
	struct json_t *value; /* borrowed; NULL where it is absent or null */
	const struct json_node *parent; /* NULL at the top */
	const char *key;                /* NULL for an element of a list */
	size_t index;                   /* of an element */
};

/**
 * json_read_init - seed jansson's hash with getrandom(2).
 *
 * jansson seeds it from /dev/urandom at its first object, which a sandbox does
 * not have; it then falls back to the time.  To be called before a sandbox is
 * entered, and by every main() that reads JSON.
 *
 * Returns 0, or -1 with ERR_SYSTEM.
 */
int json_read_init(struct err *err) MUST_CHECK;

/**
 * json_read - read a text that is one JSON document.
 * @max: bytes it may have, at most JSON_READ_MAX.
 * @out: written only on 0; to be released with json_document_done.
 *
 * Refuses, besides what is no JSON: keys that stand twice in an object, bytes
 * behind the document, NUL in any text, text that is no UTF-8, deeper nesting
 * and more values than the limits above.  Nothing recurses before the depth is
 * known.
 *
 * Returns 0, or -1 with ERR_FORMAT naming the line, ERR_LIMIT or ERR_SYSTEM
 * (memory).
 */
int json_read(const char *text, size_t len, size_t max,
              struct json_document *out, struct err *err) MUST_CHECK;

/** json_document_done - release it; what points into it is gone. */
void json_document_done(struct json_document *document);

/** json_extent - the length of the first object or list of @text, with what is
 * before it: where several stand one behind the other.  @len where it does not
 * end.  Whether it is JSON, json_read says. */
size_t json_extent(const char *text, size_t len);

/** json_top - the document itself, as a node. */
struct json_node json_top(const struct json_document *document);

/**
 * json_require_object - require an object with no other members than these.
 * @known: names, ended by NULL; or NULL where any member may stand.
 *
 * Returns 0, or -1 with ERR_FORMAT; an absent object is refused.
 */
int json_require_object(const struct json_node *node, const char *const *known,
                        struct err *err) MUST_CHECK;

/** json_member - the member @key of an object, absent where it has none (or
 * where the node is no object). */
struct json_node json_member(const struct json_node *object, const char *key);

/** json_is_present - whether there is a value, and it is not null. */
bool json_is_present(const struct json_node *node);

/**
 * json_get_list - require a list, or nothing, which is an empty one.
 * @max:   elements it may have.
 * @count: out, written only on 0.
 *
 * Returns 0, or -1 with ERR_FORMAT or ERR_LIMIT.
 */
int json_get_list(const struct json_node *node, size_t max, size_t *count,
                  struct err *err) MUST_CHECK;

/** json_count_members - the same for the members of an object. */
int json_count_members(const struct json_node *node, size_t max, size_t *count,
                       struct err *err) MUST_CHECK;

/** json_element - element @index of a list, absent behind its end. */
struct json_node json_element(const struct json_node *list, size_t index);

/**
 * json_get_* - a value, or its zero where it is absent.
 * @out: written only on 0; texts and bytes are borrowed from the document.
 *
 * - text:  UTF-8 without NUL; "" when absent.  It may hold control characters;
 * - u64:   0 to @max, as an integer or as a decimal text without sign, blank or
 *          leading zero;
 * - bytes: of a base64 text; len 0 when absent.  Decoded anew at each call, so
 *          that each field is to be read once: the room is that of the text;
 * - bool:  true or false; false when absent;
 * - enum:  the index of a text in @names, ended by NULL; 0 when absent, so that
 *          names[0] is what the enum calls "unspecified" ("" where the name
 *          itself shall not be accepted).
 *
 * Returns 0, or -1 with ERR_FORMAT (another type, another spelling, an unknown
 * name) or ERR_LIMIT (above @max), naming the field.
 */
int json_get_text(const struct json_node *node, const char **out,
                  struct err *err) MUST_CHECK;
int json_get_u64(const struct json_node *node, uint64_t max, uint64_t *out,
                 struct err *err) MUST_CHECK;
int json_get_bool(const struct json_node *node, bool *out,
                  struct err *err) MUST_CHECK;
int json_get_bytes(struct json_document *document, const struct json_node *node,
                   struct bytes *out, struct err *err) MUST_CHECK;
int json_get_enum(const struct json_node *node, const char *const *names,
                  unsigned *out, struct err *err) MUST_CHECK;

/**
 * json_check_printable - that a text that @node gave can be shown and recorded:
 * printable, and at most @max bytes.
 * Returns 0, or -1 with ERR_LIMIT or ERR_FORMAT naming the field.
 */
int json_check_printable(const struct json_node *node, const char *text,
                         size_t max, struct err *err) MUST_CHECK;

/**
 * json_require_* - the same where the field must be there and not be empty.
 * json_require_exact: bytes of exactly @size, copied to @out.
 */
int json_require_text(const struct json_node *node, const char **out,
                      struct err *err) MUST_CHECK;
int json_require_bytes(struct json_document *document,
                       const struct json_node *node, struct bytes *out,
                       struct err *err) MUST_CHECK;
int json_require_exact(const struct json_node *node, uint8_t *out, size_t size,
                       struct err *err) MUST_CHECK;

/**
 * json_refuse - an error about a node: "FIELD: " and the text.
 *
 * Returns -1.
 */
int json_refuse(const struct json_node *node, enum err_code code,
                struct err *err, const char *fmt, ...) PRINTF_LIKE(4, 5);

#endif
