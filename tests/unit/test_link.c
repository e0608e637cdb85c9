/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct link_case {
	const char *name, *header;
	const char *want; /* NULL: none */
} links[] = {
	{ "GitHub's",
	  "<https://api.github.com/repositories/1/"
	  "releases?per_page=30&page=2>; "
	  "rel=\"next\", <https://api.github.com/x?page=9>; rel=\"last\"",
	  "https://api.github.com/repositories/1/releases?per_page=30&page=2" },
	{ "a registry's", "</v2/a/tags/list?n=2&last=b>; rel=\"next\"",
	  "/v2/a/tags/list?n=2&last=b" },
	{ "behind others", "<a>; rel=\"prev\", <b>; rel=next", "b" },
	{ "of several relations", "<a>;rel=\"last NEXT\"", "a" },
	{ "with other parameters",
	  "<a>; title=\"x, <y>; rel=\\\"next\\\"\"; REL = next ; x", "a" },
	{ "commas in a target", "<a,b;c>; rel=next", "a,b;c" },
	{ "empty elements", ", ,<a>; rel=next", "a" },
	{ "the last page", "<a>; rel=\"prev\", <b>; rel=\"first\"", NULL },
	{ "another relation", "<a>; rel=nextpage", NULL },
	{ "rel twice: the first counts", "<a>; rel=prev; rel=next", NULL },
	{ "no parameters", "<a>", NULL },
	{ "empty", "", NULL },
	{ "no end of a target", "<a; rel=next", NULL },
	{ "no end of a quote", "<a>; x=\"b; rel=next", NULL },
	{ "an escape at the end", "<a>; x=\"b\\", NULL },
	{ "text between links", "<a>; rel=prev x <b>; rel=next", NULL },
	{ "longer than there is room",
	  "<1234567890123456789012345678901234567"
	  "890123456789012345678901234567890123456789012345678901234567890>; "
	  "rel=next",
	  NULL },
};

static void the_next_page_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
		const struct link_case *c = &links[i];
		char got[96] = "untouched";
		bool found = link_next(c->header, got, sizeof got);

		if (found != (c->want != NULL))
			fail_msg("%s: %d", c->name, found);
		assert_string_equal(got, found ? c->want : "untouched");
	}
}

static void room_is_counted_to_the_byte(void **state)
{
	char out[4] = "";

	(void)state;
	assert_true(link_next("<abc>; rel=next", out, sizeof out));
	assert_string_equal(out, "abc");
	assert_false(link_next("<abcd>; rel=next", out, sizeof out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_next_page_is_found),
		cmocka_unit_test(room_is_counted_to_the_byte),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
