/* SPDX-License-Identifier: Apache-2.0 */
/* The HTTP client that every source shares; the only user of libcurl besides
 * probe-worker.  Runs in fetch-worker and package-release, never in the
 * monitor: what comes is not authenticated.
 *
 *     AUTO_HTTP struct http_client *client = NULL;
 *     AUTO_RESPONSE struct http_response response = HTTP_RESPONSE_NONE;
 *     struct http_request request = { .url = url, .accept = "...",
 *                                     .body_max = OCI_MANIFEST_MAX };
 *
 *     if (http_open(&config, &client, err) < 0 ||
 *         http_get(client, &request, &response, err) < 0)
 *             return -1;
 *     if (response.status == 404)
 *             ...
 *     if (http_require(&request, &response, err) < 0)
 *             return -1;
 *     ...buf_bytes(&response.body)...
 *
 * What holds for each request:
 * - TLS 1.2 and up, certificates and names checked; plain HTTP only for the
 *   hosts that the configuration names; never from https to http.
 * - No cookies, no .netrc, no proxy of the environment, no content coding: an
 *   answer that has one is refused.
 * - Redirects (301, 302, 303, 307, 308; GET and HEAD only) are followed by this
 *   client, HTTP_REDIRECTS_MAX at most, each held to the rules above; one of a
 *   request with a body, or of a DELETE, is refused.  The
 *   Location is used verbatim.  Authorization goes to the first address alone,
 *   whatever the next one is: signed storage refuses it, and a strange host
 * must not have it.  A redirect may never lead inwards: from a public address
 * to a private, link-local or loopback one, or from a private one to the host
 *   itself; literal or resolved.
 * - Tried HTTP_TRIES times with a growing pause when the way to the server or
 *   the server itself fails (408, 425, 429, 500, 502, 503, 504), honouring
 *   Retry-After up to HTTP_WAIT_MAX_S; a body that was cut is continued where
 *   the server can (Range and If-Range, RFC 9110, section 13.1.5).
 *   A body that is sent is read anew for each try.
 * - HTTP_STALL_S with less than HTTP_RATE_MIN bytes a second is a failure, as
 *   is the end of the client's deadline.  A server that has all of a body may
 *   take HTTP_ANSWER_S to answer: registries copy and hash it then.
 * - No text of an error or a note holds a header that was sent, or the query of
 *   an address (http_show_url): those carry credentials. */
#ifndef NET_HTTP_H
#define NET_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/err.h"

#define HTTP_URL_SIZE       4096 /* bytes, with the NUL; signed ones are long */
#define HTTP_VALUE_SIZE     256  /* bytes of a header's value, with the NUL */
#define HTTP_LINK_SIZE      4096
#define HTTP_CHALLENGES_MAX 8
#define HTTP_CHALLENGE_SIZE 1024
#define HTTP_HEADERS_MAX    8                  /* of a request */
#define HTTP_HEAD_MAX       ((size_t)64 << 10) /* bytes of an answer's head */
#define HTTP_HEAD_LINES_MAX 200
#define HTTP_CA_MAX         ((size_t)1 << 20) /* bytes of PEM */
#define HTTP_HOSTS_MAX      16
#define HTTP_REDIRECTS_MAX  5
#define HTTP_TRIES          5  /* without progress in between */
#define HTTP_ATTEMPTS_MAX   64 /* of one request, whatever came */
#define HTTP_WAIT_MS        250
#define HTTP_WAIT_CAP_MS    30000
#define HTTP_WAIT_MAX_S     120
#define HTTP_CONNECT_S      30
#define HTTP_STALL_S        30
#define HTTP_RATE_MIN       1024 /* bytes a second */
#define HTTP_EXCERPT_MAX    200  /* bytes of an error page that are shown */
#define HTTP_ANSWER_S       300  /* after a body that was sent */
#define HTTP_PARALLEL       4    /* transfers at a time */
#define HTTP_CROWD_MAX      8    /* slots of a crowd */
#define HTTP_ALIVE_MS       500

/* How a client behaves; all of it borrowed, and outlives the client. */
struct http_config {
	const char *agent;        /* NULL: "tidegate/<version>" */
	const char *proxy;        /* "" or NULL: none */
	const char *no_proxy;     /* hosts that are asked without it, as in
	                           * NO_PROXY; NULL: none */
	struct bytes authorities; /* PEM, to trust instead of the system's; may
	                           * be empty */
	const char *const *plain_hosts; /* may be talked to without TLS */
	size_t plain_host_count;
	int64_t deadline_ms; /* of all that the client does; 0: none */
	/* What the user calls these two, for messages; NULL: "[source]
	 * deadline", "[source] allow_plain_http". */
	const char *deadline_name, *plain_name;

