/* SPDX-License-Identifier: Apache-2.0 */
/* package-release attest: in-toto statements about a release, signed by its
 * keys, in attestation.intoto.jsonl. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "codec/dsse.h"
#include "codec/json_read.h"
#include "codec/sigstore_bundle.h"
#include "codec/sigstore_write.h"
#include "codec/statement.h"
#include "codec/statement_write.h"
#include "crypto/sha256.h"
#include "pack/evidence.h"
#include "package_settings.h"
#include "provenance.h"
#include "say.h"
#include "secret_key.h"
#include "signing.h"

/* One run. */
struct attest {
	const struct request *request; /* borrowed */
	struct sealed_bundle bundle;   /* owned */
	struct package_settings *settings;
	struct secret_keys keys;
	int added; /* statements */
};

static void attest_done(struct attest *attest)
{
	secret_keys_done(&attest->keys);
	sealed_bundle_done(&attest->bundle);
	free(attest->settings);
}

/* --- what it is about -------------------------------------------------------
 */

static int add_release(const struct sealed_bundle *bundle, struct attested *out,
                       struct err *err)
{
	struct attested_part *part = &out->parts[out->count];

	part->name = "release.ini";
	if (sha256_of(bundle->release_text.data, bundle->release_text.len,
	              part->sha256, err) < 0)
		return -1;
	out->count++;
	return 0;
}

static void add_pinned(const struct sealed_bundle *bundle, enum part_kind kind,
                       const char *name, struct attested *out)
{
	const struct part_pin *pin = &bundle->release.parts[kind];

	if (!pin->is_present)
		return;
	out->parts[out->count].name = name;
	memcpy(out->parts[out->count].sha256, pin->sha256, DIGEST_LEN);
	out->count++;
}

/* --- provenance -------------------------------------------------------------
 */

static int make_provenance(const struct attest *attest, struct buf *out,
                           struct err *err)
{
	AUTO_PROVENANCE struct provenance_facts facts = { .text_count = 0 };
	struct attested attested = { .count = 0 };

	if (provenance_gather(attest->request, &attest->bundle.release, &facts,
	                      err) < 0 ||
	    add_release(&attest->bundle, &attested, err) < 0)
		return -1;
	add_pinned(&attest->bundle, PART_PAYLOAD, "payload.tar.gz", &attested);
	add_pinned(&attest->bundle, PART_SBOM, "sbom.json", &attested);
	return statement_write_provenance(&attested, &facts.build, out, err);
}

/* --- SBOM -------------------------------------------------------------------
 */

/* sbom.json as release.ini pins it. */
static int load_sbom(const struct sealed_bundle *bundle, struct buf *out,
                     struct err *err)
{
	const struct part part = { .kind = PART_SBOM };
	const struct part_pin *pin = &bundle->release.parts[PART_SBOM];
	const struct sealed_part *held = sealed_bundle_find(bundle, part);
	uint8_t digest[SHA256_LEN];

	if (held == NULL)
		return err_set(err, ERR_USAGE, 0, "the release has no SBOM");
	if (sealed_part_load(bundle, held, out, err) < 0 ||
	    sha256_of(out->data, out->len, digest, err) < 0)
		return -1;
	if (!sha256_equal(digest, pin->sha256))
		return err_set(err, ERR_FORMAT, 0,
		               "its SHA-256 is not what release.ini says");
	return 0;
}

/* The predicate type that goes with the document. */
static int sbom_type(const struct buf *text, const char **out, struct err *err)
{
	AUTO_JSON_DOCUMENT struct json_document document = JSON_DOCUMENT_NONE;
	struct json_node top;
	struct json_node cyclonedx;
	struct json_node spdx;

	if (json_read(buf_text(text), text->len, JSON_READ_MAX, &document,
	              err) < 0)
		return -1;
	top = json_top(&document);
	cyclonedx = json_member(&top, "bomFormat");
	spdx = json_member(&top, "spdxVersion");
	if (!json_is_present(&cyclonedx) && !json_is_present(&spdx))
		return err_set(err, ERR_FORMAT, 0,
		               "it is neither CycloneDX nor SPDX");
	*out = json_is_present(&cyclonedx) ? PREDICATE_CYCLONEDX
	                                   : PREDICATE_SPDX;
	return 0;
}

