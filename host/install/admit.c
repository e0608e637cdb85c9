/* SPDX-License-Identifier: Apache-2.0 */
#include "admit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/host_facts.h"
#include "codec/part.h"
#include "crypto/sha256.h"
#include "progress.h"
#include "report.h"
#include "store/marks.h"
#include "store/package_stage.h"
#include "store/releases.h"
#include "store/space.h"
#include "store/tree_check.h"
#include "trust/requirements.h"

/* Beside the entries of the tree: parts, folders, links and records. */
#define OWN_FILES 64

static bool has_store(const struct session *session)
{
	return session->store.app >= 0;
}

/* --- what this machine is --- */

static int check_machine(const struct session *session,
                         const struct release_ini *release, struct err *err)
{
	int dir = has_store(session) ? session->store.app : session->host.root;
	struct host_facts facts;

	if (host_facts_read(dir, &facts, err) < 0)
		return -1;
	return requirements_check(release, &facts, err);
}

static int check_space(const struct session *session,
                       const struct release_ini *release, struct err *err)
{
	int dir = has_store(session) ? session->store.releases
	                             : session->host.root;
	struct space need = { .bytes = release->bytes,
		              .files = release->entries + OWN_FILES };

	for (int kind = 0; kind < PART_KINDS; kind++)
		if (part_is_kept((enum part_kind)kind) ||
		    (kind == PART_PAYLOAD &&
		     session->host.settings.keeps_payload))
			need.bytes += release->parts[kind].size;
	return space_require(dir, &need, session->host.settings.reserve, err);
}

/* --- what is installed --- */

/* Whether a part in the store is what release.ini says; 0 where it is not. */
static int is_part_whole(const struct store *store, const char *version,
                         enum part_kind kind, const struct part_pin *pin,
                         struct err *err)
{
	char name[PART_NAME_SIZE];
	char path[VERSION_SIZE + 1 + PART_NAME_SIZE];
	AUTO_CLOSE int fd = -1;
	uint8_t digest[SHA256_LEN];
	uint64_t size;

	part_name((struct part){ kind, 0 }, name);
	(void)snprintf(path, sizeof path, "%s/%s", version, name);
	fd = fs_open_file(store->packages, path, err);
	if (fd < 0)
		return err->code == ERR_SYSTEM && err->sys != ENOENT ? -1 : 0;
	if (sha256_of_fd(fd, digest, &size, err) < 0)
		return -1;
	return size == pin->size && sha256_equal(digest, pin->sha256);
}

static int are_parts_whole(const struct store *store,
                           const struct release_ini *release, struct err *err)
{
	int whole = 1;

	for (int kind = 0; kind < PART_KINDS && whole == 1; kind++) {
		const struct part_pin *pin = &release->parts[kind];

		if (pin->is_present && part_is_kept((enum part_kind)kind))
			whole = is_part_whole(store, release->version,
			                      (enum part_kind)kind, pin, err);
	}
	return whole;
}

static int count_only(void *context, const struct tree_finding *finding,
                      struct err *err)
{
	(void)context;
	(void)finding;
	(void)err;
	return 0;
}

static int is_tree_whole(const struct store *store,
                         const struct release_ini *release, struct err *err)
{
	char path[VERSION_SIZE + sizeof "/payload.mtree"];
	AUTO_CLOSE int tree =
		fs_open_dir(store->releases, release->version, err);
	AUTO_CLOSE int mtree = -1;
	uint64_t findings = 0;
	struct tree_check check = { .release = release,
		                    .depth = TREE_CHECK_CONTENT,
		                    .found = count_only };

	if (tree < 0)
		return -1;
	(void)snprintf(path, sizeof path, "%s/payload.mtree", release->version);
	mtree = fs_open_file(store->packages, path, err);
	if (mtree < 0)
		return -1;
	check.tree = tree;
	check.mtree = mtree;
	if (tree_check(&check, &findings, err) < 0)
		return -1;
	return findings == 0;
}

static bool has_signer(const struct signer *list, size_t count,
                       const struct signer *signer)
{
	for (size_t i = 0; i < count; i++)
		if (signer_compare(&list[i], signer) == 0)
			return true;
	return false;
}

/* Whether this bundle vouches for the release by more than what was put away
 * with it: under a stricter policy that is what keeps it trusted. */
static bool brings_evidence(const struct receipt *receipt,
                            const struct verification_result *verified)
{
	for (size_t i = 0; i < verified->signer_count; i++)
		if (!has_signer(receipt->signers, receipt->signer_count,
		                &verified->signers[i]))
			return true;
	return verified->evidence_count > receipt->evidence_count;
}

/* A signer of what was put away whom this bundle lacks, though he still counts:
 * with another bundle in its place his word would be lost.  NULL: none. */
static const struct signer *
find_lacking(const struct session *session, const struct receipt *receipt,
             const struct verification_result *verified)
{
	const struct host *host = &session->host;
	bool has_verdicts = judge_needs_verdicts(&host->settings);

	for (size_t i = 0; i < receipt->signer_count; i++) {
		const struct signer *signer = &receipt->signers[i];

		if ((has_verdicts || signer->kind == SIGNER_MINISIGN) &&
		    !has_signer(verified->signers, verified->signer_count,
		                signer) &&
		    keyring_counts(&host->keyring, &host->settings, signer,
		                   receipt->sequence))
			return signer;
	}
	return NULL;
}

