/* SPDX-License-Identifier: Apache-2.0 */
#include "delta.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "codec/cut.h"
#include "crypto/sha256.h"
#include "privsep/message.h"
#include "report.h"
#include "store/cursor.h"

void delta_done(struct delta *delta)
{
	payload_plan_done(&delta->plan);
	reuse_done(&delta->reuse);
	if (delta->pieces != NULL)
		pieces_done(delta->pieces);
	free(delta->pieces);
	free(delta->patches);
	cleanup_close(&delta->spans);
	cleanup_close(&delta->patch_fd);
	*delta = DELTA_NONE;
}

bool delta_is_partial(const struct delta *delta)
{
	return delta->reused_bytes > 0 || delta->patch != NULL;
}

/* --- what is installed --- */

static int find_pieces(const struct store *store, struct delta *delta,
                       struct err *err)
{
	delta->pieces = malloc(sizeof *delta->pieces);
	if (delta->pieces == NULL)
		return err_nomem(err);
	*delta->pieces = PIECES_NONE;
	return pieces_search(delta->pieces, store, err);
}

/* --- the members --- */

static int add_members(struct payload_plan *plan, int index, struct err *err)
{
	AUTO_INDEX_CURSOR struct index_cursor members = INDEX_CURSOR_NONE;
	int got;

	index_cursor_begin(&members, index, INDEX_MEMBER);
	while ((got = index_cursor_next(&members, err)) == 1)
		if (payload_plan_member(plan, &members.member, err) < 0)
			return -1;
	return got;
}

/* --- the files --- */

/* Both lists, side by side, and the spans that come of them. */
struct walk {
	struct delta *delta;
	struct tree_cursor tree;
	struct index_cursor places;
	struct member_cursor members; /* of large files */
	struct buf spans;             /* not yet written */
};

#define PATCHES_FIRST 256
#define SPANS_AT_ONCE (1024 * sizeof(struct payload_span))

static void walk_done(struct walk *walk)
{
	tree_cursor_done(&walk->tree);
	index_cursor_done(&walk->places);
	member_cursor_done(&walk->members);
	buf_done(&walk->spans);
}

int delta_open_spans(struct delta *delta, struct err *err)
{
	delta->spans = memfd_create("spans", MFD_CLOEXEC);
	if (delta->spans < 0)
		return err_set(err, ERR_SYSTEM, errno,
		               "listing the wanted files");
	return 0;
}

int delta_flush_spans(struct delta *delta, struct buf *spans, struct err *err)
{
	const char *at = spans->data;
	size_t left = spans->len;

	while (left > 0) {
		ssize_t n = write(delta->spans, at, left);

		if (n < 0)
			return err_set(err, ERR_SYSTEM, errno,
			               "listing the wanted files");
		at += n;
		left -= (size_t)n;
	}
	buf_cut(spans, 0);
	return 0;
}

/* Bytes [@begin, @end) of the file at hand are to be fetched. */
static int want_bytes(struct walk *walk, uint64_t begin, uint64_t end,
                      struct err *err)
{
	const struct payload_span span = {
		.mtree_line = walk->tree.reader.line,
		.offset = walk->places.entry.data_offset + begin,
		.size = end - begin,
	};

	if (begin == end)
		return 0;
	if (payload_plan_want(&walk->delta->plan, span.offset, span.size, err) <
	            0 ||
	    buf_add(&walk->spans, &span, sizeof span, err) < 0)
		return -1;
	walk->delta->span_count++;
	return walk->spans.len < SPANS_AT_ONCE
	               ? 0
	               : delta_flush_spans(walk->delta, &walk->spans, err);
}

static int note_patch(struct walk *walk, uint64_t offset,
                      const struct piece *piece, struct err *err)
{
	struct delta *delta = walk->delta;
	size_t room =
		delta->patch_room == 0 ? PATCHES_FIRST : 2 * delta->patch_room;

	if (delta->patch_count == delta->patch_room) {
		struct delta_piece *patches =
			reallocarray(delta->patches, room, sizeof *patches);

		if (patches == NULL)
			return err_nomem(err);
		delta->patches = patches;
		delta->patch_room = room;
	}
	delta->patches[delta->patch_count++] =
		(struct delta_piece){ walk->tree.reader.line, offset, piece };
	delta->reused_bytes += piece->len;
	return 0;
}

