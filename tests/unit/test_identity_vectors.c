/* SPDX-License-Identifier: Apache-2.0 */
/* Identities against certificates and provenances that GitHub made.  They lie
 * outside of this project, at ../shared/vectors or where TIDEGATE_VECTORS says;
 * without them there is nothing to test. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/fs.h"
#include "codec/sigstore_bundle.h"
#include "crypto/certificate.h"
#include "crypto/init.h"
#include "trust/identity.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

#define GITHUB   "issuer = https://token.actions.githubusercontent.com\n"
#define REUSABLE                                                               \
	"github/artifact-attestations-workflows/.github/workflows/"            \
	"attest.yml@09b495c3f12c7881b3cc17209a327792065c1a1d"

static int vectors = -1; /* the folder vectors/sigstore/github-attestations */

static const struct vector_case {
	const char *name, *file, *identity;
	const char *says; /* NULL: it is him */
} cases[] = {
	{ "a release of sigstore-js", "sigstore-js-2.1.0-bundle.json",
	  GITHUB "repository = sigstore/sigstore-js\nworkflow = release.yml\n"
	         "ref = refs/heads/main\nrunner_environment = github-hosted\n"
	         "trigger = push\nsource_owner_id = 71096353\n"
	         "source_repository_id = 495574555\n",
	  NULL },
	{ "the same, of version 0.1", "sigstore-js-2.1.0-bundle-v0.1.json",
	  GITHUB "repository = sigstore/*\n", NULL },
	{ "another branch", "sigstore-js-2.1.0-bundle.json",
	  GITHUB "repository = sigstore/sigstore-js\nref = refs/tags/*\n",
	  "ref: 'refs/tags/*' is wanted" },
	{ "an issuer of its own", "custom-issuer.sigstore.json",
	  "issuer = https://token.actions.githubusercontent.com/hammer-time\n"
	  "repository = too-legit/attest\nworkflow = integration.yml\n",
	  NULL },
	{ "not the public issuer", "custom-issuer.sigstore.json",
	  GITHUB "repository = too-legit/attest\n", "issuer: " },
	{ "a reusable workflow", "reusable-workflow-attestation.sigstore.json",
	  GITHUB "repository = malancas/attest-demo\nworkflow = " REUSABLE "\n"
	         "ref = refs/heads/main\n",
	  NULL },
	{ "a reusable workflow in nobody's name",
	  "reusable-workflow-attestation.sigstore.json",
	  GITHUB "repository = malancas/attest-demo\n", "repository: " },
	{ "a reusable workflow called by another",
	  "reusable-workflow-attestation.sigstore.json",
	  GITHUB "repository = malancas/other\nworkflow = " REUSABLE "\n",
	  "repository: " },
};

static void read_bundle(const char *file, struct claims *claims,
                        struct statement *statement)
{
	AUTO_CLOSE int fd = openat(vectors, file, O_RDONLY | O_CLOEXEC);
	AUTO_BUF struct buf text = BUF_NONE;
	AUTO_SIGSTORE struct sigstore_bundle bundle = SIGSTORE_BUNDLE_NONE;
	AUTO_CERTIFICATE struct certificate leaf = CERTIFICATE_NONE;
	struct bytes payload;
	struct err err;

	if (fd < 0 || fs_read_fd(fd, &text, &err) < 0 ||
	    sigstore_bundle_parse(buf_text(&text), text.len, &bundle, &err) <
	            0 ||
	    certificate_parse(bundle.certificates[0], &leaf, &err) < 0 ||
	    certificate_claims(&leaf, claims, &err) < 0)
		fail_msg("%s cannot be read", file);
	payload = bundle.envelope.payload;
	if (statement_parse((const char *)payload.data, payload.len, statement,
	                    &err) < 0)
		fail_msg("%s: %s", file, err.text);
}

static void knows_the_owners_of_real_attestations(void **state)
{
	static struct settings settings;
	static struct claims claims;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct vector_case *c = &cases[i];
		AUTO_STATEMENT struct statement statement = STATEMENT_NONE;
		char reason[VERDICT_REASON_SIZE];
		char text[1024];
		uint64_t mask = 0;
		struct err err;

		(void)snprintf(text, sizeof text, "[identity x]\n%s",
		               c->identity);
		if (settings_parse(text, strlen(text), &settings, &err) < 0)
			fail_msg("%s: %s", c->name, err.text);
		read_bundle(c->file, &claims, &statement);
		assert_true(statement.is_provenance);
		if (identity_find(&settings, &claims, &statement, &mask, reason,
		                  &err) < 0)
			fail_msg("%s: %s", c->name, err.text);
		if ((mask == 1) != (c->says == NULL))
			fail_msg("%s: %s", c->name, reason);
		if (c->says != NULL && strstr(reason, c->says) == NULL)
			fail_msg("%s: says %s", c->name, reason);
	}
}

static int open_vectors(void)
{
	const char *base = getenv("TIDEGATE_VECTORS");
	char path[4096];

	(void)snprintf(path, sizeof path, "%s/sigstore/github-attestations",
	               base != NULL ? base : "../shared/vectors");
	vectors = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return vectors;
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_the_owners_of_real_attestations),
	};
	struct err err;
	int failed;

	if (open_vectors() < 0) {
		(void)printf("1..0 # SKIP no vectors\n");
		return 0;
	}
	if (crypto_init(&err) < 0 || json_read_init(&err) < 0)
		return 1;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	(void)close(vectors);
	return failed;
}
