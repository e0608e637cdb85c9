/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>
#include <cmocka.h>
#include <libdeflate.h>

#include "base/buf.h"
#include "codec/bundle_frame.h"

#define CREATED 1767323045

/* --- stored blocks --- */

static const struct {
	uint64_t tar, file;
} sizes[] = {
	{ 0, 0 },
	{ 1, 10 + 5 + 1 + 8 },
	{ 512, 10 + 5 + 512 + 8 },
	{ 65534, 10 + 5 + 65534 + 8 },
	{ 65535, 10 + 5 + 65535 + 8 },
	{ 65536, 10 + 10 + 65536 + 8 },
	{ 131070, 10 + 10 + 131070 + 8 },
	{ 131071, 10 + 15 + 131071 + 8 },
	{ FRAME_TAR_MAX, 1153009466879266839 },
};

static void sizes_of_tar_and_file_follow_from_each_other(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		if (frame_file_size(sizes[i].tar) != sizes[i].file)
			fail_msg("file of a tar of %llu",
			         (unsigned long long)sizes[i].tar);
		if (frame_tar_size(sizes[i].file) != sizes[i].tar)
			fail_msg("tar in a file of %llu",
			         (unsigned long long)sizes[i].file);
	}
}

static void a_size_that_no_tar_gives_is_refused(void **state)
{
	uint64_t tar = 0;

	(void)state;
	for (uint64_t file = 0; file < 200000; file++) {
		uint64_t got = frame_tar_size(file);

		if (got != 0 &&
		    (got != tar + 1 || frame_file_size(got) != file))
			fail_msg("file of %llu bytes",
			         (unsigned long long)file);
		if (got != 0)
			tar = got;
	}
	assert_true(tar > 190000);
	assert_int_equal(frame_tar_size(frame_file_size(FRAME_TAR_MAX) + 1), 0);
	assert_int_equal(frame_tar_size(UINT64_MAX), 0);
}

static void bytes_lie_behind_their_block_heads(void **state)
{
	(void)state;
	assert_int_equal(frame_file_offset(0), 15);
	assert_int_equal(frame_file_offset(65534), 15 + 65534);
	assert_int_equal(frame_file_offset(65535), 15 + 65535 + 5);
	assert_int_equal(frame_file_offset(65536), 15 + 65536 + 5);
}

/* The file of a tar, made with the functions under test alone. */
static void frame_tar(const uint8_t *tar, size_t size, struct buf *out)
{
	uint32_t tail[2] = { libdeflate_crc32(0, tar, size), (uint32_t)size };
	struct err err;

	assert_int_equal(buf_add(out, frame_gzip_head, FRAME_GZIP_HEAD, &err),
	                 0);
	for (size_t n = 0; n < size; n += FRAME_BLOCK) {
		uint8_t head[FRAME_BLOCK_HEAD];
		size_t len = size - n < FRAME_BLOCK ? size - n : FRAME_BLOCK;

		frame_block_head(n, size, head);
		assert_int_equal(buf_add(out, head, sizeof head, &err), 0);
		assert_int_equal(out->len, frame_file_offset(n));
		assert_int_equal(buf_add(out, tar + n, len, &err), 0);
	}
	assert_int_equal(buf_add(out, tail, sizeof tail, &err), 0);
}

static void gzip_reads_what_the_frame_holds(void **state)
{
	static const size_t lens[] = { 1, 65534, 65535, 65536, 200000 };
	static uint8_t tar[200000], got[200000];
	struct libdeflate_decompressor *inflate =
		libdeflate_alloc_decompressor();

	(void)state;
	assert_non_null(inflate);
	for (size_t i = 0; i < sizeof tar; i++)
		tar[i] = (uint8_t)(i * 7 + i / 256);
	for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
		AUTO_BUF struct buf file = BUF_NONE;
		size_t used = 0;
		size_t made = 0;

		frame_tar(tar, lens[i], &file);
		assert_int_equal(file.len, frame_file_size(lens[i]));
		if (libdeflate_gzip_decompress_ex(inflate, file.data, file.len,
		                                  got, lens[i], &used, &made) !=
		            LIBDEFLATE_SUCCESS ||
		    used != file.len || made != lens[i] ||
		    memcmp(got, tar, made) != 0)
			fail_msg("tar of %zu bytes", lens[i]);
	}
	libdeflate_free_decompressor(inflate);
}

/* --- part headers --- */

static const struct {
	const char *name;
	struct part part;
	uint64_t size;
} headers[] = {
	{ "release.ini", { PART_RELEASE_INI, 0 }, 65536 },
	{ "release.ini.minisig", { PART_MINISIG, 0 }, 0 },
	{ "release.ini.00c0ffee00c0ffee.minisig",
	  { PART_MINISIG_FURTHER, 0x00c0ffee00c0ffee },
	  300 },
	{ "release.ini.32.sigstore.json", { PART_SIGSTORE, 32 }, 5000 },
	{ "payload.sha256", { PART_SHA256, 0 }, 82 },
	{ "payload.tar.gz", { PART_PAYLOAD, 0 }, 8589934591 },
	{ "payload.tar.gz", { PART_PAYLOAD, 0 }, 8589934592 },
	{ "payload.tar.gz", { PART_PAYLOAD, 0 }, 9007199254740991 },
};

#define HEADERS (sizeof headers / sizeof *headers)

