/* SPDX-License-Identifier: Apache-2.0 */
/* A run of bytes that somebody else owns: what parsers of binary data take.
 * No NUL follows; @data may be NULL only where @len is 0. */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stddef.h>
#include <stdint.h>

struct bytes {
	const uint8_t *data; /* borrowed */
	size_t len;
};

#define BYTES_NONE ((struct bytes){ NULL, 0 })

#endif
