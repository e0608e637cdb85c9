/* SPDX-License-Identifier: Apache-2.0 */
/* Input: 'b' and a Sigstore bundle, or 'a' and attestations, on the release.ini
 * "app = shop\n", judged by the key that made the seeds.  Properties: there is
 * a verdict for each piece, it is one that the monitor accepts, and the
 * attester is the only key and nobody's identity is found. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/json_read.h"
#include "crypto/init.h"
#include "evidence/judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char release_ini[] = "app = shop\n";

static const uint8_t spki[] = {
	0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
	0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03,
	0x42, 0x00, 0x04, 0x8b, 0xec, 0xd5, 0x9a, 0x35, 0xf2, 0x26, 0x43, 0xf7,
	0x95, 0xed, 0x8a, 0x7f, 0xaf, 0x39, 0xca, 0xce, 0x94, 0xd5, 0x01, 0xd1,
	0xd1, 0x3a, 0x52, 0xf2, 0x43, 0xe5, 0x72, 0xac, 0x96, 0x65, 0xd1, 0xcc,
	0xf5, 0x69, 0xb0, 0xdd, 0x56, 0xee, 0x67, 0x90, 0x3c, 0xa7, 0x40, 0xac,
	0xcc, 0x47, 0x78, 0xb3, 0x7c, 0x7b, 0x3a, 0x2a, 0x54, 0xb4, 0x23, 0xb8,
	0x47, 0x21, 0xad, 0xc0, 0xec, 0xc3, 0xfe
};

static void require(int holds)
{
	if (!holds)
		abort();
}

struct expected {
	const struct evidence_case *given;
	struct evidence_cursor cursor;
};

static int check(void *context, const struct evidence_verdict *verdict,
                 struct err *err)
{
	struct expected *expected = context;
	struct evidence_verdict place;
	struct bytes text;

	require(evidence_next(expected->given, &expected->cursor, &place, &text,
	                      err) == 1);
	require(verdict_check(verdict, err) == 0);
	require(verdict->part_kind == place.part_kind &&
	        verdict->ordinal == place.ordinal &&
	        verdict->line == place.line);
	require(verdict->identities == 0 && verdict->minisign_keys == 0 &&
	        verdict->cosign_keys <= 1);
	return 0;
}

static void judge(const struct settings *settings, const struct public_key *key,
                  enum part_kind kind, struct bytes text)
{
	struct evidence_case given = {
		.settings = settings,
		.cosign_keys = { key },
		.cosign_key_count = 1,
		.release_ini = { (const uint8_t *)release_ini,
		                 sizeof release_ini - 1 },
	};
	struct expected expected = { .given = &given };
	const struct evidence_listener listener = { check, &expected };
	struct err err;

	require(evidence_add(&given, kind, text, &err) == 0);
	(void)evidence_judge(&given, &listener, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct settings *settings;
	static struct public_key key;
	struct err err;

	if (settings == NULL) {
		settings = calloc(1, sizeof *settings);
		require(settings != NULL);
		settings_defaults(settings);
		require(crypto_init(&err) == 0 && json_read_init(&err) == 0);
		require(public_key_from_spki(
				(struct bytes){ spki, sizeof spki }, &key,
				&err) == 0);
	}
	if (size == 0 || (data[0] != 'a' && data[0] != 'b'))
		return 0;
	judge(settings, &key, data[0] == 'b' ? PART_SIGSTORE : PART_ATTESTATION,
	      (struct bytes){ data + 1, size - 1 });
	return 0;
}
