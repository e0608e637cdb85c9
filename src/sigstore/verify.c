/* SPDX-License-Identifier: Apache-2.0 */
#include "sigstore/verify.h"

#include <string.h>

#include "sigstore/log_entry.h"
#include "sigstore/owner.h"
#include "sigstore/signed_content.h"
#include "sigstore/signer.h"
#include "sigstore/times.h"
#include "sigstore/trust.h"

/* One bundle on its way through the checks. */
struct verification {
	const struct sigstore_request *request; /* borrowed */
	struct signer signer;
	struct signed_content content;

	/* Under the root that is being tried. */
	const struct sigstore_trust *trust; /* NULL: by the key alone */
	struct logged logged[SIGSTORE_ENTRIES_MAX];
	size_t logged_count;
	struct times times;
	struct certificate issuer; /* owned */
	struct claims claims;
};

static void verification_done(struct verification *verification)
{
	signer_done(&verification->signer);
	signed_content_done(&verification->content);
	certificate_done(&verification->issuer);
}

#define AUTO_VERIFICATION AUTO(verification_done)

void sigstore_result_done(struct sigstore_result *result)
{
	statement_done(&result->statement);
	result->statement = STATEMENT_NONE;
}

/* --- the steps, in their order
 * --------------------------------------------- */

static bool is_repeated(const struct sigstore_bundle *bundle, size_t index)
{
	const struct sigstore_log_entry *entry = &bundle->entries[index];

	for (size_t i = 0; i < index; i++)
		if (bundle->entries[i].log_index == entry->log_index &&
		    memcmp(bundle->entries[i].log_id, entry->log_id,
		           sizeof entry->log_id) == 0)
			return true;
	return false;
}

static int verify_entry(struct verification *v, size_t index, struct err *err)
{
	const struct sigstore_bundle *bundle = v->request->bundle;
	struct logged logged;
	int result;

	if (is_repeated(bundle, index))
		return err_set(err, ERR_UNTRUSTED, 0,
		               "the same log entry stands twice");
	result = log_entry_verify(&bundle->entries[index], v->trust,
	                          &v->content, &v->signer, &logged, err);
	if (result == 1)
		v->logged[v->logged_count++] = logged;
	return result < 0 ? -1 : 0;
}

static int verify_entries(struct verification *v, struct err *err)
{
	const struct sigstore_bundle *bundle = v->request->bundle;

	for (size_t i = 0; i < bundle->entry_count; i++)
		if (verify_entry(v, i, err) < 0)
			return err_wrap(err, "log entry tlogEntries[%zu]", i);
	if ((v->trust->evidence & SIGSTORE_LOG) != 0 && v->logged_count == 0)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "no log entry of a log that the trusted root "
		               "knows");
	return 0;
}

static int verify_times(struct verification *v, struct err *err)
{
	return times_verify(v->request->bundle, v->trust, &v->signer, v->logged,
	                    v->logged_count, &v->times, err);
}

static int verify_certificate(struct verification *v, struct err *err)
{
	if (v->signer.is_by_key)
		return 0;
	return owner_verify_path(&v->signer, v->trust, &v->times, &v->issuer,
	                         err);
}

static int verify_sct(struct verification *v, struct err *err)
{
	if (v->signer.is_by_key)
		return 0;
	return owner_verify_sct(&v->signer, &v->issuer, v->trust, err);
}

static int verify_signature(struct verification *v, struct err *err)
{
	if (signed_content_verify(&v->content, &v->signer.key, err) < 0)
		return -1;
	return signed_content_subject(&v->content, err);
}

static int verify_owner(struct verification *v, struct err *err)
{
	if (v->signer.is_by_key)
		return 0;
	return owner_check(&v->signer, v->request, &v->claims, err);
}

typedef int verification_step(struct verification *v, struct err *err);

static verification_step *const steps_under_root[] = {
	verify_entries, verify_times,     verify_certificate,
	verify_sct,     verify_signature, verify_owner,
};

/* The caller trusts the key itself, whatever witnesses say. */
static verification_step *const steps_by_key[] = { verify_signature };

#define STEPS(steps) (sizeof(steps) / sizeof((steps)[0]))

