/* SPDX-License-Identifier: Apache-2.0 */
/* What the files behind sealed_bundle.h share:
 *
 *     sealed_bundle.c    a bundle and its parts: opened, found, put, read
 *     sealed_file.c      the frame of a bundle file
 *     sealed_folder.c    parts in files of their own
 *     sealed_release.c   what release.ini says of them
 *     seal.c             writing a bundle file
 *
 * All return 0, or -1 as sealed_bundle_open. */
#ifndef PACK_SEALED_OWN_H
#define PACK_SEALED_OWN_H

#include "pack/sealed_bundle.h"

/** sealed_add_part - put a part, of a kind and number that is not there, into
 * its place.  Its memory and descriptor are the bundle's on 0. */
int sealed_add_part(struct sealed_bundle *bundle, struct sealed_part part,
                    struct err *err) MUST_CHECK;

/* --- sealed_file.c --- */

/** sealed_open_file - prove the frame of bundle->file, and add its parts.
 * @created: out; the time that all headers bear. */
int sealed_open_file(struct sealed_bundle *bundle, int64_t *created,
                     struct err *err) MUST_CHECK;

/** sealed_read_tar - read from the tar in a bundle file, stepping over the
 * heads of the stored blocks. */
int sealed_read_tar(int file, uint64_t offset, void *out, size_t len,
                    struct err *err) MUST_CHECK;

/* --- sealed_folder.c --- */

/** sealed_open_folder - add the parts that lie in @dir. */
int sealed_open_folder(struct sealed_bundle *bundle, int dir,
                       struct err *err) MUST_CHECK;

/* --- sealed_release.c --- */

/** sealed_read_release - read release.ini, and hold all parts against it by
 * name and size. */
int sealed_read_release(struct sealed_bundle *bundle,
                        struct err *err) MUST_CHECK;

/** sealed_check_patches - that each patch which is there is listed with its
 * size; one that is not there is not needed. */
int sealed_check_patches(const struct sealed_bundle *bundle,
                         struct err *err) MUST_CHECK;

#endif
