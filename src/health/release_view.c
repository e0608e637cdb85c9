/* SPDX-License-Identifier: Apache-2.0 */
#include "health/release_view.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"

#define SIGNATURES_MAX    (1 + PART_SIGNERS_MAX)
#define PACKAGE_FILES_MAX 1000 /* names in packages/<version> */

static const char *part_file(enum part_kind kind, char name[PART_NAME_SIZE])
{
	part_name((struct part){ kind, 0 }, name);
	return name;
}

struct evidence {
	struct buf items[SIGNATURES_MAX];
	size_t count;
};

static void evidence_done(struct evidence *evidence)
{
	for (size_t i = 0; i < evidence->count; i++)
		buf_done(&evidence->items[i]);
}

static int read_signature(const struct release_view *view, const char *name,
                          struct evidence *evidence, struct err *err)
{
	struct buf *item = &evidence->items[evidence->count];

	*item = BUF_LIMIT(MINISIGN_FILE_MAX);
	evidence->count++;
	return fs_read_trusted(view->package, name, item, err) < 0 ? -1 : 0;
}

static int read_named(const struct release_view *view, char **names,
                      size_t count, struct evidence *evidence, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		struct part part;

		if (!part_parse(names[i], strlen(names[i]), &part) ||
		    !part_is_minisign(part.kind))
			continue;
		if (evidence->count == SIGNATURES_MAX)
			return err_set(err, ERR_LIMIT, 0,
			               "more than %d signatures",
			               SIGNATURES_MAX);
		if (read_signature(view, names[i], evidence, err) < 0)
			return -1;
	}
	return 0;
}

static int read_evidence(const struct release_view *view,
                         struct evidence *evidence, struct err *err)
{
	char **names;
	size_t count;
	int result;

	if (fs_list(view->package, PACKAGE_FILES_MAX, &names, &count, err) < 0)
		return -1;
	result = read_named(view, names, count, evidence, err);
	fs_list_free(names, count);
	return result;
}

static int judge_seal(struct release_view *view, struct err *err)
{
	AUTO(evidence_done) struct evidence evidence = { .count = 0 };
	AUTO_FREE struct verification_result *verified = NULL;
	struct judge_signature signatures[SIGNATURES_MAX];
	struct judge_request request = {
		.release_ini = view->release_ini.data,
		.release_ini_len = view->release_ini.len,
		.signatures = signatures,
		.keyring = view->trust->keyring,
		.settings = view->trust->settings,
		.app = view->trust->store->name,
		.version = view->facts->version,
	};

	if (read_evidence(view, &evidence, err) < 0)
		return -1;
	for (size_t i = 0; i < evidence.count; i++)
		signatures[i] = (struct judge_signature){
			.data = evidence.items[i].data,
			.len = evidence.items[i].len
		};
	request.signature_count = evidence.count;
	verified = malloc(sizeof *verified);
	if (verified == NULL)
		return err_nomem(err);
	if (judge_release(&request, verified, err) < 0)
		return -1;
	view->verified = TAKE_PTR(verified);
	return 0;
}

/* "signed by ops, ci" */
static void name_signers(const struct verification_result *verified,
                         struct look *look)
{
	size_t used;

	look_set(look, SIGHT_GOOD, "signed by %s", verified->signers[0].name);
	for (size_t i = 1; i < verified->signer_count; i++) {
		used = strlen(look->text);
		/* Names that do not fit are left out. */
		(void)snprintf(look->text + used, sizeof look->text - used,
		               ", %s", verified->signers[i].name);
	}
}

/* What keeps the seal from being judged; NULL: nothing. */
static const char *find_obstacle(const struct gather_trust *trust)
{
	if (trust->settings == NULL)
		return "not judged: the configuration is not understood";
	if (trust->keyring == NULL)
		return "not judged: the trusted keys cannot be read";
	return NULL;
}

static int gather_seal(struct release_view *view, struct err *err)
{
	struct look *look = &view->facts->signature;
	const char *obstacle = find_obstacle(view->trust);
	char name[PART_NAME_SIZE];
	int found;

	view->package = fs_open_dir(view->trust->store->packages,
	                            view->facts->version, err);
	if (view->package < 0)
		return look_note(look, err);
	found = fs_read_trusted(view->package,
	                        part_file(PART_RELEASE_INI, name),
	                        &view->release_ini, err);
	if (found < 0)
		return look_note_trusted(look, err);
	if (found == 0) {
		look_set(look, SIGHT_ABSENT, "%s is missing", name);
		return 0;
	}
	if (sha256_of(view->release_ini.data, view->release_ini.len,
	              view->release_sha256, err) < 0)
		return look_note(look, err);
	if (obstacle != NULL)
		look_set(look, SIGHT_BLOCKED, "%s", obstacle);
	else if (judge_seal(view, err) < 0)
		return look_note(look, err);
	else
		name_signers(view->verified, look);
	return 0;
}

/* Only a release that is there can have a tree; facts->committed says why not.
 */
static int open_tree(struct release_view *view, struct err *err)
{
	view->tree = fs_open_dir(view->trust->store->releases,
	                         view->facts->version, err);
	return view->tree < 0 ? look_note(&view->facts->committed, err) : 0;
}

int release_view_open(const struct gather_trust *trust,
                      struct release_facts *facts, struct release_view *out,
                      struct err *err)
{
	*out = (struct release_view){ .trust = trust,
		                      .facts = facts,
		                      .package = -1,
		                      .tree = -1,
		                      .release_ini =
		                              BUF_LIMIT(RELEASE_INI_MAX) };
	if (gather_seal(out, err) < 0)
		return -1;
	return open_tree(out, err);
}

void release_view_done(struct release_view *view)
{
	cleanup_close(&view->package);
	cleanup_close(&view->tree);
	view->package = view->tree = -1;
	buf_done(&view->release_ini);
	free(view->verified);
	view->verified = NULL;
}

bool release_view_blocks(const struct release_view *view, struct look *look)
{
	if (view->verified != NULL)
		return false;
	look_set(look, SIGHT_BLOCKED, "not checked: its signature is not good");
	return true;
}

int release_view_part(const struct release_view *view, enum part_kind kind,
                      struct err *err)
{
	const struct part_pin *pin = &view->verified->release.parts[kind];
	char name[PART_NAME_SIZE];
	uint8_t digest[SHA256_LEN];
	uint64_t size;
	AUTO_CLOSE int fd =
		fs_open_trusted(view->package, part_file(kind, name), err);

	if (fd < 0)
		return err_wrap(err, "sealed part");
	if (sha256_of_fd(fd, digest, &size, err) < 0)
		return err_wrap(err, "reading '%s'", name);
	if (!pin->is_present || size != pin->size ||
	    !sha256_equal(digest, pin->sha256))
		return err_set(err, ERR_FORMAT, 0,
		               "'%s' is not what release.ini pins", name);
	if (lseek(fd, 0, SEEK_SET) < 0)
		return err_set(err, ERR_SYSTEM, errno, "reading '%s'", name);
	return TAKE_FD(fd);
}
