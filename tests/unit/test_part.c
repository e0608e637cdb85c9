/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/part.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

/* In the order of a bundle. */
static const struct part_case {
	const char *name;
	struct part part;
} parts[] = {
	{ "release.ini", { PART_RELEASE_INI, 0 } },
	{ "release.ini.minisig", { PART_MINISIG, 0 } },
	{ "release.ini.0000000000000001.minisig", { PART_MINISIG_FURTHER, 1 } },
	{ "release.ini.fedcba9876543210.minisig",
	  { PART_MINISIG_FURTHER, 0xfedcba9876543210 } },
	{ "release.ini.1.sigstore.json", { PART_SIGSTORE, 1 } },
	{ "release.ini.32.sigstore.json", { PART_SIGSTORE, 32 } },
	{ "profile.env", { PART_PROFILE_ENV, 0 } },
	{ "sbom.json", { PART_SBOM, 0 } },
	{ "payload.mtree", { PART_MTREE, 0 } },
	{ "payload.index", { PART_INDEX, 0 } },
	{ "payload.sha256", { PART_SHA256, 0 } },
	{ "attestation.intoto.jsonl", { PART_ATTESTATION, 0 } },
	{ "parts.tar.xz", { PART_PACKED, 0 } },
	{ "payload.tar.gz", { PART_PAYLOAD, 0 } },
	{ "payload.patch-0000000000000001", { PART_PATCH, 1 } },
	{ "payload.patch-fedcba9876543210",
	  { PART_PATCH, 0xfedcba9876543210 } },
};

static const char *const not_parts[] = {
	"",
	"release",
	"release.ini ",
	"release.ini.",
	"release.ini..minisig",
	"Release.ini",
	"./release.ini",
	"release.ini.FEDCBA9876543210.minisig",
	"release.ini.edcba9876543210.minisig",
	"release.ini.0fedcba9876543210.minisig",
	"release.ini.sigstore.json",
	"release.ini.0.sigstore.json",
	"release.ini.01.sigstore.json",
	"release.ini.33.sigstore.json",
	"release.ini.1.sigstore.jsonl",
	"payload.patch-1",
	"payload.patch-",
	"payload.patch-FEDCBA9876543210",
	"payload.patch-fedcba98765432100",
	"payload.tar",
};

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static void names_and_parts_are_inverse(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(parts); i++) {
		const struct part_case *c = &parts[i];
		char name[PART_NAME_SIZE];
		struct part part;

		if (!part_parse(c->name, strlen(c->name), &part))
			fail_msg("%s: not a part", c->name);
		if (part.kind != c->part.kind || part.id != c->part.id)
			fail_msg("%s: another part", c->name);
		part_name(part, name);
		assert_string_equal(name, c->name);
	}
}

static void other_names_are_no_parts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(not_parts); i++) {
		struct part part = { PART_KINDS, 77 };

		if (part_parse(not_parts[i], strlen(not_parts[i]), &part))
			fail_msg("taken: '%s'", not_parts[i]);
		assert_int_equal(part.kind, PART_KINDS);
		assert_int_equal(part.id, 77);
	}
	assert_false(part_parse("sbom.json\0", 10, &(struct part){ 0 }));
}

static void parts_have_the_order_of_a_bundle(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(parts); i++) {
		for (size_t k = 0; k < COUNT(parts); k++) {
			int order = part_compare(parts[i].part, parts[k].part);

			if ((order > 0) != (i > k) || (order < 0) != (i < k))
				fail_msg("%s and %s: %d", parts[i].name,
				         parts[k].name, order);
		}
	}
}

/* Evidence moves in front of what is pinned; nothing else changes. */
static void what_judges_comes_first(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(parts); i++) {
		for (size_t k = 0; k < COUNT(parts); k++) {
			const struct part a = parts[i].part;
			const struct part b = parts[k].part;
			bool a_waits = part_is_pinned(a.kind);
			bool b_waits = part_is_pinned(b.kind);
			int order = part_compare_judging(a, b);
			int want = a_waits == b_waits ? part_compare(a, b)
			                              : a_waits - b_waits;

			if ((order > 0) != (want > 0) ||
			    (order < 0) != (want < 0))
				fail_msg("%s and %s: %d", parts[i].name,
				         parts[k].name, order);
		}
	}
}

static void the_table_is_that_of_the_format(void **state)
{
	(void)state;
	assert_int_equal(part_max_size(PART_RELEASE_INI), 65536);
	assert_int_equal(part_max_size(PART_MINISIG), 1024);
	assert_int_equal(part_max_size(PART_MINISIG_FURTHER), 1024);
	assert_int_equal(part_max_size(PART_SIGSTORE), 4194304);
	assert_int_equal(part_max_size(PART_PROFILE_ENV), 65536);
	assert_int_equal(part_max_size(PART_SBOM), 1073741824);
	assert_int_equal(part_max_size(PART_SHA256), 128);
	assert_true(part_max_size(PART_PAYLOAD) == 9007199254740991);
	assert_int_equal(part_max_size(PART_PACKED), 67108864);
	assert_int_equal(part_max_count(PART_MINISIG), 1);
	assert_int_equal(part_max_count(PART_MINISIG_FURTHER), 32);
	assert_int_equal(part_max_count(PART_SIGSTORE), 32);
	assert_int_equal(part_max_count(PART_PAYLOAD), 1);
	assert_false(part_is_pinned(PART_RELEASE_INI));
	assert_false(part_is_pinned(PART_MINISIG));
	assert_false(part_is_pinned(PART_ATTESTATION));
	assert_true(part_is_pinned(PART_PROFILE_ENV));
	assert_true(part_is_pinned(PART_PAYLOAD));
	assert_true(part_is_pinned(PART_PACKED));
	assert_true(part_is_kept(PART_MTREE));
	assert_false(part_is_kept(PART_PACKED));
	assert_false(part_is_kept(PART_PAYLOAD));
	assert_true(part_is_required(PART_RELEASE_INI));
	assert_true(part_is_required(PART_SHA256));
	assert_false(part_is_required(PART_SBOM));
	assert_false(part_is_required(PART_MINISIG));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_parts_are_inverse),
		cmocka_unit_test(other_names_are_no_parts),
		cmocka_unit_test(parts_have_the_order_of_a_bundle),
		cmocka_unit_test(what_judges_comes_first),
		cmocka_unit_test(the_table_is_that_of_the_format),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
