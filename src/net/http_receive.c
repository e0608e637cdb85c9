/* SPDX-License-Identifier: Apache-2.0 */
/* What comes back in one attempt: the head of the answer is judged, and its
 * body goes where it belongs. */
#include <inttypes.h>
#include <string.h>

#include "net/http_own.h"

/* How much older than the answer a Last-Modified must be to tell two versions
 * apart: RFC 9110, section 8.8.2.2. */
#define DATABLE_S 60

bool http_is_plain(const struct http_transfer *transfer)
{
	const struct http_range *range = &transfer->range;

	return range->offset == 0 && (range->len == HTTP_TO_END ||
	                              range->len == transfer->body->size);
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

uint64_t http_next_wanted(const struct http_transfer *transfer)
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
	    response->range_first != http_next_wanted(transfer) ||
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

size_t http_take_head(char *line, size_t one, size_t len, void *context)
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
	uint64_t from = http_next_wanted(transfer);
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

size_t http_take_body(char *data, size_t one, size_t len, void *context)
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
