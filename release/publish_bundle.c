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

/* What is small is read once, before it is judged: what is published is then
 * what was judged, whoever writes to the files meanwhile. */
static int hold_small(struct sealed_bundle *bundle, struct err *err)
{
	for (size_t i = 0; i < bundle->count; i++) {
		const struct sealed_part *part = &bundle->parts[i];
		AUTO_BUF struct buf held = BUF_LIMIT((size_t)SMALL_MAX);
		const struct buf *text = &held;

		if (part->size > SMALL_MAX)
			continue;
		if (part->part.kind == PART_RELEASE_INI)
			text = &bundle->release_text; /* as it was parsed */
		else if (sealed_part_load(bundle, part, &held, err) < 0)
			return -1;
		if (sealed_bundle_put(bundle, part->part, text->data, text->len,
		                      err) < 0)
			return -1;
	}
	return 0;
}

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

/* @part then is where the publication has it. */
static int find_bytes(const struct publish_settings *settings,
                      const struct sealed_bundle *bundle,
                      struct sealed_part *part, struct publication_file *file,
                      struct err *err)
{
	file->size = part->size;
	if (part->data != NULL) {
		file->data = BUF_LIMIT((size_t)SMALL_MAX);
		return buf_add(&file->data, part->data, (size_t)part->size,
		               err);
	}
	if (part->fd < 0)
		part->fd = extract(settings, bundle, part, err);
	if (part->fd < 0)
		return -1;
	file->fd = fcntl(part->fd, F_DUPFD_CLOEXEC, 3);
	if (file->fd < 0)
		return err_set(err, ERR_SYSTEM, errno, "keeping a part open");
	return 0;
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
                    struct sealed_part *part, struct publication *publication,
                    struct err *err)
{
	struct publication_file *file = publication_add_file(publication, err);

	if (file == NULL)
		return -1;
	part_name(part->part, file->title);
	file->media_type = part_type(part->part.kind);
	if (find_bytes(settings, bundle, part, file, err) < 0)
		return err_wrap(err, "'%s'", file->title);
	if (part->part.kind == PART_SBOM &&
	    sbom_type(file, &file->media_type, err) == NULL)
		return -1;
	return 0;
}

/* --- digests ------------------------------------------------------------ */

static int refuse_changed(const char *name, struct err *err)
{
	return err_set(err, ERR_CONFLICT, 0,
	               "'%s' was changed after it was verified; see who writes "
	               "there, and publish again",
	               name);
}

/* What release.ini pins must still be that; all else is in memory, as it was
 * judged. */
static int take_digest(const struct sealed_bundle *bundle, size_t number,
                       const uint8_t digest[SHA256_LEN],
                       struct publication *publication, struct err *err)
{
	const struct part part = bundle->parts[number].part;
	struct publication_file *file = &publication->files[number];
	const struct part_pin *pin =
		part_is_pinned(part.kind)
			? release_ini_pin(&bundle->release, part)
			: NULL;

	if (pin != NULL && !sha256_equal(pin->sha256, digest))
		return refuse_changed(file->title, err);
	memcpy(file->sha256, digest, SHA256_LEN);
	if (part.kind == PART_RELEASE_INI)
		memcpy(publication->release_sha256, digest, SHA256_LEN);
	return 0;
}

/* @single: what the bundle has as one file. */
static int take_digests(const struct sealed_bundle *bundle,
                        struct publication *publication,
                        struct part_pin *single, struct err *err)
{
	uint8_t digests[SEALED_PARTS_MAX][SHA256_LEN];

	if (sealed_bundle_digest(bundle, single, digests, err) < 0)
		return -1;
	for (size_t i = 0; i < bundle->count; i++)
		if (take_digest(bundle, i, digests[i], publication, err) < 0)
			return -1;
	return 0;
}

/* --- the single file ---------------------------------------------------- */

/* Whether the file at single->path is that; then it has size and digest. */
static bool is_single(struct publication_file *single,
                      const struct part_pin *pin)
{
	struct stat st;
	struct err ignored; /* what cannot be read is another one */

	return stat(single->path, &st) == 0 && S_ISREG(st.st_mode) &&
	       (uint64_t)st.st_size == pin->size &&
	       publication_file_hash(single, &ignored) == 0 &&
	       single->size == pin->size &&
	       sha256_equal(single->sha256, pin->sha256);
}

static int name_single(struct publication_file *single, const char *path,
                       struct err *err)
{
	free(single->path);
	single->path = strdup(path);
	return single->path == NULL ? err_nomem(err) : 0;
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

/* Whether a folder of parts has the file beside them; then it is taken. */
static int find_beside(const char *path, const struct part_pin *pin,
                       struct publication_file *single, struct err *err)
{
	char beside[FS_PATH_MAX];

	if (snprintf(beside, sizeof beside, "%.3700s/%s", path,
	             single->title) >= (int)sizeof beside)
		return 0;
	if (name_single(single, beside, err) < 0)
		return -1;
	return is_single(single, pin);
}

/* @pin: what the verified parts make, and so must the file. */
static int find_single(const struct publish_settings *settings,
                       const struct sealed_bundle *bundle, const char *path,
                       const struct part_pin *pin,
                       struct publication_file *single, struct err *err)
{
	char made[FS_PATH_MAX];
	int got;

	if (bundle->file < 0) {
		got = find_beside(path, pin, single, err);
		if (got != 0)
			return got < 0 ? -1 : 0;
		if (write_single(settings, bundle, single->title, made, err) <
		    0)
			return -1;
		path = made;
	}
	if (name_single(single, path, err) < 0)
		return -1;
	return is_single(single, pin) ? 0 : refuse_changed(path, err);
}

static int add_single(const struct publish_settings *settings,
                      const struct sealed_bundle *bundle, const char *path,
                      const struct part_pin *pin,
                      struct publication *publication, struct err *err)
{
	struct publication_file *single = &publication->single;
	char name[BUNDLE_NAME_SIZE];

	sealed_bundle_name(&bundle->release, name);
	(void)snprintf(single->title, sizeof single->title, "%s", name);
	single->media_type = "application/gzip";
	return find_single(settings, bundle, path, pin, single, err);
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
	struct part_pin single;

	if (sealed_bundle_open(path, &bundle, err) < 0 ||
	    sealed_bundle_add_beside(&bundle, path, err) < 0 ||
	    hold_small(&bundle, err) < 0 ||
	    require_good(settings, &bundle, path, err) < 0)
		return -1;
	copy_facts(&bundle.release, publication);
	for (size_t i = 0; i < bundle.count; i++)
		if (add_part(settings, &bundle, &bundle.parts[i], publication,
		             err) < 0)
			return -1;
	if (take_digests(&bundle, publication, &single, err) < 0)
		return -1;
	return add_single(settings, &bundle, path, &single, publication, err);
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
