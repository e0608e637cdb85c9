/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/judge.h"

#include <string.h>

#include "base/cleanup.h"
#include "codec/minisign.h"
#include "crypto/minisign.h"
#include "crypto/sha256.h"

#define REASONS_MAX                                                            \
	((size_t)32 * 1024) /* bytes; an err keeps the first 500               \
	                     */

/* One signature on its way to a verdict. */
struct trial {
	enum judge_verdict_kind kind;
	struct minisign_signature signature; /* unless DAMAGED */
	const struct keyring_key *key;       /* NULL where DAMAGED or UNKNOWN */
	const char *revoked;                 /* why, where REVOKED; borrowed */
	struct err damage;                   /* where DAMAGED */
};

struct trials {
	const struct judge_request *request;
	struct trial list[JUDGE_SIGNATURES_MAX];
	size_t count;
	struct release_ini release; /* legal only behind parse_release */
};

const char *judge_verdict_name(enum judge_verdict_kind kind)
{
	switch (kind) {
	case JUDGED_GOOD:
		return "good";
	case JUDGED_DAMAGED:
		return "damaged";
	case JUDGED_UNKNOWN:
		return "unknown-key";
	case JUDGED_WRONG:
		return "wrong";
	case JUDGED_REVOKED:
		return "revoked-key";
	case JUDGED_REPEATED:
		return "repeated";
	case JUDGED_COMMENT:
		return "wrong-comment";
	case JUDGED_RETIRED:
		return "retired-key";
	}
	return "unknown";
}

/* --- first: the raw bytes --- */

/* Ids are short and free to choose, so that several keys may have the same:
 * the one that made the signature is meant, else the first. */
static void find_signer(const struct judge_request *request,
                        struct trial *trial)
{
	trial->kind = JUDGED_UNKNOWN;
	for (size_t i = 0; i < request->keyring->count; i++) {
		const struct keyring_key *key = &request->keyring->keys[i];
		struct err ignored; /* the verdict says it all */

		if (key->public.id != trial->signature.id)
			continue;
		if (trial->key == NULL)
			trial->key = key;
		trial->kind = JUDGED_WRONG;
		if (minisign_verify(&key->public, &trial->signature,
		                    request->release_ini,
		                    request->release_ini_len, &ignored) < 0)
			continue;
		trial->key = key;
		trial->kind = JUDGED_GOOD;
		return;
	}
}

static bool has_counted(const struct trials *trials,
                        const struct minisign_public *key)
{
	for (size_t i = 0; i < trials->count; i++)
		if (trials->list[i].kind == JUDGED_GOOD &&
		    keyring_is_same_key(&trials->list[i].key->public, key))
			return true;
	return false;
}

static void try_signature(const struct trials *trials,
                          const struct judge_signature *part,
                          struct trial *trial)
{
	const struct judge_request *request = trials->request;

	if (minisign_parse_signature(part->data, part->len, &trial->signature,
	                             &trial->damage) < 0) {
		trial->kind = JUDGED_DAMAGED;
		return;
	}
	find_signer(request, trial);
	if (trial->kind != JUDGED_GOOD)
		return;
	trial->revoked =
		keyring_find_revoked(request->keyring, &trial->key->public);
	if (trial->revoked != NULL)
		trial->kind = JUDGED_REVOKED;
	else if (has_counted(trials, &trial->key->public))
		trial->kind = JUDGED_REPEATED;
}

static size_t count_good(const struct trials *trials)
{
	size_t good = 0;

	for (size_t i = 0; i < trials->count; i++)
		good += trials->list[i].kind == JUDGED_GOOD;
	return good;
}

static int try_signatures(const struct judge_request *request,
                          struct trials *out, struct err *err)
{
	out->request = request;
	if (request->signature_count > JUDGE_SIGNATURES_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d signatures",
		               JUDGE_SIGNATURES_MAX);
	for (size_t i = 0; i < request->signature_count; i++) {
		try_signature(out, &request->signatures[i], &out->list[i]);
		out->count++;
	}
	return 0;
}

/* --- then: what they say --- */

