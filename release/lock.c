/* SPDX-License-Identifier: Apache-2.0 */
/* lock verify: is what a lockfile says true, of the files beside it and of the
 * places that it names? */
#include "lock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "crypto/sha256.h"
#include "files.h"
#include "lock_check.h"
#include "say.h"

int lock_read(const char *path, struct packs_lock *out, struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(PACKS_LOCK_MAX);

	if (file_read(path, &text, err) < 0)
		return -1;
	if (packs_lock_read(buf_text(&text), text.len, out, err) < 0)
		return err_wrap(err, "'%s'", path);
	return 0;
}

/* --- what was found ------------------------------------------------------ */

int check_tell(struct checking *checking, const struct packs_lock_pack *pack,
               enum check_result result, const char *text, struct err *err)
{
	static const char *const names[] = { "ok", "failed", "absent" };
	static const char *const shown[] = { "ok", "FAILED", "-" };

	checking->compared += result != CHECK_ABSENT;
	checking->findings += result == CHECK_FAILED;
	if (!checking->request->json) {
		say(checking->request, "%-6s  %s: %s", shown[result],
		    pack->name, text);
		return 0;
	}
	if (json_open_object(&checking->writer, NULL, err) < 0 ||
	    json_text(&checking->writer, "name", pack->name, err) < 0 ||
	    json_text(&checking->writer, "result", names[result], err) < 0 ||
	    json_text(&checking->writer, "text", text, err) < 0)
		return -1;
	return json_close(&checking->writer, err);
}

/* --- the files ----------------------------------------------------------- */

int check_find(const struct checking *checking, const char *path,
               char out[FS_PATH_MAX], struct err *err)
{
	if (file_beside(checking->path, path, out, err) < 0)
		return -1;
	if (access(out, F_OK) < 0 && access(path, F_OK) == 0)
		(void)snprintf(out, FS_PATH_MAX, "%s", path);
	return 0;
}

static int compare_file(struct checking *checking,
                        const struct packs_lock_pack *pack, const char *path,
                        struct err *err)
{
	AUTO_CLOSE int fd = file_open(path, err);
	uint8_t digest[SHA256_LEN];
	char text[LOCK_TEXT_SIZE];
	uint64_t size;

	if (fd < 0 || sha256_of_fd(fd, digest, &size, err) < 0)
		return -1;
	if (pack->size != 0 && pack->size != size) {
		(void)snprintf(text, sizeof text,
		               "'%.400s' has %llu bytes, and the lockfile says "
		               "%llu",
		               path, (unsigned long long)size,
		               (unsigned long long)pack->size);
		return check_tell(checking, pack, CHECK_FAILED, text, err);
	}
	if (!sha256_equal(digest, pack->sha256.sha256)) {
		(void)snprintf(text, sizeof text,
		               "'%.400s' has another SHA-256 than the lockfile "
		               "says",
		               path);
		return check_tell(checking, pack, CHECK_FAILED, text, err);
	}
	(void)snprintf(text, sizeof text, "'%.400s' is what was published",
	               path);
	return check_tell(checking, pack, CHECK_OK, text, err);
}

/* Who only has the lockfile asks the registries; without them the files must
 * be there. */
static int check_file(struct checking *checking,
                      const struct packs_lock_pack *pack, struct err *err)
{
	const bool is_offline = checking->request->is_offline;
	char path[FS_PATH_MAX];
	char text[LOCK_TEXT_SIZE];

	if (pack->file[0] == '\0')
		return is_offline ? check_tell(checking, pack, CHECK_ABSENT,
		                               "no file is named", err)
		                  : 0;
	if (check_find(checking, pack->file, path, err) < 0)
		return -1;
	if (access(path, F_OK) < 0) {
		(void)snprintf(text, sizeof text, "'%.400s' is not here", path);
		return check_tell(checking, pack,
		                  is_offline ? CHECK_FAILED : CHECK_ABSENT,
		                  text, err);
	}
	if (!pack->sha256.is_set)
		return check_tell(checking, pack, CHECK_ABSENT,
		                  "the lockfile has no SHA-256 of the file",
		                  err);
	return compare_file(checking, pack, path, err);
}

/* --- where it was published ---------------------------------------------- */

struct place_kind {
	const char *scheme;
	int (*check)(struct checking *checking,
	             const struct packs_lock_pack *pack, const char *address,
	             struct err *err);
};

static int check_place(struct checking *checking,
                       const struct packs_lock_pack *pack, const char *place,
                       struct err *err)
{
	static const struct place_kind kinds[] = {
		{ "oci://", check_registry },
		{ "github://", check_page },
		{ "dir:", check_folder },
	};
	char text[LOCK_TEXT_SIZE];

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		size_t len = strlen(kinds[i].scheme);

		if (strncmp(place, kinds[i].scheme, len) == 0)
			return kinds[i].check(checking, pack, place + len, err);
	}
	(void)snprintf(text, sizeof text,
	               "'%.500s' is of no kind that can be looked at", place);
	return check_tell(checking, pack, CHECK_ABSENT, text, err);
}

