/* SPDX-License-Identifier: Apache-2.0 */
/* A file that is written once from front to end, buffered, and hashed on the
 * way: each part that package-release makes. */
#ifndef PACK_OUT_FILE_H
#define PACK_OUT_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/release_ini.h"
#include "crypto/sha256.h"

#define OUT_FILE_BUFFER ((size_t)256 * 1024)

struct out_file {
	int fd; /* owned; -1: nowhere */
	char name[256];
	uint8_t *buffer; /* owned */
	size_t held;     /* bytes in it */
	uint64_t size;   /* bytes added so far */
	struct sha256 hash;
};

#define OUT_FILE_NONE ((struct out_file){ .fd = -1, .hash = SHA256_NONE })
#define AUTO_OUT_FILE AUTO(out_file_done)

void out_file_done(struct out_file *file);

/**
 * out_file_create - make @name (mode 0644) in @dir; it must not exist.
 * @out: written on success and failure alike; out_file_done releases it.
 */
int out_file_create(int dir, const char *name, struct out_file *out,
                    struct err *err) MUST_CHECK;

/** out_file_nowhere - the same, of which nothing is kept but its pin. */
int out_file_nowhere(struct out_file *out, struct err *err) MUST_CHECK;

/** out_file_add - append bytes. */
int out_file_add(struct out_file *file, const void *data, size_t len,
                 struct err *err) MUST_CHECK;

/** out_file_add_buf - append all of @text and empty it. */
int out_file_add_buf(struct out_file *file, struct buf *text,
                     struct err *err) MUST_CHECK;

/**
 * out_file_finish - write what is held back.
 * @pin: may be NULL; receives size and digest.  The descriptor stays open.
 */
int out_file_finish(struct out_file *file, struct part_pin *pin,
                    struct err *err) MUST_CHECK;

/** out_file_whole - a small file at once: create, add, finish. */
int out_file_whole(int dir, const char *name, const void *data, size_t len,
                   struct part_pin *pin, struct err *err) MUST_CHECK;

#endif
