/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "net/http_own.h"

#define RENEWALS_MAX 2
/* Signed storage may refuse what is fresher than its clock. */
#define STORAGE_WAIT_MS 1000

#define SHOWN_SIZE      200

/* --- whether to try again --- */

static int give_up(struct http_transfer *transfer)
{
	transfer->state = TRANSFER_FAILED;
	return -1;
}

/* Whether bytes came: then the next try is a first one.  How few does not
 * matter, HTTP_ATTEMPTS_MAX ends a server that drips. */
static bool has_progress(const struct http_transfer *transfer)
{
	return transfer->sink != NULL &&
	       transfer->given > transfer->given_before;
}

/* Once more, from the request's own address; transfer->err says why not, if it
 * was the last time. */
static int try_again(struct http_transfer *transfer, int64_t wait_ms)
{
	if (has_progress(transfer)) {
		transfer->tries = 0;
		transfer->renewals = 0;
	}
	transfer->tries++;
	if (transfer->tries >= HTTP_TRIES ||
	    transfer->attempts >= HTTP_ATTEMPTS_MAX)
		return give_up(transfer);
	if (wait_ms < 0)
		wait_ms = http_pause_ms(transfer->client, transfer->tries);
	transfer->url[0] = '\0';
	transfer->start_at = clock_monotonic_ms() + wait_ms;
	transfer->state = TRANSFER_WAITING;
	return 0;
}

/* --- the end of an attempt --- */

static bool is_once(const struct http_transfer *transfer)
{
	return transfer->request->repetition == HTTP_ONCE;
}

static const char *phrase(const struct http_transfer *transfer, CURLcode code)
{
	if (transfer->is_stalled)
		return "the server takes, or answers, nothing any more";
	return transfer->reason[0] != '\0' ? transfer->reason
	                                   : curl_easy_strerror(code);
}

static int end_broken(struct http_transfer *transfer, CURLcode code)
{
	if (transfer->is_inward) {
		(void)err_set(
			&transfer->err, ERR_NETWORK, 0,
			"the server redirects to an address inside, where "
			"a redirect from outside may not lead");
		return give_up(transfer);
	}
	/* libcurl's own limit for one line of a head is below ours for all. */
	if (code == CURLE_OUT_OF_MEMORY && !transfer->has_head)
		(void)err_set(&transfer->err, ERR_LIMIT, 0,
		              "the head of the server's answer has a line that "
		              "is too long, or memory is short");
	else
		(void)err_set(&transfer->err, ERR_NETWORK, 0, "%s",
		              phrase(transfer, code));
	if (http_is_final(code) || is_once(transfer))
		return give_up(transfer);
	return try_again(transfer, -1);
}

/* The server, or what stands before it, says that this passes. */
static int end_passing(struct http_transfer *transfer)
{
	const struct http_response *response = transfer->response;
	char shown[SHOWN_SIZE];

	(void)http_refuse(response, &transfer->err);
	if (response->retry_after <= 0)
		return try_again(transfer, -1);
	http_show_url(transfer->url, shown, sizeof shown);
	if (response->retry_after > HTTP_WAIT_MAX_S) {
		(void)err_wrap(&transfer->err,
		               "the server asks to wait %" PRId64
		               " s, which is more than %d",
		               response->retry_after, HTTP_WAIT_MAX_S);
		return give_up(transfer);
	}
	http_say(transfer->client, "%s asks to wait %" PRId64 " s", shown,
	         response->retry_after);
	return try_again(transfer, response->retry_after * 1000);
}

static bool is_redirect(unsigned status)
{
	return status == 301 || status == 302 || status == 303 ||
	       status == 307 || status == 308;
}

static int end_redirect(struct http_transfer *transfer)
{
	char next[HTTP_URL_SIZE];

	if (transfer->request->method == HTTP_POST_FORM) {
		(void)err_set(&transfer->err, ERR_NETWORK, 0,
		              "the server redirects a form with credentials");
		return give_up(transfer);
	}
	if (transfer->request->method != HTTP_GET &&
	    transfer->request->method != HTTP_HEAD) {
		(void)err_set(&transfer->err, ERR_NETWORK, 0,
		              "the server redirects a request that changes "
		              "something (status %u)",
		              transfer->response->status);
		return give_up(transfer);
	}
	if (transfer->redirects == HTTP_REDIRECTS_MAX) {
		(void)err_set(&transfer->err, ERR_NETWORK, 0,
		              "the server redirects more than %d times",
		              HTTP_REDIRECTS_MAX);
		return give_up(transfer);
	}
	if (http_follow(&transfer->client->config, transfer->url,
	                transfer->response->location, next, &transfer->err) < 0)
		return give_up(transfer);
	transfer->redirects++;
	transfer->is_redirected = true;
	transfer->client->was_redirected = true;
	memcpy(transfer->url, next, sizeof transfer->url);
	transfer->start_at = 0;
	transfer->state = TRANSFER_WAITING;
	return 0;
}

