/* SPDX-License-Identifier: Apache-2.0 */
#include "members.h"

#include <string.h>

#include "base/fs.h"
#include "codec/bundle_frame.h"

void members_done(struct members *members)
{
	crew_free(members->crew); /* first: its threads use the rest */
	index_cursor_done(&members->index);
	free(members->wanted);
	for (size_t i = 0; i < MEMBERS_SLOTS; i++) {
		free(members->slots[i].packed);
		free(members->slots[i].plain);
	}
	for (size_t i = 0; i < MEMBERS_THREADS; i++) {
		libdeflate_free_decompressor(members->tools[i].inflater);
		sha256_done(&members->tools[i].hash);
	}
	*members = MEMBERS_NONE;
}

static int open_payload(struct members *members, struct err *err)
{
	const struct job_unpack *job = &members->job;

	if (job->frame == PAYLOAD_IN_BUNDLE)
		return bundle_file_open(members->fd, job->file_size,
		                        &members->bundle, err);
	if (job->file_size != job->payload_size)
		return err_set(err, ERR_FORMAT, 0,
		               "payload.tar.gz has %llu bytes, not the %llu "
		               "of release.ini",
		               (unsigned long long)job->file_size,
		               (unsigned long long)job->payload_size);
	return 0;
}

/* --- one member, on a thread --- */

static int read_packed(const struct members *members,
                       const struct member_slot *slot, struct err *err)
{
	const struct index_member *member = &slot->member;
	const struct job_unpack *job = &members->job;

	if (member->packed_offset > job->payload_size ||
	    member->packed_len > job->payload_size - member->packed_offset)
		return err_set(err, ERR_FORMAT, 0,
		               "payload.index goes beyond payload.tar.gz");
	if (job->frame == PAYLOAD_IN_BUNDLE)
		return bundle_file_read(&members->bundle,
		                        job->payload_offset +
		                                member->packed_offset,
		                        slot->packed, member->packed_len, err);
	return fs_read_at(members->fd, member->packed_offset, slot->packed,
	                  member->packed_len, err);
}

static int check_digest(const struct member_slot *slot, struct sha256 *hash,
                        struct err *err)
{
	const struct index_member *member = &slot->member;
	uint8_t digest[SHA256_LEN];

	if (sha256_begin(hash, err) < 0 ||
	    sha256_add(hash, slot->packed, member->packed_len, err) < 0 ||
	    sha256_end(hash, digest, err) < 0)
		return -1;
	if (!sha256_equal(digest, member->sha256))
		return err_set(err, ERR_FORMAT, 0,
		               "payload.tar.gz is damaged or was changed: the "
		               "member at byte %llu has another digest",
		               (unsigned long long)member->packed_offset);
	return 0;
}

static int inflate_member(const struct member_slot *slot,
                          struct libdeflate_decompressor *inflater,
                          struct err *err)
{
	const struct index_member *member = &slot->member;
	enum libdeflate_result result;
	size_t taken;
	size_t made;

	if (member->packed_len < FRAME_GZIP_HEAD ||
	    memcmp(slot->packed, frame_gzip_head, FRAME_GZIP_HEAD) != 0)
		return err_set(err, ERR_FORMAT, 0,
		               "the member at byte %llu does not begin as one",
		               (unsigned long long)member->packed_offset);
	/* The room given is what the index says, so a bomb ends here. */
	result = libdeflate_gzip_decompress_ex(
		inflater, slot->packed, member->packed_len, slot->plain,
		member->plain_len, &taken, &made);
	if (result == LIBDEFLATE_INSUFFICIENT_SPACE)
		return err_set(err, ERR_FORMAT, 0,
		               "the member at byte %llu inflates to more than "
		               "the %llu bytes of payload.index",
		               (unsigned long long)member->packed_offset,
		               (unsigned long long)member->plain_len);
	if (result != LIBDEFLATE_SUCCESS || taken != member->packed_len ||
	    made != member->plain_len)
		return err_set(err, ERR_FORMAT, 0,
		               "the member at byte %llu is damaged, or not as "
		               "long as payload.index says",
		               (unsigned long long)member->packed_offset);
	return 0;
}

