/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/check.h"

#include <errno.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/disk.h"
#include "base/lines.h"
#include "codec/bundle_frame.h"
#include "codec/mtree.h"
#include "codec/payload_index.h"
#include "codec/tar_header.h"
#include "codec/tree_path.h"
#include "crypto/sha256.h"
#include "pack/collect_rules.h"

#define CHUNK ((size_t)64 * 1024)

/* payload.index, read as far as one of its two kinds of lines was needed. */
struct index_cursor {
	struct lines lines;
	struct index_reader reader;
};

/* One pass over the payload. */
struct checking {
	const struct sealed_bundle *bundle;
	const struct sealed_part *payload;
	int mtree, index; /* owned; copies without a name */
	struct index_cursor members, entries;
	struct libdeflate_decompressor *inflater;
	uint8_t *packed, *plain; /* owned */
	size_t plain_len, plain_at;
	uint64_t tar_at; /* bytes of the tar taken so far */
	struct sha256 payload_hash, tar_hash, file_hash;
	struct buf head; /* of the entry that is checked */
	struct patterns links;
	const struct check_sink *sink; /* NULL: none */
};

static void checking_done(struct checking *c)
{
	cleanup_close(&c->mtree);
	cleanup_close(&c->index);
	lines_done(&c->members.lines);
	lines_done(&c->entries.lines);
	libdeflate_free_decompressor(c->inflater);
	free(c->packed);
	free(c->plain);
	sha256_done(&c->payload_hash);
	sha256_done(&c->tar_hash);
	sha256_done(&c->file_hash);
	buf_done(&c->head);
}

static int damaged(struct err *err, const char *what)
{
	return err_set(err, ERR_FORMAT, 0, "payload.tar.gz: %s", what);
}

/* A part as a file that can be read line by line, wherever it lies. */
static int copy_part(const struct sealed_bundle *bundle, enum part_kind kind,
                     struct err *err)
{
	const struct part name = { .kind = kind };
	const struct sealed_part *part = sealed_bundle_find(bundle, name);
	AUTO_CLOSE int fd = memfd_create("part", MFD_CLOEXEC);
	AUTO_FREE char *chunk = malloc(CHUNK);

	if (chunk == NULL)
		return err_nomem(err);
	if (fd < 0)
		return err_set(err, ERR_SYSTEM, errno, "making a memory file");
	for (uint64_t at = 0; at < part->size; at += CHUNK) {
		uint64_t left = part->size - at;
		size_t len = left < CHUNK ? (size_t)left : CHUNK;

		if (sealed_part_read(bundle, part, at, chunk, len, err) < 0 ||
		    disk_write("check.copy", fd, chunk, len, err) < 0)
			return -1;
	}
	return TAKE_FD(fd);
}

/* --- payload.index
 * ------------------------------------------------------------- */

/* The next line of @wanted kind: 1, 0 when there is none. */
static int next_line(struct index_cursor *cursor, enum index_line wanted,
                     struct index_member *member, struct index_entry *entry,
                     struct err *err)
{
	for (;;) {
		enum index_line kind;
		const char *line;
		size_t len;
		int more = lines_next(&cursor->lines, &line, &len, err);

		if (more <= 0)
			return more;
		if (index_take_line(&cursor->reader, line, len, &kind, member,
		                    entry, err) < 0)
			return -1;
		if (kind == wanted)
			return 1;
		/* Members come first: none follows an entry. */
		if (kind > wanted)
			return 0;
	}
}

/* All of it is in order and tiles the payload, before any of it is used. */
static int check_index(const struct checking *c, struct err *err)
{
	AUTO_LINES struct lines lines = LINES_NONE;
	struct index_reader reader = INDEX_READER_INIT;
	struct index_member member;
	struct index_entry entry;
	enum index_line kind;
	const char *line;
	size_t len;
	int more;

	lines_begin(&lines, c->index, INDEX_LINE_MAX);
	while ((more = lines_next(&lines, &line, &len, err)) == 1)
		if (index_take_line(&reader, line, len, &kind, &member, &entry,
		                    err) < 0)
			return -1;
	if (more < 0)
		return -1;
	return index_finish(&reader, c->payload->size,
	                    c->bundle->release.tar_size, err);
}