	/* Tests shorten these; 0: as above. */
	int64_t wait_ms; /* HTTP_WAIT_MS */
	unsigned stall_s;
	unsigned answer_s; /* HTTP_ANSWER_S */

	/* Called about every HTTP_ALIVE_MS while a request is under way; -1
	 * with @err set ends it.  May be NULL. */
	int (*alive)(void *context, struct err *err);
	/* Takes a line for the user, as "example.org asks to wait 20 s"; may be
	 * NULL. */
	void (*say)(void *context, const char *text);
	/* Takes secrets out of what a server said, in place, before any of it
	 * is cut to be shown: what is cut in the middle of a secret is no
	 * longer known as one.  May be NULL. */
	void (*redact)(void *context, char *text, size_t *len);
	/* Told a secret that a server gave, before it is used; -1 with @err set
	 * ends the request.  May be NULL. */
	int (*note)(void *context, const char *secret, size_t len,
	            struct err *err);
	void *context; /* of these four */
};

enum http_method {
	HTTP_GET,
	HTTP_HEAD,
	HTTP_POST_FORM,
	HTTP_POST, /* these three with an upload, which may be empty */
	HTTP_PUT,
	HTTP_PATCH,
	HTTP_DELETE
};
enum http_redirects { HTTP_FOLLOW, HTTP_STOP };

/* ONCE is for what must not be sent again before somebody looked at what the
 * server has: an answer that would be worth another try is then given back, and
 * a connection that broke is ERR_NETWORK. */
enum http_repetition { HTTP_REPEAT, HTTP_ONCE };

/* A body to send. */
struct http_upload {
	const char *content_type; /* NULL: application/octet-stream */
	const void *data; /* in memory, borrowed; NULL: what follows counts */
	int fd;           /* of a regular file, borrowed; read with pread(2) */
	uint64_t offset;  /* of the first byte in the file */
	uint64_t len;     /* bytes, at most INT64_MAX */
	/* Told about every HTTP_ALIVE_MS how many of them went out; after a
	 * new try fewer than before.  May be NULL. */
	void (*sent)(void *context, uint64_t bytes);
	void *context;
};

struct http_request {
	const char *url;
	enum http_method method;
	enum http_redirects redirects; /* STOP: a redirect is the answer, its
	                                * Location in the response */
	const char *accept;            /* NULL: any */
	const char *authorization;     /* value, as "Bearer x"; NULL: none */
	const char *form;              /* POST_FORM: the body, encoded */
	struct http_upload upload;     /* POST, PUT, PATCH */
	enum http_repetition repetition;
	/* The address was named by a server, at a distance of led_from (of its
	 * answer's reach): as one that a redirect led to it gets no
	 * Authorization, and must not lie further inwards. */
	bool is_led;
	unsigned led_from;
	const char *headers[HTTP_HEADERS_MAX]; /* further ones, "Name: value";
	                                        * sent to each address; never a
	                                        * credential */
	size_t body_max; /* bytes that response.body may take, at most */
};

#define HTTP_UNKNOWN UINT64_MAX

/* The last answer; texts that did not come are "".  A text that does not fit
 * or is not printable counts as absent, but for a Location, which is an error.
 */
