/* SPDX-License-Identifier: Apache-2.0 */
#include "store/pieces.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "temp_pinned.h"
#include "temp_store.h"

#include "codec/cut.h"
#include "codec/payload_index.h"

#define LARGE ((size_t)3 * CUT_OWN_FILE)
#define SMALL ((size_t)CUT_OWN_FILE - 1)

/* errno of every read(2), or 0: a disk with a bad sector. */
static int read_failure;

/* Its own name here, since libc has an inline one of the other. */
ssize_t failing_read(int fd, void *out, size_t len) __asm__("read");

ssize_t failing_read(int fd, void *out, size_t len)
{
	if (read_failure != 0) {
		errno = read_failure;
		return -1;
	}
	return (ssize_t)syscall(SYS_read, fd, out, len);
}

/* One letter all over. */
static char large[LARGE + 1], small[SMALL + 1];

/* The digest of a member, as a test names it. */
static void name_member(uint8_t number, uint8_t out[DIGEST_LEN])
{
	memset(out, number, DIGEST_LEN);
}

/* Where "large" and "small" lie in a tar, and the members that hold them:
 *
 *     1  a header    2, 3  large's two halves    4  the rest, with small */
static void put_index(const struct store *store, const char *path)
{
	static const uint64_t ends[] = { 512, 512 + LARGE / 2, 512 + LARGE,
		                         512 + LARGE + 512 + SMALL };
	AUTO_BUF struct buf text = BUF_NONE;
	struct index_member member = { .plain_len = 0 };
	struct index_entry entry = { MTREE_HEAD_LINES + 1, 512 };
	struct err err;

	assert_int_equal(index_write_head(&text, &err), 0);
	for (uint8_t i = 0; i < 4; i++) {
		member.packed_offset += member.packed_len;
		member.plain_offset += member.plain_len;
		member.packed_len = 100;
		member.plain_len = ends[i] - member.plain_offset;
		name_member((uint8_t)(i + 1), member.sha256);
		assert_int_equal(index_write_member(&member, &text, &err), 0);
	}
	assert_int_equal(index_write_entry(&entry, &text, &err), 0);
	entry = (struct index_entry){ MTREE_HEAD_LINES + 2, 512 + LARGE + 512 };
	assert_int_equal(index_write_entry(&entry, &text, &err), 0);
	put_file(store->packages, path, buf_text(&text));
}

static struct temp_store make_store(void)
{
	struct temp_store temp = temp_store_make();
	struct payload_entry entries[] = { { "large", large, 0644 },
		                           { "small", small, 0644 } };

	memset(large, 'l', LARGE);
	memset(small, 's', SMALL);
	put_installed(&temp.store, "1", 1, entries, 2);
	put_index(&temp.store, "1/payload.index");
	pin_parts(&temp.store, "1", 1);
	put_file(temp.store.releases, "1/large", large);
	return temp;
}

static const struct piece *find(const struct pieces *pieces, uint8_t number)
{
	uint8_t digest[DIGEST_LEN];

	name_member(number, digest);
	return pieces_find(pieces, digest);
}

static void members_within_large_files_are_pieces(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = make_store();
	AUTO_PIECES struct pieces pieces = PIECES_NONE;
	const struct piece *piece;
	struct err err;
	char byte = 'x';
	int fd = -1;

	(void)state;
	assert_null(find(&pieces, 2)); /* not searched yet */
	assert_int_equal(pieces_search(&pieces, &temp.store, &err), 0);
	assert_null(find(&pieces, 1)); /* a header */
	assert_null(find(&pieces, 4)); /* a small file */
	assert_null(find(&pieces, 5));
	piece = find(&pieces, 2);
	assert_non_null(piece);
	assert_true(piece->offset == 0 && piece->len == LARGE / 2);
	piece = find(&pieces, 3);
	assert_non_null(piece);
	assert_true(piece->offset == LARGE / 2 && piece->len == LARGE / 2);
	for (int i = 0; i < 2; i++) /* opened, and still open */
		assert_int_equal(
			pieces_open(&pieces, &temp.store, &piece, &fd, &err),
			1);
	assert_int_equal(pread(fd, &byte, 1, (off_t)piece->offset), 1);
	assert_int_equal(byte, 'l');
}

static void a_file_with_other_bytes_is_not_opened(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = make_store();
	AUTO_PIECES struct pieces pieces = PIECES_NONE;
	struct err err;
	const struct piece *piece;
	int fd = -1;

	(void)state;
	assert_int_equal(pieces_search(&pieces, &temp.store, &err), 0);
	piece = find(&pieces, 2);
	large[LARGE - 1] = 'x'; /* behind the piece */
	put_file(temp.store.releases, "1/large", large);
	for (int i = 0; i < 2; i++)
		assert_int_equal(
			pieces_open(&pieces, &temp.store, &piece, &fd, &err),
			0);
	assert_ptr_equal(piece, find(&pieces, 2));
	assert_int_equal(fd, -1);
}

