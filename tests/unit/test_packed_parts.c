/* SPDX-License-Identifier: Apache-2.0 */
#include "net/packed_parts.h"

#include <lzma.h>

#include "base/buf.h"
#include "codec/bundle_frame.h"
#include "crypto/sha256.h"
#include "pack/pack_parts.h"
#include "temp_dir.h"

#define MTREE_SIZE ((size_t)200001)

/* A release of three small parts in a folder. */
struct made {
	struct temp_dir dir;
	struct release_ini release;
	struct buf packed;
	struct buf bodies; /* one behind the other, in the order of parts */
};

static void put(struct made *made, enum part_kind kind, const void *data,
                size_t len)
{
	struct part_pin *pin = &made->release.parts[kind];
	char name[PART_NAME_SIZE];
	struct err err;
	int fd;

	part_name((struct part){ kind, 0 }, name);
	fd = openat(made->dir.fd, name, O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), (ssize_t)len);
	assert_int_equal(close(fd), 0);
	*pin = (struct part_pin){ .is_present = true, .size = len };
	assert_int_equal(sha256_of(data, len, pin->sha256, &err), 0);
	assert_int_equal(buf_add(&made->bodies, data, len, &err), 0);
}

static void load(struct made *made)
{
	AUTO_CLOSE int fd = openat(made->dir.fd, "parts.tar.xz", O_RDONLY);
	struct err err;

	assert_true(fd >= 0);
	assert_int_equal(fs_read_fd(fd, &made->packed, &err), 0);
}

static struct made *make(void)
{
	static char mtree[MTREE_SIZE];
	struct made *made = calloc(1, sizeof *made);
	struct err err;

	assert_non_null(made);
	made->packed = made->bodies = BUF_NONE;
	made->dir = temp_dir_make();
	made->release.created = 1700000000;
	for (size_t i = 0; i < sizeof mtree; i++)
		mtree[i] = (char)('a' + i * i % 23);
	put(made, PART_MTREE, mtree, sizeof mtree);
	put(made, PART_INDEX, "index\n", 6);
	put(made, PART_SHA256, "", 0);
	made->release.parts[PART_PAYLOAD] =
		(struct part_pin){ .is_present = true, .size = 77 };
	if (pack_parts(made->dir.fd, &made->release,
	               &made->release.parts[PART_PACKED], &err) < 0)
		fail_msg("%s", err.text);
	load(made);
	return made;
}

static void drop(struct made *made)
{
	temp_dir_remove(&made->dir);
	buf_done(&made->packed);
	buf_done(&made->bodies);
	free(made);
}

/* What a sink was given. */
struct given {
	struct buf bodies;
	enum part_kind ended[PART_KINDS];
	size_t count;
	bool refuses;
};

static int take(void *context, enum part_kind kind, const void *data,
                size_t len, struct err *err)
{
	struct given *given = context;

	if (given->refuses)
		return err_set(err, ERR_CONFLICT, 0, "no more");
	if (len == 0)
		given->ended[given->count++] = kind;
	return buf_add(&given->bodies, data, len, err);
}

