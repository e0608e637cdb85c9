/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/sealed_bundle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "pack/sealed_own.h"

#define PIECE ((size_t)256 << 10)

static void release_part(struct sealed_part *part)
{
	free(part->data);
	cleanup_close(&part->fd);
}

void sealed_bundle_done(struct sealed_bundle *bundle)
{
	for (size_t i = 0; i < bundle->count; i++)
		release_part(&bundle->parts[i]);
	cleanup_close(&bundle->file);
	buf_done(&bundle->release_text);
	bundle->file = -1;
	bundle->count = 0;
}

void sealed_bundle_name(const struct release_ini *release,
                        char out[BUNDLE_NAME_SIZE])
{
	char platform[PLATFORM_SIZE + 1] = "";
	char *slash;

	if (release->platform[0] != '\0')
		(void)snprintf(platform, sizeof platform, "-%s",
		               release->platform);
	slash = strchr(platform, '/');
	if (slash != NULL)
		*slash = '-';
	(void)snprintf(out, BUNDLE_NAME_SIZE, "%s-%s%s.tar.gz", release->app,
	               release->version, platform);
}

/* --- parts --- */

const struct sealed_part *sealed_bundle_find(const struct sealed_bundle *bundle,
                                             struct part part)
{
	for (size_t i = 0; i < bundle->count; i++)
		if (part_compare(bundle->parts[i].part, part) == 0)
			return &bundle->parts[i];
	return NULL;
}

int sealed_add_part(struct sealed_bundle *bundle, struct sealed_part part,
                    struct err *err)
{
	char name[PART_NAME_SIZE];
	size_t at = bundle->count;

	part_name(part.part, name);
	if (part.size > part_max_size(part.part.kind))
		return err_set(err, ERR_LIMIT, 0, "part '%s' is too large",
		               name);
	if (bundle->count == SEALED_PARTS_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %zu parts",
		               SEALED_PARTS_MAX);
	while (at > 0 &&
	       part_compare(part.part, bundle->parts[at - 1].part) < 0)
		at--;
	memmove(&bundle->parts[at + 1], &bundle->parts[at],
	        (bundle->count - at) * sizeof part);
	bundle->parts[at] = part;
	bundle->count++;
	return 0;
}

static void replace_part(struct sealed_bundle *bundle,
                         const struct sealed_part *old,
                         struct sealed_part added)
{
	struct sealed_part *slot = &bundle->parts[old - bundle->parts];

	release_part(slot);
	*slot = added;
}

int sealed_bundle_put(struct sealed_bundle *bundle, struct part part,
                      const void *data, size_t len, struct err *err)
{
	AUTO_FREE char *copy = malloc(len + 1);
	const struct sealed_part *old = sealed_bundle_find(bundle, part);
	struct sealed_part added = { .part = part, .size = len, .fd = -1 };

	if (copy == NULL)
		return err_nomem(err);
	memcpy(copy, data, len);
	added.data = copy;
	if (old != NULL)
		replace_part(bundle, old, added);
	else if (sealed_add_part(bundle, added, err) < 0)
		return -1;
	(void)TAKE_PTR(copy); /* the bundle owns it now */
	return 0;
}

int sealed_part_read(const struct sealed_bundle *bundle,
                     const struct sealed_part *part, uint64_t offset, void *out,
                     size_t len, struct err *err)
{
	char name[PART_NAME_SIZE];

	if (offset > part->size || len > part->size - offset)
		return err_set(err, ERR_INTERNAL, 0, "reading beyond a part");
	if (part->data != NULL) {
		memcpy(out, part->data + offset, len);
		return 0;
	}
	part_name(part->part, name);
	if (part->fd >= 0 ? fs_read_at(part->fd, offset, out, len, err) < 0
	                  : sealed_read_tar(bundle->file, part->offset + offset,
	                                    out, len, err) < 0)
		return err_wrap(err, "'%s'", name);
	return 0;
}

int sealed_part_load(const struct sealed_bundle *bundle,
                     const struct sealed_part *part, struct buf *out,
                     struct err *err)
{
	size_t len = (size_t)part->size;

	if (buf_reserve(out, len, err) < 0)
		return -1;
	if (sealed_part_read(bundle, part, 0, out->data + out->len, len, err) <
	    0)
		return -1;
	out->len += len;
	out->data[out->len] = '\0';
	return 0;
}

int sealed_part_digest(const struct sealed_bundle *bundle,
                       const struct sealed_part *part, uint8_t out[SHA256_LEN],
                       struct err *err)
{
	AUTO_SHA256 struct sha256 hash = SHA256_NONE;
	AUTO_FREE uint8_t *piece = malloc(PIECE);

	if (piece == NULL)
		return err_nomem(err);
	if (sha256_begin(&hash, err) < 0)
		return -1;
	for (uint64_t at = 0; at < part->size; at += PIECE) {
		uint64_t left = part->size - at;
		size_t len = left < PIECE ? (size_t)left : PIECE;

		if (sealed_part_read(bundle, part, at, piece, len, err) < 0 ||
		    sha256_add(&hash, piece, len, err) < 0)
			return -1;
	}
	return sha256_end(&hash, out, err);
}

/* --- opening --- */

static int open_either(const char *path, struct sealed_bundle *bundle,
                       struct err *err)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int64_t created = 0;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(err, ERR_SYSTEM, errno, "opening it");
	if (S_ISDIR(st.st_mode))
		return sealed_open_folder(bundle, fd, err) < 0
		               ? -1
		               : sealed_read_release(bundle, err);
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_FORMAT, 0,
		               "it is neither a file nor a folder");
	bundle->file = TAKE_FD(fd);
	if (sealed_open_file(bundle, &created, err) < 0 ||
	    sealed_read_release(bundle, err) < 0)
		return -1;
	if (created != bundle->release.created)
		return err_set(err, ERR_FORMAT, 0,
		               "its headers bear another time than "
		               "release.ini");
	return 0;
}

int sealed_bundle_open(const char *path, struct sealed_bundle *out,
                       struct err *err)
{
	AUTO_SEALED struct sealed_bundle bundle = SEALED_BUNDLE_NONE;

	if (open_either(path, &bundle, err) < 0)
		return err_wrap(err, "bundle '%s'", path);
	*out = bundle;
	bundle = SEALED_BUNDLE_NONE;
	return 0;
}
