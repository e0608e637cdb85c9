/* SPDX-License-Identifier: Apache-2.0 */
/* lock verify: is what a lockfile says true, of the files beside it and of the
 * registries? */
#include "lock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "codec/json_write.h"
#include "codec/packs_lock.h"
#include "crypto/sha256.h"
#include "files.h"
#include "net/oci.h"
#include "publish_credentials.h"
#include "request.h"
#include "say.h"
#include "web_client.h"

#define TEXT_SIZE 1024

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

struct checking {
	const struct request *request;
	const char *path; /* of the lockfile */
	const struct packs_lock *lock;
	struct publish_credentials credentials; /* owned */
	struct web_client web;                  /* owned */
	struct buf json;                        /* owned */
	struct json_writer writer;
	size_t findings;
	size_t checks;
};

enum result { CHECK_OK, CHECK_FAILED, CHECK_ABSENT /* nothing to compare */ };

/* One line for each thing that was looked at. */
static int tell(struct checking *checking, const struct packs_lock_pack *pack,
                enum result result, const char *text, struct err *err)
{
	static const char *const names[] = { "ok", "failed", "absent" };
	static const char *const shown[] = { "ok", "FAILED", "-" };

	checking->checks++;
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

/* Where it lies: beside the lockfile, or, as the older shapes had it, below the
 * working directory. */
static int find_file(const struct checking *checking,
                     const struct packs_lock_pack *pack, char out[FS_PATH_MAX],
                     struct err *err)
{
	if (file_beside(checking->path, pack->file, out, err) < 0)
		return -1;
	if (access(out, F_OK) < 0 && access(pack->file, F_OK) == 0)
		(void)snprintf(out, FS_PATH_MAX, "%s", pack->file);
	return 0;
}

static int compare_file(struct checking *checking,
                        const struct packs_lock_pack *pack, const char *path,
                        struct err *err)
{
	AUTO_CLOSE int fd = file_open(path, err);
	uint8_t digest[SHA256_LEN];
	char text[TEXT_SIZE];
	uint64_t size;

	if (fd < 0 || sha256_of_fd(fd, digest, &size, err) < 0)
		return -1;
	if (pack->size != 0 && pack->size != size) {
		(void)snprintf(text, sizeof text,
		               "'%.400s' has %llu bytes, and the lockfile says "
		               "%llu",
		               path, (unsigned long long)size,
		               (unsigned long long)pack->size);
		return tell(checking, pack, CHECK_FAILED, text, err);
	}
	if (!sha256_equal(digest, pack->sha256.sha256)) {
		(void)snprintf(text, sizeof text,
		               "'%.400s' has another SHA-256 than the lockfile "
		               "says",
		               path);
		return tell(checking, pack, CHECK_FAILED, text, err);
	}
	(void)snprintf(text, sizeof text, "'%.400s' is what was published",
	               path);
	return tell(checking, pack, CHECK_OK, text, err);
}

/* Who only has the lockfile asks the registries; without them the files must
 * be there. */
static int check_file(struct checking *checking,
                      const struct packs_lock_pack *pack, struct err *err)
{
	const bool is_offline = checking->request->is_offline;
	char path[FS_PATH_MAX];
	char text[TEXT_SIZE];

	if (pack->file[0] == '\0')
		return is_offline ? tell(checking, pack, CHECK_ABSENT,
		                         "no file is named", err)
		                  : 0;
	if (find_file(checking, pack, path, err) < 0)
		return -1;
	if (access(path, F_OK) < 0) {
		(void)snprintf(text, sizeof text, "'%.400s' is not here", path);
		return tell(checking, pack,
		            is_offline ? CHECK_FAILED : CHECK_ABSENT, text,
		            err);
	}
	if (!pack->sha256.is_set)
		return tell(checking, pack, CHECK_ABSENT,
		            "the lockfile has no SHA-256 of the file", err);
	return compare_file(checking, pack, path, err);
}

/* --- the registry -------------------------------------------------------- */

/* All types: what was published is to be there still. */
static bool is_any(const char *artifact_type)
{
	(void)artifact_type;
	return true;
}

/* @name by its digest, which the registry then keeps to; or by its tag. */
static int check_name(struct checking *checking,
                      const struct packs_lock_pack *pack,
                      struct oci_registry *registry,
                      const struct oci_name *name, const char *shown,
                      struct err *err)
{
	AUTO_OCI_MANIFEST struct oci_manifest manifest = OCI_MANIFEST_NONE;
	uint8_t digest[OCI_DIGEST_LEN];
	char is[OCI_DIGEST_SIZE];
	char text[TEXT_SIZE];
	int got = oci_get_manifest(registry, name, digest, &manifest, err);

	if (got < 0)
		return -1;
	if (got == 0) {
		(void)snprintf(text, sizeof text, "%.500s is not there", shown);
		return tell(checking, pack, CHECK_FAILED, text, err);
	}
	if (memcmp(digest, pack->digest, sizeof digest) != 0) {
		oci_digest_text(digest, is);
		(void)snprintf(text, sizeof text,
		               "%.500s is %s now: it was moved", shown, is);
		return tell(checking, pack, CHECK_FAILED, text, err);
	}
	(void)snprintf(text, sizeof text, "%.500s has the digest", shown);
	return tell(checking, pack, CHECK_OK, text, err);
}

static int check_tag(struct checking *checking,
                     const struct packs_lock_pack *pack,
                     struct oci_registry *registry, const char *tag,
                     struct err *err)
{
	const struct oci_name name = { .tag = tag };
	char shown[TEXT_SIZE];

