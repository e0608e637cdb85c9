/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/roots.h"

static unsigned evidence_of(const struct settings *settings, const char *name,
                            const struct trusted_root *root)
{
	unsigned demand = settings_root_evidence(settings, name);
	unsigned evidence = 0;

	if (demand == 0)
		return sigstore_default_evidence(root);
	if ((demand & ROOT_LOG) != 0)
		evidence |= SIGSTORE_LOG;
	if ((demand & ROOT_TIMESTAMP) != 0)
		evidence |= SIGSTORE_TIMESTAMP;
	if ((demand & ROOT_SCT) != 0)
		evidence |= SIGSTORE_SCT;
	return evidence;
}

static int open_root(const struct evidence_case *given, size_t number,
                     struct evidence_roots *out, struct err *err)
{
	const struct evidence_root *file = &given->roots[number];
	AUTO_TRUSTED_ROOTS struct trusted_roots roots = TRUSTED_ROOTS_NONE;

	if (trusted_roots_parse((const char *)file->text.data, file->text.len,
	                        &roots, err) < 0)
		return -1;
	for (size_t i = 0; i < roots.count; i++) {
		const struct trusted_root *root = &roots.roots[i];
		struct sigstore_trust *trust = NULL;

		if (sigstore_trust_new(
			    root,
			    evidence_of(given->settings, file->name, root),
			    &trust, err) < 0)
			return -1;
		out->files[out->count] = number;
		out->list[out->count] = trust;
		out->owned[out->count++] = trust;
	}
	return 0;
}

int evidence_roots_open(const struct evidence_case *given,
                        struct evidence_roots *out, struct err *err)
{
	for (size_t i = 0; i < given->root_count; i++) {
		const struct evidence_root *file = &given->roots[i];

		if (open_root(given, i, out, err) < 0)
			return err_wrap(err, "%s%strusted_root.json",
			                file->name,
			                file->name[0] != '\0' ? "." : "");
	}
	return 0;
}

void evidence_roots_done(struct evidence_roots *roots)
{
	for (size_t i = 0; i < roots->count; i++)
		sigstore_trust_free(roots->owned[i]);
	roots->count = 0;
}
