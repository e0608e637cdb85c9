/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "net/http_own.h"

#define UPLOAD_BUFFER (256L * 1024)
#define HEADER_SIZE   8192 /* bytes of a header that we send: tokens are long */

bool http_has_upload(const struct http_request *request)
{
	return request->method == HTTP_POST || request->method == HTTP_PUT ||
	       request->method == HTTP_PATCH;
}

/* --- the body of a request --- */

/* libcurl takes the next bytes of an upload. */
static size_t read_upload(char *out, size_t one, size_t room, void *context)
{
	struct http_transfer *transfer = context;
	const struct http_upload *upload = &transfer->request->upload;
	uint64_t left = upload->len - transfer->sent;
	size_t len = room * one < left ? room * one : (size_t)left;

	if (upload->data != NULL)
		memcpy(out, (const char *)upload->data + transfer->sent, len);
	else if (fs_read_at(upload->fd, upload->offset + transfer->sent, out,
	                    len, &transfer->err) < 0) {
		transfer->has_failed = true;
		return CURL_READFUNC_ABORT;
	}
	transfer->sent += len;
	return len;
}

/* A connection that was kept turned out to be closed: from the beginning. */
static int rewind_upload(void *context, curl_off_t offset, int origin)
{
	struct http_transfer *transfer = context;

	if (origin != SEEK_SET || offset < 0 ||
	    (uint64_t)offset > transfer->request->upload.len)
		return CURL_SEEKFUNC_FAIL;
	transfer->sent = (uint64_t)offset;
	return CURL_SEEKFUNC_OK;
}

/* Bytes must flow; but a server that has all of a body may take its time to
 * look at it.  libcurl's own limit knows no such difference. */
static bool is_stalled(const struct http_transfer *transfer, uint64_t sent,
                       int64_t now)
{
	const struct http_config *config = &transfer->client->config;
	const struct http_request *request = transfer->request;
	bool may_think =
		sent >= request->upload.len &&
		(request->upload.len > 0 || request->method == HTTP_PUT);
	unsigned limit_s = may_think ? config->answer_s : config->stall_s;

	return now - transfer->flow_at >= (int64_t)limit_s * 1000;
}

/* Whether since flow_at as much flowed as has to, or the last byte went out. */
static bool has_flowed(const struct http_transfer *transfer, uint64_t sent,
                       uint64_t flowed)
{
	uint64_t least =
		(uint64_t)HTTP_RATE_MIN * transfer->client->config.stall_s;

	return flowed >= transfer->flowed + least ||
	       (sent == transfer->request->upload.len &&
	        flowed > transfer->flowed);
}

static int watch_upload(void *context, curl_off_t down_total, curl_off_t down,
                        curl_off_t up_total, curl_off_t up)
{
	struct http_transfer *transfer = context;
	const struct http_upload *upload = &transfer->request->upload;
	int64_t now = clock_monotonic_ms();

	(void)down_total;
	(void)up_total;
	if (transfer->flow_at == 0 ||
	    has_flowed(transfer, (uint64_t)up, (uint64_t)(up + down))) {
		transfer->flow_at = now;
		transfer->flowed = (uint64_t)(up + down);
	}
	transfer->is_stalled = is_stalled(transfer, (uint64_t)up, now);
	if (upload->sent != NULL && now - transfer->told_at >= HTTP_ALIVE_MS) {
		transfer->told_at = now;
		upload->sent(upload->context, (uint64_t)up);
	}
	return transfer->is_stalled;
}

/* --- where a connection may lead --- */

/* Before a socket: the address that a name resolved to. */
static curl_socket_t open_socket(void *context, curlsocktype purpose,
                                 struct curl_sockaddr *address)
{
	struct http_transfer *transfer = context;
	const char *proxy = transfer->client->config.proxy;

	(void)purpose; /* there is one: CURLSOCKTYPE_IPCXN */
	if (proxy[0] == '\0' && transfer->is_redirected &&
	    http_reach(&address->addr) < transfer->floor) {
		transfer->is_inward = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC,
	              address->protocol);
}

