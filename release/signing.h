/* SPDX-License-Identifier: Apache-2.0 */
/* Signing with a secret key file. */
#ifndef RELEASE_SIGNING_H
#define RELEASE_SIGNING_H

#include "base/buf.h"
#include "base/bytes.h"
#include "base/err.h"
#include "codec/minisign.h"
#include "crypto/public_key.h"
#include "crypto/sha256.h"
#include "pack/sealed_bundle.h"
#include "request.h"
#include "secret_key.h"

/* What the keys of a run are called; "" where there is none of the kind. */
struct signer_names {
	char minisign[MINISIGN_ID_TEXT];
	char cosign[SHA256_HEX_LEN + 1];
};

void name_signers(const struct secret_keys *keys, struct signer_names *out);

/** say_signers - "APP VERSION <what> by key <id>", a line for each. */
void say_signers(const struct request *request,
                 const struct sealed_bundle *bundle,
                 const struct signer_names *names, const char *what);

/** release_bytes - what is signed: release.ini as it lies there, borrowed. */
struct bytes release_bytes(const struct sealed_bundle *bundle);

/**
 * sign_bundle - add a signature of release.ini by each of @keys.
 * Returns how many were added, without those that had signed already, or -1
 * with ERR_LIMIT or ERR_SYSTEM.
 */
int sign_bundle(const struct secret_keys *keys, struct sealed_bundle *bundle,
                struct err *err) MUST_CHECK;

/** write_message - append the Sigstore bundle of @signature over release.ini by
 * @key, which is not checked here. */
int write_message(const struct sealed_bundle *bundle,
                  const struct public_key *key, struct bytes signature,
                  struct buf *out, struct err *err) MUST_CHECK;

/**
 * adopt_from - add the evidence that the bundle at @path has and @bundle lacks.
 * One of another release, or one that cannot be read, has nothing to give.
 */
int adopt_from(const char *path, struct sealed_bundle *bundle,
               struct err *err) MUST_CHECK;

/**
 * store_evidence - write the evidence parts of @bundle that are no files of
 * their own yet to @dir, each at once.
 */
int store_evidence(const struct sealed_bundle *bundle, int dir,
                   struct err *err) MUST_CHECK;

/**
 * store_bundle - replace the bundle file @name in @dir at once.
 */
int store_bundle(const struct sealed_bundle *bundle, int dir, const char *name,
                 struct err *err) MUST_CHECK;

/**
 * store_added - write what was added to @bundle to where it was opened from,
 * @path: the file, the folder of its parts, and the one that lies beside the
 * other when both are of the same release.
 */
int store_added(struct sealed_bundle *bundle, const char *path,
                struct err *err) MUST_CHECK;

#endif
