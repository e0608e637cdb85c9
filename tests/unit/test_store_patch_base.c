/* SPDX-License-Identifier: Apache-2.0 */
#include "store/patch_base.h"

#include <errno.h>

#include "crypto/patch_id.h"
#include "temp_release.h"
#include "temp_store.h"

#define STREAM                                                                 \
	"alpha"                                                                \
	"gamma" /* what the new release lacks of version 1 */
#define STREAM_LEN (sizeof STREAM - 1)

/* Two releases with their files; of the second payload.mtree alone matters. */
static struct temp_store make_store(void)
{
	struct temp_store temp = temp_store_make();
	struct payload_entry first[] = {
		{ "a", "alpha", 0644 },
		{ "b", "kept", 0644 },
		{ "c", "gamma", 0644 },
		{ "empty", "", 0644 },
	};
	struct payload_entry second[] = { { "b", "kept", 0644 } };
	AUTO_CLOSE int files = -1;
	struct err err;

	put_installed(&temp.store, "1", 1, first, 4);
	put_installed(&temp.store, "2", 2, second, 1);
	files = fs_open_dir(temp.store.releases, "1", &err);
	put_file(files, "a", "alpha");
	put_file(files, "b", "kept");
	put_file(files, "c", "gamma");
	put_file(files, "empty", "");
	return temp;
}

/* payload.mtree's, of a release that is all zero otherwise. */
static const uint8_t new_mtree[SHA256_LEN];

static uint64_t id_of(const struct temp_store *temp, const char *version)
{
	AUTO_CLOSE int mtree = -1;
	AUTO_CLOSE int package = -1;
	uint8_t digest[SHA256_LEN];
	uint64_t id = 0;
	struct err err;

	package = fs_open_dir(temp->store.packages, version, &err);
	mtree = fs_open_file(package, "payload.mtree", &err);
	assert_int_equal(sha256_of_fd(mtree, digest, NULL, &err), 0);
	assert_int_equal(patch_id_of(digest, new_mtree, &id, &err), 0);
	return id;
}

static void add_patch(struct release_ini *release, uint64_t id, uint64_t size)
{
	release->patches[release->patch_count++] =
		(struct release_patch){ id,
		                        { .is_present = true, .size = size } };
}

static int find(const struct temp_store *temp,
                const struct release_ini *release, char version[VERSION_SIZE])
{
	const struct release_patch *patch;
	struct err err;

	version[0] = '\0';
	return patch_base_find(&temp->store, release, version, &patch, &err);
}

static void the_smallest_patch_of_what_is_installed_is_found(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = make_store();
	struct release_ini release = { .patch_count = 0 };
	char version[VERSION_SIZE];

	(void)state;
	assert_int_equal(find(&temp, &release, version), 0);
	add_patch(&release, id_of(&temp, "1") ^ 1, 1);
	assert_int_equal(find(&temp, &release, version), 0);
	add_patch(&release, id_of(&temp, "2"), 30);
	assert_int_equal(find(&temp, &release, version), 1);
	assert_string_equal(version, "2");
	add_patch(&release, id_of(&temp, "1"), 29);
	assert_int_equal(find(&temp, &release, version), 1);
	assert_string_equal(version, "1");
}

static void a_release_whose_list_is_gone_is_no_base(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = make_store();
	struct release_ini release = { .patch_count = 0 };
	char version[VERSION_SIZE];

	(void)state;
	add_patch(&release, id_of(&temp, "1"), 29);
	assert_int_equal(unlinkat(temp.store.packages, "1/payload.mtree", 0),
	                 0);
	assert_int_equal(find(&temp, &release, version), 0);
}

/* The old stream of version 1 for a release with the files of version 2. */
static int copy(const struct temp_store *temp, uint64_t room,
                char text[STREAM_LEN + 1], struct err *err)
{
	AUTO_DIGEST_SET struct digest_set kept = DIGEST_SET_NONE;
	AUTO_CLOSE int to =
		openat(temp->dir.fd, "stream",
	               O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	uint64_t size = 77;
	int got;

	assert_true(to >= 0);
	assert_int_equal(patch_base_files(&temp->store, "2", &kept, err), 0);
	got = patch_base_copy(&temp->store, "1", &kept, to, room, &size, err);
	assert_true(size == (got == 0 ? STREAM_LEN : 77));
	memset(text, 0, STREAM_LEN + 1);
	assert_true(pread(to, text, STREAM_LEN, 0) >= 0);
	return got;
}

static void the_stream_is_what_the_new_release_lacks(void **state)
{
	AUTO_TEMP_STORE struct temp_store temp = make_store();
	char text[STREAM_LEN + 1];
	struct err err;

	(void)state;
	assert_int_equal(copy(&temp, STREAM_LEN, text, &err), 0);
	assert_string_equal(text, STREAM);
	assert_int_equal(copy(&temp, STREAM_LEN - 1, text, &err), -1);
	assert_int_equal(err.sys, ENOSPC);
	assert_int_equal(copy(&temp, 0, text, &err), -1);
	assert_string_equal(text, ""); /* not begun */
}

/* @replace: what lies there instead; NULL: nothing. */
static void refuse(const char *name, const char *replace, enum err_code want)
{
	AUTO_TEMP_STORE struct temp_store temp = make_store();
	AUTO_CLOSE int files = -1;
	char text[STREAM_LEN + 1];
	struct err err;

	files = fs_open_dir(temp.store.releases, "1", &err);
	assert_int_equal(unlinkat(files, "c", 0), 0);
	if (replace != NULL && strncmp(replace, "->", 2) == 0)
		assert_int_equal(symlinkat(replace + 2, files, "c"), 0);
	else if (replace != NULL)
		put_file(files, "c", replace);
	if (copy(&temp, 1000, text, &err) == 0 || err.code != want)
		fail_msg("%s: code %d", name, (int)err.code);
}

static void installed_files_are_not_trusted(void **state)
{
	(void)state;
	refuse("other bytes", "gammA", ERR_FORMAT);
	refuse("fewer bytes", "gamm", ERR_FORMAT);
	refuse("a file that is gone", NULL, ERR_SYSTEM);
	refuse("a link to the same bytes", "->a", ERR_SYSTEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			the_smallest_patch_of_what_is_installed_is_found),
		cmocka_unit_test(a_release_whose_list_is_gone_is_no_base),
		cmocka_unit_test(the_stream_is_what_the_new_release_lacks),
		cmocka_unit_test(installed_files_are_not_trusted),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
