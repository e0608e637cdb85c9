/* SPDX-License-Identifier: Apache-2.0 */
/* A verify-worker that was taken over: what it says of evidence is what
 * false_judge.h has. */
#include <stdbool.h>
#include <string.h>

#include "codec/part.h"
#include "evidence/root_ends.h"
#include "false_judge.h"
#include "privsep/dossier.h"
#include "privsep/worker_main.h"
#include "sigstore/trust.h"

static struct evidence_verdict about_bundle(uint32_t ordinal)
{
	return (struct evidence_verdict){ .kind = VERDICT_MESSAGE,
		                          .part_kind = PART_SIGSTORE,
		                          .ordinal = ordinal };
}

static struct evidence_verdict about_line(uint32_t line)
{
	return (struct evidence_verdict){ .kind = VERDICT_ATTESTATION,
		                          .part_kind = PART_ATTESTATION,
		                          .line = line };
}

static void bend(enum false_verdict lie, struct evidence_verdict verdicts[4])
{
	if (lie == FALSE_ORDER) {
		verdicts[0].ordinal = 2;
		verdicts[1].ordinal = 1;
	}
	if (lie == FALSE_TWICE)
		verdicts[1].ordinal = 1;
	if (lie == FALSE_BUNDLE)
		verdicts[1].ordinal = 3;
	if (lie == FALSE_LINE)
		verdicts[3].line = 3;
	if (lie == FALSE_IDENTITY)
		verdicts[0].identities = 1;
	if (lie == FALSE_IDENTITY_2)
		verdicts[0].identities = 2;
	if (lie == FALSE_IDENTITY_64)
		verdicts[3].identities = (uint64_t)1 << 63;
	if (lie == FALSE_COSIGN)
		verdicts[2].cosign_keys = 2;
	if (lie == FALSE_MINISIGN)
		verdicts[2].minisign_keys = 2;
	if (lie == FALSE_SIGNATURE) {
		verdicts[2].kind = VERDICT_SIGNATURE;
		verdicts[2].signature_len = 1;
	}
}

static int tell_all(const struct worker_context *context,
                    enum false_verdict lie, struct err *err)
{
	struct evidence_verdict verdicts[5] = { about_bundle(1),
		                                about_bundle(2), about_line(1),
		                                about_line(2), about_line(3) };
	size_t count = 4;

	if (lie == FALSE_FAILURE)
		return err_set(err, ERR_FORMAT, 0, "this judge gives up");
	bend(lie, verdicts);
	if (lie == FALSE_FEWER)
		count = 3;
	if (lie == FALSE_MORE)
		count = 5;
	if (lie == FALSE_NONE)
		count = 0;
	for (size_t i = 0; i < count; i++)
		if (worker_tell(context, &verdicts[i], err) < 0)
			return -1;
	return 0;
}

/* --- the ends of roots --- */

static void bend_ends(enum false_ends lie, struct evidence_root_ends *ends)
{
	if (lie == ENDS_FEWER)
		ends->count = 2;
	if (lie == ENDS_MORE) {
		ends->count = 4;
		ends->list[3].file = 2;
	}
	if (lie == ENDS_ORDER)
		ends->list[0].file = 1;
	if (lie == ENDS_AGAIN) {
		ends->count = 4;
		ends->list[3].file = 0;
	}
	if (lie == ENDS_PART)
		ends->list[2].part = SIGSTORE_PARTS;
	if (lie == ENDS_COUNT)
		ends->count = ROOT_ENDS_MAX + 1;
}

static int tell_ends(struct worker_context *context, enum false_ends lie,
                     struct err *err)
{
	static struct {
		struct evidence_root_ends ends;
		uint8_t more;
	} told;
	size_t size = sizeof told.ends;

	told.ends.count = 3;
	told.ends.list[2].file = 1;
	told.ends.list[2].end = 7;
	bend_ends(lie, &told.ends);
	if (lie == ENDS_SHORT)
		size--;
	if (lie == ENDS_LONG)
		size++;
	if (lie == ENDS_NONE)
		return 0;
	if (frame_put(&context->ring, 0, &told, size, err) < 0)
		return -1;
	return frame_end(&context->ring, 0, err);
}

/* --- both --- */

static bool is_about_roots(const struct worker_context *context)
{
	return context->job.verify.task == VERIFY_ROOTS;
}

static int run(struct worker_context *context, struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT((size_t)DOSSIER_MAX);
	struct dossier_reader reader = { .left = BYTES_NONE };
	struct dossier_item item;
	int got;

	if (dossier_read(WORKER_FD_INPUT, context->job.verify.file_size, &text,
	                 err) < 0)
		return -1;
	reader.left = buf_bytes(&text);
	while ((got = dossier_next(&reader, &item, err)) == 1)
		if (item.kind == DOSSIER_TRUSTED_ROOT &&
		    is_about_roots(context))
			return tell_ends(context,
			                 (enum false_ends)item.bytes.data[0],
			                 err);
		else if (item.kind == DOSSIER_SIGSTORE)
			return tell_all(context,
			                (enum false_verdict)item.bytes.data[0],
			                err);
	return got < 0 ? -1 : err_set(err, ERR_FORMAT, 0, "no lie to tell");
}

static const struct worker_program program = { .profile = SANDBOX_PURE,
	                                       .run = run };

int main(int argc, char **argv)
{
	return worker_main(&program, argc, argv);
}
