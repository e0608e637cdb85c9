/* SPDX-License-Identifier: Apache-2.0 */
/* Input: a package.ini.  Property: whatever is accepted keeps its limits; the
 * project's own file has no canonical form to hold it against. */
#include "pack/package_ini.h"
#include "round_trip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct package_ini ini;
	struct err err;

	if (package_ini_parse((const char *)data, size, &ini, &err) < 0)
		return 0;
	require(ini.include.count <= PACKAGE_LIST_MAX);
	require(ini.info_count <= RELEASE_INFO_MAX);
	require(ini.app[0] == '\0' || name_is_app(ini.app, strlen(ini.app)));
	require(ini.memory <= SEQUENCE_MAX && ini.disk <= SEQUENCE_MAX);
	return 0;
}
