/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/oci_write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define HEX_00                                                                 \
	"0000000000000000000000000000000000000000000000000000000000000000"
#define HEX_11                                                                 \
	"1111111111111111111111111111111111111111111111111111111111111111"
#define EMPTY_HEX                                                              \
	"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
#define TITLE "org.opencontainers.image.title"

static const struct oci_entry layers[] = {
	{ .media_type = "application/zip", .size = 11, .title = "a.gtpack" },
	{ .media_type = "text/markdown", .size = 9, .title = "docs/README.md" },
};
static const struct oci_annotation annotations[] = {
	{ "org.opencontainers.image.version", "1.2.3" },
	{ "org.opencontainers.image.created", "2026-11-21T02:01:00Z" },
};

static struct oci_new_manifest good(void)
{
	return (struct oci_new_manifest){
		.artifact_type = "application/vnd.greentic.gtpack.v1+zip",
		.layers = layers,
		.layer_count = 2,
		.annotations = { annotations, 2 },
	};
}

/* Field by field as oras 1.2.3 writes it. */
static void a_manifest_is_written_as_oras_does(void **state)
{
	static const char want[] =
		"{\"schemaVersion\":2,\"mediaType\":\"application/"
		"vnd.oci.image.manifest.v1+json\",\"artifactType\":"
		"\"application/vnd.greentic.gtpack.v1+zip\",\"config\":{"
		"\"mediaType\":\"application/vnd.oci.empty.v1+json\","
		"\"digest\":\"sha256:" EMPTY_HEX
		"\",\"size\":2,\"data\":\"e30=\"},\"layers\":[{\"mediaType\":"
		"\"application/zip\",\"digest\":\"sha256:" HEX_00
		"\",\"size\":11,\"annotations\":{\"" TITLE
		"\":\"a.gtpack\"}},{\"mediaType\":\"text/markdown\","
		"\"digest\":\"sha256:" HEX_00
		"\",\"size\":9,\"annotations\":{\"" TITLE
		"\":\"docs/README.md\"}}],\"annotations\":{\"org."
		"opencontainers.image.created\":\"2026-11-21T02:01:00Z\","
		"\"org.opencontainers.image.version\":\"1.2.3\"}}";
	AUTO_BUF struct buf text = BUF_NONE;
	struct oci_new_manifest manifest = good();
	struct err err;

	(void)state;
	assert_int_equal(oci_write_manifest(&manifest, &text, &err), 0);
	assert_string_equal(buf_text(&text), want);
}

static void without_layers_there_is_the_empty_one(void **state)
{
	AUTO_BUF struct buf text = BUF_NONE;
	AUTO_OCI_MANIFEST struct oci_manifest read = OCI_MANIFEST_NONE;
	struct oci_new_manifest manifest = good();
	struct oci_entry subject = { .media_type = OCI_TYPE_MANIFEST,
		                     .size = 5 };
	struct err err;

	(void)state;
	manifest.layer_count = 0;
	manifest.subject = &subject;
	assert_int_equal(oci_write_manifest(&manifest, &text, &err), 0);
	assert_int_equal(oci_manifest_parse(text.data, text.len, &read, &err),
	                 0);
	assert_int_equal(read.count, 1);
	assert_memory_equal(read.entries[0].digest, oci_empty_digest,
	                    OCI_DIGEST_LEN);
	assert_non_null(
		strstr(buf_text(&text), "],\"subject\":{\"mediaType\":"));
}

/* --- what is refused ------------------------------------------------------ */

static char long_text[OCI_ANNOTATION_MAX + 2];
static struct oci_entry many_layers[OCI_LAYERS_MAX + 1];
static struct oci_annotation many_annotations[OCI_ANNOTATIONS_MAX + 1];
static char many_names[OCI_ANNOTATIONS_MAX + 1][16];
static const struct oci_annotation twice[] = { { "a", "1" }, { "a", "2" } };
static const struct oci_annotation title_twice[] = { { TITLE, "x" } };
static const struct oci_annotation control[] = { { "a", "x\ny" } };
static const struct oci_annotation nameless[] = { { "", "x" } };
static const struct oci_annotation too_long[] = { { "a", long_text } };
static const struct oci_annotation longest[] = { { "a", long_text + 1 } };

/* A layer by its title, its type and its annotations. */
#define LAYER(t, type, ...)                                                    \
	{                                                                      \
		.media_type = type, .title = t, .annotations = { __VA_ARGS__ } \
	}

