/* SPDX-License-Identifier: Apache-2.0 */
/* Allocations that fail on demand: what the linker's --wrap puts in the place
 * of malloc and its kin in our code, which gives jansson its memory too. */
#ifndef NOMEM_SHORT_MEMORY_H
#define NOMEM_SHORT_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/** short_memory_begin - let the @nth allocation from now on fail (1 is the
 * next one), and all behind it succeed; 0: none. */
void short_memory_begin(size_t nth);

/**
 * short_memory_end - back to plenty.
 * @leaked: out, blocks that were allocated since and not freed; may be NULL.
 * Returns whether an allocation failed.
 */
bool short_memory_end(long *leaked);

#endif
