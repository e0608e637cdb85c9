/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "codec/profile_env.h"
#include "crypto/sha256.h"
#include "pack/check.h"

/* The payload's pin is checked on the way through it, by check_payload. */
static int check_pins(const struct sealed_bundle *bundle, struct err *err)
{
	for (size_t i = 0; i < bundle->count; i++) {
		const struct sealed_part *part = &bundle->parts[i];
		enum part_kind kind = part->part.kind;
		const struct part_pin *pin;
		uint8_t digest[SHA256_LEN];
		char name[PART_NAME_SIZE];

		if (!part_is_pinned(kind) || kind == PART_PAYLOAD)
			continue;
		part_name(part->part, name);
		if (sealed_part_digest(bundle, part, digest, err) < 0)
			return -1;
		pin = release_ini_pin(&bundle->release, part->part);
		if (pin == NULL || !sha256_equal(digest, pin->sha256))
			return err_set(err, ERR_FORMAT, 0,
			               "part '%s' does not have the digest "
			               "that release.ini says",
			               name);
	}
	return 0;
}

static int check_sum(const struct sealed_bundle *bundle, struct err *err)
{
	const struct part name = { .kind = PART_SHA256 };
	const struct sealed_part *part = sealed_bundle_find(bundle, name);
	AUTO_BUF struct buf text = BUF_NONE;
	char hex[SHA256_HEX_LEN + 1];
	char want[SHA256_HEX_LEN + 32];

	text_to_hex(bundle->release.parts[PART_PAYLOAD].sha256, DIGEST_LEN,
	            hex);
	(void)snprintf(want, sizeof want, "%s  payload.tar.gz\n", hex);
	if (sealed_part_load(bundle, part, &text, err) < 0)
		return -1;
	if (strcmp(buf_text(&text), want) != 0)
		return err_set(err, ERR_FORMAT, 0,
		               "payload.sha256 names another digest than "
		               "release.ini");
	return 0;
}

static int check_profile(const struct sealed_bundle *bundle, struct err *err)
{
	const struct part name = { .kind = PART_PROFILE_ENV };
	const struct sealed_part *part = sealed_bundle_find(bundle, name);
	AUTO_BUF struct buf text = BUF_LIMIT(PROFILE_ENV_MAX);
	struct profile_env env;

	if (part == NULL)
		return 0;
	if (sealed_part_load(bundle, part, &text, err) < 0 ||
	    profile_env_parse(buf_text(&text), text.len, &env, err) < 0)
		return err_wrap(err, "profile.env");
	return 0;
}

int check_bundle_files(const struct sealed_bundle *bundle,
                       const struct check_sink *sink, struct err *err)
{
	if (check_pins(bundle, err) < 0 || check_sum(bundle, err) < 0 ||
	    check_profile(bundle, err) < 0 ||
	    check_payload(bundle, sink, err) < 0)
		return -1;
	return sealed_bundle_check_crc(bundle, err);
}

int check_bundle(const struct sealed_bundle *bundle, struct err *err)
{
	return check_bundle_files(bundle, /* sink= */ NULL, err);
}
