/* SPDX-License-Identifier: Apache-2.0 */
/* Pushing by itself, for tests against real registries.
 *
 *     oci_push [NAME=VALUE...] push REFERENCE FILE...    one artifact
 *     oci_push [NAME=VALUE...] each REFERENCE FILE...    an artifact of each
 *                      file, in the repository REFERENCE/<file's name>
 *     oci_push [NAME=VALUE...] attach REFERENCE FILE...  REFERENCE has a digest
 *     oci_push [NAME=VALUE...] read REFERENCE            what the tag names
 *     oci_push [NAME=VALUE...] pull FOLDER REFERENCE...  all files of each
 *
 * Names: plain, ca, token, config (files of credentials), deadline (ms), stall,
 * answer (s), chunk, mount (a repository), move (a tag), type (of the
 * artifact). Prints a line for each thing that is done; the exit status is that
 * of install-package. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/text.h"
#include "codec/json_read.h"
#include "codec/oci_write.h"
#include "crypto/sha256.h"
#include "net/oci_push.h"

#define PLAIN_MAX 4
#define TYPE_FILE "application/octet-stream"

struct run {
	struct http_config config;
	struct source_wanted wanted;
	const char *plain[PLAIN_MAX];
	struct buf authorities, token, docker_config;
	const char *mount_from, *type;
	uint64_t chunk_size;
	enum oci_tag_rule rule;
	struct oci_push push;
	uint64_t sent;
};

/* An artifact and all that it takes to push it. */
struct artifact {
	struct oci_registry repository;
	struct oci_push_blob *blobs; /* owned; the files, then the config */
	struct oci_entry *layers;    /* owned */
	size_t count;
	struct buf text; /* owned */
	struct oci_push_manifest manifest, tag;
};

static void say(void *context, const char *text)
{
	(void)context;
	printf("say %s\n", text);
}

static void note(void *context, uint64_t bytes)
{
	struct run *run = context;

	run->sent = bytes;
}

static int read_file(const char *path, struct buf *out, struct bytes *bytes,
                     struct err *err)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_set(err, ERR_USAGE, 0, "opening %s", path);
	*out = BUF_NONE;
	if (fs_read_fd(fd, out, err) < 0)
		return -1;
	*bytes = buf_bytes(out);
	return 0;
}

static uint64_t number(const char *text)
{
	struct err err;
	uint64_t value = 0;

	if (text_u64(text, strlen(text), INT64_MAX, &value, &err) < 0)
		fprintf(stderr, "'%s' is no number\n", text);
	return value;
}

static int take_setting(struct run *run, const char *name, const char *value,
                        struct err *err)
{
	if (strncmp(name, "plain=", 6) == 0 &&
	    run->config.plain_host_count < PLAIN_MAX)
		run->plain[run->config.plain_host_count++] = value;
	else if (strncmp(name, "ca=", 3) == 0)
		return read_file(value, &run->authorities,
		                 &run->config.authorities, err);
	else if (strncmp(name, "token=", 6) == 0)
		return read_file(value, &run->token, &run->wanted.token, err);
	else if (strncmp(name, "config=", 7) == 0)
		return read_file(value, &run->docker_config,
		                 &run->wanted.docker_config, err);
	else if (strncmp(name, "deadline=", 9) == 0)
		run->config.deadline_ms = (int64_t)number(value);
	else if (strncmp(name, "stall=", 6) == 0)
		run->config.stall_s = (unsigned)number(value);
	else if (strncmp(name, "answer=", 7) == 0)
		run->config.answer_s = (unsigned)number(value);
	else if (strncmp(name, "chunk=", 6) == 0)
		run->chunk_size = number(value);
	else if (strncmp(name, "mount=", 6) == 0)
		run->mount_from = value;
	else if (strncmp(name, "type=", 5) == 0)
		run->type = value;
	else if (strncmp(name, "move=", 5) == 0)
		run->rule = OCI_TAG_MOVE;
	else
		return err_set(err, ERR_USAGE, 0, "what is '%s'?", name);
	return 0;
}

/* --- artifacts ----------------------------------------------------------- */

