/* SPDX-License-Identifier: Apache-2.0 */
/* Where an answer in pages goes on: the Link header.  Source: RFC 8288, section
 * 3; GitHub's API and the OCI distribution specification page with it.
 *
 *     <https://api/x?page=2>; rel="next", <https://api/x?page=9>; rel="last" */
#ifndef CODEC_LINK_H
#define CODEC_LINK_H

#include <stdbool.h>
#include <stddef.h>

/**
 * link_next - the target of the first link whose relations have "next".
 * @header: the header's value, several joined by ", "; NUL-terminated.
 * @out:    @size bytes; written only on true, verbatim: it may be relative, and
 *          leads wherever a stranger likes.
 *
 * Returns true; false where there is none, it does not fit, or what stands
 * before it makes no sense.
 */
bool link_next(const char *header, char *out, size_t size);

#endif
