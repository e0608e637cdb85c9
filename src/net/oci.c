/* SPDX-License-Identifier: Apache-2.0 */
#include "net/oci.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "codec/oci_answer.h"
#include "crypto/sha256.h"
#include "net/hashing_sink.h"
#include "net/http_own.h"
#include "net/oci_own.h"
#include "net/refusal.h"

#define TAG_LATEST     "latest"
#define PLATFORMS_SIZE 200 /* bytes of those that an error names */

int oci_open(struct oci_registry *registry, struct http_client *client,
             const struct source_wanted *wanted,
             const struct oci_reference *reference, struct err *err)
{
	struct http_place place;
	struct err why; /* a host that must not be asked in the clear */

	registry->client = client;
	registry->reference = *reference;
	(void)snprintf(registry->base, sizeof registry->base, "http://%s",
	               reference->host);
	if (http_place_of(&client->config, registry->base, &place, &why) < 0)
		(void)snprintf(registry->base, sizeof registry->base,
		               "https://%s", reference->host);
	return oci_auth_open(&registry->auth, client, wanted,
	                     &registry->reference, registry->base, err);
}

void oci_done(struct oci_registry *registry)
{
	oci_auth_done(&registry->auth);
}

/* --- requests ----------------------------------------------------------- */

void oci_make_url(const struct oci_registry *registry, const char *kind,
                  const char *what, char *out)
{
	(void)snprintf(out, OCI_URL_SIZE, "%s/v2/%s/%s/%s", registry->base,
	               registry->reference.repository, kind, what);
}

/* Storage that a blob was redirected to may say 401 as well: that is no word
 * of the registry's. */
static bool is_own_answer(const struct http_request *request,
                          const struct http_response *response)
{
	return strcmp(response->url, request->url) == 0;
}

int oci_ask(struct oci_registry *registry, struct http_request *request,
            struct http_response *out, struct err *err)
{
	struct oci_auth *auth = &registry->auth;

	if (oci_auth_value(auth, &request->authorization, err) < 0 ||
	    http_get(registry->client, request, out, err) < 0)
		return -1;
	registry->has_answered = true;
	if (out->status != 401 || !is_own_answer(request, out))
		return 0;
	if (oci_auth_answer(auth, out, err) < 0 ||
	    oci_auth_value(auth, &request->authorization, err) < 0 ||
	    http_get(registry->client, request, out, err) < 0)
		return -1;
	if (out->status == 401)
		return oci_auth_refused(auth, out, err);
	return 0;
}

int oci_require(const struct oci_registry *registry,
                const struct http_request *request,
                const struct http_response *response, struct err *err)
{
	char said[OCI_ERROR_TEXT_SIZE];
	char why[REFUSAL_TEXT_SIZE];

	if (response->status == 403)
		return oci_auth_refused(&registry->auth, response, err);
	/* Only the body of an error is the text of one. */
	if (response->status < 400)
		return http_require(request, response, err);
	oci_error_text(buf_text(&response->body), response->body.len, said);
	http_redact(registry->client, said);
	if (said[0] == '\0')
		return http_require(request, response, err);
	refusal_explain(response, why);
	return err_set(err, ERR_NETWORK, 0, "%s answers %u %.120s%s",
	               registry->reference.registry, response->status, said,
	               why);
}

/* --- manifests ---------------------------------------------------------- */

/* The type of the answer is that of the document (CVE-2021-41190). */
static int check_type(const struct http_response *response,
                      const struct oci_manifest *manifest, struct err *err)
{
	if (manifest->media_type[0] == '\0' ||
	    strcasecmp(manifest->media_type, response->content_type) == 0)
		return 0;
	return err_set(err, ERR_FORMAT, 0,
	               "the registry calls the manifest '%.80s', but it says "
	               "'%.80s' of itself",
	               response->content_type, manifest->media_type);
}

