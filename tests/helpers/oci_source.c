/* SPDX-License-Identifier: Apache-2.0 */
/* An artifact of a registry by itself, for tests against real registries.
 *
 *     oci_source [NAME=VALUE...] REFERENCE FOLDER
 *
 * Names: plain, ca, token, config (files of credentials), version, os,
 * architecture, pause (a command that runs when the release was found), range
 * (OFFSET+LEN of the payload).  Writes each part that is there into FOLDER and
 * prints its name; the exit status is that of install-package. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/text.h"
#include "codec/json_read.h"
#include "net/source.h"

#define PLAIN_MAX 4

struct run {
	struct http_config config;
	struct source_wanted wanted;
	const char *plain[PLAIN_MAX];
	struct buf authorities, token, docker_config;
	const char *pause;
	struct http_range range;
	int folder;
};

static void say(void *context, const char *text)
{
	(void)context;
	printf("say %s\n", text);
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

static int take_range(struct run *run, const char *text, struct err *err)
{
	const char *plus = strchr(text, '+');

	if (plus == NULL)
		return err_set(err, ERR_USAGE, 0, "range=OFFSET+LEN");
	if (text_u64(text, (size_t)(plus - text), UINT64_MAX - 1,
	             &run->range.offset, err) < 0)
		return -1;
	return text_u64(plus + 1, strlen(plus + 1), UINT64_MAX - 1,
	                &run->range.len, err);
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
	else if (strncmp(name, "version=", 8) == 0)
		run->wanted.version = value;
	else if (strncmp(name, "os=", 3) == 0)
		run->wanted.os = value;
	else if (strncmp(name, "architecture=", 13) == 0)
		run->wanted.architecture = value;
	else if (strncmp(name, "pause=", 6) == 0)
		run->pause = value;
	else if (strncmp(name, "range=", 6) == 0)
		return take_range(run, value, err);
	else
		return err_set(err, ERR_USAGE, 0, "what is '%s'?", name);
	return 0;
}

/* --- the parts ---------------------------------------------------------- */

static int take(void *context, uint64_t offset, const void *data, size_t len,
                struct err *err)
{
	const int *fd = context;

	if (pwrite(*fd, data, len, (off_t)offset) != (ssize_t)len)
		return err_set(err, ERR_SYSTEM, 0, "writing");
	return 0;
}

static int write_part(struct run *run, struct source *source, struct part part,
                      struct err *err)
{
	char name[PART_NAME_SIZE];
	AUTO_CLOSE int fd = -1;
	const struct http_sink sink = { take, &fd };
	int got;

	part_name(part, name);
	fd = openat(run->folder, name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC,
	            0600);
	got = source->ops->part(source, part, &sink, err);
	if (got == 0)
		(void)unlinkat(run->folder, name, 0);
	if (got == 1)
		printf("%s\n", name);
	return got < 0 ? -1 : got;
}

/* In the order of judging, as a host takes them. */
static int write_parts(struct run *run, struct source *source, struct err *err)
{
	static const enum part_kind kinds[] = {
		PART_RELEASE_INI, PART_MINISIG, PART_SIGSTORE, PART_ATTESTATION,
		PART_PROFILE_ENV, PART_SBOM,    PART_MTREE,    PART_INDEX,
		PART_SHA256,      PART_PACKED
	};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct part part = { kinds[i], 0 };
		int got;

		do {
			part.id += kinds[i] == PART_SIGSTORE ? 1 : 0;
			got = write_part(run, source, part, err);
		} while (got == 1 && kinds[i] == PART_SIGSTORE);
		if (got < 0)
			return -1;
	}
	return 0;
}

static int write_payload(struct run *run, struct source *source,
                         struct err *err)
{
	struct http_range range = run->range;
	AUTO_CLOSE int fd =
		openat(run->folder, "payload.tar.gz",
	               O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	const struct http_sink sink = { take, &fd };
	AUTO_BUF struct buf text = BUF_NONE;
	AUTO_CLOSE int release =
		openat(run->folder, "release.ini", O_RDONLY | O_CLOEXEC);
	const char *line;

	if (fs_read_fd(release, &text, err) < 0)
		return -1;
	line = strstr(buf_text(&text), "\npayload.tar.gz = ");
	if (line == NULL)
		return err_set(err, ERR_FORMAT, 0, "no payload in release.ini");
	line += strlen("\npayload.tar.gz = ");
	if (text_u64(line, strcspn(line, " "), UINT64_MAX - 1, &range.len,
	             err) < 0)
		return -1;
	if (run->range.len == 0)
		return source->ops->payload(source, range.len, &range, 1, &sink,
		                            err);
	return source->ops->payload(source, range.len, &run->range, 1, &sink,
	                            err);
}

static int run_all(struct run *run, const char *reference, struct err *err)
{
	AUTO_HTTP struct http_client *client = NULL;
	struct source *source = NULL;
	int result;

	if (json_read_init(err) < 0 || http_prepare(err) < 0 ||
	    http_open(&run->config, &client, err) < 0 ||
	    source_oci_new(client, &run->wanted, reference, &source, err) < 0)
		return -1;
	result = source->ops->open(source, err);
	if (result == 0) {
		printf("origin %s\n", source->origin);
		(void)fflush(stdout);
		if (run->pause != NULL && system(run->pause) != 0)
			fprintf(stderr, "pause\n");
		result = write_parts(run, source, err);
	}
	if (result == 0)
		result = write_payload(run, source, err);
	source->ops->done(source);
	return result;
}

int main(int argc, char **argv)
{
	struct run run = { .wanted = { .app = "shop",
		                       .version = "",
		                       .os = "linux",
		                       .architecture = "amd64" },
		           .config = { .wait_ms = 1, .say = say } };
	char text[ERR_TEXT_MAX];
	struct err err;
	int result = 0;
	int at = 1;

	run.config.plain_hosts = run.plain;
	for (; result == 0 && at < argc - 2; at++) {
		const char *sign = strchr(argv[at], '=');

		result = sign == NULL
		                 ? err_set(&err, ERR_USAGE, 0, "usage")
		                 : take_setting(&run, argv[at], sign + 1, &err);
	}
	if (argc < 3)
		return 2;
	run.folder = open(argv[argc - 1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (result == 0)
		result = run_all(&run, argv[argc - 2], &err);
	buf_done(&run.authorities);
	buf_done(&run.token);
	buf_done(&run.docker_config);
	if (result == 0)
		return 0;
	fprintf(stderr, "oci_source: error: %s\n",
	        err_format(&err, text, sizeof text));
	return err_exit_status(err.code);
}