	(void)snprintf(shown, sizeof shown, "%s/%s:%s",
	               registry->reference.registry,
	               registry->reference.repository, tag);
	return check_name(checking, pack, registry, &name, shown, err);
}

static int check_digest(struct checking *checking,
                        const struct packs_lock_pack *pack,
                        struct oci_registry *registry, struct err *err)
{
	struct oci_name name = { .tag = NULL };
	char digest[OCI_DIGEST_SIZE];
	char shown[TEXT_SIZE];

	memcpy(name.digest, pack->digest, sizeof name.digest);
	oci_digest_text(pack->digest, digest);
	(void)snprintf(shown, sizeof shown, "%s/%s@%s",
	               registry->reference.registry,
	               registry->reference.repository, digest);
	return check_name(checking, pack, registry, &name, shown, err);
}

static bool is_listed(const struct oci_referrers *referrers,
                      const uint8_t digest[OCI_DIGEST_LEN])
{
	for (size_t i = 0; i < referrers->count; i++)
		if (memcmp(referrers->names[i].digest, digest,
		           OCI_DIGEST_LEN) == 0)
			return true;
	return false;
}

static int check_referrers(struct checking *checking,
                           const struct packs_lock_pack *pack,
                           struct oci_registry *registry, struct err *err)
{
	struct oci_referrers referrers = { .count = 0 };
	char digest[OCI_DIGEST_SIZE];
	char text[TEXT_SIZE];

	if (pack->referrer_count == 0)
		return 0;
	if (oci_get_referrers(registry, pack->digest, is_any, &referrers, err) <
	    0)
		return -1;
	for (size_t i = 0; i < pack->referrer_count; i++) {
		const struct packs_lock_referrer *wanted = &pack->referrers[i];
		bool is_there = is_listed(&referrers, wanted->digest);

		oci_digest_text(wanted->digest, digest);
		(void)snprintf(text, sizeof text, "referrer %s (%.200s) is %s",
		               digest, wanted->artifact_type,
		               is_there ? "listed" : "not listed any more");
		if (tell(checking, pack, is_there ? CHECK_OK : CHECK_FAILED,
		         text, err) < 0)
			return -1;
	}
	return 0;
}

/* The reference's own tag, and the others that were set. */
static int check_tags(struct checking *checking,
                      const struct packs_lock_pack *pack,
                      struct oci_registry *registry, struct err *err)
{
	const char *own = registry->reference.tag;

	if (own[0] != '\0' && check_tag(checking, pack, registry, own, err) < 0)
		return -1;
	for (size_t i = 0; i < pack->tag_count; i++)
		if (strcmp(pack->tags[i], own) != 0 &&
		    check_tag(checking, pack, registry, pack->tags[i], err) < 0)
			return -1;
	return 0;
}

static int ask_registry(struct checking *checking,
                        const struct packs_lock_pack *pack,
                        const struct oci_reference *reference, struct err *err)
{
	AUTO_PUBLISH_CREDENTIAL struct publish_credential credential =
		PUBLISH_CREDENTIAL_NONE;
	AUTO_FREE struct oci_registry *registry = calloc(1, sizeof *registry);
	struct source_wanted wanted = { .app = "", .version = "" };
	int result;

	if (registry == NULL)
		return err_nomem(err);
	if (publish_credentials_registry(&checking->credentials, reference,
	                                 &credential, err) < 0)
		return -1;
	publish_credential_fill(&credential, &wanted);
	result = oci_open(registry, checking->web.client, &wanted, reference,
	                  err);
	if (result == 0)
		result = check_digest(checking, pack, registry, err);
	if (result == 0)
		result = check_tags(checking, pack, registry, err);
	if (result == 0)
		result = check_referrers(checking, pack, registry, err);
	oci_done(registry);
	return result;
}

static int check_published(struct checking *checking,
                           const struct packs_lock_pack *pack, struct err *err)
{
	struct oci_reference reference;

	if (pack->state == PACKS_LOCK_DRY_RUN)
		return tell(checking, pack, CHECK_FAILED,
		            "a dry run: it was not published", err);
	if (pack->state == PACKS_LOCK_UNKNOWN)
		return tell(checking, pack, CHECK_FAILED,
		            "the lockfile has no digest", err);
	if (pack->oci_ref[0] == '\0')
		return tell(checking, pack, CHECK_ABSENT,
		            "it names no registry to ask", err);
	if (oci_reference_parse(pack->oci_ref, &reference, err) < 0 ||
	    ask_registry(checking, pack, &reference, err) < 0)
		return err_wrap(err, "'%s'", pack->name);
	return 0;
}

/* --- lock verify --------------------------------------------------------- */

static int check_all(struct checking *checking, struct err *err)
{
	const struct packs_lock *lock = checking->lock;

	for (size_t i = 0; i < lock->pack_count; i++) {
		if (check_file(checking, &lock->packs[i], err) < 0)
			return -1;
		if (!checking->request->is_offline &&
		    check_published(checking, &lock->packs[i], err) < 0)
			return -1;
	}
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
	if (publish_credentials_open(&checking->credentials, checking->request,
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
	               checking->path, checking->findings, checking->checks);
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
