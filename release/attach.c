/* SPDX-License-Identifier: Apache-2.0 */
/* package-release attach: evidence that was made elsewhere. */
#include "base/cleanup.h"
#include "files.h"
#include "pack/evidence.h"
#include "request.h"
#include "say.h"
#include "signing.h"

static int attach_file(struct sealed_bundle *bundle, const char *path,
                       int (*add)(struct sealed_bundle *bundle,
                                  const char *text, size_t len,
                                  struct err *err),
                       struct err *err)
{
	AUTO_BUF struct buf text =
		BUF_LIMIT((size_t)part_max_size(PART_ATTESTATION));
	int added;

	if (file_read(path, &text, err) < 0)
		return -1;
	added = add(bundle, buf_text(&text), text.len, err);
	return added < 0 ? err_wrap(err, "'%s'", path) : added;
}

/* Sigstore's are JSON, minisign's begin with a comment. */
static int add_any_signature(struct sealed_bundle *bundle, const char *text,
                             size_t len, struct err *err)
{
	if (len > 0 && text[0] == '{')
		return evidence_add_sigstore(bundle, text, len, err);
	return evidence_add_minisign(bundle, text, len, err);
}

int attach_run(void *context, struct err *err)
{
	const struct request *request = context;
	const char *path = request->operands[0];
	AUTO_SEALED struct sealed_bundle bundle = SEALED_BUNDLE_NONE;
	int signatures = 0;
	int attestations = 0;

	if (request->signature == NULL && request->attestation == NULL)
		return err_set(err, ERR_USAGE, 0,
		               "name what to attach: --signature FILE or "
		               "--attestation FILE");
	if (sealed_bundle_open(path, &bundle, err) < 0)
		return -1;
	if (request->signature != NULL)
		signatures = attach_file(&bundle, request->signature,
		                         add_any_signature, err);
	if (signatures >= 0 && request->attestation != NULL)
		attestations = attach_file(&bundle, request->attestation,
		                           evidence_add_attestations, err);
	if (signatures < 0 || attestations < 0)
		return -1;
	if (signatures + attestations > 0 &&
	    store_added(&bundle, path, err) < 0)
		return -1;
	say(request,
	    signatures + attestations > 0 ? "attached to %s"
	                                  : "%s has it already",
	    path);
	return 0;
}