struct http_response {
	unsigned status;
	char url[HTTP_URL_SIZE]; /* where it came from, after redirects */
	char location[HTTP_URL_SIZE];
	char content_type[HTTP_VALUE_SIZE]; /* lower case, no parameters */
	uint64_t content_length;            /* or HTTP_UNKNOWN */
	/* Content-Range: "bytes first-last/total", "bytes * /total". */
	uint64_t range_first, range_last; /* or HTTP_UNKNOWN */
	uint64_t range_total;             /* or HTTP_UNKNOWN */
	bool accepts_ranges;
	char etag[HTTP_VALUE_SIZE]; /* with its quotes, W/ where weak */
	char last_modified[HTTP_VALUE_SIZE];
	char docker_digest[HTTP_VALUE_SIZE]; /* Docker-Content-Digest */
	char subject[HTTP_VALUE_SIZE];       /* OCI-Subject */
	char range[HTTP_VALUE_SIZE];         /* Range, of an upload: "0-499" */
	/* By which the operators find the request in their logs:
	 * X-GitHub-Request-Id, X-Request-Id, x-ms-request-id, CF-Ray and
	 * Amazon's. */
	char request_id[HTTP_VALUE_SIZE];
	char filters[HTTP_VALUE_SIZE]; /* OCI-Filters-Applied */
	char link[HTTP_LINK_SIZE];     /* Link, several joined by ", " */
	/* WWW-Authenticate, a header each; beyond the most they are dropped. */
	char challenges[HTTP_CHALLENGES_MAX][HTTP_CHALLENGE_SIZE];
	size_t challenge_count;
	unsigned reach;      /* how far away the server is; for led_from */
	int64_t date;        /* seconds since 1970; -1: none */
	int64_t retry_after; /* seconds from now; -1: none */
	int64_t rate_left;   /* x-ratelimit-remaining; -1: none */
	int64_t rate_reset;  /* x-ratelimit-reset, seconds since 1970; -1 */
	struct buf body;     /* owned; at most body_max, or for an answer that
	                      * is no success its first few KiB */
};

#define HTTP_RESPONSE_NONE ((struct http_response){ .body = BUF_NONE })
#define AUTO_RESPONSE      AUTO(http_response_done)

void http_response_done(struct http_response *response);

struct http_client;
#define AUTO_HTTP AUTO(http_close)

/** http_prepare - start libcurl; once, before any sandbox and thread.  0, or
 * -1 with ERR_SYSTEM. */
int http_prepare(struct err *err) MUST_CHECK;

/**
 * http_open - a client: connections are kept for as long as it lives.
 * @out: written only on 0; release it with http_close.
 * Returns 0, or -1 with ERR_USAGE for a bad proxy or authorities, ERR_SYSTEM.
 */
int http_open(const struct http_config *config, struct http_client **out,
              struct err *err) MUST_CHECK;

/** http_close - NULL is fine. */
void http_close(struct http_client **client);

/**
 * http_get - one request (of any method) to its answer, body in memory.
 * @out: HTTP_RESPONSE_NONE, or an earlier response, which is dropped; written
 *       on 0, its body empty on -1.
 *
 * Returns 0 for an answer of any status but those that are worth another try
 * and still came at the last one; -1 with ERR_NETWORK, ERR_LIMIT (a body above
 * body_max, a flood of headers, the deadline), ERR_USAGE for an address that
 * may not be asked at all, ERR_SYSTEM, or as config.alive.
 */
int http_get(struct http_client *client, const struct http_request *request,
             struct http_response *out, struct err *err) MUST_CHECK;

/**
 * http_require - that the status is 2xx.  0, or -1 with ERR_NETWORK that shows
 * address, status and the beginning of the body, where it is text.
 */
int http_require(const struct http_request *request,
                 const struct http_response *response,
                 struct err *err) MUST_CHECK;

/* Takes bytes as they come. */
struct http_sink {
	/* @offset of the whole body, whatever range was asked for; of one range
	 * they come in order, each byte once.  -1 with @err set ends all. */
	int (*take)(void *context, uint64_t offset, const void *data,
	            size_t len, struct err *err);
	void *context;
};

#define HTTP_TO_END UINT64_MAX

/* Bytes of a body. */
struct http_range {
	uint64_t offset;
	uint64_t len; /* at least 1; HTTP_TO_END: what there is */
};

/* A body that is fetched in pieces. */
struct http_body {
	struct http_request request; /* GET; body_max is not used */
	uint64_t size; /* that it must have; HTTP_UNKNOWN: any to size_max */
	uint64_t size_max;
	/* On 401 from the request's own address, once for each try: put a new
	 * Authorization into @request, which outlives the download.  -1 ends
	 * it.  NULL: 401 is final. */
	int (*renew)(void *context, const struct http_response *response,
	             struct http_request *request, struct err *err);
	void *context;
};

enum http_wholly {
	HTTP_OR_WHOLE, /* a server that can't: all of it, from 0 to its end */
	HTTP_OR_CUT    /* take the range out of all, and hang up behind it */
};