/* Before a request, over a connection that is new or was kept. */
static int before_request(void *context, char *their_address, char *our_address,
                          int their_port, int our_port)
{
	struct http_transfer *transfer = context;
	const char *proxy = transfer->client->config.proxy;
	struct http_place place;
	enum reach reach;

	(void)our_address;
	(void)their_port;
	(void)our_port;
	if (proxy[0] == '\0')
		reach = http_reach_of_text(their_address);
	else if (http_place_of(&transfer->client->config, transfer->url, &place,
	                       &transfer->err) == 0)
		/* A proxy resolves names itself: only literals can be judged.
		 */
		reach = http_reach_of_text(place.host);
	else
		return CURL_PREREQFUNC_ABORT;
	if (transfer->is_redirected && reach < transfer->floor) {
		transfer->is_inward = true;
		return CURL_PREREQFUNC_ABORT;
	}
	if (reach > transfer->floor)
		transfer->floor = reach;
	return CURL_PREREQFUNC_OK;
}

/* --- the request --- */

static int add_header(struct http_transfer *transfer, struct err *err,
                      const char *fmt, ...) PRINTF_LIKE(3, 4);

static int add_header(struct http_transfer *transfer, struct err *err,
                      const char *fmt, ...)
{
	char line[HEADER_SIZE];
	struct curl_slist *more;
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(line, sizeof line, fmt, args);
	va_end(args);
	if (len < 0 || (size_t)len >= sizeof line ||
	    strpbrk(line, "\r\n") != NULL)
		return err_set(err, ERR_USAGE, 0,
		               "a header of the request is too long or of "
		               "several lines; is a credential damaged?");
	more = curl_slist_append(transfer->headers, line);
	if (more == NULL)
		return err_nomem(err);
	transfer->headers = more;
	return 0;
}

static int add_range_line(struct http_transfer *transfer, uint64_t from,
                          uint64_t end, struct err *err)
{
	if (end == HTTP_UNKNOWN)
		return add_header(transfer, err, "Range: bytes=%" PRIu64 "-",
		                  from);
	return add_header(transfer, err, "Range: bytes=%" PRIu64 "-%" PRIu64,
	                  from, end - 1);
}

static int add_range(struct http_transfer *transfer, struct err *err)
{
	const struct http_identity *identity = transfer->identity;
	uint64_t from = http_next_wanted(transfer);
	const char *validator = NULL;

	transfer->asked_range = true;
	if (add_range_line(transfer, from, http_range_end(transfer), err) < 0)
		return -1;
	if (http_has_strong_etag(identity->etag))
		validator = identity->etag;
	else if (identity->is_datable)
		validator = identity->last_modified;
	if (validator == NULL)
		return 0;
	return add_header(transfer, err, "If-Range: %s", validator);
}

static int add_headers(struct http_transfer *transfer, struct err *err)
{
	const struct http_request *request = transfer->request;
	const char *accept = request->accept != NULL ? request->accept : "*/*";

	if (add_header(transfer, err, "Accept: %s", accept) < 0 ||
	    add_header(transfer, err, "Accept-Encoding: identity") < 0)
		return -1;
	if (request->authorization != NULL && !transfer->is_redirected &&
	    add_header(transfer, err, "Authorization: %s",
	               request->authorization) < 0)
		return -1;
	for (size_t i = 0; i < HTTP_HEADERS_MAX && request->headers[i] != NULL;
	     i++)
		if (add_header(transfer, err, "%s", request->headers[i]) < 0)
			return -1;
	if (http_has_upload(request) &&
	    add_header(transfer, err, "Content-Type: %s",
	               request->upload.content_type != NULL
	                       ? request->upload.content_type
	                       : "application/octet-stream") < 0)
		return -1;
	if (transfer->sink == NULL || transfer->has_no_ranges ||
	    (transfer->given == 0 && http_is_plain(transfer)))
		return 0;
	return add_range(transfer, err);
}

/* The first of many options that libcurl does not take. */
struct options {
	CURL *easy;
	CURLcode code;
};

