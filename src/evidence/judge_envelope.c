/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "codec/dsse.h"
#include "codec/statement.h"
#include "crypto/minisign.h"
#include "evidence/judging.h"

static void find_keys(const struct evidence_case *given, struct bytes pae,
                      struct bytes signature, struct evidence_verdict *out)
{
	struct err ignored; /* that no key matches is said at the end */

	for (size_t i = 0; i < given->cosign_key_count; i++)
		if (public_key_verify(given->cosign_keys[i], pae, signature,
		                      &ignored) == 0)
			out->cosign_keys |= (uint64_t)1 << i;
	for (size_t i = 0; i < given->minisign_key_count; i++)
		if (minisign_verify_envelope(given->minisign_keys[i], pae,
		                             signature, &ignored) == 0)
			out->minisign_keys |= (uint64_t)1 << i;
}

static int check_signatures(const struct judging *judging,
                            const struct dsse_envelope *envelope,
                            struct evidence_verdict *out, struct err *err)
{
	AUTO_BUF struct buf pae = BUF_NONE;

	if (dsse_pae(envelope->payload_type, envelope->payload, &pae, err) < 0)
		return -1;
	for (size_t i = 0; i < envelope->signature_count; i++)
		find_keys(judging->given, buf_bytes(&pae),
		          envelope->signatures[i].signature, out);
	if ((out->cosign_keys | out->minisign_keys) != 0)
		return 0;
	return err_set(err, ERR_UNTRUSTED, 0,
	               "no key of the trust folder made its signature");
}

static int check_statement(const struct judging *judging,
                           const struct dsse_envelope *envelope,
                           struct evidence_verdict *out, struct err *err)
{
	AUTO_STATEMENT struct statement statement = STATEMENT_NONE;

	if (strcmp(envelope->payload_type, DSSE_TYPE_INTOTO) != 0)
		return err_set(err, ERR_FORMAT, 0,
		               "payloadType is not " DSSE_TYPE_INTOTO);
	if (statement_parse((const char *)envelope->payload.data,
	                    envelope->payload.len, &statement, err) < 0)
		return -1;
	if (statement_find(&statement, judging->sha256, judging->sha512) ==
	    NULL)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "release.ini is not among its subjects");
	out->kind = VERDICT_ATTESTATION;
	out->is_provenance = statement.is_provenance ? 1 : 0;
	return 0;
}

/* Signatures first: what nobody vouches for is not looked into. */
int judging_envelope(const struct judging *judging, struct bytes text,
                     struct evidence_verdict *out, struct err *err)
{
	AUTO_DSSE struct dsse_file file = DSSE_FILE_NONE;

	if (dsse_parse((const char *)text.data, text.len, &file, err) < 0 ||
	    check_signatures(judging, &file.envelope, out, err) < 0)
		return -1;
	return check_statement(judging, &file.envelope, out, err);
}
