/* SPDX-License-Identifier: Apache-2.0 */
#include "parts.h"

#include <string.h>

#include "base/disk.h"
#include "base/fs.h"
#include "crypto/sha256.h"
#include "privsep/bundle_file.h"
#include "report.h"

#define READ_SIZE ((size_t)256 * 1024)

/* A part that is only looked at: what package_stage does, without the disk. */
struct check {
	struct sha256 hash;
	const struct part_pin *pin;
	uint64_t size;
};

struct receiver {
	const struct release_ini *release;
	struct package_stage *stage; /* NULL: check only */
	struct parts_copy *copy;     /* NULL: none */
	struct check check;
	bool has_come[PART_KINDS];
};

static int damaged(enum part_kind kind, struct err *err)
{
	char name[PART_NAME_SIZE];

	part_name((struct part){ kind, 0 }, name);
	return err_set(err, ERR_FORMAT, 0,
	               "%s is damaged: size or SHA-256 differ from release.ini",
	               name);
}

static int begin_part(struct receiver *receiver, enum part_kind kind,
                      struct err *err)
{
	const struct part_pin *pin = &receiver->release->parts[kind];

	if (!pin->is_present) {
		char name[PART_NAME_SIZE];

		part_name((struct part){ kind, 0 }, name);
		return err_set(err, ERR_FORMAT, 0,
		               "%s is not listed in release.ini", name);
	}
	receiver->has_come[kind] = true;
	if (receiver->stage != NULL)
		return package_stage_part_begin(receiver->stage, kind, pin,
		                                err);
	receiver->check.pin = pin;
	receiver->check.size = 0;
	return sha256_begin(&receiver->check.hash, err);
}

static int check_bytes(struct check *check, enum part_kind kind,
                       const void *data, size_t len, struct err *err)
{
	if (len > check->pin->size - check->size)
		return damaged(kind, err);
	check->size += len;
	return sha256_add(&check->hash, data, len, err);
}

static int check_end(struct check *check, enum part_kind kind, struct err *err)
{
	uint8_t digest[SHA256_LEN];

	if (sha256_end(&check->hash, digest, err) < 0)
		return -1;
	if (check->size != check->pin->size ||
	    !sha256_equal(digest, check->pin->sha256))
		return damaged(kind, err);
	return 0;
}

static int copy_piece(struct parts_copy *copy, const struct part_piece *piece,
                      struct err *err)
{
	int *fd = &copy->fds[piece->kind];

	if (*fd < 0)
		*fd = host_open_unnamed(copy->host, err);
	if (*fd < 0)
		return -1;
	return disk_write("parts.copy", *fd, piece->data, piece->len, err);
}

static int take_pinned(struct receiver *receiver,
                       const struct part_piece *piece, struct err *err)
{
	if (piece->offset == 0 && !receiver->has_come[piece->kind] &&
	    begin_part(receiver, piece->kind, err) < 0)
		return -1;
	if (receiver->copy != NULL &&
	    copy_piece(receiver->copy, piece, err) < 0)
		return -1;
	if (receiver->stage != NULL)
		return piece->len > 0
		               ? package_stage_part_bytes(receiver->stage,
		                                          piece->data,
		                                          piece->len, err)
		               : package_stage_part_end(receiver->stage, err);
	return piece->len > 0 ? check_bytes(&receiver->check, piece->kind,
	                                    piece->data, piece->len, err)
	                      : check_end(&receiver->check, piece->kind, err);
}

static int require_all(const struct receiver *receiver, struct err *err)
{
	for (int kind = 0; kind < PART_KINDS; kind++) {
		char name[PART_NAME_SIZE];

		if (!part_is_kept((enum part_kind)kind) ||
		    receiver->has_come[kind] ||
		    !receiver->release->parts[kind].is_present)
			continue;
		part_name((struct part){ (enum part_kind)kind, 0 }, name);
		return err_set(err, ERR_FORMAT, 0, "%s is missing", name);
	}
	return 0;
}

/* All evidence has come, so that whatever comes now must be pinned. */
static int receive(struct receiver *receiver, struct part_source *source,
                   const struct part_piece *first, struct err *err)
{
	struct part_piece piece = *first;
	int got = 1;

	while (got == 1) {
		if (take_pinned(receiver, &piece, err) < 0)
			return -1;
		got = part_source_next(source, &piece, err);
	}
	return got < 0 ? -1 : require_all(receiver, err);
}

int parts_receive(struct part_source *source, const struct part_piece *first,
                  const struct verification_result *verified,
                  struct package_stage *stage, struct parts_copy *copy,
                  struct err *err)
{
	struct receiver receiver = { .release = &verified->release,
		                     .stage = stage,
		                     .copy = copy,
		                     .check = { .hash = SHA256_NONE } };
	int result = receive(&receiver, source, first, err);