static const struct layer_case {
	const char *name;
	struct oci_entry layer;
	enum err_code code;
} layer_cases[] = {
	{ "plain", LAYER("a", "a/b", NULL, 0), ERR_NONE },
	{ "no title", LAYER(NULL, "a/b", NULL, 0), ERR_NONE },
	{ "a path that leads out", LAYER("../a", "a/b", NULL, 0), ERR_USAGE },
	{ "an absolute path", LAYER("/a", "a/b", NULL, 0), ERR_USAGE },
	{ "a backslash", LAYER("a\\b", "a/b", NULL, 0), ERR_USAGE },
	{ "an empty title", LAYER("", "a/b", NULL, 0), ERR_USAGE },
	{ "no UTF-8", LAYER("a\xff", "a/b", NULL, 0), ERR_USAGE },
	{ "no type", LAYER("a", "", NULL, 0), ERR_USAGE },
	{ "type without slash", LAYER("a", "zip", NULL, 0), ERR_USAGE },
	{ "type with parameter", LAYER("a", "a/b; c=d", NULL, 0), ERR_USAGE },
	{ "an annotation twice", LAYER("a", "a/b", twice, 2), ERR_USAGE },
	{ "the title twice", LAYER("a", "a/b", title_twice, 1), ERR_USAGE },
	{ "a line break", LAYER("a", "a/b", control, 1), ERR_USAGE },
	{ "no name", LAYER("a", "a/b", nameless, 1), ERR_USAGE },
	{ "the longest value", LAYER("a", "a/b", longest, 1), ERR_NONE },
	{ "a longer value", LAYER("a", "a/b", too_long, 1), ERR_LIMIT },
	{ "the most annotations",
	  LAYER("a", "a/b", many_annotations, OCI_ANNOTATIONS_MAX), ERR_NONE },
	{ "more annotations",
	  LAYER("a", "a/b", many_annotations, OCI_ANNOTATIONS_MAX + 1),
	  ERR_LIMIT },
};

static void layers_are_checked(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof layer_cases / sizeof layer_cases[0];
	     i++) {
		const struct layer_case *c = &layer_cases[i];
		AUTO_BUF struct buf text = BUF_NONE;
		struct oci_new_manifest manifest = good();
		struct err err = { .code = ERR_NONE };
		int got;

		manifest.layers = &c->layer;
		manifest.layer_count = 1;
		got = oci_write_manifest(&manifest, &text, &err);
		if (got != (c->code == ERR_NONE ? 0 : -1) ||
		    err.code != c->code)
			fail_msg("%s: got %d, code %d", c->name, got,
			         (int)err.code);
	}
}