/* Whether it went straight to the storage of an earlier redirect. */
static bool is_by_memory(const struct http_transfer *transfer)
{
	return transfer->identity->storage[0] != '\0' &&
	       transfer->redirects == 0;
}

/* A signature that has expired, most likely: ask for a new one.  What a
 * redirect of just now does not lead to is not there. */
static bool is_stale_storage(const struct http_transfer *transfer)
{
	unsigned status = transfer->response->status;

	if (transfer->identity == NULL || !transfer->is_redirected)
		return false;
	if (status == 404 || status == 410)
		return is_by_memory(transfer);
	return status == 400 || status == 401 || status == 403;
}

static int end_stale(struct http_transfer *transfer)
{
	(void)http_refuse(transfer->response, &transfer->err);
	transfer->identity->storage[0] = '\0';
	return try_again(transfer, STORAGE_WAIT_MS);
}

static int end_unauthorized(struct http_transfer *transfer)
{
	struct http_body *body = transfer->body;

	transfer->renewals++;
	if (body->renew(body->context, transfer->response, &body->request,
	                &transfer->err) < 0)
		return give_up(transfer);
	transfer->url[0] = '\0';
	transfer->start_at = 0;
	transfer->state = TRANSFER_WAITING;
	return 0;
}

/* Whether the sink has all that it was to get. */
static bool is_complete(const struct http_transfer *transfer)
{
	uint64_t wanted = transfer->body->size;

	/* Of a size that must be, a shorter file is cut. */
	if (!http_is_plain(transfer) || wanted == HTTP_UNKNOWN)
		wanted = http_range_end(transfer) - transfer->range.offset;
	return transfer->given == wanted;
}

static int end_download(struct http_transfer *transfer)
{
	struct http_identity *identity = transfer->identity;

	/* Without a length, an end that is none of ours is the file's. */
	if (identity->size == HTTP_UNKNOWN && !transfer->has_enough &&
	    transfer->response->status == 200)
		identity->size = transfer->at;
	if (is_complete(transfer)) {
		transfer->state = TRANSFER_ANSWERED;
		return 0;
	}
	(void)err_set(&transfer->err, ERR_NETWORK, 0,
	              "the server's answer ended early");
	return try_again(transfer, -1);
}

static int end_answered(struct http_transfer *transfer)
{
	unsigned status = transfer->response->status;

	if (http_is_passing(transfer->response) && !is_once(transfer))
		return end_passing(transfer);
	if (is_redirect(status) && transfer->request->redirects == HTTP_FOLLOW)
		return end_redirect(transfer);
	if (is_stale_storage(transfer))
		return end_stale(transfer);
	if (status == 401 && transfer->body != NULL &&
	    transfer->body->renew != NULL && !transfer->is_redirected &&
	    transfer->renewals < RENEWALS_MAX)
		return end_unauthorized(transfer);
	if (transfer->asked_range && (status == 416 || status == 501)) {
		(void)http_refuse(transfer->response, &transfer->err);
		transfer->has_no_ranges = true;
		return try_again(transfer, 0);
	}
	if (transfer->use == BODY_GIVE)
		return end_download(transfer);
	transfer->state = TRANSFER_ANSWERED;
	return 0;
}

/* What may come to be shown; what is a success is used, and stays. */
static void redact_answer(struct http_transfer *transfer)
{
	const struct http_config *config = &transfer->client->config;
	struct http_response *response = transfer->response;
	size_t len = response->body.len;

	http_redact(transfer->client, transfer->reason);
	http_redact(transfer->client, response->request_id);
	if (transfer->use != BODY_EXCERPT || len == 0 || config->redact == NULL)
		return;
	config->redact(config->context, response->body.data, &len);
	buf_cut(&response->body, len);
}

static int end_attempt(struct http_transfer *transfer, CURLcode code)
{
	http_attempt_end(transfer);
	redact_answer(transfer);
	if (transfer->has_failed)
		return give_up(transfer);
	if (transfer->state == TRANSFER_NEEDS_WHOLE)
		return 1;
	if (code != CURLE_OK && !transfer->has_enough)
		return end_broken(transfer, code);
	return end_answered(transfer);
}

/* --- all of them --- */

static bool is_ended(const struct http_transfer *transfer)
{
	return transfer->state == TRANSFER_ANSWERED ||
	       transfer->state == TRANSFER_FAILED;
}

/* How many may run: the first one finds out what the server can. */
static size_t most_parallel(const struct http_transfer *transfers)
{
	if (transfers->is_in_crowd)
		return HTTP_CROWD_MAX;
	return transfers->identity == NULL || transfers->identity->is_known
	               ? HTTP_PARALLEL
	               : 1;
}

