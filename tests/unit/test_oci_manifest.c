/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/oci_manifest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "changed_text.h"

#define HEX_8  "abababab"
#define DIGEST "sha256:" HEX_8 HEX_8 HEX_8 HEX_8 HEX_8 HEX_8 HEX_8 HEX_8
#define ENTRY(rest)                                                            \
	"{\"mediaType\":\"text/plain\",\"digest\":\"" DIGEST                   \
	"\",\"size\":7" rest "}"
#define TITLED(title)                                                          \
	ENTRY(",\"annotations\":{\"org.opencontainers.image.title\":\"" title  \
	      "\"}")
#define PLATFORM(os, architecture, variant)                                    \
	ENTRY(",\"platform\":{\"os\":\"" os                                    \
	      "\",\"architecture\":\"" architecture                            \
	      "\",\"variant\":\"" variant "\"}")
#define MANIFEST_TYPE "\"application/vnd.oci.image.manifest.v1+json\""
#define INDEX_TYPE    "\"application/vnd.oci.image.index.v1+json\""

/* As oras writes it, with a member that nobody knows. */
static const char manifest_text[] =
	"{\"schemaVersion\":2,\"mediaType\":" MANIFEST_TYPE ","
	"\"artifactType\":\"application/vnd.tidegate.bundle.v1\","
	"\"config\":{\"mediaType\":\"application/vnd.oci.empty.v1+json\","
	"\"digest\":\"" DIGEST "\",\"size\":2,\"data\":\"e30=\"},\"new\":[1],"
	"\"layers\":[" TITLED("release.ini") "," TITLED("a/b.txt") "," ENTRY(
		"") "],"
		    "\"annotations\":{\"org.opencontainers.image.version\":\"1."
		    "2.3\"}}";

static const char index_text[] =
	"{\"schemaVersion\":2,\"mediaType\":" INDEX_TYPE
	",\"manifests\":[" PLATFORM("linux", "arm", "v7") "," PLATFORM(
		"linux", "arm",
		"v6") "," PLATFORM("linux", "amd64",
                                   "v3") "," PLATFORM("linux", "amd64",
                                                      "") "," PLATFORM("darwin",
                                                                       "arm64",
                                                                       "v8") "," ENTRY("") "]}";

static int parse(const char *from, struct oci_manifest *out, struct err *err)
{
	return oci_manifest_parse(from, strlen(from), out, err);
}

static void a_manifest_is_read(void **state)
{
	AUTO_OCI_MANIFEST struct oci_manifest got = OCI_MANIFEST_NONE;
	const struct oci_descriptor *layer;
	struct err err;

	(void)state;
	assert_int_equal(parse(manifest_text, &got, &err), 0);
	assert_int_equal(got.kind, OCI_MANIFEST);
	assert_string_equal(got.artifact_type, OCI_TYPE_BUNDLE);
	assert_int_equal(got.count, 3);
	layer = oci_manifest_find(&got, "a/b.txt");
	assert_ptr_equal(layer, &got.entries[1]);
	assert_string_equal(layer->media_type, "text/plain");
	assert_int_equal(layer->size, 7);
	assert_int_equal(layer->digest[31], 0xab);
	assert_string_equal(got.entries[2].title, "");
	assert_null(oci_manifest_find(&got, "b.txt"));
}

static void an_old_artifact_has_the_type_of_its_config(void **state)
{
	AUTO_OCI_MANIFEST struct oci_manifest got = OCI_MANIFEST_NONE;
	AUTO_BUF struct buf text = BUF_NONE;
	struct err err;

	(void)state;
	change_text(&text, manifest_text, "artifactType", "else");
	assert_int_equal(parse(buf_text(&text), &got, &err), 0);
	assert_string_equal(got.artifact_type, OCI_TYPE_EMPTY);
}

static void an_index_is_chosen_from_by_platform(void **state)
{
	AUTO_OCI_MANIFEST struct oci_manifest got = OCI_MANIFEST_NONE;
	struct err err;

	(void)state;
	assert_int_equal(parse(index_text, &got, &err), 0);
	assert_int_equal(got.kind, OCI_INDEX);
	assert_int_equal(got.count, 6);
	/* The variant that asks least; no other system; else the one for all.
	 */
	assert_ptr_equal(oci_index_choose(&got, "linux", "arm"),
	                 &got.entries[1]);
	assert_ptr_equal(oci_index_choose(&got, "linux", "amd64"),
	                 &got.entries[3]);
	assert_ptr_equal(oci_index_choose(&got, "linux", "arm64"),
	                 &got.entries[5]);
	got.count = 5;
	assert_null(oci_index_choose(&got, "linux", "arm64"));
}