static int open_member(void *context, unsigned thread, size_t number,
                       struct err *err)
{
	struct members *members = context;
	const struct member_slot *slot = &members->slots[number];
	struct member_tool *tool = &members->tools[thread];

	if (read_packed(members, slot, err) < 0 ||
	    check_digest(slot, &tool->hash, err) < 0)
		return -1;
	return inflate_member(slot, tool->inflater, err);
}

/* --- all of them --- */

static int make_slots(struct members *members, struct err *err)
{
	for (size_t i = 0; i < MEMBERS_SLOTS; i++) {
		struct member_slot *slot = &members->slots[i];

		slot->packed = malloc(MEMBER_PACKED_MAX);
		slot->plain = malloc(MEMBER_PLAIN_MAX);
		if (slot->packed == NULL || slot->plain == NULL)
			return err_nomem(err);
	}
	for (size_t i = 0; i < MEMBERS_THREADS; i++) {
		struct member_tool *tool = &members->tools[i];

		tool->inflater = libdeflate_alloc_decompressor();
		if (tool->inflater == NULL)
			return err_nomem(err);
	}
	return 0;
}

int members_begin(struct members *members, const struct job_unpack *job, int fd,
                  int index_fd, struct err *err)
{
	const struct crew_plan plan = { MEMBERS_THREADS, MEMBERS_SLOTS,
		                        open_member, members };

	*members = MEMBERS_NONE;
	members->job = *job;
	members->fd = fd;
	index_cursor_begin(&members->index, index_fd, INDEX_MEMBER);
	if (open_payload(members, err) < 0 || make_slots(members, err) < 0)
		return -1;
	return crew_new(&plan, &members->crew, err);
}

int members_restrict(struct members *members, int fd, uint64_t count,
                     struct err *err)
{
	members->wanted = malloc(sizeof *members->wanted);
	if (members->wanted == NULL)
		return err_nomem(err);
	return spans_begin(members->wanted, fd, count, err);
}

/* Whether the member holds bytes of a wanted file; files that end before it are
 * done with.  1, 0, -1. */
static int is_wanted(struct members *members, struct err *err)
{
	const struct index_member *member = &members->index.member;
	const struct payload_span *span;

	if (members->wanted == NULL)
		return 1;
	while ((span = spans_current(members->wanted)) != NULL &&
	       span->offset + span->size <= member->plain_offset)
		if (spans_next(members->wanted, err) < 0)
			return -1;
	return span != NULL &&
	       span->offset < member->plain_offset + member->plain_len;
}

/* The next member that is wanted.  1, 0 behind the last, -1. */
static int next_wanted(struct members *members, struct err *err)
{
	for (;;) {
		int got = index_cursor_next(&members->index, err);

		if (got <= 0)
			return got;
		got = is_wanted(members, err);
		if (got != 0)
			return got;
	}
}

/* Give the threads all the work that there is room for. */
static int read_ahead(struct members *members, struct err *err)
{
	size_t slot;

	while (crew_has_room(members->crew, &slot)) {
		int got = next_wanted(members, err);

		if (got <= 0)
			return got;
		members->slots[slot].member = members->index.member;
		crew_give(members->crew);
	}
	return 0;
}

int members_next(struct members *members, struct members_piece *out,
                 struct err *err)
{
	size_t slot;
	int got;

	if (read_ahead(members, err) < 0)
		return -1;
	got = crew_take(members->crew, &slot, err);
	if (got <= 0)
		return got;
	*out = (struct members_piece){
		members->slots[slot].member.plain_offset,
		members->slots[slot].plain,
		members->slots[slot].member.plain_len,
	};
	return 1;
}
