/* SPDX-License-Identifier: Apache-2.0 */
#include "part_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"

#define FOLDER_NAMES_MAX 10000 /* names in a folder of parts, ours or not */
#define CHUNK_SIZE       ((size_t)256 * 1024)

/* --- a bundle file --- */

static int start_worker(const struct host *host, struct part_source *source,
                        struct err *err)
{
	const struct fetched_bundle *bundle = source->bundle;
	const struct worker_spec spec = {
		.program = "verify-worker",
		.folder = host->workers,
		.account = "tidegate-verify",
		.profile = SANDBOX_PURE,
		.mode = sandbox_mode_of(&host->settings),
		.job.verify = { .task = VERIFY_TAKE_APART,
		                .file_size = bundle->size },
		.inputs = { bundle->fd },
		.input_count = 1,
	};

	return worker_start(&spec, &source->worker, err);
}

static int next_from_worker(struct part_source *source, struct part_piece *out,
                            struct err *err)
{
	struct frame frame;
	int got = source->bundle->kind == BUNDLE_REMOTE
	                  ? remote_next(&source->bundle->remote, &frame, err)
	                  : worker_next_frame(&source->worker, &frame, err);

	if (got < 0)
		return -1;
	if (got == 0)
		return part_receiver_finish(&source->receiver, err);
	if (part_receiver_take(&source->receiver, &frame, out, err) < 0)
		return -1;
	return 1;
}

/* --- a folder --- */

static int compare_parts(const void *a, const void *b)
{
	const struct part *left = a;
	const struct part *right = b;

	return part_compare_judging(*left, *right);
}

/* Of the two repeated kinds a folder can hold any number. */
static int check_count(enum part_kind kind, unsigned count, struct err *err)
{
	if (count < part_max_count(kind))
		return 0;
	return err_set(err, ERR_LIMIT, 0, "more than %u parts like '%s'",
	               part_max_count(kind),
	               kind == PART_SIGSTORE ? "release.ini.1.sigstore.json"
	                                     : "release.ini.<key id>.minisig");
}

static int take_names(struct part_source *source, char **names, size_t count,
                      struct err *err)
{
	unsigned taken[PART_KINDS] = { 0 };

	for (size_t i = 0; i < count; i++) {
		struct part part;

		/* Other files, such as the bundle itself, may lie there; and
		 * where all of the payload is at hand, nothing is patched. */
		if (!part_parse(names[i], strlen(names[i]), &part) ||
		    part.kind == PART_PATCH)
			continue;
		if (check_count(part.kind, taken[part.kind], err) < 0)
			return -1;
		taken[part.kind]++;
		source->files[source->file_count++] = part;
	}
	qsort(source->files, source->file_count, sizeof source->files[0],
	      compare_parts);
	return 0;
}

static int require_parts(const struct part_source *source, struct err *err)
{
	bool is_there[PART_KINDS] = { false };

	for (size_t i = 0; i < source->file_count; i++)
		is_there[source->files[i].kind] = true;
	for (int kind = 0; kind < PART_KINDS; kind++) {
		char name[PART_NAME_SIZE];

		if (is_there[kind] || !part_is_required((enum part_kind)kind))
			continue;
		part_name((struct part){ (enum part_kind)kind, 0 }, name);
		return err_set(err, ERR_FORMAT, 0, "the folder has no '%s'",
		               name);
	}
	return 0;
}

static int list_folder(struct part_source *source, struct err *err)
{
	char **names;
	size_t count;
	int result;

	if (fs_list(source->bundle->fd, FOLDER_NAMES_MAX, &names, &count, err) <
	    0)
		return -1;
	result = take_names(source, names, count, err);
	fs_list_free(names, count);
	if (result < 0)
		return -1;
	return require_parts(source, err);
}

/* Which one of the parts of its kind is being read. */
static unsigned ordinal_of(const struct part_source *source)
{
	unsigned ordinal = 0;

	for (size_t i = source->file;
	     i > 0 && source->files[i - 1].kind == source->files[i].kind; i--)
		ordinal++;
	return ordinal;
}

static int open_part(struct part_source *source, struct err *err)
{
	char name[PART_NAME_SIZE];

	part_name(source->files[source->file], name);
	source->fd = fs_open_file(source->bundle->fd, name, err);
	source->offset = 0;
	return source->fd < 0 ? -1 : 0;
}

/* Read up to a chunk of the open part; 0 bytes at its end. */
static int read_chunk(struct part_source *source, size_t *len, struct err *err)
{
	ssize_t n;

	do
		n = read(source->fd, source->chunk.data, CHUNK_SIZE);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_set(err, ERR_SYSTEM, errno, "reading a part");
	*len = (size_t)n;
	return 0;
}

static int next_from_folder(struct part_source *source, struct part_piece *out,
                            struct err *err)
{
	const struct part *part = &source->files[source->file];
	size_t len;

