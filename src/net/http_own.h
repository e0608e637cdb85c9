/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the HTTP client share; for src/net/http*.c, and its policy
 * for oci_realm.c.
 *
 *     http_policy.c    which addresses may be asked, and redirected to
 *     http_head.c      header lines to struct http_response
 *     http_attempt.c   one attempt: a request to one server
 *     http_receive.c   and what comes back
 *     http_retry.c     which failures are worth another, and when
 *     http_run.c       attempts until a request has its answer, several at once
 *     http_download.c  ranges of one body
 *     http_converse.c  many requests of many conversations
 *     http.c           the client, and a request in memory */
#ifndef NET_HTTP_OWN_H
#define NET_HTTP_OWN_H

#include <curl/curl.h>
#include <sys/socket.h>

#include "net/http.h"

#define HTTP_HOST_SIZE  256
#define HTTP_ERROR_BODY ((size_t)4096) /* bytes kept of an error page */
/* So many bytes of an upload make the next try a new first one. */
#define HTTP_PROGRESS_MIN 16384

/* --- http_policy.c --- */

/* How far away an address is.  A redirect may lead outwards, never inwards. */
enum reach { REACH_SELF, REACH_LINK, REACH_PRIVATE, REACH_PUBLIC };

/** http_reach - of an IP address; what is no such address is REACH_SELF. */
enum reach http_reach(const struct sockaddr *address);

/** http_reach_of_text - of an address in text, or of a host's name as far as
 * it tells: "localhost" is REACH_SELF, other names are REACH_PUBLIC. */
enum reach http_reach_of_text(const char *host);

/* Where an address leads. */
struct http_place {
	char scheme[8];            /* "http" or "https" */
	char host[HTTP_HOST_SIZE]; /* lower case, no brackets */
	char port[8];
};

/**
 * http_place_of - take an address apart, and check that it may be asked at all:
 * https, or http to a host that the configuration names; no user in it.
 * Returns 0, or -1 with ERR_USAGE that shows it.
 */
int http_place_of(const struct http_config *config, const char *url,
                  struct http_place *out, struct err *err) MUST_CHECK;

/**
 * http_follow - the address that a redirect leads to.
 * @from: that it came from; @location: verbatim, relative or whole.
 * @out:  HTTP_URL_SIZE bytes; written only on 0.
 * Returns 0, or -1 with ERR_NETWORK where it may not be followed.
 */
int http_follow(const struct http_config *config, const char *from,
                const char *location, char *out, struct err *err) MUST_CHECK;

/* --- http_head.c --- */

/* Reads the head of an answer, line by line. */
struct http_head {
	size_t bytes;
	size_t lines;
	bool is_coded; /* it has a content or transfer coding */
	char coding[32];
};

/** http_response_begin - as before any answer; the body stays, empty. */
void http_response_begin(struct http_response *response);

/**
 * http_head_take - one line, as libcurl gives it.
 * Returns 1 when it was the last, 0, or -1 with ERR_LIMIT for a flood.
 */
int http_head_take(struct http_head *head, struct http_response *response,
                   const char *line, size_t len, struct err *err) MUST_CHECK;

/** http_has_strong_etag - whether equal ETags mean equal bytes. */
bool http_has_strong_etag(const char *etag);

/* --- the client --- */

struct http_client {
	struct http_config config;
	CURLM *multi;
	int64_t deadline; /* by clock_monotonic_ms; 0: none */
	int64_t last_alive;
	size_t requests;     /* that were sent; as http_requests */
	bool was_redirected; /* ever */
};

/* --- http_attempt.c --- */

/* What all pieces of one body must agree in, and may share. */
struct http_identity {
	bool is_known; /* the first answer came */
	char etag[HTTP_VALUE_SIZE];
	char last_modified[HTTP_VALUE_SIZE];
	bool is_datable; /* Last-Modified is old enough to be a validator */
	uint64_t size;   /* or HTTP_UNKNOWN */
	/* The storage that the request was redirected to; "": none. */
	char storage[HTTP_URL_SIZE];
	enum reach storage_floor;
};

enum transfer_state {
	TRANSFER_WAITING, /* until start_at */
	TRANSFER_RUNNING,
	TRANSFER_ANSWERED,
	TRANSFER_NEEDS_WHOLE, /* the server gives no ranges */
	TRANSFER_FAILED       /* err says why */
};

