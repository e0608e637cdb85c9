/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/disk.h"
#include "codec/receipt.h"
#include "parts.h"
#include "report.h"
#include "store/releases.h"
#include "unpack.h"

/* --- the tree --- */

static int stage_tree(const struct stage_request *request,
                      const struct package_stage *package,
                      struct tree_stage *tree, struct err *err)
{
	const struct unpack_request unpack = {
		.session = request->session,
		.source = request->source,
		.release = &request->verified->release,
		.package = package,
		.delta = request->delta,
	};

	return unpack_release(&unpack, tree, err);
}

/* --- the payload as it came, where the administrator wants it --- */

static int keep_payload(const struct stage_request *request,
                        struct package_stage *package, struct err *err)
{
	const struct session *session = request->session;
	AUTO_METER struct meter meter = METER_NONE;

	if (!session->host.settings.keeps_payload)
		return 0;
	report_meter_begin(session->request, &meter, "keeping the payload",
	                   request->verified->release.parts[PART_PAYLOAD].size);
	return parts_receive_payload(request->source, request->verified,
	                             package, &meter, err);
}

/* --- the receipt --- */

static void fill_receipt(const struct stage_request *request,
                         struct receipt *out)
{
	const struct verification_result *verified = request->verified;
	const struct release_ini *release = &verified->release;

	*out = (struct receipt){ .sequence = release->sequence,
		                 .created = release->created,
		                 .installed = clock_now(),
		                 .signer_count = verified->signer_count,
		                 .evidence_count = verified->evidence_count };
	memcpy(out->app, release->app, sizeof out->app);
	memcpy(out->version, release->version, sizeof out->version);
	memcpy(out->platform, release->platform, sizeof out->platform);
	memcpy(out->release_sha256, verified->release_sha256,
	       sizeof out->release_sha256);
	memcpy(out->profile, release->profile, sizeof out->profile);
	memcpy(out->source, request->source->bundle->origin,
	       sizeof out->source);
	session_user(out->by);
	memcpy(out->signers, verified->signers, sizeof out->signers);
	memcpy(out->evidence, verified->evidence, sizeof out->evidence);
}

/* Its evidence is new; since when the release is here is not. */
static int keep_time(const struct stage_request *request, struct receipt *out,
                     struct err *err)
{
	AUTO_FREE struct receipt *old = malloc(sizeof *old);
	int found;

	if (old == NULL)
		return err_nomem(err);
	found = store_receipt(&request->session->store, out->version, old, err);
	if (found == 1)
		out->installed = old->installed;
	return found < 0 ? -1 : 0;
}

static int write_receipt(const struct stage_request *request,
                         struct package_stage *package, struct err *err)
{
	AUTO_BUF struct buf text = BUF_NONE;
	struct receipt receipt;

	fill_receipt(request, &receipt);
	if (lockfile_digest(&request->source->bundle->lock, receipt.lockfile,
	                    err) < 0)
		return -1;
	if (request->purpose == STAGE_RENEW &&
	    keep_time(request, &receipt, err) < 0)
		return -1;
	if (receipt_write(&receipt, &text, err) < 0)
		return err_wrap(err, "writing the receipt");
	return package_stage_receipt(package, text.data, text.len, err);
}

/* --- both, and the commit --- */

static int stage_pinned(const struct stage_request *request,
                        struct package_stage *package, struct err *err)
{
	if (request->copy != NULL)
		return parts_replay(request->copy, request->verified, package,
		                    err);
	return parts_receive(request->source, request->first, request->verified,
	                     package, /* copy= */ NULL, err);
}

static int stage_package(const struct stage_request *request,
                         struct package_stage *package, struct err *err)
{
	if (package_stage_begin(&request->session->store, package, err) < 0 ||
	    stage_pinned(request, package, err) < 0)
		return -1;
	return parts_put_evidence(request->description, package, err);
}

static int renew(const struct stage_request *request,
                 struct package_stage *package, struct committed_release *out,
                 struct err *err)
{
	if (stage_package(request, package, err) < 0 ||
	    write_receipt(request, package, err) < 0)
		return -1;
	return commit_renewal(&request->session->store,
	                      &request->verified->release, package, out, err);
}

static int stage_and_commit(const struct stage_request *request,
                            struct package_stage *package,
                            struct tree_stage *tree,
                            struct committed_release *out, struct err *err)
{
	const struct store *store = &request->session->store;
	const struct release_ini *release = &request->verified->release;
	int staged;

	if (request->purpose == STAGE_RENEW)
		return renew(request, package, out, err);
	if (stage_package(request, package, err) < 0)
		return -1;
	staged = stage_tree(request, package, tree, err);
	if (staged < 0)
		return -1;
	if (staged == 0)
		return 1;
	if (keep_payload(request, package, err) < 0 ||
	    write_receipt(request, package, err) < 0)
		return -1;
	if (request->purpose == STAGE_REPAIR)
		return commit_repair(store, release, package, tree, out, err);
	return commit_release(store, release, package, tree, out, err);
}

/* A failed install leaves no half tree to look at.  What cannot be removed now
 * is removed by the next run, so that this is no failure of its own. */
static void remove_leftovers(const struct store *store)
{
	struct err err;
	char text[2 * ERR_TEXT_MAX];

	if (disk_remove_tree("install.leftover-tree", store->releases,
	                     STORE_STAGING, &err) < 0 ||
	    disk_remove_tree("install.leftover-package", store->packages,
	                     STORE_STAGING, &err) < 0)
		report_warning("left for the next run: %s",
		               err_format(&err, text, sizeof text));
}

int install_stage(const struct stage_request *request,
                  struct committed_release *out, struct err *err)
{
	AUTO_PACKAGE_STAGE struct package_stage package = PACKAGE_STAGE_NONE;
	AUTO_TREE_STAGE struct tree_stage tree = TREE_STAGE_NONE;

	int result = stage_and_commit(request, &package, &tree, out, err);

	if (result != 0)
		remove_leftovers(&request->session->store);
	return result;
}
