/* SPDX-License-Identifier: Apache-2.0 */
#include "trust_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>

#include "base/disk.h"
#include "base/fs.h"
#include "codec/minisign.h"
#include "codec/name.h"
#include "crypto/public_key.h"
#include "evidence/ask.h"
#include "privsep/worker.h"
#include "report.h"
#include "trust/keyring.h"

#define FOLDER_MODE    0755
#define FILE_MODE      0644
#define FILE_NAME_SIZE (KEY_NAME_SIZE + sizeof KEYRING_ROOT_SUFFIX)

/* --- the folder --- */

static int make_folder(const struct host *host, struct err *err)
{
	AUTO_CLOSE int etc = disk_require_dir("setup.etc", host->root, "etc",
	                                      FOLDER_MODE, err);
	AUTO_CLOSE int ours = -1;
	AUTO_CLOSE int trust = -1;

	if (etc < 0)
		return -1;
	ours = disk_require_dir("setup.tidegate", etc, "tidegate", FOLDER_MODE,
	                        err);
	if (ours < 0)
		return -1;
	trust = disk_require_dir("setup.trust", ours, "trust", FOLDER_MODE,
	                         err);
	if (trust < 0)
		return -1;
	return disk_require_dir("setup.trust-app", trust, host->app,
	                        FOLDER_MODE, err);
}

/* A folder cannot be opened for writing, which fcntl's locks want. */
int trust_folder_lock(const struct host *host, struct err *err)
{
	AUTO_CLOSE int folder = make_folder(host, err);

	if (folder < 0)
		return -1;
	while (flock(folder, LOCK_EX) < 0)
		if (errno != EINTR)
			return err_set(err, ERR_SYSTEM, errno,
			               "locking the trust folder");
	return TAKE_FD(folder);
}

/* --- what a file is --- */

/* A file of the caller's, on its way into the folder. */
struct given {
	const struct host *host;
	const char *path;
	struct buf text;
	char said[SIGNER_TEXT_SIZE + 8]; /* what to call it to the user */
	const char *revoked;             /* why; borrowed; NULL: it is not */
};

static int check_minisign(struct given *given, struct err *err)
{
	struct minisign_public key;
	char id[MINISIGN_ID_TEXT];

	if (minisign_parse_public(buf_text(&given->text), given->text.len, &key,
	                          err) < 0)
		return err_wrap(err, "'%s' is no minisign public key",
		                given->path);
	given->revoked = keyring_find_revoked(&given->host->keyring, &key);
	minisign_id_text(key.id, id);
	(void)snprintf(given->said, sizeof given->said, "key %s", id);
	return 0;
}

static int check_cosign(struct given *given, struct err *err)
{
	AUTO_PUBLIC_KEY struct public_key key = PUBLIC_KEY_NONE;
	struct signer signer = { .kind = SIGNER_COSIGN, .has_key = true };
	char id[SIGNER_TEXT_SIZE];

	if (public_key_from_pem(buf_text(&given->text), given->text.len, &key,
	                        err) < 0)
		return err_wrap(err, "'%s'", given->path);
	given->revoked =
		keyring_find_revoked_cosign(&given->host->keyring, key.id);
	memcpy(signer.key, key.id, sizeof signer.key);
	signer_text(&signer, id);
	(void)snprintf(given->said, sizeof given->said, "key %s", id);
	return 0;
}

/* It is JSON of a stranger's until a worker has read it. */
static int check_root(struct given *given, struct err *err)
{
	AUTO_CLOSE int workers = worker_open_folder(err);
	const struct evidence_worker worker = {
		.folder = workers,
		.mode = sandbox_mode_of(&given->host->settings),
	};
	const struct evidence_root root = {
		.name = "",
		.text = { (const uint8_t *)given->text.data, given->text.len },
	};

	if (workers < 0)
		return -1;
	if (evidence_check_root(&root, &worker, err) < 0)
		return err_wrap(err, "'%s' is no trusted root", given->path);
	(void)snprintf(given->said, sizeof given->said, "trusted root");
	return 0;
}

enum { MINISIGN, COSIGN, ROOT };

/* The names that users give such files, and the one that it gets. */
static const struct kind {
	size_t max; /* bytes */
	int (*check)(struct given *given, struct err *err);
	const char *suffix;
	const char *given_suffixes[5];
} kinds[] = {
	[MINISIGN] = { MINISIGN_FILE_MAX,
	               check_minisign,
	               KEYRING_SUFFIX,
	               { KEYRING_SUFFIX, NULL } },
	[COSIGN] = { PUBLIC_KEY_PEM_MAX,
	             check_cosign,
	             KEYRING_PEM_SUFFIX,
	             { KEYRING_PEM_SUFFIX, KEYRING_SUFFIX, NULL } },
	[ROOT] = { KEYRING_ROOT_SIZE_MAX,
	           check_root,
	           KEYRING_ROOT_SUFFIX,
	           { KEYRING_ROOT_SUFFIX, KEYRING_ROOT_SUFFIX "l", ".json",
	             ".jsonl", NULL } },
};

static const struct kind *kind_of(const struct buf *text)
{
	const char *start = buf_text(text);

	start += strspn(start, " \t\r\n");
	if (start[0] == '{')
		return &kinds[ROOT];
	return strncmp(start, "-----BEGIN", 10) == 0 ? &kinds[COSIGN]
	                                             : &kinds[MINISIGN];
}

static int read_given(struct given *given, const struct kind **kind,
                      struct err *err)
{
	AUTO_CLOSE int fd = fs_open_given(given->path, err);

