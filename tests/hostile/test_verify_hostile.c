/* SPDX-License-Identifier: Apache-2.0 */
/* Hostile bundle files against the real verify-worker, and honest ones up to
 * the monitor's own sums. */
#include "base/buf.h"
#include "codec/bundle_frame.h"
#include "play.h"
#include "privsep/part_stream.h"

#define CREATED      1700000000
#define SBOM_SIZE    200000 /* crosses three stored blocks */
#define PAYLOAD_SIZE 1000

static int workers = -1;

/* --- making bundles --- */

static void check(int got, const struct err *err)
{
	char text[ERR_TEXT_MAX];

	if (got < 0)
		fail_msg("building: %s", err_format(err, text, sizeof text));
}

static void add(struct buf *tar, const void *data, size_t len)
{
	struct err err;

	check(buf_add(tar, data, len, &err), &err);
}

static void add_nul(struct buf *tar, size_t len)
{
	static const uint8_t nul[TAR_END];

	add(tar, nul, len);
}

static void add_header(struct buf *tar, enum part_kind kind, uint64_t id,
                       uint64_t size, int64_t created)
{
	uint8_t block[TAR_BLOCK];

	part_header_write((struct part){ kind, id }, size, created, block);
	add(tar, block, sizeof block);
}

static void add_part(struct buf *tar, enum part_kind kind, uint64_t id,
                     size_t size)
{
	static uint8_t content[SBOM_SIZE];

	memset(content, 'a' + (int)kind, size);
	add_header(tar, kind, id, size, CREATED);
	add(tar, content, size);
	add_nul(tar, tar_padding(size));
}

static void add_small_parts(struct buf *tar)
{
	add_part(tar, PART_RELEASE_INI, 0, 100);
	add_part(tar, PART_MINISIG, 0, 512);
	add_part(tar, PART_MINISIG_FURTHER, 7, 1);
	add_part(tar, PART_MINISIG_FURTHER, 8, 2);
	add_part(tar, PART_SIGSTORE, 1, 3);
	add_part(tar, PART_SBOM, 0, SBOM_SIZE);
	add_part(tar, PART_MTREE, 0, 10);
	add_part(tar, PART_INDEX, 0, 11);
	add_part(tar, PART_SHA256, 0, 12);
	add_part(tar, PART_ATTESTATION, 0, 70000);
}

static void add_payload(struct buf *tar)
{
	add_part(tar, PART_PAYLOAD, 0, PAYLOAD_SIZE);
	add_nul(tar, TAR_END);
}

/* Put @tar into its frame of stored blocks. */
static void frame_tar(const struct buf *tar, struct buf *out)
{
	uint8_t tail[FRAME_GZIP_TAIL] = { 0 };

	add(out, frame_gzip_head, FRAME_GZIP_HEAD);
	for (size_t at = 0; at < tar->len; at += FRAME_BLOCK) {
		uint8_t head[FRAME_BLOCK_HEAD];
		size_t len = tar->len - at < FRAME_BLOCK ? tar->len - at
		                                         : FRAME_BLOCK;

		frame_block_head(at, tar->len, head);
		add(out, head, sizeof head);
		add(out, tar->data + at, len);
	}
	for (int i = 0; i < 4; i++)
		tail[4 + i] = (uint8_t)(tar->len >> (8 * i));
	add(out, tail, sizeof tail);
}

/* --- giving them to the worker --- */

struct outcome {
	int got;
	struct err err;
	char text[ERR_TEXT_MAX];
	struct part_receiver parts;
	enum part_kind order[PART_KINDS]; /* the kinds as they ended */
	size_t order_count;
};

static void note_order(struct outcome *outcome, const struct part_piece *piece)
{
	const int base = 'a';
	size_t last = outcome->order_count - 1; /* unused while it is 0 */

	for (size_t i = 0; i < piece->len; i++)
		assert_int_equal(piece->data[i], base + (int)piece->kind);
	if (piece->len == 0 &&
	    (outcome->order_count == 0 || outcome->order[last] != piece->kind))
		outcome->order[outcome->order_count++] = piece->kind;
}

