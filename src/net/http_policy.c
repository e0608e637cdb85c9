/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "net/http_own.h"

#define AUTO_CURLU AUTO(cleanup_curlu)
#define AUTO_TEXT  AUTO(cleanup_text)

static void cleanup_curlu(CURLU **url)
{
	curl_url_cleanup(*url);
}

static void cleanup_text(char **text)
{
	curl_free(*text);
}

/* --- addresses --- */

/* RFC 6890 and the registries that it began.  What is none of these is public.
 */
static const struct network {
	uint32_t prefix;
	unsigned bits;
	enum reach reach;
} networks[] = {
	{ 0x00000000, 8, REACH_SELF },     /* 0.0.0.0/8: this host */
	{ 0x7f000000, 8, REACH_SELF },     /* 127.0.0.0/8 */
	{ 0xa9fe0000, 16, REACH_LINK },    /* 169.254.0.0/16 */
	{ 0x0a000000, 8, REACH_PRIVATE },  /* 10.0.0.0/8 */
	{ 0x64400000, 10, REACH_PRIVATE }, /* 100.64.0.0/10 */
	{ 0xac100000, 12, REACH_PRIVATE }, /* 172.16.0.0/12 */
	{ 0xc0000000, 24, REACH_PRIVATE }, /* 192.0.0.0/24 */
	{ 0xc0a80000, 16, REACH_PRIVATE }, /* 192.168.0.0/16 */
	{ 0xc6120000, 15, REACH_PRIVATE }, /* 198.18.0.0/15 */
	{ 0xe0000000, 3, REACH_LINK },     /* multicast, reserved, broadcast */
};

static enum reach reach_of_v4(uint32_t address)
{
	for (size_t i = 0; i < sizeof networks / sizeof networks[0]; i++) {
		uint32_t mask = UINT32_MAX << (32 - networks[i].bits);

		if ((address & mask) == networks[i].prefix)
			return networks[i].reach;
	}
	return REACH_PUBLIC;
}

static uint32_t v4_in(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
	       (uint32_t)bytes[2] << 8 | bytes[3];
}

/* The forms that carry an IPv4 address are judged by it. */
static enum reach reach_of_v6(const struct in6_addr *address)
{
	static const uint8_t nat64[12] = { 0x00, 0x64, 0xff, 0x9b };
	static const uint8_t zeros[12] = { 0 };
	const uint8_t *bytes = address->s6_addr;

	if (IN6_IS_ADDR_LOOPBACK(address) || IN6_IS_ADDR_UNSPECIFIED(address))
		return REACH_SELF;
	if (IN6_IS_ADDR_V4MAPPED(address) ||
	    memcmp(bytes, nat64, sizeof nat64) == 0 ||
	    memcmp(bytes, zeros, sizeof zeros) == 0)
		return reach_of_v4(v4_in(bytes + 12));
	if (bytes[0] == 0x20 && bytes[1] == 0x02) /* 6to4, RFC 3056 */
		return reach_of_v4(v4_in(bytes + 2));
	if (IN6_IS_ADDR_LINKLOCAL(address) || IN6_IS_ADDR_MULTICAST(address))
		return REACH_LINK;
	/* fc00::/7, RFC 4193; fec0::/10, once site-local. */
	if ((bytes[0] & 0xfe) == 0xfc || IN6_IS_ADDR_SITELOCAL(address))
		return REACH_PRIVATE;
	return REACH_PUBLIC;
}

enum reach http_reach(const struct sockaddr *address)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (address->sa_family == AF_INET) {
		memcpy(&v4, address, sizeof v4);
		return reach_of_v4(ntohl(v4.sin_addr.s_addr));
	}
	if (address->sa_family == AF_INET6) {
		memcpy(&v6, address, sizeof v6);
		return reach_of_v6(&v6.sin6_addr);
	}
	return REACH_SELF;
}

/* "localhost" and all below it (RFC 6761, section 6.3), a final dot or not. */
static bool is_localhost(const char *host)
{
	static const char name[] = "localhost";
	size_t len = strlen(host);
	size_t tail = sizeof name - 1;

	if (len > 0 && host[len - 1] == '.')
		len--;
	return len >= tail && strncasecmp(host + len - tail, name, tail) == 0 &&
	       (len == tail || host[len - tail - 1] == '.');
}

enum reach http_reach_of_text(const char *host)
{
	char bare[HTTP_HOST_SIZE];
	struct in_addr v4;
	struct in6_addr v6;

	/* A scope, as in fe80::1%eth0, is no part of the address. */
	(void)snprintf(bare, sizeof bare, "%s", host);
	bare[strcspn(bare, "%")] = '\0';
	if (inet_pton(AF_INET, bare, &v4) == 1)
		return reach_of_v4(ntohl(v4.s_addr));
	if (inet_pton(AF_INET6, bare, &v6) == 1)
		return reach_of_v6(&v6);
	return is_localhost(host) ? REACH_SELF : REACH_PUBLIC;
}

/* --- addresses of the web --- */

void http_show_url(const char *url, char *out, size_t size)
{
	const char *authority = strstr(url, "://");
	size_t len = strcspn(url, "?#");
	const char *start = url;
	const char *user = NULL;

	if (authority != NULL && authority < url + len) {
		start = authority + 3;
		user = memchr(start, '@', strcspn(start, "/?#"));
	}
	if (user != NULL)
		(void)snprintf(out, size, "%.*s%.*s", (int)(start - url), url,
		               (int)(url + len - user - 1), user + 1);
	else
		(void)snprintf(out, size, "%.*s", (int)len, url);
	if (!text_is_printable(out, strlen(out)))
		(void)snprintf(out, size, "(an unprintable address)");
}

