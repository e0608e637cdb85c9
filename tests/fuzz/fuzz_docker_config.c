/* SPDX-License-Identifier: Apache-2.0 */
/* Properties: what is found says something, and no text of it is missing; what
 * can be read can be written with one entry more, which is then there. */
#include "codec/docker_config.h"
#include "round_trip.h"

static void require_written(const uint8_t *data, size_t size,
                            const struct oci_reference *reference)
{
	AUTO_DOCKER_CREDENTIAL struct docker_credential got =
		DOCKER_CREDENTIAL_NONE;
	AUTO_BUF struct buf set = BUF_NONE;
	AUTO_BUF struct buf removed = BUF_NONE;
	struct err err;

	if (docker_config_set((const char *)data, size, reference, "u", "p",
	                      &set, &err) < 0)
		return;
	if (set.len > DOCKER_CONFIG_MAX)
		return;
	require(docker_config_find(set.data, set.len, reference, &got, &err) ==
	        1);
	require(docker_config_remove(set.data, set.len, reference, &removed,
	                             &err) == 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_DOCKER_CREDENTIAL struct docker_credential got =
		DOCKER_CREDENTIAL_NONE;
	struct oci_reference reference;
	struct err err;

	require(oci_reference_parse("docker.io/a/b", &reference, &err) == 0);
	require_written(data, size, &reference);
	if (docker_config_find((const char *)data, size, &reference, &got,
	                       &err) != 1)
		return 0;
	require(got.user != NULL);
	require(got.password[0] != '\0' || got.identity_token[0] != '\0' ||
	        got.registry_token[0] != '\0' || got.helper[0] != '\0');
	return 0;
}
