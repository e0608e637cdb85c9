/* SPDX-License-Identifier: Apache-2.0 */
#include "members.h"

#include <libdeflate.h>
#include <stdlib.h>

#include "base/fs.h"

int members_open(int payload, int index, const struct job_unpack *job,
                 struct members *out, struct err *err)
{
	out->payload = payload;
	out->job = job;
	lines_begin(&out->lines, index, INDEX_LINE_MAX);
	out->reader = INDEX_READER_INIT;
	out->inflater = libdeflate_alloc_decompressor();
	out->packed = malloc(MEMBER_PACKED_MAX);
	out->plain = malloc(MEMBER_PLAIN_MAX);
	if (out->inflater == NULL || out->packed == NULL || out->plain == NULL)
		return err_nomem(err);
	if (job->frame == PAYLOAD_IN_BUNDLE)
		return bundle_file_open(payload, job->file_size, &out->bundle,
		                        err);
	return 0;
}

void members_done(struct members *members)
{
	lines_done(&members->lines);
	sha256_done(&members->hash);
	libdeflate_free_decompressor(members->inflater);
	free(members->packed);
	free(members->plain);
	*members = MEMBERS_NONE;
}

static int read_packed(struct members *members,
                       const struct index_member *member, struct err *err)
{
	const struct job_unpack *job = members->job;
	size_t len = (size_t)member->packed_len;

	if (member->packed_len > job->payload_size ||
	    member->packed_offset > job->payload_size - member->packed_len)
		return err_set(err, ERR_FORMAT, 0,
		               "payload.index names bytes behind the end of "
		               "payload.tar.gz");
	if (job->frame == PAYLOAD_BARE)
		return fs_read_at(members->payload, member->packed_offset,
		                  members->packed, len, err);
	return bundle_file_read(&members->bundle,
	                        job->payload_offset + member->packed_offset,
	                        members->packed, len, err);
}

/* Before a byte of it is given to the inflater. */
static int check_digest(struct members *members,
                        const struct index_member *member, struct err *err)
{
	uint8_t digest[SHA256_LEN];

	if (sha256_begin(&members->hash, err) < 0 ||
	    sha256_add(&members->hash, members->packed,
	               (size_t)member->packed_len, err) < 0 ||
	    sha256_end(&members->hash, digest, err) < 0)
		return -1;
	if (!sha256_equal(digest, member->sha256))
		return err_set(err, ERR_FORMAT, 0,
		               "payload.tar.gz is damaged at byte %llu: the "
		               "member's SHA-256 differs from payload.index",
		               (unsigned long long)member->packed_offset);
	return 0;
}

static int inflate(struct members *members, const struct index_member *member,
                   struct err *err)
{
	size_t used = 0;
	size_t made = 0;
	enum libdeflate_result result = libdeflate_gzip_decompress_ex(
		members->inflater, members->packed, (size_t)member->packed_len,
		members->plain, (size_t)member->plain_len, &used, &made);

	if (result != LIBDEFLATE_SUCCESS || used != member->packed_len ||
	    made != member->plain_len)
		return err_set(err, ERR_FORMAT, 0,
		               "the gzip member at byte %llu does not hold "
		               "what payload.index says",
		               (unsigned long long)member->packed_offset);
	return 0;
}

/* A tar must end with zeros: libarchive stops at the first of them, tar(1)
 * at the second. */
static int check_end(const struct members *members,
                     const struct index_member *member, struct err *err)
{
	uint64_t end = members->job->tar_size - TAR_END;
	uint64_t first =
		end > member->plain_offset ? end - member->plain_offset : 0;

	for (uint64_t i = first; i < member->plain_len; i++)
		if (members->plain[i] != 0)
			return err_set(err, ERR_FORMAT, 0,
			               "the tar does not end with NUL");
	return 0;
}

/* Returns 1 for a member, 0 behind the last, or -1. */
static int next_line(struct members *members, struct index_member *member,
                     struct err *err)
{
	struct index_entry entry; /* main.c reads those by itself */
	enum index_line kind = INDEX_HEAD;

	while (kind == INDEX_HEAD) {
		const char *line;
		size_t len;
		int got = lines_next(&members->lines, &line, &len, err);

		if (got <= 0)
			return got;
		if (index_take_line(&members->reader, line, len, &kind, member,
		                    &entry, err) < 0)
			return -1;
	}
	return kind == INDEX_MEMBER;
}

int members_next(struct members *members, const uint8_t **data, size_t *len,
                 struct err *err)
{
	struct index_member member;
	int got = next_line(members, &member, err);

	if (got < 0)
		return err_wrap(err, "payload.index");
	if (got == 0)
		return index_finish(&members->reader,
		                    members->job->payload_size,
		                    members->job->tar_size, err);
	if (read_packed(members, &member, err) < 0 ||
	    check_digest(members, &member, err) < 0 ||
	    inflate(members, &member, err) < 0 ||
	    check_end(members, &member, err) < 0)
		return -1;
	*data = members->plain;
	*len = (size_t)member.plain_len;
	return 1;
}