static void print_outcome(const char *what, const uint8_t *digest,
                          const struct oci_result *result)
{
	static const char *const words[] = {
		[OCI_UNTOUCHED] = "untouched",
		[OCI_WAS_THERE] = "there",
		[OCI_PUSHED] = "pushed",
		[OCI_FAILED] = "failed",
	};
	char text[OCI_DIGEST_SIZE];

	oci_digest_text(digest, text);
	printf("%s %s %s\n", what, text, words[result->outcome]);
}

static int hash_file(const char *path, struct oci_push_blob *blob,
                     struct err *err)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return err_set(err, ERR_USAGE, 0, "opening %s", path);
	blob->path = path;
	return sha256_of_fd(fd, blob->digest, &blob->size, err);
}

static void add_config(struct artifact *artifact)
{
	struct oci_push_blob *config = &artifact->blobs[artifact->count];

	*config = (struct oci_push_blob){ .to = &artifact->repository,
		                          .data = OCI_EMPTY_TEXT,
		                          .size = OCI_EMPTY_SIZE };
	memcpy(config->digest, oci_empty_digest, OCI_DIGEST_LEN);
}

static int add_files(const struct run *run, struct artifact *artifact,
                     char **files, size_t count, struct err *err)
{
	artifact->count = count;
	artifact->blobs = calloc(count + 1, sizeof *artifact->blobs);
	artifact->layers = calloc(count + 1, sizeof *artifact->layers);
	if (artifact->blobs == NULL || artifact->layers == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++) {
		struct oci_push_blob *blob = &artifact->blobs[i];
		const char *slash = strrchr(files[i], '/');

		blob->to = &artifact->repository;
		blob->mount_from = run->mount_from;
		if (hash_file(files[i], blob, err) < 0)
			return -1;
		artifact->layers[i] = (struct oci_entry){
			.media_type = TYPE_FILE,
			.size = blob->size,
			.title = slash != NULL ? slash + 1 : files[i],
		};
		memcpy(artifact->layers[i].digest, blob->digest,
		       OCI_DIGEST_LEN);
	}
	add_config(artifact);
	return 0;
}

static int write_text(const struct run *run, struct artifact *artifact,
                      const struct oci_entry *subject, struct err *err)
{
	struct oci_new_manifest manifest = { .artifact_type = run->type,
		                             .layers = artifact->layers,
		                             .layer_count = artifact->count,
		                             .subject = subject };
	struct oci_push_manifest *pushed = &artifact->manifest;

	artifact->text = BUF_NONE;
	if (oci_write_manifest(&manifest, &artifact->text, err) < 0)
		return -1;
	pushed->to = &artifact->repository;
	pushed->media_type = OCI_TYPE_MANIFEST;
	pushed->rule = run->rule;
	pushed->text = buf_bytes(&artifact->text);
	return sha256_of(artifact->text.data, artifact->text.len,
	                 pushed->digest, err);
}

static int make_artifact(struct run *run, const struct oci_reference *reference,
                         char **files, size_t count, struct artifact *artifact,
                         struct err *err)
{
	if (oci_push_repository(&run->push, &run->wanted, reference,
	                        &artifact->repository, err) < 0 ||
	    add_files(run, artifact, files, count, err) < 0)
		return -1;
	return 0;
}

static void artifact_done(struct artifact *artifact)
{
	oci_done(&artifact->repository);
	free(artifact->blobs);
	free(artifact->layers);
	buf_done(&artifact->text);
}

/* --- commands ------------------------------------------------------------ */