/* --- the tar, member by member
 * ---------------------------------------------------- */

static uint32_t get_u32(const uint8_t *in)
{
	uint32_t value = 0;

	for (int i = 0; i < 4; i++)
		value |= (uint32_t)in[i] << (8 * i);
	return value;
}

static int inflate_member(struct checking *c, const struct index_member *member,
                          struct err *err)
{
	size_t frame = FRAME_GZIP_HEAD + FRAME_GZIP_TAIL;
	size_t packed_len = (size_t)member->packed_len;
	size_t plain_len = (size_t)member->plain_len;
	const uint8_t *tail = c->packed + packed_len - FRAME_GZIP_TAIL;
	size_t used;

	if (packed_len < frame ||
	    memcmp(c->packed, frame_gzip_head, FRAME_GZIP_HEAD) != 0)
		return damaged(err, "a member has no gzip header");
	/* Without room to tell the length, anything but an exact fit fails. */
	if (libdeflate_deflate_decompress_ex(
		    c->inflater, c->packed + FRAME_GZIP_HEAD,
		    packed_len - frame, c->plain, plain_len, &used,
		    NULL) != LIBDEFLATE_SUCCESS ||
	    used != packed_len - frame)
		return damaged(err, "a member does not inflate as listed");
	if (get_u32(tail) != libdeflate_crc32(0, c->plain, plain_len) ||
	    get_u32(tail + 4) != (uint32_t)plain_len)
		return damaged(err, "a member's CRC is wrong");
	c->plain_len = plain_len;
	c->plain_at = 0;
	return sha256_add(&c->tar_hash, c->plain, plain_len, err);
}

static int load_member(struct checking *c, struct err *err)
{
	struct index_member member;
	struct index_entry unused;
	uint8_t digest[SHA256_LEN];
	int more = next_line(&c->members, INDEX_MEMBER, &member, &unused, err);

	if (more < 0)
		return -1;
	if (more == 0)
		return damaged(err, "it ends before the last entry");
	if (sealed_part_read(c->bundle, c->payload, member.packed_offset,
	                     c->packed, (size_t)member.packed_len, err) < 0 ||
	    sha256_add(&c->payload_hash, c->packed, (size_t)member.packed_len,
	               err) < 0 ||
	    sha256_of(c->packed, (size_t)member.packed_len, digest, err) < 0)
		return -1;
	if (!sha256_equal(digest, member.sha256))
		return err_set(err, ERR_FORMAT, 0,
		               "payload.tar.gz: the member at byte %llu is "
		               "damaged",
		               (unsigned long long)member.packed_offset);
	return inflate_member(c, &member, err);
}

/* Up to @want of the next bytes of the tar. */
static int take(struct checking *c, uint64_t want, const uint8_t **data,
                size_t *len, struct err *err)
{
	size_t held;

	if (c->plain_at == c->plain_len && load_member(c, err) < 0)
		return -1;
	held = c->plain_len - c->plain_at;
	*len = want < held ? (size_t)want : held;
	*data = c->plain + c->plain_at;
	c->plain_at += *len;
	c->tar_at += *len;
	return 0;
}

/* The next bytes of the tar are @expected. */
static int expect(struct checking *c, const void *expected, size_t len,
                  const char *path, struct err *err)
{
	const uint8_t *at = expected;

	while (len > 0) {
		const uint8_t *data;
		size_t n;

		if (take(c, len, &data, &n, err) < 0)
			return -1;
		if (memcmp(data, at, n) != 0)
			return err_set(err, ERR_FORMAT, 0,
			               "payload.tar.gz has another entry than "
			               "payload.mtree at '%s'",
			               path);
		at += n;
		len -= n;
	}
	return 0;
}

/* --- entries
 * ------------------------------------------------------------------------ */