static int check_digest(const struct oci_name *name,
                        const struct http_response *response,
                        const uint8_t got[OCI_DIGEST_LEN], struct err *err)
{
	uint8_t said[OCI_DIGEST_LEN];
	char is[OCI_DIGEST_SIZE];

	oci_digest_text(got, is);
	if (name->tag == NULL && memcmp(name->digest, got, OCI_DIGEST_LEN) != 0)
		return err_set(err, ERR_FORMAT, 0,
		               "the registry sends a manifest of digest %s",
		               is);
	if (name->tag != NULL &&
	    oci_digest_parse(response->docker_digest,
	                     strlen(response->docker_digest), said) &&
	    memcmp(said, got, OCI_DIGEST_LEN) != 0)
		return err_set(err, ERR_FORMAT, 0,
		               "the registry promises %s and sends a manifest "
		               "of digest %s",
		               response->docker_digest, is);
	return 0;
}

/* The bytes of a manifest, and their digest.  1, 0 where there is none, or -1.
 */
static int ask_manifest(struct oci_registry *registry,
                        const struct oci_name *name,
                        struct http_response *response,
                        uint8_t digest[OCI_DIGEST_LEN], struct err *err)
{
	char text[OCI_DIGEST_SIZE];
	char url[OCI_URL_SIZE];
	struct http_request request = { .url = url,
		                        .accept = OCI_ACCEPT_MANIFESTS,
		                        .body_max = OCI_MANIFEST_MAX };

	oci_digest_text(name->digest, text);
	oci_make_url(registry, "manifests",
	             name->tag != NULL ? name->tag : text, url);
	if (oci_ask(registry, &request, response, err) < 0)
		return -1;
	if (response->status == 404)
		return 0;
	if (oci_require(registry, &request, response, err) < 0 ||
	    sha256_of(response->body.data, response->body.len, digest, err) <
	            0 ||
	    check_digest(name, response, digest, err) < 0)
		return err_wrap(err, "fetching the manifest of %s/%s",
		                registry->reference.registry,
		                registry->reference.repository);
	return 1;
}

static int read_manifest(const struct http_response *response,
                         struct oci_manifest *out, struct err *err)
{
	AUTO_OCI_MANIFEST struct oci_manifest manifest = OCI_MANIFEST_NONE;

	if (oci_manifest_parse(buf_text(&response->body), response->body.len,
	                       &manifest, err) < 0 ||
	    check_type(response, &manifest, err) < 0)
		return -1;
	*out = manifest;
	manifest = OCI_MANIFEST_NONE;
	return 0;
}

int oci_get_manifest(struct oci_registry *registry, const struct oci_name *name,
                     uint8_t digest[OCI_DIGEST_LEN], struct oci_manifest *out,
                     struct err *err)
{
	AUTO_RESPONSE struct http_response response = HTTP_RESPONSE_NONE;
	uint8_t is[OCI_DIGEST_LEN];
	int got = ask_manifest(registry, name, &response, is, err);

	if (got <= 0)
		return got;
	if (read_manifest(&response, out, err) < 0)
		return err_wrap(err, "fetching the manifest of %s/%s",
		                registry->reference.registry,
		                registry->reference.repository);
	memcpy(digest, is, OCI_DIGEST_LEN);
	return 1;
}

int oci_has_manifest(struct oci_registry *registry, const struct oci_name *name,
                     struct err *err)
{
	AUTO_RESPONSE struct http_response response = HTTP_RESPONSE_NONE;
	uint8_t is[OCI_DIGEST_LEN];

	return ask_manifest(registry, name, &response, is, err);
}

/* --- from a reference to a manifest ------------------------------------- */

static int refuse_absent(const struct oci_registry *registry,
                         const struct oci_name *name, struct err *err)
{
	char text[OCI_DIGEST_SIZE];

	oci_digest_text(name->digest, text);
	return err_set(err, ERR_NETWORK, 0,
	               "%s has no artifact '%s%s%s' (or shows it only to those "
	               "who have credentials)",
	               registry->reference.registry,
	               registry->reference.repository,
	               name->tag != NULL ? ":" : "@",
	               name->tag != NULL ? name->tag : text);
}