static int make_sbom(const struct attest *attest, struct buf *out,
                     struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(JSON_READ_MAX);
	struct attested attested = { .count = 0 };
	const char *type = NULL;

	if (load_sbom(&attest->bundle, &text, err) < 0 ||
	    sbom_type(&text, &type, err) < 0)
		return err_wrap(err, "sbom.json");
	if (add_release(&attest->bundle, &attested, err) < 0)
		return -1;
	add_pinned(&attest->bundle, PART_PAYLOAD, "payload.tar.gz", &attested);
	return statement_write_predicate(&attested, type, buf_text(&text),
	                                 text.len, out, err);
}

/* --- signing ----------------------------------------------------------------
 */

static int write_by_minisign(const struct minisign_signer *signer,
                             struct bytes payload, struct bytes pae,
                             struct buf *lines, struct err *err)
{
	uint8_t signature[MINISIGN_SIG_LEN];
	char id[MINISIGN_ID_TEXT];

	minisign_id_text(minisign_signer_public(signer)->id, id);
	if (minisign_sign_envelope(signer, pae, signature, err) < 0 ||
	    dsse_write(DSSE_TYPE_INTOTO, payload, id,
	               (struct bytes){ signature, sizeof signature }, lines,
	               err) < 0)
		return -1;
	return buf_adds(lines, "\n", err);
}

/* Whether a line of the attestations is this payload, signed by @key: ECDSA
 * signatures of the same bytes differ, so that only checking can tell. */
static bool is_line_by(const char *line, size_t len,
                       const struct public_key *key, struct bytes payload,
                       struct bytes pae)
{
	AUTO_SIGSTORE struct sigstore_bundle held = SIGSTORE_BUNDLE_NONE;
	struct err ignored; /* another kind of line is another's */

	if (sigstore_bundle_parse(line, len, &held, &ignored) < 0)
		return false;
	return held.material == SIGSTORE_PUBLIC_KEY &&
	       held.content == SIGSTORE_ENVELOPE &&
	       held.envelope.payload.len == payload.len &&
	       memcmp(held.envelope.payload.data, payload.data, payload.len) ==
	               0 &&
	       public_key_verify(key, pae, held.signature, &ignored) == 0;
}

static int was_attested_by(const struct sealed_bundle *bundle,
                           const struct public_key *key, struct bytes payload,
                           struct bytes pae, struct err *err)
{
	const struct part part = { .kind = PART_ATTESTATION };
	const struct sealed_part *held = sealed_bundle_find(bundle, part);
	AUTO_BUF struct buf text = BUF_NONE;
	const char *at;

	if (held == NULL)
		return 0;
	if (sealed_part_load(bundle, held, &text, err) < 0)
		return -1;
	for (at = buf_text(&text); *at != '\0'; at += strspn(at, "\n")) {
		size_t len = strcspn(at, "\n");

		if (is_line_by(at, len, key, payload, pae))
			return 1;
		at += len;
	}
	return 0;
}

static int write_by_cosign(const struct sealed_bundle *bundle,
                           const struct cosign_signer *signer,
                           struct bytes payload, struct bytes pae,
                           struct buf *lines, struct err *err)
{
	const struct public_key *key = cosign_signer_public(signer);
	struct cosign_signature signature;
	int there = was_attested_by(bundle, key, payload, pae, err);

	if (there != 0)
		return there < 0 ? -1 : 0;
	if (cosign_sign(signer, pae, &signature, err) < 0 ||
	    sigstore_write_envelope(
		    key->id, DSSE_TYPE_INTOTO, payload,
		    (struct bytes){ signature.data, signature.len }, lines,
		    err) < 0)
		return -1;
	return buf_adds(lines, "\n", err);
}

/* Sign @statement by each key, and add all lines or none.  It is read first as
 * hosts do: what they would not take is not signed. */
static int add_statement(struct attest *attest, const struct buf *statement,
                         struct err *err)
{
	const struct secret_keys *keys = &attest->keys;
	const struct bytes payload = buf_bytes(statement);
	AUTO_STATEMENT struct statement parsed = STATEMENT_NONE;
	AUTO_BUF struct buf pae = BUF_NONE;
	AUTO_BUF struct buf lines = BUF_NONE;
	int added;

