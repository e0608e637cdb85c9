/* SPDX-License-Identifier: Apache-2.0 */
#include "members.h"

#include <string.h>

#include "base/fs.h"
#include "codec/bundle_frame.h"

void members_done(struct members *members)
{
	index_cursor_done(&members->index);
	sha256_done(&members->hash);
	libdeflate_free_decompressor(members->inflater);
	free(members->packed);
	free(members->plain);
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

int members_begin(struct members *members, const struct job_unpack *job, int fd,
                  int index_fd, struct err *err)
{
	*members = MEMBERS_NONE;
	members->job = *job;
	members->fd = fd;
	index_cursor_begin(&members->index, index_fd, INDEX_MEMBER);
	members->inflater = libdeflate_alloc_decompressor();
	members->packed = malloc(MEMBER_PACKED_MAX);
	members->plain = malloc(MEMBER_PLAIN_MAX);
	if (members->inflater == NULL || members->packed == NULL ||
	    members->plain == NULL)
		return err_nomem(err);
	return open_payload(members, err);
}

static int read_packed(struct members *members, struct err *err)
{
	const struct index_member *member = &members->index.member;
	const struct job_unpack *job = &members->job;

	if (member->packed_offset > job->payload_size ||
	    member->packed_len > job->payload_size - member->packed_offset)
		return err_set(err, ERR_FORMAT, 0,
		               "payload.index goes beyond payload.tar.gz");
	if (job->frame == PAYLOAD_IN_BUNDLE)
		return bundle_file_read(
			&members->bundle,
			job->payload_offset + member->packed_offset,
			members->packed, member->packed_len, err);
	return fs_read_at(members->fd, member->packed_offset, members->packed,
	                  member->packed_len, err);
}

static int check_digest(struct members *members, struct err *err)
{
	const struct index_member *member = &members->index.member;
	uint8_t digest[SHA256_LEN];

	if (sha256_begin(&members->hash, err) < 0 ||
	    sha256_add(&members->hash, members->packed, member->packed_len,
	               err) < 0 ||
	    sha256_end(&members->hash, digest, err) < 0)
		return -1;
	if (!sha256_equal(digest, member->sha256))
		return err_set(err, ERR_FORMAT, 0,
		               "payload.tar.gz is damaged or was changed: the "
		               "member at byte %llu has another digest",
		               (unsigned long long)member->packed_offset);
	return 0;
}

static int inflate_member(struct members *members, struct err *err)
{
	const struct index_member *member = &members->index.member;
	enum libdeflate_result result;
	size_t taken;
	size_t made;

	if (member->packed_len < FRAME_GZIP_HEAD ||
	    memcmp(members->packed, frame_gzip_head, FRAME_GZIP_HEAD) != 0)
		return err_set(err, ERR_FORMAT, 0,
		               "the member at byte %llu does not begin as one",
		               (unsigned long long)member->packed_offset);
	/* The room given is what the index says, so a bomb ends here. */
	result = libdeflate_gzip_decompress_ex(
		members->inflater, members->packed, member->packed_len,
		members->plain, member->plain_len, &taken, &made);
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

int members_next(struct members *members, const uint8_t **data, size_t *len,
                 struct err *err)
{
	int got = index_cursor_next(&members->index, err);

	if (got <= 0)
		return got;
	if (read_packed(members, err) < 0 || check_digest(members, err) < 0 ||
	    inflate_member(members, err) < 0)
		return -1;
	*data = members->plain;
	*len = members->index.member.plain_len;
	return 1;
}
