/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/ask.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "privsep/dossier.h"
#include "privsep/worker.h"
#include "sigstore/trust.h"

/* --- the dossier --- */

static int add_keys(const struct evidence_case *given, struct dossier *dossier,
                    struct err *err)
{
	for (size_t i = 0; i < given->cosign_key_count; i++) {
		uint8_t der[PUBLIC_KEY_DER_MAX];
		struct bytes key = { der, 0 };

		if (public_key_spki(given->cosign_keys[i], der, &key.len, err) <
		            0 ||
		    dossier_add(dossier, DOSSIER_COSIGN_KEY, NULL, key, err) <
		            0)
			return -1;
	}
	for (size_t i = 0; i < given->minisign_key_count; i++) {
		const struct bytes key = { given->minisign_keys[i]->key,
			                   MINISIGN_KEY_LEN };

		if (dossier_add(dossier, DOSSIER_MINISIGN_KEY, NULL, key, err) <
		    0)
			return -1;
	}
	return 0;
}

static int add_roots(const struct evidence_case *given, struct dossier *dossier,
                     struct err *err)
{
	for (size_t i = 0; i < given->root_count; i++)
		if (dossier_add(dossier, DOSSIER_TRUSTED_ROOT,
		                given->roots[i].name, given->roots[i].text,
		                err) < 0)
			return -1;
	return 0;
}

/* The release, or the image and what its signatures are over. */
static int add_judged(const struct evidence_case *given,
                      struct dossier *dossier, struct err *err)
{
	const struct bytes image = { given->image, SHA256_LEN };

	if (given->image == NULL)
		return dossier_add(dossier, DOSSIER_RELEASE_INI, NULL,
		                   given->release_ini, err);
	if (dossier_add(dossier, DOSSIER_IMAGE, NULL, image, err) < 0)
		return -1;
	for (size_t i = 0; i < given->piece_count; i++)
		if (dossier_add(dossier, DOSSIER_PAYLOAD, NULL,
		                given->pieces[i].payload, err) < 0)
			return -1;
	return 0;
}

static int add_pieces(const struct evidence_case *given,
                      struct dossier *dossier, struct err *err)
{
	for (size_t i = 0; i < given->piece_count; i++) {
		const struct evidence_piece *piece = &given->pieces[i];
		enum dossier_kind kind = piece->kind == PART_SIGSTORE
		                                 ? DOSSIER_SIGSTORE
		                                 : DOSSIER_ATTESTATION;

		if (dossier_add(dossier, kind, NULL, piece->bytes, err) < 0)
			return -1;
	}
	return 0;
}

static int write_dossier(const struct evidence_case *given,
                         struct dossier *dossier, struct err *err)
{
	if (dossier_begin(dossier, err) < 0 ||
	    dossier_add(dossier, DOSSIER_SETTINGS, NULL, given->settings_text,
	                err) < 0 ||
	    add_keys(given, dossier, err) < 0 ||
	    add_roots(given, dossier, err) < 0 ||
	    add_judged(given, dossier, err) < 0 ||
	    add_pieces(given, dossier, err) < 0)
		return -1;
	return dossier_seal(dossier, err);
}

/* --- the answer --- */

/* Whether @mask has a bit that stands for none of @count things. */
static bool is_beyond(uint64_t mask, size_t count)
{
	return count < 64 && mask >> count != 0;
}

static int check_masks(const struct evidence_case *given,
                       const struct evidence_verdict *verdict, struct err *err)
{
	if (is_beyond(verdict->identities, given->settings->identity_count))
		return err_set(err, ERR_INTERNAL, 0,
		               "an identity that the host does not know");
	if (is_beyond(verdict->cosign_keys, given->cosign_key_count) ||
	    is_beyond(verdict->minisign_keys, given->minisign_key_count))
		return err_set(err, ERR_INTERNAL, 0,
		               "a key that the host does not have");
	return 0;
}

/* A bundle may be what it likes; a line is an attestation or nothing. */
static int check_place(const struct evidence_verdict *verdict,
                       const struct evidence_verdict *place, struct err *err)
{
	if (verdict->part_kind != place->part_kind ||
	    verdict->ordinal != place->ordinal || verdict->line != place->line)
		return err_set(err, ERR_INTERNAL, 0,
		               "a verdict about other evidence than was asked "
		               "for");
	if (verdict->part_kind == PART_ATTESTATION &&
	    verdict->kind != VERDICT_ATTESTATION &&
	    verdict->kind != VERDICT_REFUSED)
		return err_set(err, ERR_INTERNAL, 0,
		               "an attestation that is a signature");
	return 0;
}

/* One for each place, in order, and no more. */
static int take_verdicts(const struct evidence_case *given,
                         struct worker *worker, struct evidence_verdicts *out,
                         struct err *err)
{
	struct evidence_cursor cursor = { .piece = 0 };
	struct evidence_verdict place;
	struct bytes text;
	int got;

	while ((got = evidence_next(given, &cursor, &place, &text, err)) == 1) {
		struct evidence_verdict *verdict = &out->list[out->count];

		got = worker_next_verdict(worker, verdict, err);
		if (got == 0)
			return err_set(err, ERR_INTERNAL, 0,
			               "fewer verdicts than evidence");
		if (got < 0 || check_place(verdict, &place, err) < 0 ||
		    check_masks(given, verdict, err) < 0)
			return -1;
		out->count++;
	}
	if (got < 0)
		return -1;
	got = worker_next_verdict(worker, &place, err);
	if (got > 0)
		return err_set(err, ERR_INTERNAL, 0,
		               "more verdicts than evidence");
	return got;
}

