/* SPDX-License-Identifier: Apache-2.0 */
/* unpack-worker: reads the payload, which may be anybody's, against
 * payload.mtree and payload.index, which are authentic, and sends the content
 * of each file to the monitor, numbered by its line in payload.mtree.
 *
 * Each byte passes three judges: the digest of its member before it is
 * inflated (members.c), the one spelling of a tar (extract.c), and libarchive
 * (judge.c).  Where only some files are wanted, the first alone (pick.c).  A
 * patch is judged whole, before it comes here (patch.c).  None
 * of them is relied on by the monitor, which hashes what it writes. */
#include <locale.h>

#include "crypto/init.h"
#include "crypto/sha256.h"
#include "extract.h"
#include "judge.h"
#include "members.h"
#include "patch.h"
#include "pick.h"
#include "privsep/worker_main.h"

enum {
	INPUT_PAYLOAD = WORKER_FD_INPUT, /* or the patch */
	INPUT_MTREE,
	INPUT_INDEX,
	INPUT_SPANS,
	INPUT_OLD
};

struct unpack {
	struct members members;
	struct extract extract;
};

static void unpack_done(struct unpack *unpack)
{
	members_done(&unpack->members);
	extract_done(&unpack->extract);
}

/* What opens files is done here; inside the sandbox it would fail. */
static int prepare(struct err *err)
{
	uint8_t digest[SHA256_LEN];

	/* In the C locale libarchive warns of pax names beyond ASCII. */
	if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		return err_set(err, ERR_SYSTEM, 0,
		               "this system has no locale C.UTF-8");
	if (crypto_init_libcrypto(err) < 0)
		return -1;
	return sha256_of("", 0, digest, err);
}

/* Members pass through the extractor on their way to libarchive. */
static int next_piece(void *context, const uint8_t **data, size_t *len,
                      struct err *err)
{
	struct unpack *unpack = context;
	struct members_piece piece;
	int got = members_next(&unpack->members, &piece, err);

	if (got <= 0)
		return got;
	if (extract_take(&unpack->extract, piece.data, piece.len, err) < 0)
		return -1;
	*data = piece.data;
	*len = piece.len;
	return 1;
}

/* The whole tar, before all of its judges. */
static int unpack_all(struct unpack *unpack, const struct job_unpack *job,
                      struct ring_writer *ring, struct err *err)
{
	const struct judge_source source = { next_piece, unpack };

	if (extract_begin(&unpack->extract, job, INPUT_MTREE, INPUT_INDEX, ring,
	                  err) < 0 ||
	    judge_tar(&source, INPUT_MTREE, job->created, job->tar_size, err) <
	            0)
		return -1;
	return extract_finish(&unpack->extract, err);
}

/* The files that the monitor lacks; the rest of the payload may be missing. */
static int unpack_some(struct unpack *unpack, const struct job_unpack *job,
                       struct ring_writer *ring, struct err *err)
{
	if (members_restrict(&unpack->members, INPUT_SPANS, job->span_count,
	                     err) < 0)
		return -1;
	return pick_files(&unpack->members, INPUT_SPANS, job->span_count, ring,
	                  err);
}

/* The same files, out of a patch. */
static int unpack_patch(const struct job_unpack *job, struct ring_writer *ring,
                        struct err *err)
{
	static const struct patch_inputs inputs = { .patch = INPUT_PAYLOAD,
		                                    .old = INPUT_OLD,
		                                    .spans = INPUT_SPANS };

	return patch_files_send(&inputs, job, ring, err);
}

static int run(struct worker_context *context, struct err *err)
{
	AUTO(unpack_done)
	struct unpack unpack = { .members = MEMBERS_NONE,
		                 .extract = EXTRACT_NONE };
	const struct job_unpack *job = &context->job.unpack;

	if (job->frame == PAYLOAD_PATCH)
		return unpack_patch(job, &context->ring, err);
	if (members_begin(&unpack.members, job, INPUT_PAYLOAD, INPUT_INDEX,
	                  err) < 0)
		return -1;
	return job->is_partial != 0
	               ? unpack_some(&unpack, job, &context->ring, err)
	               : unpack_all(&unpack, job, &context->ring, err);
}

static const struct worker_program program = {
	.profile = SANDBOX_PARALLEL,
	.prepare = prepare,
	.run = run,
};

int main(int argc, char **argv)
{
	return worker_main(&program, argc, argv);
}