	if (statement_parse(buf_text(statement), statement->len, &parsed, err) <
	            0 ||
	    dsse_pae(DSSE_TYPE_INTOTO, payload, &pae, err) < 0)
		return -1;
	if (keys->minisign != NULL &&
	    write_by_minisign(keys->minisign, payload, buf_bytes(&pae), &lines,
	                      err) < 0)
		return -1;
	if (keys->cosign != NULL &&
	    write_by_cosign(&attest->bundle, keys->cosign, payload,
	                    buf_bytes(&pae), &lines, err) < 0)
		return -1;
	if (lines.len == 0)
		return 0;
	added = evidence_add_attestations(&attest->bundle, buf_text(&lines),
	                                  lines.len, err);
	return added < 0 ? err_wrap(err, "attestation.intoto.jsonl") : added;
}

/* --- the command ------------------------------------------------------------
 */

struct statement_kind {
	const char *name;
	int (*make)(const struct attest *attest, struct buf *out,
	            struct err *err);
};

static const struct statement_kind kinds[] = {
	{ "provenance", make_provenance },
	{ "sbom", make_sbom },
};

#define KINDS (sizeof kinds / sizeof *kinds)

static bool is_named(const struct request *request, const char *kind)
{
	for (size_t i = 0; i < request->statements.count; i++)
		if (strcmp(request->statements.at[i], kind) == 0)
			return true;
	return false;
}

static int check_named(const struct request *request, struct err *err)
{
	for (size_t i = 0; i < request->statements.count; i++) {
		const char *name = request->statements.at[i];

		if (strcmp(name, kinds[0].name) != 0 &&
		    strcmp(name, kinds[1].name) != 0)
			return err_set(err, ERR_USAGE, 0,
			               "--statement: '%s' is neither "
			               "provenance nor sbom",
			               name);
	}
	return 0;
}

/* Where nobody asked for a statement on the SBOM, a release without one, or
 * with one that is too large, is attested without it. */
static bool may_lack_sbom(const struct attest *attest, const struct err *err)
{
	const struct part_pin *pin = &attest->bundle.release.parts[PART_SBOM];
	char why[ERR_TEXT_MAX];

	if (attest->request->statements.count > 0)
		return false;
	if (pin->is_present && err->code == ERR_LIMIT)
		warn_user("the statement on sbom.json (%llu bytes) is left "
		          "out: %s; release.ini pins it all the same",
		          (unsigned long long)pin->size,
		          err_format(err, why, sizeof why));
	return !pin->is_present || err->code == ERR_LIMIT;
}

static int attest_kind(struct attest *attest, const struct statement_kind *kind,
                       struct err *err)
{
	AUTO_BUF struct buf statement = BUF_LIMIT(JSON_READ_MAX);
	int added;

	if (attest->request->statements.count > 0 &&
	    !is_named(attest->request, kind->name))
		return 0;
	added = kind->make(attest, &statement, err);
	if (added == 0)
		added = add_statement(attest, &statement, err);
	if (added < 0 && kind->make == make_sbom && may_lack_sbom(attest, err))
		return 0;
	if (added < 0)
		return err_wrap(err, "attesting %s", kind->name);
	attest->added += added;
	return 0;
}

static int attest_all(struct attest *attest, const char *path, struct err *err)
{
	const struct request *request = attest->request;

	if (check_named(request, err) < 0 ||
	    package_settings_load(request, &attest->settings, err) < 0 ||
	    sealed_bundle_open(path, &attest->bundle, err) < 0 ||
	    secret_keys_require(request, attest->settings, "attest", path,
	                        &attest->keys, err) < 0)
		return -1;
	for (size_t i = 0; i < KINDS; i++)
		if (attest_kind(attest, &kinds[i], err) < 0)
			return -1;
	return attest->added > 0 ? store_added(&attest->bundle, path, err) : 0;
}

int attest_run(void *context, struct err *err)
{
	const struct request *request = context;
	AUTO(attest_done)
	struct attest attest = { .request = request,
		                 .bundle = SEALED_BUNDLE_NONE,
		                 .keys = SECRET_KEYS_NONE };
	struct signer_names names;

	if (attest_all(&attest, request->operands[0], err) < 0)
		return -1;
	name_signers(&attest.keys, &names);
	say_signers(request, &attest.bundle, &names,
	            attest.added > 0 ? "is attested" : "was attested before");
	return 0;
}
