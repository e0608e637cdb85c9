/* SPDX-License-Identifier: Apache-2.0 */
#include "net/oci_realm.h"

#include <arpa/inet.h>
#include <string.h>

#include "net/http_own.h"

#define SHOWN_SIZE 200

/* --- domains ------------------------------------------------------------ */

static bool is_numeric(const char *host)
{
	struct in6_addr address;

	return inet_pton(AF_INET, host, &address) == 1 ||
	       inet_pton(AF_INET6, host, &address) == 1;
}

/* Under a country's domain a short second label may be one that everybody can
 * register below ("co.uk", "com.au"). */
static bool may_be_everybodys(const char *domain)
{
	const char *dot = strchr(domain, '.');

	if (dot == NULL)
		return true;
	return strchr(dot + 1, '.') == NULL && dot - domain <= 3 &&
	       strlen(dot + 1) == 2;
}

/* Whether @host is @domain or below it. */
static bool is_within(const char *host, const char *domain)
{
	size_t host_len = strlen(host);
	size_t len = strlen(domain);

	if (host_len < len || strcmp(host + host_len - len, domain) != 0)
		return false;
	return host_len == len || host[host_len - len - 1] == '.';
}

bool oci_same_domain(const char *registry, const char *realm)
{
	const char *dot = strchr(registry, '.');

	if (strcmp(registry, realm) == 0)
		return true;
	if (dot == NULL || is_numeric(registry) || is_numeric(realm))
		return false;
	/* ghcr.io has no domain of its own but itself. */
	if (may_be_everybodys(dot + 1))
		return is_within(realm, registry);
	return is_within(realm, dot + 1);
}

/* --- realms ------------------------------------------------------------- */

static int refuse(const char *realm, const char *why, struct err *err)
{
	char shown[SHOWN_SIZE];

	http_show_url(realm, shown, sizeof shown);
	return err_set(err, ERR_NETWORK, 0,
	               "the registry sends us for a token to '%s', %s", shown,
	               why);
}

int oci_realm_check(const struct http_client *client, const char *base,
                    const char *realm, enum oci_secrecy secrecy,
                    struct err *err)
{
	struct http_place registry;
	struct http_place place;
	struct err why;

	if (http_place_of(&client->config, base, &registry, err) < 0)
		return -1;
	if (http_place_of(&client->config, realm, &place, &why) < 0)
		return refuse(realm, "which is no address that may be asked",
		              err);
	if (strcmp(place.scheme, "http") == 0 &&
	    strcmp(registry.scheme, "http") != 0)
		return refuse(realm, "which is plain http", err);
	if (strcmp(place.host, registry.host) == 0)
		return 0;
	if (http_reach_of_text(place.host) != REACH_PUBLIC)
		return refuse(realm, "which is an inner address", err);
	if (secrecy == OCI_SECRET &&
	    !oci_same_domain(registry.host, place.host))
		return refuse(realm,
		              "which is not of its own domain: the credentials "
		              "stay here",
		              err);
	return 0;
}
