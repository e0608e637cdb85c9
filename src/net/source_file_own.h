/* SPDX-License-Identifier: Apache-2.0 */
/* One bundle file on a web server, for source_file*.c alone:
 *
 *     source_file.c         the release: its bytes, kept or fetched
 *     source_file_parts.c   where its parts lie
 *
 * Where every byte of its tar lies follows from the frame
 * (codec/bundle_frame.h), so that ranges do:
 *
 *     the window    its first bytes: release.ini and mostly all that judges it
 *     the tail      attestations and parts.tar.xz, which end where the payload
 *                   begins; by release.ini's sizes that place is known
 *
 * Each takes one request and is kept.  What a host does not need (the small
 * parts that are in parts.tar.xz) is not fetched. */
#ifndef NET_SOURCE_FILE_OWN_H
#define NET_SOURCE_FILE_OWN_H

#include "net/source.h"

#define SOURCE_FILE_WINDOW ((size_t)64 << 10)
/* Of tar: two parts and their headers. */
#define SOURCE_FILE_TAIL_MAX ((size_t)72 << 20)
#define SOURCE_FILE_PARTS_MAX                                                  \
	(PART_KINDS + PART_SIGNERS_MAX + PART_SIGSTORE_MAX)

/* Bytes of the file that were fetched and are kept. */
struct source_stretch {
	struct buf bytes;
	uint64_t at; /* in the file */
};

/* Where a part's bytes lie in the tar. */
struct source_place {
	struct part part;
	uint64_t offset;
	uint64_t size;
};

struct source_file {
	struct source source;
	struct source_reader reader;
	char url[HTTP_URL_SIZE]; /* where it is an address that is read */
	const char *accept;      /* NULL: any */
	struct buf authorization;
	struct source_stretch window, tail;
	uint64_t size; /* of the file; HTTP_UNKNOWN before it is known */
	uint64_t tar_size;
	/* In the order of the bundle. */
	struct source_place places[SOURCE_FILE_PARTS_MAX];
	size_t place_count;
};

/** source_file_fetch - give ranges of the file to @sink: what is kept of them,
 * and the rest by its reader.  0, or -1 as source_ops.payload. */
int source_file_fetch(const struct source_file *file,
                      const struct http_range *ranges, size_t count,
                      enum http_wholly wholly, const struct http_sink *sink,
                      struct err *err) MUST_CHECK;

/** source_file_read_tar - the same for bytes of the tar, in order; ERR_FORMAT
 * where it ends before. */
int source_file_read_tar(const struct source_file *file, uint64_t offset,
                         uint64_t len, const struct http_sink *sink,
                         struct err *err) MUST_CHECK;

/** source_file_find_parts - fetch the window, and of the rest what is needed to
 * know the places of all parts that a host wants.  0, or -1 as
 * source_ops.open. */
int source_file_find_parts(struct source_file *file,
                           struct err *err) MUST_CHECK;

/** source_file_place - of a part that was found, or NULL. */
const struct source_place *source_file_place(const struct source_file *file,
                                             struct part part);

#endif
