/* SPDX-License-Identifier: Apache-2.0 */
#include "store/package_stage.h"

#include <errno.h>

#include "base/clock.h"
#include "base/disk.h"
#include "base/fs.h"

void package_stage_done(struct package_stage *stage)
{
	cleanup_close(&stage->dir);
	cleanup_close(&stage->fd);
	sha256_done(&stage->hash);
	*stage = PACKAGE_STAGE_NONE;
}

int package_stage_begin(const struct store *store, struct package_stage *out,
                        struct err *err)
{
	AUTO_CLOSE int dir = -1;

	if (disk_remove_tree("package.clear", store->packages, STORE_STAGING,
	                     err) < 0)
		return -1;
	dir = disk_require_dir("package.folder", store->packages, STORE_STAGING,
	                       0700, err);
	/* A folder above with the setgid bit would pass its group on. */
	if (dir < 0 ||
	    disk_finish("package.owner", dir, 0700, clock_now(), err) < 0)
		return -1;
	*out = PACKAGE_STAGE_NONE;
	out->dir = TAKE_FD(dir);
	return 0;
}

void package_stage_into(int dir, struct package_stage *out)
{
	*out = PACKAGE_STAGE_NONE;
	out->dir = dir;
}

static int create(const struct package_stage *stage, const char *name,
                  struct err *err)
{
	int fd = disk_create("package.create", stage->dir, name,
	                     STORE_FILE_MODE, err);

	if (fd < 0 && err->sys == EEXIST)
		return err_set(err, ERR_CONFLICT, 0,
		               "the bundle has '%s' twice", name);
	return fd;
}

static int put_file(const struct package_stage *stage, const char *name,
                    const void *data, size_t len, struct err *err)
{
	AUTO_CLOSE int fd = create(stage, name, err);

	if (fd < 0)
		return -1;
	if (disk_write("package.put", fd, data, len, err) < 0)
		return err_wrap(err, "writing %s", name);
	return 0;
}

int package_stage_put(struct package_stage *stage, struct part part,
                      const void *data, size_t len, struct err *err)
{
	char name[PART_NAME_SIZE];

	part_name(part, name);
	if (part_is_pinned(part.kind))
		return err_set(err, ERR_INTERNAL, 0,
		               "%s is pinned, and put without its pin", name);
	if (len > part_max_size(part.kind))
		return err_set(err, ERR_LIMIT, 0,
		               "%s is larger than %llu bytes", name,
		               (unsigned long long)part_max_size(part.kind));
	return put_file(stage, name, data, len, err);
}

int package_stage_part_begin(struct package_stage *stage, enum part_kind kind,
                             const struct part_pin *pin, struct err *err)
{
	char name[PART_NAME_SIZE];

	part_name((struct part){ kind, 0 }, name);
	if (stage->fd >= 0 || !part_is_pinned(kind) || !pin->is_present)
		return err_set(err, ERR_INTERNAL, 0, "%s cannot be staged now",
		               name);
	if (sha256_begin(&stage->hash, err) < 0)
		return -1;
	stage->fd = create(stage, name, err);
	if (stage->fd < 0)
		return -1;
	stage->kind = kind;
	stage->pin = *pin;
	stage->size = 0;
	return 0;
}

static int damaged(const struct package_stage *stage, struct err *err,
                   const char *what)
{
	char name[PART_NAME_SIZE];

	part_name((struct part){ stage->kind, 0 }, name);
	return err_set(err, ERR_FORMAT, 0, "%s is damaged: %s %llu bytes", name,
	               what, (unsigned long long)stage->pin.size);
}

/* The small parts are read again at once; the payload, if kept, is not. */
static int append(const struct package_stage *stage, const void *data,
                  size_t len, struct err *err)
{
	if (stage->kind == PART_PAYLOAD)
		return disk_stream("package.stream", stage->fd, data, len,
		                   stage->size, err);
	return disk_write("package.write", stage->fd, data, len, err);
}

int package_stage_part_bytes(struct package_stage *stage, const void *data,
                             size_t len, struct err *err)
{
	if (stage->fd < 0)
		return err_set(err, ERR_INTERNAL, 0, "no part is open");
	if (len > stage->pin.size - stage->size)
		return damaged(stage, err, "it has more than");
	if (append(stage, data, len, err) < 0 ||
	    sha256_add(&stage->hash, data, len, err) < 0)
		return -1;
	stage->size += len;
	return 0;
}

int package_stage_part_end(struct package_stage *stage, struct err *err)
{
	uint8_t digest[SHA256_LEN];

	if (stage->fd < 0)
		return err_set(err, ERR_INTERNAL, 0, "no part is open");
	if (stage->size != stage->pin.size)
		return damaged(stage, err, "it ends before its");
	if (sha256_end(&stage->hash, digest, err) < 0)
		return -1;
	if (!sha256_equal(digest, stage->pin.sha256))
		return damaged(stage, err,
		               "its SHA-256 is not that in release.ini, over");
	cleanup_close(&stage->fd); /* the commit syncs all at once */
	stage->fd = -1;
	return 0;
}

int package_stage_open(const struct package_stage *stage, struct part part,
                       struct err *err)
{
	char name[PART_NAME_SIZE];

	part_name(part, name);
	return fs_open_file(stage->dir, name, err);
}

int package_stage_receipt(struct package_stage *stage, const void *data,
                          size_t len, struct err *err)
{
	return put_file(stage, RECEIPT_NAME, data, len, err);
}