/* Of the file at hand what no installed one holds: member by member. */
static int want_rest(struct walk *walk, struct err *err)
{
	const struct index_member *member = &walk->members.members.member;
	uint64_t begin = walk->places.entry.data_offset;
	uint64_t size = walk->tree.entry.size;
	uint64_t done = 0; /* bytes of the file */
	int got;

	while ((got = member_cursor_next(&walk->members, begin, begin + size,
	                                 err)) == 1) {
		const struct piece *piece =
			pieces_find(walk->delta->pieces, member->sha256);
		uint64_t offset = member->plain_offset - begin;

		if (piece == NULL || piece->len != member->plain_len)
			continue;
		if (want_bytes(walk, done, offset, err) < 0 ||
		    note_patch(walk, offset, piece, err) < 0)
			return -1;
		done = offset + piece->len;
	}
	return got < 0 ? -1 : want_bytes(walk, done, size, err);
}

static int want_file(struct walk *walk, struct err *err)
{
	uint64_t size = walk->tree.entry.size;

	if (walk->delta->pieces == NULL || size < CUT_OWN_FILE)
		return want_bytes(walk, 0, size, err);
	return want_rest(walk, err);
}

static int take_file(struct walk *walk, struct err *err)
{
	const struct mtree_entry *entry = &walk->tree.entry;
	int got = index_cursor_next(&walk->places, err);

	if (got < 0)
		return -1;
	if (got == 0 || walk->places.entry.mtree_line != walk->tree.reader.line)
		return err_set(err, ERR_FORMAT, 0,
		               "payload.index does not name '%s'", entry->path);
	if (reuse_find(&walk->delta->reuse, entry->sha256) == NULL)
		return want_file(walk, err);
	walk->delta->reused_files++;
	walk->delta->reused_bytes += entry->size;
	return 0;
}

/* That the index is whole, and names nothing else. */
static int end_walk(struct walk *walk, const struct release_ini *release,
                    struct err *err)
{
	int got = index_cursor_next(&walk->places, err);

	if (got < 0)
		return -1;
	if (got > 0)
		return err_set(err, ERR_FORMAT, 0,
		               "payload.index names more files than "
		               "payload.mtree");
	if (index_finish(&walk->places.reader,
	                 release->parts[PART_PAYLOAD].size, release->tar_size,
	                 err) < 0)
		return -1;
	return delta_flush_spans(walk->delta, &walk->spans, err);
}

static int add_files(struct delta *delta, const struct release_ini *release,
                     int mtree, int index, struct err *err)
{
	AUTO(walk_done)
	struct walk walk = { .delta = delta,
		             .tree = TREE_CURSOR_NONE,
		             .places = INDEX_CURSOR_NONE,
		             .members = MEMBER_CURSOR_NONE,
		             .spans = BUF_NONE };
	int got;

	tree_cursor_begin(&walk.tree, mtree);
	index_cursor_begin(&walk.places, index, INDEX_ENTRY);
	member_cursor_begin(&walk.members, index);
	while ((got = tree_cursor_next_file(&walk.tree, err)) == 1)
		if (take_file(&walk, err) < 0)
			return -1;
	return got < 0 ? -1 : end_walk(&walk, release, err);
}

/* --- what is in the spool --- */

/* 1 when the member's bytes are there, 0 when not, -1. */
static int is_whole(int spool, const struct index_member *member, void *room,
                    struct err *err)
{
	uint8_t digest[SHA256_LEN];

	/* A shorter one is of another release, or was cut by fetch-worker. */
	if (fs_read_at(spool, member->packed_offset, room, member->packed_len,
	               err) < 0)
		return err->code == ERR_FORMAT ? 0 : -1;
	if (sha256_of(room, member->packed_len, digest, err) < 0)
		return -1;
	return sha256_equal(digest, member->sha256);
}

static int look_into_spool(struct payload_plan *plan, int index, int spool,
                           struct err *err)
{
	AUTO_INDEX_CURSOR struct index_cursor members = INDEX_CURSOR_NONE;
	AUTO_FREE void *room = malloc(MEMBER_PACKED_MAX);
	int got;

