/* SPDX-License-Identifier: Apache-2.0 */
/* What the monitor gives to verify-worker to judge by. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "codec/part.h"
#include "privsep/dossier.h"

static struct bytes bytes_of(const char *text)
{
	return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

static void add(struct dossier *dossier, enum dossier_kind kind,
                const char *name, const char *text)
{
	struct err err;

	assert_int_equal(dossier_add(dossier, kind, name, bytes_of(text), &err),
	                 0);
}

static void make(struct dossier *out)
{
	struct err err;

	assert_int_equal(dossier_begin(out, &err), 0);
	add(out, DOSSIER_SETTINGS, NULL, "");
	add(out, DOSSIER_COSIGN_KEY, "ci", "spki");
	add(out, DOSSIER_COSIGN_KEY, "ops", "spki 2");
	add(out, DOSSIER_TRUSTED_ROOT, "", "{}");
	add(out, DOSSIER_RELEASE_INI, NULL, "format = 1\n");
	add(out, DOSSIER_SIGSTORE, NULL, "a bundle");
}

static void what_is_added_is_read(void **state)
{
	static const struct want {
		enum dossier_kind kind;
		unsigned ordinal;
		const char *name, *text;
	} wants[] = {
		{ DOSSIER_SETTINGS, 0, "", "" },
		{ DOSSIER_COSIGN_KEY, 0, "ci", "spki" },
		{ DOSSIER_COSIGN_KEY, 1, "ops", "spki 2" },
		{ DOSSIER_TRUSTED_ROOT, 0, "", "{}" },
		{ DOSSIER_RELEASE_INI, 0, "", "format = 1\n" },
		{ DOSSIER_SIGSTORE, 0, "", "a bundle" },
	};
	AUTO_DOSSIER struct dossier dossier = DOSSIER_NONE;
	AUTO_BUF struct buf text = BUF_LIMIT(DOSSIER_MAX);
	struct dossier_reader reader = { .left = BYTES_NONE };
	struct dossier_item item;
	struct err err;

	(void)state;
	make(&dossier);
	assert_int_equal(dossier_seal(&dossier, &err), 0);
	assert_int_equal(dossier_read(dossier.fd, dossier.size, &text, &err),
	                 0);
	reader.left = buf_bytes(&text);
	for (size_t i = 0; i < sizeof wants / sizeof wants[0]; i++) {
		const struct want *want = &wants[i];

		assert_int_equal(dossier_next(&reader, &item, &err), 1);
		assert_int_equal(item.kind, want->kind);
		assert_int_equal(item.ordinal, want->ordinal);
		assert_string_equal(item.name, want->name);
		assert_int_equal(item.bytes.len, strlen(want->text));
		assert_memory_equal(item.bytes.data, want->text,
		                    item.bytes.len);
	}
	assert_int_equal(dossier_next(&reader, &item, &err), 0);
	assert_int_equal(
		dossier_read(dossier.fd, dossier.size + 1, &text, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
	assert_int_equal(dossier_read(dossier.fd, DOSSIER_MAX + 1, &text, &err),
	                 -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

static void a_sealed_dossier_stays_as_it_is(void **state)
{
	AUTO_DOSSIER struct dossier dossier = DOSSIER_NONE;
	struct err err;

	(void)state;
	make(&dossier);
	assert_int_equal(dossier_seal(&dossier, &err), 0);
	assert_int_equal(pwrite(dossier.fd, "x", 1, 0), -1);
	assert_int_equal(ftruncate(dossier.fd, 0), -1);
	assert_int_equal(dossier_add(&dossier, DOSSIER_ATTESTATION, NULL,
	                             bytes_of("x"), &err),
	                 -1);
	assert_int_equal(err.code, ERR_SYSTEM);
}

static void an_item_out_of_order_is_a_bug(void **state)
{
	AUTO_DOSSIER struct dossier dossier = DOSSIER_NONE;
	struct err err;

	(void)state;
	make(&dossier);
	assert_int_equal(dossier_add(&dossier, DOSSIER_SETTINGS, NULL,
	                             bytes_of("x"), &err),
	                 -1);
	assert_int_equal(err.code, ERR_FORMAT);
	assert_int_equal(
		dossier_add(&dossier, DOSSIER_KINDS, NULL, bytes_of("x"), &err),
		-1);
	assert_int_equal(err.code, ERR_FORMAT);
}

struct limit {
	const char *name;
	enum dossier_kind kind;
	unsigned count;
	size_t size;
};

static const struct limit limits[] = {
	{ "configurations", DOSSIER_SETTINGS, 1, 65536 },
	{ "cosign keys", DOSSIER_COSIGN_KEY, 64, 1024 },
	{ "minisign keys", DOSSIER_MINISIGN_KEY, 64, 1024 },
	{ "trusted roots", DOSSIER_TRUSTED_ROOT, 16, 4194304 },
	{ "release.ini", DOSSIER_RELEASE_INI, 1, 65536 },
	{ "Sigstore bundles", DOSSIER_SIGSTORE, 32, 4194304 },
	{ "attestations", DOSSIER_ATTESTATION, 1, 4194304 },
};

static int add_sized(struct dossier *dossier, enum dossier_kind kind,
                     size_t size, struct err *err)
{
	static const uint8_t much[4194305];

	return dossier_add(dossier, kind, NULL, (struct bytes){ much, size },
	                   err);
}

static void each_kind_has_its_limits(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
		const struct limit *limit = &limits[i];
		AUTO_DOSSIER struct dossier dossier = DOSSIER_NONE;
		struct err err = { .code = ERR_NONE };

		assert_int_equal(dossier_begin(&dossier, &err), 0);
		if (add_sized(&dossier, limit->kind, limit->size + 1, &err) !=
		            -1 ||
		    err.code != ERR_LIMIT)
			fail_msg("%s: too large", limit->name);
		if (add_sized(&dossier, limit->kind, limit->size, &err) != 0)
			fail_msg("%s: the largest", limit->name);
		for (unsigned k = 1; k < limit->count; k++)
			if (add_sized(&dossier, limit->kind, 0, &err) != 0)
				fail_msg("%s: number %u", limit->name, k);
		if (add_sized(&dossier, limit->kind, 0, &err) != -1 ||
		    err.code != ERR_LIMIT)
			fail_msg("%s: one too many", limit->name);
	}
	assert_int_equal(part_max_size(PART_SIGSTORE), 4194304);
	assert_int_equal(part_max_size(PART_ATTESTATION), 4194304);
	assert_int_equal(part_max_size(PART_RELEASE_INI), 65536);
}

/* A byte of the first two heads (which are 88 bytes each) becomes @byte. */
struct damage {
	const char *name;
	size_t at;
	uint8_t byte;
	enum err_code code;
};

