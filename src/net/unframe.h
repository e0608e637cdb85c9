/* SPDX-License-Identifier: Apache-2.0 */
/* From bytes of a bundle file, in whatever pieces they come, to bytes of the
 * tar in it: where each lies follows from the frame (codec/bundle_frame.h), so
 * that nothing is inflated.  Nothing is judged: what the frame itself says is
 * left out unread. */
#ifndef NET_UNFRAME_H
#define NET_UNFRAME_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "net/http.h"

/* Gives those bytes of the tar that lie in [base, base + size) to a sink, by
 * offsets from base. */
struct unframe {
	const struct http_sink *sink;
	uint64_t base;
	uint64_t size;
};

/** unframe_take - http_sink.take for bytes of the file; @context is a struct
 * unframe.  0, or -1 as its sink. */
int unframe_take(void *context, uint64_t offset, const void *data, size_t len,
                 struct err *err) MUST_CHECK;

/** unframe_range - where [@offset, @offset + @len) of the tar lies in the file;
 * @len is not 0. */
struct http_range unframe_range(uint64_t offset, uint64_t len);

#endif
