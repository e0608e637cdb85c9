/* SPDX-License-Identifier: Apache-2.0 */
/* A bundle at an address, as far as what it takes of its tail; all else is in
 * tests/cli/fetch.bats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "codec/bundle_frame.h"
#include "codec/release_ini.h"
#include "net/source.h"

#define TAIL_MOST    ((uint64_t)72 << 20)
#define SBOM_SIZE    70000 /* reaches out of the first 64 KiB */
#define PAYLOAD_SIZE 1000
#define CHUNK        65536
#define CREATED      1700000000

/* A file of these first bytes, and NUL behind them. */
struct image {
	struct buf front;
	uint64_t size;
	unsigned reads;
	uint64_t given;
};

static int read_image(void *context, const struct http_range *ranges,
                      size_t count, enum http_wholly wholly,
                      const struct http_sink *sink, uint64_t *size,
                      struct err *err)
{
	static uint8_t chunk[CHUNK];
	struct image *image = context;
	uint64_t at = ranges->offset, end = at + ranges->len;

	(void)wholly;
	assert_int_equal(count, 1);
	assert_true(end <= image->size);
	image->reads++;
	while (at < end) {
		size_t len = end - at < CHUNK ? (size_t)(end - at) : CHUNK;

		memset(chunk, 0, sizeof chunk);
		if (at < image->front.len)
			memcpy(chunk, image->front.data + at,
			       image->front.len - at < len
			               ? image->front.len - at
			               : len);
		if (sink->take(sink->context, at, chunk, len, err) < 0)
			return -1;
		at += len;
		image->given += len;
	}
	if (size != NULL)
		*size = image->size;
	return 0;
}

static void add_nul(struct buf *out, uint64_t len)
{
	static const char nul[CHUNK];
	struct err err;

	assert_in_range(len, 0, sizeof nul);
	assert_int_equal(buf_add(out, nul, (size_t)len, &err), 0);
}

static void add_head(struct buf *tar, enum part_kind kind, uint64_t size)
{
	uint8_t head[TAR_BLOCK];
	struct err err;

	part_header_write((struct part){ kind, 0 }, size, CREATED, head);
	assert_int_equal(buf_add(tar, head, sizeof head, &err), 0);
}

/* A small part of the tar; @text may be NULL for NULs. */
static void add_part(struct buf *tar, enum part_kind kind, const void *text,
                     uint64_t size)
{
	struct err err;

	add_head(tar, kind, size);
	if (text != NULL)
		assert_int_equal(buf_add(tar, text, (size_t)size, &err), 0);
	else
		add_nul(tar, size);
	add_nul(tar, tar_padding(size));
}

static void describe(struct buf *out)
{
	static struct release_ini release; /* it is large */
	static const uint64_t sizes[PART_KINDS] = {
		[PART_PROFILE_ENV] = 10,
		[PART_SBOM] = SBOM_SIZE,
		[PART_MTREE] = 100,
		[PART_INDEX] = 100,
		[PART_SHA256] = 80,
		[PART_PACKED] = 500,
		[PART_PAYLOAD] = PAYLOAD_SIZE,
	};
	struct err err;

	release = (struct release_ini){ .app = "demo",
		                        .version = "1.0",
		                        .created = CREATED,
		                        .entries = 1,
		                        .tar_size = 10240,
		                        .encoder = "none" };
	for (int kind = 0; kind < PART_KINDS; kind++)
		if (sizes[kind] > 0)
			release.parts[kind] =
				(struct part_pin){ .is_present = true,
				                   .size = sizes[kind] };
	if (release_ini_write(&release, out, &err) < 0)
		fail_msg("%s", err.text);
}

/* Such a bundle, between whose payload.sha256 and payload lie @tail bytes. */
static void make_image(uint64_t tail, struct image *out)
{
	AUTO_BUF struct buf text = BUF_NONE;
	AUTO_BUF struct buf tar = BUF_NONE;
	uint8_t head[FRAME_BLOCK_HEAD];
	uint64_t tar_size;
	struct err err;

	describe(&text);
	add_part(&tar, PART_RELEASE_INI, text.data, text.len);
	add_part(&tar, PART_MINISIG, NULL, 300);
	add_part(&tar, PART_PROFILE_ENV, NULL, 10);
	add_head(&tar, PART_SBOM, SBOM_SIZE);
	/* The SBOM, three parts of less than a block, what is asked for. */
	tar_size = tar.len + SBOM_SIZE + tar_padding(SBOM_SIZE) +
	           (uint64_t)6 * TAR_BLOCK + tail + PAYLOAD_SIZE +
	           tar_padding(PAYLOAD_SIZE) + TAR_END;
	*out = (struct image){ .front = BUF_NONE,
		               .size = frame_file_size(tar_size) };
	frame_block_head(0, tar_size, head);
	assert_int_equal(
		buf_add(&out->front, frame_gzip_head, FRAME_GZIP_HEAD, &err),
		0);
	assert_int_equal(buf_add(&out->front, head, sizeof head, &err), 0);
	assert_int_equal(buf_add(&out->front, tar.data, tar.len, &err), 0);
}

/* Why such a bundle cannot be opened: behind its front is none. */
static void open_image(struct image *image, struct err *err)
{
	static const struct source_wanted wanted = { .app = "demo",
		                                     .version = "1.0" };
	const struct source_reader reader = { read_image, image };
	AUTO_SOURCE struct source *source = NULL;

	assert_int_equal(source_file_new_read(NULL, &wanted, "image",
	                                      image->size, &reader, &source,
	                                      err),
	                 0);
	assert_int_equal(source->ops->open(source, err), -1);
	assert_int_equal(err->code, ERR_FORMAT);
	buf_done(&image->front);
}

static void the_largest_tail_is_read_whole(void **state)
{
	struct image image;
	struct err err;

	(void)state;
	make_image(TAIL_MOST, &image);
	open_image(&image, &err);
	assert_int_equal(image.reads, 2);
	assert_true(image.given > TAIL_MOST);
	/* All of it is there; it is no tar. */
	assert_non_null(strstr(err.text, "payload.tar.gz is missing"));
}

static void a_larger_one_is_not_asked_for(void **state)
{
	struct image image;
	struct err err;

	(void)state;
	make_image(TAIL_MOST + TAR_BLOCK, &image);
	open_image(&image, &err);
	assert_int_equal(image.reads, 1);
	assert_non_null(strstr(err.text, "not those of its release.ini"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_largest_tail_is_read_whole),
		cmocka_unit_test(a_larger_one_is_not_asked_for),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
