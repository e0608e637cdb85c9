/* SPDX-License-Identifier: Apache-2.0 */
/* unpack-worker: inflates the payload and sends the bytes of its files.
 * Inputs: 0 the payload (bare or in its bundle), 1 payload.mtree, 2
 * payload.index.  A file's bytes are one item, numbered by its line in
 * payload.mtree; folders, links and empty files send nothing.
 *
 * The tar is read through libarchive, and what that sees is held against
 * payload.mtree and payload.index, so that `tar xzf` and the installer give
 * the same tree. */
#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

#include "base/cleanup.h"
#include "base/lines.h"
#include "codec/mtree.h"
#include "codec/payload_index.h"
#include "crypto/init.h"
#include "entry_check.h"
#include "members.h"
#include "privsep/worker_main.h"

#define TAR_BLOCK    512
#define AUTO_ARCHIVE AUTO(cleanup_archive)

enum { INPUT_PAYLOAD = WORKER_FD_INPUT, INPUT_MTREE, INPUT_INDEX };

struct unpack {
	struct worker_context *context;
	const struct job_unpack *job;
	struct members members;
	struct lines mtree;
	struct mtree_reader mtree_reader;
	struct lines index; /* once more, for its entries */
	struct index_reader index_reader;
	struct mtree_entry entry; /* of the mtree, being unpacked */
	uint64_t end;             /* of the last entry in the tar, padded */
	/* What members_next said, where libarchive can only say "failed". */
	struct err *err;
};

static void cleanup_archive(struct archive **archive)
{
	(void)archive_read_free(*archive); /* nothing was written */
}

/* archive_read_callback: 0 is the end, -1 an error. */
static la_ssize_t give_member(struct archive *archive, void *context,
                              const void **data)
{
	struct unpack *unpack = context;
	const uint8_t *plain;
	size_t len;
	int got = members_next(&unpack->members, &plain, &len, unpack->err);

	(void)archive;
	if (got <= 0)
		return got;
	*data = plain;
	return (la_ssize_t)len;
}

/* Our own error where the members are at fault, else libarchive's. */
static int archive_failed(struct unpack *unpack, struct archive *archive)
{
	const char *text = archive_error_string(archive);

	if (unpack->err->code != ERR_NONE)
		return -1;
	return err_set(unpack->err, ERR_FORMAT, 0, "the tar is damaged: %s",
	               text != NULL ? text : "no reason given");
}

/* Returns 1 with unpack->entry written, 0 at the end. */
static int next_mtree(struct unpack *unpack, struct err *err)
{
	int taken = 0;

	while (taken == 0) {
		const char *line;
		size_t len;
		int got = lines_next(&unpack->mtree, &line, &len, err);

		if (got <= 0)
			return got;
		taken = mtree_take_line(&unpack->mtree_reader, line, len,
		                        &unpack->entry, err);
	}
	return taken;
}

/* Returns 1 with the next "e" line, 0 at the end. */
static int next_index_entry(struct unpack *unpack, struct index_entry *out,
                            struct err *err)
{
	enum index_line kind = INDEX_HEAD;

	while (kind != INDEX_ENTRY) {
		struct index_member member;
		const char *line;
		size_t len;
		int got = lines_next(&unpack->index, &line, &len, err);

		if (got <= 0)
			return got;
		if (index_take_line(&unpack->index_reader, line, len, &kind,
		                    &member, out, err) < 0)
			return -1;
	}
	return 1;
}

/* That payload.index has a file's bytes where libarchive finds them. */
static int check_place(struct unpack *unpack, uint64_t offset, struct err *err)
{
	struct index_entry entry = { 0, 0 };
	int got = next_index_entry(unpack, &entry, err);

	if (got < 0)
		return -1;
	if (got == 0 || entry.mtree_line != unpack->mtree_reader.line ||
	    entry.data_offset != offset)
		return err_set(err, ERR_FORMAT, 0,
		               "'%s': payload.index has its bytes elsewhere "
		               "than the tar",
		               unpack->entry.path);
	return 0;
}

static int send_file(struct unpack *unpack, struct archive *archive,
                     struct err *err)
{
	uint32_t number = (uint32_t)unpack->mtree_reader.line;
	struct ring_writer *ring = &unpack->context->ring;
	uint64_t sent = 0;

	while (sent < unpack->entry.size) {
		const void *data;
		size_t len;
		la_int64_t offset;
		int got =
			archive_read_data_block(archive, &data, &len, &offset);

		if (got != ARCHIVE_OK)
			return archive_failed(unpack, archive);
		if (offset < 0 || (uint64_t)offset != sent ||
		    len > unpack->entry.size - sent)
			return err_set(err, ERR_FORMAT, 0,
			               "'%s' has holes in the tar",
			               unpack->entry.path);
		if (len > 0 && frame_put(ring, number, data, len, err) < 0)
			return -1;
		sent += len;
	}
	return frame_end(ring, number, err);
}

