/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/oci_reference.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define HEX_8  "0123abcd"
#define HEX    HEX_8 HEX_8 HEX_8 HEX_8 HEX_8 HEX_8 HEX_8 HEX_8
#define DIGEST "sha256:" HEX
#define A_58   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A_64   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* registry, host, repository, tag; digest is DIGEST where has_digest. */
static const struct good_case {
	const char *text, *registry, *host, *repository, *tag;
	bool has_digest;
} good[] = {
	{ "ghcr.io/acme/shop:1.2.3", "ghcr.io", "ghcr.io", "acme/shop", "1.2.3",
	  false },
	{ "oci://ghcr.io/acme/shop", "ghcr.io", "ghcr.io", "acme/shop", "",
	  false },
	{ "localhost/shop", "localhost", "localhost", "shop", "", false },
	{ "localhost:5000/a/b/c:t", "localhost:5000", "localhost:5000", "a/b/c",
	  "t", false },
	{ "[::1]:5000/shop:t", "[::1]:5000", "[::1]:5000", "shop", "t", false },
	{ "[fe80::1]/shop", "[fe80::1]", "[fe80::1]", "shop", "", false },
	{ "a.example/shop@" DIGEST, "a.example", "a.example", "shop", "",
	  true },
	{ "a.example/shop:t@" DIGEST, "a.example", "a.example", "shop", "t",
	  true },
	{ "docker.io/nginx:1", "docker.io", "registry-1.docker.io",
	  "library/nginx", "1", false },
	{ "docker.io/acme/shop", "docker.io", "registry-1.docker.io",
	  "acme/shop", "", false },
	{ "a--b.example/a.b_c__d---e/f0", "a--b.example", "a--b.example",
	  "a.b_c__d---e/f0", "", false },
	{ "a.example:65535/s", "a.example:65535", "a.example:65535", "s", "",
	  false },
	{ "a.b/s:" A_64 A_64, "a.b", "a.b", "s", A_64 A_64, false },
	/* 255 bytes of registry, '/' and repository. */
	{ "a.b/" A_64 A_64 A_64 "/" A_58, NULL, NULL, NULL, "", false },
};

static const struct bad_case {
	const char *name, *text;
} bad[] = {
	{ "nothing", "" },
	{ "no slash", "ghcr.io" },
	{ "no registry", "acme/shop:1" },
	{ "another scheme", "https://ghcr.io/acme/shop" },
	{ "no repository", "ghcr.io/" },
	{ "an upper-case repository", "ghcr.io/Acme/shop" },
	{ "an upper-case registry", "GHCR.io/acme/shop" },
	{ "an empty component", "ghcr.io/acme//shop" },
	{ "a component of dots", "ghcr.io/acme/../shop" },
	{ "a final slash", "ghcr.io/acme/" },
	{ "two dots", "ghcr.io/ac..me" },
	{ "three underscores", "ghcr.io/ac___me" },
	{ "a final dash", "ghcr.io/acme-" },
	{ "a leading dash", "ghcr.io/-acme" },
	{ "a mixed separator", "ghcr.io/a-_b" },
	{ "an empty tag", "ghcr.io/acme:" },
	{ "a tag that begins with a dot", "ghcr.io/acme:.1" },
	{ "a long tag", "ghcr.io/acme:" A_64 A_64 "a" },
	{ "two tags", "ghcr.io/acme:1:2" },
	{ "a slash in a tag", "ghcr.io/acme:1/2" },
	{ "an empty digest", "ghcr.io/acme@" },
	{ "a short digest", "ghcr.io/acme@sha256:abcd" },
	{ "an upper-case digest",
	  "ghcr.io/acme@sha256:" HEX_8 HEX_8 HEX_8 HEX_8 HEX_8 HEX_8 HEX_8
	  "0123ABCD" },
	{ "another algorithm", "ghcr.io/acme@sha512:" HEX HEX },
	{ "a tag behind the digest", "ghcr.io/acme@" DIGEST ":1" },
	{ "port 0", "ghcr.io:0/acme" },
	{ "a high port", "ghcr.io:65536/acme" },
	{ "no port", "ghcr.io:/acme" },
	{ "a user", "me@ghcr.io/acme" },
	{ "a user and a password", "me:pw@ghcr.io/acme" },
	{ "an empty label", "ghcr..io/acme" },
	{ "a label that begins with a dash", "ghcr.-io/acme" },
	{ "a label that ends with a dash", "ghcr-.io/acme" },
	{ "an open bracket", "[::1/acme" },
	{ "no address in brackets", "[ghcr.io]/acme" },
	{ "text behind the brackets", "[::1]a:50/acme" },
	{ "a query", "ghcr.io/acme?x" },
	{ "a blank", "ghcr.io/ac me" },
	{ "a line feed", "ghcr.io/acme\n" },
	{ "256 bytes", "a.b/" A_64 A_64 A_64 "/" A_58 "a" },
};

static void check_good(const struct good_case *c)
{
	struct oci_reference got;
	char text[OCI_DIGEST_SIZE];
	struct err err;

	if (oci_reference_parse(c->text, &got, &err) < 0)
		fail_msg("%s: %s", c->text, err.text);
	if (got.has_digest != c->has_digest)
		fail_msg("%s: digest", c->text);
	assert_string_equal(got.tag, c->tag);
	if (c->registry != NULL) {
		assert_string_equal(got.registry, c->registry);
		assert_string_equal(got.host, c->host);
		assert_string_equal(got.repository, c->repository);
	}
	oci_digest_text(got.digest, text);
	if (c->has_digest)
		assert_string_equal(text, DIGEST);
}

static void references_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		check_good(&good[i]);
}

static void others_are_refused(void **state)
{
	struct oci_reference got = { .tag = "untouched" };
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		if (oci_reference_parse(bad[i].text, &got, &err) != -1 ||
		    err.code != ERR_USAGE)
			fail_msg("%s: accepted", bad[i].name);
		assert_string_equal(got.tag, "untouched");
	}
}

static const struct {
	const char *a, *b;
	bool want;
} pairs[] = {
	{ "ghcr.io/acme/shop:1", "oci://ghcr.io/other/app:2", true },
	{ "docker.io/acme/shop", "registry-1.docker.io/acme/shop", true },
	{ "ghcr.io/acme/shop", "ghcr.io:444/acme/shop", false },
	{ "ghcr.io/acme/shop", "ghcr.io.evil/acme/shop", false },
	{ "ghcr.io/acme/shop", "evil.example/ghcr.io/acme/shop", false },
};

static void registries_are_told_apart(void **state)
{
	struct oci_reference a, b;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
		if (oci_reference_parse(pairs[i].a, &a, &err) < 0 ||
		    oci_reference_parse(pairs[i].b, &b, &err) < 0)
			fail_msg("%s", err.text);
		if (oci_same_registry(&a, &b) != pairs[i].want ||
		    oci_same_registry(&b, &a) != pairs[i].want)
			fail_msg("%s, %s", pairs[i].a, pairs[i].b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(references_are_read),
		cmocka_unit_test(others_are_refused),
		cmocka_unit_test(registries_are_told_apart),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