static int check_place(struct checking *c, uint64_t line, const char *path,
                       struct err *err)
{
	struct index_member unused;
	struct index_entry entry;
	int more = next_line(&c->entries, INDEX_ENTRY, &unused, &entry, err);

	if (more < 0)
		return -1;
	if (more == 0 || entry.mtree_line != line ||
	    entry.data_offset != c->tar_at)
		return err_set(err, ERR_FORMAT, 0,
		               "payload.index gives another place for '%s'",
		               path);
	return 0;
}

static int check_body(struct checking *c, const struct mtree_entry *entry,
                      struct err *err)
{
	static const uint8_t nul[TAR_BLOCK];
	uint8_t digest[SHA256_LEN];
	int is_wanted = 0;

	if (c->sink != NULL && entry->size > 0)
		is_wanted = c->sink->begin(c->sink->context, entry, err);
	if (is_wanted < 0 || sha256_begin(&c->file_hash, err) < 0)
		return -1;
	for (uint64_t left = entry->size; left > 0;) {
		const uint8_t *data;
		size_t n;

		if (take(c, left, &data, &n, err) < 0 ||
		    sha256_add(&c->file_hash, data, n, err) < 0 ||
		    (is_wanted == 1 &&
		     c->sink->bytes(c->sink->context, data, n, err) < 0))
			return -1;
		left -= n;
	}
	if (sha256_end(&c->file_hash, digest, err) < 0)
		return -1;
	if (!sha256_equal(digest, entry->sha256))
		return err_set(err, ERR_FORMAT, 0,
		               "'%s' does not have the digest that "
		               "payload.mtree says",
		               entry->path);
	return expect(c, nul, tar_padding(entry->size), entry->path, err);
}

/* What release.ini says of single entries. */
static int check_promises(const struct checking *c,
                          const struct mtree_entry *entry, struct err *err)
{
	const struct release_ini *release = &c->bundle->release;
	const struct part_pin *pin = &release->parts[PART_PROFILE_ENV];
	bool leaves = entry->type == ENTRY_LINK &&
	              (entry->link[0] == '/' ||
	               !tree_link_stays(entry->path, entry->link));

	if (leaves && !patterns_match_whole(&c->links, entry->path))
		return err_set(err, ERR_FORMAT, 0,
		               "link '%s' leaves the payload, and release.ini "
		               "does not allow it",
		               entry->path);
	if (release->profile[0] == '\0' ||
	    strcmp(release->profile, entry->path) != 0)
		return 0;
	if (entry->type != ENTRY_FILE || !pin->is_present ||
	    !sha256_equal(entry->sha256, pin->sha256))
		return err_set(err, ERR_FORMAT, 0,
		               "'%s' of the payload differs from profile.env",
		               entry->path);
	return 0;
}

static int check_entry(struct checking *c, const struct mtree_entry *entry,
                       uint64_t line, struct err *err)
{
	c->head.len = 0;
	if (check_promises(c, entry, err) < 0 ||
	    tar_entry_head(entry, line, c->bundle->release.created, &c->head,
	                   err) < 0 ||
	    expect(c, c->head.data, c->head.len, entry->path, err) < 0)
		return -1;
	if (entry->type != ENTRY_FILE || entry->size == 0)
		return entry->type == ENTRY_FILE ? check_body(c, entry, err)
		                                 : 0;
	if (check_place(c, line, entry->path, err) < 0)
		return -1;
	return check_body(c, entry, err);
}

static int check_counts(const struct checking *c,
                        const struct mtree_reader *reader, struct err *err)
{
	const struct release_ini *release = &c->bundle->release;

	if (reader->created != release->created)
		return err_set(err, ERR_FORMAT, 0,
		               "payload.mtree bears another time than "
		               "release.ini");
	if (reader->entries != release->entries ||
	    reader->bytes != release->bytes)
		return err_set(err, ERR_FORMAT, 0,
		               "payload.mtree has %llu entries of %llu bytes; "
		               "release.ini says %llu of %llu",
		               (unsigned long long)reader->entries,
		               (unsigned long long)reader->bytes,
		               (unsigned long long)release->entries,
		               (unsigned long long)release->bytes);
	return 0;
}

