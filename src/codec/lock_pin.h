/* SPDX-License-Identifier: Apache-2.0 */
/* Two facts of a lockfile (packs_lock.h) for one who must not parse it: root
 * looks for members by their spelling alone.
 *
 * A member is a name in quotes, blanks as JSON has them, a colon, blanks, and
 * the value.  Within a text quotes are escaped, so that no text of a lockfile
 * that is JSON can be taken for a member; a name with escapes in it is not
 * found. */
#ifndef CODEC_LOCK_PIN_H
#define CODEC_LOCK_PIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOCK_PIN_SHA256_LEN 32

/** lock_pin_has_release - whether some "release_sha256" is exactly @digest, in
 * 64 lower-case hex digits. */
bool lock_pin_has_release(const char *text, size_t len,
                          const uint8_t digest[LOCK_PIN_SHA256_LEN]);

/** lock_pin_is_dry_run - whether some "dry_run" is true. */
bool lock_pin_is_dry_run(const char *text, size_t len);

#endif
