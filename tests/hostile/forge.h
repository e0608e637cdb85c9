/* SPDX-License-Identifier: Apache-2.0 */
/* Makes payloads that are wrong on purpose: mtree, index and digests always
 * fit what is packed, as an attacker with a signing key would have them, so
 * that only the judge that is meant can object. */
#ifndef HOSTILE_FORGE_H
#define HOSTILE_FORGE_H

#include <libdeflate.h>

#include "base/buf.h"
#include "base/text.h"
#include "codec/mtree.h"
#include "codec/payload_index.h"
#include "codec/tar_header.h"
#include "crypto/sha256.h"
#include "play.h"

#define FORGE_CREATED 1700000000
#define FORGE_MEMBER  ((size_t)128 * 1024)

struct forge {
	struct buf payload, mtree, members, entries;
	struct buf spans;       /* what is wanted; empty: all */
	struct buf waiting;     /* bytes of the tar that are not packed yet */
	uint64_t packed, plain; /* sizes so far */
	uint64_t line;          /* of payload.mtree */
	struct libdeflate_compressor *press;
};

static inline void forge_check(int got, const struct err *err)
{
	char text[ERR_TEXT_MAX];

	if (got < 0)
		fail_msg("forging: %s", err_format(err, text, sizeof text));
}

static inline void forge_begin(struct forge *forge)
{
	struct err err;

	*forge = (struct forge){ .payload = BUF_LIMIT((size_t)1 << 30),
		                 .mtree = BUF_LIMIT((size_t)1 << 30),
		                 .members = BUF_LIMIT((size_t)1 << 30),
		                 .entries = BUF_LIMIT((size_t)1 << 30),
		                 .waiting = BUF_LIMIT((size_t)1 << 30),
		                 .spans = BUF_NONE,
		                 .line = MTREE_HEAD_LINES };
	forge->press = libdeflate_alloc_compressor(1);
	assert_non_null(forge->press);
	forge_check(mtree_write_head(FORGE_CREATED, &forge->mtree, &err), &err);
}

static inline void forge_done(struct forge *forge)
{
	buf_done(&forge->payload);
	buf_done(&forge->mtree);
	buf_done(&forge->members);
	buf_done(&forge->entries);
	buf_done(&forge->waiting);
	buf_done(&forge->spans);
	libdeflate_free_compressor(forge->press);
}

/* Pack @data as one member that the index gives @claimed bytes. */
static inline void forge_member(struct forge *forge, const void *data,
                                size_t len, uint64_t claimed)
{
	size_t room = libdeflate_gzip_compress_bound(forge->press, len);
	AUTO_FREE uint8_t *out = malloc(room);
	struct index_member member = { .packed_offset = forge->packed,
		                       .plain_offset = forge->plain,
		                       .plain_len = claimed };
	struct err err;

	assert_non_null(out);
	member.packed_len =
		libdeflate_gzip_compress(forge->press, data, len, out, room);
	assert_true(member.packed_len > 0);
	memcpy(out, "\x1f\x8b\x08\0\0\0\0\0\0\xff",
	       10); /* as the format has it */
	forge_check(sha256_of(out, member.packed_len, member.sha256, &err),
	            &err);
	forge_check(buf_add(&forge->payload, out, member.packed_len, &err),
	            &err);
	forge_check(index_write_member(&member, &forge->members, &err), &err);
	forge->packed += member.packed_len;
	forge->plain += claimed;
}

static inline void forge_flush(struct forge *forge)
{
	if (forge->waiting.len > 0)
		forge_member(forge, forge->waiting.data, forge->waiting.len,
		             forge->waiting.len);
	forge->waiting.len = 0;
}

/* Bytes of the tar, whatever they are. */
static inline void forge_bytes(struct forge *forge, const void *data,
                               size_t len)
{
	struct err err;

	forge_check(buf_add(&forge->waiting, data, len, &err), &err);
	if (forge->waiting.len >= FORGE_MEMBER)
		forge_flush(forge);
}