static void a_header_is_read_as_it_was_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < HEADERS; i++) {
		uint8_t block[TAR_BLOCK];
		struct part part;
		uint64_t size;
		int64_t created;
		struct err err;

		part_header_write(headers[i].part, headers[i].size, CREATED,
		                  block);
		if (part_header_parse(block, &part, &size, &created, &err) !=
		            1 ||
		    part_compare(part, headers[i].part) != 0 ||
		    size != headers[i].size || created != CREATED ||
		    strcmp((const char *)block, headers[i].name) != 0)
			fail_msg("%s, %llu", headers[i].name,
			         (unsigned long long)headers[i].size);
	}
}

static void libarchive_reads_the_same_header(void **state)
{
	(void)state;
	for (size_t i = 0; i < HEADERS; i++) {
		uint8_t block[TAR_BLOCK];
		struct archive *archive = archive_read_new();
		struct archive_entry *entry;

		part_header_write(headers[i].part, headers[i].size, CREATED,
		                  block);
		archive_read_support_format_tar(archive);
		archive_read_open_memory(archive, block, sizeof block);
		assert_int_equal(archive_read_next_header(archive, &entry),
		                 ARCHIVE_OK);
		assert_string_equal(archive_entry_pathname(entry),
		                    headers[i].name);
		assert_int_equal(archive_entry_size(entry), headers[i].size);
		assert_int_equal(archive_entry_mtime(entry), CREATED);
		assert_int_equal(archive_entry_mode(entry), 0100644);
		archive_read_free(archive);
	}
}

static enum err_code parse_code(const uint8_t block[TAR_BLOCK])
{
	struct part part = { PART_SBOM, 77 };
	uint64_t size = 77;
	int64_t created = 77;
	struct err err = { 0 };
	int got = part_header_parse(block, &part, &size, &created, &err);

	if (got == -1 && (part.kind != PART_SBOM || part.id != 77 ||
	                  size != 77 || created != 77))
		fail_msg("outputs touched");
	return got == -1 ? err.code : ERR_NONE;
}

/* A changed byte breaks the checksum at least. */
static void any_changed_byte_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < HEADERS; i++) {
		uint8_t block[TAR_BLOCK];

		part_header_write(headers[i].part, headers[i].size, CREATED,
		                  block);
		for (size_t at = 0; at < TAR_BLOCK; at++) {
			block[at] ^= 1;
			if (parse_code(block) != ERR_FORMAT)
				fail_msg("%s, byte %zu", headers[i].name, at);
			block[at] ^= 1;
		}
	}
}

static const struct {
	const char *name;
	struct tar_fields fields;
	enum err_code want;
} foreign[] = {
	{ "what the bundle has",
	  { .name = "sbom.json", .mode = 0644, .type = '0' },
	  ERR_NONE },
	{ "unknown part",
	  { .name = "sbom.xml", .mode = 0644, .type = '0' },
	  ERR_FORMAT },
	{ "no name", { .name = "", .mode = 0644, .type = '0' }, ERR_FORMAT },
	{ "another folder",
	  { .name = "./sbom.json", .mode = 0644, .type = '0' },
	  ERR_FORMAT },
	{ "another mode",
	  { .name = "sbom.json", .mode = 0755, .type = '0' },
	  ERR_FORMAT },
	{ "a link",
	  { .name = "sbom.json",
	    .mode = 0644,
	    .type = '2',
	    .link = "x",
	    .link_len = 1 },
	  ERR_FORMAT },
	{ "a file with a target",
	  { .name = "sbom.json",
	    .mode = 0644,
	    .type = '0',
	    .link = "x",
	    .link_len = 1 },
	  ERR_FORMAT },
	{ "a prefix",
	  { .name = "sbom.json",
	    .mode = 0644,
	    .type = '0',
	    .prefix = "x",
	    .prefix_len = 1 },
	  ERR_FORMAT },
	{ "largest size",
	  { .name = "payload.sha256", .mode = 0644, .type = '0', .size = 128 },
	  ERR_NONE },
	{ "size above it",
	  { .name = "payload.sha256", .mode = 0644, .type = '0', .size = 129 },
	  ERR_LIMIT },
	{ "largest payload",
	  { .name = "payload.tar.gz",
	    .mode = 0644,
	    .type = '0',
	    .size = 9007199254740991 },
	  ERR_NONE },
	{ "payload above it",
	  { .name = "payload.tar.gz",
	    .mode = 0644,
	    .type = '0',
	    .size = 9007199254740992 },
	  ERR_LIMIT },
};

static void a_well_formed_header_of_another_kind_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
		struct tar_fields fields = foreign[i].fields;
		uint8_t block[TAR_BLOCK];
		enum err_code got;

		fields.name_len = strlen(fields.name);
		tar_block_write(&fields, block);
		got = parse_code(block);
		if (got != foreign[i].want)
			fail_msg("%s: code %d", foreign[i].name, (int)got);
	}
}

static void a_block_of_nul_is_the_end(void **state)
{
	static const uint8_t nul[TAR_BLOCK];
	struct part part;
	uint64_t size;
	int64_t created;
	struct err err;

	(void)state;
	assert_int_equal(part_header_parse(nul, &part, &size, &created, &err),
	                 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_of_tar_and_file_follow_from_each_other),
		cmocka_unit_test(a_size_that_no_tar_gives_is_refused),
		cmocka_unit_test(bytes_lie_behind_their_block_heads),
		cmocka_unit_test(gzip_reads_what_the_frame_holds),
		cmocka_unit_test(a_header_is_read_as_it_was_written),
		cmocka_unit_test(libarchive_reads_the_same_header),
		cmocka_unit_test(any_changed_byte_is_refused),
		cmocka_unit_test(
			a_well_formed_header_of_another_kind_is_refused),
		cmocka_unit_test(a_block_of_nul_is_the_end),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("bundle_frame", tests, NULL, NULL);
}