static int unpack_entry(struct unpack *unpack, struct archive *archive,
                        struct archive_entry *seen, struct err *err)
{
	/* tar has read the header, and no more. */
	uint64_t offset = (uint64_t)archive_filter_bytes(archive, 0);
	uint64_t size = unpack->entry.size;

	if (entry_check(seen, &unpack->entry, unpack->job->created, err) < 0)
		return -1;
	unpack->end = offset + (size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
	if (size == 0)
		return 0;
	if (check_place(unpack, offset, err) < 0)
		return -1;
	return send_file(unpack, archive, err);
}

/* Returns 1 for an entry, 0 when tar and payload.mtree end together. */
static int next_entry(struct unpack *unpack, struct archive *archive,
                      struct err *err)
{
	struct archive_entry *seen;
	int got = archive_read_next_header(archive, &seen);
	int wanted;

	/* ARCHIVE_WARN too: what is not quite right is wrong here. */
	if (got != ARCHIVE_OK && got != ARCHIVE_EOF)
		return archive_failed(unpack, archive);
	wanted = next_mtree(unpack, err);
	if (wanted < 0)
		return err_wrap(err, "payload.mtree");
	if (got == ARCHIVE_EOF && wanted == 0)
		return 0;
	if (got == ARCHIVE_EOF)
		return err_set(err, ERR_FORMAT, 0,
		               "'%s' is in payload.mtree, but not in the tar",
		               unpack->entry.path);
	if (wanted == 0)
		return err_set(err, ERR_FORMAT, 0,
		               "the tar has more entries than payload.mtree");
	return unpack_entry(unpack, archive, seen, err) < 0 ? -1 : 1;
}

/* That nothing lies behind the last entry but the end of the tar, and that
 * index and payload end there as well. */
static int check_end(struct unpack *unpack, struct err *err)
{
	struct index_entry entry;
	const uint8_t *data;
	size_t len;
	int got;

	if (unpack->end + TAR_END != unpack->job->tar_size)
		return err_set(err, ERR_FORMAT, 0,
		               "something lies behind the last entry of the "
		               "tar");
	while ((got = members_next(&unpack->members, &data, &len, err)) == 1)
		;
	if (got < 0)
		return -1;
	got = next_index_entry(unpack, &entry, err);
	if (got < 0)
		return -1;
	if (got == 1)
		return err_set(err, ERR_FORMAT, 0,
		               "payload.index has more entries than the tar");
	return 0;
}

static int read_tar(struct unpack *unpack, struct err *err)
{
	AUTO_ARCHIVE struct archive *archive = archive_read_new();
	int more;

	if (archive == NULL)
		return err_nomem(err);
	if (archive_read_support_format_tar(archive) != ARCHIVE_OK ||
	    archive_read_open(archive, unpack, NULL, give_member, NULL) !=
	            ARCHIVE_OK)
		return archive_failed(unpack, archive);
	do
		more = next_entry(unpack, archive, err);
	while (more == 1);
	return more < 0 ? -1 : check_end(unpack, err);
}

static int unpack_job(struct unpack *unpack, struct err *err)
{
	int result;

	lines_begin(&unpack->mtree, INPUT_MTREE, MTREE_LINE_MAX);
	lines_begin(&unpack->index, INPUT_INDEX, INDEX_LINE_MAX);
	result = members_open(INPUT_PAYLOAD, INPUT_INDEX, unpack->job,
	                      &unpack->members, err);
	if (result == 0)
		result = read_tar(unpack, err);
	members_done(&unpack->members);
	lines_done(&unpack->mtree);
	lines_done(&unpack->index);
	return result;
}

static int run(struct worker_context *context, struct err *err)
{
	AUTO_FREE struct unpack *unpack = calloc(1, sizeof *unpack);

	if (unpack == NULL)
		return err_nomem(err);
	unpack->context = context;
	unpack->job = &context->job.unpack;
	unpack->members = MEMBERS_NONE;
	unpack->mtree = LINES_NONE;
	unpack->index = LINES_NONE;
	unpack->mtree_reader = MTREE_READER_INIT;
	unpack->index_reader = INDEX_READER_INIT;
	/* Tells later whether the members or libarchive are at fault. */
	err->code = ERR_NONE;
	unpack->err = err;
	if (unpack->job->tar_size < TAR_END)
		return err_set(err, ERR_FORMAT, 0, "the tar has no end");
	return unpack_job(unpack, err);
}

/* libarchive gives no names outside ASCII in the C locale, and reads the
 * locale's files, which the sandbox forbids. */
static int prepare(struct err *err)
{
	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		return err_set(err, ERR_SYSTEM, 0,
		               "there is no C.UTF-8 locale");
	return crypto_init_libcrypto(err);
}

static const struct worker_program program = {
	.profile = SANDBOX_PURE,
	.prepare = prepare,
	.run = run,
};

int main(int argc, char **argv)
{
	return worker_main(&program, argc, argv);
}
