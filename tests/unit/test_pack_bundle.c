/* SPDX-License-Identifier: Apache-2.0 */
/* Bundles: the two forms hold the same, evidence is added within its limits,
 * and a description that lies about the payload is noticed even where all
 * pins hold. */
#include "pack/sealed_bundle.h"

#include "temp_bundle.h"

#include "crypto/init.h"
#include "crypto/minisign.h"
#include "pack/check.h"
#include "pack/evidence.h"

static void open_parts(const struct temp_dir *from, const struct temp_dir *to,
                       struct sealed_bundle *out)
{
	struct release_ini release;
	struct err err;

	put_payload(from->fd);
	pack_parts(from, to, &release);
	put_release(to, &release);
	assert_int_equal(sealed_bundle_open(to->path, out, &err), 0);
}

static void a_bundle_file_holds_what_the_folder_holds(void **state)
{
	AUTO_TEMP_DIR struct temp_dir from = temp_dir_make();
	AUTO_TEMP_DIR struct temp_dir to = temp_dir_make();
	AUTO_SEALED struct sealed_bundle parts = SEALED_BUNDLE_NONE;
	AUTO_SEALED struct sealed_bundle file = SEALED_BUNDLE_NONE;
	char path[128];
	struct err err;

	(void)state;
	open_parts(&from, &to, &parts);
	assert_int_equal(sealed_bundle_write(&parts, to.fd, "b", &err), 0);
	(void)snprintf(path, sizeof path, "%s/b", to.path);
	assert_int_equal(sealed_bundle_open(path, &file, &err), 0);
	assert_int_equal(file.count, parts.count);
	for (size_t i = 0; i < file.count; i++) {
		AUTO_BUF struct buf a = BUF_NONE;
		AUTO_BUF struct buf b = BUF_NONE;

		assert_int_equal(
			part_compare(file.parts[i].part, parts.parts[i].part),
			0);
		assert_int_equal(
			sealed_part_load(&file, &file.parts[i], &a, &err), 0);
		assert_int_equal(
			sealed_part_load(&parts, &parts.parts[i], &b, &err), 0);
		assert_int_equal(a.len, b.len);
		assert_memory_equal(a.data, b.data, a.len);
	}
	assert_int_equal(check_bundle(&parts, &err), 0);
	assert_int_equal(check_bundle(&file, &err), 0);
}

static void the_digest_is_that_of_the_file_and_its_parts(void **state)
{
	AUTO_TEMP_DIR struct temp_dir from = temp_dir_make();
	AUTO_TEMP_DIR struct temp_dir to = temp_dir_make();
	AUTO_SEALED struct sealed_bundle bundle = SEALED_BUNDLE_NONE;
	AUTO_CLOSE int fd = -1;
	uint8_t parts[SEALED_PARTS_MAX][SHA256_LEN];
	uint8_t digest[SHA256_LEN];
	struct part_pin pin;
	struct err err;
	uint64_t size;

	(void)state;
	open_parts(&from, &to, &bundle);
	assert_int_equal(sealed_bundle_digest(&bundle, &pin, parts, &err), 0);
	assert_int_equal(sealed_bundle_write(&bundle, to.fd, "b", &err), 0);
	fd = openat(to.fd, "b", O_RDONLY | O_CLOEXEC);
	assert_int_equal(sha256_of_fd(fd, digest, &size, &err), 0);
	assert_int_equal(pin.size, size);
	assert_memory_equal(pin.sha256, digest, SHA256_LEN);
	for (size_t i = 0; i < bundle.count; i++) {
		assert_int_equal(sealed_part_digest(&bundle, &bundle.parts[i],
		                                    digest, &err),
		                 0);
		assert_memory_equal(parts[i], digest, SHA256_LEN);
	}
}

static void a_failed_open_writes_nothing(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	struct sealed_bundle bundle = SEALED_BUNDLE_NONE;
	struct err err = { .code = ERR_NONE };

	(void)state;
	bundle.count = 0;
	bundle.tar_size = 42;
	assert_int_equal(sealed_bundle_open(dir.path, &bundle, &err), -1);
	assert_int_equal(err.code, ERR_FORMAT);
	assert_int_equal(bundle.tar_size, 42);
	put_file(dir.fd, "file", "no bundle");
	assert_int_equal(bundle.file, -1);
}

/* --- evidence
 * ------------------------------------------------------------------ */

static void sign(const struct sealed_bundle *bundle, struct buf *out)
{
	AUTO_MINISIGN_SIGNER struct minisign_signer *signer = NULL;
	struct minisign_signature signature;
	char comment[RELEASE_COMMENT_SIZE];
	struct err err;

	release_ini_comment(&bundle->release, comment);
	out->len = 0;
	assert_int_equal(minisign_generate(&signer, &err), 0);
	assert_int_equal(minisign_sign(signer, buf_text(&bundle->release_text),
	                               bundle->release_text.len, comment,
	                               &signature, &err),
	                 0);
	assert_int_equal(minisign_write_signature(&signature, "c", out, &err),
	                 0);
}

