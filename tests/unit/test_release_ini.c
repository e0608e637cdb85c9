/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/release_ini.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "codec/tar_header.h"

#define D "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

#define HEAD                                                                   \
	"format = 1\n"                                                         \
	"\n[release]\n"                                                        \
	"app = web\n"                                                          \
	"version = v1.4.2\n"                                                   \
	"sequence = 0\n"                                                       \
	"created = 2026-01-02T03:04:05Z\n"
#define PAYLOAD                                                                \
	"\n[payload]\n"                                                        \
	"entries = 3\n"                                                        \
	"bytes = 0\n"                                                          \
	"tar_size = 2560\n"                                                    \
	"tar_sha256 = " D "\n"                                                 \
	"encoder = libdeflate 1.14 level 6 cut 1\n"
#define INNER_PARTS                                                            \
	"payload.mtree = 10 " D "\n"                                           \
	"payload.index = 11 " D "\n"                                           \
	"payload.sha256 = 80 " D "\n"                                          \
	"payload.tar.gz = 9007199254740991 " D "\n"
#define PARTS   "\n[parts]\n" INNER_PARTS
#define MINIMAL HEAD PAYLOAD PARTS

#define FULL                                                                   \
	HEAD "platform = linux/amd64\n"                                        \
	     "\n[source]\n"                                                    \
	     "repository = https://example.org/w\xc3\xbc.git?a=b\n"            \
	     "revision = 0123abcd\n"                                           \
	     "\n[requirements]\n"                                              \
	     "architecture = amd64\n"                                          \
	     "kernel = 5.13\n"                                                 \
	     "memory = 1048576\n"                                              \
	     "disk = 9007199254740991\n" PAYLOAD                               \
	     "profile = host/profile.env\n"                                    \
	     "\n[links]\n"                                                     \
	     "1 = venv/bin/python*\n"                                          \
	     "2 = etc/*\n"                                                     \
	     "\n[parts]\n"                                                     \
	     "profile.env = 65536 " D "\n"                                     \
	     "sbom.json = 1073741824 " D "\n" INNER_PARTS "\n[info]\n"         \
	     "builder = ci\n"                                                  \
	     "zz.9_a-b = x\n"

static struct release_ini parsed;

#define PATCH(id) "payload.patch-000000000000000" id " = 7 " D "\n"
#define PATCHED   MINIMAL PATCH("1") PATCH("2") PATCH("3") PATCH("4")

static const char *const legal[] = { MINIMAL, FULL, MINIMAL PATCH("9"),
	                             PATCHED };

static void parse_and_write_are_inverse(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof legal / sizeof legal[0]; i++) {
		AUTO_BUF struct buf again = BUF_NONE;
		struct err err;
		char text[ERR_TEXT_MAX];

		if (release_ini_parse(legal[i], strlen(legal[i]), &parsed,
		                      &err) < 0)
			fail_msg("%zu: %s", i,
			         err_format(&err, text, sizeof text));
		assert_int_equal(release_ini_write(&parsed, &again, &err), 0);
		assert_string_equal(buf_text(&again), legal[i]);
	}
}

static void every_field_is_read(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(release_ini_parse(FULL, strlen(FULL), &parsed, &err),
	                 0);
	assert_string_equal(parsed.app, "web");
	assert_string_equal(parsed.version, "v1.4.2");
	assert_int_equal(parsed.sequence, 0);
	assert_int_equal(parsed.created, 1767323045);
	assert_string_equal(parsed.platform, "linux/amd64");
	assert_string_equal(parsed.repository,
	                    "https://example.org/w\xc3\xbc.git?a=b");
	assert_string_equal(parsed.revision, "0123abcd");
	assert_string_equal(parsed.architecture, "amd64");
	assert_int_equal(parsed.kernel_major, 5);
	assert_int_equal(parsed.kernel_minor, 13);
	assert_int_equal(parsed.memory, 1048576);
	assert_true(parsed.disk == SEQUENCE_MAX);
	assert_int_equal(parsed.entries, 3);
	assert_int_equal(parsed.tar_size, 2560);
	assert_int_equal(parsed.tar_sha256[0], 0xe3);
	assert_string_equal(parsed.encoder, "libdeflate 1.14 level 6 cut 1");
	assert_string_equal(parsed.profile, "host/profile.env");
	assert_int_equal(parsed.link_count, 2);
	assert_string_equal(parsed.links[1], "etc/*");
	assert_true(parsed.parts[PART_SBOM].is_present);
	assert_int_equal(parsed.parts[PART_INDEX].size, 11);
	assert_int_equal(parsed.info_count, 2);
	assert_string_equal(parsed.info[1].key, "zz.9_a-b");
}

