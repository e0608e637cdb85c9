/* SPDX-License-Identifier: Apache-2.0 */
/* One repository of an OCI registry, pulled from.  Source: the OCI distribution
 * specification 1.1, sections "Pull" and "Content Discovery".
 *
 * A tag is asked for once; all that follows goes by digest, so that a tag that
 * moves meanwhile changes nothing, and every byte that is handed out was
 * hashed.  Plain http is used for the hosts that the client's configuration
 * names, https for all others. */
#ifndef NET_OCI_H
#define NET_OCI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "codec/oci_manifest.h"
#include "codec/oci_reference.h"
#include "net/http.h"
#include "net/oci_auth.h"
#include "net/source.h"

#define OCI_BASE_SIZE          (OCI_NAME_MAX + 16) /* "https://host" */
#define OCI_REFERRERS_MAX      64 /* of one subject, that are of use */
#define OCI_REFERRER_PAGES_MAX 8

struct oci_registry {
	struct http_client *client;     /* borrowed */
	struct oci_reference reference; /* what is asked for */
	char base[OCI_BASE_SIZE];       /* "https://ghcr.io" */
	struct oci_auth auth;           /* owned */
	bool has_answered; /* something, if only that it lets nobody in */
};

/**
 * oci_open - prepare for one reference; asks nobody yet.
 * @registry: zeroed memory that stays where it is; release it with oci_done,
 *            also after -1.
 *
 * Returns 0, or -1 as oci_reference_parse and oci_auth_open.
 */
int oci_open(struct oci_registry *registry, struct http_client *client,
             const struct source_wanted *wanted,
             const struct oci_reference *reference, struct err *err) MUST_CHECK;

/** oci_done - release it. */
void oci_done(struct oci_registry *registry);

/* What a manifest is asked by. */
struct oci_name {
	const char *tag; /* NULL: by digest */
	uint8_t digest[OCI_DIGEST_LEN];
};

/**
 * oci_get_manifest - fetch and read a manifest or an index.
 * @digest: out, of its bytes.
 * @out:    written only on 1; to be released with oci_manifest_done.
 *
 * Asked by digest, the bytes must have it; asked by tag, they must have the one
 * that the registry says, if it does.
 *
 * Returns 1, 0 when the registry has none of that name, -1 with ERR_NETWORK,
 * ERR_FORMAT, ERR_LIMIT, ERR_SYSTEM.
 */
int oci_get_manifest(struct oci_registry *registry, const struct oci_name *name,
                     uint8_t digest[OCI_DIGEST_LEN], struct oci_manifest *out,
                     struct err *err) MUST_CHECK;

/**
 * oci_has_manifest - whether the registry has a manifest of that name, whose
 * bytes have that digest; what they say is not read.
 * Returns as oci_get_manifest.
 */
int oci_has_manifest(struct oci_registry *registry, const struct oci_name *name,
                     struct err *err) MUST_CHECK;

/* What a reference led to. */
struct oci_resolved {
	uint8_t pinned[OCI_DIGEST_LEN]; /* what the tag was, or the digest */
	uint8_t digest[OCI_DIGEST_LEN]; /* of manifest; another, where pinned is
	                                 * an index */
	struct oci_manifest manifest;   /* owned; never an index */
};

#define OCI_RESOLVED_NONE                                                      \
	((struct oci_resolved){ .manifest = OCI_MANIFEST_NONE })

/**
 * oci_resolve - the manifest that the registry's reference stands for, on a
 * machine of that platform.
 * @out: written only on 0; release its manifest.
 *
 * Returns 0, or -1 as oci_get_manifest; ERR_NETWORK where the registry has no
 * such artifact, or none for the platform.
 */
int oci_resolve(struct oci_registry *registry, const char *os,
                const char *architecture, struct oci_resolved *out,
                struct err *err) MUST_CHECK;

/**
 * oci_blob_ranges - ranges of a blob to a sink; not hashed.
 * @wholly: as http_download has it.
 *
 * Returns 0, or -1 as http_download; a blob that is not there is ERR_NETWORK.
 */
int oci_blob_ranges(struct oci_registry *registry,
                    const struct oci_descriptor *blob,
                    const struct http_range *ranges, size_t count,
                    enum http_wholly wholly, const struct http_sink *sink,
                    struct err *err) MUST_CHECK;

/**
 * oci_blob - a whole blob to a sink, in order, hashed.
 * Returns 0; or -1 as oci_blob_ranges, or ERR_FORMAT for another digest: the
 * sink then has bytes that are to be thrown away.
 */
int oci_blob(struct oci_registry *registry, const struct oci_descriptor *blob,
             const struct http_sink *sink, struct err *err) MUST_CHECK;

/** oci_blob_read - append a whole blob, of at most @out->max bytes, to @out. */
int oci_blob_read(struct oci_registry *registry,
                  const struct oci_descriptor *blob, struct buf *out,
                  struct err *err) MUST_CHECK;

/** oci_blob_find - the same, of one that may not be there: 1, 0 where the
 * registry does not have it, or -1. */
int oci_blob_find(struct oci_registry *registry,
                  const struct oci_descriptor *blob, struct buf *out,
                  struct err *err) MUST_CHECK;

/* Manifests that name another as their subject. */
struct oci_referrers {
	struct oci_name names[OCI_REFERRERS_MAX];
	size_t count;
	bool is_cut; /* there are more, or may be */
};

/**
 * oci_get_referrers - what refers to @subject and, by what the list says of it,
 * may be what @is_wanted looks for; appended to @out, what is in it already not
 * twice.
 *
 * By the referrers API, else by the tag "sha256-<hex>".  Entries that do not
 * say their type are taken as well: their manifests tell.  Beyond
 * OCI_REFERRERS_MAX of those and OCI_REFERRER_PAGES_MAX pages the rest is left
 * out, which is_cut tells.
 *
 * Returns 0, or -1 as oci_get_manifest.
 */
int oci_get_referrers(struct oci_registry *registry,
                      const uint8_t subject[OCI_DIGEST_LEN],
                      bool (*is_wanted)(const struct oci_descriptor *entry),
                      struct oci_referrers *out, struct err *err) MUST_CHECK;

#endif
