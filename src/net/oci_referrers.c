/* SPDX-License-Identifier: Apache-2.0 */
/* What refers to a manifest: by the API of registries, else by the tag that
 * stands in for it (OCI distribution specification 1.1, "Listing Referrers").
 */
#include <string.h>

#include "codec/link.h"
#include "net/oci_own.h"

static void note_referrer(const struct oci_descriptor *entry,
                          struct oci_referrers *out)
{
	struct oci_name *name;

	for (size_t i = 0; i < out->count; i++)
		if (memcmp(out->names[i].digest, entry->digest,
		           OCI_DIGEST_LEN) == 0)
			return;
	if (out->count == OCI_REFERRERS_MAX) {
		out->is_cut = true;
		return;
	}
	name = &out->names[out->count++];
	*name = (struct oci_name){ .tag = NULL };
	memcpy(name->digest, entry->digest, OCI_DIGEST_LEN);
}

/* Some lists say the type of the empty config instead of the artifact's, or
 * nothing. */
static bool says_no_type(const struct oci_descriptor *entry)
{
	return entry->artifact_type[0] == '\0' ||
	       strcmp(entry->artifact_type, OCI_TYPE_EMPTY) == 0;
}

static void
note_referrers(const struct oci_manifest *index,
               bool (*is_wanted)(const struct oci_descriptor *entry),
               struct oci_referrers *out)
{
	for (size_t i = 0; index->kind == OCI_INDEX && i < index->count; i++)
		if (says_no_type(&index->entries[i]) ||
		    is_wanted(&index->entries[i]))
			note_referrer(&index->entries[i], out);
}

/* Registries without the API: a tag of the subject's digest leads to an index.
 */
static int ask_tag(struct oci_registry *registry,
                   const uint8_t subject[OCI_DIGEST_LEN],
                   bool (*is_wanted)(const struct oci_descriptor *entry),
                   struct oci_referrers *out, struct err *err)
{
	AUTO_OCI_MANIFEST struct oci_manifest index = OCI_MANIFEST_NONE;
	char tag[OCI_DIGEST_SIZE];
	uint8_t digest[OCI_DIGEST_LEN];
	const struct oci_name name = { .tag = tag };
	int got;

	oci_digest_text(subject, tag);
	*strchr(tag, ':') = '-';
	got = oci_get_manifest(registry, &name, digest, &index, err);
	if (got <= 0)
		return got;
	note_referrers(&index, is_wanted, out);
	return 0;
}

bool oci_next_page(const struct oci_registry *registry,
                   const struct http_response *response, char *url)
{
	char next[HTTP_LINK_SIZE];
	const char *path = next;
	size_t base = strlen(registry->base);
	size_t len;

	if (!link_next(response->link, next, sizeof next))
		return false;
	if (strncmp(next, registry->base, base) == 0)
		path += base;
	len = strlen(path);
	if (path[0] != '/' || path[1] == '/' || base + len >= OCI_URL_SIZE)
		return false;
	memcpy(url, registry->base, base);
	memcpy(url + base, path, len + 1);
	return true;
}

/* Returns 1 with a page, 0 where the registry does not know the API, or -1. */
static int ask_page(struct oci_registry *registry, const char *url,
                    struct http_response *response, struct oci_manifest *out,
                    struct err *err)
{
	struct http_request request = { .url = url,
		                        .accept = OCI_TYPE_INDEX,
		                        .body_max = OCI_MANIFEST_MAX };

	if (oci_ask(registry, &request, response, err) < 0)
		return -1;
	/* 404, 400, 405, 406; some refuse (403) what they do not know. */
	if (response->status >= 400 && response->status < 500)
		return 0;
	if (oci_require(registry, &request, response, err) < 0)
		return -1;
	if (strcmp(response->content_type, OCI_TYPE_INDEX) != 0)
		return 0;
	if (oci_manifest_parse(buf_text(&response->body), response->body.len,
	                       out, err) < 0)
		return -1;
	return 1;
}

/* Returns 1, 0 where the registry does not know the API, or -1. */
static int ask_api(struct oci_registry *registry,
                   const uint8_t subject[OCI_DIGEST_LEN],
                   bool (*is_wanted)(const struct oci_descriptor *entry),
                   struct oci_referrers *out, struct err *err)
{
	AUTO_RESPONSE struct http_response response = HTTP_RESPONSE_NONE;
	char digest[OCI_DIGEST_SIZE];
	char url[OCI_URL_SIZE];

	oci_digest_text(subject, digest);
	oci_make_url(registry, "referrers", digest, url);
	for (unsigned page = 0; page < OCI_REFERRER_PAGES_MAX; page++) {
		AUTO_OCI_MANIFEST struct oci_manifest index = OCI_MANIFEST_NONE;
		int got = ask_page(registry, url, &response, &index, err);

		if (got < 0 || (got == 0 && page == 0))
			return got;
		note_referrers(&index, is_wanted, out);
		if (got == 1 && !oci_next_page(registry, &response, url))
			return 1;
		if (got == 0)
			break; /* a page that it named itself */
	}
	out->is_cut = true;
	return 1;
}

int oci_get_referrers(struct oci_registry *registry,
                      const uint8_t subject[OCI_DIGEST_LEN],
                      bool (*is_wanted)(const struct oci_descriptor *entry),
                      struct oci_referrers *out, struct err *err)
{
	int got = ask_api(registry, subject, is_wanted, out, err);

	if (got == 0)
		got = ask_tag(registry, subject, is_wanted, out, err);
	if (got < 0)
		return err_wrap(err, "looking for further evidence in %s",
		                registry->reference.registry);
	return 0;
}