static void patches_are_told_apart_by_id(void **state)
{
	const struct part_pin *pin;
	struct err err;

	(void)state;
	assert_int_equal(
		release_ini_parse(PATCHED, strlen(PATCHED), &parsed, &err), 0);
	assert_int_equal(parsed.patch_count, PART_PATCHES_MAX);
	pin = release_ini_pin(&parsed, (struct part){ PART_PATCH, 3 });
	assert_non_null(pin);
	assert_int_equal(pin->size, 7);
	assert_null(release_ini_pin(&parsed, (struct part){ PART_PATCH, 5 }));
	assert_null(release_ini_pin(&parsed, (struct part){ PART_SBOM, 0 }));
	assert_non_null(
		release_ini_pin(&parsed, (struct part){ PART_INDEX, 0 }));
}

static const struct {
	const char *name, *text;
	enum err_code want;
} bad_patches[] = {
	{ "one more than there may be", PATCHED PATCH("5"), ERR_LIMIT },
	{ "out of order", MINIMAL PATCH("2") PATCH("1"), ERR_FORMAT },
	{ "twice", MINIMAL PATCH("2") PATCH("2"), ERR_FORMAT },
	{ "before the payload",
	  HEAD PAYLOAD "\n[parts]\n" PATCH("1") INNER_PARTS, ERR_FORMAT },
};

static void other_patches_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad_patches / sizeof bad_patches[0];
	     i++) {
		const char *text = bad_patches[i].text;
		struct err err = { .code = ERR_NONE };

		if (release_ini_parse(text, strlen(text), &parsed, &err) == 0 ||
		    err.code != bad_patches[i].want)
			fail_msg("%s: code %d", bad_patches[i].name,
			         (int)err.code);
	}
}

/* Replace @from in the full text, which holds it, by @to. */
static const struct change {
	const char *name, *from, *to;
	enum err_code want;
} changes[] = {
	{ "an unknown format", "format = 1", "format = 2", ERR_FORMAT },
	{ "no format", "format = 1\n", "", ERR_FORMAT },
	{ "an app outside the grammar", "= web", "= Web", ERR_FORMAT },
	{ "no app", "app = web\n", "", ERR_FORMAT },
	{ "a version outside the grammar", "v1.4.2", "1/2", ERR_FORMAT },
	{ "no version", "version = v1.4.2\n", "", ERR_FORMAT },
	{ "the largest sequence", "sequence = 0", "sequence = 9007199254740991",
	  ERR_NONE },
	{ "a larger sequence", "sequence = 0", "sequence = 9007199254740992",
	  ERR_LIMIT },
	{ "a leading zero", "sequence = 0", "sequence = 07", ERR_FORMAT },
	{ "no sequence", "sequence = 0\n", "", ERR_FORMAT },
	{ "a date with an offset", "05Z", "05+00:00", ERR_FORMAT },
	{ "the latest date", "2026-01-02T03:04:05Z", "2242-03-16T12:56:31Z",
	  ERR_NONE },
	{ "one second later", "2026-01-02T03:04:05Z", "2242-03-16T12:56:32Z",
	  ERR_LIMIT },
	{ "no date", "created = 2026-01-02T03:04:05Z\n", "", ERR_FORMAT },
	{ "a platform outside the grammar", "linux/amd64", "linux",
	  ERR_FORMAT },
	{ "an architecture outside the grammar", "= amd64", "= x86_64",
	  ERR_FORMAT },
	{ "a kernel of one number", "= 5.13", "= 5", ERR_FORMAT },
	{ "a kernel of three numbers", "= 5.13", "= 5.13.1", ERR_FORMAT },
	{ "the highest kernel", "= 5.13", "= 65535.65535", ERR_NONE },
	{ "a kernel above", "= 5.13", "= 65536.0", ERR_LIMIT },
	{ "no kernel, spelled out", "= 5.13", "= 0.0", ERR_FORMAT },
	{ "no memory, spelled out", "= 1048576", "= 0", ERR_FORMAT },
	{ "an empty tree", "entries = 3", "entries = 0", ERR_FORMAT },
	{ "a million entries", "entries = 3", "entries = 1000000", ERR_NONE },
	{ "one more", "entries = 3", "entries = 1000001", ERR_LIMIT },
	{ "no size of the files", "bytes = 0\n", "", ERR_FORMAT },
	{ "a digest in capitals", "tar_sha256 = e3b", "tar_sha256 = E3B",
	  ERR_FORMAT },
	{ "a short digest", "tar_sha256 = e3b0", "tar_sha256 = e3",
	  ERR_FORMAT },
	{ "no encoder", "encoder = libdeflate 1.14 level 6 cut 1\n", "",
	  ERR_FORMAT },
	{ "a profile outside the tree", "= host/", "= ../", ERR_FORMAT },
	{ "invalid UTF-8", "w\xc3\xbc", "w\xc3", ERR_FORMAT },
	{ "a control character of C1", "w\xc3\xbc", "w\xc2\x9b", ERR_FORMAT },
	{ "links that do not begin at 1", "1 = venv", "0 = venv", ERR_FORMAT },
	{ "links with a gap", "2 = etc", "3 = etc", ERR_FORMAT },
	{ "a part that is no part", "sbom.json", "sbom.xml", ERR_FORMAT },
	{ "a part that is not pinned", "sbom.json", "release.ini.minisig",
	  ERR_FORMAT },
	{ "a part that is too large", "= 1073741824", "= 1073741825",
	  ERR_LIMIT },
	{ "parts.tar.xz of 64 MiB", "payload.tar.gz",
	  "parts.tar.xz = 67108864 " D "\npayload.tar.gz", ERR_NONE },
	{ "one of a byte more", "payload.tar.gz",
	  "parts.tar.xz = 67108865 " D "\npayload.tar.gz", ERR_LIMIT },
	{ "a part without digest", "= 11 " D, "= 11", ERR_FORMAT },
	{ "a part with two blanks", "= 11 ", "= 11  ", ERR_FORMAT },
	{ "a part too few", "payload.index = 11 " D "\n", "", ERR_FORMAT },
	{ "parts in another order", "profile.env = 65536", "payload.mtree = 65",
	  ERR_FORMAT },
	{ "info in another order", "builder", "zzz", ERR_FORMAT },
	{ "an info key in capitals", "builder", "Builder", ERR_FORMAT },
	{ "an unknown key", "revision", "expires", ERR_FORMAT },
	{ "an unknown section", "[source]", "[sources]", ERR_FORMAT },
	{ "a section without keys", "builder = ci\nzz.9_a-b = x\n", "",
	  ERR_FORMAT },
	{ "a comment", "[source]\n", "[source]\n# x\n", ERR_FORMAT },
	{ "a second blank line", "\n\n[source]", "\n\n\n[source]", ERR_FORMAT },
	{ "no blank line", "\n\n[source]", "\n[source]", ERR_FORMAT },
	{ "no blank at the equals sign", "app = web", "app=web", ERR_FORMAT },
	{ "a blank at the end", "app = web", "app = web ", ERR_FORMAT },
	{ "a carriage return", "app = web", "app = web\r", ERR_FORMAT },
	{ "a key that stands twice", "app = web", "app = web\napp = web",
	  ERR_FORMAT },
	{ "an empty value", "0123abcd", "", ERR_FORMAT },
	{ "no newline at the end", "zz.9_a-b = x\n", "zz.9_a-b = x",
	  ERR_FORMAT },
};

