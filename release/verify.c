/* SPDX-License-Identifier: Apache-2.0 */
/* package-release verify: the integrity of a bundle, and its signatures as a
 * host judges them. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "codec/minisign.h"
#include "codec/settings.h"
#include "files.h"
#include "pack/check.h"
#include "pack/sealed_bundle.h"
#include "request.h"
#include "say.h"
#include "trust/judge.h"
#include "trust/keyring.h"

/* The signature parts of a bundle, in memory. */
struct signatures {
	struct buf texts[JUDGE_SIGNATURES_MAX];
	struct judge_signature views[JUDGE_SIGNATURES_MAX];
	size_t count;
};

static void signatures_done(struct signatures *signatures)
{
	for (size_t i = 0; i < signatures->count; i++)
		buf_done(&signatures->texts[i]);
}

static int load_signatures(const struct sealed_bundle *bundle,
                           struct signatures *out, struct err *err)
{
	for (size_t i = 0; i < bundle->count; i++) {
		const struct sealed_part *part = &bundle->parts[i];
		struct buf *text = &out->texts[out->count];

		if (!part_is_minisign(part->part.kind))
			continue;
		*text = BUF_LIMIT(MINISIGN_FILE_MAX);
		out->count++;
		if (sealed_part_load(bundle, part, text, err) < 0)
			return -1;
		out->views[out->count - 1] =
			(struct judge_signature){ .data = text->data,
			                          .len = text->len };
	}
	return 0;
}

/* --- whom to trust ----------------------------------------------------------
 */

/* "path/release.key.pub" is the key "release.key". */
static int name_key(const char *path, char out[KEY_NAME_SIZE])
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	size_t len = strlen(name);
	size_t suffix = strlen(KEYRING_SUFFIX);

	if (len > suffix && strcmp(name + len - suffix, KEYRING_SUFFIX) == 0)
		len -= suffix;
	return snprintf(out, KEY_NAME_SIZE, "%.*s", (int)len, name);
}

static int add_key(struct keyring *keyring, const char *path, struct err *err)
{
	struct keyring_key *key = &keyring->keys[keyring->count];
	AUTO_BUF struct buf text = BUF_LIMIT(MINISIGN_FILE_MAX);

	if (keyring->count == KEYRING_KEYS_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d keys",
		               KEYRING_KEYS_MAX);
	if (file_read(path, &text, err) < 0)
		return -1;
	if (minisign_parse_public(buf_text(&text), text.len, &key->public,
	                          err) < 0)
		return err_wrap(err, "public key '%s'", path);
	(void)name_key(path, key->name); /* for messages, so a cut is no harm */
	keyring->count++;
	return 0;
}

static int load_trust(const struct request *request, struct keyring *out,
                      struct err *err)
{
	AUTO_CLOSE int dir = -1;

	for (size_t i = 0; i < request->keys.count; i++)
		if (add_key(out, request->keys.at[i], err) < 0)
			return -1;
	if (request->trust == NULL)
		return 0;
	dir = fs_open_anchor(request->trust, err);
	if (dir < 0 || fs_check_owner(dir, request->trust, err) < 0 ||
	    keyring_load(dir, out, err) < 0 ||
	    keyring_require(out, NULL, err) < 0)
		return err_wrap(err, "trust folder '%s'", request->trust);
	return 0;
}

/* --- the verdict
 * -------------------------------------------------------------- */

static int judge(const struct sealed_bundle *bundle,
                 const struct keyring *keyring, struct verification_result *out,
                 struct err *err)
{
	AUTO(signatures_done)
	struct signatures signatures = { .count = 0 };
	struct settings settings;
	struct judge_request asked = {
		.release_ini = buf_text(&bundle->release_text),
		.release_ini_len = bundle->release_text.len,
		.keyring = keyring,
		.settings = &settings,
	};

	settings_defaults(&settings);
	if (load_signatures(bundle, &signatures, err) < 0)
		return -1;
	asked.signatures = signatures.views;
	asked.signature_count = signatures.count;
	return judge_release(&asked, out, err);
}

static void say_verdict(const struct request *request,
                        const struct verification_result *verified)
{
	say(request, "%s %s: integrity ok", verified->release.app,
	    verified->release.version);
	for (size_t i = 0; i < verified->signer_count; i++) {
		char id[SIGNER_TEXT_SIZE];

		signer_text(&verified->signers[i], id);
		say(request, "signed by %s (key %s)", verified->signers[i].name,
		    id);
	}
}

static int verify_with(const struct request *request,
                       const struct sealed_bundle *bundle, struct err *err)
{
	struct keyring keyring = { .count = 0 };
	struct verification_result verified;
	int result = load_trust(request, &keyring, err);

	if (result == 0)
		result = judge(bundle, &keyring, &verified, err);
	keyring_done(&keyring);
	if (result == 0)
		say_verdict(request, &verified);
	return result;
}

int verify_run(void *context, struct err *err)
{
	const struct request *request = context;
	const char *path = request->operands[0];
	AUTO_SEALED struct sealed_bundle bundle = SEALED_BUNDLE_NONE;

	if (request->keys.count > 0 && request->trust != NULL)
		return err_set(err, ERR_USAGE, 0,
		               "--key and --trust exclude each other");
	if (sealed_bundle_open(path, &bundle, err) < 0)
		return -1;
	if (check_bundle(&bundle, err) < 0)
		return err_wrap(err, "bundle '%s'", path);
	if (request->keys.count == 0 && request->trust == NULL) {
		say(request, "integrity ok, signer not judged");
		return err_set(err, ERR_UNTRUSTED, 0,
		               "name whom you trust: --key PUB or --trust DIR");
	}
	if (verify_with(request, &bundle, err) < 0)
		return err_wrap(err, "bundle '%s'", path);
	return 0;
}
