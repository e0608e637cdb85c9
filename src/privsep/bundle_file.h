/* SPDX-License-Identifier: Apache-2.0 */
/* Reading byte ranges of the tar inside a bundle file, through the fixed
 * layout of its gzip (codec/bundle_frame.h), without inflating anything. */
#ifndef PRIVSEP_BUNDLE_FILE_H
#define PRIVSEP_BUNDLE_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct bundle_file {
	int fd;            /* borrowed; only pread */
	uint64_t tar_size; /* bytes of the tar inside */
};

/**
 * bundle_file_open - check size and gzip head of a bundle file.
 * @file_size: by fstat.
 * @out: written only on 0.
 *
 * Returns 0, or -1 with ERR_FORMAT or ERR_SYSTEM.
 */
int bundle_file_open(int fd, uint64_t file_size, struct bundle_file *out,
                     struct err *err) MUST_CHECK;

/**
 * bundle_file_read - read @len bytes of the tar at @offset.
 *
 * The head of each stored block that begins in the range is checked, so that
 * whoever reads all ranges has checked all heads.  Returns 0, or -1 with
 * ERR_FORMAT (a wrong head, a range beyond the tar, a shorter file) or
 * ERR_SYSTEM; @out may then hold anything.
 */
int bundle_file_read(const struct bundle_file *file, uint64_t offset, void *out,
                     size_t len, struct err *err) MUST_CHECK;

#endif