static int parse_release(struct trials *trials, struct err *err)
{
	const struct judge_request *request = trials->request;

	return release_ini_parse(request->release_ini, request->release_ini_len,
	                         &trials->release, err);
}

static void apply_limits(struct trials *trials)
{
	const struct judge_request *request = trials->request;
	char comment[RELEASE_COMMENT_SIZE];

	release_ini_comment(&trials->release, comment);
	for (size_t i = 0; i < trials->count; i++) {
		struct trial *trial = &trials->list[i];

		if (trial->kind != JUDGED_GOOD)
			continue;
		if (strcmp(trial->signature.comment, comment) != 0)
			trial->kind = JUDGED_COMMENT;
		else if (trials->release.sequence >
		         keyring_max_sequence(request->keyring,
		                              request->settings,
		                              &trial->key->public))
			trial->kind = JUDGED_RETIRED;
	}
}

/* --- the words for it --- */

static int say_damaged(const struct trial *trial, struct buf *out,
                       struct err *err)
{
	char text[ERR_TEXT_MAX];

	return buf_printf(out, err, "; %s",
	                  err_format(&trial->damage, text, sizeof text));
}

static int say_trial(const struct trials *trials, const struct trial *trial,
                     struct buf *out, struct err *err)
{
	const struct judge_request *request = trials->request;
	const char *name = trial->key != NULL ? trial->key->name : "";
	char id[MINISIGN_ID_TEXT];

	minisign_id_text(trial->signature.id, id);
	switch (trial->kind) {
	case JUDGED_GOOD:
		return 0;
	case JUDGED_DAMAGED:
		return say_damaged(trial, out, err);
	case JUDGED_UNKNOWN:
		return buf_printf(out, err,
		                  "; key %s is not in the trust folder", id);
	case JUDGED_WRONG:
		return buf_printf(out, err,
		                  "; the signature by key %s (%s) does not "
		                  "match: release.ini or it was changed",
		                  id, name);
	case JUDGED_REVOKED:
		return buf_printf(out, err, "; key %s (%s) is revoked: %s", id,
		                  name, trial->revoked);
	case JUDGED_REPEATED:
		return buf_printf(out, err, "; key %s (%s) counts only once",
		                  id, name);
	case JUDGED_COMMENT:
		return buf_printf(out, err,
		                  "; key %s (%s) signed with the comment '%s', "
		                  "which does not name this release",
		                  id, name, trial->signature.comment);
	case JUDGED_RETIRED:
		return buf_printf(
			out, err,
			"; key %s (%s) is retired: it signs up to sequence "
			"%llu, and this is %llu",
			id, name,
			(unsigned long long)keyring_max_sequence(
				request->keyring, request->settings,
				&trial->key->public),
			(unsigned long long)trials->release.sequence);
	}
	return 0;
}

static int refuse(const struct trials *trials, size_t good, struct err *err)
{
	AUTO_BUF struct buf reasons = BUF_LIMIT(REASONS_MAX);
	unsigned threshold = trials->request->settings->threshold;

	if (trials->count == 0)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "the release is not signed; run: "
		               "package-release sign --key FILE");
	for (size_t i = 0; i < trials->count; i++)
		if (say_trial(trials, &trials->list[i], &reasons, err) < 0)
			return -1;
	if (threshold == 1)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "no good signature by a trusted key%s",
		               buf_text(&reasons));
	return err_set(err, ERR_UNTRUSTED, 0,
	               "only %zu of %u required signatures by trusted keys%s",
	               good, threshold, buf_text(&reasons));
}

/* --- judging --- */

static int check_threshold(const struct trials *trials, struct err *err)
{
	unsigned threshold = trials->request->settings->threshold;
	size_t good = count_good(trials);

	/* A threshold of 0 is no policy: one signature is always needed. */
	if (good == 0 || good < threshold)
		return refuse(trials, good, err);
	return 0;
}

static int check_revoked(const struct trials *trials,
                         const uint8_t sha256[DIGEST_LEN], struct err *err)
{
	const char *reason = revocations_find_release(
		&trials->request->keyring->revocations, sha256);

	if (reason == NULL)
		return 0;
	return err_set(err, ERR_UNTRUSTED, 0, "release %s %s is revoked: %s",
	               trials->release.app, trials->release.version, reason);
}

