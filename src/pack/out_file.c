/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/out_file.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/disk.h"
#include "base/text.h"

void out_file_done(struct out_file *file)
{
	cleanup_close(&file->fd);
	free(file->buffer);
	sha256_done(&file->hash);
	*file = OUT_FILE_NONE;
}

int out_file_nowhere(struct out_file *out, struct err *err)
{
	*out = OUT_FILE_NONE;
	out->buffer = malloc(OUT_FILE_BUFFER);
	if (out->buffer == NULL)
		return err_nomem(err);
	return sha256_begin(&out->hash, err);
}

int out_file_create(int dir, const char *name, struct out_file *out,
                    struct err *err)
{
	if (out_file_nowhere(out, err) < 0 ||
	    text_copy(out->name, sizeof out->name, name, strlen(name), err) < 0)
		return -1;
	out->fd = disk_create("pack.part-create", dir, name, 0644, err);
	return out->fd < 0 ? -1 : 0;
}

static int write_out(struct out_file *file, const void *data, size_t len,
                     struct err *err)
{
	if (sha256_add(&file->hash, data, len, err) < 0 ||
	    (file->fd >= 0 &&
	     disk_write("pack.part-write", file->fd, data, len, err) < 0))
		return err_wrap(err, "'%s'", file->name);
	return 0;
}

static int flush(struct out_file *file, struct err *err)
{
	size_t held = file->held;

	file->held = 0;
	return held > 0 ? write_out(file, file->buffer, held, err) : 0;
}

int out_file_add(struct out_file *file, const void *data, size_t len,
                 struct err *err)
{
	if (len > OUT_FILE_BUFFER - file->held && flush(file, err) < 0)
		return -1;
	file->size += len;
	if (len > OUT_FILE_BUFFER)
		return write_out(file, data, len, err);
	if (len > 0)
		memcpy(file->buffer + file->held, data, len);
	file->held += len;
	return 0;
}

int out_file_add_buf(struct out_file *file, struct buf *text, struct err *err)
{
	int result = out_file_add(file, text->data, text->len, err);

	text->len = 0;
	return result;
}

int out_file_finish(struct out_file *file, struct part_pin *pin,
                    struct err *err)
{
	uint8_t digest[SHA256_LEN];

	if (flush(file, err) < 0 || sha256_end(&file->hash, digest, err) < 0)
		return -1;
	if (pin == NULL)
		return 0;
	pin->is_present = true;
	pin->size = file->size;
	memcpy(pin->sha256, digest, sizeof digest);
	return 0;
}

int out_file_whole(int dir, const char *name, const void *data, size_t len,
                   struct part_pin *pin, struct err *err)
{
	AUTO_OUT_FILE struct out_file file = OUT_FILE_NONE;

	if (out_file_create(dir, name, &file, err) < 0 ||
	    out_file_add(&file, data, len, err) < 0)
		return -1;
	return out_file_finish(&file, pin, err);
}
