/* SPDX-License-Identifier: Apache-2.0 */
/* Property: what was read, written again, is read as the same. */
#include <stdio.h>

#include "codec/oci_reference.h"
#include "round_trip.h"

#define TEXT_SIZE 1024

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct oci_reference first, second;
	char text[TEXT_SIZE];
	char digest[OCI_DIGEST_SIZE];
	struct err err;

	if (size >= sizeof text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	memset(&first, 0, sizeof first);
	memset(&second, 0, sizeof second);
	if (oci_reference_parse(text, &first, &err) < 0)
		return 0;
	oci_digest_text(first.digest, digest);
	(void)snprintf(text, sizeof text, "%s/%s%s%s%s%s", first.registry,
	               first.repository, first.tag[0] != '\0' ? ":" : "",
	               first.tag, first.has_digest ? "@" : "",
	               first.has_digest ? digest : "");
	/* "library/" may have made it longer than a name may be. */
	if (strlen(first.registry) + 1 + strlen(first.repository) >
	    OCI_NAME_MAX)
		return 0;
	require(oci_reference_parse(text, &second, &err) == 0);
	require(memcmp(&first, &second, sizeof first) == 0);
	return 0;
}