/**
 * http_download - fetch ranges of a body, HTTP_PARALLEL at a time.
 * @ranges: @count of them; {0, HTTP_TO_END} alone is a plain download.
 * @wholly: what to do when the server answers a range with 200, 416 or 501;
 *          OR_WHOLE gives bytes outside the ranges to the sink as well, and
 *          then in order from 0.  OR_CUT is for a single range.
 * @size:   out, of the whole body, HTTP_UNKNOWN where the server does not say;
 *          written on 0; may be NULL.
 *
 * The redirect to storage is taken once and used for all, until it is refused;
 * then the request's own address is asked again.  What is continued or fetched
 * in pieces must be of one body: the ETag (strong), else Last-Modified, and the
 * total length, must stay as they were first.
 * Returns 0 when every range was given whole; 1 for an answer 404 or 410, and
 * nothing was given; -1 as http_get and http_require; bytes may then have been
 * given.
 */
int http_download(struct http_client *client, struct http_body *body,
                  const struct http_range *ranges, size_t count,
                  enum http_wholly wholly, const struct http_sink *sink,
                  uint64_t *size, struct err *err) MUST_CHECK;

/* One of several conversations that go on at once: a request, its answer, the
 * next request, and so on.  What is borrowed by the request must live until its
 * answer. */
struct http_slot {
	struct http_request request;
	struct http_response response; /* owned by the crowd */
	int64_t wait_ms;               /* before the request; 0 for none */
	char url[HTTP_URL_SIZE];       /* room for request.url */
	void *job;                     /* the crowd's user's */
};

struct http_crowd {
	/**
	 * begin - give @slot its next job, and the first request of it.
	 * @slot: request and wait_ms are zeroed.
	 * Returns 1; 0 when there are no jobs left; -1 ends all.
	 */
	int (*begin)(void *context, struct http_slot *slot, struct err *err);
	/**
	 * answer - a request was answered; or, where @failure is not NULL, it
	 * was not, as http_get says -1.
	 * Returns 1 when @slot has another request, 0 when the job is done; -1
	 * ends all.
	 */
	int (*answer)(void *context, struct http_slot *slot,
	              const struct err *failure, struct err *err);
	void *context;
	size_t slots; /* 1 to HTTP_CROWD_MAX */
};

/**
 * http_converse - hold conversations, as many at once as the crowd has slots,
 * over connections that are kept.
 *
 * The two functions are called one at a time.  They must not use @client
 * themselves; another client is fine.
 * Returns 0 when all jobs are done; -1 as a function that said so, with
 * ERR_LIMIT at the end of the deadline, or as config.alive.
 */
int http_converse(struct http_client *client, const struct http_crowd *crowd,
                  struct err *err) MUST_CHECK;

/** http_pause - wait, between requests.  0, or -1 with ERR_LIMIT at the end of
 * the deadline, or as config.alive. */
int http_pause(struct http_client *client, int64_t wait_ms,
               struct err *err) MUST_CHECK;

/** http_is_passing - whether the status of an answer says that another try may
 * help, as http_get has them. */
bool http_is_passing(const struct http_response *response);

/** http_pause_ms - how long to wait before try number @tries + 1. */
int64_t http_pause_ms(const struct http_client *client, unsigned tries);

/** http_random_ms - 0 to @most, so that those who collided do not again. */
int64_t http_random_ms(int64_t most);

/** http_requests - how many the client has sent, redirects among them; not
 * those that repeat one which failed. */
size_t http_requests(const struct http_client *client);

/** http_is_overdue - whether the client's deadline is over: what failed then
 * failed for want of time. */
bool http_is_overdue(const struct http_client *client);

/** http_was_redirected - whether any answer led on to another address. */
bool http_was_redirected(const struct http_client *client);

/** http_config_of - what a client was opened with. */
const struct http_config *http_config_of(const struct http_client *client);

/** http_say - hand a line to config.say. */
void http_say(const struct http_client *client, const char *fmt, ...)
	PRINTF_LIKE(2, 3);

/** http_redact - hand a text to config.redact; who decodes a body of a server,
 * and shows what came out, does so before he cuts it. */
void http_redact(const struct http_client *client, char *text);

/** http_note - hand a secret to config.note.  0, or -1 as that says. */
int http_note(const struct http_client *client, const char *secret, size_t len,
              struct err *err) MUST_CHECK;

/** http_show_url - @url as it may be shown: no user, no query, printable.
 * @out: @size bytes. */
void http_show_url(const char *url, char *out, size_t size);

#endif
