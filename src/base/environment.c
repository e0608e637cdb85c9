/* SPDX-License-Identifier: Apache-2.0 */
#include "base/environment.h"

#include <stddef.h>
#include <string.h>

const char *environment_find(const char *const *environment, const char *name)
{
	size_t len = strlen(name);

	for (; environment != NULL && *environment != NULL; environment++)
		if (strncmp(*environment, name, len) == 0 &&
		    (*environment)[len] == '=')
			return *environment + len + 1;
	return NULL;
}
