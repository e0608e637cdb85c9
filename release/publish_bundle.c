/* SPDX-License-Identifier: Apache-2.0 */
/* A Tidegate bundle as a publication. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/disk.h"
#include "base/text.h"
#include "files.h"
#include "pack/check.h"
#include "pack/sealed_bundle.h"
#include "packs.h"
#include "say.h"
#include "verify.h"

#define SMALL_MAX ((uint64_t)4 << 20) /* bytes of a part that memory holds */
#define PIECE     ((size_t)256 << 10)
#define SBOM_LOOK                                                              \
	((uint64_t)1 << 20) /* bytes in which its kind is looked for           \
	                     */

/* --- is it to be published at all? -------------------------------------- */

static bool is_signed(const struct sealed_bundle *bundle)
{
	for (size_t i = 0; i < bundle->count; i++)
		if (part_is_minisign(bundle->parts[i].part.kind) ||
		    bundle->parts[i].part.kind == PART_SIGSTORE)
			return true;
	return false;
}

/* The public key beside the secret one that package.ini signs with. */
static bool find_public_key(const struct publish_settings *settings,
                            char out[FS_PATH_MAX])
{
	const char *key = settings->package->key;

	return settings->request->keys.count == 0 && key[0] != '\0' &&
	       snprintf(out, FS_PATH_MAX, "%.4000s.pub", key) < FS_PATH_MAX &&
	       access(out, R_OK) == 0;
}

static int judge(const struct publish_settings *settings,
                 const struct sealed_bundle *bundle, const char *path,
                 struct err *err)
{
	AUTO_FREE struct request *request = malloc(sizeof *request);
	AUTO_FREE struct verification_result *verified =
		malloc(sizeof *verified);
	AUTO_TRUSTED struct trusted *trusted = NULL;
	const char *key = publish_word(settings, PUBLISH_KEY);
	char beside[FS_PATH_MAX];

	if (request == NULL || verified == NULL)
		return err_nomem(err);
	*request = *settings->request;
	request->config = request->policy; /* a host's, not package.ini */
	request->json = false;
	if (request->keys.count == 0 && request->trust == NULL &&
	    request->policy == NULL) {
		if (key[0] == '\0' && find_public_key(settings, beside))
			key = beside;
		if (key[0] != '\0')
			request->keys.at[request->keys.count++] = key;
	}
	if (request->keys.count == 0 && request->trust == NULL &&
	    request->policy == NULL) {
		warn_user("'%s' is signed, but by whom is not judged: give "
		          "--key PUB, or write [publish] key to package.ini",
		          path);
		return 0;
	}
	if (trusted_new(request, &trusted, err) < 0)
		return -1;
	return verify_signatures(request, bundle, trusted, verified, err);
}

static int require_good(const struct publish_settings *settings,
                        const struct sealed_bundle *bundle, const char *path,
                        struct err *err)
{
	const char *version = publish_word(settings, PUBLISH_VERSION);
	bool is_asked = settings->request->version != NULL;

	if (!is_signed(bundle))
		return err_set(err, ERR_UNTRUSTED, 0,
		               "nobody signed it, so no host would install it; "
		               "next: package-release sign --key FILE %s",
		               path);
	if (is_asked && strcmp(version, bundle->release.version) != 0)
		return err_set(err, ERR_CONFLICT, 0,
		               "it is version %s, and --version says %s",
		               bundle->release.version, version);
	if (check_bundle(bundle, err) < 0)
		return -1;
	return judge(settings, bundle, path, err);
}

/* --- parts -------------------------------------------------------------- */

/* Copy a part out of the bundle file into a file without a name. */
static int extract(const struct publish_settings *settings,
                   const struct sealed_bundle *bundle,
                   const struct sealed_part *part, struct err *err)
{
	const char *folder = publish_word(settings, PUBLISH_OUT_DIR);
	AUTO_FREE uint8_t *piece = malloc(PIECE);
	AUTO_CLOSE int fd = -1;

	if (piece == NULL)
		return err_nomem(err);
	if (make_folders(folder, err) < 0)
		return -1;
	fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(err, ERR_SYSTEM, errno,
		               "making a temporary file in '%s'", folder);
	for (uint64_t at = 0; at < part->size;) {
		size_t len = part->size - at < PIECE ? (size_t)(part->size - at)
		                                     : PIECE;

		if (sealed_part_read(bundle, part, at, piece, len, err) < 0 ||
		    disk_write("publish.extract", fd, piece, len, err) < 0)
			return -1;
		at += len;
	}
	return TAKE_FD(fd);
}

