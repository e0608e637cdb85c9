/* SPDX-License-Identifier: Apache-2.0 */
/* trust: add, list, remove and revoke the keys of an app. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

#include "base/disk.h"
#include "base/fs.h"
#include "base/text.h"
#include "codec/json_write.h"
#include "codec/minisign.h"
#include "codec/revocations.h"
#include "commands.h"
#include "crypto/sha256.h"
#include "host.h"
#include "key_file.h"
#include "report.h"

#define REVOKED_NAME   "revoked.ini"
#define REVOKED_MODE   0644
#define DEFAULT_REASON "revoked by the administrator"
#define DIGEST_PREFIX  "sha256:"

/* --- list --- */

static int list_json(const struct host *host, struct buf *out, struct err *err)
{
	const struct keyring *keyring = &host->keyring;
	struct json_writer json;

	json_begin(&json, out);
	if (json_open_object(&json, NULL, err) < 0 ||
	    json_text(&json, "app", host->app, err) < 0 ||
	    json_open_array(&json, "keys", err) < 0)
		return -1;
	for (size_t i = 0; i < keyring->count; i++) {
		const struct keyring_key *key = &keyring->keys[i];
		char id[MINISIGN_ID_TEXT];

		minisign_id_text(key->public.id, id);
		if (json_open_object(&json, NULL, err) < 0 ||
		    json_text(&json, "name", key->name, err) < 0 ||
		    json_text(&json, "id", id, err) < 0 ||
		    json_text(&json, "revoked",
		              revocations_find_key(&keyring->revocations,
		                                   key->public.id),
		              err) < 0 ||
		    json_close(&json, err) < 0)
			return -1;
	}
	return json_close(&json, err) < 0 ? -1 : json_close(&json, err);
}

static int list_text(const struct host *host, struct buf *out, struct err *err)
{
	const struct keyring *keyring = &host->keyring;

	for (size_t i = 0; i < keyring->count; i++) {
		const struct keyring_key *key = &keyring->keys[i];
		const char *reason = revocations_find_key(&keyring->revocations,
		                                          key->public.id);
		char id[MINISIGN_ID_TEXT];

		minisign_id_text(key->public.id, id);
		if (buf_printf(out, err, "%s  %s%s%s\n", id, key->name,
		               reason != NULL ? "  revoked: " : "",
		               reason != NULL ? reason : "") < 0)
			return -1;
	}
	return 0;
}

static int trust_list(const struct request *request, struct host *host,
                      struct err *err)
{
	AUTO_BUF struct buf out = BUF_NONE;
	int written;

	if (request->operand_count != 1)
		return err_set(err, ERR_USAGE, 0, "list takes no name");
	written = request->wants_json ? list_json(host, &out, err)
	                              : list_text(host, &out, err);
	return written < 0 ? -1 : report_text(&out, err);
}

/* --- add and remove --- */

static int say_outcome(const struct request *request, const struct host *host,
                       const char *key, const char *result, struct err *err)
{
	return report_outcome(request,
	                      &(struct outcome){ .app = host->app,
	                                         .key = key,
	                                         .result = result },
	                      err);
}

static int trust_add(const struct request *request, struct host *host,
                     struct err *err)
{
	AUTO_CLOSE int folder = -1;

	if (request->operand_count != 2)
		return err_set(err, ERR_USAGE, 0, "usage: trust add FILE.pub");
	folder = trust_folder_make(host, err);
	if (folder < 0)
		return -1;
	if (key_file_add(request, folder, request->operands[1], err) < 0)
		return -1;
	return say_outcome(request, host, request->operands[1], "trusted", err);
}

/* The key that an operand names, by name or id; NULL for none. */
static const struct keyring_key *find_key(const struct host *host,
                                          const char *operand)
{
	for (size_t i = 0; i < host->keyring.count; i++) {
		const struct keyring_key *key = &host->keyring.keys[i];
		char id[MINISIGN_ID_TEXT];

		minisign_id_text(key->public.id, id);
		if (strcmp(key->name, operand) == 0 ||
		    strcasecmp(id, operand) == 0)
			return key;
	}
	return NULL;
}

