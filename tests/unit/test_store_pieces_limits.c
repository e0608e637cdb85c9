/* SPDX-License-Identifier: Apache-2.0 */
/* Of more pieces, or longer paths, than there is room for. */
#include "store/pieces.h"

#include "temp_pinned.h"
#include "temp_store.h"

#include "codec/cut.h"
#include "codec/mtree.h"
#include "codec/payload_index.h"

/* A release that is described and has no files. */
struct described {
	struct buf mtree, index;
	struct index_member member; /* the last one */
	uint32_t members;
	uint32_t files;
};

/* The digest of a member, by its number from 1. */
static void name_member(uint32_t number, uint8_t out[DIGEST_LEN])
{
	memset(out, 0, DIGEST_LEN);
	memcpy(out, &number, sizeof number);
}

static void begin(struct described *described)
{
	struct err err;

	*described = (struct described){ .mtree = BUF_NONE, .index = BUF_NONE };
	assert_int_equal(mtree_write_head(CREATED, &described->mtree, &err), 0);
	assert_int_equal(index_write_head(&described->index, &err), 0);
}

static void add_member(struct described *described, uint64_t len)
{
	struct index_member *member = &described->member;
	struct err err;

	member->packed_offset += member->packed_len;
	member->plain_offset += member->plain_len;
	member->packed_len = 1;
	member->plain_len = len;
	name_member(++described->members, member->sha256);
	assert_int_equal(index_write_member(member, &described->index, &err),
	                 0);
}

/* Names ascend. */
static void add_file(struct described *described, size_t name_len,
                     uint64_t size)
{
	struct mtree_entry entry = { .type = ENTRY_FILE,
		                     .mode = 0644,
		                     .size = size };
	struct err err;

	(void)snprintf(entry.path, sizeof entry.path, "%0*u", (int)name_len,
	               ++described->files);
	assert_int_equal(mtree_write_entry(&entry, &described->mtree, &err), 0);
}

/* Members first, and then where the files lie. */
static void add_places(struct described *described, uint64_t stride)
{
	struct err err;

	for (uint32_t i = 0; i < described->files; i++) {
		const struct index_entry entry = { MTREE_HEAD_LINES + 1 + i,
			                           512 + i * stride };

		assert_int_equal(
			index_write_entry(&entry, &described->index, &err), 0);
	}
}

/* Install it as release 1, and list its pieces. */
static void search(struct described *described, struct pieces *out)
{
	AUTO_TEMP_STORE struct temp_store temp = temp_store_make();
	struct payload_entry none = { "none", "", 0644 };
	struct err err;

	put_installed(&temp.store, "1", 1, &none, 1);
	put_file(temp.store.packages, "1/payload.mtree",
	         buf_text(&described->mtree));
	put_file(temp.store.packages, "1/payload.index",
	         buf_text(&described->index));
	pin_parts(&temp.store, "1", 1);
	if (pieces_search(out, &temp.store, &err) < 0)
		fail_msg("%s", err.text);
	buf_done(&described->mtree);
	buf_done(&described->index);
}

static const struct piece *find(const struct pieces *pieces, uint32_t number)
{
	uint8_t digest[DIGEST_LEN];

	name_member(number, digest);
	return pieces_find(pieces, digest);
}

static void so_many_pieces_are_listed_and_no_more(void **state)
{
	(void)state;
	for (uint32_t extra = 0; extra < 2; extra++) {
		AUTO_PIECES struct pieces pieces = PIECES_NONE;
		uint32_t count = (uint32_t)PIECES_MAX + extra;
		struct described described;

		begin(&described);
		add_file(&described, 1, (uint64_t)2 * count);
		add_member(&described, 512); /* its header */
		for (uint32_t i = 0; i < count; i++)
			add_member(&described, 2);
		add_places(&described, 0);
		search(&described, &pieces);
		assert_int_equal(pieces.count, PIECES_MAX);
		for (uint32_t i = 0; i < PIECES_MAX; i++)
			if (find(&pieces, 2 + i) == NULL)
				fail_msg("%u pieces: %u", count, i);
		assert_null(find(&pieces, 2 + PIECES_MAX));
	}
}

/* "1/", a name, and its NUL. */
#define PATH_ROOM  256
#define NAME_LEN   (PATH_ROOM - sizeof "1/")
#define FILES_MOST ((uint32_t)(PIECES_PATHS_MAX / PATH_ROOM))

static void so_many_paths_are_kept_and_no_more(void **state)
{
	(void)state;
	for (uint32_t extra = 0; extra < 2; extra++) {
		AUTO_PIECES struct pieces pieces = PIECES_NONE;
		uint32_t count = FILES_MOST + extra;
		struct described described;

		begin(&described);
		for (uint32_t i = 0; i < count; i++) {
			add_file(&described, NAME_LEN, CUT_OWN_FILE);
			add_member(&described, 512);
			add_member(&described, CUT_OWN_FILE);
		}
		add_places(&described, 512 + CUT_OWN_FILE);
		search(&described, &pieces);
		assert_int_equal(pieces.count, FILES_MOST);
		for (uint32_t i = 0; i < FILES_MOST; i++)
			if (find(&pieces, 2 + 2 * i) == NULL)
				fail_msg("%u files: %u", count, i);
		assert_null(find(&pieces, 2 + 2 * FILES_MOST));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(so_many_pieces_are_listed_and_no_more),
		cmocka_unit_test(so_many_paths_are_kept_and_no_more),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
