/* SPDX-License-Identifier: Apache-2.0 */
/* Properties: whatever bytes stand in a bundle, verification ends; and a bundle
 * of the instance below that was changed is refused, or says what it said
 * before.
 *
 * An input whose first byte is even is a bundle itself; else it is a list of
 * changes, each of 4 bytes: which quoted text of the good bundle, where in it
 * (in what its base64 holds, where it is that), and what to XOR there. */
#include "round_trip.h"

#define assert_true(what)           require(what)
#define assert_non_null(what)       require((what) != NULL)
#define assert_int_equal(got, want) require((got) == (want))

#include "../unit/make_instance.h"
#include "codec/json_read.h"
#include "crypto/init.h"
#include "sigstore/verify.h"

#define ARTIFACT "the artifact\n"
#define QUOTES   128 /* texts of a bundle */

static struct instance instance;
static struct sigstore_trust *trust;
static struct made_bundle good[2]; /* a message, an attestation */

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const struct root_plan root = { &instance, &instance, &instance,
		                        &instance, NULL,      NULL,
		                        NULL };
	struct bundle_plan plan = { .artifact = ARTIFACT,
		                    .ct = &instance,
		                    .stampers = { &instance } };
	struct err err;

	(void)argc;
	(void)argv;
	require(crypto_init(&err) == 0 && json_read_init(&err) == 0);
	instance_init(&instance, false);
	trust = make_trust(&root, SIGSTORE_PUBLIC);
	make_bundle(&instance, &plan, &good[0]);
	plan.is_attestation = true;
	make_bundle(&instance, &plan, &good[1]);
	return 0;
}

static bool verify(const char *text, size_t len)
{
	AUTO_SIGSTORE struct sigstore_bundle bundle = SIGSTORE_BUNDLE_NONE;
	AUTO_SIGSTORE_RESULT struct sigstore_result result =
		SIGSTORE_RESULT_NONE;
	const struct sigstore_trust *trusts[] = { trust };
	const struct sigstore_request request = {
		.bundle = &bundle,
		.artifact = bytes_of(ARTIFACT),
		.identity = INSTANCE_WHO,
		.issuer = INSTANCE_SAYS,
		.trusts = trusts,
		.trust_count = 1,
	};
	struct err err;

	if (sigstore_bundle_parse(text, len, &bundle, &err) < 0 ||
	    sigstore_verify(&request, &result, &err) < 0)
		return false;
	require(result.place_count == 1);
	require(result.time_count >= 1 && result.time_count <= 2);
	for (size_t i = 0; i < result.time_count; i++)
		require(result.times[i].seconds == INSTANCE_TIME);
	require(result.places[0].index == LOG_INDEX);
	require(strcmp(result.claims.text[CLAIM_SUBJECT], INSTANCE_WHO) == 0);
	return true;
}

/* --- changes of a good bundle
 * ---------------------------------------------- */

/* Find the @number-th quoted text, modulo how many there are. */
static struct bytes find_quoted(const struct buf *text, size_t number)
{
	struct bytes found[QUOTES];
	const char *at = text->data;
	size_t count = 0;

	while (count < QUOTES && (at = strchr(at, '"')) != NULL) {
		const char *end = strchr(++at, '"');

		if (end == NULL)
			break;
		if (end > at)
			found[count++] = (struct bytes){ (const uint8_t *)at,
				                         (size_t)(end - at) };
		at = end + 1;
	}
	require(count > 0);
	return found[number % count];
}

/* Changes in what the base64 holds keep its length, and so the text's. */
static void change(struct buf *text, const uint8_t edit[4])
{
	struct bytes quoted = find_quoted(text, edit[0]);
	char *at = text->data + (quoted.data - (const uint8_t *)text->data);
	AUTO_FREE uint8_t *data = malloc(BASE64_DECODED_MAX(quoted.len) + 1);
	AUTO_FREE char *again = malloc(quoted.len + 4);
	size_t where = (size_t)edit[1] << 4 | (edit[2] & 15);
	struct err err;
	size_t len;

	require(data != NULL && again != NULL);
	if (base64_decode(at, quoted.len, data, &len, &err) == 0 && len > 0) {
		data[where % len] ^= edit[3];
		base64_encode(data, len, again);
		memcpy(at, again, quoted.len);
	} else {
		at[where % quoted.len] ^= (char)(edit[3] & 0x7f);
	}
}

static void try_changes(const struct buf *from, const uint8_t *data,
                        size_t size)
{
	AUTO_BUF struct buf text = BUF_NONE;
	struct err err;

	require(buf_add(&text, from->data, from->len, &err) == 0);
	/* A NUL or a quote that a change makes ends the changing. */
	for (size_t i = 0;
	     i + 4 <= size && i < 64 && strlen(text.data) == text.len; i += 4)
		change(&text, data + i);
	(void)verify(text.data, text.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	if (data[0] % 2 == 0)
		(void)verify((const char *)data + 1, size - 1);
	else
		try_changes(&good[data[0] >> 1 & 1].text, data + 1, size - 1);
	/* The good ones stay good: nothing is kept between runs. */
	if (data[0] == 1)
		require(verify(good[0].text.data, good[0].text.len));
	return 0;
}
