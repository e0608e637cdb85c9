/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP client by itself, for tests against real servers.
 *
 *     http_client [NAME=VALUE...] get|head|post|download URL [OFFSET+LEN...]
 *
 * Names: plain, ca, proxy, deadline (ms), stall (s), auth, max, size, out, cut,
 * stop.  Prints what came, a line each; the body goes to the file out, at its
 * offsets.  The exit status is that of install-package. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/text.h"
#include "net/http.h"

#define RANGES_MAX 32

struct run {
	struct http_config config;
	struct http_body body;
	struct http_range ranges[RANGES_MAX];
	size_t range_count;
	const char *plain[RANGES_MAX];
	struct buf authorities;
	int out;
	enum http_wholly wholly;
	uint64_t given;
};

static void say(void *context, const char *text)
{
	(void)context;
	printf("say %s\n", text);
}

static int take(void *context, uint64_t offset, const void *data, size_t len,
                struct err *err)
{
	struct run *run = context;

	run->given += len;
	if (pwrite(run->out, data, len, (off_t)offset) != (ssize_t)len)
		return err_set(err, ERR_SYSTEM, 0, "writing");
	return 0;
}

static uint64_t number(const char *text)
{
	struct err err;
	uint64_t value = 0;

	if (text_u64(text, strlen(text), UINT64_MAX - 1, &value, &err) < 0)
		fprintf(stderr, "'%s' is no number\n", text);
	return value;
}

static int take_setting(struct run *run, const char *name, const char *value,
                        struct err *err)
{
	AUTO_CLOSE int fd = -1;

	if (strncmp(name, "plain=", 6) == 0) {
		run->plain[run->config.plain_host_count++] = value;
		run->config.plain_hosts = run->plain;
	} else if (strncmp(name, "ca=", 3) == 0) {
		fd = open(value, O_RDONLY | O_CLOEXEC);
		if (fs_read_fd(fd, &run->authorities, err) < 0)
			return -1;
		run->config.authorities = buf_bytes(&run->authorities);
	} else if (strncmp(name, "out=", 4) == 0) {
		run->out = open(value, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	} else if (strncmp(name, "proxy=", 6) == 0) {
		run->config.proxy = value;
	} else if (strncmp(name, "auth=", 5) == 0) {
		run->body.request.authorization = value;
	} else if (strncmp(name, "deadline=", 9) == 0) {
		run->config.deadline_ms = (int64_t)number(value);
	} else if (strncmp(name, "stall=", 6) == 0) {
		run->config.stall_s = (unsigned)number(value);
	} else if (strncmp(name, "max=", 4) == 0) {
		run->body.size_max = number(value);
		run->body.request.body_max = number(value);
	} else if (strncmp(name, "size=", 5) == 0) {
		run->body.size = number(value);
	} else if (strncmp(name, "cut=", 4) == 0) {
		run->wholly = HTTP_OR_CUT;
	} else if (strncmp(name, "stop=", 5) == 0) {
		run->body.request.redirects = HTTP_STOP;
	} else {
		return err_set(err, ERR_USAGE, 0, "what is '%s'?", name);
	}
	return 0;
}

static void take_range(struct run *run, char *text)
{
	char *plus = strchr(text, '+');

	if (plus == NULL || run->range_count == RANGES_MAX)
		return;
	*plus = '\0';
	run->ranges[run->range_count].offset = number(text);
	run->ranges[run->range_count++].len = number(plus + 1);
}

static int get(struct run *run, struct http_client *client, struct err *err)
{
	AUTO_RESPONSE struct http_response response = HTTP_RESPONSE_NONE;

	if (http_get(client, &run->body.request, &response, err) < 0)
		return -1;
	printf("status %u\nurl %s\nlocation %s\ntype %s\nbytes %zu\n",
	       response.status, response.url, response.location,
	       response.content_type, response.body.len);
	for (size_t i = 0; i < response.challenge_count; i++)
		printf("challenge %s\n", response.challenges[i]);
	if (run->body.request.redirects == HTTP_STOP)
		return 0;
	return http_require(&run->body.request, &response, err);
}

static int download(struct run *run, struct http_client *client,
                    struct err *err)
{
	const struct http_sink sink = { take, run };
	uint64_t size = 0;
	int got;

	if (run->range_count == 0)
		run->ranges[run->range_count++] =
			(struct http_range){ 0, HTTP_TO_END };
	got = http_download(client, &run->body, run->ranges, run->range_count,
	                    run->wholly, &sink, &size, err);
	printf("got %d\nsize %" PRIu64 "\ngiven %" PRIu64 "\n", got, size,
	       run->given);
	return got < 0 ? -1 : 0;
}

static int run_command(struct run *run, int argc, char **argv, struct err *err)
{
	AUTO_HTTP struct http_client *client = NULL;
	const char *verb;
	int at = 1;

	for (; at < argc && at < RANGES_MAX && strchr(argv[at], '=') != NULL;
	     at++)
		if (take_setting(run, argv[at], strchr(argv[at], '=') + 1,
		                 err) < 0)
			return -1;
	if (argc - at < 2)
		return err_set(err, ERR_USAGE, 0, "which address?");
	verb = argv[at];
	run->body.request.url = argv[at + 1];
	for (int i = at + 2; i < argc; i++)
		take_range(run, argv[i]);
	if (http_prepare(err) < 0 || http_open(&run->config, &client, err) < 0)
		return -1;
	if (strcmp(verb, "download") == 0)
		return download(run, client, err);
	if (strcmp(verb, "head") == 0)
		run->body.request.method = HTTP_HEAD;
	if (strcmp(verb, "post") == 0)
		run->body.request.method = HTTP_POST_FORM;
	return get(run, client, err);
}

int main(int argc, char **argv)
{
	struct run run = { .config = { .wait_ms = 1, .say = say },
		           .body = { .request = { .body_max = 1 << 20 },
		                     .size = HTTP_UNKNOWN,
		                     .size_max = (uint64_t)1 << 40 },
		           .authorities = BUF_NONE,
		           .out = -1 };
	struct err err;
	char text[2 * ERR_TEXT_MAX];
	int result = run_command(&run, argc, argv, &err);

	buf_done(&run.authorities);
	if (result == 0)
		return 0;
	printf("error %s\n", err_format(&err, text, sizeof text));
	return err_exit_status(err.code);
}