static void verify(const struct buf *file, struct outcome *out)
{
	AUTO_CLOSE int input = play_file(file->data, file->len);
	AUTO_WORKER struct worker worker = WORKER_NONE;
	struct worker_spec spec = { .program = "verify-worker",
		                    .folder = workers,
		                    .account = PLAY_ACCOUNT,
		                    .profile = SANDBOX_PURE,
		                    .inputs = { input },
		                    .input_count = 1 };
	struct part_piece piece;
	struct frame frame;

	*out = (struct outcome){ .parts = PART_RECEIVER_INIT };
	spec.job.verify = (struct job_verify){ .task = VERIFY_TAKE_APART,
		                               .file_size = file->len };
	out->got = worker_start(&spec, &worker, &out->err);
	if (out->got == 0)
		while ((out->got = worker_next_frame(&worker, &frame,
		                                     &out->err)) > 0) {
			check(part_receiver_take(&out->parts, &frame, &piece,
			                         &out->err),
			      &out->err);
			note_order(out, &piece);
		}
	if (out->got < 0)
		(void)err_format(&out->err, out->text, sizeof out->text);
}

static void an_honest_bundle_arrives_whole(void **state)
{
	AUTO_BUF struct buf tar = BUF_NONE;
	AUTO_BUF struct buf file = BUF_NONE;
	struct outcome outcome;
	struct err err;
	uint64_t offset;
	static const enum part_kind order[] = {
		PART_RELEASE_INI, PART_MINISIG,     PART_MINISIG_FURTHER,
		PART_SIGSTORE,    PART_ATTESTATION, PART_SBOM,
		PART_MTREE,       PART_INDEX,       PART_SHA256
	};

	(void)state;
	add_small_parts(&tar);
	offset = tar.len + TAR_BLOCK;
	add_payload(&tar);
	frame_tar(&tar, &file);
	verify(&file, &outcome);
	if (outcome.got != 0)
		fail_msg("%s", outcome.text);
	assert_int_equal(part_receiver_finish(&outcome.parts, &err), 0);
	assert_int_equal(outcome.parts.count[PART_MINISIG_FURTHER], 2);
	assert_int_equal(outcome.parts.count[PART_SBOM], 1);
	assert_int_equal(outcome.parts.count[PART_PROFILE_ENV], 0);
	/* What judges comes first, though the attestations stand last. */
	assert_int_equal(outcome.order_count, sizeof order / sizeof order[0]);
	assert_memory_equal(outcome.order, order, sizeof order);
	{
		static struct release_ini release; /* it is large */
		uint64_t found = 0;

		release.parts[PART_PAYLOAD].size = PAYLOAD_SIZE;
		assert_int_equal(bundle_payload_offset(&outcome.parts, &release,
		                                       file.len, &found, &err),
		                 0);
		assert_true(found == offset);
		release.parts[PART_PAYLOAD].size += TAR_BLOCK;
		assert_int_equal(bundle_payload_offset(&outcome.parts, &release,
		                                       file.len, &found, &err),
		                 -1);
		assert_int_equal(err.code, ERR_FORMAT);
		assert_true(found == offset);
	}
	play_assert_reaped("honest");
}

/* --- wrong archives --- */

static void build_out_of_order(struct buf *tar)
{
	add_part(tar, PART_RELEASE_INI, 0, 100);
	add_part(tar, PART_INDEX, 0, 10);
	add_part(tar, PART_MTREE, 0, 10);
	add_part(tar, PART_SHA256, 0, 10);
	add_payload(tar);
}

static void build_twice(struct buf *tar)
{
	add_part(tar, PART_RELEASE_INI, 0, 100);
	add_part(tar, PART_RELEASE_INI, 0, 100);
	add_payload(tar);
}

static void build_missing(struct buf *tar)
{
	add_part(tar, PART_RELEASE_INI, 0, 100);
	add_part(tar, PART_MTREE, 0, 10);
	add_part(tar, PART_SHA256, 0, 10);
	add_payload(tar);
}