static int find_bytes(const struct publish_settings *settings,
                      const struct sealed_bundle *bundle,
                      const struct sealed_part *part,
                      struct publication_file *file, struct err *err)
{
	if (part->size <= SMALL_MAX) {
		file->data = BUF_LIMIT((size_t)SMALL_MAX);
		return sealed_part_load(bundle, part, &file->data, err);
	}
	file->fd = part->fd >= 0 ? fcntl(part->fd, F_DUPFD_CLOEXEC, 3)
	                         : extract(settings, bundle, part, err);
	if (file->fd >= 0)
		return 0;
	return part->fd >= 0
	               ? err_set(err, ERR_SYSTEM, errno, "keeping a part open")
	               : -1;
}

static const char *sbom_type(const struct publication_file *file,
                             const char **out, struct err *err)
{
	static const char spdx[] = "\"spdxVersion\"";
	size_t len =
		file->size < SBOM_LOOK ? (size_t)file->size : (size_t)SBOM_LOOK;
	AUTO_FREE char *text = malloc(len + 1);

	*out = NULL;
	if (text == NULL) {
		(void)err_nomem(err);
		return NULL;
	}
	if (publication_file_read(file, 0, text, len, err) < 0)
		return NULL;
	*out = memmem(text, len, spdx, sizeof spdx - 1) != NULL
	               ? "application/spdx+json"
	               : "application/vnd.cyclonedx+json";
	return *out;
}

/* docs/bundle-format.md has the same table. */
static const char *part_type(enum part_kind kind)
{
	switch (kind) {
	case PART_RELEASE_INI:
		return "application/vnd.tidegate.release.v1";
	case PART_MINISIG:
	case PART_MINISIG_FURTHER:
		return "application/vnd.tidegate.minisig.v1";
	case PART_SIGSTORE:
		return OCI_TYPE_SIGSTORE;
	case PART_PROFILE_ENV:
	case PART_SHA256:
		return "text/plain";
	case PART_MTREE:
		return "application/vnd.tidegate.mtree.v1";
	case PART_INDEX:
		return "application/vnd.tidegate.index.v1";
	case PART_ATTESTATION:
		return "application/vnd.tidegate.attestations.v1";
	case PART_PACKED:
		return "application/x-xz";
	case PART_PAYLOAD:
		return "application/gzip";
	case PART_PATCH:
		return "application/vnd.tidegate.patch.v1+zstd";
	case PART_SBOM:
	case PART_KINDS:
		break;
	}
	return "application/octet-stream";
}

static int add_part(const struct publish_settings *settings,
                    const struct sealed_bundle *bundle,
                    const struct sealed_part *part,
                    struct publication *publication, struct err *err)
{
	struct publication_file *file = publication_add_file(publication, err);

	if (file == NULL)
		return -1;
	part_name(part->part, file->title);
	file->media_type = part_type(part->part.kind);
	if (find_bytes(settings, bundle, part, file, err) < 0 ||
	    publication_file_hash(file, err) < 0)
		return err_wrap(err, "'%s'", file->title);
	if (file->size != part->size)
		return err_set(err, ERR_CONFLICT, 0,
		               "'%s' changed while it was read", file->title);
	if (part->part.kind == PART_RELEASE_INI)
		memcpy(publication->release_sha256, file->sha256, SHA256_LEN);
	if (part->part.kind == PART_SBOM &&
	    sbom_type(file, &file->media_type, err) == NULL)
		return -1;
	return 0;
}

/* --- the single file ---------------------------------------------------- */

/* 1: the same part, byte for byte. */
static int is_same_part(const struct sealed_bundle *bundle,
                        const struct sealed_bundle *other, size_t number,
                        struct err *err)
{
	const struct sealed_part *ours = &bundle->parts[number];
	const struct sealed_part *theirs = &other->parts[number];
	AUTO_FREE uint8_t *pieces = malloc(2 * PIECE);

	if (pieces == NULL)
		return err_nomem(err);
	if (part_compare(ours->part, theirs->part) != 0 ||
	    ours->size != theirs->size)
		return 0;
	for (uint64_t at = 0; at < ours->size;) {
		size_t len = ours->size - at < PIECE ? (size_t)(ours->size - at)
		                                     : PIECE;

		if (sealed_part_read(bundle, ours, at, pieces, len, err) < 0 ||
		    sealed_part_read(other, theirs, at, pieces + PIECE, len,
		                     err) < 0)
			return -1;
		if (memcmp(pieces, pieces + PIECE, len) != 0)
			return 0;
		at += len;
	}
	return 1;
}