#define SET(options, option, value)                                            \
	((options)->code =                                                     \
	         (options)->code != CURLE_OK                                   \
	                 ? (options)->code                                     \
	                 : curl_easy_setopt((options)->easy, option, value))

/* What holds for every request. */
static void set_policy(struct options *options,
                       const struct http_config *config)
{
	SET(options, CURLOPT_PROTOCOLS_STR, "http,https");
	SET(options, CURLOPT_FOLLOWLOCATION, 0L);
	SET(options, CURLOPT_PATH_AS_IS, 1L);
	SET(options, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(options, CURLOPT_NOSIGNAL, 1L);
	SET(options, CURLOPT_PROXY, config->proxy);
	SET(options, CURLOPT_NOPROXY,
	    config->no_proxy != NULL ? config->no_proxy : "");
	SET(options, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	SET(options, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(options, CURLOPT_PIPEWAIT, 1L);
	SET(options, CURLOPT_BUFFERSIZE, 256L * 1024);
	SET(options, CURLOPT_CONNECTTIMEOUT, (long)HTTP_CONNECT_S);
	SET(options, CURLOPT_LOW_SPEED_LIMIT, (long)HTTP_RATE_MIN);
	SET(options, CURLOPT_LOW_SPEED_TIME, (long)config->stall_s);
	SET(options, CURLOPT_USERAGENT, config->agent);
}

static void set_callbacks(struct options *options,
                          struct http_transfer *transfer)
{
	SET(options, CURLOPT_PRIVATE, transfer);
	SET(options, CURLOPT_ERRORBUFFER, transfer->reason);
	SET(options, CURLOPT_HEADERFUNCTION, http_take_head);
	SET(options, CURLOPT_HEADERDATA, transfer);
	SET(options, CURLOPT_WRITEFUNCTION, http_take_body);
	SET(options, CURLOPT_WRITEDATA, transfer);
	SET(options, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	SET(options, CURLOPT_OPENSOCKETDATA, transfer);
	SET(options, CURLOPT_PREREQFUNCTION, before_request);
	SET(options, CURLOPT_PREREQDATA, transfer);
}

static void set_upload(struct options *options, struct http_transfer *transfer,
                       const char *method)
{
	const struct http_upload *upload = &transfer->request->upload;

	SET(options, CURLOPT_UPLOAD, 1L);
	SET(options, CURLOPT_CUSTOMREQUEST, method);
	SET(options, CURLOPT_INFILESIZE_LARGE, (curl_off_t)upload->len);
	SET(options, CURLOPT_UPLOAD_BUFFERSIZE, UPLOAD_BUFFER);
	SET(options, CURLOPT_READFUNCTION, read_upload);
	SET(options, CURLOPT_READDATA, transfer);
	SET(options, CURLOPT_SEEKFUNCTION, rewind_upload);
	SET(options, CURLOPT_SEEKDATA, transfer);
	SET(options, CURLOPT_NOPROGRESS, 0L);
	SET(options, CURLOPT_XFERINFOFUNCTION, watch_upload);
	SET(options, CURLOPT_XFERINFODATA, transfer);
	SET(options, CURLOPT_LOW_SPEED_LIMIT, 0L);
}

static void set_request(struct options *options, struct http_transfer *transfer)
{
	const struct http_request *request = transfer->request;

	SET(options, CURLOPT_URL, transfer->url);
	SET(options, CURLOPT_HTTPHEADER, transfer->headers);
	switch (request->method) {
	case HTTP_GET:
		SET(options, CURLOPT_HTTPGET, 1L);
		break;
	case HTTP_HEAD:
		SET(options, CURLOPT_NOBODY, 1L);
		break;
	case HTTP_POST_FORM:
		SET(options, CURLOPT_POSTFIELDS,
		    request->form != NULL ? request->form : "");
		break;
	case HTTP_POST:
		set_upload(options, transfer, "POST");
		break;
	case HTTP_PUT:
		set_upload(options, transfer, "PUT");
		break;
	case HTTP_PATCH:
		set_upload(options, transfer, "PATCH");
		break;
	case HTTP_DELETE:
		SET(options, CURLOPT_CUSTOMREQUEST, "DELETE");
		break;
	}
}

static int set_up(struct http_transfer *transfer, struct err *err)
{
	const struct http_client *client = transfer->client;
	const struct http_config *config = &client->config;
	struct options options = { transfer->easy, CURLE_OK };
	/* libcurl keeps the pointer; the configuration outlives it. */
	union {
		const uint8_t *in;
		void *out;
	} pem = { .in = config->authorities.data };
	struct curl_blob authorities = { .data = pem.out,
		                         .len = config->authorities.len,
		                         .flags = CURL_BLOB_NOCOPY };

	set_policy(&options, config);
	set_callbacks(&options, transfer);
	set_request(&options, transfer);
	if (authorities.len > 0)
		SET(&options, CURLOPT_CAINFO_BLOB, &authorities);
	if (config->proxy[0] != '\0' && authorities.len > 0)
		SET(&options, CURLOPT_PROXY_CAINFO_BLOB, &authorities);
	if (client->deadline > 0)
		SET(&options, CURLOPT_TIMEOUT_MS,
		    (long)(client->deadline - clock_monotonic_ms() + 1));
	if (options.code == CURLE_OUT_OF_MEMORY)
		return err_nomem(err);
	if (options.code != CURLE_OK)
		return err_set(err, ERR_INTERNAL, 0, "setting up libcurl: %s",
		               curl_easy_strerror(options.code));
	return 0;
}

/* The storage of an earlier redirect, or the request's own address. */
static int choose_url(struct http_transfer *transfer, struct err *err)
{
	const struct http_identity *identity = transfer->identity;
	struct http_place place;

	if (transfer->url[0] != '\0')
		return 0; /* the next hop */
	transfer->redirects = 0;
	transfer->is_redirected = transfer->request->is_led;
	transfer->floor = (enum reach)transfer->request->led_from;
	if (identity != NULL && identity->storage[0] != '\0') {
		transfer->is_redirected = true;
		transfer->floor = identity->storage_floor;
		memcpy(transfer->url, identity->storage, sizeof transfer->url);
		return 0;
	}
	if (http_place_of(&transfer->client->config, transfer->request->url,
	                  &place, err) < 0)
		return -1;
	/* http_place_of found it short enough. */
	(void)snprintf(transfer->url, sizeof transfer->url, "%s",
	               transfer->request->url);
	return 0;
}

int http_attempt_start(struct http_transfer *transfer, struct err *err)
{
	transfer->head = (struct http_head){ 0 };
	transfer->reason[0] = '\0';
	transfer->given_before = transfer->given;
	transfer->asked_range = false;
	transfer->has_head = false;
	transfer->is_inward = false;
	transfer->has_enough = false;
	transfer->has_failed = false;
	transfer->sent = 0;
	transfer->flowed = 0;
	transfer->flow_at = 0;
	transfer->is_stalled = false;
	http_response_begin(transfer->response);
	if (choose_url(transfer, err) < 0)
		return -1;
	transfer->easy = curl_easy_init();
	if (transfer->easy == NULL)
		return err_nomem(err);
	if (add_headers(transfer, err) < 0 || set_up(transfer, err) < 0)
		return -1;
	if (curl_multi_add_handle(transfer->client->multi, transfer->easy) !=
	    CURLM_OK)
		return err_set(err, ERR_INTERNAL, 0, "starting a transfer");
	transfer->state = TRANSFER_RUNNING;
	transfer->attempts++;
	if (transfer->tries == 0)
		transfer->client->requests++;
	return 0;
}

void http_attempt_end(struct http_transfer *transfer)
{
	if (transfer->easy != NULL) {
		/* It may never have been added, which is an error code. */
		(void)curl_multi_remove_handle(transfer->client->multi,
		                               transfer->easy);
		curl_easy_cleanup(transfer->easy);
		transfer->easy = NULL;
	}
	curl_slist_free_all(transfer->headers);
	transfer->headers = NULL;
}
