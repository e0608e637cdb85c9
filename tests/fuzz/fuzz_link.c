/* SPDX-License-Identifier: Apache-2.0 */
/* Property: what is found stands in the header between < and >. */
#include "codec/link.h"
#include "round_trip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char header[1024];
	char found[512];
	char quoted[sizeof found + 2];

	if (size >= sizeof header || memchr(data, '\0', size) != NULL)
		return 0;
	if (size > 0)
		memcpy(header, data, size);
	header[size] = '\0';
	if (!link_next(header, found, sizeof found))
		return 0;
	quoted[0] = '<';
	memcpy(quoted + 1, found, strlen(found));
	memcpy(quoted + 1 + strlen(found), ">", 2);
	require(strstr(header, quoted) != NULL);
	return 0;
}
