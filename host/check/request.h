/* SPDX-License-Identifier: Apache-2.0 */
/* What a command line of check-health asks for, and the table it is read by. */
#ifndef CHECK_REQUEST_H
#define CHECK_REQUEST_H

#include <stdbool.h>

#include "base/options.h"
#include "health/check_id.h"
#include "health/gather.h"
#include "health/report.h"

enum output_format {
	OUTPUT_TEXT,
	OUTPUT_JSON,
	OUTPUT_NAGIOS,
	OUTPUT_PROMETHEUS
};

#define TIMEOUT_MAX 86400 /* seconds */

/* Texts are borrowed from argv; NULL where the option is absent. */
struct request {
	const char *app;
	const char *root;
	enum output_format format;
	enum report_color color; /* of text; what main found, no option */
	struct check_set only, skip;
	const char *output; /* a file instead of standard output */
	unsigned timeout;   /* seconds until there must be a verdict; 0: none */
	enum gather_reach reach;
	bool is_quiet;
	bool wants_list;    /* --list, which is the command list */
	bool wants_version; /* --version, the same */
};

#define REQUEST_DEFAULT ((struct request){ .root = "/", .only = CHECK_SET_ALL })

extern const struct program check_program;

#endif
