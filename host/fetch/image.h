/* SPDX-License-Identifier: Apache-2.0 */
/* Asking a registry for the manifest of an image, for check-health: whether it
 * answers, lets this host in, and has it. */
#ifndef FETCH_IMAGE_H
#define FETCH_IMAGE_H

#include "base/err.h"
#include "net/http.h"
#include "net/oci.h"
#include "report.h"
#include "sources.h"

/**
 * image_open - prepare for the image that the request names.
 * @registry: as oci_open has it.
 * Returns 0, or -1 as oci_reference_parse and oci_open.
 */
int image_open(const struct asked *asked, struct http_client *client,
               struct oci_registry *registry, struct err *err) MUST_CHECK;

/** image_find - look for the image, and tell by an ORIGIN that it is there.  1,
 * 0 where the registry does not have it, or -1 as oci_get_manifest. */
int image_find(struct oci_registry *registry, struct report *report,
               struct err *err) MUST_CHECK;

/** image_answered - before a failure is told: the registry had answered, so
 * that it is there and refuses.  That this cannot be said changes nothing. */
void image_answered(struct report *report);

/**
 * image_ask - ask for the image that the request names.
 * Returns 0 where the registry let us in, with an ORIGIN where it has the
 * image; or -1 as oci_get_manifest.
 */
int image_ask(const struct asked *asked, struct http_client *client,
              struct report *report, struct err *err) MUST_CHECK;

#endif