/* An address that we show in an error; it need not be whole. */
#define SHOWN_SIZE 200

static int refuse(const char *url, const char *why, struct err *err)
{
	char shown[SHOWN_SIZE];

	http_show_url(url, shown, sizeof shown);
	return err_set(err, ERR_USAGE, 0, "'%s' %s", shown, why);
}

static int refuse_plain(const struct http_config *config, const char *url,
                        struct err *err)
{
	char why[SHOWN_SIZE];

	(void)snprintf(
		why, sizeof why, "is not https, and its host is not in %s",
		config->plain_name != NULL ? config->plain_name
					   : "[source] allow_plain_http");
	return refuse(url, why, err);
}

static int copy_lower(char *out, size_t size, const char *text, struct err *err)
{
	if (text_copy(out, size, text, strlen(text), err) < 0)
		return -1;
	for (char *at = out; *at != '\0'; at++)
		*at = (char)tolower((unsigned char)*at);
	return 0;
}

/* libcurl keeps the brackets of an IPv6 address. */
static void drop_brackets(char *host)
{
	size_t len = strlen(host);

	if (len < 2 || host[0] != '[' || host[len - 1] != ']')
		return;
	memmove(host, host + 1, len - 2);
	host[len - 2] = '\0';
}

static bool is_plain_host(const struct http_config *config, const char *host)
{
	for (size_t i = 0; i < config->plain_host_count; i++)
		if (strcasecmp(config->plain_hosts[i], host) == 0)
			return true;
	return false;
}

static int read_place(const char *url, struct http_place *out, struct err *err)
{
	AUTO_CURLU CURLU *parsed = curl_url();
	AUTO_TEXT char *scheme = NULL;
	AUTO_TEXT char *host = NULL;
	AUTO_TEXT char *port = NULL;
	AUTO_TEXT char *user = NULL;

	if (parsed == NULL)
		return err_nomem(err);
	if (strlen(url) >= HTTP_URL_SIZE ||
	    !text_is_printable(url, strlen(url)))
		return refuse(url, "is too long or not printable", err);
	if (curl_url_set(parsed, CURLUPART_URL, url, CURLU_PATH_AS_IS) !=
	            CURLUE_OK ||
	    curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
	    curl_url_get(parsed, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
	    curl_url_get(parsed, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) !=
	            CURLUE_OK)
		return refuse(url, "is no address of a web server", err);
	if (curl_url_get(parsed, CURLUPART_USER, &user, 0) == CURLUE_OK)
		return refuse(url,
		              "holds a user name: credentials come from a file "
		              "([source] token_file)",
		              err);
	if (copy_lower(out->scheme, sizeof out->scheme, scheme, err) < 0 ||
	    copy_lower(out->host, sizeof out->host, host, err) < 0 ||
	    copy_lower(out->port, sizeof out->port, port, err) < 0)
		return refuse(url, "is no address of a web server", err);
	drop_brackets(out->host);
	return 0;
}

int http_place_of(const struct http_config *config, const char *url,
                  struct http_place *out, struct err *err)
{
	struct http_place place;

	if (read_place(url, &place, err) < 0)
		return -1;
	if (strcmp(place.scheme, "https") != 0 &&
	    strcmp(place.scheme, "http") != 0)
		return refuse(url, "does not begin with https://", err);
	if (strcmp(place.scheme, "http") == 0 &&
	    !is_plain_host(config, place.host))
		return refuse_plain(config, url, err);
	*out = place;
	return 0;
}

/* A whole address stays as it is, byte for byte: it may be signed. */
static int resolve(const char *from, const char *location, char *out,
                   struct err *err)
{
	AUTO_CURLU CURLU *parsed = curl_url();
	AUTO_TEXT char *whole = NULL;

	if (parsed == NULL)
		return err_nomem(err);
	if (strncasecmp(location, "http://", 7) == 0 ||
	    strncasecmp(location, "https://", 8) == 0)
		return text_copy(out, HTTP_URL_SIZE, location, strlen(location),
		                 err);
	if (curl_url_set(parsed, CURLUPART_URL, from, CURLU_PATH_AS_IS) !=
	            CURLUE_OK ||
	    curl_url_set(parsed, CURLUPART_URL, location, CURLU_PATH_AS_IS) !=
	            CURLUE_OK ||
	    curl_url_get(parsed, CURLUPART_URL, &whole, 0) != CURLUE_OK)
		return err_set(err, ERR_NETWORK, 0,
		               "the server redirects to an address that is "
		               "none");
	return text_copy(out, HTTP_URL_SIZE, whole, strlen(whole), err);
}

int http_follow(const struct http_config *config, const char *from,
                const char *location, char *out, struct err *err)
{
	struct http_place source;
	struct http_place target;
	char next[HTTP_URL_SIZE];
	char why[ERR_TEXT_MAX];

	if (location[0] == '\0')
		return err_set(err, ERR_NETWORK, 0,
		               "the server redirects without saying where to");
	if (http_place_of(config, from, &source, err) < 0 ||
	    resolve(from, location, next, err) < 0)
		return -1;
	if (http_place_of(config, next, &target, err) < 0) {
		(void)err_format(err, why, sizeof why);
		return err_set(err, ERR_NETWORK, 0,
		               "the server redirects where we do not go: %s",
		               why);
	}
	if (strcmp(source.scheme, "https") == 0 &&
	    strcmp(target.scheme, "https") != 0)
		return err_set(err, ERR_NETWORK, 0,
		               "the server redirects from https to http");
	memcpy(out, next, sizeof next);
	return 0;
}
