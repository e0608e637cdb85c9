/* SPDX-License-Identifier: Apache-2.0 */
/* Properties: what is accepted keeps the limits; each release's assets are its
 * own, and each asset is found by its name.  The first byte chooses the kind.
 */
#include "codec/github_release.h"
#include "round_trip.h"

static void check_asset(const struct github_answer *answer, size_t at)
{
	const struct github_asset *asset = &answer->assets[at];
	const struct github_asset *found =
		github_find_asset(answer, NULL, asset->name);

	require(asset->id <= GITHUB_ID_MAX && asset->size <= GITHUB_SIZE_MAX);
	require(asset->name[0] != '\0' && strchr(asset->name, '/') == NULL);
	require(found != NULL && found <= asset);
}

static void check_releases(const struct github_answer *answer)
{
	size_t next = 0;

	for (size_t i = 0; i < answer->release_count; i++) {
		const struct github_release *release = &answer->releases[i];

		require(release->first == next);
		require(release->count <= GITHUB_ASSETS_MAX);
		require(release->tag[0] != '\0' && release->published >= -1);
		next += release->count;
	}
	require(answer->release_count == 0 || next == answer->asset_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_GITHUB_ANSWER struct github_answer answer = GITHUB_ANSWER_NONE;
	char message[GITHUB_MESSAGE_SIZE];
	struct err err;

	if (size == 0)
		return 0;
	github_message((const char *)data + 1, size - 1, message);
	require(strlen(message) < sizeof message);
	if (github_answer_parse((enum github_answer_kind)(data[0] % 4),
	                        (const char *)data + 1, size - 1, &answer,
	                        &err) < 0)
		return 0;
	require(answer.release_count <= GITHUB_RELEASES_MAX);
	for (size_t i = 0; i < answer.asset_count; i++)
		check_asset(&answer, i);
	check_releases(&answer);
	return 0;
}