/* What becomes of an answer's body. */
enum body_use {
	BODY_GIVE,   /* to the sink */
	BODY_KEEP,   /* in memory, to body_max */
	BODY_EXCERPT /* its beginning, for an error's text */
};

/* One request on its way to its answer. */
struct http_transfer {
	struct http_client *client;
	const struct http_request *request;
	struct http_response *response;

	/* Of a download; else NULL, and the body goes to response. */
	const struct http_sink *sink;
	struct http_body *body;
	struct http_identity *identity; /* shared among ranges */
	struct http_range range;
	enum http_wholly wholly;

	enum transfer_state state;
	int64_t start_at;   /* by clock_monotonic_ms */
	unsigned tries;     /* since the last progress */
	unsigned attempts;  /* in all */
	unsigned redirects; /* of this try */
	unsigned renewals;  /* of the authorization, since the last progress */
	bool is_redirected; /* this hop is no more the request's own address */
	enum reach floor;   /* how far in a redirect may lead */
	char url[HTTP_URL_SIZE]; /* of this hop; "": begin anew */
	uint64_t given;          /* bytes of the range that the sink has */
	bool has_no_ranges;      /* the server said so: take it from all */

	/* The attempt that runs. */
	CURL *easy;
	struct curl_slist *headers;
	struct http_head head;
	char reason[CURL_ERROR_SIZE];
	enum body_use use;
	uint64_t at; /* of the next byte, in the whole body */
	uint64_t given_before;
	bool asked_range;
	bool has_head;
	bool is_inward;  /* a redirect led inwards, and was not followed */
	bool has_enough; /* we hung up */
	bool has_failed; /* we hung up, and err says why */
	struct err err;

	/* Of an upload, in this attempt. */
	uint64_t sent;   /* bytes that libcurl took */
	uint64_t flowed; /* bytes both ways, at flow_at */
	int64_t flow_at; /* by clock_monotonic_ms; 0: not yet */
	int64_t told_at;
	bool is_stalled; /* we hung up: nothing flowed */

	/* One of a crowd: that it fails is no end of the others. */
	bool is_in_crowd;
};

/** http_has_upload - whether the request has a body to send that is no form. */
bool http_has_upload(const struct http_request *request);

/** http_attempt_start - begin it: the handle goes to the client's multi.  0, or
 * -1 with ERR_USAGE, ERR_SYSTEM, ERR_INTERNAL. */
int http_attempt_start(struct http_transfer *transfer,
                       struct err *err) MUST_CHECK;

/** http_refuse - say what the server answered instead.  Returns -1. */
int http_refuse(const struct http_response *response, struct err *err);

/** http_attempt_end - take the handle away again; idempotent. */
void http_attempt_end(struct http_transfer *transfer);

/* --- http_receive.c --- */

/** http_range_end - where the range ends: the body's end, where that comes
 * first and is known; or HTTP_UNKNOWN. */
uint64_t http_range_end(const struct http_transfer *transfer);

/** http_is_plain - whether it wants the whole body, from its first byte. */
bool http_is_plain(const struct http_transfer *transfer);

/** http_next_wanted - where in the whole body what the sink lacks begins. */
uint64_t http_next_wanted(const struct http_transfer *transfer);

/** http_take_head, http_take_body - CURLOPT_HEADERFUNCTION(3) and
 * CURLOPT_WRITEFUNCTION(3), for a struct http_transfer. */
size_t http_take_head(char *line, size_t one, size_t len, void *context);
size_t http_take_body(char *data, size_t one, size_t len, void *context);

/* --- http_retry.c --- */

/** http_is_final - whether no second try will change such a failure. */
bool http_is_final(CURLcode code);

/* --- http_run.c --- */

/**
 * http_run - run all transfers to their end, HTTP_PARALLEL at a time, and one
 * alone until the identity is known.
 * Returns 0 when all are answered; 1 when one needs the whole body, and all
 * were stopped; -1 when one failed.
 */
int http_run(struct http_client *client, struct http_transfer *transfers,
             size_t count, struct err *err) MUST_CHECK;

/**
 * http_turn - start what is due, and let bytes flow until something ends or
 * some time is over.  0; 1 and -1 as http_run, but for those of a crowd.
 */
int http_turn(struct http_client *client, struct http_transfer *transfers,
              size_t count, struct err *err) MUST_CHECK;

/** http_wrap - say in @err what the request wanted.  Returns -1. */
int http_wrap(const struct http_request *request, struct err *err);

#endif
