/* SPDX-License-Identifier: Apache-2.0 */
/* Making and judging profile.env: which images a release runs. */
#ifndef PACK_PROFILE_H
#define PACK_PROFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "codec/profile_env.h"
#include "pack/collect_rules.h"
#include "pack/package_ini.h"

/* What the command line asks of it. */
struct profile_wishes {
	const char *name;              /* dev, nightly, prod; NULL: not said */
	const struct patterns *sets;   /* KEY=VALUE */
	const struct patterns *images; /* NAME=REF@DIGEST */
};

/** profile_is_wished - whether anything is asked for. */
bool profile_is_wished(const struct profile_wishes *wishes);

/**
 * profile_stamp - lay the wishes over @base.
 * @base: the values of profiles/<name>.env; in and out, unspecified after -1.
 *
 * Returns 0, or -1 with ERR_USAGE naming the option.
 */
int profile_stamp(const struct profile_wishes *wishes, struct profile_env *base,
                  struct err *err) MUST_CHECK;

/**
 * profile_hold - that the file at hand says what is wished, value by value.
 * Returns 0, or -1 with ERR_USAGE naming the value that differs.
 */
int profile_hold(const struct profile_wishes *wishes,
                 const struct profile_env *file, struct err *err) MUST_CHECK;

/**
 * profile_check - the rules of docs/bundle-format.md and package.ini: prod
 * refuses an IMAGE_TAG that is absent where images are used, `latest` or a
 * placeholder; digests are there for all of @images, or for none.
 * Returns 0, or -1 with ERR_USAGE.
 */
int profile_check(const struct profile_env *profile,
                  const struct package_list *images,
                  struct err *err) MUST_CHECK;

#endif
