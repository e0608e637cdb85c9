/* SPDX-License-Identifier: Apache-2.0 */
/* A verify-worker that was taken over: what it says of evidence is what
 * false_judge.h has. */
#include <string.h>

#include "codec/part.h"
#include "false_judge.h"
#include "privsep/dossier.h"
#include "privsep/worker_main.h"

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
		if (item.kind == DOSSIER_SIGSTORE)
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