	if (fd < 0)
		return -1;
	if (fs_read_fd(fd, &given->text, err) < 0)
		return err_wrap(err, "'%s'", given->path);
	*kind = kind_of(&given->text);
	if (given->text.len > (*kind)->max)
		return err_set(err, ERR_LIMIT, 0,
		               "'%s' has more than %zu bytes", given->path,
		               (*kind)->max);
	return (*kind)->check(given, err);
}

/* --- its name in the folder --- */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* Bytes of @name before the first of the suffixes that it has; 0 for none. */
static size_t stem_len(const char *name, const char *const *suffixes)
{
	size_t len = strlen(name);

	for (; *suffixes != NULL; suffixes++) {
		size_t suffix = strlen(*suffixes);

		if (len > suffix && strcmp(name + len - suffix, *suffixes) == 0)
			return len - suffix;
	}
	return 0;
}

static int find_name(const struct kind *kind, const char *path,
                     char out[FILE_NAME_SIZE], struct err *err)
{
	const char *name = base_name(path);
	size_t stem = stem_len(name, kind->given_suffixes);

	if (kind == &kinds[ROOT] && (strcmp(name, KEYRING_ROOT) == 0 ||
	                             strcmp(name, KEYRING_ROOT "l") == 0)) {
		(void)snprintf(out, FILE_NAME_SIZE, "%s", KEYRING_ROOT);
		return 0;
	}
	if (stem == 0 || !name_is_key(name, stem) || name[0] == '.')
		return err_set(err, ERR_USAGE, 0,
		               "'%s' must be named NAME%s, with A-Z, a-z, 0-9, "
		               "'.', '_' and '-'",
		               name, kind->suffix);
	(void)snprintf(out, FILE_NAME_SIZE, "%.*s%s", (int)stem, name,
	               kind->suffix);
	return 0;
}

/* A name means one key. */
static int check_other_kind(const struct kind *kind, int folder,
                            const char *name, struct err *err)
{
	const struct kind *other =
		kind == &kinds[COSIGN] ? &kinds[MINISIGN] : &kinds[COSIGN];
	char other_name[FILE_NAME_SIZE];
	size_t stem = strlen(name) - strlen(kind->suffix);
	int found;

	if (kind == &kinds[ROOT])
		return 0;
	(void)snprintf(other_name, sizeof other_name, "%.*s%s", (int)stem, name,
	               other->suffix);
	found = fs_exists(folder, other_name, /* st= */ NULL, err);
	if (found == 1)
		return err_set(err, ERR_CONFLICT, 0,
		               "there is a key '%s', and '%s' would have the "
		               "same name; rename the file",
		               other_name, name);
	return found;
}

/* One more than a folder may hold would make all of it unreadable. */
static int check_room(const struct kind *kind, int folder, struct err *err)
{
	AUTO_FREE struct keyring *keyring = calloc(1, sizeof *keyring);
	bool has_room = true;

	if (keyring == NULL)
		return err_nomem(err);
	if (keyring_load(folder, keyring, err) < 0)
		return -1;
	if (kind == &kinds[MINISIGN])
		has_room = keyring->count < KEYRING_KEYS_MAX;
	else if (kind == &kinds[COSIGN])
		has_room = keyring->cosign_count < KEYRING_KEYS_MAX;
	else
		has_room = keyring->root_count < KEYRING_ROOTS_MAX;
	keyring_done(keyring);
	return has_room ? 0
	                : err_set(err, ERR_LIMIT, 0,
	                          "the trust folder is full; remove what is "
	                          "not needed");
}

static int lay_down(const struct request *request, const struct kind *kind,
                    const struct given *given, int folder, const char *name,
                    struct err *err)
{
	AUTO_BUF struct buf there = BUF_LIMIT(kind->max);
	int found = fs_read_trusted(folder, name, &there, err);

	if (found < 0)
		return -1;
	if (found == 1 && there.len == given->text.len &&
	    memcmp(there.data, given->text.data, there.len) == 0) {
		report_step(request, "%s (%s) is trusted already", given->said,
		            name);
		return 0;
	}
	if (found == 1)
		return err_set(
			err, ERR_CONFLICT, 0,
			"another file is named '%s'; rename this one, or "
			"remove that one first",
			name);
	if (check_other_kind(kind, folder, name, err) < 0 ||
	    check_room(kind, folder, err) < 0 ||
	    disk_replace_file("setup.key", folder, name, FILE_MODE,
	                      given->text.data, given->text.len, err) < 0)
		return -1;
	report_step(request, "%s (%s) is trusted now", given->said, name);
	return 1;
}

/* It may be laid down all the same: it changes nothing. */
static void warn_of_revocation(const struct given *given)
{
	if (given->revoked != NULL)
		report_warning("%s is revoked, and counts for nothing: %s",
		               given->said, given->revoked);
}

static void given_done(struct given *given)
{
	buf_done(&given->text);
}

int trust_file_check(const struct host *host, const char *path, struct err *err)
{
	AUTO(given_done)
	struct given given = { .host = host,
		               .path = path,
		               .text = BUF_LIMIT(KEYRING_ROOT_SIZE_MAX + 1) };
	char name[FILE_NAME_SIZE];
	const struct kind *kind;

	if (read_given(&given, &kind, err) < 0)
		return -1;
	return find_name(kind, path, name, err);
}

int trust_file_add(const struct request *request, const struct host *host,
                   int folder, const char *path, struct err *err)
{
	AUTO(given_done)
	struct given given = { .host = host,
		               .path = path,
		               .text = BUF_LIMIT(KEYRING_ROOT_SIZE_MAX + 1) };
	char name[FILE_NAME_SIZE];
	const struct kind *kind;
	int added;

	if (read_given(&given, &kind, err) < 0 ||
	    find_name(kind, path, name, err) < 0)
		return -1;
	added = lay_down(request, kind, &given, folder, name, err);
	if (added >= 0)
		warn_of_revocation(&given);
	return added;
}