/* oci_ref is the first of the registries, and all that older shapes have. */
static bool is_reference(const struct packs_lock_pack *pack, const char *place)
{
	const char *address = strstr(place, "://");

	return address != NULL && strcmp(address + 3, pack->oci_ref) == 0;
}

static int check_places(struct checking *checking,
                        const struct packs_lock_pack *pack, struct err *err)
{
	if (pack->oci_ref[0] != '\0' &&
	    check_registry(checking, pack, pack->oci_ref, err) < 0)
		return -1;
	for (size_t i = 0; i < pack->location_count; i++)
		if (!is_reference(pack, pack->locations[i]) &&
		    check_place(checking, pack, pack->locations[i], err) < 0)
			return -1;
	return 0;
}

static int check_published(struct checking *checking,
                           const struct packs_lock_pack *pack, struct err *err)
{
	switch (pack->state) {
	case PACKS_LOCK_DRY_RUN:
		return check_tell(checking, pack, CHECK_FAILED,
		                  "a dry run: it was not published", err);
	case PACKS_LOCK_UNKNOWN:
		return check_tell(checking, pack, CHECK_FAILED,
		                  "the lockfile has no digest", err);
	case PACKS_LOCK_PINNED:
		break;
	}
	if (check_places(checking, pack, err) < 0)
		return err_wrap(err, "'%s'", pack->name);
	return 0;
}

/* --- lock verify --------------------------------------------------------- */

/* Success says that something was compared, and was so. */
static int check_pack(struct checking *checking,
                      const struct packs_lock_pack *pack, struct err *err)
{
	size_t before = checking->compared;

	if (check_file(checking, pack, err) < 0 ||
	    (!checking->request->is_offline &&
	     check_published(checking, pack, err) < 0))
		return -1;
	if (checking->compared > before)
		return 0;
	return check_tell(checking, pack, CHECK_FAILED,
	                  "nothing that the lockfile says of it could be "
	                  "checked",
	                  err);
}

static int check_all(struct checking *checking, struct err *err)
{
	const struct packs_lock *lock = checking->lock;

	if (lock->pack_count == 0)
		return err_set(err, ERR_FINDINGS, 0,
		               "'%s' names no package: there is nothing to "
		               "check",
		               checking->path);
	for (size_t i = 0; i < lock->pack_count; i++)
		if (check_pack(checking, &lock->packs[i], err) < 0)
			return -1;
	return 0;
}

static int begin_json(struct checking *checking, struct err *err)
{
	json_begin(&checking->writer, &checking->json);
	if (json_open_object(&checking->writer, NULL, err) < 0)
		return -1;
	return json_open_array(&checking->writer, "checks", err);
}

static int end_json(struct checking *checking, struct err *err)
{
	if (json_close(&checking->writer, err) < 0 ||
	    json_bool(&checking->writer, "ok", checking->findings == 0, err) <
	            0 ||
	    json_close(&checking->writer, err) < 0 ||
	    buf_adds(&checking->json, "\n", err) < 0)
		return -1;
	return print_result(&checking->json, err);
}

static int prepare(struct checking *checking, struct err *err)
{
	if (publish_credentials_require_named(checking->request, err) < 0 ||
	    publish_credentials_open(&checking->credentials, checking->request,
	                             err) < 0)
		return -1;
	if (!checking->request->is_offline &&
	    web_client_open(checking->request, &checking->web, err) < 0)
		return -1;
	return checking->request->json ? begin_json(checking, err) : 0;
}

static int verify(struct checking *checking, struct err *err)
{
	if (prepare(checking, err) < 0 || check_all(checking, err) < 0)
		return -1;
	if (checking->request->json && end_json(checking, err) < 0)
		return -1;
	if (checking->findings == 0)
		return 0;
	return err_set(err, ERR_FINDINGS, 0, "'%s': %zu of %zu checks failed",
	               checking->path, checking->findings, checking->compared);
}

static int lock_verify(const struct request *request, struct err *err)
{
	AUTO_PACKS_LOCK struct packs_lock lock = PACKS_LOCK_NONE;
	struct checking checking = {
		.request = request,
		.path = request->operands[1],
		.lock = &lock,
		.json = BUF_NONE,
	};
	int result;

	if (lock_read(checking.path, &lock, err) < 0)
		return -1;
	result = verify(&checking, err);
	publish_credentials_done(&checking.credentials);
	web_client_done(&checking.web);
	buf_done(&checking.json);
	return result;
}

int lock_run(void *context, struct err *err)
{
	const struct request *request = context;
	const char *verb = request->operands[0];

	if (strcmp(verb, "verify") == 0 && request->operand_count == 2)
		return lock_verify(request, err);
	if (strcmp(verb, "diff") == 0 && request->operand_count == 3)
		return lock_diff(request, err);
	return err_set(err, ERR_USAGE, 0,
	               "usage: package-release lock verify FILE, or "
	               "package-release lock diff OLD NEW");
}
