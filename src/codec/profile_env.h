/* SPDX-License-Identifier: Apache-2.0 */
/* profile.env: which images a release runs.  Data, never sourced; each line has
 * one spelling, their order is free because people write it too
 * (docs/bundle-format.md, "profile.env"). */
#ifndef CODEC_PROFILE_ENV_H
#define CODEC_PROFILE_ENV_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

#define PROFILE_ENV_MAX     ((size_t)64 * 1024) /* bytes */
#define PROFILE_VALUE_SIZE  256                 /* with the NUL */
#define PROFILE_NAME_SIZE   65                  /* of an image, with the NUL */
#define PROFILE_DIGEST_SIZE 72 /* "sha256:", 64 digits and a NUL */
#define PROFILE_IMAGES_MAX  256

struct profile_image {
	char name[PROFILE_NAME_SIZE]; /* what follows IMAGE_DIGEST_ */
	char digest[PROFILE_DIGEST_SIZE];
};

/* Texts are NUL-terminated; "" means that the key is absent.  PROFILE is always
 * there. */
struct profile_env {
	char profile[PROFILE_VALUE_SIZE];
	char registry[PROFILE_VALUE_SIZE];
	char image_prefix[PROFILE_VALUE_SIZE];
	char image_tag[PROFILE_VALUE_SIZE];
	char image_digest[PROFILE_DIGEST_SIZE];
	struct profile_image images[PROFILE_IMAGES_MAX]; /* sorted by name */
	size_t image_count;
};

/**
 * profile_env_set - set the value of one key, in its grammar.
 * Returns 0, or -1 with ERR_FORMAT for an unknown key or a value outside its
 * grammar, ERR_LIMIT above PROFILE_IMAGES_MAX; @env is then unchanged.
 */
int profile_env_set(struct profile_env *env, const char *key, size_t key_len,
                    const char *value, size_t value_len,
                    struct err *err) MUST_CHECK;

/**
 * profile_env_get - the value of @key, or NULL where it is absent or unknown.
 */
const char *profile_env_get(const struct profile_env *env, const char *key,
                            size_t key_len);

/**
 * profile_env_parse - read a profile.env.
 * @out: written only on 0.
 *
 * Returns 0, or -1 with ERR_FORMAT naming the line (an unknown key, a value
 * outside its grammar) or for a repeated key or no PROFILE, or ERR_LIMIT.
 */
int profile_env_parse(const char *text, size_t len, struct profile_env *out,
                      struct err *err) MUST_CHECK;

/**
 * profile_env_write - append the text in the documented order.
 * Returns 0, or -1 with ERR_USAGE without a PROFILE, or as buf_add.
 */
int profile_env_write(const struct profile_env *in, struct buf *out,
                      struct err *err) MUST_CHECK;

#endif
