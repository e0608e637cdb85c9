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
/* How much older than the answer a Last-Modified must be to tell two versions
 * apart: RFC 9110, section 8.8.2.2. */
#define DATABLE_S 60

bool http_is_plain(const struct http_transfer *transfer)
{
	const struct http_range *range = &transfer->range;

	return range->offset == 0 && (range->len == HTTP_TO_END ||
	                              range->len == transfer->body->size);
}

bool http_has_upload(const struct http_request *request)
{
	return request->method == HTTP_POST || request->method == HTTP_PUT ||
	       request->method == HTTP_PATCH;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

uint64_t http_range_end(const struct http_transfer *transfer)
{
	const struct http_range *range = &transfer->range;
	uint64_t end = HTTP_UNKNOWN;

	if (range->len != HTTP_TO_END)
		end = range->offset + range->len;
	return smaller(end, transfer->identity->size);
}

static uint64_t next_wanted(const struct http_transfer *transfer)
{
	return transfer->range.offset + transfer->given;
}

/* --- the answer's head --- */

/* A file that is a gzip file by its name may be labelled so. */
static bool is_labelled_file(const char *url)
{
	size_t len = strcspn(url, "?#");

	return len > 3 && strncmp(url + len - 3, ".gz", 3) == 0;
}

static int check_coding(struct http_transfer *transfer)
{
	if (!transfer->head.is_coded || is_labelled_file(transfer->url))
		return 0;
	return err_set(&transfer->err, ERR_NETWORK, 0,
	               "the server sends it encoded as '%s', which nobody "
	               "asked for",
	               transfer->head.coding);
}

/* The size of the whole body as this answer has it. */
static uint64_t total_of(const struct http_response *response)
{
	return response->status == 206 ? response->range_total
	                               : response->content_length;
}

static int check_total(struct http_transfer *transfer, uint64_t total)
{
	const struct http_body *body = transfer->body;

	if (total == HTTP_UNKNOWN)
		return 0;
	if (body->size != HTTP_UNKNOWN && total != body->size)
		return err_set(&transfer->err, ERR_NETWORK, 0,
		               "the server has %" PRIu64
		               " bytes of it; it must be %" PRIu64,
		               total, body->size);
	if (total > body->size_max)
		return err_set(&transfer->err, ERR_LIMIT, 0,
		               "the server has %" PRIu64
		               " bytes of it; %" PRIu64 " are the most",
		               total, body->size_max);
	return 0;
}

static void note_identity(struct http_identity *identity,
                          const struct http_response *response, uint64_t total)
{
	int64_t modified = (int64_t)curl_getdate(response->last_modified, NULL);

	identity->is_known = true;
	identity->size = total;
	memcpy(identity->etag, response->etag, sizeof identity->etag);
	memcpy(identity->last_modified, response->last_modified,
	       sizeof identity->last_modified);
	identity->is_datable = modified >= 0 && response->date >= 0 &&
	                       response->date - modified >= DATABLE_S;
}

static bool is_same(const struct http_identity *identity,
                    const struct http_response *response, uint64_t total)
{
	if (identity->size != HTTP_UNKNOWN && total != HTTP_UNKNOWN &&
	    identity->size != total)
		return false;
	if (identity->etag[0] != '\0' && response->etag[0] != '\0')
		return strcmp(identity->etag, response->etag) == 0;
	return identity->last_modified[0] == '\0' ||
	       response->last_modified[0] == '\0' ||
	       strcmp(identity->last_modified, response->last_modified) == 0;
}

static int check_identity(struct http_transfer *transfer, uint64_t total)
{
	struct http_identity *identity = transfer->identity;

	if (!identity->is_known)
		note_identity(identity, transfer->response, total);
	else if (!is_same(identity, transfer->response, total))
		return err_set(&transfer->err, ERR_NETWORK, 0,
		               "the file on the server changed while it was "
		               "fetched");
	return 0;
}

/* 206: exactly from where we asked, and no further. */
static int check_range(struct http_transfer *transfer)
{
	const struct http_response *response = transfer->response;
	uint64_t end = http_range_end(transfer);

	if (!transfer->asked_range ||
	    response->range_first != next_wanted(transfer) ||
	    response->range_last >= end)
		return err_set(&transfer->err, ERR_NETWORK, 0,
		               "the server answers with another range than "
		               "the one that was asked for");
	transfer->at = response->range_first;
	return 0;
}

/* This is the body, so the next range may go there at once. */
static void note_storage(struct http_transfer *transfer)
{
	struct http_identity *identity = transfer->identity;

	if (!transfer->is_redirected)
		return;
	memcpy(identity->storage, transfer->url, sizeof identity->storage);
	identity->storage_floor = transfer->floor;
}

/* What to do with the body of a download; -1 with the transfer's err. */
static int accept_body(struct http_transfer *transfer)
{
	const struct http_response *response = transfer->response;
	uint64_t total = total_of(response);

	transfer->at = 0;
	if (response->status == 206 && check_range(transfer) < 0)
		return -1;
	if (response->status != 206 && response->status != 200)
		return err_set(&transfer->err, ERR_NETWORK, 0,
		               "the server answers with status %u and no file",
		               response->status);
	/* A log-in page, or an application that answers every path so. */
	if (strcmp(response->content_type, "text/html") == 0)
		return err_set(&transfer->err, ERR_FORMAT, 0,
		               "the server sends a web page (text/html)");
	transfer->use = BODY_GIVE;
	if (check_total(transfer, total) < 0 ||
	    check_identity(transfer, total) < 0)
		return -1;
	if (transfer->identity->size < transfer->range.offset)
		return err_set(&transfer->err, ERR_FORMAT, 0,
		               "it has %" PRIu64 " bytes, too few",
		               transfer->identity->size);
	note_storage(transfer);
	return 0;
}

/* A server that does not do what was asked for: the whole body must do. */
static bool needs_whole(const struct http_transfer *transfer)
{
	unsigned status = transfer->response->status;

	return transfer->asked_range && !http_is_plain(transfer) &&
	       transfer->wholly == HTTP_OR_WHOLE &&
	       (status == 200 || status == 416 || status == 501);
}

static int judge_head(struct http_transfer *transfer)
{
	struct http_response *response = transfer->response;

	memcpy(response->url, transfer->url, sizeof response->url);
	response->reach = transfer->floor;
	transfer->use = BODY_EXCERPT;
	if (needs_whole(transfer)) {
		transfer->state = TRANSFER_NEEDS_WHOLE;
		transfer->has_enough = true;
		return -1;
	}
	if (response->status < 200 || response->status > 299)
		return 0;
	if (check_coding(transfer) < 0)
		return -1;
	if (transfer->sink != NULL)
		return accept_body(transfer);
	transfer->use = BODY_KEEP;
	return 0;
}

static size_t take_head(char *line, size_t one, size_t len, void *context)
{
	struct http_transfer *transfer = context;
	int got;

	(void)one; /* always 1: CURLOPT_HEADERFUNCTION(3) */
	/* Trailers: nothing in them counts. */
	if (transfer->has_head)
		return len;
	got = http_head_take(&transfer->head, transfer->response, line, len,
	                     &transfer->err);
	transfer->has_head = got == 1;
	if (got == 1)
		got = judge_head(transfer);
	if (got < 0) {
		transfer->has_failed = !transfer->has_enough;
		return 0;
	}
	return len;
}

/* --- its body --- */

static size_t hang_up(struct http_transfer *transfer)
{
	transfer->has_enough = true;
	return 0;
}

static size_t fail(struct http_transfer *transfer)
{
	transfer->has_failed = true;
	return 0;
}

static size_t keep(struct http_transfer *transfer, const char *data, size_t len)
{
	struct buf *body = &transfer->response->body;

	body->max = transfer->request->body_max;
	if (len > body->max - body->len) {
		(void)err_set(&transfer->err, ERR_LIMIT, 0,
		              "the server sends more than %zu bytes",
		              body->max);
		return fail(transfer);
	}
	return buf_add(body, data, len, &transfer->err) < 0 ? fail(transfer)
	                                                    : len;
}

static size_t keep_excerpt(struct http_transfer *transfer, const char *data,
                           size_t len)
{
	struct buf *body = &transfer->response->body;
	size_t part = len;

	body->max = HTTP_ERROR_BODY;
	if (part > body->max - body->len)
		part = body->max - body->len;
	if (buf_add(body, data, part, &transfer->err) < 0)
		return fail(transfer);
	return part == len ? len : hang_up(transfer);
}

/* More than the body may be as a whole. */
static size_t fail_overlong(struct http_transfer *transfer, uint64_t most)
{
	(void)err_set(&transfer->err, ERR_LIMIT, 0,
	              "the server sends more than %" PRIu64 " bytes", most);
	return fail(transfer);
}

/* Of [at, at + len) what the range still lacks. */
static size_t give(struct http_transfer *transfer, const char *data, size_t len)
{
	uint64_t most = smaller(transfer->body->size, transfer->body->size_max);
	uint64_t end = http_range_end(transfer);
	uint64_t from = next_wanted(transfer);
	uint64_t skip = 0;
	uint64_t part;

	if (len > most - transfer->at)
		return fail_overlong(transfer, most);
	if (from > transfer->at)
		skip = smaller(from - transfer->at, len);
	part = smaller(len - skip, end - smaller(end, transfer->at + skip));
	if (part > 0 &&
	    transfer->sink->take(transfer->sink->context, transfer->at + skip,
	                         data + skip, (size_t)part, &transfer->err) < 0)
		return fail(transfer);
	transfer->given += part;
	transfer->at += len;
	/* Behind the end of a range there is nothing for us. */
	return skip + part == len ? len : hang_up(transfer);
}

static size_t take_body(char *data, size_t one, size_t len, void *context)
{
	struct http_transfer *transfer = context;

	(void)one; /* always 1: CURLOPT_WRITEFUNCTION(3) */
	switch (transfer->use) {
	case BODY_GIVE:
		return give(transfer, data, len);
	case BODY_KEEP:
		return keep(transfer, data, len);
	case BODY_EXCERPT:
		break;
	}
	return keep_excerpt(transfer, data, len);
}

/* --- the body of a request --- */

/* libcurl takes the next bytes of an upload. */
static size_t read_upload(char *out, size_t one, size_t room, void *context)
{
	struct http_transfer *transfer = context;
	const struct http_upload *upload = &transfer->request->upload;
	size_t len = (size_t)smaller(room * one, upload->len - transfer->sent);

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
	uint64_t from = next_wanted(transfer);
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
	SET(options, CURLOPT_HEADERFUNCTION, take_head);
	SET(options, CURLOPT_HEADERDATA, transfer);
	SET(options, CURLOPT_WRITEFUNCTION, take_body);
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
