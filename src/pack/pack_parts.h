/* SPDX-License-Identifier: Apache-2.0 */
/* parts.tar.xz: the small pinned parts once more, as one compressed file for
 * the way to a host (docs/bundle-format.md, "parts.tar.xz").  Lists of many
 * files shrink to a fifth, and one request brings them all. */
#ifndef PACK_PACK_PARTS_H
#define PACK_PACK_PARTS_H

#include "base/err.h"
#include "codec/release_ini.h"

#define PACK_PARTS_PRESET 6 /* of xz: 9 MiB of memory to unpack */

/** pack_parts_encoder - what release.ini says of the encoder. */
const char *pack_parts_encoder(void);

/**
 * pack_parts - write parts.tar.xz to @dir.
 * @dir:     holds the other parts.
 * @release: its pins of the parts that are packed.
 * @out:     its own pin; not present, and no file is left, where it would be
 *           larger than part_max_size says: hosts then take part by part.
 *
 * The same parts and the same liblzma give the same bytes.  Returns 0, or -1
 * with ERR_SYSTEM; a part of the file may then be there.
 */
int pack_parts(int dir, const struct release_ini *release, struct part_pin *out,
               struct err *err) MUST_CHECK;

#endif