static void replace(char *out, size_t size, const struct change *c)
{
	const char *at = strstr(FULL, c->from);
	int n;

	if (at == NULL)
		fail_msg("%s: nothing to replace", c->name);
	n = snprintf(out, size, "%.*s%s%s", (int)(at - FULL), FULL, c->to,
	             at + strlen(c->from));
	assert_in_range(n, 1, size - 1);
}

static void only_what_the_format_allows_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		const struct change *c = &changes[i];
		char text[4096];
		struct err err = { .code = ERR_NONE };
		int got;

		replace(text, sizeof text, c);
		memset(&parsed, 'u', sizeof parsed);
		got = release_ini_parse(text, strlen(text), &parsed, &err);
		if (got != (c->want == ERR_NONE ? 0 : -1) ||
		    err.code != c->want)
			fail_msg("%s: code %d", c->name, (int)err.code);
		if (c->want != ERR_NONE && parsed.app[0] != 'u')
			fail_msg("%s: the output was touched", c->name);
	}
}

static void an_error_names_the_line(void **state)
{
	struct err err;
	char text[ERR_TEXT_MAX];

	(void)state;
	assert_int_equal(
		release_ini_parse(HEAD "what = x\n" PAYLOAD PARTS,
	                          strlen(HEAD "what = x\n" PAYLOAD PARTS),
	                          &parsed, &err),
		-1);
	assert_non_null(strstr(err_format(&err, text, sizeof text), "line 8"));
	assert_int_equal(release_ini_parse(HEAD PAYLOAD "\n" PARTS,
	                                   strlen(HEAD PAYLOAD "\n" PARTS),
	                                   &parsed, &err),
	                 -1);
	assert_non_null(strstr(err_format(&err, text, sizeof text), "line 16"));
}

static void read_minimal(struct release_ini *out)
{
	struct err err;

	assert_int_equal(release_ini_parse(MINIMAL, strlen(MINIMAL), out, &err),
	                 0);
}

static enum err_code written(const struct release_ini *in, struct buf *out)
{
	struct err err = { .code = ERR_NONE };

	return release_ini_write(in, out, &err) < 0 ? err.code : ERR_NONE;
}

