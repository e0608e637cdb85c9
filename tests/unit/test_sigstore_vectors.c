/* SPDX-License-Identifier: Apache-2.0 */
/* Bundles and trusted roots of others are read, with the entries, checkpoints
 * and statements in them: real releases, and the public conformance suite. They
 * lie outside of this project, at ../shared/vectors or where TIDEGATE_VECTORS
 * says; without them there is nothing to test. */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/fs.h"
#include "codec/checkpoint.h"
#include "codec/rekor_entry.h"
#include "codec/sigstore_bundle.h"
#include "codec/statement.h"
#include "codec/trusted_root.h"

static int vectors = -1; /* the folder vectors/sigstore */

/* What to do with one file; it fails the test itself. */
typedef void check_fn(const char *path, const char *text, size_t len);

static bool ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), end_len = strlen(end);

	return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static bool is_there(const char *path)
{
	return faccessat(vectors, path, R_OK, 0) == 0;
}

static void check_file(const char *path, check_fn *check)
{
	AUTO_CLOSE int fd = openat(vectors, path, O_RDONLY | O_CLOEXEC);
	AUTO_BUF struct buf text = BUF_NONE;
	struct err err;

	if (fd < 0)
		fail_msg("%s cannot be opened", path);
	assert_int_equal(fs_read_fd(fd, &text, &err), 0);
	check(path, buf_text(&text), text.len);
}

static void must_hold_entry(const char *path,
                            const struct sigstore_log_entry *in)
{
	AUTO_REKOR_ENTRY struct rekor_entry entry = REKOR_ENTRY_NONE;
	AUTO_CHECKPOINT struct checkpoint checkpoint = CHECKPOINT_NONE;
	struct err err;

	if (rekor_entry_parse(in->body, in->kind, in->version, &entry, &err) <
	    0)
		fail_msg("%s: %s", path, err.text);
	if (!in->has_proof || in->proof.checkpoint[0] == '\0')
		return;
	if (checkpoint_parse(in->proof.checkpoint, strlen(in->proof.checkpoint),
	                     &checkpoint, &err) < 0)
		fail_msg("%s: %s", path, err.text);
	assert_int_equal(checkpoint.tree_size, in->proof.tree_size);
	assert_memory_equal(checkpoint.root_hash, in->proof.root_hash,
	                    sizeof checkpoint.root_hash);
}

static void must_hold_statement(const char *path, struct bytes payload)
{
	AUTO_STATEMENT struct statement statement = STATEMENT_NONE;
	struct err err;

	if (statement_parse((const char *)payload.data, payload.len, &statement,
	                    &err) < 0)
		fail_msg("%s: %s", path, err.text);
	if (!statement.is_provenance ||
	    statement.provenance.builder_id[0] == '\0')
		fail_msg("%s: no provenance", path);
}

static void must_be_bundle(const char *path, const char *text, size_t len)
{
	AUTO_SIGSTORE struct sigstore_bundle bundle = SIGSTORE_BUNDLE_NONE;
	struct err err;

	if (sigstore_bundle_parse(text, len, &bundle, &err) < 0)
		fail_msg("%s: %s", path, err.text);
	for (size_t i = 0; i < bundle.entry_count; i++)
		must_hold_entry(path, &bundle.entries[i]);
	if (bundle.content == SIGSTORE_ENVELOPE)
		must_hold_statement(path, bundle.envelope.payload);
}

static void must_be_root(const char *path, const char *text, size_t len)
{
	AUTO_TRUSTED_ROOTS struct trusted_roots roots = TRUSTED_ROOTS_NONE;
	struct err err;

	if (trusted_roots_parse(text, len, &roots, &err) < 0)
		fail_msg("%s: %s", path, err.text);
}

static void must_be_no_bundle(const char *path, const char *text, size_t len)
{
	AUTO_SIGSTORE struct sigstore_bundle bundle = SIGSTORE_BUNDLE_NONE;
	struct err err;

	if (sigstore_bundle_parse(text, len, &bundle, &err) == 0)
		fail_msg("%s was read", path);
}

/* Call @check for each file of @folder that ends with @end; how many. */
static size_t check_folder(const char *folder, const char *end, check_fn *check)
{
	int fd = openat(vectors, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO_DIR DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	size_t count = 0;
	char path[512];

	if (dir == NULL)
		fail_msg("no folder %s", folder);
	while ((entry = readdir(dir)) != NULL) {
		if (!ends_with(entry->d_name, end))
			continue;
		(void)snprintf(path, sizeof path, "%s/%s", folder,
		               entry->d_name);
		check_file(path, check);
		count++;
	}
	return count;
}

/* The cases of a suite that must be accepted, each with its trusted root. */
static size_t check_suite(const char *suite)
{
	int fd = openat(vectors, suite, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO_DIR DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	size_t count = 0;
	char path[512];

	if (dir == NULL)
		fail_msg("no suite %s", suite);
	while ((entry = readdir(dir)) != NULL) {
		(void)snprintf(path, sizeof path, "%s/%s/bundle.sigstore.json",
		               suite, entry->d_name);
		if (ends_with(entry->d_name, "_fail") || !is_there(path))
			continue;
		check_file(path, must_be_bundle);
		count++;
		(void)snprintf(path, sizeof path, "%s/%s/trusted_root.json",
		               suite, entry->d_name);
		if (is_there(path))
			check_file(path, must_be_root);
	}
	return count;
}

static void good_cases_of_the_suites_are_read(void **state)
{
	(void)state;
	assert_true(check_suite("official") > 5);
	assert_true(check_suite("derived") > 1);
}

static void real_bundles_are_read(void **state)
{
	(void)state;
	assert_true(check_folder("cpython", ".sigstore.json", must_be_bundle) >
	            30);
	assert_true(check_folder("github-attestations", ".sigstore.json",
	                         must_be_bundle) > 1);
	check_file("github-attestations/sigstore-js-2.1.0-bundle.json",
	           must_be_bundle);
	check_file("github-attestations/sigstore-js-2.1.0-bundle-v0.1.json",
	           must_be_bundle);
}

static void real_trusted_roots_are_read(void **state)
{
	(void)state;
	assert_int_equal(
		check_folder("trust", "trusted_root.json", must_be_root), 2);
	check_file("github-attestations/trusted_root.json", must_be_root);
}

/* Those whose defect is one of shape. */
static void misshapen_bundles_are_refused(void **state)
{
	static const char *const cases[] = {
		"official/bundle-empty-certificate-chain_fail",
		"official/bundle-malformed-json_fail",
		"official/rekor2-no-inclusion-proof_fail",
		"derived/content-both_fail",
		"derived/content-missing_fail",
		"derived/dsse-two-signatures_fail",
		"derived/json-duplicate-key_fail",
		"derived/material-missing-certificate_fail",
		"derived/media-type-v0.4_fail",
		"derived/v0.3-with-chain_fail",
	};
	char path[512];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		(void)snprintf(path, sizeof path, "%s/bundle.sigstore.json",
		               cases[i]);
		check_file(path, must_be_no_bundle);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_cases_of_the_suites_are_read),
		cmocka_unit_test(real_bundles_are_read),
		cmocka_unit_test(real_trusted_roots_are_read),
		cmocka_unit_test(misshapen_bundles_are_refused),
	};
	const char *where = getenv("TIDEGATE_VECTORS");
	char path[512];

	(void)snprintf(path, sizeof path, "%s/sigstore",
	               where != NULL ? where : "../shared/vectors");
	vectors = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (vectors < 0) {
		puts("1..0 # SKIP no vectors at TIDEGATE_VECTORS or "
		     "../shared/vectors");
		return 0;
	}
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
