/* SPDX-License-Identifier: Apache-2.0 */
/* lock verify: a registry that a lockfile names. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lock_check.h"
#include "net/oci.h"

/* --- the registry -------------------------------------------------------- */

/* All types: what was published is to be there still. */
static bool is_any(const struct oci_descriptor *entry)
{
	(void)entry;
	return true;
}

/* @name by its digest, which the registry then keeps to; or by its tag. */
static int check_name(struct checking *checking,
                      const struct packs_lock_pack *pack,
                      struct oci_registry *registry,
                      const struct oci_name *name, const char *shown,
                      struct err *err)
{
	AUTO_OCI_MANIFEST struct oci_manifest manifest = OCI_MANIFEST_NONE;
	uint8_t digest[OCI_DIGEST_LEN];
	char is[OCI_DIGEST_SIZE];
	char text[LOCK_TEXT_SIZE];
	int got = oci_get_manifest(registry, name, digest, &manifest, err);

	if (got < 0)
		return -1;
	if (got == 0) {
		(void)snprintf(text, sizeof text, "%.500s is not there", shown);
		return check_tell(checking, pack, CHECK_FAILED, text, err);
	}
	if (memcmp(digest, pack->digest, sizeof digest) != 0) {
		oci_digest_text(digest, is);
		(void)snprintf(text, sizeof text,
		               "%.500s is %s now: it was moved", shown, is);
		return check_tell(checking, pack, CHECK_FAILED, text, err);
	}
	(void)snprintf(text, sizeof text, "%.500s has the digest", shown);
	return check_tell(checking, pack, CHECK_OK, text, err);
}

static int check_tag(struct checking *checking,
                     const struct packs_lock_pack *pack,
                     struct oci_registry *registry, const char *tag,
                     struct err *err)
{
	const struct oci_name name = { .tag = tag };
	char shown[LOCK_TEXT_SIZE];

	(void)snprintf(shown, sizeof shown, "%s/%s:%s",
	               registry->reference.registry,
	               registry->reference.repository, tag);
	return check_name(checking, pack, registry, &name, shown, err);
}

static int check_digest(struct checking *checking,
                        const struct packs_lock_pack *pack,
                        struct oci_registry *registry, struct err *err)
{
	struct oci_name name = { .tag = NULL };
	char digest[OCI_DIGEST_SIZE];
	char shown[LOCK_TEXT_SIZE];

	memcpy(name.digest, pack->digest, sizeof name.digest);
	oci_digest_text(pack->digest, digest);
	(void)snprintf(shown, sizeof shown, "%s/%s@%s",
	               registry->reference.registry,
	               registry->reference.repository, digest);
	return check_name(checking, pack, registry, &name, shown, err);
}

static bool is_listed(const struct oci_referrers *referrers,
                      const uint8_t digest[OCI_DIGEST_LEN])
{
	for (size_t i = 0; i < referrers->count; i++)
		if (memcmp(referrers->names[i].digest, digest,
		           OCI_DIGEST_LEN) == 0)
			return true;
	return false;
}

static int check_referrers(struct checking *checking,
                           const struct packs_lock_pack *pack,
                           struct oci_registry *registry, struct err *err)
{
	struct oci_referrers referrers = { .count = 0 };
	char digest[OCI_DIGEST_SIZE];
	char text[LOCK_TEXT_SIZE];

	if (pack->referrer_count == 0)
		return 0;
	if (oci_get_referrers(registry, pack->digest, is_any, &referrers, err) <
	    0)
		return -1;
	for (size_t i = 0; i < pack->referrer_count; i++) {
		const struct packs_lock_referrer *wanted = &pack->referrers[i];
		bool is_there = is_listed(&referrers, wanted->digest);

		oci_digest_text(wanted->digest, digest);
		(void)snprintf(text, sizeof text, "referrer %s (%.200s) is %s",
		               digest, wanted->artifact_type,
		               is_there ? "listed" : "not listed any more");
		if (check_tell(checking, pack,
		               is_there ? CHECK_OK : CHECK_FAILED, text,
		               err) < 0)
			return -1;
	}
	return 0;
}

/* The reference's own tag, and the others that were set. */
static int check_tags(struct checking *checking,
                      const struct packs_lock_pack *pack,
                      struct oci_registry *registry, struct err *err)
{
	const char *own = registry->reference.tag;

	if (own[0] != '\0' && check_tag(checking, pack, registry, own, err) < 0)
		return -1;
	for (size_t i = 0; i < pack->tag_count; i++)
		if (strcmp(pack->tags[i], own) != 0 &&
		    check_tag(checking, pack, registry, pack->tags[i], err) < 0)
			return -1;
	return 0;
}

static int ask_registry(struct checking *checking,
                        const struct packs_lock_pack *pack,
                        const struct oci_reference *reference, struct err *err)
{
	AUTO_PUBLISH_CREDENTIAL struct publish_credential credential =
		PUBLISH_CREDENTIAL_NONE;
	AUTO_FREE struct oci_registry *registry = calloc(1, sizeof *registry);
	struct source_wanted wanted = { .app = NULL, .version = "" };
	int result;

	if (registry == NULL)
		return err_nomem(err);
	if (publish_credentials_registry(&checking->credentials, reference,
	                                 &credential, err) < 0)
		return -1;
	publish_credential_fill(&credential, &wanted);
	result = oci_open(registry, checking->web.client, &wanted, reference,
	                  err);
	if (result == 0)
		result = check_digest(checking, pack, registry, err);
	if (result == 0)
		result = check_tags(checking, pack, registry, err);
	if (result == 0)
		result = check_referrers(checking, pack, registry, err);
	oci_done(registry);
	return result;
}

int check_registry(struct checking *checking,
                   const struct packs_lock_pack *pack, const char *address,
                   struct err *err)
{
	struct oci_reference reference;

	if (oci_reference_parse(address, &reference, err) < 0)
		return -1;
	return ask_registry(checking, pack, &reference, err);
}