static int require_manifest(struct oci_registry *registry,
                            const struct oci_name *name,
                            uint8_t digest[OCI_DIGEST_LEN],
                            struct oci_manifest *out, struct err *err)
{
	int got = oci_get_manifest(registry, name, digest, out, err);

	if (got == 0)
		return refuse_absent(registry, name, err);
	return got < 0 ? -1 : 0;
}

static int refuse_platform(const struct oci_manifest *index, const char *os,
                           const char *architecture, struct err *err)
{
	char there[PLATFORMS_SIZE] = "";
	size_t used = 0;

	for (size_t i = 0; i < index->count; i++) {
		const struct oci_descriptor *entry = &index->entries[i];
		int len = snprintf(there + used, sizeof there - used,
		                   "%s%.16s/%.16s", used > 0 ? ", " : "",
		                   entry->os, entry->architecture);

		if (len < 0 || (size_t)len >= sizeof there - used) {
			there[used] = '\0';
			break;
		}
		used += (size_t)len;
	}
	return err_set(err, ERR_NETWORK, 0,
	               "the artifact is not there for %s/%s, but for %s", os,
	               architecture, used > 0 ? there : "nothing");
}

/* The platform's manifest takes the place of the index. */
static int descend(struct oci_registry *registry, const char *os,
                   const char *architecture, struct oci_resolved *resolved,
                   struct err *err)
{
	const struct oci_descriptor *entry =
		oci_index_choose(&resolved->manifest, os, architecture);
	struct oci_manifest manifest;
	struct oci_name name = { .tag = NULL };

	if (entry == NULL)
		return refuse_platform(&resolved->manifest, os, architecture,
		                       err);
	memcpy(name.digest, entry->digest, OCI_DIGEST_LEN);
	if (require_manifest(registry, &name, resolved->digest, &manifest,
	                     err) < 0)
		return -1;
	oci_manifest_done(&resolved->manifest);
	resolved->manifest = manifest;
	if (manifest.kind == OCI_INDEX)
		return err_set(err, ERR_FORMAT, 0,
		               "the index of the artifact leads to another "
		               "index");
	return 0;
}

int oci_resolve(struct oci_registry *registry, const char *os,
                const char *architecture, struct oci_resolved *out,
                struct err *err)
{
	struct oci_resolved resolved = OCI_RESOLVED_NONE;
	const struct oci_reference *reference = &registry->reference;
	struct oci_name name = { .tag = NULL };

	if (reference->has_digest)
		memcpy(name.digest, reference->digest, OCI_DIGEST_LEN);
	else
		name.tag =
			reference->tag[0] != '\0' ? reference->tag : TAG_LATEST;
	if (require_manifest(registry, &name, resolved.pinned,
	                     &resolved.manifest, err) < 0)
		return -1;
	memcpy(resolved.digest, resolved.pinned, OCI_DIGEST_LEN);
	if (resolved.manifest.kind == OCI_INDEX &&
	    descend(registry, os, architecture, &resolved, err) < 0) {
		oci_manifest_done(&resolved.manifest);
		return -1;
	}
	*out = resolved;
	return 0;
}

/* --- blobs -------------------------------------------------------------- */

/* A token ran out on the way. */
static int renew(void *context, const struct http_response *response,
                 struct http_request *request, struct err *err)
{
	struct oci_registry *registry = context;

	if (oci_auth_answer(&registry->auth, response, err) < 0)
		return -1;
	return oci_auth_value(&registry->auth, &request->authorization, err);
}

