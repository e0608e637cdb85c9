/* SPDX-License-Identifier: Apache-2.0 */
/* Properties: an accepted bundle has what its version demands, and what lies in
 * it can be given to the codecs of its parts. */
#include "codec/base64.h"
#include "codec/checkpoint.h"
#include "codec/rekor_entry.h"
#include "codec/sigstore_bundle.h"
#include "codec/statement.h"
#include "round_trip.h"

static void check_parts(const struct sigstore_log_entry *entry)
{
	AUTO_REKOR_ENTRY struct rekor_entry body = REKOR_ENTRY_NONE;
	AUTO_CHECKPOINT struct checkpoint checkpoint = CHECKPOINT_NONE;
	const char *note = entry->proof.checkpoint;
	struct err err;

	(void)rekor_entry_parse(entry->body, entry->kind, entry->version, &body,
	                        &err);
	(void)checkpoint_parse(note, strlen(note), &checkpoint, &err);
}

static void check_entry(const struct sigstore_bundle *bundle,
                        const struct sigstore_log_entry *entry)
{
	AUTO_BUF struct buf base64 = BUF_NONE;
	struct err err;

	if (bundle->version == SIGSTORE_V0_1)
		require(entry->promise.len > 0);
	else
		require(entry->has_proof && entry->proof.checkpoint[0] != '\0');
	if (entry->has_proof)
		require(entry->proof.log_index < entry->proof.tree_size);
	require(entry->proof.hash_count <= SIGSTORE_HASHES_MAX);
	for (size_t i = 0; i < entry->proof.hash_count; i++)
		require(entry->proof.hashes[i][0] <= UINT8_MAX);
	require(entry->integrated_time >= 0);
	require(entry->kind[0] != '\0' && entry->version[0] != '\0');
	require(base64_add(&base64, entry->body.data, entry->body.len, &err) ==
	        0);
	require_same(&base64, entry->body_base64, strlen(entry->body_base64));
	check_parts(entry);
}

static void check_content(const struct sigstore_bundle *bundle)
{
	AUTO_STATEMENT struct statement statement = STATEMENT_NONE;
	const struct dsse_envelope *envelope = &bundle->envelope;
	struct err err;

	require(bundle->signature.len > 0);
	if (bundle->content == SIGSTORE_MESSAGE)
		return;
	require(envelope->signature_count == 1);
	(void)statement_parse((const char *)envelope->payload.data,
	                      envelope->payload.len, &statement, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_SIGSTORE struct sigstore_bundle bundle = SIGSTORE_BUNDLE_NONE;
	struct err err;

	if (sigstore_bundle_parse((const char *)data, size, &bundle, &err) < 0)
		return 0;
	require((bundle.material == SIGSTORE_CERTIFICATE) ==
	        (bundle.certificate_count > 0));
	require(bundle.version != SIGSTORE_V0_3 ||
	        bundle.certificate_count <= 1);
	require(bundle.hint != NULL);
	for (size_t i = 0; i < bundle.entry_count; i++)
		check_entry(&bundle, &bundle.entries[i]);
	for (size_t i = 0; i < bundle.timestamp_count; i++)
		require(bundle.timestamps[i].len > 0);
	check_content(&bundle);
	return 0;
}