/* All blobs, all manifests, all tags. */
static int push_all(struct run *run, struct artifact *artifacts, size_t count,
                    size_t files, struct err *err)
{
	AUTO_FREE struct oci_push_blob *blobs =
		calloc(count * (files + 1), sizeof *blobs);
	AUTO_FREE struct oci_push_manifest *manifests =
		calloc(count, sizeof *manifests);
	AUTO_FREE struct oci_push_manifest *tags = calloc(count, sizeof *tags);
	int result = 0;

	if (blobs == NULL || manifests == NULL || tags == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++) {
		struct artifact *artifact = &artifacts[i];

		memcpy(&blobs[i * (files + 1)], artifact->blobs,
		       (files + 1) * sizeof *blobs);
		manifests[i] = tags[i] = artifact->manifest;
		tags[i].tag = artifact->repository.reference.tag;
	}
	result = oci_push_blobs(&run->push, blobs, count * (files + 1), err);
	for (size_t i = 0; i < count * (files + 1); i++)
		print_outcome("blob", blobs[i].digest, &blobs[i].result);
	if (result < 0 ||
	    oci_push_manifests(&run->push, manifests, count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		print_outcome("manifest", manifests[i].digest,
		              &manifests[i].result);
	if (tags[0].tag[0] == '\0')
		return 0;
	result = oci_push_manifests(&run->push, tags, count, err);
	for (size_t i = 0; i < count; i++)
		print_outcome("tag", tags[i].digest, &tags[i].result);
	return result;
}

static int push_one(struct run *run, const struct oci_reference *reference,
                    char **files, size_t count, struct err *err)
{
	struct artifact artifact = { .count = 0 };
	int result =
		make_artifact(run, reference, files, count, &artifact, err);

	if (result == 0)
		result = write_text(run, &artifact, NULL, err);
	if (result == 0)
		result = push_all(run, &artifact, 1, count, err);
	artifact_done(&artifact);
	return result;
}

static int name_repository(struct oci_reference *reference, const char *file)
{
	const char *slash = strrchr(file, '/');
	size_t len = strlen(reference->repository);
	int wrote = snprintf(reference->repository + len,
	                     sizeof reference->repository - len, "/%s",
	                     slash != NULL ? slash + 1 : file);

	return wrote < 0 ? -1 : 0;
}

static int push_each(struct run *run, const struct oci_reference *reference,
                     char **files, size_t count, struct err *err)
{
	struct artifact *artifacts = calloc(count, sizeof *artifacts);
	int result = artifacts == NULL ? err_nomem(err) : 0;

	for (size_t i = 0; result == 0 && i < count; i++) {
		struct oci_reference own = *reference;

		result = name_repository(&own, files[i]);
		if (result == 0)
			result = make_artifact(run, &own, &files[i], 1,
			                       &artifacts[i], err);
		if (result == 0)
			result = write_text(run, &artifacts[i], NULL, err);
	}
	if (result == 0)
		result = push_all(run, artifacts, count, 1, err);
	for (size_t i = 0; artifacts != NULL && i < count; i++)
		artifact_done(&artifacts[i]);
	free(artifacts);
	return result;
}

static int attach(struct run *run, const struct oci_reference *reference,
                  char **files, size_t count, struct err *err)
{
	struct artifact artifact = { .count = 0 };
	struct oci_entry subject = { .media_type = OCI_TYPE_MANIFEST,
		                     .size = 1 };
	struct oci_entry entry = { .media_type = OCI_TYPE_MANIFEST,
		                   .artifact_type = run->type };
	struct bytes text;
	struct oci_push_subject listed = { .referrers = &entry,
		                           .texts = &text,
		                           .count = 1 };
	int result =
		make_artifact(run, reference, files, count, &artifact, err);

	memcpy(subject.digest, reference->digest, OCI_DIGEST_LEN);
	memcpy(listed.digest, reference->digest, OCI_DIGEST_LEN);
	artifact.repository.reference.tag[0] = '\0';
	if (result == 0)
		result = write_text(run, &artifact, &subject, err);
	memcpy(entry.digest, artifact.manifest.digest, OCI_DIGEST_LEN);
	entry.size = artifact.text.len;
	text = buf_bytes(&artifact.text);
	listed.to = &artifact.repository;
	if (result == 0)
		result = push_all(run, &artifact, 1, count, err);
	if (result == 0) {
		result = oci_push_referrers(&run->push, &listed, 1, err);
		print_outcome("list", listed.digest, &listed.result);
	}
	artifact_done(&artifact);
	return result;
}

static int read_tag(struct run *run, const struct oci_reference *reference,
                    struct err *err)
{
	struct oci_registry repository = { .client = NULL };
	struct oci_push_tag tag = { .to = &repository, .tag = reference->tag };
	int result = oci_push_repository(&run->push, &run->wanted, reference,
	                                 &repository, err);

	if (result == 0)
		result = oci_read_tags(&run->push, &tag, 1, err);
	if (result == 0 && tag.is_there)
		print_outcome("tag", tag.digest, &tag.result);
	else if (result == 0)
		printf("tag none\n");
	oci_done(&repository);
	return result;
}

/* --- pulling ------------------------------------------------------------- */

static int take(void *context, uint64_t offset, const void *data, size_t len,
                struct err *err)
{
	const int *fd = context;

	if (pwrite(*fd, data, len, (off_t)offset) != (ssize_t)len)
		return err_set(err, ERR_SYSTEM, 0, "writing");
	return 0;
}

static int pull_files(struct oci_registry *registry, int folder,
                      struct err *err)
{
	struct oci_resolved resolved = OCI_RESOLVED_NONE;
	int result = oci_resolve(registry, "linux", "amd64", &resolved, err);

	for (size_t i = 0; result == 0 && i < resolved.manifest.count; i++) {
		const struct oci_descriptor *layer =
			&resolved.manifest.entries[i];
		AUTO_CLOSE int fd =
			openat(folder, layer->title,
		               O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
		const struct http_sink sink = { take, &fd };

		result = oci_blob(registry, layer, &sink, err);
	}
	oci_manifest_done(&resolved.manifest);
	return result;
}

static int pull(struct run *run, const char *path, char **names, size_t count,
                struct err *err)
{
	AUTO_CLOSE int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result = 0;

	for (size_t i = 0; result == 0 && i < count; i++) {
		struct oci_registry registry = { .client = NULL };
		struct oci_reference reference;

		if (oci_reference_parse(names[i], &reference, err) < 0)
			return -1;
		result = oci_open(&registry, run->push.client, &run->wanted,
		                  &reference, err);
		if (result == 0)
			result = pull_files(&registry, folder, err);
		oci_done(&registry);
	}
	return result;
}

/* --- the program --------------------------------------------------------- */

static int run_on(struct run *run, const char *verb, const char *name,
                  char **files, size_t count, struct err *err)
{
	struct oci_reference reference;

	if (strcmp(verb, "pull") == 0)
		return pull(run, name, files, count, err);
	if (oci_reference_parse(name, &reference, err) < 0)
		return -1;
	if (strcmp(verb, "push") == 0)
		return push_one(run, &reference, files, count, err);
	if (strcmp(verb, "each") == 0)
		return push_each(run, &reference, files, count, err);
	if (strcmp(verb, "attach") == 0)
		return attach(run, &reference, files, count, err);
	return read_tag(run, &reference, err);
}

static int run_command(struct run *run, const char *verb, const char *name,
                       char **files, size_t count, struct err *err)
{
	int result;

	if (json_read_init(err) < 0 || http_prepare(err) < 0 ||
	    oci_push_open(&run->push, &run->config, err) < 0)
		return -1;
	run->push.chunk_size = run->chunk_size;
	run->push.progress = note;
	run->push.context = run;
	result = run_on(run, verb, name, files, count, err);
	printf("sent %llu\n", (unsigned long long)run->sent);
	oci_push_done(&run->push);
	return result;
}

int main(int argc, char **argv)
{
	struct run run = { .wanted = { .app = NULL }, /* as who publishes */
		           .type = "application/vnd.test",
		           .config = { .wait_ms = 20, .say = say },
		           .push = OCI_PUSH_NONE };
	char text[ERR_TEXT_MAX];
	struct err err;
	int result = 0;
	int at = 1;

	run.config.plain_hosts = run.plain;
	for (; result == 0 && at < argc && strchr(argv[at], '=') != NULL; at++)
		result = take_setting(&run, argv[at], strchr(argv[at], '=') + 1,
		                      &err);
	if (result == 0 && argc - at < 2)
		result = err_set(&err, ERR_USAGE, 0, "what, and where to?");
	if (result == 0)
		result =
			run_command(&run, argv[at], argv[at + 1], argv + at + 2,
		                    (size_t)(argc - at - 2), &err);
	buf_done(&run.authorities);
	buf_done(&run.token);
	buf_done(&run.docker_config);
	if (result == 0)
		return 0;
	fprintf(stderr, "oci_push: error: %s\n",
	        err_format(&err, text, sizeof text));
	return err_exit_status(err.code);
}
