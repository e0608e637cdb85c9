/* SPDX-License-Identifier: Apache-2.0 */
/* Hostile payloads against the real unpack-worker, sandbox and all. */
#include "forge.h"

static int workers = -1;

static void end_tar(struct forge *forge)
{
	forge_zeros(forge, TAR_END);
	forge_flush(forge);
}

/* --- what is honest passes --- */

static void build_honest(struct forge *forge)
{
	forge_add(forge, ENTRY_FILE, "a", "alpha");
	forge_add(forge, ENTRY_DIR, "d", NULL);
	forge_add(forge, ENTRY_FILE, "d/empty", "");
	forge_add(forge, ENTRY_FILE, "d/\xc3\xa4 blank", "beta");
	forge_add(forge, ENTRY_LINK, "l", "d/\xc3\xa4 blank");
	end_tar(forge);
}

static void build_long_path(struct forge *forge)
{
	char path[300];

	memset(path, 'x', sizeof path);
	path[250] = '\0';
	forge_add(forge, ENTRY_DIR, path, NULL);
	path[250] = '/';
	path[299] = '\0';
	forge_add(forge, ENTRY_FILE, path, "deep");
	end_tar(forge);
}

/* --- tricks of the tar --- */

/* A tar with @type @name @link where payload.mtree has a plain file. */
static void build_swapped(struct forge *forge, char type, const char *name,
                          const char *link, unsigned mode)
{
	const struct mtree_entry entry = forge_entry(ENTRY_FILE, "a", 0);

	forge_mtree(forge, &entry);
	forge_rogue(forge, type, name, link, mode, 0);
	end_tar(forge);
}

static void build_traversal(struct forge *forge)
{
	build_swapped(forge, '0', "../a", NULL, 0644);
}

static void build_absolute(struct forge *forge)
{
	build_swapped(forge, '0', "/etc/passwd", NULL, 0644);
}

static void build_link_for_file(struct forge *forge)
{
	build_swapped(forge, '2', "a", "/etc/passwd", 0777);
}

static void build_hard_link(struct forge *forge)
{
	build_swapped(forge, '1', "a", "/etc/shadow", 0644);
}

static void build_device(struct forge *forge)
{
	build_swapped(forge, '3', "a", NULL, 0644);
}

static void build_block_device(struct forge *forge)
{
	build_swapped(forge, '4', "a", NULL, 0644);
}

static void build_fifo(struct forge *forge)
{
	build_swapped(forge, '6', "a", NULL, 0644);
}

static void build_setuid(struct forge *forge)
{
	build_swapped(forge, '0', "a", NULL, 04755);
}

static void build_old_type(struct forge *forge)
{
	build_swapped(forge, '\0', "a", NULL, 0644);
}

/* A pax header that gives the file another path for those who heed it. */
static void build_pax_path(struct forge *forge)
{
	static const char record[] = "18 path=../../evil\n";
	const struct mtree_entry entry = forge_entry(ENTRY_FILE, "a", 0);

	forge_mtree(forge, &entry);
	forge_rogue(forge, 'x', "PaxHeaders/3", NULL, 0644, sizeof record - 1);
	forge_bytes(forge, record, sizeof record - 1);
	forge_zeros(forge, tar_padding(sizeof record - 1));
	forge_head(forge, &entry);
	end_tar(forge);
}

static void build_gnu_long_name(struct forge *forge)
{
	const struct mtree_entry entry = forge_entry(ENTRY_FILE, "a", 0);

	forge_mtree(forge, &entry);
	forge_rogue(forge, 'L', "././@LongLink", NULL, 0644, 8);
	forge_bytes(forge, "../evil", 8);
	forge_zeros(forge, tar_padding(8));
	forge_head(forge, &entry);
	end_tar(forge);
}

/* A link, and then a file that would go through it. */
static void build_through_link(struct forge *forge)
{
	forge_add(forge, ENTRY_LINK, "a", "/etc");
	forge_rogue(forge, '0', "a/cron.d", NULL, 0644, 0);
	end_tar(forge);
}

static void build_extra_entry(struct forge *forge)
{
	forge_add(forge, ENTRY_FILE, "a", "alpha");
	forge_rogue(forge, '0', "b", NULL, 0644, 0);
	end_tar(forge);
}

