/* SPDX-License-Identifier: Apache-2.0 */
#include "publication.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

static void file_init(struct publication_file *file)
{
	*file = (struct publication_file){ .media_type = "",
		                           .data = BUF_NONE,
		                           .fd = -1 };
}

static void file_done(struct publication_file *file)
{
	buf_done(&file->data);
	free(file->path);
	file->path = NULL;
	cleanup_close(&file->fd);
	file->fd = -1;
}

int publication_new(struct publication **out, struct err *err)
{
	struct publication *made = calloc(1, sizeof *made);

	if (made == NULL)
		return err_nomem(err);
	file_init(&made->single);
	made->manifest = BUF_LIMIT(OCI_MANIFEST_MAX);
	*out = made;
	return 0;
}

void publication_free(struct publication *publication)
{
	if (publication == NULL)
		return;
	for (size_t i = 0; i < publication->file_count; i++)
		file_done(&publication->files[i]);
	for (size_t i = 0; i < publication->referrer_count; i++)
		buf_done(&publication->referrers[i].manifest);
	free(publication->files);
	file_done(&publication->single);
	for (size_t i = 0; i < publication->signature_count; i++)
		file_done(&publication->signatures[i]);
	free(publication->signatures);
	buf_done(&publication->manifest);
	free(publication);
}

void publications_done(struct publications *publications)
{
	for (size_t i = 0; i < publications->count; i++)
		publication_free(publications->at[i]);
	free(publications->at);
	*publications = (struct publications){ .at = NULL };
}

/* Room for one more file in an array of @count, of @most.  NULL with @err. */
static struct publication_file *add_to(struct publication_file **files,
                                       size_t *count, size_t most,
                                       const char *name, struct err *err)
{
	struct publication_file *more;

	if (*count == most) {
		(void)err_set(err, ERR_LIMIT, 0, "more than %zu files in '%s'",
		              most, name);
		return NULL;
	}
	more = reallocarray(*files, *count + 1, sizeof *more);
	if (more == NULL) {
		(void)err_nomem(err);
		return NULL;
	}
	*files = more;
	file_init(&more[*count]);
	return &more[(*count)++];
}

struct publication_file *publication_add_file(struct publication *publication,
                                              struct err *err)
{
	return add_to(&publication->files, &publication->file_count,
	              OCI_LAYERS_MAX, publication->name, err);
}

struct publication_file *
publication_add_signature_file(struct publication *publication, struct err *err)
{
	return add_to(&publication->signatures, &publication->signature_count,
	              PUBLICATION_SIGNATURES_MAX, publication->name, err);
}

uint64_t publication_size(const struct publication *publication)
{
	uint64_t size = 0;

	for (size_t i = 0; i < publication->file_count; i++)
		size += publication->files[i].size;
	return size;
}

/* --- bytes -------------------------------------------------------------- */

const char *publication_file_data(const struct publication_file *file)
{
	return file->path == NULL && file->fd < 0 ? buf_text(&file->data)
	                                          : NULL;
}

int publication_file_open(const struct publication_file *file, int *owned,
                          uint64_t *offset, struct err *err)
{
	int fd = file->fd;

	*owned = -1;
	*offset = file->offset;
	if (file->path != NULL) {
		fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
		*owned = fd;
		*offset = 0;
		if (fd < 0)
			return err_set(err, ERR_SYSTEM, errno, "opening '%s'",
			               file->path);
	}
	if (fd < 0)
		return err_set(err, ERR_INTERNAL, 0, "'%s' is no file",
		               file->title);
	return fd;
}

int publication_file_read(const struct publication_file *file, uint64_t offset,
                          void *out, size_t len, struct err *err)
{
	const char *data = publication_file_data(file);
	AUTO_CLOSE int owned = -1;
	uint64_t base;
	int fd;

	if (offset > file->size || len > file->size - offset)
		return err_set(err, ERR_INTERNAL, 0, "reading behind '%s'",
		               file->title);
	if (data != NULL) {
		memcpy(out, data + offset, len);
		return 0;
	}
	fd = publication_file_open(file, &owned, &base, err);
	if (fd < 0)
		return -1;
	return fs_read_at(fd, base + offset, out, len, err);
}

int publication_file_hash(struct publication_file *file, struct err *err)
{
	const char *data = publication_file_data(file);
	AUTO_CLOSE int owned = -1;
	uint64_t offset;
	int fd;

	if (data != NULL) {
		file->size = file->data.len;
		return sha256_of(data, file->data.len, file->sha256, err);
	}
	fd = publication_file_open(file, &owned, &offset, err);
	if (fd < 0)
		return -1;
	if (lseek(fd, (off_t)offset, SEEK_SET) < 0)
		return err_set(err, ERR_SYSTEM, errno, "reading '%s'",
		               file->title);
	return sha256_of_fd(fd, file->sha256, &file->size, err);
}
