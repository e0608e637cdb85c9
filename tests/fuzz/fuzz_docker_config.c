/* SPDX-License-Identifier: Apache-2.0 */
/* Property: what is found says something, and no text of it is missing. */
#include "codec/docker_config.h"
#include "round_trip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_DOCKER_CREDENTIAL struct docker_credential got =
		DOCKER_CREDENTIAL_NONE;
	struct oci_reference reference;
	struct err err;

	require(oci_reference_parse("docker.io/a/b", &reference, &err) == 0);
	if (docker_config_find((const char *)data, size, &reference, &got,
	                       &err) != 1)
		return 0;
	require(got.user != NULL);
	require(got.password[0] != '\0' || got.identity_token[0] != '\0' ||
	        got.registry_token[0] != '\0' || got.helper[0] != '\0');
	return 0;
}