static const char *program_of(const struct evidence_worker *worker)
{
	return worker->program != NULL ? worker->program : "verify-worker";
}

static int start(const struct evidence_case *given,
                 const struct evidence_worker *worker, enum verify_task task,
                 struct worker *running, struct err *err)
{
	AUTO_DOSSIER struct dossier dossier = DOSSIER_NONE;
	struct worker_spec spec = { .program = program_of(worker),
		                    .folder = worker->folder,
		                    .account = "tidegate-verify",
		                    .profile = SANDBOX_PURE,
		                    .mode = worker->mode,
		                    .answer = task == VERIFY_JUDGE
		                                      ? ANSWER_VERDICTS
		                                      : ANSWER_SLOTS,
		                    .input_count = 1 };

	if (write_dossier(given, &dossier, err) < 0)
		return -1;
	spec.inputs[0] = dossier.fd;
	spec.job.verify =
		(struct job_verify){ .task = task, .file_size = dossier.size };
	return worker_start(&spec, running, err);
}

static int judge(const struct evidence_case *given,
                 const struct evidence_worker *worker,
                 struct evidence_verdicts *out, struct err *err)
{
	AUTO_WORKER struct worker running = WORKER_NONE;

	if (start(given, worker, VERIFY_JUDGE, &running, err) < 0)
		return -1;
	if (take_verdicts(given, &running, out, err) == 0)
		return 0;
	if (err->code == ERR_INTERNAL)
		return err_wrap(err, "%s", program_of(worker));
	return -1;
}

int evidence_ask(const struct evidence_case *given,
                 const struct evidence_worker *worker,
                 struct evidence_verdicts *out, struct err *err)
{
	AUTO_FREE struct evidence_verdicts *verdicts = NULL;

	if (given->piece_count == 0) {
		out->count = 0;
		return 0;
	}
	verdicts = calloc(1, sizeof *verdicts);
	if (verdicts == NULL)
		return err_nomem(err);
	if (judge(given, worker, verdicts, err) < 0)
		return err_wrap(err, "judging the evidence");
	*out = *verdicts;
	return 0;
}

/* The worker reads the roots of any dossier first: one about nothing does. */
int evidence_check_root(const struct evidence_root *root,
                        const struct evidence_worker *worker, struct err *err)
{
	static const uint8_t nothing[] = { '-' };
	AUTO_FREE struct evidence_verdicts *none = calloc(1, sizeof *none);
	AUTO_FREE struct settings *settings = calloc(1, sizeof *settings);
	struct evidence_case given = {
		.settings = settings,
		.settings_text = BYTES_NONE,
		.roots = { *root },
		.root_count = 1,
		.release_ini = { nothing, sizeof nothing },
	};

	if (none == NULL || settings == NULL)
		return err_nomem(err);
	settings_defaults(settings);
	return judge(&given, worker, none, err);
}

/* --- the ends of roots --- */

static int take_ends(struct worker *worker, struct evidence_root_ends *out,
                     struct err *err)
{
	uint8_t *at = (uint8_t *)out;
	size_t left = sizeof *out;
	struct frame frame;
	int got;

	while ((got = worker_next_frame(worker, &frame, err)) > 0) {
		if (frame.number != 0 || frame.len > left)
			return err_set(err, ERR_INTERNAL, 0,
			               "more than the ends of roots");
		memcpy(at, frame.data, frame.len);
		at += frame.len;
		left -= frame.len;
	}
	if (got == 0 && left > 0)
		return err_set(err, ERR_INTERNAL, 0, "no ends of roots");
	return got;
}

/* Each root of the case at least once, in their order. */
static int check_ends(const struct evidence_root_ends *ends, size_t root_count,
                      struct err *err)
{
	uint32_t next = 0; /* the file that has had none yet */

	if (ends->count > ROOT_ENDS_MAX)
		return err_set(err, ERR_INTERNAL, 0, "too many roots");
	for (uint32_t i = 0; i < ends->count; i++) {
		const struct evidence_root_end *end = &ends->list[i];
		bool is_same = next > 0 && end->file == next - 1;

		if (end->part >= SIGSTORE_PARTS ||
		    (!is_same && end->file != next))
			return err_set(err, ERR_INTERNAL, 0,
			               "a root that was not asked for");
		next = end->file + 1;
	}
	if (next != root_count)
		return err_set(err, ERR_INTERNAL, 0,
		               "other roots than were asked for");
	return 0;
}

int evidence_ask_ends(const struct evidence_case *given,
                      const struct evidence_worker *worker,
                      struct evidence_root_ends *out, struct err *err)
{
	static const uint8_t nothing[] = { '-' };
	AUTO_WORKER struct worker running = WORKER_NONE;
	AUTO_FREE struct evidence_root_ends *ends = calloc(1, sizeof *ends);
	struct evidence_case bare = {
		.settings = given->settings,
		.settings_text = given->settings_text,
		.root_count = given->root_count,
		.release_ini = { nothing, sizeof nothing },
	};

	if (ends == NULL)
		return err_nomem(err);
	memcpy(bare.roots, given->roots, sizeof bare.roots);
	if (start(&bare, worker, VERIFY_ROOTS, &running, err) < 0)
		return -1;
	if (take_ends(&running, ends, err) < 0 ||
	    check_ends(ends, given->root_count, err) < 0) {
		if (err->code == ERR_INTERNAL)
			return err_wrap(err, "%s", program_of(worker));
		return -1;
	}
	*out = *ends;
	return 0;
}
