/* SPDX-License-Identifier: Apache-2.0 */
/* Which server may have the credentials of which address. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "privsep/fetch.h"

static const struct {
	const char *a, *b;
	bool want;
} cases[] = {
	{ "https://a.example/x", "https://a.example/y/", true },
	{ "https://a.example", "https://A.EXAMPLE/?q", true },
	{ "https://a.example:444/x", "https://a.example:444/y", true },
	{ "https://a.example/x", "http://a.example/x", false },
	{ "https://a.example/x", "https://a.example:444/x", false },
	{ "https://a.example/x", "https://a.example.evil/x", false },
	{ "https://a.example/x", "https://b.example/https://a.example/",
	  false },
	{ "https://a.example/x", "https://a.example@evil/", false },
	{ "https://a.example/x", "https://a.exampl", false },
	{ "ghcr.io/acme/shop:1", "ghcr.io/acme/shop:2", true },
	{ "ghcr.io/acme/shop", "ghcr.io.evil/acme/shop", false },
};

static void servers_are_told_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (fetch_same_server(cases[i].a, cases[i].b) !=
		            cases[i].want ||
		    fetch_same_server(cases[i].b, cases[i].a) != cases[i].want)
			fail_msg("%s, %s", cases[i].a, cases[i].b);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(servers_are_told_apart),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
