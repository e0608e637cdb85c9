/* SPDX-License-Identifier: Apache-2.0 */
/* Takes from the tar the contents of the files that are wanted, by the places
 * that payload.index gives them, and sends them to the monitor.  What lies
 * between is not looked at: no byte of it reaches the disk. */
#ifndef UNPACK_PICK_H
#define UNPACK_PICK_H

#include "base/err.h"
#include "members.h"
#include "privsep/ring.h"

/**
 * pick_files - send each file of @fd's @count spans.
 * @members: restricted to them, before its first member.
 *
 * Returns 0, or -1 with ERR_FORMAT where the tar ends before the last of them,
 * or as members_next and frame_put.
 */
int pick_files(struct members *members, int fd, uint64_t count,
               struct ring_writer *ring, struct err *err) MUST_CHECK;

#endif