static int judge_whole(const struct session *session,
                       const struct verification_result *verified,
                       enum admission *out, struct err *err)
{
	const char *version = verified->release.version;
	AUTO_FREE struct receipt *receipt = malloc(sizeof *receipt);
	const struct signer *lacking;
	int found;

	if (receipt == NULL)
		return err_nomem(err);
	found = store_receipt(&session->store, version, receipt, err);
	if (found < 0)
		return -1;
	*out = ADMIT_RENEW;
	if (found == 0)
		return 0;
	lacking = find_lacking(session, receipt, verified);
	if (!brings_evidence(receipt, verified)) {
		*out = ADMIT_PRESENT;
	} else if (lacking != NULL) {
		report_warning("the new evidence on release %s is not put "
		               "away: the bundle lacks that of %s, which is "
		               "kept here",
		               version, lacking->name);
		*out = ADMIT_PRESENT;
	}
	return 0;
}

static int judge_installed(const struct session *session,
                           const struct verification_result *verified,
                           const struct installed *found, enum admission *out,
                           struct err *err)
{
	const struct release_ini *release = &verified->release;
	int whole;

	if (!found->is_damaged &&
	    !sha256_equal(found->release_sha256, verified->release_sha256))
		return err_set(err, ERR_CONFLICT, 0,
		               "another release is installed as %s already; a "
		               "new release needs a new version",
		               release->version);
	whole = found->is_damaged
	                ? 0
	                : are_parts_whole(&session->store, release, err);
	if (whole == 1)
		whole = is_tree_whole(&session->store, release, err);
	if (whole < 0)
		return err_wrap(err, "looking at installed release %s",
		                release->version);
	*out = ADMIT_REPAIR;
	return whole == 1 ? judge_whole(session, verified, out, err) : 0;
}

/* --- what was seen --- */

/* 0: it is a step forward; 1: it is none, and who asked for the latest wants
 * nothing then. */
static int check_advance(const struct session *session,
                         const struct verification_result *verified,
                         struct err *err)
{
	enum downgrade downgrade = session->request->allow_downgrade
	                                   ? DOWNGRADE_ALLOWED
	                                   : DOWNGRADE_REFUSED;
	AUTO_FREE struct seen *seen = calloc(1, sizeof *seen);

	if (seen == NULL)
		return err_nomem(err);
	if (advance_is_ahead(&verified->release, clock_now()))
		report_warning("release %s was made more than a day after this "
		               "host's clock",
		               verified->release.version);
	if (progress_read(session, seen, err) < 0 ||
	    advance_check_minimum(session->host.settings.minimum_version,
	                          &verified->release, err) < 0)
		return -1;
	if (advance_check(seen, &session->host.keyring, verified, downgrade,
	                  err) == 0)
		return 0;
	return err->code == ERR_UNTRUSTED &&
	                       request_wants_latest(session->request)
	               ? 1
	               : -1;
}

/* The mark outlives the release, so that no timer brings it again and again. */
static int refuse_bad(const struct session *session, const char *version,
                      struct err *err)
{
	char reason[MARK_REASON_SIZE];
	int is_bad = mark_find(&session->store, MARK_BAD, version, reason, err);

	if (is_bad <= 0)
		return is_bad;
	return err_set(err, ERR_CONFLICT, 0,
	               "release %s is marked bad; to try it again, install it "
	               "with --no-activate, then run: install-package activate "
	               "%s --even-if-bad; the mark says: %s",
	               version, version, reason);
}

int install_admit(const struct session *session,
                  const struct verification_result *verified,
                  enum admission *out, struct err *err)
{
	const struct release_ini *release = &verified->release;
	struct installed found = { .is_current = false };
	int is_there = 0;
	int is_older = 0;

	if (has_store(session))
		is_there = store_find(&session->store, release->version, &found,
		                      err);
	if (is_there < 0)
		return -1;
	*out = ADMIT_NEW;
	if (is_there == 1 &&
	    judge_installed(session, verified, &found, out, err) < 0)
		return -1;
	/* What is installed fitted this machine when it came, and is not to be
	 * lost because the disk is fuller now. */
	if (*out == ADMIT_NEW && check_machine(session, release, err) < 0)
		return -1;
	/* What is current is no step back, however old it is; but nobody can
	 * say that a damaged one was this release. */
	if (!found.is_current || found.is_damaged)
		is_older = check_advance(session, verified, err);
	if (is_older < 0)
		return -1;
	if (is_older == 1) {
		*out = ADMIT_OLDER;
		return 0;
	}
	if (!found.is_current && !session->request->no_activate &&
	    has_store(session) &&
	    refuse_bad(session, release->version, err) < 0)
		return -1;
	if (*out == ADMIT_PRESENT || *out == ADMIT_RENEW)
		return 0; /* what is small fits, or fails without harm */
	return check_space(session, release, err);
}
