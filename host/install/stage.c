/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/disk.h"
#include "codec/receipt.h"
#include "parts.h"
#include "privsep/worker.h"
#include "report.h"
#include "store/releases.h"

static unsigned allowed(const struct settings *settings)
{
	return (settings->allows_setuid ? (unsigned)TREE_ALLOW_SETUID : 0U) |
	       (settings->allows_world_writable
	                ? (unsigned)TREE_ALLOW_WORLD_WRITABLE
	                : 0U);
}

/* --- the tree --- */

/* All frames of the worker go to the tree, which judges each of them. */
static int feed_tree(const struct worker_spec *spec,
                     const struct stage_request *request,
                     struct tree_stage *tree, struct err *err)
{
	AUTO_WORKER struct worker worker = WORKER_NONE;
	AUTO_METER struct meter meter;
	uint64_t done = 0;
	struct frame frame;
	int got;

	report_meter_begin(request->session->request, &meter, "unpacking",
	                   request->verified->release.bytes);
	if (worker_start(spec, &worker, err) < 0)
		return -1;
	while ((got = worker_next_frame(&worker, &frame, err)) == 1) {
		if (tree_stage_bytes(tree, frame.number, frame.data, frame.len,
		                     err) < 0)
			return -1;
		done += frame.len;
		report_meter(&meter, done);
	}
	return got < 0 ? -1 : tree_stage_finish(tree, err);
}

static int unpack(const struct stage_request *request,
                  const struct package_stage *package, struct tree_stage *tree,
                  struct err *err)
{
	const struct host *host = &request->session->host;
	const struct release_ini *release = &request->verified->release;
	struct job_unpack job = {
		.payload_size = release->parts[PART_PAYLOAD].size,
		.tar_size = release->tar_size,
		.created = release->created,
	};
	AUTO_CLOSE int payload = part_source_payload(
		request->source, job.payload_size, &job, err);
	/* Each reader has a descriptor of its own: they share no offset. */
	AUTO_CLOSE int mtree = -1;
	AUTO_CLOSE int worker_mtree = -1;
	AUTO_CLOSE int index = -1;
	struct worker_spec spec = { .program = "unpack-worker",
		                    .folder = host->workers,
		                    .account = "tidegate-unpack",
		                    .profile = SANDBOX_PARALLEL,
		                    .mode = host_sandbox(host),
		                    .input_count = 3 };
	int result;

	if (payload < 0)
		return -1;
	mtree = package_stage_open(package, (struct part){ PART_MTREE, 0 },
	                           err);
	if (mtree < 0)
		return -1;
	worker_mtree = package_stage_open(package,
	                                  (struct part){ PART_MTREE, 0 }, err);
	if (worker_mtree < 0)
		return -1;
	index = package_stage_open(package, (struct part){ PART_INDEX, 0 },
	                           err);
	if (index < 0)
		return -1;
	spec.job.unpack = job;
	spec.inputs[0] = payload;
	spec.inputs[1] = worker_mtree;
	spec.inputs[2] = index;
	result = tree_stage_begin(&request->session->store, mtree, release,
	                          allowed(&host->settings), tree, err);
	return result < 0 ? -1 : feed_tree(&spec, request, tree, err);
}

/* --- the payload as it came, where the administrator wants it --- */

static int keep_payload(const struct stage_request *request,
                        struct package_stage *package, struct err *err)
{
	const struct session *session = request->session;
	AUTO_METER struct meter meter;

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
	if (request->purpose == STAGE_RENEW &&
	    keep_time(request, &receipt, err) < 0)
		return -1;
	if (receipt_write(&receipt, &text, err) < 0)
		return err_wrap(err, "writing the receipt");
	return package_stage_receipt(package, text.data, text.len, err);
}

/* --- both, and the commit --- */

static int stage_package(const struct stage_request *request,
                         struct package_stage *package, struct err *err)
{
	if (package_stage_begin(&request->session->store, package, err) < 0 ||
	    parts_receive(request->source, request->first, request->verified,
	                  package, err) < 0)
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

	if (request->purpose == STAGE_RENEW)
		return renew(request, package, out, err);
	if (stage_package(request, package, err) < 0 ||
	    unpack(request, package, tree, err) < 0 ||
	    keep_payload(request, package, err) < 0 ||
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

	if (stage_and_commit(request, &package, &tree, out, err) == 0)
		return 0;
	remove_leftovers(&request->session->store);
	return -1;
}