/* Many members of NUL: packed once, as each of them is the same. */
static inline void forge_zero_members(struct forge *forge, uint64_t count)
{
	static const uint8_t zeros[MEMBER_PLAIN_MAX];
	uint64_t before;
	struct index_member member = { .plain_len = sizeof zeros };
	AUTO_FREE uint8_t *packed = NULL;
	struct err err;

	if (count == 0)
		return;
	forge_flush(forge);
	before = forge->packed;
	forge_member(forge, zeros, sizeof zeros, sizeof zeros);
	member.packed_len = forge->packed - before;
	packed = malloc(member.packed_len);
	assert_non_null(packed);
	memcpy(packed, forge->payload.data + before, member.packed_len);
	forge_check(sha256_of(packed, member.packed_len, member.sha256, &err),
	            &err);
	while (--count > 0) {
		member.packed_offset = forge->packed;
		member.plain_offset = forge->plain;
		forge_check(buf_add(&forge->payload, packed, member.packed_len,
		                    &err),
		            &err);
		forge_check(index_write_member(&member, &forge->members, &err),
		            &err);
		forge->packed += member.packed_len;
		forge->plain += member.plain_len;
	}
}

static inline void forge_zeros(struct forge *forge, uint64_t len)
{
	static const uint8_t zeros[FORGE_MEMBER];

	forge_zero_members(forge, len / MEMBER_PLAIN_MAX);
	len %= MEMBER_PLAIN_MAX;
	while (len > 0) {
		size_t piece = len < FORGE_MEMBER ? (size_t)len : FORGE_MEMBER;

		forge_bytes(forge, zeros, piece);
		len -= piece;
	}
}

static inline uint64_t forge_at(const struct forge *forge)
{
	return forge->plain + forge->waiting.len;
}

static inline struct mtree_entry forge_entry(enum entry_type type,
                                             const char *path, uint64_t size)
{
	struct mtree_entry entry = { .type = type,
		                     .mode = type == ENTRY_DIR    ? 0755
		                             : type == ENTRY_LINK ? 0777
		                                                  : 0644,
		                     .size = size };
	struct err err;

	forge_check(text_copy(entry.path, sizeof entry.path, path, strlen(path),
	                      &err),
	            &err);
	return entry;
}

/* A line of payload.mtree alone. */
static inline void forge_mtree(struct forge *forge,
                               const struct mtree_entry *entry)
{
	struct err err;

	forge->line++;
	forge_check(mtree_write_entry(entry, &forge->mtree, &err), &err);
}

/* A line of payload.index for the last one. */
static inline void forge_place(struct forge *forge, uint64_t offset)
{
	const struct index_entry place = { forge->line, offset };
	struct err err;

	forge_check(index_write_entry(&place, &forge->entries, &err), &err);
}

/* That the bytes of the last line's file are wanted. */
static inline void forge_want(struct forge *forge, uint64_t offset,
                              uint64_t size)
{
	const struct payload_span span = { forge->line, offset, size };
	struct err err;

	forge_check(buf_add(&forge->spans, &span, sizeof span, &err), &err);
}

/* The honest head of the last line's entry. */
static inline void forge_head(struct forge *forge,
                              const struct mtree_entry *entry)
{
	AUTO_BUF struct buf head = BUF_NONE;
	struct err err;

	forge_check(
		tar_entry_head(entry, forge->line, FORGE_CREATED, &head, &err),
		&err);
	forge_bytes(forge, head.data, head.len);
}

/* An honest entry. */
static inline void forge_add(struct forge *forge, enum entry_type type,
                             const char *path, const char *content)
{
	struct mtree_entry entry = forge_entry(
		type, path, type == ENTRY_FILE ? strlen(content) : 0);
	struct err err;

	if (type == ENTRY_LINK)
		forge_check(text_copy(entry.link, sizeof entry.link, content,
		                      strlen(content), &err),
		            &err);
	forge_mtree(forge, &entry);
	forge_head(forge, &entry);
	if (entry.size == 0)
		return;
	forge_place(forge, forge_at(forge));
	forge_bytes(forge, content, entry.size);
	forge_zeros(forge, tar_padding(entry.size));
}