static void what_was_packed_comes_back(void **state)
{
	static const enum part_kind order[] = { PART_MTREE, PART_INDEX,
		                                PART_SHA256 };
	struct made *made = make();
	struct given given = { .bodies = BUF_NONE };
	const struct packed_sink sink = { take, &given };
	const struct part_pin *pin = &made->release.parts[PART_PACKED];
	struct err err;

	(void)state;
	assert_true(pin->is_present);
	assert_true(pin->size == made->packed.len);
	assert_int_equal(packed_parts_read(buf_bytes(&made->packed),
	                                   &made->release, NULL, &err),
	                 0);
	if (packed_parts_read(buf_bytes(&made->packed), &made->release, &sink,
	                      &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(given.count, 3);
	assert_memory_equal(given.ended, order, sizeof order);
	assert_int_equal(given.bodies.len, made->bodies.len);
	assert_memory_equal(given.bodies.data, made->bodies.data,
	                    made->bodies.len);
	given.refuses = true;
	assert_int_equal(packed_parts_read(buf_bytes(&made->packed),
	                                   &made->release, &sink, &err),
	                 -1);
	assert_int_equal(err.code, ERR_CONFLICT);
	buf_done(&given.bodies);
	drop(made);
}

/* --- what else may come ------------------------------------------------------
 */

static void refuses(const char *name, struct bytes packed,
                    const struct release_ini *release, enum err_code code)
{
	struct err err;

	if (packed_parts_read(packed, release, NULL, &err) != -1 ||
	    err.code != code)
		fail_msg("%s: code %d", name, (int)err.code);
}

/* The same although release.ini lists it so. */
static void refuses_listed(const char *name, struct bytes packed,
                           struct release_ini *release, enum err_code code)
{
	struct part_pin *pin = &release->parts[PART_PACKED];
	const struct part_pin before = *pin;
	struct err err;

	pin->size = packed.len;
	assert_int_equal(sha256_of(packed.data, packed.len, pin->sha256, &err),
	                 0);
	refuses(name, packed, release, code);
	*pin = before;
}

/* Both. */
static void refuses_any(const char *name, struct bytes packed,
                        struct release_ini *release)
{
	refuses(name, packed, release, ERR_FORMAT);
	refuses_listed(name, packed, release, ERR_FORMAT);
}

static void damage_is_refused(void **state)
{
	struct made *made = make();
	struct bytes whole = buf_bytes(&made->packed);
	struct err err;

	(void)state;
	refuses_any("nothing", BYTES_NONE, &made->release);
	refuses_any("no xz", ((struct bytes){ (const uint8_t *)"<html>", 6 }),
	            &made->release);
	for (size_t len = 0; len < whole.len; len += 1 + whole.len / 50)
		refuses_any("torn", (struct bytes){ whole.data, len },
		            &made->release);
	for (size_t at = 0; at < whole.len; at += 1 + whole.len / 50) {
		made->packed.data[at] ^= 0x10;
		refuses_any("a changed byte", whole, &made->release);
		made->packed.data[at] ^= 0x10;
	}
	assert_int_equal(buf_add(&made->packed, "x", 1, &err), 0);
	refuses_any("more behind it", buf_bytes(&made->packed), &made->release);
	drop(made);
}

/* The same parts, packed by another xz: right, but nobody signed for it. */
static void what_is_not_listed_is_refused(void **state)
{
	static uint8_t tar[MTREE_SIZE + 16 * TAR_BLOCK], out[sizeof tar];
	struct made *made = make();
	struct part_pin *pin = &made->release.parts[PART_PACKED];
	size_t in_at = 0, tar_len = 0, len = 0;
	uint64_t memory = UINT64_MAX;
	struct bytes again;
	struct err err;

	(void)state;
	assert_int_equal(lzma_stream_buffer_decode(&memory, 0, NULL,
	                                           (uint8_t *)made->packed.data,
	                                           &in_at, made->packed.len,
	                                           tar, &tar_len, sizeof tar),
	                 LZMA_OK);
	assert_int_equal(lzma_easy_buffer_encode(0, LZMA_CHECK_CRC64, NULL, tar,
	                                         tar_len, out, &len,
	                                         sizeof out),
	                 LZMA_OK);
	again = (struct bytes){ out, len };
	refuses("packed otherwise", again, &made->release, ERR_FORMAT);
	pin->is_present = false;
	refuses("not listed at all", buf_bytes(&made->packed), &made->release,
	        ERR_FORMAT);
	*pin = (struct part_pin){ .is_present = true, .size = len };
	assert_int_equal(sha256_of(out, len, pin->sha256, &err), 0);
	assert_int_equal(packed_parts_read(again, &made->release, NULL, &err),
	                 0);
	drop(made);
}

static void another_releases_parts_are_refused(void **state)
{
	struct made *made = make();
	struct bytes packed = buf_bytes(&made->packed);
	struct release_ini *release = &made->release;

	(void)state;
	release->parts[PART_INDEX].sha256[31] ^= 1;
	refuses("a digest", packed, release, ERR_FORMAT);
	release->parts[PART_INDEX].sha256[31] ^= 1;
	release->parts[PART_INDEX].size++;
	refuses("a size", packed, release, ERR_FORMAT);
	release->parts[PART_INDEX].size--;
	release->created++;
	refuses("a time", packed, release, ERR_FORMAT);
	release->created--;
	release->parts[PART_SHA256].is_present = false;
	refuses("a part too many", packed, release, ERR_FORMAT);
	release->parts[PART_SHA256].is_present = true;
	release->parts[PART_SBOM] = release->parts[PART_SHA256];
	refuses("a part that lacks", packed, release, ERR_FORMAT);
	drop(made);
}

/* xz of preset 9 takes 65 MiB. */
static void memory_has_a_limit(void **state)
{
	static uint8_t out[4096];
	size_t len = 0;
	struct made *made = make();
	uint8_t head[TAR_BLOCK];

	(void)state;
	part_header_write((struct part){ PART_MTREE, 0 }, MTREE_SIZE,
	                  made->release.created, head);
	assert_int_equal(lzma_easy_buffer_encode(9, LZMA_CHECK_CRC32, NULL,
	                                         head, sizeof head, out, &len,
	                                         sizeof out),
	                 LZMA_OK);
	/* By its digest, before liblzma is asked. */
	refuses("preset 9", (struct bytes){ out, len }, &made->release,
	        ERR_FORMAT);
	refuses_listed("preset 9", (struct bytes){ out, len }, &made->release,
	               ERR_LIMIT);
	drop(made);
}

static void nothing_is_written_over(void **state)
{
	struct made *made = make();
	struct part_pin pin = { .is_present = true };
	struct err err;

	(void)state;
	assert_int_equal(pack_parts(made->dir.fd, &made->release, &pin, &err),
	                 -1);
	assert_int_equal(err.code, ERR_SYSTEM);
	assert_true(pin.is_present);
	drop(made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_packed_comes_back),
		cmocka_unit_test(damage_is_refused),
		cmocka_unit_test(what_is_not_listed_is_refused),
		cmocka_unit_test(another_releases_parts_are_refused),
		cmocka_unit_test(memory_has_a_limit),
		cmocka_unit_test(nothing_is_written_over),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