static void a_file_that_is_gone_is_not_opened(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = make_store();
	AUTO_PIECES struct pieces pieces = PIECES_NONE;
	const struct piece *piece;
	struct err err;
	int fd = -1;

	(void)state;
	assert_int_equal(pieces_search(&pieces, &temp.store, &err), 0);
	piece = find(&pieces, 2);
	assert_int_equal(unlinkat(temp.store.releases, "1/large", 0), 0);
	assert_int_equal(pieces_open(&pieces, &temp.store, &piece, &fd, &err),
	                 0);
	assert_int_equal(fd, -1);
}

static void a_file_that_cannot_be_read_is_not_opened(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = make_store();
	AUTO_PIECES struct pieces pieces = PIECES_NONE;
	const struct piece *piece;
	struct err err;
	int fd = -1;
	int got;

	(void)state;
	assert_int_equal(pieces_search(&pieces, &temp.store, &err), 0);
	piece = find(&pieces, 2);
	read_failure = EIO;
	got = pieces_open(&pieces, &temp.store, &piece, &fd, &err);
	read_failure = 0;
	assert_int_equal(got, 0);
	assert_int_equal(fd, -1);
}

/* The same file in two releases: the newer one first, and the older one where
 * that is damaged. */
static void a_neighbour_stands_in_for_a_damaged_file(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = make_store();
	AUTO_PIECES struct pieces pieces = PIECES_NONE;
	struct payload_entry entries[] = { { "large", large, 0644 },
		                           { "small", small, 0644 } };
	const struct piece *first, *piece;
	struct err err;
	int fd = -1;

	(void)state;
	put_installed(&temp.store, "2", 2, entries, 2);
	put_index(&temp.store, "2/payload.index");
	pin_parts(&temp.store, "2", 2);
	put_file(temp.store.releases, "2/large", large);
	assert_int_equal(pieces_search(&pieces, &temp.store, &err), 0);
	first = piece = find(&pieces, 3);
	assert_int_equal(pieces_open(&pieces, &temp.store, &piece, &fd, &err),
	                 1);
	assert_ptr_equal(piece, first);
	put_file(temp.store.releases, "2/large", "damaged");
	pieces_done(&pieces);
	assert_int_equal(pieces_search(&pieces, &temp.store, &err), 0);
	first = piece = find(&pieces, 3);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(
			pieces_open(&pieces, &temp.store, &piece, &fd, &err),
			1);
		assert_int_not_equal(piece->file, first->file);
		piece = first;
	}
}

static void a_damaged_release_has_no_pieces(void **state)
{
	static const char *const names[] = { "1/payload.index",
		                             "1/payload.mtree" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		AUTO_TEMP_STORE struct temp_store temp = make_store();
		AUTO_PIECES struct pieces pieces = PIECES_NONE;
		struct err err;

		put_file(temp.store.packages, names[i], "nonsense\n");
		assert_int_equal(pieces_search(&pieces, &temp.store, &err), 0);
		assert_null(find(&pieces, 2));
	}
}

/* Well-formed, and it says that large's first half are the bytes of 7. */
static void nor_has_one_whose_index_was_changed(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = make_store();
	AUTO_PIECES struct pieces pieces = PIECES_NONE;
	AUTO_BUF struct buf text = BUF_NONE;
	AUTO_CLOSE int fd = -1;
	struct err err;
	char *digest;

	(void)state;
	fd = fs_open_file(temp.store.packages, "1/payload.index", &err);
	assert_int_equal(fs_read_fd(fd, &text, &err), 0);
	digest = strstr(text.data, "0202");
	assert_non_null(digest);
	for (size_t i = 0; i < DIGEST_LEN; i++)
		memcpy(digest + 2 * i, "07", 2);
	put_file(temp.store.packages, "1/payload.index", buf_text(&text));
	assert_int_equal(pieces_search(&pieces, &temp.store, &err), 0);
	assert_null(find(&pieces, 7));
	pieces_done(&pieces);
	pin_parts(&temp.store, "1", 1);
	assert_int_equal(pieces_search(&pieces, &temp.store, &err), 0);
	assert_non_null(find(&pieces, 7)); /* it was nothing else */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_within_large_files_are_pieces),
		cmocka_unit_test(a_file_with_other_bytes_is_not_opened),
		cmocka_unit_test(a_file_that_is_gone_is_not_opened),
		cmocka_unit_test(a_file_that_cannot_be_read_is_not_opened),
		cmocka_unit_test(a_neighbour_stands_in_for_a_damaged_file),
		cmocka_unit_test(a_damaged_release_has_no_pieces),
		cmocka_unit_test(nor_has_one_whose_index_was_changed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
