/* SPDX-License-Identifier: Apache-2.0 */
#include "lock.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "codec/packs_lock.h"

#define GITHUB_SCHEME "github://"

static const char *version_of(const struct packs_lock *lock,
                              const struct packs_lock_pack *pack)
{
	return pack->version[0] != '\0' ? pack->version : lock->version;
}

/* The monitor holds on to release.ini's digest: what lacks it pins nothing. */
static int check_pin(const struct packs_lock *lock,
                     const struct packs_lock_pack *pack, struct err *err)
{
	if (lock->is_dry_run || pack->state == PACKS_LOCK_DRY_RUN)
		return err_set(err, ERR_USAGE, 0,
		               "it is of a dry run: nothing was published; "
		               "publish, and use the lockfile of that");
	if (pack->state == PACKS_LOCK_UNKNOWN)
		return err_set(err, ERR_USAGE, 0,
		               "it has no digest of '%s', which was not "
		               "published",
		               pack->name);
	if (!pack->release.is_set)
		return err_set(err, ERR_USAGE, 0,
		               "it has no release_sha256 of '%s': that is no "
		               "bundle, or the lockfile is of an older shape; "
		               "publish again with package-release publish",
		               pack->name);
	return 0;
}

/* What the command line demands must be what is pinned. */
static int fill_version(struct fetch_request *request, const char *pinned,
                        struct err *err)
{
	if (request->version[0] != '\0' &&
	    strcmp(request->version, pinned) != 0)
		return err_set(err, ERR_USAGE, 0,
		               "it pins version %s, and %s was asked for",
		               pinned, request->version);
	return 0;
}

static int fill_artifact(struct fetch_source *source,
                         const struct packs_lock_pack *pack, struct err *err)
{
	struct oci_reference reference;
	char digest[OCI_DIGEST_SIZE];

	if (oci_reference_parse(pack->oci_ref, &reference, err) < 0)
		return -1;
	oci_digest_text(pack->digest, digest);
	source->kind = FETCH_OCI;
	(void)snprintf(source->address, sizeof source->address, "%s/%s@%s",
	               reference.registry, reference.repository, digest);
	return 0;
}

/* "github://owner/repository:version"; NULL: it went to no release page. */
static const char *find_page(const struct packs_lock_pack *pack)
{
	for (size_t i = 0; i < pack->location_count; i++)
		if (strncmp(pack->locations[i], GITHUB_SCHEME,
		            strlen(GITHUB_SCHEME)) == 0)
			return pack->locations[i] + strlen(GITHUB_SCHEME);
	return NULL;
}

/* A page has the releases of many versions: the pinned one is asked for.  What
 * is there under its name has to be the pinned release, which the monitor
 * checks. */
static int fill_page(struct fetch_request *request, const char *page,
                     const char *version, struct err *err)
{
	struct fetch_source *source = &request->sources[0];
	size_t len = strcspn(page, ":");

	if (!name_is_repository(page, len) ||
	    !name_is_version(version, strlen(version)))
		return err_set(err, ERR_FORMAT, 0,
		               "'" GITHUB_SCHEME "%.200s' of version '%.100s' "
		               "is no release page",
		               page, version);
	source->kind = FETCH_GITHUB;
	if (text_copy(source->address, sizeof source->address, page, len, err) <
	    0)
		return -1;
	return text_copy(request->version, sizeof request->version, version,
	                 strlen(version), err);
}

/* An artifact before a page: its digest is all that is needed to ask. */
static int fill_source(struct fetch_request *request,
                       const struct packs_lock_pack *pack, const char *version,
                       struct err *err)
{
	const char *page = find_page(pack);

	request->source_count = 1;
	if (pack->oci_ref[0] != '\0')
		return fill_artifact(&request->sources[0], pack, err);
	if (page != NULL)
		return fill_page(request, page, version, err);
	return err_set(err, ERR_USAGE, 0,
	               "'%s' was published to %.200s, which tells nobody where "
	               "this host finds it: name that beside --locked, with "
	               "--url, --asset-dir or --bundle",
	               pack->name,
	               pack->location_count > 0 ? pack->locations[0]
	                                        : "no place");
}

static int apply(struct fetch_request *request, const struct packs_lock *lock,
                 struct err *err)
{
	const struct packs_lock_pack *pack =
		packs_lock_find(lock, request->app);

	if (pack == NULL)
		return err_set(err, ERR_USAGE, 0,
		               "none of its %zu packages is called '%s'",
		               lock->pack_count, request->app);
	if (check_pin(lock, pack, err) < 0 ||
	    fill_version(request, version_of(lock, pack), err) < 0)
		return -1;
	return fill_source(request, pack, version_of(lock, pack), err);
}

int lock_apply(struct asked *asked, struct err *err)
{
	AUTO_PACKS_LOCK struct packs_lock lock = PACKS_LOCK_NONE;

	if (packs_lock_read(buf_text(&asked->lock), asked->lock.len, &lock,
	                    err) < 0 ||
	    apply(&asked->request, &lock, err) < 0)
		return err_wrap(err, "the lockfile");
	return 0;
}
