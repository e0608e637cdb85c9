/* SPDX-License-Identifier: Apache-2.0 */
#include "sigstore/log_entry.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "codec/checkpoint.h"
#include "codec/rekor_entry.h"
#include "crypto/merkle.h"
#include "crypto/note.h"
#include "sigstore/entry_body.h"

/* --- the promise -----------------------------------------------------------
 */

/* What the log signed: canonical JSON (RFC 8785) of these four. */
static int write_promised(const struct sigstore_log_entry *entry,
                          struct buf *out, struct err *err)
{
	char id[2 * SIGSTORE_LOG_ID_LEN + 1];

	text_to_hex(entry->log_id, sizeof entry->log_id, id);
	return buf_printf(out, err,
	                  "{\"body\":\"%s\",\"integratedTime\":%" PRId64
	                  ",\"logID\":\"%s\",\"logIndex\":%" PRIu64 "}",
	                  entry->body_base64, entry->integrated_time, id,
	                  entry->log_index);
}

static int check_promise(const struct sigstore_log_entry *entry,
                         const struct sigstore_log *log, struct err *err)
{
	AUTO_BUF struct buf text = BUF_NONE;
	struct instant integrated = { entry->integrated_time, 0 };
	struct bytes promised;

	if (write_promised(entry, &text, err) < 0)
		return -1;
	promised = (struct bytes){ (const uint8_t *)text.data, text.len };
	if (public_key_verify(&log->key, promised, entry->promise, err) < 0)
		return err_wrap(err, "inclusionPromise");
	if (!period_holds(&log->period, integrated))
		return err_set(err, ERR_UNTRUSTED, 0,
		               "integratedTime: the log's key was not valid "
		               "then");
	return 0;
}

/* --- the proof
 * ------------------------------------------------------------- */

static int check_inclusion(const struct sigstore_log_entry *entry,
                           struct err *err)
{
	const struct sigstore_proof *proof = &entry->proof;
	const struct merkle_proof path = {
		.index = proof->log_index,
		.size = proof->tree_size,
		.hashes = proof->hashes,
		.count = proof->hash_count,
	};
	uint8_t leaf[SHA256_LEN];

	if (merkle_leaf_hash(entry->body, leaf, err) < 0 ||
	    merkle_verify_inclusion(&path, leaf, proof->root_hash, err) < 0)
		return err_wrap(err, "inclusionProof");
	return 0;
}

static bool is_name(struct bytes name, const char *text)
{
	return text_equal((const char *)name.data, name.len, text);
}

/* Rekor v2 names its key after the origin, its host without the port.  Rekor v1
 * has one key for several trees: "HOST - TREE" is signed by HOST, or
 * HOST:PORT. */
static bool is_name_of_log(struct bytes name, const struct checkpoint *note,
                           const struct sigstore_log *log, bool is_one_tree)
{
	bool is_origin = name.len == note->origin.len &&
	                 memcmp(name.data, note->origin.data, name.len) == 0;

	if (is_one_tree)
		return is_origin &&
		       (log->host[0] == '\0' || is_name(name, log->host));
	return log->host[0] == '\0' || is_name(name, log->host) ||
	       is_name(name, log->host_port);
}

/* Lines of witnesses and of keys that the host does not know are passed over;
 * one that bears the log's own key must be right. */
static int check_note(const struct checkpoint *note,
                      const struct sigstore_log *log, bool is_one_tree,
                      struct err *err)
{
	bool is_signed = false;

	for (size_t i = 0; i < note->signature_count; i++) {
		const struct checkpoint_signature *at = &note->signatures[i];
		struct note_line line = { .name = at->name,
			                  .signature = at->signature };
		int result;

		memcpy(line.key_id, at->key_id, sizeof line.key_id);
		if (!is_name_of_log(line.name, note, log, is_one_tree))
			continue;
		result = note_verify(&line, note->signed_text, &log->key, err);
		if (result < 0)
			return err_wrap(err, "signature of the checkpoint");
		is_signed = is_signed || result == 0;
	}
	if (!is_signed)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "checkpoint: no signature by the log's key");
	return 0;
}

static int check_checkpoint(const struct sigstore_proof *proof,
                            const struct sigstore_log *log, bool is_one_tree,
                            struct err *err)
{
	AUTO_CHECKPOINT struct checkpoint note = CHECKPOINT_NONE;

	if (checkpoint_parse(proof->checkpoint, strlen(proof->checkpoint),
	                     &note, err) < 0)
		return err_wrap(err, "checkpoint");
	if (note.tree_size != proof->tree_size)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "checkpoint: its size is not treeSize");
	if (memcmp(note.root_hash, proof->root_hash, sizeof note.root_hash) !=
	    0)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "checkpoint: its root is not rootHash");
	return check_note(&note, log, is_one_tree, err);
}

static int check_proof(const struct sigstore_log_entry *entry,
                       const struct sigstore_log *log, enum rekor_kind kind,
                       struct err *err)
{
	bool is_one_tree = kind == REKOR_HASHEDREKORD_2;

	if (is_one_tree && entry->log_index != entry->proof.log_index)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "logIndex is not that of inclusionProof");
	if (check_inclusion(entry, err) < 0)
		return -1;
	return check_checkpoint(&entry->proof, log, is_one_tree, err);
}

/* --- one entry
 * ------------------------------------------------------------- */

static int verify_by(const struct sigstore_log_entry *entry,
                     const struct sigstore_log *log, enum rekor_kind kind,
                     struct logged *out, struct err *err)
{
	bool has_promise = entry->promise.len > 0;
	bool has_proof = entry->has_proof && entry->proof.checkpoint[0] != '\0';

	if (!has_promise && !has_proof)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "neither an inclusionPromise nor an "
		               "inclusionProof with a checkpoint");
	if (has_proof && check_proof(entry, log, kind, err) < 0)
		return -1;
	if (has_promise && check_promise(entry, log, err) < 0)
		return -1;
	*out = (struct logged){ entry, log, has_promise };
	return 1;
}

/* A root may list a key twice, for two periods; one of them must do. */
static int verify_by_any(const struct sigstore_log_entry *entry,
                         const struct sigstore_trust *trust,
                         enum rekor_kind kind, struct logged *out,
                         struct err *err)
{
	int result = 0;

	for (size_t i = 0; i < trust->log_count && result <= 0; i++)
		if (memcmp(trust->logs[i].id, entry->log_id,
		           sizeof entry->log_id) == 0)
			result = verify_by(entry, &trust->logs[i], kind, out,
			                   err);
	return result;
}

static bool is_known(const struct sigstore_log_entry *entry,
                     const struct sigstore_trust *trust)
{
	for (size_t i = 0; i < trust->log_count; i++)
		if (memcmp(trust->logs[i].id, entry->log_id,
		           sizeof entry->log_id) == 0)
			return true;
	return false;
}

int log_entry_verify(const struct sigstore_log_entry *entry,
                     const struct sigstore_trust *trust,
                     const struct signed_content *content,
                     const struct signer *signer, struct logged *out,
                     struct err *err)
{
	AUTO_REKOR_ENTRY struct rekor_entry body = REKOR_ENTRY_NONE;

	if (!is_known(entry, trust))
		return 0;
	if (rekor_entry_parse(entry->body, entry->kind, entry->version, &body,
	                      err) < 0 ||
	    entry_body_check(&body, content, signer, err) < 0)
		return -1;
	return verify_by_any(entry, trust, body.kind, out, err);
}