	if (room == NULL)
		return err_nomem(err);
	index_cursor_begin(&members, index, INDEX_MEMBER);
	for (size_t i = 0; (got = index_cursor_next(&members, err)) == 1; i++) {
		int whole = 0;

		if (payload_plan_is_wanted(plan, i))
			whole = is_whole(spool, &members.member, room, err);
		if (whole < 0)
			return err_wrap(err, "reading the spool");
		if (whole == 1)
			payload_plan_have(plan, i);
	}
	return got;
}

/* --- all of it --- */

static int prefer_patch(const struct store *store,
                        const struct release_ini *release, int mtree,
                        const struct delta_fetch *fetch, enum delta_reuse reuse,
                        struct delta *out, struct err *err)
{
	const struct delta_fetch anew = { -1, fetch->remote };

	if (store == NULL || reuse > DELTA_PATCH_ANEW)
		return 0;
	return delta_prefer_patch(store, release, mtree,
	                          reuse == DELTA_PATCH ? fetch : &anew, out,
	                          err);
}

int delta_make(const struct store *store, const struct release_ini *release,
               int mtree, int index, const struct delta_fetch *fetch,
               enum delta_reuse reuse, struct delta *out, struct err *err)
{
	if (delta_open_spans(out, err) < 0)
		return -1;
	if (store != NULL && reuse != DELTA_WHOLE &&
	    (reuse_want_files(&out->reuse, mtree, err) < 0 ||
	     reuse_search(&out->reuse, store, err) < 0 ||
	     find_pieces(store, out, err) < 0))
		return -1;
	if (add_members(&out->plan, index, err) < 0 ||
	    add_files(out, release, mtree, index, err) < 0)
		return -1;
	/* The whole tar goes past all judges, what is no file's too. */
	if (!delta_is_partial(out) &&
	    payload_plan_want(&out->plan, 0, release->tar_size, err) < 0)
		return -1;
	if (fetch->spool >= 0 &&
	    look_into_spool(&out->plan, index, fetch->spool, err) < 0)
		return -1;
	payload_plan_finish(&out->plan, remote_ranges_max(fetch->remote));
	if (prefer_patch(store, release, mtree, fetch, reuse, out, err) < 0)
		return -1;
	out->requests = remote_requests(
		fetch->remote, out->patch != NULL ? 1 : out->plan.range_count);
	return 0;
}

/* --- words --- */

static uint64_t bytes_of(const struct delta *delta)
{
	return delta->patch != NULL
	               ? delta->patch->pin.size - delta->patch_begun
	               : delta->plan.bytes;
}

void delta_say(const struct delta *delta, const struct release_ini *release,
               const char *prefix, const struct request *request)
{
	unsigned long long requests = delta->requests;
	const char *plural = requests == 1 ? "" : "s";

	if (delta->patch != NULL)
		report_step(request,
		            "%sfetch a patch from %s, %llu bytes, in %llu "
		            "request%s",
		            prefix, delta->base,
		            (unsigned long long)bytes_of(delta), requests,
		            plural);
	else
		report_step(
			request,
			"%sfetch %llu of %llu bytes of the payload, in %llu "
			"request%s",
			prefix, (unsigned long long)delta->plan.bytes,
			(unsigned long long)release->parts[PART_PAYLOAD].size,
			requests, plural);
	if (delta_is_partial(delta))
		report_step(request,
		            "%stake %llu files, %llu bytes, from installed "
		            "releases",
		            prefix, (unsigned long long)delta->reused_files,
		            (unsigned long long)delta->reused_bytes);
}

int delta_json(const struct delta *delta, const struct release_ini *release,
               struct json_writer *json, struct err *err)
{
	if (json_open_object(json, "fetch", err) < 0 ||
	    json_u64(json, "payload_bytes", release->parts[PART_PAYLOAD].size,
	             err) < 0 ||
	    json_u64(json, "bytes", bytes_of(delta), err) < 0 ||
	    json_u64(json, "requests", delta->requests, err) < 0 ||
	    json_u64(json, "reused_files", delta->reused_files, err) < 0 ||
	    json_u64(json, "reused_bytes", delta->reused_bytes, err) < 0 ||
	    json_text(json, "patch_from",
	              delta->patch != NULL ? delta->base : NULL, err) < 0)
		return -1;
	return json_close(json, err);
}