static void build_no_payload(struct buf *tar)
{
	add_small_parts(tar);
	add_nul(tar, TAR_END);
}

static void build_behind_payload(struct buf *tar)
{
	add_small_parts(tar);
	add_part(tar, PART_PAYLOAD, 0, PAYLOAD_SIZE);
	add_part(tar, PART_PAYLOAD, 0, PAYLOAD_SIZE);
	add_nul(tar, TAR_END);
}

static void build_no_end(struct buf *tar)
{
	add_small_parts(tar);
	add_part(tar, PART_PAYLOAD, 0, PAYLOAD_SIZE);
	add(tar, "x", 1);
	add_nul(tar, TAR_END - 1);
}

static void build_long_end(struct buf *tar)
{
	add_small_parts(tar);
	add_payload(tar);
	add_nul(tar, TAR_BLOCK);
}

static void build_sigstore_gap(struct buf *tar)
{
	add_part(tar, PART_RELEASE_INI, 0, 100);
	add_part(tar, PART_SIGSTORE, 2, 10);
	add_payload(tar);
}

static void build_signers(struct buf *tar)
{
	add_part(tar, PART_RELEASE_INI, 0, 100);
	for (unsigned i = 0; i <= PART_SIGNERS_MAX; i++)
		add_part(tar, PART_MINISIG_FURTHER, i, 10);
	add_payload(tar);
}

static void build_times(struct buf *tar)
{
	add_part(tar, PART_RELEASE_INI, 0, 512);
	add_header(tar, PART_MINISIG, 0, 0, CREATED + 1);
	add_payload(tar);
}

static void build_unknown(struct buf *tar)
{
	struct tar_fields fields = { .name = "install.sh",
		                     .name_len = 10,
		                     .mode = 0644,
		                     .mtime = CREATED,
		                     .type = '0' };
	uint8_t block[TAR_BLOCK];

	add_part(tar, PART_RELEASE_INI, 0, 100);
	tar_block_write(&fields, block);
	add(tar, block, sizeof block);
	add_payload(tar);
}

static void build_too_large(struct buf *tar)
{
	add_header(tar, PART_RELEASE_INI, 0,
	           part_max_size(PART_RELEASE_INI) + 1, CREATED);
	add_payload(tar);
}

static void build_cut_part(struct buf *tar)
{
	add_part(tar, PART_RELEASE_INI, 0, 100);
	add_header(tar, PART_SBOM, 0, part_max_size(PART_SBOM), CREATED);
	add_payload(tar);
}

static void build_payload_size(struct buf *tar, uint64_t size)
{
	add_small_parts(tar);
	add_header(tar, PART_PAYLOAD, 0, size, CREATED);
	add_nul(tar, TAR_END);
}

static void build_payload_2_31(struct buf *tar)
{
	build_payload_size(tar, UINT64_C(1) << 31);
}

static void build_payload_2_32(struct buf *tar)
{
	build_payload_size(tar, UINT64_C(1) << 32);
}

static void build_payload_2_53(struct buf *tar)
{
	build_payload_size(tar, (UINT64_C(1) << 53) - 1);
}

static void build_padding(struct buf *tar)
{
	add_part(tar, PART_RELEASE_INI, 0, 100);
	tar->data[tar->len - 1] = 'x';
	add_payload(tar);
}

struct tar_case {
	const char *name;
	void (*build)(struct buf *tar);
	enum err_code code;
	const char *text;
};

