/* SPDX-License-Identifier: Apache-2.0 */
/* trust: add, list, remove and revoke whom an app trusts. */
#include <stdio.h>
#include <string.h>

#include "base/disk.h"
#include "base/text.h"
#include "codec/key_id.h"
#include "codec/revocations.h"
#include "commands.h"
#include "host.h"
#include "report.h"
#include "trust_file.h"
#include "trust_identity.h"
#include "trust_list.h"
#include "trust_target.h"

#define REVOKED_MODE   0644
#define DEFAULT_REASON "revoked by the administrator"
#define DIGEST_PREFIX  "sha256:"
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

static int read_digest(const char *digest, uint8_t out[SHA256_LEN],
                       struct err *err)
{
	struct err ignored; /* which digit is wrong helps nobody */

	if (text_from_hex(digest, strlen(digest), out, SHA256_LEN, &ignored) <
	    0)
		return err_set(err, ERR_USAGE, 0,
		               "'%s' is no SHA-256: 64 digits of 0-9 and a-f",
		               digest);
	return 0;
}

static int add_release(struct revocations *revocations, const char *digest,
                       const char *reason, struct err *err)
{
	uint8_t bytes[SHA256_LEN];

	if (read_digest(digest, bytes, err) < 0)
		return -1;
	return revocations_add_release(revocations, bytes, reason, err);
}

static int add_cosign(struct revocations *revocations, const char *digest,
                      const char *reason, struct err *err)
{
	uint8_t bytes[SHA256_LEN];

	if (read_digest(digest, bytes, err) < 0)
		return -1;
	return revocations_add_cosign_key(revocations, bytes, reason, err);
}

/* Under each id that the key has here: when its files are gone, the ids are all
 * that is known of it. */
static int add_key(struct keyring *keyring, const struct keyring_key *key,
                   const char *reason, struct err *err)
{
	for (size_t i = 0; i < keyring->count; i++) {
		const struct minisign_public *twin = &keyring->keys[i].public;

		if (keyring_is_same_key(twin, &key->public) &&
		    revocations_add_key(&keyring->revocations, twin->id, reason,
		                        err) < 0)
			return -1;
	}
	return 0;
}

/* As minisign prints it, or as our files have it. */
static int add_key_id(struct revocations *revocations, const char *operand,
                      const char *reason, struct err *err)
{
	char lower[KEY_ID_TEXT] = "";
	size_t len = strlen(operand);
	uint64_t id;

	for (size_t i = 0; i < len && i < KEY_ID_TEXT - 1; i++)
		lower[i] = operand[i] >= 'A' && operand[i] <= 'F'
		                   ? (char)(operand[i] - 'A' + 'a')
		                   : operand[i];
	if (key_id_parse(lower, len, &id, err) < 0)
		return err_set(err, ERR_USAGE, 0,
		               "'%s' is neither the name of a trusted key or "
		               "identity, nor a key id, cosign:DIGEST, "
		               "identity:NAME, or sha256:DIGEST of a "
		               "release.ini",
		               operand);
	return revocations_add_key(revocations, id, reason, err);
}

static int add_target(struct keyring *keyring,
                      const struct trust_target *target, const char *reason,
                      struct err *err)
{
	struct revocations *revocations = &keyring->revocations;

	if (target->key != NULL)
		return add_key(keyring, target->key, reason, err);
	if (target->cosign != NULL)
		return revocations_add_cosign_key(
			revocations, target->cosign->key.id, reason, err);
	if (target->identity != NULL)
		return revocations_add_identity(
			revocations, target->identity->name, reason, err);
	return err_set(err, ERR_USAGE, 0,
	               "a trusted root is removed, not revoked; run: "
	               "install-package trust remove");
}

/* What is not trusted here may be revoked, too. */
static int add_stranger(struct revocations *revocations, const char *operand,
                        const char *reason, struct err *err)
{
	static const struct {
		const char *prefix;
		int (*add)(struct revocations *revocations, const char *text,
		           const char *reason, struct err *err);
	} rows[] = {
		{ DIGEST_PREFIX, add_release },
		{ TARGET_COSIGN, add_cosign },
		{ TARGET_IDENTITY, revocations_add_identity },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t len = strlen(rows[i].prefix);

		if (strncmp(operand, rows[i].prefix, len) == 0)
			return rows[i].add(revocations, operand + len, reason,
			                   err);
	}
	return add_key_id(revocations, operand, reason, err);
}

static int write_revocations(int folder, const struct revocations *revocations,
                             struct err *err)
{
	AUTO_BUF struct buf text = BUF_NONE;

	if (revocations_write(revocations, &text, err) < 0)
		return -1;
	return disk_replace_file("trust.revoke", folder, KEYRING_REVOKED,
	                         REVOKED_MODE, text.data, text.len, err);
}

static int add_revocation(struct host *host, const char *operand,
                          const char *reason, struct err *err)
{
	struct trust_target target;
	int found = trust_target_find(host, operand, &target, err);

	if (found < 0)
		return -1;
	if (found == 1)
		return add_target(&host->keyring, &target, reason, err);
	return add_stranger(&host->keyring.revocations, operand, reason, err);
}

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
	if (add_revocation(host, operand,
	                   request->reason != NULL ? request->reason
	                                           : DEFAULT_REASON,
	                   err) < 0 ||
	    write_revocations(folder, &host->keyring.revocations, err) < 0)
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
