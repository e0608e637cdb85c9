/* SPDX-License-Identifier: Apache-2.0 */
/* trust: add, list, remove and revoke whom an app trusts. */
#include <stdio.h>
#include <string.h>

#include "base/disk.h"
#include "commands.h"
#include "host.h"
#include "report.h"
#include "trust_file.h"
#include "trust_identity.h"
#include "trust_list.h"
#include "trust_revocation.h"
#include "trust_target.h"

#define DEFAULT_REASON "revoked by the administrator"
#define FILE_NAME_SIZE (KEY_NAME_SIZE + sizeof KEYRING_ROOT_SUFFIX)

static int say_outcome(const struct request *request, const struct host *host,
                       const char *what, const char *result, struct err *err)
{
	return report_outcome(request,
	                      &(struct outcome){ .app = host->app,
	                                         .key = what,
	                                         .result = result },
	                      err);
}

/* Read the folder again: another run may have changed it since. */
static int reload(struct host *host, int folder, struct err *err)
{
	keyring_done(&host->keyring);
	return keyring_load(folder, &host->keyring, err);
}

/* Open the trust folder for this run alone. */
static int lock_trust(struct host *host, struct err *err)
{
	AUTO_CLOSE int folder = trust_folder_lock(host, err);

	if (folder < 0 || reload(host, folder, err) < 0)
		return -1;
	return TAKE_FD(folder);
}

/* Changes come one by one, so that between two of them there may be no policy:
 * that is told, and the next install would refuse. */
static void warn_of_policy(struct host *host, int folder)
{
	char text[2 * ERR_TEXT_MAX];
	struct err err;

	if (reload(host, folder, &err) == 0 &&
	    (keyring_require(&host->keyring, host->app, &err) < 0 ||
	     keyring_check_settings(&host->keyring, &host->settings, &err) ==
	             0))
		return; /* with nothing left there is nothing to explain */
	report_warning("nothing can be installed now: %s",
	               err_format(&err, text, sizeof text));
}

/* --- list --- */

static int trust_list(const struct request *request, struct host *host,
                      struct err *err)
{
	AUTO_BUF struct buf out = BUF_NONE;
	int written;

	if (request->operand_count != 1)
		return err_set(err, ERR_USAGE, 0, "list takes no name");
	written = request->wants_json ? trust_list_json(host, &out, err)
	                              : trust_list_text(host, &out, err);
	return written < 0 ? -1 : report_text(&out, err);
}

/* --- add --- */

static int check_add(const struct request *request, struct err *err)
{
	bool has_fields = request->issuer != NULL ||
	                  request->repository != NULL ||
	                  request->workflow != NULL || request->ref != NULL ||
	                  request->subject != NULL;
	size_t wanted = request->identity != NULL ? 1 : 2;

	if (has_fields && request->identity == NULL)
		return err_set(err, ERR_USAGE, 0,
		               "--issuer, --repository, --workflow, --ref and "
		               "--subject go with --identity NAME only");
	if (request->operand_count != wanted)
		return err_set(err, ERR_USAGE, 0,
		               "usage: trust add FILE, or trust add --identity "
		               "NAME --issuer URL and --repository OWNER/REPO "
		               "or --subject TEXT");
	return 0;
}

static int add_identity(const struct request *request, struct host *host,
                        struct err *err)
{
	int added = trust_identity_add(request, host, err);
	const char *revoked;

	if (added < 0)
		return -1;
	report_step(request, "identity %s is named for %s %s",
	            request->identity, host->app,
	            added == 1 ? "now" : "already");
	if ((host->settings.require &
	     (REQUIRE_SIGSTORE | REQUIRE_PROVENANCE)) == 0)
		report_step(request,
		            "nothing asks for it yet: write sigstore or "
		            "provenance behind require in /" CONFIGURATION_DIR
		            "/%s.ini",
		            host->app);
	revoked = revocations_find_identity(&host->keyring.revocations,
	                                    request->identity);
	if (revoked != NULL)
		report_warning("identity %s is revoked, and counts for "
		               "nothing: %s",
		               request->identity, revoked);
	return 0;
}