/* A tar header that no mtree line stands behind. */
static inline void forge_rogue(struct forge *forge, char type, const char *name,
                               const char *link, unsigned mode, uint64_t size)
{
	struct tar_fields fields = { .name = name,
		                     .name_len = strlen(name),
		                     .link = link,
		                     .link_len = link ? strlen(link) : 0,
		                     .mode = mode,
		                     .size = size,
		                     .mtime = FORGE_CREATED,
		                     .type = type };
	uint8_t block[TAR_BLOCK];

	tar_block_write(&fields, block);
	forge_bytes(forge, block, sizeof block);
}

/* What came of giving it to unpack-worker. */
struct forge_result {
	int got; /* 0 or -1 */
	struct err err;
	char text[ERR_TEXT_MAX];
	uint64_t bytes; /* of contents that reached the monitor */
	uint64_t items; /* files that were ended */
	char first[64]; /* the first bytes of the contents, as text */
	size_t first_len;
};

static inline void forge_note(struct forge_result *result,
                              const struct frame *frame)
{
	size_t room = sizeof result->first - 1 - result->first_len;
	size_t len = frame->len < room ? frame->len : room;

	memcpy(result->first + result->first_len, frame->data, len);
	result->first_len += len;
	result->bytes += frame->len;
	result->items += frame->len == 0;
}

/* Run unpack-worker over @payload; @job is filled in but for what it has. */
static inline void forge_run(struct forge *forge, int folder,
                             const struct buf *payload, struct job_unpack job,
                             struct forge_result *result)
{
	AUTO_BUF struct buf index = BUF_LIMIT((size_t)1 << 30);
	AUTO_CLOSE int payload_fd = play_file(payload->data, payload->len);
	AUTO_CLOSE int mtree_fd =
		play_file(forge->mtree.data, forge->mtree.len);
	AUTO_CLOSE int index_fd = -1;
	AUTO_CLOSE int spans_fd =
		play_file(buf_text(&forge->spans), forge->spans.len);
	AUTO_WORKER struct worker worker = WORKER_NONE;
	struct worker_spec spec = { .program = "unpack-worker",
		                    .folder = folder,
		                    .account = PLAY_ACCOUNT,
		                    .profile = SANDBOX_PARALLEL,
		                    .input_count = 4 };
	struct frame frame;
	struct err *err = &result->err;

	*result = (struct forge_result){ .err = { .code = ERR_NONE } };
	forge_check(index_write_head(&index, err), err);
	forge_check(buf_add(&index, buf_text(&forge->members),
	                    forge->members.len, err),
	            err);
	forge_check(buf_add(&index, buf_text(&forge->entries),
	                    forge->entries.len, err),
	            err);
	err->code = ERR_NONE;
	index_fd = play_file(index.data, index.len);
	spec.job.unpack = job;
	spec.inputs[0] = payload_fd;
	spec.inputs[1] = mtree_fd;
	spec.inputs[2] = index_fd;
	spec.inputs[3] = spans_fd;
	result->got = worker_start(&spec, &worker, err);
	if (result->got == 0) {
		while ((result->got = worker_next_frame(&worker, &frame, err)) >
		       0)
			forge_note(result, &frame);
	}
	if (result->got < 0)
		(void)err_format(err, result->text, sizeof result->text);
}

/* The job of a bare payload. */
static inline struct job_unpack forge_job(const struct forge *forge)
{
	return (struct job_unpack){ .frame = PAYLOAD_BARE,
		                    .file_size = forge->payload.len,
		                    .payload_size = forge->packed,
		                    .tar_size = forge->plain,
		                    .created = FORGE_CREATED };
}

#endif