static int take_steps(struct verification *v, verification_step *const *steps,
                      size_t count, size_t *taken, struct err *err)
{
	for (*taken = 0; *taken < count; (*taken)++)
		if (steps[*taken](v, err) < 0)
			return -1;
	return 0;
}

/* --- roots -----------------------------------------------------------------
 */

static void begin_under(struct verification *v,
                        const struct sigstore_trust *trust)
{
	v->trust = trust;
	v->logged_count = 0;
	v->times.count = 0;
	certificate_done(&v->issuer);
}

/* Try each root wholly; what one of them accepted is no help under another.
 * The error is of the one that let the bundle furthest. */
static int try_roots(struct verification *v, size_t *accepted, struct err *err)
{
	size_t furthest = 0;

	for (size_t i = 0; i < v->request->trust_count; i++) {
		struct err reason = { .code = ERR_NONE };
		size_t taken;

		begin_under(v, v->request->trusts[i]);
		if (take_steps(v, steps_under_root, STEPS(steps_under_root),
		               &taken, &reason) == 0) {
			*accepted = i;
			return 0;
		}
		if (i == 0 || taken > furthest) {
			furthest = taken;
			*err = reason;
		}
	}
	return -1;
}

static int verify_under_roots(struct verification *v, size_t *accepted,
                              struct err *err)
{
	size_t taken;

	if (v->request->trust_count > 0)
		return try_roots(v, accepted, err);
	*accepted = 0;
	return take_steps(v, steps_by_key, STEPS(steps_by_key), &taken, err);
}

/* --- what was verified
 * ----------------------------------------------------- */

static void fill_places(const struct verification *v,
                        struct sigstore_result *out)
{
	for (size_t i = 0; i < v->logged_count; i++) {
		const struct logged *logged = &v->logged[i];
		struct sigstore_place *place = &out->places[i];

		memcpy(place->log_id, logged->entry->log_id,
		       sizeof place->log_id);
		place->index = logged->has_promise
		                       ? logged->entry->log_index
		                       : logged->entry->proof.log_index;
		place->integrated = logged->has_promise
		                            ? logged->entry->integrated_time
		                            : -1;
	}
	out->place_count = v->logged_count;
}

/* The one place where a result is made. */
static void succeed(struct verification *v, size_t accepted,
                    struct sigstore_result *out)
{
	*out = SIGSTORE_RESULT_NONE;
	out->content = v->request->bundle->content;
	memcpy(out->digest, v->content.sha256, sizeof out->digest);
	out->is_by_key = v->signer.is_by_key;
	if (v->signer.is_by_key)
		memcpy(out->key_id, v->signer.key.id, sizeof out->key_id);
	else
		out->claims = v->claims;
	memcpy(out->times, v->times.at, sizeof out->times);
	out->time_count = v->times.count;
	fill_places(v, out);
	out->trust = accepted;
	out->statement = v->content.statement;
	v->content.statement = STATEMENT_NONE;
}

static int check_request(const struct sigstore_request *request,
                         struct err *err)
{
	const char *wrong = NULL;

	if ((request->artifact.data == NULL) == (request->sha256 == NULL))
		wrong = "either an artifact or its SHA-256";
	else if ((request->identity == NULL) != (request->issuer == NULL))
		wrong = "identity and issuer, or neither";
	else if (request->key != NULL && request->identity != NULL)
		wrong = "either a key or an identity";
	else if (request->key == NULL && request->trust_count == 0)
		wrong = "a trusted root, or a key";
	if (wrong == NULL)
		return 0;
	return err_set(err, ERR_USAGE, 0, "a verification needs %s", wrong);
}

int sigstore_verify(const struct sigstore_request *request,
                    struct sigstore_result *out, struct err *err)
{
	AUTO_VERIFICATION struct verification v = {
		.request = request,
		.signer = SIGNER_NONE,
		.content = SIGNED_CONTENT_NONE,
		.issuer = CERTIFICATE_NONE,
	};
	size_t accepted;

	if (check_request(request, err) < 0 ||
	    signer_read(request->bundle, request->key, &v.signer, err) < 0 ||
	    signed_content_read(request->bundle, request->artifact,
	                        request->sha256, &v.content, err) < 0 ||
	    verify_under_roots(&v, &accepted, err) < 0)
		return -1;
	succeed(&v, accepted, out);
	return 0;
}
