/* SPDX-License-Identifier: Apache-2.0 */
#include "store/tree_hash.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/crew.h"

#define READ_SIZE ((size_t)256 * 1024)

/* What a thread works with. */
struct tools {
	struct sha256 hash;
	char *buffer; /* owned; READ_SIZE bytes */
};

struct tree_hash {
	struct crew *crew;
	struct tree_hash_job jobs[TREE_HASH_JOBS];
	struct tools tools[CREW_THREADS_MAX];
};

/* Hash at most one byte more than is expected, so that a file that grows
 * meanwhile ends the reading too. */
static int hash_file(struct tools *tools, struct tree_hash_job *job,
                     struct err *err)
{
	uint8_t digest[SHA256_LEN];
	uint64_t size = 0;
	ssize_t n;

	if (sha256_begin(&tools->hash, err) < 0)
		return -1;
	while (size <= job->size &&
	       (n = read(job->fd, tools->buffer, READ_SIZE)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			job->outcome = TREE_HASH_UNREADABLE;
			job->sys = errno;
			return 0;
		}
		if (sha256_add(&tools->hash, tools->buffer, (size_t)n, err) < 0)
			return -1;
		size += (uint64_t)n;
	}
	if (sha256_end(&tools->hash, digest, err) < 0)
		return -1;
	job->outcome = size == job->size && sha256_equal(digest, job->sha256)
	                       ? TREE_HASH_SAME
	                       : TREE_HASH_OTHER;
	return 0;
}

static bool is_same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool tree_hash_is_steady(int fd, const struct stat *before)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_ino == before->st_ino &&
	       st.st_dev == before->st_dev && st.st_size == before->st_size &&
	       is_same_time(&st.st_mtim, &before->st_mtim) &&
	       is_same_time(&st.st_ctim, &before->st_ctim);
}

/* It gives its program rights without a bit of the mode that would tell
 * (capabilities(7), "File capabilities"). */
static bool has_capability(int fd)
{
	return fgetxattr(fd, "security.capability", NULL, 0) >= 0;
}

static int work(void *context, unsigned thread, size_t slot, struct err *err)
{
	struct tree_hash *hash = context;
	struct tree_hash_job *job = &hash->jobs[slot];
	int result = hash_file(&hash->tools[thread], job, err);

	job->has_capability = has_capability(job->fd);
	job->is_steady = tree_hash_is_steady(job->fd, &job->st);
	(void)close(job->fd);
	job->fd = -1;
	return result;
}

int tree_hash_new(struct tree_hash **out, struct err *err)
{
	struct tree_hash *hash = calloc(1, sizeof *hash);
	const struct crew_plan plan = { .threads = crew_processors(),
		                        .slots = TREE_HASH_JOBS,
		                        .work = work,
		                        .context = hash };

	if (hash == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < TREE_HASH_JOBS; i++)
		hash->jobs[i].fd = -1;
	for (unsigned i = 0; i < plan.threads; i++) {
		hash->tools[i].buffer = malloc(READ_SIZE);
		if (hash->tools[i].buffer == NULL) {
			tree_hash_free(hash);
			return err_nomem(err);
		}
	}
	if (crew_new(&plan, &hash->crew, err) < 0) {
		tree_hash_free(hash);
		return -1;
	}
	*out = hash;
	return 0;
}

void tree_hash_free(struct tree_hash *hash)
{
	if (hash == NULL)
		return;
	crew_free(hash->crew); /* first: its threads use the rest */
	for (size_t i = 0; i < TREE_HASH_JOBS; i++)
		cleanup_close(&hash->jobs[i].fd);
	for (unsigned i = 0; i < CREW_THREADS_MAX; i++) {
		sha256_done(&hash->tools[i].hash);
		free(hash->tools[i].buffer);
	}
	free(hash);
}

struct tree_hash_job *tree_hash_room(struct tree_hash *hash)
{
	size_t slot;

	return crew_has_room(hash->crew, &slot) ? &hash->jobs[slot] : NULL;
}

void tree_hash_give(struct tree_hash *hash)
{
	crew_give(hash->crew);
}

int tree_hash_take(struct tree_hash *hash, const struct tree_hash_job **out,
                   struct err *err)
{
	size_t slot;
	int got = crew_take(hash->crew, &slot, err);

	if (got == 1)
		*out = &hash->jobs[slot];
	return got;
}