static const struct tar_case cases[] = {
	{ "parts out of order", build_out_of_order, ERR_FORMAT,
	  "verify-worker: payload.mtree is out of order" },
	{ "a part twice", build_twice, ERR_FORMAT, "release.ini comes twice" },
	{ "a missing part", build_missing, ERR_FORMAT,
	  "payload.index is missing" },
	{ "no payload", build_no_payload, ERR_FORMAT,
	  "payload.tar.gz is missing" },
	{ "a second payload", build_behind_payload, ERR_FORMAT,
	  "room for another size" },
	{ "an end that is not NUL", build_no_end, ERR_FORMAT,
	  "more follows payload.tar.gz" },
	{ "three end blocks", build_long_end, ERR_FORMAT,
	  "room for another size" },
	{ "a gap in the Sigstore bundles", build_sigstore_gap, ERR_FORMAT,
	  "release.ini.1.sigstore.json is missing" },
	{ "33 further signers", build_signers, ERR_LIMIT,
	  "more than 32 further signatures" },
	{ "different times", build_times, ERR_FORMAT, "another time" },
	{ "an unknown part", build_unknown, ERR_FORMAT, "'install.sh'" },
	{ "a release.ini over its limit", build_too_large, ERR_LIMIT, "65537" },
	{ "a part that leaves the bundle", build_cut_part, ERR_FORMAT,
	  "the bundle ends at byte" },
	{ "a payload of 2^31 bytes by its header", build_payload_2_31,
	  ERR_FORMAT, "room for another size" },
	{ "a payload of 2^32 bytes by its header", build_payload_2_32,
	  ERR_FORMAT, "room for another size" },
	{ "a payload of 2^53 - 1 bytes by its header", build_payload_2_53,
	  ERR_FORMAT, "room for another size" },
	{ "padding that is not NUL", build_padding, ERR_FORMAT,
	  "padding that is not NUL" },
};

static void expect(const char *name, const struct buf *file, enum err_code code,
                   const char *text)
{
	struct outcome outcome;

	verify(file, &outcome);
	if (outcome.got != -1 || outcome.err.code != code ||
	    strstr(outcome.text, text) == NULL)
		fail_msg("%s: got %d, code %d: %s", name, outcome.got,
		         (int)outcome.err.code, outcome.text);
	play_assert_reaped(name);
}

static void each_wrong_archive_is_refused_by_name(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		AUTO_BUF struct buf tar = BUF_NONE;
		AUTO_BUF struct buf file = BUF_NONE;

		cases[i].build(&tar);
		frame_tar(&tar, &file);
		expect(cases[i].name, &file, cases[i].code, cases[i].text);
	}
}

/* --- wrong frames --- */

static void each_wrong_frame_is_refused(void **state)
{
	AUTO_BUF struct buf tar = BUF_NONE;
	AUTO_BUF struct buf file = BUF_NONE;
	const size_t second = FRAME_GZIP_HEAD + FRAME_BLOCK_HEAD + FRAME_BLOCK;

	(void)state;
	add_small_parts(&tar);
	add_payload(&tar);
	frame_tar(&tar, &file);

	for (size_t i = 0; i < FRAME_GZIP_HEAD; i++) {
		file.data[i] ^= 1;
		expect("gzip head", &file, ERR_FORMAT, "does not begin as");
		file.data[i] ^= 1;
	}
	for (size_t i = 0; i < FRAME_BLOCK_HEAD; i++) {
		file.data[second + i] ^= 1;
		expect("block head", &file, ERR_FORMAT,
		       "damaged block head before byte 65535");
		file.data[second + i] ^= 1;
	}
	file.data[file.len - 1] ^= 1;
	expect("length in the trailer", &file, ERR_FORMAT, "another length");
	file.data[file.len - 1] ^= 1;

	file.len--;
	expect("a byte less", &file, ERR_FORMAT, "room for another size");
	file.len = 18;
	expect("nothing in the frame", &file, ERR_FORMAT,
	       "no bundle has 18 bytes");
	file.len = 1;
	expect("one byte", &file, ERR_FORMAT, "no bundle has 1 bytes");
	file.len = 30;
	expect("less than a header", &file, ERR_FORMAT, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_honest_bundle_arrives_whole),
		cmocka_unit_test(each_wrong_archive_is_refused_by_name),
		cmocka_unit_test(each_wrong_frame_is_refused),
	};

	workers = play_open_folder("../../libexec/tidegate");
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