static void build_twice(struct forge *forge)
{
	const struct mtree_entry entry = forge_entry(ENTRY_FILE, "a", 0);

	forge_mtree(forge, &entry);
	forge_head(forge, &entry);
	forge_head(forge, &entry);
	end_tar(forge);
}

static void build_missing_entry(struct forge *forge)
{
	const struct mtree_entry entry = forge_entry(ENTRY_FILE, "b", 0);

	forge_add(forge, ENTRY_FILE, "a", "alpha");
	forge_mtree(forge, &entry);
	end_tar(forge);
}

static void build_padding(struct forge *forge)
{
	const struct mtree_entry entry = forge_entry(ENTRY_FILE, "a", 1);

	forge_mtree(forge, &entry);
	forge_head(forge, &entry);
	forge_place(forge, forge_at(forge));
	forge_bytes(forge, "xy", 2);
	forge_zeros(forge, TAR_BLOCK - 2);
	end_tar(forge);
}

static void build_one_end_block(struct forge *forge)
{
	forge_add(forge, ENTRY_FILE, "a", "alpha");
	forge_zeros(forge, TAR_BLOCK);
	forge_flush(forge);
}

static void build_three_end_blocks(struct forge *forge)
{
	forge_add(forge, ENTRY_FILE, "a", "alpha");
	forge_zeros(forge, TAR_BLOCK);
	end_tar(forge);
}

/* libarchive stops at the end mark; what hides behind it must not pass. */
static void build_behind_end(struct forge *forge)
{
	forge_add(forge, ENTRY_FILE, "a", "alpha");
	forge_zeros(forge, TAR_END);
	forge_rogue(forge, '0', "b", NULL, 0644, 0);
	end_tar(forge);
}

/* --- sizes --- */

static void build_header_size(struct forge *forge, uint64_t size)
{
	const struct mtree_entry entry = forge_entry(ENTRY_FILE, "a", 5);

	forge_mtree(forge, &entry);
	forge_rogue(forge, '0', "a", NULL, 0644, size);
	forge_place(forge, forge_at(forge));
	forge_bytes(forge, "alpha", 5);
	forge_zeros(forge, tar_padding(5));
	end_tar(forge);
}

static void build_header_2_31(struct forge *forge)
{
	build_header_size(forge, (UINT64_C(1) << 31) + 5);
}

static void build_header_2_32(struct forge *forge)
{
	build_header_size(forge, (UINT64_C(1) << 32) + 5);
}

static void build_header_2_63(struct forge *forge)
{
	build_header_size(forge, UINT64_MAX / 2 - 1);
}

/* mtree and header agree on a size that the payload does not have. */
static void build_claimed_size(struct forge *forge, uint64_t size)
{
	const struct mtree_entry entry = forge_entry(ENTRY_FILE, "a", size);

	forge_mtree(forge, &entry);
	forge_head(forge, &entry);
	forge_place(forge, forge_at(forge));
	end_tar(forge);
}

static void build_claimed_2_31(struct forge *forge)
{
	build_claimed_size(forge, UINT64_C(1) << 31);
}

static void build_claimed_2_32(struct forge *forge)
{
	build_claimed_size(forge, (UINT64_C(1) << 32) + 1);
}

/* --- bombs and lies of the index --- */

static void build_bomb(struct forge *forge)
{
	static const uint8_t zeros[8 << 20];

	forge_member(forge, zeros, sizeof zeros, 512);
}

static void build_short_member(struct forge *forge)
{
	static const uint8_t zeros[TAR_END];

	forge_member(forge, zeros, sizeof zeros, sizeof zeros + 1);
}

static void build_place_off(struct forge *forge, int64_t by)
{
	const struct mtree_entry entry = forge_entry(ENTRY_FILE, "a", 5);

	forge_mtree(forge, &entry);
	forge_head(forge, &entry);
	forge_place(forge, (uint64_t)((int64_t)forge_at(forge) + by));
	forge_bytes(forge, "alpha", 5);
	forge_zeros(forge, tar_padding(5));
	end_tar(forge);
}

static void build_place_late(struct forge *forge)
{
	build_place_off(forge, TAR_BLOCK);
}

static void build_place_early(struct forge *forge)
{
	build_place_off(forge, -512);
}