/* Start those whose time has come; @next: out, when the next one's comes. */
static int start_due(struct http_transfer *transfers, size_t count,
                     int64_t *next, struct err *err)
{
	int64_t now = clock_monotonic_ms();
	size_t running = 0;

	*next = now + HTTP_ALIVE_MS;
	for (size_t i = 0; i < count; i++)
		running += transfers[i].state == TRANSFER_RUNNING;
	for (size_t i = 0; i < count; i++) {
		struct http_transfer *transfer = &transfers[i];

		if (running >= most_parallel(transfers))
			return 0;
		if (is_ended(transfer) || transfer->state == TRANSFER_RUNNING)
			continue;
		if (transfer->start_at > now) {
			if (transfer->start_at < *next)
				*next = transfer->start_at;
			/* Nothing overtakes a first one that waits. */
			if (most_parallel(transfers) == 1)
				return 0;
			continue;
		}
		if (http_attempt_start(transfer, err) < 0)
			return -1;
		running++;
	}
	return 0;
}

/* @any: out, whether there were any. */
static int end_those_that_did(struct http_client *client, bool *any,
                              struct err *err)
{
	const CURLMsg *message;
	int left;

	*any = false;
	while ((message = curl_multi_info_read(client->multi, &left)) != NULL) {
		char *owner = NULL;
		struct http_transfer *transfer;
		CURLcode code = message->data.result;
		int got;

		if (message->msg != CURLMSG_DONE ||
		    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
		                      &owner) != CURLE_OK ||
		    owner == NULL)
			continue;
		*any = true;
		transfer = (void *)owner;
		got = end_attempt(transfer, code);
		if (transfer->is_in_crowd)
			continue;
		if (got < 0)
			*err = transfer->err;
		if (got != 0)
			return got;
	}
	return 0;
}

static int check_time(struct http_client *client, struct err *err)
{
	const struct http_config *config = &client->config;
	int64_t now = clock_monotonic_ms();

	if (http_is_overdue(client))
		return err_set(err, ERR_LIMIT, 0,
		               "the deadline of %" PRId64 " s is over (%s)",
		               config->deadline_ms / 1000,
		               config->deadline_name);
	if (config->alive == NULL || now - client->last_alive < HTTP_ALIVE_MS)
		return 0;
	client->last_alive = now;
	return config->alive(config->context, err);
}

static bool all_ended(const struct http_transfer *transfers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!is_ended(&transfers[i]))
			return false;
	return true;
}

/* One turn: let bytes flow, see who has ended, sleep until something comes. */
static int turn(struct http_client *client, int64_t next, struct err *err)
{
	int running = 0;
	int64_t wait;
	bool any;
	int got;

	if (curl_multi_perform(client->multi, &running) != CURLM_OK)
		return err_set(err, ERR_INTERNAL, 0, "running transfers");
	got = end_those_that_did(client, &any, err);
	if (got == 0 && check_time(client, err) < 0)
		return -1;
	if (got != 0 || any)
		return got; /* the next hop or try may begin */
	wait = next - clock_monotonic_ms();
	if (wait > 0 && curl_multi_poll(client->multi, NULL, 0, (int)wait,
	                                NULL) != CURLM_OK)
		return err_set(err, ERR_INTERNAL, 0, "waiting for the network");
	return 0;
}

int http_turn(struct http_client *client, struct http_transfer *transfers,
              size_t count, struct err *err)
{
	int64_t next;

	if (start_due(transfers, count, &next, err) < 0)
		return -1;
	return turn(client, next, err);
}

int http_pause(struct http_client *client, int64_t wait_ms, struct err *err)
{
	int64_t until = clock_monotonic_ms() + wait_ms;
	int64_t now;

	while ((now = clock_monotonic_ms()) < until) {
		int64_t next = until - now > HTTP_ALIVE_MS ? now + HTTP_ALIVE_MS
		                                           : until;

		if (turn(client, next, err) < 0)
			return -1;
	}
	return 0;
}

static int run_all(struct http_client *client, struct http_transfer *transfers,
                   size_t count, struct err *err)
{
	while (!all_ended(transfers, count)) {
		int got = http_turn(client, transfers, count, err);

		if (got != 0)
			return got;
	}
	return 0;
}

int http_wrap(const struct http_request *request, struct err *err)
{
	char shown[SHOWN_SIZE];

	http_show_url(request->url, shown, sizeof shown);
	if (http_has_upload(request))
		return err_wrap(err, "sending to %s", shown);
	if (request->method == HTTP_DELETE)
		return err_wrap(err, "deleting %s", shown);
	return err_wrap(err, "fetching %s", shown);
}

int http_run(struct http_client *client, struct http_transfer *transfers,
             size_t count, struct err *err)
{
	int result = run_all(client, transfers, count, err);

	for (size_t i = 0; i < count; i++)
		http_attempt_end(&transfers[i]);
	return result < 0 ? http_wrap(transfers[0].request, err) : result;
}