static int check_name(const char *what, const char *wanted, const char *is,
                      struct err *err)
{
	if (wanted == NULL || strcmp(wanted, is) == 0)
		return 0;
	return err_set(err, ERR_UNTRUSTED, 0,
	               "what is signed is %s '%s', not '%s'", what, is, wanted);
}

static int check_names(const struct trials *trials, struct err *err)
{
	const struct judge_request *request = trials->request;

	if (check_name("app", request->app, trials->release.app, err) < 0)
		return -1;
	return check_name("version", request->version, trials->release.version,
	                  err);
}

/* Receipts and the list of what was seen want them ascending by key id. */
static void add_signer(struct verification_result *out,
                       const struct keyring_key *key)
{
	struct judge_signer *signer = &out->signers[out->signer_count++];

	while (signer > out->signers && signer[-1].id > key->public.id) {
		signer[0] = signer[-1];
		signer--;
	}
	signer->id = key->public.id;
	memcpy(signer->name, key->name, sizeof signer->name);
	memcpy(signer->key, key->public.key, sizeof signer->key);
}

static void conclude(const struct trials *trials,
                     const uint8_t sha256[DIGEST_LEN],
                     struct verification_result *out)
{
	memset(out, 0, sizeof *out);
	memcpy(out->release_sha256, sha256, DIGEST_LEN);
	out->release = trials->release;
	for (size_t i = 0; i < trials->count; i++)
		if (trials->list[i].kind == JUDGED_GOOD)
			add_signer(out, trials->list[i].key);
}

static int judge_trials(const struct judge_request *request,
                        struct trials *trials, struct verification_result *out,
                        struct err *err)
{
	uint8_t sha256[DIGEST_LEN];

	if (try_signatures(request, trials, err) < 0)
		return -1;
	if (count_good(trials) == 0)
		return refuse(trials, 0, err);
	if (parse_release(trials, err) < 0)
		return err_wrap(err, "release.ini, though signed");
	apply_limits(trials);
	if (check_threshold(trials, err) < 0 ||
	    sha256_of(request->release_ini, request->release_ini_len, sha256,
	              err) < 0 ||
	    check_revoked(trials, sha256, err) < 0 ||
	    check_names(trials, err) < 0)
		return -1;
	conclude(trials, sha256, out);
	return 0;
}

/* A rule that this code does not check must not be passed over. */
static int check_supported(const struct settings *settings, struct err *err)
{
	if (settings->require == REQUIRE_MINISIGN)
		return 0;
	return err_set(err, ERR_USAGE, 0,
	               "require: this version checks 'minisign' only");
}

int judge_release(const struct judge_request *request,
                  struct verification_result *out, struct err *err)
{
	AUTO_FREE struct trials *trials = calloc(1, sizeof *trials);

	if (trials == NULL)
		return err_nomem(err);
	if (keyring_require(request->keyring, request->app, err) < 0 ||
	    keyring_check_settings(request->keyring, request->settings, err) <
	            0 ||
	    check_supported(request->settings, err) < 0)
		return -1;
	return judge_trials(request, trials, out, err);
}

static void explain(const struct trial *trial, struct judge_verdict *out)
{
	memset(out, 0, sizeof *out);
	out->kind = trial->kind;
	if (trial->kind != JUDGED_DAMAGED)
		out->id = trial->signature.id;
	if (trial->key != NULL)
		memcpy(out->name, trial->key->name, sizeof out->name);
}

int judge_explain(const struct judge_request *request,
                  struct judge_verdict out[JUDGE_SIGNATURES_MAX],
                  struct err *err)
{
	AUTO_FREE struct trials *trials = calloc(1, sizeof *trials);

	if (trials == NULL)
		return err_nomem(err);
	if (try_signatures(request, trials, err) < 0)
		return -1;
	if (count_good(trials) > 0) {
		struct err ignored; /* judge_release reports it */

		if (parse_release(trials, &ignored) == 0)
			apply_limits(trials);
	}
	for (size_t i = 0; i < trials->count; i++)
		explain(&trials->list[i], &out[i]);
	return 0;
}
