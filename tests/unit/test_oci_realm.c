/* SPDX-License-Identifier: Apache-2.0 */
#include "net/oci_realm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "net/http_own.h"

static const struct domain_case {
	const char *registry, *realm;
	bool want;
} domains[] = {
	{ "ghcr.io", "ghcr.io", true },
	{ "registry-1.docker.io", "auth.docker.io", true },
	{ "registry.gitlab.com", "gitlab.com", true },
	{ "a.b.example.org", "auth.b.example.org", true },
	{ "a.b.example.org", "example.org", false },
	{ "ghcr.io", "evil.io", false },
	{ "ghcr.io", "auth.ghcr.io", true },
	{ "ghcr.io", "notghcr.io", false },
	{ "registry.gitlab.com", "evilgitlab.com", false },
	{ "registry.gitlab.com", "gitlab.com.evil.org", false },
	{ "shop.co.uk", "evil.co.uk", false },
	{ "shop.com.au", "evil.com.au", false },
	{ "r.shop.co.uk", "auth.shop.co.uk", true },
	{ "localhost", "localhost", true },
	{ "localhost", "other", false },
	{ "10.0.0.1", "10.0.0.1", true },
	{ "10.0.0.1", "11.0.0.1", false },
	{ "r.example.org", "10.0.0.1", false },
	{ "::1", "::1", true },
	{ "2001:db8::1.2.3.4", "x.2.3.4", false },
};

static void domains_are_compared(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof domains / sizeof domains[0]; i++)
		if (oci_same_domain(domains[i].registry, domains[i].realm) !=
		    domains[i].want)
			fail_msg("%s, %s", domains[i].registry,
			         domains[i].realm);
}

static const struct realm_case {
	const char *base, *realm;
	bool anonymous, secret; /* whether it may be asked */
} realms[] = {
	{ "https://ghcr.io", "https://ghcr.io/token", true, true },
	{ "https://ghcr.io", "https://ghcr.io:8443/token", true, true },
	{ "https://ghcr.io", "https://other.example/token", true, false },
	{ "https://ghcr.io", "http://ghcr.io/token", false, false },
	{ "https://ghcr.io", "http://plain.example/token", false, false },
	{ "http://plain.example", "http://plain.example:81/t", true, true },
	{ "http://plain.example", "https://plain.example/t", true, true },
	{ "https://ghcr.io", "https://127.0.0.1/t", false, false },
	{ "https://ghcr.io", "https://[::1]/t", false, false },
	{ "https://ghcr.io", "https://localhost/t", false, false },
	{ "https://ghcr.io", "https://169.254.169.254/t", false, false },
	{ "https://ghcr.io", "https://10.1.2.3/t", false, false },
	{ "https://ghcr.io", "https://0/t", false, false },
	{ "https://10.1.2.3", "https://10.1.2.3/t", true, true },
	{ "https://ghcr.io", "https://me:pw@ghcr.io/t", false, false },
	{ "https://ghcr.io", "ftp://ghcr.io/t", false, false },
	{ "https://ghcr.io", "token", false, false },
};

static void realms_are_judged(void **state)
{
	static const char *const plain[] = { "plain.example" };
	struct http_client client = { .config = { .plain_hosts = plain,
		                                  .plain_host_count = 1 } };

	(void)state;
	for (size_t i = 0; i < sizeof realms / sizeof realms[0]; i++) {
		const struct realm_case *c = &realms[i];
		struct err err;
		int anonymous = oci_realm_check(&client, c->base, c->realm,
		                                OCI_ANONYMOUS, &err);
		int secret = oci_realm_check(&client, c->base, c->realm,
		                             OCI_SECRET, &err);

		if (anonymous != (c->anonymous ? 0 : -1) ||
		    secret != (c->secret ? 0 : -1))
			fail_msg("%s, %s: %d, %d", c->base, c->realm, anonymous,
			         secret);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(domains_are_compared),
		cmocka_unit_test(realms_are_judged),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