static int trust_remove(const struct request *request, struct host *host,
                        struct err *err)
{
	AUTO_CLOSE int folder = -1;
	char name[KEY_NAME_SIZE + sizeof ".pub"];
	const struct keyring_key *key;

	if (request->operand_count != 2)
		return err_set(err, ERR_USAGE, 0, "usage: trust remove NAME");
	key = find_key(host, request->operands[1]);
	if (key == NULL)
		return err_set(err, ERR_USAGE, 0,
		               "no key '%s' is trusted for %s; see: "
		               "install-package trust list",
		               request->operands[1], host->app);
	folder = host_open_trust(host, err);
	if (folder < 0)
		return -1;
	(void)snprintf(name, sizeof name, "%s.pub", key->name);
	if (disk_unlink("trust.remove", folder, name, err) < 0 ||
	    disk_sync("trust.remove-sync", folder, err) < 0)
		return -1;
	report_step(request, "key %s is not trusted any more", key->name);
	return say_outcome(request, host, key->name, "removed", err);
}

/* --- revoke --- */

static int add_release(struct revocations *revocations, const char *digest,
                       const char *reason, struct err *err)
{
	uint8_t bytes[SHA256_LEN];

	if (text_from_hex(digest, strlen(digest), bytes, sizeof bytes, err) < 0)
		return err_wrap(err, "'%s'", digest);
	return revocations_add_release(revocations, bytes, reason, err);
}

/* A key may be revoked that is not trusted here: by its id. */
static int add_key(const struct host *host, struct revocations *revocations,
                   const char *operand, const char *reason, struct err *err)
{
	const struct keyring_key *key = find_key(host, operand);
	uint64_t id = 0;

	if (key != NULL)
		return revocations_add_key(revocations, key->public.id, reason,
		                           err);
	if (strlen(operand) != MINISIGN_ID_TEXT - 1 ||
	    strspn(operand, "0123456789abcdefABCDEF") != MINISIGN_ID_TEXT - 1)
		return err_set(err, ERR_USAGE, 0,
		               "'%s' is neither the name of a trusted key, nor "
		               "a key id, nor sha256:DIGEST of a release.ini",
		               operand);
	for (const char *c = operand; *c != '\0'; c++)
		id = id << 4 | (uint64_t)((*c & 0xf) + (*c > '9' ? 9 : 0));
	return revocations_add_key(revocations, id, reason, err);
}

static int write_revocations(int folder, const struct revocations *revocations,
                             struct err *err)
{
	AUTO_BUF struct buf text = BUF_NONE;

	if (revocations_write(revocations, &text, err) < 0)
		return -1;
	return disk_replace_file("trust.revoke", folder, REVOKED_NAME,
	                         REVOKED_MODE, text.data, text.len, err);
}

/* Open the trust folder for this run alone, and read the keys again: another
 * run may have revoked one since. */
static int lock_trust(struct host *host, struct err *err)
{
	AUTO_CLOSE int folder = trust_folder_make(host, err);

	if (folder < 0)
		return -1;
	if (flock(folder, LOCK_EX) < 0)
		return err_set(err, ERR_SYSTEM, errno,
		               "locking the trust folder");
	if (keyring_load(folder, &host->keyring, err) < 0)
		return -1;
	return TAKE_FD(folder);
}

static int trust_revoke(const struct request *request, struct host *host,
                        struct err *err)
{
	AUTO_CLOSE int folder = -1;
	struct revocations *revocations = &host->keyring.revocations;
	const char *reason =
		request->reason != NULL ? request->reason : DEFAULT_REASON;
	size_t prefix = strlen(DIGEST_PREFIX);
	const char *operand;
	int added;

	if (request->operand_count != 2)
		return err_set(err, ERR_USAGE, 0,
		               "usage: trust revoke NAME|KEY-ID|sha256:DIGEST");
	folder = lock_trust(host, err);
	if (folder < 0)
		return -1;
	operand = request->operands[1];
	if (strncmp(operand, DIGEST_PREFIX, prefix) == 0)
		added = add_release(revocations, operand + prefix, reason, err);
	else
		added = add_key(host, revocations, operand, reason, err);
	if (added < 0 || write_revocations(folder, revocations, err) < 0)
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