	sha256_done(&receiver.check.hash);
	return result;
}

/* --- kept for later --- */

void parts_copy_init(struct parts_copy *copy, const struct host *host)
{
	copy->host = host;
	for (size_t i = 0; i < PART_KINDS; i++)
		copy->fds[i] = -1;
}

void parts_copy_done(struct parts_copy *copy)
{
	for (size_t i = 0; i < PART_KINDS; i++) {
		cleanup_close(&copy->fds[i]);
		copy->fds[i] = -1;
	}
}

static int replay_part(int fd, enum part_kind kind, const struct part_pin *pin,
                       struct package_stage *stage, struct err *err)
{
	AUTO_FREE uint8_t *data = malloc(READ_SIZE);

	if (data == NULL)
		return err_nomem(err);
	if (package_stage_part_begin(stage, kind, pin, err) < 0)
		return -1;
	for (uint64_t at = 0; at < pin->size;) {
		size_t len = pin->size - at < READ_SIZE
		                     ? (size_t)(pin->size - at)
		                     : READ_SIZE;

		if (fs_read_at(fd, at, data, len, err) < 0 ||
		    package_stage_part_bytes(stage, data, len, err) < 0)
			return -1;
		at += len;
	}
	return package_stage_part_end(stage, err);
}

int parts_replay(const struct parts_copy *copy,
                 const struct verification_result *verified,
                 struct package_stage *stage, struct err *err)
{
	for (size_t i = 0; i < PART_KINDS; i++)
		if (copy->fds[i] >= 0 &&
		    replay_part(copy->fds[i], (enum part_kind)i,
		                &verified->release.parts[i], stage, err) < 0)
			return -1;
	return 0;
}

int parts_put_evidence(const struct description *description,
                       struct package_stage *stage, struct err *err)
{
	const struct part ini = { PART_RELEASE_INI, 0 };

	if (package_stage_put(stage, ini, description->release_ini.data,
	                      description->release_ini.len, err) < 0)
		return -1;
	for (size_t i = 0; i < description->evidence_count; i++) {
		const struct evidence *evidence = &description->evidence[i];
		struct part part;

		if (evidence_part(evidence, &part) &&
		    package_stage_put(stage, part, evidence->bytes.data,
		                      evidence->bytes.len, err) < 0)
			return -1;
	}
	return 0;
}

/* A range of the payload, in its bundle or bare. */
static int read_payload(int fd, const struct job_unpack *job,
                        const struct bundle_file *bundle, uint64_t offset,
                        void *out, size_t len, struct err *err)
{
	if (job->frame == PAYLOAD_BARE)
		return fs_read_at(fd, offset, out, len, err);
	return bundle_file_read(bundle, job->payload_offset + offset, out, len,
	                        err);
}

/* The monitor reads the payload itself: a gzip that it does not look into. */
static int receive_payload(struct receiver *receiver, int fd,
                           const struct job_unpack *job, struct meter *meter,
                           struct err *err)
{
	AUTO_FREE uint8_t *data = malloc(READ_SIZE);
	uint64_t size = receiver->release->parts[PART_PAYLOAD].size;
	struct part_piece piece = { .kind = PART_PAYLOAD, .data = data };
	struct bundle_file bundle;

	if (data == NULL)
		return err_nomem(err);
	if (job->frame == PAYLOAD_IN_BUNDLE &&
	    bundle_file_open(fd, job->file_size, &bundle, err) < 0)
		return -1;
	do {
		uint64_t left = size - piece.offset;

		/* The last piece is empty: it ends the part. */
		piece.len = left < READ_SIZE ? (size_t)left : READ_SIZE;
		if (read_payload(fd, job, &bundle, piece.offset, data,
		                 piece.len, err) < 0 ||
		    take_pinned(receiver, &piece, err) < 0)
			return -1;
		piece.offset += piece.len;
		report_meter(meter, piece.offset);
	} while (piece.len > 0);
	return 0;
}

int parts_receive_payload(struct part_source *source,
                          const struct verification_result *verified,
                          struct package_stage *stage, struct meter *meter,
                          struct err *err)
{
	struct receiver receiver = { .release = &verified->release,
		                     .stage = stage,
		                     .check = { .hash = SHA256_NONE } };
	struct job_unpack job;
	AUTO_CLOSE int fd = part_source_payload(source, &verified->release,
	                                        /* plan= */ NULL, &job, err);
	int result;

	if (fd < 0)
		return -1;
	result = receive_payload(&receiver, fd, &job, meter, err);
	sha256_done(&receiver.check.hash);
	return result;
}