static void build_no_place(struct forge *forge)
{
	const struct mtree_entry entry = forge_entry(ENTRY_FILE, "a", 5);

	forge_mtree(forge, &entry);
	forge_head(forge, &entry);
	forge_bytes(forge, "alpha", 5);
	forge_zeros(forge, tar_padding(5));
	end_tar(forge);
}

static void build_extra_place(struct forge *forge)
{
	forge_add(forge, ENTRY_FILE, "a", "alpha");
	forge_add(forge, ENTRY_DIR, "b", NULL);
	forge_place(forge, forge_at(forge));
	end_tar(forge);
}

static void build_other_time(struct forge *forge)
{
	struct tar_fields fields = { .name = "a",
		                     .name_len = 1,
		                     .mode = 0644,
		                     .mtime = FORGE_CREATED + 1,
		                     .type = '0' };
	const struct mtree_entry entry = forge_entry(ENTRY_FILE, "a", 0);
	uint8_t block[TAR_BLOCK];

	forge_mtree(forge, &entry);
	tar_block_write(&fields, block);
	forge_bytes(forge, block, sizeof block);
	end_tar(forge);
}

struct hostile_case {
	const char *name;
	void (*build)(struct forge *forge);
	enum err_code code;
	const char
		*text; /* part of the message; of the contents, when honest */
};

#define DIFFERS "the tar has something else than payload.mtree at 'a'"
#define EXTRA   "the tar has entries that payload.mtree lacks"

static const struct hostile_case cases[] = {
	{ "an honest payload", build_honest, ERR_NONE, "alphabeta" },
	{ "a path over 100 and 255 bytes", build_long_path, ERR_NONE, "deep" },
	{ "a path with ..", build_traversal, ERR_FORMAT, DIFFERS },
	{ "an absolute path", build_absolute, ERR_FORMAT, DIFFERS },
	{ "a link in a file's place", build_link_for_file, ERR_FORMAT,
	  DIFFERS },
	{ "a hard link", build_hard_link, ERR_FORMAT, DIFFERS },
	{ "a character device", build_device, ERR_FORMAT, DIFFERS },
	{ "a block device", build_block_device, ERR_FORMAT, DIFFERS },
	{ "a fifo", build_fifo, ERR_FORMAT, DIFFERS },
	{ "a setuid file", build_setuid, ERR_FORMAT, DIFFERS },
	{ "the old type of a file", build_old_type, ERR_FORMAT, DIFFERS },
	{ "another path by pax", build_pax_path, ERR_FORMAT, DIFFERS },
	{ "another path by GNU's long name", build_gnu_long_name, ERR_FORMAT,
	  DIFFERS },
	{ "another time", build_other_time, ERR_FORMAT, DIFFERS },
	{ "a file through a link", build_through_link, ERR_FORMAT, EXTRA },
	{ "an entry that the mtree lacks", build_extra_entry, ERR_FORMAT,
	  EXTRA },
	{ "an entry that comes twice", build_twice, ERR_FORMAT, EXTRA },
	{ "an entry that the tar lacks", build_missing_entry, ERR_FORMAT,
	  "something else than payload.mtree at 'b'" },
	{ "padding that is not NUL", build_padding, ERR_FORMAT,
	  "bytes that are not NUL behind 'a'" },
	{ "one end block", build_one_end_block, ERR_FORMAT,
	  "the end of the tar elsewhere" },
	{ "three end blocks", build_three_end_blocks, ERR_FORMAT,
	  "the tar goes on behind its end" },
	{ "an entry behind the end", build_behind_end, ERR_FORMAT,
	  "the tar goes on behind its end" },
	{ "a header's size of 2^31 + 5", build_header_2_31, ERR_FORMAT,
	  DIFFERS },
	{ "a header's size of 2^32 + 5", build_header_2_32, ERR_FORMAT,
	  DIFFERS },
	{ "a header's size near 2^63", build_header_2_63, ERR_FORMAT, DIFFERS },
	{ "a file of 2^31 bytes that is not there", build_claimed_2_31,
	  ERR_FORMAT, "libarchive says" },
	{ "a file of 2^32 + 1 bytes that is not there", build_claimed_2_32,
	  ERR_FORMAT, "libarchive says" },
	{ "a member that inflates beyond its size", build_bomb, ERR_FORMAT,
	  "inflates to more than the 512 bytes" },
	{ "a member that inflates to less", build_short_member, ERR_FORMAT,
	  "damaged, or not as long" },
	{ "a place behind its file", build_place_late, ERR_FORMAT,
	  "another place for 'a'" },
	{ "a place in the header", build_place_early, ERR_FORMAT,
	  "entries do not ascend" },
	{ "a file without a place", build_no_place, ERR_FORMAT,
	  "payload.index does not name 'a'" },
	{ "a place without a file", build_extra_place, ERR_FORMAT,
	  "names more files" },
};

