/* SPDX-License-Identifier: Apache-2.0 */
/* Properties: reading twice gives the same value, a refused text leaves it
 * untouched, and what is accepted keeps the limits of the header. */
#include "codec/settings.h"
#include "round_trip.h"

#define MARK 0x5a

static void require_words(const struct settings_words *words)
{
	require(words->count <= SETTINGS_WORDS_MAX);
	for (size_t i = 0; i < words->count; i++) {
		const char *word = settings_word(words, i);
		size_t left = sizeof words->text - words->at[i];

		require(memchr(word, '\0', left) != NULL && word[0] != '\0');
	}
}

static void require_limits(const struct settings *settings)
{
	require(settings->threshold >= 1 &&
	        settings->threshold <= SETTINGS_THRESHOLD_MAX);
	require(settings->keep >= 1 && settings->keep <= SETTINGS_KEEP_MAX);
	require(settings->timeout >= 1 &&
	        settings->timeout <= SETTINGS_TIMEOUT_MAX);
	require(settings->key_count <= SETTINGS_KEYS_MAX);
	require(settings->require != 0 && settings->require < 8);
	require(settings->identity_count <= IDENTITIES_MAX);
	require(settings->root_count <= ROOTS_MAX);
	for (size_t i = 0; i < settings->identity_count; i++) {
		struct err err;

		require(settings_check_identity(&settings->identities[i],
		                                &err) == 0);
	}
	for (size_t i = 0; i < settings->root_count; i++)
		require(settings->roots[i].require != 0);
	require_words(&settings->restart);
	require_words(&settings->command);
	require_words(&settings->ignore);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct settings first, second;
	const char *text = (const char *)data;
	struct err err;

	memset(&first, MARK, sizeof first);
	memset(&second, MARK, sizeof second);
	if (settings_parse(text, size, &first, &err) == 0) {
		require_limits(&first);
		require(settings_parse(text, size, &second, &err) == 0);
	}
	require(memcmp(&first, &second, sizeof first) == 0);
	return 0;
}