static const struct change_case {
	const char *name, *from, *to;
	int want;
	enum err_code code;
} changes[] = {
	{ "no mediaType", "\"mediaType\":" MANIFEST_TYPE ",", "", 0, ERR_NONE },
	{ "docker's type", MANIFEST_TYPE,
	  "\"application/vnd.docker.distribution.manifest.v2+json\"", 0,
	  ERR_NONE },
	{ "no layers", "\"layers\":[", "\"layers\":[],\"other\":[", 0,
	  ERR_NONE },
	{ "another schema", "n\":2", "n\":1", -1, ERR_FORMAT },
	{ "no schema", "\"schemaVersion\":2,", "", -1, ERR_FORMAT },
	{ "the type of an index", MANIFEST_TYPE, INDEX_TYPE, -1, ERR_FORMAT },
	{ "a type of its own", MANIFEST_TYPE, "\"text/html\"", -1, ERR_FORMAT },
	{ "neither layers nor manifests", "\"layers\"", "\"other\"", -1,
	  ERR_FORMAT },
	{ "both", "\"new\":[1]", "\"manifests\":[]", -1, ERR_FORMAT },
	{ "layers that are none", "\"layers\":[", "\"layers\":1,\"other\":[",
	  -1, ERR_FORMAT },
	{ "a layer twice", "a/b.txt", "release.ini", -1, ERR_FORMAT },
	{ "a layer twice by key", "\"new\":[1]", "\"config\":{}", -1,
	  ERR_FORMAT },
	{ "an absolute title", "a/b.txt", "/etc/passwd", -1, ERR_FORMAT },
	{ "a title that leads out", "a/b.txt", "a/../../b", -1, ERR_FORMAT },
	{ "a title of dots", "a/b.txt", "..", -1, ERR_FORMAT },
	{ "a title with a dot", "a/b.txt", "a/./b", -1, ERR_FORMAT },
	{ "a title with a final slash", "a/b.txt", "a/", -1, ERR_FORMAT },
	{ "a title with a backslash", "a/b.txt", "a\\\\b", -1, ERR_FORMAT },
	{ "a title with a line feed", "a/b.txt", "a\\nb", -1, ERR_FORMAT },
	{ "a short digest", HEX_8 "\",\"size\":7", "\",\"size\":7", -1,
	  ERR_FORMAT },
	{ "no size", "\"size\":7", "\"else\":7", -1, ERR_FORMAT },
	{ "a negative size", "\"size\":7", "\"size\":-7", -1, ERR_FORMAT },
	{ "the largest size", "\"size\":7", "\"size\":9007199254740991", 0,
	  ERR_NONE },
	{ "a larger size", "\"size\":7", "\"size\":9007199254740992", -1,
	  ERR_LIMIT },
	{ "no media type", "\"mediaType\":\"text/plain\",", "", -1,
	  ERR_FORMAT },
	{ "text behind it", "}}", "}}x", -1, ERR_FORMAT },
};

static void changes_are_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		const struct change_case *c = &changes[i];
		AUTO_OCI_MANIFEST struct oci_manifest got = OCI_MANIFEST_NONE;
		AUTO_BUF struct buf text = BUF_NONE;
		struct err err = { .code = ERR_NONE };
		int result;

		/* The tail is changed where the first place is not meant. */
		change_text(&text, manifest_text, c->from, c->to);
		result = parse(buf_text(&text), &got, &err);
		if (result != c->want || err.code != c->code)
			fail_msg("%s: got %d, code %d: %s", c->name, result,
			         (int)err.code, err.text);
		if (result < 0)
			assert_null(got.entries);
	}
}

/* A document with that many entries of one kind. */
static int parse_entries(const char *kind, size_t count, enum err_code *code)
{
	AUTO_OCI_MANIFEST struct oci_manifest got = OCI_MANIFEST_NONE;
	AUTO_BUF struct buf text = BUF_NONE;
	struct err err = { .code = ERR_NONE };
	int result;

	assert_int_equal(
		buf_printf(&text, &err, "{\"schemaVersion\":2,\"%s\":[", kind),
		0);
	repeat_text(&text, ENTRY(""), count);
	assert_int_equal(buf_adds(&text, "]}", &err), 0);
	result = parse(buf_text(&text), &got, &err);
	*code = err.code;
	return result;
}

static void limits_hold(void **state)
{
	enum err_code code;

	(void)state;
	assert_int_equal(parse_entries("layers", OCI_LAYERS_MAX, &code), 0);
	assert_int_equal(parse_entries("layers", OCI_LAYERS_MAX + 1, &code),
	                 -1);
	assert_int_equal(code, ERR_LIMIT);
	assert_int_equal(parse_entries("layers", 10000, &code), -1);
	assert_int_equal(code, ERR_LIMIT);
	assert_int_equal(parse_entries("manifests", OCI_INDEX_MAX, &code), 0);
	assert_int_equal(parse_entries("manifests", OCI_INDEX_MAX + 1, &code),
	                 -1);
	assert_int_equal(code, ERR_LIMIT);
}

static void the_size_of_a_text_is_limited(void **state)
{
	AUTO_OCI_MANIFEST struct oci_manifest got = OCI_MANIFEST_NONE;
	AUTO_BUF struct buf text = BUF_NONE;
	struct err err;

	(void)state;
	assert_int_equal(buf_adds(&text, manifest_text, &err), 0);
	while (text.len < OCI_MANIFEST_MAX)
		assert_int_equal(buf_add(&text, " ", 1, &err), 0);
	assert_int_equal(parse(buf_text(&text), &got, &err), 0);
	oci_manifest_done(&got);
	assert_int_equal(buf_add(&text, " ", 1, &err), 0);
	assert_int_equal(parse(buf_text(&text), &got, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

static void the_length_of_a_title_is_limited(void **state)
{
	char title[OCI_TITLE_MAX + 2];

	(void)state;
	memset(title, 'a', sizeof title);
	for (size_t len = OCI_TITLE_MAX; len <= OCI_TITLE_MAX + 1; len++) {
		AUTO_OCI_MANIFEST struct oci_manifest got = OCI_MANIFEST_NONE;
		AUTO_BUF struct buf text = BUF_NONE;
		struct err err;

		title[OCI_TITLE_MAX] = 'a';
		title[len] = '\0';
		change_text(&text, manifest_text, "a/b.txt", title);
		assert_int_equal(parse(buf_text(&text), &got, &err),
		                 len > OCI_TITLE_MAX ? -1 : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_manifest_is_read),
		cmocka_unit_test(an_old_artifact_has_the_type_of_its_config),
		cmocka_unit_test(an_index_is_chosen_from_by_platform),
		cmocka_unit_test(changes_are_judged),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(the_size_of_a_text_is_limited),
		cmocka_unit_test(the_length_of_a_title_is_limited),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
