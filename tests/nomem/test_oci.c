/* SPDX-License-Identifier: Apache-2.0 */
/* Pulling from a registry with the n-th allocation of ours failing, for all n:
 * an error that says so, never half an answer that looks whole; no block is
 * left.  The registry is a child of this test, which wants a token. */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "codec/json_read.h"
#include "crypto/init.h"
#include "crypto/sha256.h"
#include "net/oci.h"
#include "short_memory.h"

#define ALLOCATION_MAX 5000 /* of one pull; more is a loop */
#define REQUEST_MAX    8192
#define TEXT_MAX       2048
#define BLOB           "what is pulled"

/* What the registry has. */
static char manifest[TEXT_MAX], referrers[TEXT_MAX];
static char blob_digest[OCI_DIGEST_SIZE], manifest_digest[OCI_DIGEST_SIZE];
static uint8_t digest[OCI_DIGEST_LEN]; /* of the manifest */
static unsigned port;

/* --- the registry --------------------------------------------------------- */

static void digest_text_of(const char *text, uint8_t raw[OCI_DIGEST_LEN],
                           char out[OCI_DIGEST_SIZE])
{
	struct err err;

	if (sha256_of(text, strlen(text), raw, &err) < 0)
		abort();
	oci_digest_text(raw, out);
}

static void fill_registry(void)
{
	uint8_t raw[OCI_DIGEST_LEN];

	digest_text_of(BLOB, raw, blob_digest);
	(void)snprintf(manifest, sizeof manifest,
	               "{\"schemaVersion\":2,\"mediaType\":\"" OCI_TYPE_MANIFEST
	               "\",\"config\":{\"mediaType\":\"a/b\",\"size\":2,"
	               "\"digest\":\"%s\"},\"layers\":[{\"mediaType\":\"c/d\","
	               "\"size\":%zu,\"digest\":\"%s\"}]}",
	               blob_digest, strlen(BLOB), blob_digest);
	digest_text_of(manifest, digest, manifest_digest);
	(void)snprintf(referrers, sizeof referrers,
	               "{\"schemaVersion\":2,\"mediaType\":\"" OCI_TYPE_INDEX
	               "\",\"manifests\":[{\"mediaType\":\"" OCI_TYPE_MANIFEST
	               "\",\"artifactType\":\"e/f\",\"size\":%zu,"
	               "\"digest\":\"%s\"}]}",
	               strlen(manifest), manifest_digest);
}

/* Whatever does not arrive, the test's side notices. */
static void answer(int peer, const char *status, const char *head,
                   const char *type, const char *body)
{
	char text[2 * TEXT_MAX];
	int len = snprintf(text, sizeof text,
	                   "HTTP/1.1 %s\r\nContent-Type: %s\r\n"
	                   "Content-Length: %zu\r\nConnection: close\r\n%s\r\n"
	                   "%s",
	                   status, type, strlen(body), head, body);

	(void)!write(peer, text, (size_t)len);
}

static void refuse(int peer)
{
	char head[256];

	(void)snprintf(
		head, sizeof head,
		"WWW-Authenticate: Bearer realm=\"http://127.0.0.1:%u/"
		"token\",service=\"s\",scope=\"repository:a/b:pull\"\r\n",
		port);
	answer(peer, "401 Unauthorized", head, "application/json", "{}");
}

static void serve_one(int peer, const char *request)
{
	if (strncmp(request, "GET /token", 10) == 0)
		answer(peer, "200 OK", "", "application/json",
		       "{\"token\":\"abc\"}");
	else if (strstr(request, "Authorization: Bearer abc") == NULL)
		refuse(peer);
	else if (strncmp(request, "GET /v2/a/b/blobs/", 18) == 0)
		answer(peer, "200 OK", "", "application/octet-stream", BLOB);
	else if (strncmp(request, "GET /v2/a/b/manifests/sha256-", 29) == 0)
		answer(peer, "200 OK", "", OCI_TYPE_INDEX, referrers);
	else if (strncmp(request, "GET /v2/a/b/manifests/", 22) == 0)
		answer(peer, "200 OK", "", OCI_TYPE_MANIFEST, manifest);
	else /* it knows no referrers */
		answer(peer, "404 Not Found", "", "application/json", "{}");
}

static void serve(int listener)
{
	for (;;) {
		char request[REQUEST_MAX + 1] = "";
		size_t len = 0;
		int peer = accept(listener, NULL, NULL);

		while (peer >= 0 && len < REQUEST_MAX &&
		       strstr(request, "\r\n\r\n") == NULL) {
			ssize_t n =
				read(peer, request + len, REQUEST_MAX - len);

			if (n <= 0)
				break;
			len += (size_t)n;
			request[len] = '\0';
		}
		if (len > 0)
			serve_one(peer, request);
		(void)close(peer);
	}
}

