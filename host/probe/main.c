/* SPDX-License-Identifier: Apache-2.0 */
/* probe-worker: one GET to a service, whose status alone counts, or a
 * connection and nothing more.  Input 0 holds a struct probe_request. */
#include <curl/curl.h>
#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "privsep/probe.h"
#include "privsep/worker_main.h"

#define AUTO_CURL AUTO(cleanup_curl)

/* What a health page may have; a stream without end is cut here. */
#define BODY_MAX ((size_t)1 << 20)

static void cleanup_curl(CURL **curl)
{
	curl_easy_cleanup(*curl);
}

static int start_libcurl(struct err *err)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
		return err_set(err, ERR_SYSTEM, 0, "starting libcurl");
	return 0;
}

/* libcurl's callback: count the body and forget it.  Another result than the
 * length ends the transfer. */
static size_t drop_body(char *data, size_t one, size_t len, void *context)
{
	size_t *total = context;

	(void)data;
	(void)one; /* always 1: CURLOPT_WRITEFUNCTION(3) */
	if (len > BODY_MAX - *total)
		return 0;
	*total += len;
	return len;
}

/* Every option is one line; a typo in one is an error code, not silence. */
static int configure(CURL *curl, const struct probe_request *request,
                     char *reason, size_t *body, struct err *err)
{
	if (curl_easy_setopt(curl, CURLOPT_URL, request->url) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") !=
	            CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) != CURLE_OK ||
	    /* Not to wait, past the timeout, for a thread that waits for a
	     * name server. */
	    curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_PROXY, "") != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) !=
	            CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_CONNECT_ONLY,
	                     request->kind == PROBE_CONNECT ? 1L : 0L) !=
	            CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
	                     (long)request->timeout_ms) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_USERAGENT,
	                     "tidegate/" TIDEGATE_VERSION) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, drop_body) !=
	            CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_WRITEDATA, body) != CURLE_OK)
		return err_set(err, ERR_INTERNAL, 0, "setting up libcurl");
	return 0;
}

static int judge_status(CURL *curl, struct err *err)
{
	long status = 0;

	if (curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) !=
	            CURLE_OK ||
	    status < 200 || status > 299)
		return err_set(err, ERR_NETWORK, 0,
		               "it answered with status %ld", status);
	return 0;
}

static int get(const struct probe_request *request, struct err *err)
{
	AUTO_CURL CURL *curl = curl_easy_init();
	char reason[CURL_ERROR_SIZE] = "";
	size_t body = 0;
	CURLcode result;

	if (curl == NULL)
		return err_nomem(err);
	if (configure(curl, request, reason, &body, err) < 0)
		return -1;
	result = curl_easy_perform(curl);
	/* Our own callback has seen enough: the status stands. */
	if (result != CURLE_OK && result != CURLE_WRITE_ERROR)
		return err_set(err, ERR_NETWORK, 0, "%s",
		               reason[0] != '\0' ? reason
		                                 : curl_easy_strerror(result));
	return request->kind == PROBE_CONNECT ? 0 : judge_status(curl, err);
}

static int run_probe(struct worker_context *context, struct err *err)
{
	struct probe_request request;

	(void)context; /* the request is larger than a message */
	if (fs_read_at(WORKER_FD_INPUT, 0, &request, sizeof request, err) < 0)
		return -1;
	if (memchr(request.url, '\0', sizeof request.url) == NULL)
		return err_set(err, ERR_INTERNAL, 0, "the address has no end");
	return get(&request, err);
}

static const struct worker_program program = {
	.profile = SANDBOX_NETWORK,
	.paths = sandbox_network_paths,
	.prepare = start_libcurl,
	.run = run_probe,
};

int main(int argc, char **argv)
{
	return worker_main(&program, argc, argv);
}
