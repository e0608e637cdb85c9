/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/pack_payload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/text.h"
#include "codec/cut.h"
#include "codec/mtree.h"
#include "codec/payload_index.h"
#include "codec/tar_header.h"
#include "crypto/sha256.h"
#include "pack/out_file.h"
#include "pack/press.h"

#define CHUNK ((size_t)256 * 1024)
/* One line of payload.index for each of a million files. */
#define ENTRY_LINES_MAX ((size_t)128 << 20)

/* One pass over the tree. */
struct packing {
	struct source_tree *tree;
	const struct pack_request *request;
	struct out_file payload, mtree, index;
	struct press *press;
	struct cutter cutter; /* finds where the member that is filled ends */
	size_t filled;        /* bytes in it */
	uint64_t packed_size; /* of the members handed over */
	uint64_t pressed;     /* bytes of the tar in them */
	uint64_t tar_size;    /* bytes of the tar so far */
	uint64_t body_size;   /* bytes of files in it */
	uint64_t line;        /* lines of payload.mtree so far */
	struct sha256 tar_hash, file_hash;
	struct buf entry_lines; /* of payload.index; they follow the members */
	struct buf text;        /* the head or line of the entry at hand */
	struct buf member_text; /* of take_member, which runs while text is
	                           added */
	uint8_t *chunk;         /* owned */
};

static void packing_done(struct packing *p)
{
	press_free(p->press);
	out_file_done(&p->payload);
	out_file_done(&p->mtree);
	out_file_done(&p->index);
	sha256_done(&p->tar_hash);
	sha256_done(&p->file_hash);
	buf_done(&p->entry_lines);
	buf_done(&p->text);
	buf_done(&p->member_text);
	free(p->chunk);
}

/* --- members ---------------------------------------------------------------
 */

static int take_member(void *context, const struct pressed *member,
                       struct err *err)
{
	struct packing *p = context;
	struct index_member line = { .packed_offset = p->packed_size,
		                     .packed_len = member->len,
		                     .plain_offset = p->pressed,
		                     .plain_len = member->plain_len };

	memcpy(line.sha256, member->sha256, sizeof line.sha256);
	p->packed_size += member->len;
	p->pressed += member->plain_len;
	p->member_text.len = 0;
	if (index_write_member(&line, &p->member_text, err) < 0 ||
	    out_file_add_buf(&p->index, &p->member_text, err) < 0)
		return -1;
	return out_file_add(&p->payload, member->data, member->len, err);
}

static int end_member(struct packing *p, struct err *err)
{
	size_t len = p->filled;

	p->filled = 0;
	p->cutter = CUTTER_INIT;
	return len > 0 ? press_member(p->press, len, err) : 0;
}

/* Add bytes of the tar. */
static int add(struct packing *p, const void *data, size_t len, struct err *err)
{
	const uint8_t *at = data;

	if (sha256_add(&p->tar_hash, data, len, err) < 0)
		return -1;
	p->tar_size += len;
	while (len > 0) {
		size_t n;
		bool is_end = cut_next(&p->cutter, at, len, &n);

		memcpy(press_plain(p->press) + p->filled, at, n);
		p->filled += n;
		at += n;
		len -= n;
		if (is_end && end_member(p, err) < 0)
			return -1;
	}
	return 0;
}

/* --- files -----------------------------------------------------------------
 */

static int changed(struct err *err, const struct source_entry *entry)
{
	return err_set(err, ERR_CONFLICT, 0,
	               "'%s' changed while it was read; run again when "
	               "nothing writes there",
	               entry->path);
}

static int check_stamp(int fd, const struct source_entry *entry,
                       struct err *err)
{
	struct source_stamp stamp;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_set(err, ERR_SYSTEM, errno, "looking at '%s'",
		               entry->path);
	stamp = source_stamp_of(&st);
	if (!source_stamp_equal(&stamp, &entry->stamp) ||
	    (uint64_t)st.st_size != entry->size)
		return changed(err, entry);
	return 0;
}

static int add_piece(struct packing *p, const void *data, size_t len,
                     struct err *err)
{
	const struct pack_watch *watch = p->request->watch;

	if (sha256_add(&p->file_hash, data, len, err) < 0 ||
	    add(p, data, len, err) < 0)
		return -1;
	p->body_size += len;
	if (watch != NULL)
		watch->packed(watch->context, p->body_size);
	return 0;
}

static int add_from_disk(struct packing *p, const struct source_entry *entry,
                         struct err *err)
{
	AUTO_CLOSE int fd = fs_open_file(p->tree->root, entry->path, err);
	uint64_t left = entry->size;

	if (fd < 0 || check_stamp(fd, entry, err) < 0)
		return -1;
	/* Only a hint, so its failure does not matter. */
	(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	while (left > 0) {
		size_t want = left < CHUNK ? (size_t)left : CHUNK;
		ssize_t n = read(fd, p->chunk, want);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, ERR_SYSTEM, errno, "reading '%s'",
			               entry->path);
		if (n == 0)
			return changed(err, entry);
		if (add_piece(p, p->chunk, (size_t)n, err) < 0)
			return -1;
		left -= (uint64_t)n;
	}
	return check_stamp(fd, entry, err);
}

static int add_body(struct packing *p, struct source_entry *entry,
                    struct err *err)
{
	static const uint8_t nul[TAR_BLOCK];
	const struct index_entry line = { .mtree_line = p->line,
		                          .data_offset = p->tar_size };
	bool is_large = entry->size >= CUT_OWN_FILE;

