/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/settings_edit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "codec/release_ini.h"

#define BEFORE                                                                 \
	"# mine\n[policy]\n# as agreed\nthreshold = 2\n\n"                     \
	"[install]\nkeep = 5\n"
#define SECTION                                                                \
	"\n[identity ci]\n"                                                    \
	"issuer = https://token.actions.githubusercontent.com\n"               \
	"repository = o/r\nref = refs/tags/v*\n"

static struct settings_identity identity_of(const char *name)
{
	struct settings_identity identity = { .max_sequence = SEQUENCE_MAX };

	(void)snprintf(identity.name, sizeof identity.name, "%s", name);
	memcpy(identity.text[IDENTITY_ISSUER],
	       "https://token.actions.githubusercontent.com", 44);
	memcpy(identity.text[IDENTITY_REPOSITORY], "o/r", 4);
	memcpy(identity.text[IDENTITY_REF], "refs/tags/v*", 13);
	return identity;
}

static void what_is_added_stands_at_the_end(void **state)
{
	AUTO_BUF struct buf out = BUF_NONE;
	struct settings_identity identity = identity_of("ci");
	struct err err;

	(void)state;
	assert_int_equal(settings_add_identity(BEFORE, strlen(BEFORE),
	                                       &identity, &out, &err),
	                 0);
	assert_string_equal(buf_text(&out), BEFORE SECTION);
	buf_cut(&out, 0);
	identity.max_sequence = 7;
	assert_int_equal(settings_add_identity("", 0, &identity, &out, &err),
	                 0);
	assert_string_equal(buf_text(&out), SECTION "max_sequence = 7\n");
}

static void what_makes_no_identity_is_not_added(void **state)
{
	AUTO_BUF struct buf out = BUF_NONE;
	struct settings_identity identity = identity_of("ci");
	const char *text = BEFORE SECTION;
	struct err err;

	(void)state;
	assert_int_equal(settings_add_identity(text, strlen(text), &identity,
	                                       &out, &err),
	                 -1);
	assert_int_equal(err.code, ERR_CONFLICT);
	assert_int_equal(
		settings_add_identity("junk\n", 5, &identity, &out, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
	identity = identity_of("a b");
	assert_int_equal(settings_add_identity("", 0, &identity, &out, &err),
	                 -1);
	assert_int_equal(err.code, ERR_USAGE);
	identity = identity_of("ci");
	identity.text[IDENTITY_ISSUER][0] = '\0';
	assert_int_equal(settings_add_identity("", 0, &identity, &out, &err),
	                 -1);
	assert_int_equal(err.code, ERR_USAGE);
	identity = identity_of("ci");
	memcpy(identity.text[IDENTITY_REF], "a\nb = c", 8);
	assert_int_equal(settings_add_identity("", 0, &identity, &out, &err),
	                 -1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_int_equal(out.len, 0);
}

static void what_is_removed_leaves_the_rest(void **state)
{
	AUTO_BUF struct buf out = BUF_NONE;
	const char *text = BEFORE SECTION "# note\n\n[identity ci2]\n"
					  "issuer = x\nsubject = y\n";
	struct err err;

	(void)state;
	assert_int_equal(
		settings_remove_identity(text, strlen(text), "ci", &out, &err),
		0);
	assert_string_equal(buf_text(&out), BEFORE "\n# note\n[identity ci2]\n"
	                                           "issuer = x\nsubject = y\n");
	buf_cut(&out, 0);
	assert_int_equal(
		settings_remove_identity(text, strlen(text), "c", &out, &err),
		-1);
	assert_int_equal(err.code, ERR_USAGE);
	assert_int_equal(out.len, 0);
}

/* What a source that is set makes of a text. */
static const struct source_case {
	const char *name;
	const char *before;
	enum settings_source source;
	const char *value;
	int want;
	enum err_code code;
	const char *after;
} source_cases[] = {
	{ "in place of the example",
	  "# a\n[source]\n\n# of one\n#repo = acme/shop\n\n#api = x\n",
	  SETTINGS_REPO, "o/r", 1, ERR_NONE,
	  "# a\n[source]\n\n# of one\nrepo = o/r\n\n#api = x\n" },
	{ "not in place of another section's",
	  "[source]\n#oci = a/b\n[install]\n#repo = x\n", SETTINGS_REPO, "o/r",
	  1, ERR_NONE,
	  "[source]\nrepo = o/r\n#oci = a/b\n[install]\n#repo = x\n" },
	{ "first in the section", "[source]\nproxy = http://p:1\n",
	  SETTINGS_OCI, "ghcr.io/o/r", 1, ERR_NONE,
	  "[source]\noci = ghcr.io/o/r\nproxy = http://p:1\n" },
	{ "in a section of its own", BEFORE, SETTINGS_URL,
	  "https://x/ http:", -1, ERR_USAGE, "" },
	{ "mirrors", BEFORE, SETTINGS_URL, "https://x/ https://y/", 1, ERR_NONE,
	  BEFORE "\n[source]\nurl = https://x/ https://y/\n" },
	{ "mirrors that are there", "[source]\nurl = https://x/  https://y/\n",
	  SETTINGS_URL, "https://x/ https://y/", 0, ERR_NONE, "" },
	{ "what is there, in another case", "[source]\nrepo = O/r\n",
	  SETTINGS_REPO, "o/R", 0, ERR_NONE, "" },
	{ "another repository", "[source]\nrepo = o/s\n", SETTINGS_REPO, "o/r",
	  -1, ERR_CONFLICT, "" },
	{ "no repository", "", SETTINGS_REPO, "o", -1, ERR_USAGE, "" },
	{ "no reference", "", SETTINGS_OCI, "o", -1, ERR_USAGE, "" },
	{ "two lines", "", SETTINGS_URL, "https://x/\nproxy = y", -1, ERR_USAGE,
	  "" },
	{ "no configuration", "junk\n", SETTINGS_REPO, "o/r", -1, ERR_FORMAT,
	  "" },
};

static void a_source_is_set_where_it_belongs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof source_cases / sizeof source_cases[0];
	     i++) {
		const struct source_case *c = &source_cases[i];
		AUTO_BUF struct buf out = BUF_NONE;
		struct err err = { .code = ERR_NONE };
		int got = settings_set_source(c->before, strlen(c->before),
		                              c->source, c->value, &out, &err);

		if (got != c->want || err.code != c->code)
			fail_msg("%s: got %d, code %d", c->name, got,
			         (int)err.code);
		if (strcmp(buf_text(&out), c->after) != 0)
			fail_msg("%s: made %s", c->name, buf_text(&out));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_added_stands_at_the_end),
		cmocka_unit_test(what_makes_no_identity_is_not_added),
		cmocka_unit_test(what_is_removed_leaves_the_rest),
		cmocka_unit_test(a_source_is_set_where_it_belongs),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