static const struct damage damages[] = {
	{ "kind 0", 0, 0, ERR_FORMAT },
	{ "an unknown kind", 0, DOSSIER_KINDS, ERR_FORMAT },
	{ "a huge kind", 3, 0xff, ERR_FORMAT },
	{ "an ordinal that does not count", 4, 1, ERR_FORMAT },
	{ "an item that leaves the dossier", 88 + 9, 1, ERR_FORMAT },
	{ "an item of 2^63 bytes", 88 + 15, 0x80, ERR_LIMIT },
	{ "bytes behind a name", 16 + 10, 'x', ERR_FORMAT },
	{ "bytes in the last place", 87, 'x', ERR_FORMAT },
	{ "the second one before the first", 88, DOSSIER_SETTINGS, ERR_LIMIT },
};

/* What reading @bytes to the end comes to. */
static int read_all(struct bytes bytes, struct err *err)
{
	struct dossier_reader reader = { .left = bytes };
	struct dossier_item item;
	int got;

	while ((got = dossier_next(&reader, &item, err)) > 0)
		continue;
	return got;
}

static void a_damaged_dossier_is_refused(void **state)
{
	AUTO_DOSSIER struct dossier dossier = DOSSIER_NONE;
	uint8_t text[2 * 88 + 3];
	struct err err;

	(void)state;
	assert_int_equal(dossier_begin(&dossier, &err), 0);
	add(&dossier, DOSSIER_SETTINGS, NULL, "");
	add(&dossier, DOSSIER_COSIGN_KEY, "ci", "key");
	assert_int_equal(dossier.size, sizeof text);
	assert_int_equal(pread(dossier.fd, text, sizeof text, 0), sizeof text);
	for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
		const struct damage *damage = &damages[i];
		uint8_t right = text[damage->at];
		int got;

		text[damage->at] = damage->byte;
		err.code = ERR_NONE;
		got = read_all((struct bytes){ text, sizeof text }, &err);
		if (got != -1 || err.code != damage->code)
			fail_msg("%s: got %d, code %d", damage->name, got,
			         (int)err.code);
		text[damage->at] = right;
	}
	for (size_t len = 1; len < sizeof text; len++) {
		int got = read_all((struct bytes){ text, len }, &err);

		/* Cut behind the first item it is whole, and shorter. */
		if (got != (len == 88 ? 0 : -1))
			fail_msg("cut to %zu bytes: got %d", len, got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_added_is_read),
		cmocka_unit_test(a_sealed_dossier_stays_as_it_is),
		cmocka_unit_test(an_item_out_of_order_is_a_bug),
		cmocka_unit_test(each_kind_has_its_limits),
		cmocka_unit_test(a_damaged_dossier_is_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
