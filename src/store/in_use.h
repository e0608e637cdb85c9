/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a process still works in a release: open files, working folder,
 * root, program, mapped libraries; or something is mounted below it, or a part
 * of it elsewhere, also in the mounts of a container. */
#ifndef STORE_IN_USE_H
#define STORE_IN_USE_H

#include "base/err.h"

#define IN_USE_TEXT_SIZE 320

/**
 * in_use_find - who uses @dir or what lies below it.
 * @dir: open folder of a release.
 * @who: out, "pid 123 (nginx): open file", written only on 1.
 *
 * What the caller may not see (other users' processes, unless he is root) is
 * passed over.  The caller's own descriptors do not count.  Returns 1, 0, or
 * -1 with ERR_SYSTEM when /proc cannot be read.
 */
int in_use_find(int dir, char who[IN_USE_TEXT_SIZE],
                struct err *err) MUST_CHECK;

#endif