static int check_entries(struct checking *c, struct err *err)
{
	AUTO_LINES struct lines lines = LINES_NONE;
	struct mtree_reader reader = MTREE_READER_INIT;
	struct mtree_entry entry;
	const char *line;
	size_t len;
	int more;

	lines_begin(&lines, c->mtree, MTREE_LINE_MAX);
	while ((more = lines_next(&lines, &line, &len, err)) == 1) {
		int is_entry = mtree_take_line(&reader, line, len, &entry, err);

		if (is_entry < 0)
			return err_wrap(err, "payload.mtree");
		if (is_entry == 1 &&
		    check_entry(c, &entry, reader.line, err) < 0)
			return -1;
	}
	if (more < 0)
		return err_wrap(err, "payload.mtree");
	return check_counts(c, &reader, err);
}

static int check_end(struct checking *c, struct err *err)
{
	static const uint8_t nul[TAR_END];
	const struct release_ini *release = &c->bundle->release;
	uint8_t digest[SHA256_LEN];
	struct index_member member;
	struct index_entry entry;
	int more;

	if (expect(c, nul, sizeof nul, "its end", err) < 0)
		return -1;
	more = next_line(&c->entries, INDEX_ENTRY, &member, &entry, err);
	if (more < 0)
		return -1;
	if (more == 1)
		return err_set(err, ERR_FORMAT, 0,
		               "payload.index lists more files than "
		               "payload.mtree");
	if (c->tar_at != release->tar_size)
		return damaged(err, "something follows the end of the tar");
	if (sha256_end(&c->tar_hash, digest, err) < 0)
		return -1;
	if (!sha256_equal(digest, release->tar_sha256))
		return damaged(err, "its tar_sha256 is wrong");
	if (sha256_end(&c->payload_hash, digest, err) < 0)
		return -1;
	if (!sha256_equal(digest, release->parts[PART_PAYLOAD].sha256))
		return damaged(err, "its digest is not that of release.ini");
	return 0;
}

static int begin(struct checking *c, struct err *err)
{
	const struct release_ini *release = &c->bundle->release;
	const struct part payload = { .kind = PART_PAYLOAD };

	c->payload = sealed_bundle_find(c->bundle, payload);
	for (size_t i = 0; i < release->link_count; i++)
		c->links.at[c->links.count++] = release->links[i];
	c->inflater = libdeflate_alloc_decompressor();
	c->packed = malloc(MEMBER_PACKED_MAX);
	c->plain = malloc(MEMBER_PLAIN_MAX);
	if (c->inflater == NULL || c->packed == NULL || c->plain == NULL)
		return err_nomem(err);
	c->mtree = copy_part(c->bundle, PART_MTREE, err);
	if (c->mtree < 0)
		return -1;
	c->index = copy_part(c->bundle, PART_INDEX, err);
	if (c->index < 0 || check_index(c, err) < 0)
		return -1;
	lines_begin(&c->members.lines, c->index, INDEX_LINE_MAX);
	lines_begin(&c->entries.lines, c->index, INDEX_LINE_MAX);
	if (sha256_begin(&c->payload_hash, err) < 0)
		return -1;
	return sha256_begin(&c->tar_hash, err);
}

int check_payload(const struct sealed_bundle *bundle,
                  const struct check_sink *sink, struct err *err)
{
	AUTO(checking_done)
	struct checking c = { .bundle = bundle,
		              .sink = sink,
		              .mtree = -1,
		              .index = -1,
		              .members = { LINES_NONE, INDEX_READER_INIT },
		              .entries = { LINES_NONE, INDEX_READER_INIT },
		              .payload_hash = SHA256_NONE,
		              .tar_hash = SHA256_NONE,
		              .file_hash = SHA256_NONE,
		              .head = BUF_NONE };

	if (begin(&c, err) < 0 || check_entries(&c, err) < 0)
		return -1;
	return check_end(&c, err);
}
