/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever a certificate and a provenance say: who matches an identity that is
 * written out is its owner by a comparison that knows no patterns and no
 * pieces, and the provenance does not contradict the certificate.  The input:
 * claims and then fields of the provenance, each a line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trust/identity.h"

#define ISSUER "https://token.actions.githubusercontent.com"
#define SOURCE "https://github.com/o/r"
#define OWN    SOURCE "/.github/workflows/x.yml@"
#define OTHER  "https://github.com/p/q/.github/workflows/y.yml@refs/heads/z"

static const char text[] =
	"[identity own]\nissuer = " ISSUER "\nrepository = o/r\n"
	"workflow = x.yml\nref = refs/tags/v1\nrunner_environment = a\n"
	"[identity other]\nissuer = " ISSUER "\nrepository = o/r\n"
	"workflow = p/q/.github/workflows/y.yml@refs/heads/z\n"
	"[identity any]\nissuer = " ISSUER "\nrepository = o/*\n"
	"ref = refs/**\n";

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* The next line, cut to what fits. */
static void take_line(const char **at, size_t *left, char *out, size_t size)
{
	const char *lf = *left > 0 ? memchr(*at, '\n', *left) : NULL;
	size_t len = lf != NULL ? (size_t)(lf - *at) : *left;
	size_t kept = len < size ? len : size - 1;

	memcpy(out, *at, kept);
	out[kept] = '\0';
	*at += lf != NULL ? len + 1 : len;
	*left -= lf != NULL ? len + 1 : len;
}

static bool is(const struct claims *claims, enum claim claim, const char *want)
{
	return strcmp(claims->text[claim], want) == 0;
}

static void check_found(const struct claims *claims, uint64_t found)
{
	const char *subject = claims->text[CLAIM_SUBJECT];

	require(found < 8);
	require(found == 0 || is(claims, CLAIM_ISSUER, ISSUER));
	require(((found & 1) != 0) ==
	        (is(claims, CLAIM_ISSUER, ISSUER) &&
	         is(claims, CLAIM_SUBJECT, OWN "refs/tags/v1") &&
	         is(claims, CLAIM_SOURCE_URI, SOURCE) &&
	         is(claims, CLAIM_SOURCE_REF, "refs/tags/v1") &&
	         is(claims, CLAIM_RUNNER_ENVIRONMENT, "a")));
	require(((found & 2) != 0) == (is(claims, CLAIM_ISSUER, ISSUER) &&
	                               is(claims, CLAIM_SUBJECT, OTHER) &&
	                               is(claims, CLAIM_SOURCE_URI, SOURCE)));
	if ((found & 4) == 0)
		return;
	require(strncmp(subject, "https://github.com/o/", 21) == 0);
	require(strstr(subject, "@refs/") != NULL);
	require(strncmp(claims->text[CLAIM_SOURCE_URI], "https://github.com/o/",
	                21) == 0);
	require(strchr(claims->text[CLAIM_SOURCE_URI] + 21, '/') == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct settings settings;
	static struct claims claims;
	static char fields[4][CLAIM_SIZE];
	const char *at = (const char *)data;
	struct statement statement = { .is_provenance = true };
	char reason[VERDICT_REASON_SIZE];
	uint64_t found = 0;
	struct err err;

	if (memchr(data, '\0', size) != NULL)
		return 0;
	if (settings.identity_count == 0)
		require(settings_parse(text, strlen(text), &settings, &err) ==
		        0);
	for (size_t i = 0; i < CLAIMS; i++)
		take_line(&at, &size, claims.text[i], CLAIM_SIZE);
	for (size_t i = 0; i < 4; i++)
		take_line(&at, &size, fields[i], CLAIM_SIZE);
	statement.provenance = (struct provenance){
		"", fields[0], "", fields[1], fields[2], "",
		"", "",        "", "",        fields[3],
	};
	if (identity_find(&settings, &claims, &statement, &found, reason,
	                  &err) == 0) {
		check_found(&claims, found);
		require(fields[2][0] == '\0' ||
		        claims.text[CLAIM_SOURCE_URI][0] == '\0' ||
		        is(&claims, CLAIM_SOURCE_URI, fields[2]));
	}
	require(identity_find(&settings, &claims, NULL, &found, reason, &err) ==
	        0);
	check_found(&claims, found);
	require((found == 0) == (reason[0] != '\0'));
	return 0;
}
