/* SPDX-License-Identifier: Apache-2.0 */
#include "privsep/fetch.h"

#include <string.h>
#include <strings.h>

/* Bytes of scheme, host and port. */
static size_t server_len(const char *address)
{
	const char *authority = strstr(address, "://");
	size_t head = authority != NULL ? (size_t)(authority - address) + 3 : 0;

	return head + strcspn(address + head, "/?#");
}

bool fetch_same_server(const char *a, const char *b)
{
	size_t len = server_len(a);

	return server_len(b) == len && strncasecmp(a, b, len) == 0;
}