static void thirty_three_sign_and_no_more(void **state)
{
	AUTO_TEMP_DIR struct temp_dir from = temp_dir_make();
	AUTO_TEMP_DIR struct temp_dir to = temp_dir_make();
	AUTO_SEALED struct sealed_bundle bundle = SEALED_BUNDLE_NONE;
	AUTO_BUF struct buf text = BUF_NONE;
	struct err err;
	size_t count;

	(void)state;
	open_parts(&from, &to, &bundle);
	count = bundle.count;
	for (size_t i = 0; i <= PART_SIGNERS_MAX; i++) {
		sign(&bundle, &text);
		assert_int_equal(evidence_add_minisign(&bundle, buf_text(&text),
		                                       text.len, &err),
		                 1);
		assert_int_equal(evidence_add_minisign(&bundle, buf_text(&text),
		                                       text.len, &err),
		                 0);
	}
	sign(&bundle, &text);
	assert_int_equal(
		evidence_add_minisign(&bundle, buf_text(&text), text.len, &err),
		-1);
	assert_int_equal(err.code, ERR_LIMIT);
	assert_int_equal(bundle.count, count + 1 + PART_SIGNERS_MAX);
}

static void thirty_two_sigstore_bundles_and_no_more(void **state)
{
	AUTO_TEMP_DIR struct temp_dir from = temp_dir_make();
	AUTO_TEMP_DIR struct temp_dir to = temp_dir_make();
	AUTO_SEALED struct sealed_bundle bundle = SEALED_BUNDLE_NONE;
	struct err err;

	(void)state;
	open_parts(&from, &to, &bundle);
	for (int i = 0; i <= PART_SIGSTORE_MAX; i++) {
		char text[128];
		int len = snprintf(text, sizeof text,
		                   "{\"mediaType\":\"application/"
		                   "vnd.dev.sigstore.bundle.v0.3+json\","
		                   "\"n\":%d}",
		                   i);
		int got =
			evidence_add_sigstore(&bundle, text, (size_t)len, &err);

		assert_int_equal(got, i < PART_SIGSTORE_MAX ? 1 : -1);
	}
	assert_int_equal(err.code, ERR_LIMIT);
}

/* --- lies that are pinned
 * -------------------------------------------------------- */

/* Replace the first @from by @to, of the same length, and pin the part anew. */
static void forge(const struct temp_dir *dir, struct release_ini *release,
                  enum part_kind kind, const char *from, const char *to)
{
	const struct part part = { .kind = kind };
	struct part_pin *pin = &release->parts[kind];
	AUTO_BUF struct buf text = BUF_NONE;
	char name[PART_NAME_SIZE];
	struct err err;
	int fd;
	char *at;

	part_name(part, name);
	fd = openat(dir->fd, name, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(fs_read_fd(fd, &text, &err), 0);
	(void)close(fd);
	at = memmem(text.data, text.len, from, strlen(from));
	assert_non_null(at);
	memcpy(at, to, strlen(to));
	put_file(dir->fd, name, buf_text(&text));
	assert_int_equal(sha256_of(text.data, text.len, pin->sha256, &err), 0);
}

struct lie_case {
	const char *name;
	enum part_kind kind; /* PART_KINDS: release.ini itself */
	const char *from, *to;
};

static const struct lie_case lies[] = {
	{ "another mode", PART_MTREE, "./empty mode=0644",
	  "./empty mode=0755" },
	{ "another size", PART_MTREE, "size=5 ", "size=4 " },
	{ "another link target", PART_MTREE, "link=bin/small",
	  "link=bin/large" },
	{ "another path", PART_MTREE, "./empty", "./emptz" },
	{ "another digest of a file", PART_MTREE,
	  "sha256digest=", "sha256digest=0000" },
	{ "another type", PART_MTREE,
	  "./link type=link mode=0777 link=bin/small",
	  "./link type=dir  mode=0777               " },
	{ "another place of a file", PART_INDEX, "\ne 4 ", "\ne 5 " },
	{ "another length of a member", PART_INDEX, "m 0 ", "m 1 " },
	{ "another count of entries", PART_KINDS, NULL, NULL },
};

static void a_description_that_lies_is_noticed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
		const struct lie_case *c = &lies[i];
		AUTO_TEMP_DIR struct temp_dir from = temp_dir_make();
		AUTO_TEMP_DIR struct temp_dir to = temp_dir_make();
		AUTO_SEALED struct sealed_bundle bundle = SEALED_BUNDLE_NONE;
		struct release_ini release;
		struct err err = { .code = ERR_NONE };

		put_payload(from.fd);
		pack_parts(&from, &to, &release);
		if (c->kind == PART_KINDS)
			release.entries++;
		else
			forge(&to, &release, c->kind, c->from, c->to);
		put_release(&to, &release);
		assert_int_equal(sealed_bundle_open(to.path, &bundle, &err), 0);
		if (check_bundle(&bundle, &err) != -1 || err.code != ERR_FORMAT)
			fail_msg("%s: code %d", c->name, (int)err.code);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_bundle_file_holds_what_the_folder_holds),
		cmocka_unit_test(the_digest_is_that_of_the_file_and_its_parts),
		cmocka_unit_test(a_failed_open_writes_nothing),
		cmocka_unit_test(thirty_three_sign_and_no_more),
		cmocka_unit_test(thirty_two_sigstore_bundles_and_no_more),
		cmocka_unit_test(a_description_that_lies_is_noticed),
	};
	struct err err;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (crypto_init(&err) < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
