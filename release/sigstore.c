/* SPDX-License-Identifier: Apache-2.0 */
/* package-release sigstore verify-bundle: one Sigstore bundle against one
 * artifact, with the protocol of the public conformance suite
 * (https://github.com/sigstore/sigstore-conformance, docs/cli_protocol.md). */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/text.h"
#include "codec/sigstore_bundle.h"
#include "codec/trusted_root.h"
#include "crypto/public_key.h"
#include "files.h"
#include "request.h"
#include "say.h"
#include "sigstore/trust.h"
#include "sigstore/verify.h"
#include "sigstore_report.h"
#include "trusted.h"

#define VERIFY_BUNDLE "verify-bundle"
#define STAGING_ROOT  "/etc/tidegate/staging.trusted_root.json"
#define DIGEST_PREFIX "sha256:"

/* --- the artifact
 * ---------------------------------------------------------- */

struct artifact {
	struct bytes data; /* no data: only the digest is known */
	uint8_t sha256[SHA256_LEN];
	void *map;       /* owned; of a regular file, else NULL */
	struct buf text; /* owned; of a pipe */
};

static void artifact_done(struct artifact *artifact)
{
	if (artifact->map != NULL)
		(void)munmap(artifact->map, artifact->data.len);
	buf_done(&artifact->text);
}

/* A file of any size is mapped, so that it needs no memory. */
static int map_file(int fd, size_t size, struct artifact *out, struct err *err)
{
	void *map = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);

	if (map == MAP_FAILED)
		return err_set(err, ERR_SYSTEM, errno, "mapping a file");
	out->map = map;
	out->data = (struct bytes){ map, size };
	return 0;
}

static int read_pipe(int fd, struct artifact *out, struct err *err)
{
	if (fs_read_fd(fd, &out->text, err) < 0)
		return -1;
	out->data = (struct bytes){ (const uint8_t *)buf_text(&out->text),
		                    out->text.len };
	return 0;
}

static int open_artifact(const char *path, struct artifact *out,
                         struct err *err)
{
	AUTO_CLOSE int fd = file_open(path, err);
	struct stat st;
	int result;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		return err_set(err, ERR_SYSTEM, errno, "'%s'", path);
	if (S_ISREG(st.st_mode) && st.st_size > 0)
		result = map_file(fd, (size_t)st.st_size, out, err);
	else
		result = read_pipe(fd, out, err);
	return result < 0 ? err_wrap(err, "'%s'", path) : 0;
}

/* A digest, where no file has that name. */
static int take_artifact(const char *subject, struct artifact *out,
                         struct err *err)
{
	size_t prefix = strlen(DIGEST_PREFIX);
	struct err ignored;

	if (strncmp(subject, DIGEST_PREFIX, prefix) == 0 &&
	    faccessat(AT_FDCWD, subject, F_OK, 0) < 0 &&
	    text_from_hex(subject + prefix, strlen(subject + prefix),
	                  out->sha256, SHA256_LEN, &ignored) == 0)
		return 0;
	return open_artifact(subject, out, err);
}

/* --- whom to trust
 * --------------------------------------------------------- */

struct roots {
	struct sigstore_trust *at[TRUSTED_ROOTS_MAX]; /* owned */
	size_t count;
};

static void roots_done(struct roots *roots)
{
	for (size_t i = 0; i < roots->count; i++)
		sigstore_trust_free(roots->at[i]);
}

static const struct {
	const char *word;
	unsigned bit;
} evidence_words[] = {
	{ "log", SIGSTORE_LOG },
	{ "timestamp", SIGSTORE_TIMESTAMP },
	{ "sct", SIGSTORE_SCT },
};

static int take_word(const char *word, size_t len, unsigned *evidence,
                     struct err *err)
{
	for (size_t i = 0; i < sizeof evidence_words / sizeof evidence_words[0];
	     i++)
		if (text_equal(word, len, evidence_words[i].word)) {
			*evidence |= evidence_words[i].bit;
			return 0;
		}
	return err_set(err, ERR_USAGE, 0,
	               "--require: '%.*s' is none of log, timestamp, sct; or "
	               "none alone",
	               (int)len, word);
}

/* "log,sct", or "none": the evidence that every root demands. */
static int take_evidence(const char *text, unsigned *out, struct err *err)
{
	*out = 0;
	if (strcmp(text, "none") == 0)
		return 0;
	for (;;) {
		size_t len = strcspn(text, ",");

		if (take_word(text, len, out, err) < 0)
			return -1;
		if (text[len] == '\0')
			return 0;
		text += len + 1;
	}
}

static int use_root(const struct request *request,
                    const struct trusted_root *root, struct roots *out,
                    struct err *err)
{
	unsigned evidence = sigstore_default_evidence(root);

	if (request->require != NULL &&
	    take_evidence(request->require, &evidence, err) < 0)
		return -1;
	if (sigstore_trust_new(root, evidence, &out->at[out->count], err) < 0)
		return -1;
	out->count++;
	return 0;
}

