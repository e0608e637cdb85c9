/* SPDX-License-Identifier: Apache-2.0 */
/* A bundle as package-release reads it: one file, or a folder that holds the
 * parts as files of their own.  Opening proves the frame and that the parts are
 * those that release.ini lists, by name and size; pack/check.h holds their
 * bytes against the pins, and release/ judges the signatures. */
#ifndef PACK_SEALED_BUNDLE_H
#define PACK_SEALED_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/part.h"
#include "codec/release_ini.h"
#include "crypto/sha256.h"

#define SEALED_PARTS_MAX                                                       \
	((size_t)PART_KINDS - 3 + PART_SIGNERS_MAX + PART_SIGSTORE_MAX +       \
	 PART_PATCHES_MAX)

/* Where a part's bytes are: in memory, at an offset of the bundle's tar, or in
 * a file of their own. */
struct sealed_part {
	struct part part;
	uint64_t size;
	char *data;      /* owned; NULL unless in memory */
	uint64_t offset; /* in the tar */
	int fd;          /* owned; -1 unless a file of its own */
};

struct sealed_bundle {
	int file;                                   /* owned; -1 for a folder */
	uint64_t tar_size;                          /* of a file */
	struct sealed_part parts[SEALED_PARTS_MAX]; /* in part order */
	size_t count;
	struct buf release_text; /* release.ini, as it lies there */
	struct release_ini release;
};

#define SEALED_BUNDLE_NONE                                                     \
	((struct sealed_bundle){ .file = -1, .release_text = BUF_NONE })
#define AUTO_SEALED AUTO(sealed_bundle_done)

void sealed_bundle_done(struct sealed_bundle *bundle);

/**
 * sealed_bundle_open - open the bundle file or folder of parts at @path.
 * @out: written only on 0; sealed_bundle_done releases it.  It is large
 *       (60 KB): callers keep one at a time.
 *
 * In a folder, names that are no part's are passed over.  Patches lie in
 * folders alone, and may be missing there.
 *
 * Returns 0, or -1 with ERR_FORMAT (frame, order, an unknown, missing or
 * unlisted part, a size that differs from release.ini), ERR_LIMIT, ERR_SYSTEM.
 */
int sealed_bundle_open(const char *path, struct sealed_bundle *out,
                       struct err *err) MUST_CHECK;

/**
 * sealed_bundle_add_beside - add the patches of a bundle file that lie in its
 * folder, under their names; nothing to do for a folder.
 * Returns 0, or -1 as sealed_bundle_open.
 */
int sealed_bundle_add_beside(struct sealed_bundle *bundle, const char *path,
                             struct err *err) MUST_CHECK;

/** sealed_bundle_find - the part, or NULL. */
const struct sealed_part *sealed_bundle_find(const struct sealed_bundle *bundle,
                                             struct part part);

/**
 * sealed_bundle_put - put a part in memory, replacing one of this name. Returns
 * 0, or -1 with ERR_LIMIT or ERR_SYSTEM; then unchanged.
 */
int sealed_bundle_put(struct sealed_bundle *bundle, struct part part,
                      const void *data, size_t len, struct err *err) MUST_CHECK;

/** sealed_part_read - exactly @len bytes of @part from @offset on. */
int sealed_part_read(const struct sealed_bundle *bundle,
                     const struct sealed_part *part, uint64_t offset, void *out,
                     size_t len, struct err *err) MUST_CHECK;

/** sealed_part_load - append a whole part; ERR_LIMIT beyond @out's max. */
int sealed_part_load(const struct sealed_bundle *bundle,
                     const struct sealed_part *part, struct buf *out,
                     struct err *err) MUST_CHECK;

/** sealed_part_digest - the SHA-256 of a part as it lies there. */
int sealed_part_digest(const struct sealed_bundle *bundle,
                       const struct sealed_part *part, uint8_t out[SHA256_LEN],
                       struct err *err) MUST_CHECK;

/**
 * sealed_bundle_write - write the bundle file @name (mode 0644; it must not
 * exist) to @dir: all parts but patches.
 */
int sealed_bundle_write(const struct sealed_bundle *bundle, int dir,
                        const char *name, struct err *err) MUST_CHECK;

/**
 * sealed_bundle_digest - size and digest of the file that sealed_bundle_write
 * would write, and the digest of each part, all of the same bytes: each is read
 * once.  Parts whose digests are those that were verified thus vouch for the
 * whole file, whatever was changed in between.
 * @file:  out.
 * @parts: out, one for each part, patches too.
 */
int sealed_bundle_digest(const struct sealed_bundle *bundle,
                         struct part_pin *file, uint8_t (*parts)[SHA256_LEN],
                         struct err *err) MUST_CHECK;

/**
 * sealed_bundle_name - "<app>-<version>[-<os>-<arch>].tar.gz".
 * @out: BUNDLE_NAME_SIZE bytes.
 */
#define BUNDLE_NAME_SIZE (APP_SIZE + VERSION_SIZE + PLATFORM_SIZE + 16)
void sealed_bundle_name(const struct release_ini *release,
                        char out[BUNDLE_NAME_SIZE]);

/** sealed_bundle_check_crc - hold a bundle file's CRC-32 and length against its
 * bytes, as gzip -t does; nothing to do for a folder. */
int sealed_bundle_check_crc(const struct sealed_bundle *bundle,
                            struct err *err) MUST_CHECK;

#endif
