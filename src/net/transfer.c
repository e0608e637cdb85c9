/* SPDX-License-Identifier: Apache-2.0 */
#include "net/transfer.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/cleanup.h"

#define AUTO_CURL AUTO(cleanup_curl)

/* Where a running download stands. */
struct download {
	const struct transfer_sink *sink;
	uint64_t size;
	uint64_t size_max;
	bool is_too_large;
	int write_errno;
	bool has_failed; /* sink->alive did, and said why in err */
	struct err *err;
};

static void cleanup_curl(CURL **curl)
{
	curl_easy_cleanup(*curl);
}

int transfer_prepare(struct err *err)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
		return err_set(err, ERR_SYSTEM, 0, "starting libcurl");
	return 0;
}

/* libcurl's callback; any result but the whole length ends the transfer. */
static size_t take_body(char *data, size_t one, size_t len, void *context)
{
	struct download *download = context;
	size_t done = 0;

	(void)one; /* always 1: CURLOPT_WRITEFUNCTION(3) */
	if (len > download->size_max - download->size) {
		download->is_too_large = true;
		return 0;
	}
	while (done < len) {
		ssize_t n = pwrite(download->sink->fd, data + done, len - done,
		                   (off_t)(download->size + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			download->write_errno = errno;
			return 0;
		}
		done += (size_t)n;
	}
	download->size += len;
	if (download->sink->alive(download->sink->context, download->err) < 0) {
		download->has_failed = true;
		return 0;
	}
	return len;
}

/* Every option is one line; a typo in one is an error code, not silence. */
static int configure(CURL *curl, const struct transfer_request *request,
                     const struct buf *authorities, struct download *download,
                     char *reason, struct err *err)
{
	/* libcurl keeps the pointer: the owner outlives the transfer. */
	struct curl_blob pem = { .data = authorities->data,
		                 .len = authorities->len,
		                 .flags = CURL_BLOB_NOCOPY };

	if (curl_easy_setopt(curl, CURLOPT_URL, request->url) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https") !=
	            CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "https") !=
	            CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_MAXREDIRS,
	                     (long)TRANSFER_REDIRECTS_MAX) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_SSLVERSION,
	                     (long)CURL_SSLVERSION_TLSv1_2) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_PROXY, "") != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) !=
	            CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT,
	                     (long)TRANSFER_CONNECT_S) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME,
	                     (long)TRANSFER_STALL_S) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_USERAGENT,
	                     "tidegate/" TIDEGATE_VERSION) != CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body) !=
	            CURLE_OK ||
	    curl_easy_setopt(curl, CURLOPT_WRITEDATA, download) != CURLE_OK ||
	    (pem.len > 0 &&
	     curl_easy_setopt(curl, CURLOPT_CAINFO_BLOB, &pem) != CURLE_OK))
		return err_set(err, ERR_INTERNAL, 0, "setting up libcurl");
	return 0;
}

static int explain(CURL *curl, CURLcode result, const struct download *download,
                   const char *reason, struct err *err)
{
	long status = 0;

	if (download->has_failed)
		return -1;
	if (download->is_too_large)
		return err_set(err, ERR_LIMIT, 0,
		               "the server sends more than %llu bytes",
		               (unsigned long long)download->size_max);
	if (download->write_errno != 0)
		return err_set(err, ERR_SYSTEM, download->write_errno,
		               "writing the download");
	if (result == CURLE_HTTP_RETURNED_ERROR) {
		/* 0 stays where there is no status: CURLINFO_RESPONSE_CODE(3)
		 */
		(void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
		return err_set(err, ERR_NETWORK, 0,
		               "the server answered with status %ld", status);
	}
	if (result == CURLE_UNSUPPORTED_PROTOCOL)
		return err_set(err, ERR_NETWORK, 0,
		               "an address that is not https:// is refused");
	return err_set(err, ERR_NETWORK, 0, "%s",
	               reason[0] != '\0' ? reason : curl_easy_strerror(result));
}

int transfer_get(const struct transfer_request *request,
                 const struct buf *authorities,
                 const struct transfer_sink *sink, uint64_t *size,
                 struct err *err)
{
	AUTO_CURL CURL *curl = curl_easy_init();
	char reason[CURL_ERROR_SIZE] = "";
	struct download download = { .sink = sink,
		                     .size_max = request->size_max,
		                     .err = err };
	CURLcode result;

	if (curl == NULL)
		return err_nomem(err);
	if (configure(curl, request, authorities, &download, reason, err) < 0)
		return -1;
	result = curl_easy_perform(curl);
	if (result != CURLE_OK) {
		(void)explain(curl, result, &download, reason, err);
		return err_wrap(err, "fetching %s", request->url);
	}
	*size = download.size;
	return 0;
}