/* Patches come last, and no bundle file has any. */
static size_t count_within(const struct sealed_bundle *bundle)
{
	size_t count = bundle->count;

	while (count > 0 && bundle->parts[count - 1].part.kind == PART_PATCH)
		count--;
	return count;
}

/* Whether the file at @path holds the parts that were verified and nothing
 * else.  One that is damaged is another one. */
static bool is_same(const char *path, const struct sealed_bundle *bundle)
{
	AUTO_SEALED struct sealed_bundle other = SEALED_BUNDLE_NONE;
	struct err err; /* what cannot be read is another one */

	if (sealed_bundle_open(path, &other, &err) < 0 || other.file < 0 ||
	    other.count != count_within(bundle) ||
	    sealed_bundle_check_crc(&other, &err) < 0)
		return false;
	for (size_t i = 0; i < other.count; i++)
		if (is_same_part(bundle, &other, i, &err) != 1)
			return false;
	return true;
}

static int write_single(const struct publish_settings *settings,
                        const struct sealed_bundle *bundle, const char *name,
                        char path[FS_PATH_MAX], struct err *err)
{
	const char *folder = publish_word(settings, PUBLISH_OUT_DIR);
	AUTO_CLOSE int dir = -1;

	if (snprintf(path, FS_PATH_MAX, "%.3700s/%s", folder, name) >=
	    FS_PATH_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "the path of '%s' is too long", name);
	if (make_folders(folder, err) < 0)
		return -1;
	dir = fs_open_anchor(folder, err);
	if (dir < 0 || disk_unlink("publish.unlink-single", dir, name, err) < 0)
		return -1;
	return sealed_bundle_write(bundle, dir, name, err);
}

static int add_single(const struct publish_settings *settings,
                      const struct sealed_bundle *bundle, const char *path,
                      struct publication *publication, struct err *err)
{
	struct publication_file *single = &publication->single;
	char name[BUNDLE_NAME_SIZE];
	char beside[FS_PATH_MAX] = "";

	sealed_bundle_name(&bundle->release, name);
	if (bundle->file >= 0) {
		if (text_copy(beside, sizeof beside, path, strlen(path), err) <
		    0)
			return -1;
	} else if (snprintf(beside, sizeof beside, "%.3700s/%s", path, name) >=
	                   (int)sizeof beside ||
	           !is_same(beside, bundle)) {
		if (write_single(settings, bundle, name, beside, err) < 0)
			return -1;
	}
	(void)snprintf(single->title, sizeof single->title, "%s", name);
	single->media_type = "application/gzip";
	single->path = strdup(beside);
	if (single->path == NULL)
		return err_nomem(err);
	return publication_file_hash(single, err);
}

/* --- all of it ---------------------------------------------------------- */

static void copy_facts(const struct release_ini *release,
                       struct publication *out)
{
	out->kind = PUBLICATION_BUNDLE;
	(void)snprintf(out->name, sizeof out->name, "%s", release->app);
	(void)snprintf(out->version, sizeof out->version, "%s",
	               release->version);
	(void)snprintf(out->platform, sizeof out->platform, "%s",
	               release->platform);
	(void)snprintf(out->media_type, sizeof out->media_type, "%s",
	               OCI_TYPE_BUNDLE);
	publish_page_of(release->repository, out->source.url);
	(void)snprintf(out->source.revision, sizeof out->source.revision, "%s",
	               release->revision);
	out->source.created = (int64_t)release->created;
}

static int fill(const struct publish_settings *settings, const char *path,
                struct publication *publication, struct err *err)
{
	AUTO_SEALED struct sealed_bundle bundle = SEALED_BUNDLE_NONE;

	if (sealed_bundle_open(path, &bundle, err) < 0 ||
	    sealed_bundle_add_beside(&bundle, path, err) < 0 ||
	    require_good(settings, &bundle, path, err) < 0)
		return -1;
	copy_facts(&bundle.release, publication);
	for (size_t i = 0; i < bundle.count; i++)
		if (add_part(settings, &bundle, &bundle.parts[i], publication,
		             err) < 0)
			return -1;
	return add_single(settings, &bundle, path, publication, err);
}

int bundle_publish(const struct publish_settings *settings, const char *path,
                   struct publication **out, struct err *err)
{
	struct publication *made;

	if (publication_new(&made, err) < 0)
		return -1;
	if (fill(settings, path, made, err) < 0) {
		publication_free(made);
		return err_wrap(err, "bundle '%s'", path);
	}
	*out = made;
	return 0;
}
