/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "net/http_own.h"

/* Transfers and their answers, a pair for each range. */
struct set {
	struct http_transfer *transfers; /* owned, as the next */
	struct http_response *responses;
	size_t count;
};

#define AUTO_SET AUTO(set_done)

static void set_done(struct set *set)
{
	for (size_t i = 0; set->responses != NULL && i < set->count; i++)
		http_response_done(&set->responses[i]);
	free(set->transfers);
	free(set->responses);
}

static int set_make(struct http_client *client, struct http_body *body,
                    const struct http_sink *sink, size_t count, struct set *out,
                    struct err *err)
{
	out->count = count;
	out->transfers = calloc(count, sizeof *out->transfers);
	out->responses = calloc(count, sizeof *out->responses);
	if (out->transfers == NULL || out->responses == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < count; i++) {
		struct http_transfer *transfer = &out->transfers[i];

		transfer->client = client;
		transfer->request = &body->request;
		transfer->response = &out->responses[i];
		transfer->body = body;
		transfer->sink = sink;
	}
	return 0;
}

/* Whether each answer is a body; 1 for one that is not there. */
static int judge(const struct set *set, struct err *err)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct http_transfer *transfer = &set->transfers[i];
		unsigned status = transfer->response->status;

		if (transfer->use == BODY_GIVE)
			continue;
		if (status == 404 || status == 410)
			return 1;
		if (http_require(transfer->request, transfer->response, err) <
		    0)
			return -1;
	}
	return 0;
}

/* Of run(): ranges are not to be had. */
#define NEEDS_WHOLE 2

static int run(struct http_client *client, struct http_body *body,
               struct http_identity *identity, const struct http_range *ranges,
               size_t count, enum http_wholly wholly,
               const struct http_sink *sink, struct err *err)
{
	AUTO_SET struct set set = { .transfers = NULL };
	int got;

	if (set_make(client, body, sink, count, &set, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		set.transfers[i].identity = identity;
		set.transfers[i].range = ranges[i];
		set.transfers[i].wholly = wholly;
	}
	got = http_run(client, set.transfers, count, err);
	if (got < 0)
		return -1;
	return got == 1 ? NEEDS_WHOLE : judge(&set, err);
}

int http_download(struct http_client *client, struct http_body *body,
                  const struct http_range *ranges, size_t count,
                  enum http_wholly wholly, const struct http_sink *sink,
                  uint64_t *size, struct err *err)
{
	static const struct http_range all = { 0, HTTP_TO_END };
	AUTO_FREE struct http_identity *identity = calloc(1, sizeof *identity);
	int got;

	if (identity == NULL)
		return err_nomem(err);
	identity->size = HTTP_UNKNOWN;
	got = run(client, body, identity, ranges, count, wholly, sink, err);
	if (got == NEEDS_WHOLE)
		got = run(client, body, identity, &all, 1, wholly, sink, err);
	if (got != 0)
		return got;
	if (size != NULL)
		*size = identity->size;
	return 0;
}