static int trust_add(const struct request *request, struct host *host,
                     struct err *err)
{
	AUTO_CLOSE int folder = -1;
	const char *what;

	if (check_add(request, err) < 0)
		return -1;
	folder = lock_trust(host, err);
	if (folder < 0)
		return -1;
	what = request->identity != NULL ? request->identity
	                                 : request->operands[1];
	if (request->identity != NULL) {
		if (add_identity(request, host, err) < 0)
			return -1;
	} else if (trust_file_add(request, host, folder, what, err) < 0) {
		return -1;
	}
	warn_of_policy(host, folder);
	return say_outcome(request, host, what, "trusted", err);
}

/* --- remove --- */

static void file_of(const struct trust_target *target, char out[FILE_NAME_SIZE])
{
	if (target->root != NULL)
		trust_root_file(target->root, out);
	else if (target->key != NULL)
		(void)snprintf(out, FILE_NAME_SIZE, "%s" KEYRING_SUFFIX,
		               target->key->name);
	else
		(void)snprintf(out, FILE_NAME_SIZE, "%s" KEYRING_PEM_SUFFIX,
		               target->cosign->name);
}

static int remove_target(struct host *host, int folder,
                         const struct trust_target *target, struct err *err)
{
	char file[FILE_NAME_SIZE];

	if (target->identity != NULL)
		return trust_identity_remove(host, target->identity->name, err);
	file_of(target, file);
	if (disk_unlink("trust.remove", folder, file, err) < 0)
		return -1;
	return disk_sync("trust.remove-sync", folder, err);
}

static int trust_remove(const struct request *request, struct host *host,
                        struct err *err)
{
	AUTO_CLOSE int folder = -1;
	struct trust_target target;
	const char *operand;
	int found;

	if (request->operand_count != 2)
		return err_set(err, ERR_USAGE, 0, "usage: trust remove NAME");
	folder = lock_trust(host, err);
	if (folder < 0)
		return -1;
	operand = request->operands[1];
	found = trust_target_find(host, operand, &target, err);
	if (found == 0)
		return err_set(err, ERR_USAGE, 0,
		               "'%s' is not trusted for %s; see: "
		               "install-package trust list",
		               operand, host->app);
	if (found < 0 || remove_target(host, folder, &target, err) < 0)
		return -1;
	report_step(request, "%s is not trusted any more", operand);
	warn_of_policy(host, folder);
	return say_outcome(request, host, operand, "removed", err);
}

/* --- revoke --- */

static int trust_revoke(const struct request *request, struct host *host,
                        struct err *err)
{
	AUTO_CLOSE int folder = -1;
	const char *operand;

	if (request->operand_count != 2)
		return err_set(err, ERR_USAGE, 0,
		               "usage: trust revoke "
		               "NAME|KEY-ID|cosign:DIGEST|identity:NAME|"
		               "sha256:DIGEST");
	folder = lock_trust(host, err);
	if (folder < 0)
		return -1;
	operand = request->operands[1];
	if (trust_revocation_add(host, folder, operand,
	                         request->reason != NULL ? request->reason
	                                                 : DEFAULT_REASON,
	                         err) < 0)
		return -1;
	report_step(request, "%s is revoked for %s", operand, host->app);
	return say_outcome(request, host, operand, "revoked", err);
}

int command_trust(void *context, struct err *err)
{
	static const struct {
		const char *name;
		int (*run)(const struct request *request, struct host *host,
		           struct err *err);
	} rows[] = {
		{ "add", trust_add },
		{ "list", trust_list },
		{ "remove", trust_remove },
		{ "revoke", trust_revoke },
	};
	const struct request *request = context;
	AUTO_HOST struct host host = HOST_NONE;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (strcmp(rows[i].name, request->operands[0]) != 0)
			continue;
		if (host_open(request, &host, err) < 0)
			return -1;
		return rows[i].run(request, &host, err);
	}
	return err_set(err, ERR_USAGE, 0,
	               "'%s' is none of add, list, remove and revoke",
	               request->operands[0]);
}