static void lists_have_their_largest_counts(void **state)
{
	AUTO_BUF struct buf text = BUF_NONE;
	AUTO_BUF struct buf over = BUF_NONE;
	struct err err;

	(void)state;
	read_minimal(&parsed);
	for (size_t i = 0; i < RELEASE_LINKS_MAX; i++)
		(void)snprintf(parsed.links[i], RELEASE_VALUE_SIZE, "l%zu", i);
	for (size_t i = 0; i < RELEASE_INFO_MAX; i++) {
		struct release_info *info = &parsed.info[i];

		(void)snprintf(info->key, sizeof info->key, "%064zu", i);
		(void)snprintf(info->value, sizeof info->value, "%0132zu", i);
	}
	parsed.link_count = RELEASE_LINKS_MAX;
	parsed.info_count = RELEASE_INFO_MAX;
	assert_int_equal(written(&parsed, &text), ERR_NONE);
	assert_int_equal(release_ini_parse(text.data, text.len, &parsed, &err),
	                 0);
	assert_int_equal(buf_printf(&over, &err, "%s%s", text.data, "z = x\n"),
	                 0);
	assert_int_equal(release_ini_parse(over.data, over.len, &parsed, &err),
	                 -1);
	assert_int_equal(err.code, ERR_LIMIT);
	parsed.link_count = RELEASE_LINKS_MAX + 1;
	assert_int_equal(written(&parsed, &text), ERR_USAGE);
	parsed.link_count = 0;
	parsed.info_count = RELEASE_INFO_MAX + 1;
	assert_int_equal(written(&parsed, &text), ERR_USAGE);
}

static void a_text_over_its_limit_is_refused(void **state)
{
	static char text[RELEASE_INI_MAX + 1];
	struct err err;

	(void)state;
	memset(text, '\n', sizeof text);
	assert_int_equal(release_ini_parse(text, sizeof text, &parsed, &err),
	                 -1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(
		release_ini_parse(text, sizeof text - 1, &parsed, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
}

static void what_would_not_be_read_is_not_written(void **state)
{
	AUTO_BUF struct buf out = BUF_NONE;
	size_t written_len;

	(void)state;
	read_minimal(&parsed);
	(void)snprintf(parsed.app, sizeof parsed.app, "..");
	assert_int_equal(written(&parsed, &out), ERR_USAGE);
	read_minimal(&parsed);
	parsed.sequence = SEQUENCE_MAX + 1;
	assert_int_equal(written(&parsed, &out), ERR_USAGE);
	read_minimal(&parsed);
	parsed.created = TAR_OCTAL_MAX + 1;
	assert_int_equal(written(&parsed, &out), ERR_USAGE);
	read_minimal(&parsed);
	parsed.kernel_minor = 65536;
	assert_int_equal(written(&parsed, &out), ERR_USAGE);
	read_minimal(&parsed);
	parsed.parts[PART_PAYLOAD].is_present = false;
	assert_int_equal(written(&parsed, &out), ERR_USAGE);
	read_minimal(&parsed);
	parsed.parts[PART_SHA256].size = 129;
	assert_int_equal(written(&parsed, &out), ERR_USAGE);
	read_minimal(&parsed);
	(void)snprintf(parsed.repository, sizeof parsed.repository, "a;b");
	assert_int_equal(written(&parsed, &out), ERR_USAGE);
	(void)snprintf(parsed.repository, sizeof parsed.repository, " a");
	assert_int_equal(written(&parsed, &out), ERR_USAGE);
	(void)snprintf(parsed.repository, sizeof parsed.repository, "%0186d",
	               1);
	assert_int_equal(out.len, 0);
	assert_int_equal(written(&parsed, &out), ERR_NONE);
	written_len = out.len;
	(void)snprintf(parsed.repository, sizeof parsed.repository, "%0187d",
	               1);
	assert_int_equal(written(&parsed, &out), ERR_USAGE);
	memset(parsed.repository, 'x', sizeof parsed.repository);
	assert_int_equal(written(&parsed, &out), ERR_USAGE);
	read_minimal(&parsed);
	parsed.info_count = 1; /* of an empty key: found last */
	assert_int_equal(written(&parsed, &out), ERR_USAGE);
	assert_int_equal(out.len, written_len);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parse_and_write_are_inverse),
		cmocka_unit_test(every_field_is_read),
		cmocka_unit_test(patches_are_told_apart_by_id),
		cmocka_unit_test(other_patches_are_refused),
		cmocka_unit_test(only_what_the_format_allows_is_read),
		cmocka_unit_test(an_error_names_the_line),
		cmocka_unit_test(lists_have_their_largest_counts),
		cmocka_unit_test(a_text_over_its_limit_is_refused),
		cmocka_unit_test(what_would_not_be_read_is_not_written),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