	if (source->file == source->file_count || part->kind >= PART_PACKED)
		return 0; /* the last ones are not for the store */
	if ((source->fd < 0 && open_part(source, err) < 0) ||
	    read_chunk(source, &len, err) < 0)
		return -1;
	if (len > part_max_size(part->kind) - source->offset) {
		char name[PART_NAME_SIZE];

		part_name(*part, name);
		return err_set(err, ERR_LIMIT, 0,
		               "'%s' is larger than %llu bytes", name,
		               (unsigned long long)part_max_size(part->kind));
	}
	*out = (struct part_piece){ .kind = part->kind,
		                    .ordinal = ordinal_of(source),
		                    .offset = source->offset,
		                    .data = (uint8_t *)source->chunk.data,
		                    .len = len };
	source->offset += len;
	if (len == 0) {
		(void)close(source->fd); /* only read */
		source->fd = -1;
		source->file++;
	}
	return 1;
}

static int check_payload_size(int fd, uint64_t size, struct err *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_set(err, ERR_SYSTEM, errno,
		               "looking at payload.tar.gz");
	if ((uint64_t)st.st_size == size)
		return 0;
	return err_set(err, ERR_FORMAT, 0,
	               "payload.tar.gz is damaged: %llu bytes instead of %llu",
	               (unsigned long long)st.st_size,
	               (unsigned long long)size);
}

static void fill_bare(uint64_t size, struct job_unpack *job)
{
	job->frame = PAYLOAD_BARE;
	job->file_size = size;
	job->payload_offset = 0;
}

static int open_payload_part(const struct part_source *source, uint64_t size,
                             struct job_unpack *job, struct err *err)
{
	AUTO_CLOSE int fd =
		fs_open_file(source->bundle->fd, "payload.tar.gz", err);

	if (fd < 0 || check_payload_size(fd, size, err) < 0)
		return -1;
	fill_bare(size, job);
	return TAKE_FD(fd);
}

/* --- from elsewhere --- */

static void fill_plan(const struct payload_plan *plan, uint64_t size,
                      struct fetch_plan *out)
{
	*out = (struct fetch_plan){ .payload_size = size };
	if (plan == NULL) {
		out->ranges[out->count++] = (struct payload_range){ 0, size };
		return;
	}
	while (out->count < plan->range_count) {
		out->ranges[out->count] = plan->ranges[out->count];
		out->count++;
	}
}

static int open_spool(const struct remote *remote, struct err *err)
{
	int fd = fcntl(remote_spool(remote), F_DUPFD_CLOEXEC, 0);

	if (fd < 0)
		return err_set(err, ERR_SYSTEM, errno, "opening the download");
	return fd;
}

static int fetch_payload(struct part_source *source, uint64_t size,
                         const struct payload_plan *plan,
                         struct job_unpack *job, struct err *err)
{
	struct remote *remote = &source->bundle->remote;
	struct fetch_plan wanted;

	fill_plan(plan, size, &wanted);
	if (remote_payload(remote, &wanted, err) < 0)
		return -1;
	if (check_payload_size(remote_spool(remote), size, err) < 0)
		return -1;
	fill_bare(size, job);
	return open_spool(remote, err);
}

int part_source_patch(struct part_source *source,
                      const struct release_ini *release,
                      const struct release_patch *patch, uint64_t begun,
                      struct err *err)
{
	struct fetch_plan wanted = {
		.payload_size = release->parts[PART_PAYLOAD].size,
		.patch_id = patch->id,
		.patch_size = patch->pin.size,
		.patch_from = begun,
	};
	struct remote *remote = &source->bundle->remote;

	memcpy(wanted.patch_sha256, patch->pin.sha256,
	       sizeof wanted.patch_sha256);
	if (remote_payload(remote, &wanted, err) < 0)
		return -1;
	return open_spool(remote, err);
}

/* --- all --- */

int part_source_open(const struct host *host, struct fetched_bundle *bundle,
                     struct part_source *out, struct err *err)
{
	out->bundle = bundle;
	if (bundle->kind == BUNDLE_REMOTE)
		return 0;
	if (bundle->kind == BUNDLE_FILE)
		return start_worker(host, out, err);
	if (buf_reserve(&out->chunk, CHUNK_SIZE, err) < 0)
		return -1;
	return list_folder(out, err);
}

void part_source_done(struct part_source *source)
{
	worker_done(&source->worker);
	cleanup_close(&source->fd);
	source->fd = -1;
	buf_done(&source->chunk);
}

int part_source_next(struct part_source *source, struct part_piece *out,
                     struct err *err)
{
	if (source->bundle->kind == BUNDLE_FOLDER)
		return next_from_folder(source, out, err);
	return next_from_worker(source, out, err);
}

int part_source_payload(struct part_source *source,
                        const struct release_ini *release,
                        const struct payload_plan *plan, struct job_unpack *job,
                        struct err *err)
{
	const struct fetched_bundle *bundle = source->bundle;
	uint64_t size = release->parts[PART_PAYLOAD].size;
	int fd;

	if (bundle->kind == BUNDLE_FOLDER)
		return open_payload_part(source, size, job, err);
	if (bundle->kind == BUNDLE_REMOTE)
		return fetch_payload(source, size, plan, job, err);
	if (bundle_payload_offset(&source->receiver, release, bundle->size,
	                          &job->payload_offset, err) < 0)
		return -1;
	job->frame = PAYLOAD_IN_BUNDLE;
	job->file_size = bundle->size;
	fd = fcntl(bundle->fd, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return err_set(err, ERR_SYSTEM, errno, "opening the bundle");
	return fd;
}