static int load_roots(const struct request *request, struct roots *out,
                      struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(TRUSTED_ROOT_FILE_MAX);
	AUTO_TRUSTED_ROOTS struct trusted_roots read = TRUSTED_ROOTS_NONE;
	const char *host =
		request->staging ? STAGING_ROOT : TRUSTED_ROOT_DEFAULT;
	const char *path = request->trusted_root;

	if ((path != NULL ? file_read(path, &text, err)
	                  : trusted_root_read(host, &text, err)) < 0)
		return -1;
	if (trusted_roots_parse(buf_text(&text), text.len, &read, err) < 0)
		return err_wrap(err, "trusted root '%s'",
		                path != NULL ? path : host);
	for (size_t i = 0; i < read.count; i++)
		if (use_root(request, &read.roots[i], out, err) < 0)
			return -1;
	return 0;
}

static int load_key(const struct request *request, struct public_key *out,
                    struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(PUBLIC_KEY_PEM_MAX);
	const char *path = request->keys.at[0];

	if (file_read(path, &text, err) < 0)
		return -1;
	if (public_key_from_pem(buf_text(&text), text.len, out, err) < 0)
		return err_wrap(err, "public key '%s'", path);
	return 0;
}

/* --- the command
 * ----------------------------------------------------------- */

static bool needs_no_root(const struct request *request)
{
	return request->trusted_root == NULL && request->require != NULL &&
	       strcmp(request->require, "none") == 0;
}

static int check_request(const struct request *request, struct err *err)
{
	bool by_identity = request->identity != NULL || request->issuer != NULL;
	bool by_key = request->keys.count > 0;
	unsigned evidence;

	if (strcmp(request->operands[0], VERIFY_BUNDLE) != 0)
		return err_set(err, ERR_USAGE, 0, "'%s' is not %s",
		               request->operands[0], VERIFY_BUNDLE);
	if (request->bundle == NULL)
		return err_set(err, ERR_USAGE, 0, "--bundle is missing");
	if (by_key == by_identity || request->keys.count > 1)
		return err_set(err, ERR_USAGE, 0,
		               "who may have signed: either one --key, or "
		               "--certificate-identity and "
		               "--certificate-oidc-issuer");
	if (by_identity &&
	    (request->identity == NULL || request->issuer == NULL))
		return err_set(err, ERR_USAGE, 0,
		               "--certificate-identity and "
		               "--certificate-oidc-issuer need each other");
	if (request->require == NULL)
		return 0;
	if (take_evidence(request->require, &evidence, err) < 0)
		return -1;
	if (evidence == 0 && !by_key)
		return err_set(err, ERR_USAGE, 0,
		               "--require none: only a --key stands alone");
	return 0;
}

static int load_bundle(const char *path, struct sigstore_bundle *out,
                       struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(SIGSTORE_BUNDLE_MAX);

	if (file_read(path, &text, err) < 0)
		return -1;
	if (sigstore_bundle_parse(buf_text(&text), text.len, out, err) < 0)
		return err_wrap(err, "bundle '%s'", path);
	return 0;
}

static int verify(const struct request *request,
                  const struct artifact *artifact, const struct roots *roots,
                  const struct public_key *key, struct err *err)
{
	AUTO_SIGSTORE struct sigstore_bundle bundle = SIGSTORE_BUNDLE_NONE;
	AUTO_SIGSTORE_RESULT struct sigstore_result result =
		SIGSTORE_RESULT_NONE;
	bool is_digest = artifact->data.data == NULL;
	const struct sigstore_request asked = {
		.bundle = &bundle,
		.artifact = artifact->data,
		.sha256 = is_digest ? artifact->sha256 : NULL,
		.key = key,
		.identity = request->identity,
		.issuer = request->issuer,
		.trusts = (const struct sigstore_trust *const *)roots->at,
		.trust_count = roots->count,
	};

	if (load_bundle(request->bundle, &bundle, err) < 0)
		return -1;
	if (sigstore_verify(&asked, &result, err) < 0)
		return err_wrap(err, "bundle '%s'", request->bundle);
	return sigstore_report(request, &result, err);
}

int sigstore_run(void *context, struct err *err)
{
	const struct request *request = context;
	AUTO_PUBLIC_KEY struct public_key key = PUBLIC_KEY_NONE;
	AUTO(roots_done) struct roots roots = { .count = 0 };
	AUTO(artifact_done)
	struct artifact artifact = { .text = BUF_NONE };
	bool by_key = request->keys.count > 0;

	if (check_request(request, err) < 0 ||
	    (by_key && load_key(request, &key, err) < 0) ||
	    (!needs_no_root(request) && load_roots(request, &roots, err) < 0) ||
	    take_artifact(request->operands[1], &artifact, err) < 0)
		return -1;
	return verify(request, &artifact, &roots, by_key ? &key : NULL, err);
}