/* Returns 0, 1 where the registry does not have the blob, or -1. */
static int get_ranges(struct oci_registry *registry,
                      const struct oci_descriptor *blob,
                      const struct http_range *ranges, size_t count,
                      enum http_wholly wholly, const struct http_sink *sink,
                      struct err *err)
{
	char digest[OCI_DIGEST_SIZE];
	char url[OCI_URL_SIZE];
	struct http_body body = { .request = { .url = url },
		                  .size = blob->size,
		                  .size_max = blob->size,
		                  .renew = renew,
		                  .context = registry };

	oci_digest_text(blob->digest, digest);
	oci_make_url(registry, "blobs", digest, url);
	if (oci_auth_value(&registry->auth, &body.request.authorization, err) <
	    0)
		return -1;
	return http_download(registry->client, &body, ranges, count, wholly,
	                     sink, /* size= */ NULL, err);
}

static int refuse_absent_blob(const struct oci_registry *registry,
                              const struct oci_descriptor *blob,
                              struct err *err)
{
	char digest[OCI_DIGEST_SIZE];

	oci_digest_text(blob->digest, digest);
	return err_set(err, ERR_NETWORK, 0,
	               "%s has the manifest of the artifact, but not its blob "
	               "%s",
	               registry->reference.registry, digest);
}

int oci_blob_ranges(struct oci_registry *registry,
                    const struct oci_descriptor *blob,
                    const struct http_range *ranges, size_t count,
                    enum http_wholly wholly, const struct http_sink *sink,
                    struct err *err)
{
	int got = get_ranges(registry, blob, ranges, count, wholly, sink, err);

	return got == 1 ? refuse_absent_blob(registry, blob, err) : got;
}

/* Returns as get_ranges. */
static int give_hashed(struct oci_registry *registry,
                       const struct oci_descriptor *blob,
                       const struct http_sink *sink,
                       uint8_t hash[OCI_DIGEST_LEN], struct err *err)
{
	static const struct http_range all = { 0, HTTP_TO_END };
	AUTO_HASHING_SINK struct hashing_sink hashing = HASHING_SINK_NONE;
	int got = 0;

	if (hashing_sink_begin(&hashing, sink, err) < 0)
		return -1;
	if (blob->size > 0)
		got = get_ranges(registry, blob, &all, 1, HTTP_OR_WHOLE,
		                 &hashing.sink, err);
	return got != 0 ? got : hashing_sink_end(&hashing, hash, err);
}

/* The same. */
static int take_blob(struct oci_registry *registry,
                     const struct oci_descriptor *blob,
                     const struct http_sink *sink, struct err *err)
{
	uint8_t got[OCI_DIGEST_LEN];
	char wanted[OCI_DIGEST_SIZE];
	int result = give_hashed(registry, blob, sink, got, err);

	if (result != 0)
		return result;
	if (memcmp(got, blob->digest, OCI_DIGEST_LEN) == 0)
		return 0;
	oci_digest_text(blob->digest, wanted);
	return err_set(err, ERR_FORMAT, 0,
	               "%s sends other bytes for '%s' than those of %s",
	               registry->reference.registry, blob->title, wanted);
}

int oci_blob(struct oci_registry *registry, const struct oci_descriptor *blob,
             const struct http_sink *sink, struct err *err)
{
	int got = take_blob(registry, blob, sink, err);

	return got == 1 ? refuse_absent_blob(registry, blob, err) : got;
}

static int keep(void *context, uint64_t offset, const void *data, size_t len,
                struct err *err)
{
	(void)offset; /* one range: in order */
	return buf_add(context, data, len, err);
}

int oci_blob_read(struct oci_registry *registry,
                  const struct oci_descriptor *blob, struct buf *out,
                  struct err *err)
{
	const struct http_sink sink = { keep, out };

	return oci_blob(registry, blob, &sink, err);
}

int oci_blob_find(struct oci_registry *registry,
                  const struct oci_descriptor *blob, struct buf *out,
                  struct err *err)
{
	const struct http_sink sink = { keep, out };
	int got = take_blob(registry, blob, &sink, err);

	return got < 0 ? -1 : 1 - got;
}