static void check_result(const char *name, const struct forge_result *result,
                         enum err_code code, const char *text)
{
	const char *where = code == ERR_NONE ? result->first : result->text;

	if (result->err.code != code || (result->got < 0) != (code != ERR_NONE))
		fail_msg("%s: got %d, code %d: %s", name, result->got,
		         (int)result->err.code, result->text);
	if (strstr(where, text) == NULL)
		fail_msg("%s: says '%s'", name, where);
	play_assert_reaped(name);
}

static void each_trick_is_refused_by_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct forge forge;
		struct forge_result result;

		forge_begin(&forge);
		cases[i].build(&forge);
		forge_run(&forge, workers, &forge.payload, forge_job(&forge),
		          &result);
		forge_done(&forge);
		check_result(cases[i].name, &result, cases[i].code,
		             cases[i].text);
	}
}

/* --- damage to the file itself --- */

static void damage_is_noticed(void **state)
{
	struct forge forge;
	struct forge_result result;
	struct job_unpack job;
	struct err err;

	(void)state;
	forge_begin(&forge);
	build_honest(&forge);
	job = forge_job(&forge);
	forge.payload.data[forge.payload.len / 2] ^= 1;
	forge_run(&forge, workers, &forge.payload, job, &result);
	check_result("a flipped bit", &result, ERR_FORMAT,
	             "has another digest");
	forge.payload.data[forge.payload.len / 2] ^= 1;

	forge.payload.len--;
	forge_run(&forge, workers, &forge.payload, job, &result);
	check_result("a file that is cut", &result, ERR_FORMAT, "ends at byte");
	job.file_size--;
	forge_run(&forge, workers, &forge.payload, job, &result);
	check_result("a file that was cut before", &result, ERR_FORMAT,
	             "not the");
	forge.payload.len++;

	forge_check(buf_add(&forge.payload, "x", 1, &err), &err);
	job = forge_job(&forge);
	forge_run(&forge, workers, &forge.payload, job, &result);
	check_result("trailing data", &result, ERR_FORMAT, "not the");
	job.payload_size++;
	forge_run(&forge, workers, &forge.payload, job, &result);
	check_result("trailing data that is signed", &result, ERR_FORMAT,
	             "payload.index");

	job = forge_job(&forge);
	job.file_size--;
	job.tar_size += TAR_BLOCK;
	forge_run(&forge, workers, &forge.payload, job, &result);
	check_result("another size of the tar", &result, ERR_FORMAT,
	             "the end of the tar elsewhere");
	forge_done(&forge);
}

/* --- some files alone --- */

/* A wanted file that lies in two members. */
static void add_large(struct forge *forge)
{
	static uint8_t half[FORGE_MEMBER];
	const struct mtree_entry entry =
		forge_entry(ENTRY_FILE, "d", 2 * sizeof half);

	memset(half, 'L', sizeof half);
	forge_mtree(forge, &entry);
	forge_head(forge, &entry);
	forge_place(forge, forge_at(forge));
	forge_want(forge, forge_at(forge), entry.size);
	forge_bytes(forge, half, sizeof half);
	forge_bytes(forge, half, sizeof half);
}

/* Four files, each in members of its own; the second and the last are wanted.
 * @first, @third: bytes of the members of those that are not. */
static void build_partial(struct forge *forge, size_t *first, size_t *third)
{
	forge_add(forge, ENTRY_FILE, "a", "not wanted");
	forge_flush(forge);
	*first = forge->payload.len / 2;
	forge_add(forge, ENTRY_FILE, "b", "wanted");
	forge_want(forge, forge_at(forge) - TAR_BLOCK, strlen("wanted"));
	forge_flush(forge);
	*third = forge->payload.len + 20;
	forge_add(forge, ENTRY_FILE, "c", "neither");
	forge_flush(forge);
	add_large(forge);
	end_tar(forge);
}

