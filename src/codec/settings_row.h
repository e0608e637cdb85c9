/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of the configuration as tables, which feed reading and the file
 * that setup lays down.  Only settings*.c include this. */
#ifndef CODEC_SETTINGS_ROW_H
#define CODEC_SETTINGS_ROW_H

#include "codec/settings.h"

/* One key; those of a section stand together. */
struct settings_row {
	const char *section;
	const char *key;
	/* Put @value into @settings.  0, or -1 with ERR_USAGE or ERR_LIMIT. */
	int (*take)(struct settings *settings, const char *value,
	            struct err *err);
	const char *example; /* for the commented file */
	const char *help;
};

/* [source], [policy], [install], [activate], [health]; a row of NULLs ends it.
 */
extern const struct settings_row settings_install_rows[];

/* [check], [container], [host], [service]; the same. */
extern const struct settings_row settings_health_rows[];

#endif