static void manifests_are_checked(void **state)
{
	static const struct oci_entry same[] = {
		{ .media_type = "a/b", .title = "x" },
		{ .media_type = "a/b", .title = "x" },
	};
	AUTO_BUF struct buf text = BUF_NONE;
	struct oci_new_manifest manifest = good();
	struct err err;

	(void)state;
	manifest.layers = many_layers;
	manifest.layer_count = OCI_LAYERS_MAX;
	assert_int_equal(oci_write_manifest(&manifest, &text, &err), 0);
	manifest.layer_count = OCI_LAYERS_MAX + 1;
	assert_int_equal(oci_write_manifest(&manifest, &text, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	manifest = good();
	manifest.layers = same;
	assert_int_equal(oci_write_manifest(&manifest, &text, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
	manifest = good();
	manifest.artifact_type = NULL;
	assert_int_equal(oci_write_manifest(&manifest, &text, &err), -1);
	assert_int_equal(err.code, ERR_USAGE);
}

/* --- lists of referrers --------------------------------------------------- */

#define LIST(entries)                                                          \
	"{\"schemaVersion\":2,\"mediaType\":\"" OCI_TYPE_INDEX                 \
	"\",\"manifests\":[" entries "]}"
#define HEAD(hex)                                                              \
	"{\"mediaType\":\"" OCI_TYPE_MANIFEST "\",\"digest\":\"sha256:" hex    \
	"\",\"size\":7"
#define POOR(hex)  HEAD(hex) "}"
#define RICH(hex)  HEAD(hex) ",\"artifactType\":\"a/b\"}"
#define OTHER(hex) HEAD(hex) ",\"strange\":[1,{\"x\":null}]}"

static const struct merge_case {
	const char *name, *old, *seen, *want;
	size_t missing;
	enum err_code code;
} merges[] = {
	{ "a new list", "", "", LIST(RICH(HEX_00)), 1, ERR_NONE },
	{ "there already", LIST(RICH(HEX_00)), "", LIST(RICH(HEX_00)), 0,
	  ERR_NONE },
	{ "others stay", LIST(OTHER(HEX_11)), "",
	  LIST(OTHER(HEX_11) "," RICH(HEX_00)), 1, ERR_NONE },
	{ "there, but poor", LIST(POOR(HEX_00)), "", LIST(RICH(HEX_00)), 1,
	  ERR_NONE },
	{ "seen before, and gone", LIST(RICH(HEX_00)), LIST(OTHER(HEX_11)),
	  LIST(RICH(HEX_00) "," OTHER(HEX_11)), 1, ERR_NONE },
	{ "seen before, and there", LIST(OTHER(HEX_11) "," RICH(HEX_00)),
	  LIST(OTHER(HEX_11)), LIST(OTHER(HEX_11) "," RICH(HEX_00)), 0,
	  ERR_NONE },
	{ "no JSON", "<html>", "", NULL, 0, ERR_CONFLICT },
	{ "no index", "{\"schemaVersion\":2,\"layers\":[]}", "", NULL, 0,
	  ERR_CONFLICT },
};

static struct bytes bytes_of(const char *text)
{
	return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

static void lists_are_merged(void **state)
{
	static const struct oci_entry ours = { .media_type = OCI_TYPE_MANIFEST,
		                               .size = 7,
		                               .artifact_type = "a/b" };

	(void)state;
	for (size_t i = 0; i < sizeof merges / sizeof merges[0]; i++) {
		const struct merge_case *c = &merges[i];
		AUTO_BUF struct buf text = BUF_NONE;
		struct err err = { .code = ERR_NONE };
		size_t missing = 0;
		int got =
			oci_write_referrers(bytes_of(c->old), bytes_of(c->seen),
		                            &ours, 1, &text, &missing, &err);

		if (got != (c->want != NULL ? 0 : -1) || err.code != c->code ||
		    missing != c->missing)
			fail_msg("%s: got %d, code %d, missing %zu", c->name,
			         got, (int)err.code, missing);
		if (c->want != NULL && strcmp(buf_text(&text), c->want) != 0)
			fail_msg("%s: %s", c->name, buf_text(&text));
	}
}

/* Ours come in the order of their digests, whatever order they are given in. */
static void entries_are_sorted(void **state)
{
	struct oci_entry ours[2] = {
		{ .media_type = OCI_TYPE_MANIFEST, .artifact_type = "a/b" },
		{ .media_type = OCI_TYPE_MANIFEST, .artifact_type = "a/b" },
	};
	AUTO_BUF struct buf one = BUF_NONE;
	AUTO_BUF struct buf two = BUF_NONE;
	size_t missing = 0;
	struct err err;

	(void)state;
	ours[0].digest[0] = 2;
	ours[1].digest[0] = 1;
	assert_int_equal(oci_write_referrers(BYTES_NONE, BYTES_NONE, ours, 2,
	                                     &one, &missing, &err),
	                 0);
	assert_int_equal(missing, 2);
	ours[0].digest[0] = 1;
	ours[1].digest[0] = 2;
	assert_int_equal(oci_write_referrers(BYTES_NONE, BYTES_NONE, ours, 2,
	                                     &two, &missing, &err),
	                 0);
	assert_string_equal(buf_text(&one), buf_text(&two));
}

static void a_list_has_its_limit(void **state)
{
	static struct oci_entry ours[OCI_LAYERS_MAX + 1];
	AUTO_BUF struct buf text = BUF_NONE;
	size_t missing = 0;
	struct err err;

	(void)state;
	for (size_t i = 0; i < OCI_LAYERS_MAX + 1; i++) {
		ours[i].media_type = OCI_TYPE_MANIFEST;
		ours[i].digest[0] = (uint8_t)(i >> 8);
		ours[i].digest[1] = (uint8_t)i;
	}
	assert_int_equal(oci_write_referrers(BYTES_NONE, BYTES_NONE, ours,
	                                     OCI_LAYERS_MAX, &text, &missing,
	                                     &err),
	                 0);
	missing = 7;
	assert_int_equal(oci_write_referrers(BYTES_NONE, BYTES_NONE, ours,
	                                     OCI_LAYERS_MAX + 1, &text,
	                                     &missing, &err),
	                 -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(missing, 7);
}

static void fill(void)
{
	memset(long_text, 'x', sizeof long_text - 1);
	for (size_t i = 0; i < OCI_LAYERS_MAX + 1; i++)
		many_layers[i].media_type = "a/b";
	for (size_t i = 0; i < OCI_ANNOTATIONS_MAX + 1; i++) {
		(void)snprintf(many_names[i], sizeof many_names[i], "n%zu", i);
		many_annotations[i] =
			(struct oci_annotation){ many_names[i], "" };
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_manifest_is_written_as_oras_does),
		cmocka_unit_test(without_layers_there_is_the_empty_one),
		cmocka_unit_test(layers_are_checked),
		cmocka_unit_test(manifests_are_checked),
		cmocka_unit_test(lists_are_merged),
		cmocka_unit_test(entries_are_sorted),
		cmocka_unit_test(a_list_has_its_limit),
	};

	fill();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