	if (entry->size > 0 &&
	    index_write_entry(&line, &p->entry_lines, err) < 0)
		return -1;
	if ((is_large && end_member(p, err) < 0) ||
	    sha256_begin(&p->file_hash, err) < 0)
		return -1;
	if (entry->data != NULL
	            ? add_piece(p, entry->data, (size_t)entry->size, err) < 0
	            : add_from_disk(p, entry, err) < 0)
		return -1;
	if (sha256_end(&p->file_hash, entry->sha256, err) < 0 ||
	    (is_large && end_member(p, err) < 0))
		return -1;
	return add(p, nul, tar_padding(entry->size), err);
}

/* --- entries ---------------------------------------------------------------
 */

static int describe_entry(const struct source_entry *from,
                          struct mtree_entry *to, struct err *err)
{
	const char *link = from->link != NULL ? from->link : "";

	to->type = from->type;
	to->mode = from->mode;
	to->size = from->size;
	memcpy(to->sha256, from->sha256, sizeof to->sha256);
	if (text_copy(to->path, sizeof to->path, from->path, strlen(from->path),
	              err) < 0)
		return -1;
	return text_copy(to->link, sizeof to->link, link, strlen(link), err);
}

static int add_entry(struct packing *p, struct source_entry *entry,
                     struct err *err)
{
	struct mtree_entry described;

	p->line++;
	p->text.len = 0;
	if (describe_entry(entry, &described, err) < 0 ||
	    tar_entry_head(&described, p->line, p->request->created, &p->text,
	                   err) < 0 ||
	    add(p, p->text.data, p->text.len, err) < 0 ||
	    (entry->type == ENTRY_FILE && add_body(p, entry, err) < 0))
		return -1;
	memcpy(described.sha256, entry->sha256, sizeof described.sha256);
	p->text.len = 0;
	if (mtree_write_entry(&described, &p->text, err) < 0)
		return -1;
	return out_file_add_buf(&p->mtree, &p->text, err);
}

static int add_entries(struct packing *p, struct err *err)
{
	static const uint8_t nul[TAR_END];

	for (size_t i = 0; i < p->tree->count; i++)
		if (add_entry(p, &p->tree->entries[i], err) < 0)
			return -1;
	if (add(p, nul, sizeof nul, err) < 0 || end_member(p, err) < 0)
		return -1;
	return press_finish(p->press, err);
}

static int begin(struct packing *p, struct err *err)
{
	int dir = p->request->dir;
	struct press_sink sink = { take_member, p };

	p->chunk = malloc(CHUNK);
	if (p->chunk == NULL)
		return err_nomem(err);
	p->cutter = CUTTER_INIT;
	p->line = MTREE_HEAD_LINES;
	if (out_file_create(dir, "payload.tar.gz", &p->payload, err) < 0 ||
	    out_file_create(dir, "payload.mtree", &p->mtree, err) < 0 ||
	    out_file_create(dir, "payload.index", &p->index, err) < 0 ||
	    mtree_write_head(p->request->created, &p->text, err) < 0 ||
	    out_file_add_buf(&p->mtree, &p->text, err) < 0 ||
	    index_write_head(&p->text, err) < 0 ||
	    out_file_add_buf(&p->index, &p->text, err) < 0 ||
	    sha256_begin(&p->tar_hash, err) < 0)
		return -1;
	return press_new(p->request->threads, sink, &p->press, err);
}

/* payload.sha256, for sha256sum -c. */
static int write_sum(int dir, struct packed_payload *out, struct err *err)
{
	char hex[SHA256_HEX_LEN + 1];
	char line[SHA256_HEX_LEN + 32];
	int len;

	text_to_hex(out->parts[PART_PAYLOAD].sha256, DIGEST_LEN, hex);
	len = snprintf(line, sizeof line, "%s  payload.tar.gz\n", hex);
	return out_file_whole(dir, "payload.sha256", line, (size_t)len,
	                      &out->parts[PART_SHA256], err);
}

static int finish(struct packing *p, struct packed_payload *out,
                  struct err *err)
{
	struct packed_payload made = { .entries = p->tree->count,
		                       .bytes = p->tree->bytes,
		                       .tar_size = p->tar_size };

	if (sha256_end(&p->tar_hash, made.tar_sha256, err) < 0 ||
	    out_file_add_buf(&p->index, &p->entry_lines, err) < 0 ||
	    out_file_finish(&p->index, &made.parts[PART_INDEX], err) < 0 ||
	    out_file_finish(&p->mtree, &made.parts[PART_MTREE], err) < 0 ||
	    out_file_finish(&p->payload, &made.parts[PART_PAYLOAD], err) < 0 ||
	    write_sum(p->request->dir, &made, err) < 0)
		return -1;
	*out = made;
	return 0;
}

int pack_payload(struct source_tree *tree, const struct pack_request *request,
                 struct packed_payload *out, struct err *err)
{
	struct packing p = { .tree = tree,
		             .request = request,
		             .payload = OUT_FILE_NONE,
		             .mtree = OUT_FILE_NONE,
		             .index = OUT_FILE_NONE,
		             .tar_hash = SHA256_NONE,
		             .file_hash = SHA256_NONE,
		             .entry_lines = BUF_LIMIT(ENTRY_LINES_MAX),
		             .text = BUF_NONE,
		             .member_text = BUF_NONE };
	int result = begin(&p, err);

	if (result == 0)
		result = add_entries(&p, err);
	if (result == 0)
		result = finish(&p, out, err);
	packing_done(&p);
	return result < 0 ? err_wrap(err, "packing the payload") : 0;
}
