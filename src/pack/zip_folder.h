/* SPDX-License-Identifier: Apache-2.0 */
/* A folder as a zip file whose bytes come from names, contents and execute bits
 * alone: the entries in the order of tree_walk.h, all times 1980-01-01, modes
 * 0644 and 0755, no owners, UTF-8 names; each file deflated by zlib at
 * ZIP_LEVEL, or stored where that is no shorter.  Another version of zlib may
 * deflate to other bytes.  Files of any size need the same few pieces of
 * memory; what a file deflates to waits in a file without a name beside the
 * zip.
 *
 * Source: PKWARE's APPNOTE.TXT 6.3.10, without its zip64. */
#ifndef PACK_ZIP_FOLDER_H
#define PACK_ZIP_FOLDER_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define ZIP_LEVEL       6
#define ZIP_ENTRIES_MAX 65535
#define ZIP_FILE_MAX    ((uint64_t)1 << 30) /* bytes of one file */
#define ZIP_SIZE_MAX    UINT32_MAX

/**
 * zip_folder - write the zip file @name (mode 0644) to @to, replacing it at
 * once.
 * @folder: what is packed; borrowed.
 * @skip:   names at its top that are left out, ended by NULL.
 *
 * Returns 0, or -1 with ERR_FORMAT for an empty folder, or for what is neither
 * file nor folder (links too: what they lead to may lie anywhere); ERR_LIMIT;
 * ERR_CONFLICT for a file that changes meanwhile; ERR_SYSTEM.
 */
int zip_folder(int folder, const char *const *skip, int to, const char *name,
               struct err *err) MUST_CHECK;

#endif