static struct job_unpack partial_job(const struct forge *forge)
{
	struct job_unpack job = forge_job(forge);

	job.is_partial = 1;
	job.span_count = forge->spans.len / sizeof(struct payload_span);
	return job;
}

static void wanted_files_come_out_of_a_payload_with_holes(void **state)
{
	struct forge forge;
	struct forge_result result;
	size_t first, third;

	(void)state;
	forge_begin(&forge);
	build_partial(&forge, &first, &third);
	forge.payload.data[first] ^= 1;
	forge.payload.data[third] ^= 1;
	forge_run(&forge, workers, &forge.payload, partial_job(&forge),
	          &result);
	forge_done(&forge);
	check_result("holes", &result, ERR_NONE, "wantedLLLL");
	assert_int_equal(result.items, 2);
	assert_int_equal(result.bytes, strlen("wanted") + 2 * FORGE_MEMBER);
}

static void damage_to_a_wanted_file_is_noticed(void **state)
{
	struct forge forge;
	struct forge_result result;
	size_t first, third;

	(void)state;
	forge_begin(&forge);
	build_partial(&forge, &first, &third);
	forge.payload.data[third - 40] ^= 1;
	forge_run(&forge, workers, &forge.payload, partial_job(&forge),
	          &result);
	forge_done(&forge);
	check_result("damage", &result, ERR_FORMAT, "has another digest");
}

static void a_wanted_file_beyond_the_payload_is_refused(void **state)
{
	struct forge forge;
	struct forge_result result;
	size_t first, third;

	(void)state;
	forge_begin(&forge);
	build_partial(&forge, &first, &third);
	forge_want(&forge, forge.plain - 1, 2);
	forge_run(&forge, workers, &forge.payload, partial_job(&forge),
	          &result);
	check_result("beyond", &result, ERR_FORMAT, "beyond the payload");
	forge_done(&forge);
}

/* --- very large --- */

#define PAST_2_32 ((UINT64_C(1) << 32) + 1)

static void a_file_over_4_gib_passes(void **state)
{
	struct forge forge;
	struct forge_result result;
	struct mtree_entry entry = forge_entry(ENTRY_FILE, "big", PAST_2_32);

	(void)state;
	forge_begin(&forge);
	forge_mtree(&forge, &entry);
	forge_head(&forge, &entry);
	forge_place(&forge, forge_at(&forge));
	forge_zeros(&forge, PAST_2_32 + tar_padding(PAST_2_32));
	end_tar(&forge);
	forge_run(&forge, workers, &forge.payload, forge_job(&forge), &result);
	forge_done(&forge);
	check_result("over 4 GiB", &result, ERR_NONE, "");
	assert_true(result.bytes == PAST_2_32);
	assert_true(result.items == 1);
}

/* One more than the format allows: so a million passed before. */
static void a_million_entries_pass_and_no_more(void **state)
{
	struct forge forge;
	struct forge_result result;

	(void)state;
	forge_begin(&forge);
	for (int i = 0; i <= MTREE_ENTRIES_MAX; i++) {
		char path[16];
		struct mtree_entry entry;

		(void)snprintf(path, sizeof path, "d%07d", i);
		entry = forge_entry(ENTRY_DIR, path, 0);
		forge_mtree(&forge, &entry);
		forge_head(&forge, &entry);
	}
	end_tar(&forge);
	forge_run(&forge, workers, &forge.payload, forge_job(&forge), &result);
	forge_done(&forge);
	check_result("1,000,001 entries", &result, ERR_LIMIT, "1000000");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_trick_is_refused_by_name),
		cmocka_unit_test(damage_is_noticed),
		cmocka_unit_test(wanted_files_come_out_of_a_payload_with_holes),
		cmocka_unit_test(damage_to_a_wanted_file_is_noticed),
		cmocka_unit_test(a_wanted_file_beyond_the_payload_is_refused),
		cmocka_unit_test(a_file_over_4_gib_passes),
		cmocka_unit_test(a_million_entries_pass_and_no_more),
	};

	workers = play_open_folder("../../libexec/tidegate");
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
