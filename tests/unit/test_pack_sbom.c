/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/sbom.h"

#include "temp_dir.h"

#define RIGHT "0000000000000000000000000000000000000000000000000000000000000000"
#define WRONG "1111111111111111111111111111111111111111111111111111111111111111"
#define FILE_(name, digest)                                                    \
	"{\"type\":\"file\",\"name\":\"" name                                  \
	"\",\"hashes\":[{\"alg\":\"SHA-256\",\"content\":\"" digest "\"}]}"
#define BOM(version, components)                                               \
	"{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"" version              \
	"\",\"components\":" components "}"
#define SPDX(version, name, digest)                                            \
	"{\"spdxVersion\":\"" version "\",\"files\":[{\"fileName\":\"" name    \
	"\",\"checksums\":[{\"algorithm\":\"SHA256\",\"checksumValue\":"       \
	"\"" digest "\"}]}]}"

struct sbom_case {
	const char *name, *text;
	int want;
};

static const struct sbom_case cases[] = {
	{ "the right digest", BOM("1.6", "[" FILE_("a/b", RIGHT) "]"), 0 },
	{ "a wrong digest", BOM("1.6", "[" FILE_("a/b", WRONG) "]"), -1 },
	{ "a wrong one behind './'", BOM("1.4", "[" FILE_("./a/b", WRONG) "]"),
	  -1 },
	{ "a wrong one behind '/'", BOM("1.7", "[" FILE_("/a/b", WRONG) "]"),
	  -1 },
	{ "a file of another name", BOM("1.5", "[" FILE_("b", WRONG) "]"), 0 },
	{ "a folder's name", BOM("1.5", "[" FILE_("a", WRONG) "]"), 0 },
	{ "no files", BOM("1.5", "[]"), 0 },
	{ "an older format", BOM("1.3", "[]"), -1 },
	{ "components that are none", BOM("1.6", "\"x\""), 0 },
	{ "SPDX, right", SPDX("SPDX-2.3", "./a/b", RIGHT), 0 },
	{ "SPDX, wrong", SPDX("SPDX-2.3", "./a/b", WRONG), -1 },
	{ "an older SPDX", SPDX("SPDX-2.2", "./a/b", RIGHT), -1 },
	{ "neither", "{}", -1 },
	{ "no JSON", "<bom/>", -1 },
	{ "text behind it", BOM("1.6", "[]") " x", -1 },
	{ "a key twice", "{\"bomFormat\":\"CycloneDX\",\"bomFormat\":\"x\"}",
	  -1 },
};

static struct source_entry entries[] = {
	{ .type = ENTRY_DIR, .path = (char[]){ "a" } },
	{ .type = ENTRY_FILE, .path = (char[]){ "a/b" } },
};

static const struct source_tree tree = { .root = -1,
	                                 .entries = entries,
	                                 .count = 2 };

static void given_documents_are_held_against_the_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct sbom_case *c = &cases[i];
		struct err err = { .code = ERR_NONE };
		int got = sbom_check(c->text, strlen(c->text), &tree, &err);

		if (got != c->want || (got < 0 && err.code != ERR_FORMAT))
			fail_msg("%s: got %d, code %d", c->name, got,
			         (int)err.code);
	}
}

/* @depth arrays of components, a wrong digest in the innermost. */
static int check_nested(size_t depth, struct err *err)
{
	AUTO_BUF struct buf text = BUF_NONE;
	int failed = buf_adds(&text,
	                      "{\"bomFormat\":\"CycloneDX\","
	                      "\"specVersion\":\"1.6\"",
	                      err);

	for (size_t i = 0; i < depth && failed == 0; i++)
		failed = buf_adds(&text, ",\"components\":[{\"x\":0", err);
	if (failed == 0)
		failed = buf_adds(&text,
		                  ",\"type\":\"file\",\"name\":\"a/b\","
		                  "\"hashes\":[{\"alg\":\"SHA-256\","
		                  "\"content\":\"" WRONG "\"}]",
		                  err);
	for (size_t i = 0; i < depth && failed == 0; i++)
		failed = buf_adds(&text, "}]", err);
	if (failed == 0)
		failed = buf_adds(&text, "}", err);
	assert_int_equal(failed, 0);
	return sbom_check(buf_text(&text), text.len, &tree, err);
}

static void components_nest_64_deep_and_no_deeper(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(check_nested(64, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT); /* the digest was seen */
	assert_int_equal(check_nested(65, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(given_documents_are_held_against_the_files),
		cmocka_unit_test(components_nest_64_deep_and_no_deeper),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