static pid_t start_registry(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		                       .sin_addr.s_addr =
		                               htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof address;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t child;

	if (listener < 0 ||
	    bind(listener, (const struct sockaddr *)&address, size) < 0 ||
	    listen(listener, 16) < 0 ||
	    getsockname(listener, (struct sockaddr *)&address, &size) < 0)
		abort();
	port = ntohs(address.sin_port);
	child = fork();
	if (child == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)signal(SIGPIPE, SIG_IGN);
		serve(listener);
	}
	(void)close(listener);
	return child;
}

/* --- one pull ------------------------------------------------------------- */

static bool is_wanted(const struct oci_descriptor *entry)
{
	return strcmp(entry->artifact_type, "e/f") == 0;
}

static int pull_all(struct oci_registry *registry, struct err *err)
{
	AUTO_OCI_MANIFEST struct oci_manifest got = OCI_MANIFEST_NONE;
	AUTO_BUF struct buf blob = BUF_NONE;
	static struct oci_referrers found;
	const struct oci_name name = { .tag = "1" };
	uint8_t is[OCI_DIGEST_LEN];

	found.count = 0;
	if (oci_get_manifest(registry, &name, is, &got, err) < 0 ||
	    oci_get_referrers(registry, is, is_wanted, &found, err) < 0 ||
	    oci_blob_read(registry, &got.entries[0], &blob, err) < 0)
		return -1;
	assert_memory_equal(is, digest, sizeof is);
	assert_int_equal(found.count, 1);
	assert_memory_equal(found.names[0].digest, digest, sizeof digest);
	assert_string_equal(buf_text(&blob), BLOB);
	return 0;
}

/* What the registry is asked with. */
struct asking {
	const char *name;
	struct oci_reference reference;
	char token[64], docker_config[128]; /* "": none */
};

static struct bytes bytes_of(const char *text)
{
	return (struct bytes){ (const uint8_t *)text, strlen(text) };
}

static int pull(const struct asking *asking, struct err *err)
{
	static const char *const plain[] = { "127.0.0.1" };
	const struct http_config config = { .plain_hosts = plain,
		                            .plain_host_count = 1,
		                            .deadline_ms = 20000 };
	const struct source_wanted wanted = { .version = "1",
		                              .os = "linux",
		                              .architecture = "amd64",
		                              .token = bytes_of(asking->token),
		                              .docker_config = bytes_of(
						      asking->docker_config) };
	AUTO_HTTP struct http_client *client = NULL;
	static struct oci_registry registry;
	int result;

	memset(&registry, 0, sizeof registry);
	if (http_open(&config, &client, err) < 0)
		return -1;
	result = oci_open(&registry, client, &wanted, &asking->reference, err);
	if (result == 0)
		result = pull_all(&registry, err);
	oci_done(&registry);
	return result;
}

static void fail_each(const struct asking *asking)
{
	char text[2 * ERR_TEXT_MAX];
	struct err err;

	/* What libraries keep for ever comes now. */
	if (pull(asking, &err) < 0)
		fail_msg("%s: %s", asking->name,
		         err_format(&err, text, sizeof text));
	for (size_t nth = 1; nth <= ALLOCATION_MAX; nth++) {
		long leaked;
		bool has_failed;
		int got;

		err = (struct err){ .code = ERR_NONE };
		short_memory_begin(nth);
		got = pull(asking, &err);
		has_failed = short_memory_end(&leaked);
		if (leaked != 0)
			fail_msg("%s, allocation %zu: %ld blocks leaked",
			         asking->name, nth, leaked);
		if (!has_failed) {
			assert_int_equal(got, 0);
			assert_true(nth > 20);
			return;
		}
		if (got != -1 || err.code != ERR_SYSTEM || err.sys != ENOMEM)
			fail_msg("%s, allocation %zu: got %d, code %d: %s",
			         asking->name, nth, got, (int)err.code,
			         got < 0 ? err_format(&err, text, sizeof text)
			                 : "");
	}
	fail_msg("%s: there is no end of allocations", asking->name);
}

static void each_failure_is_told_and_cleaned_up(void **state)
{
	struct asking askings[] = {
		{ .name = "without credentials" },
		{ .name = "with a password", .token = "u:secret" },
		{ .name = "with docker's configuration" },
	};
	const size_t count = sizeof askings / sizeof askings[0];
	char text[64];
	struct err err;

	(void)state;
	(void)snprintf(
		askings[2].docker_config, sizeof askings[2].docker_config,
		"{\"auths\":{\"127.0.0.1:%u\":{\"auth\":\"dTpw\"}}}", port);
	(void)snprintf(text, sizeof text, "127.0.0.1:%u/a/b:1", port);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(
			oci_reference_parse(text, &askings[i].reference, &err),
			0);
		fail_each(&askings[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_failure_is_told_and_cleaned_up),
	};
	struct err err;
	pid_t registry;
	int failed;

	if (crypto_init(&err) < 0 || json_read_init(&err) < 0 ||
	    http_prepare(&err) < 0)
		return 1;
	fill_registry();
	registry = start_registry();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	(void)kill(registry, SIGKILL);
	(void)waitpid(registry, NULL, 0);
	return failed;
}
