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
/* Who starts plugins gives them ten seconds, as NRPE does. */
#define TIMEOUT_NAGIOS 9

/* Texts are borrowed from argv; NULL where the option is absent. */
struct request {
	const char *app;
	const char *root;
	enum output_format format;
	enum report_color color; /* of text; what main found, no option */
	struct check_set only, skip;
	const char *only_text; /* what --only said */
	const char *output;    /* a file instead of standard output */
	unsigned timeout;      /* seconds of --timeout; 0: not given */
	enum gather_reach reach;
	bool wants_quick, wants_record;
	bool wants_fix;
	bool is_sure; /* --yes */
	bool is_quiet;
	bool wants_list;    /* --list, which is the command list */
	bool wants_version; /* --version, the same */
};

#define REQUEST_DEFAULT ((struct request){ .root = "/", .only = CHECK_SET_ALL })

/** request_is_quick - --quick, or what implies it. */
bool request_is_quick(const struct request *request);

/** request_timeout - seconds until there must be a verdict: --timeout, or what
 * --format nagios implies; 0: there is no limit. */
unsigned request_timeout(const struct request *request);

/**
 * request_set - the checks that are asked for.
 * @out: written only on 0.  -1 with ERR_USAGE where --skip leaves none: a
 *       verdict on nothing would be ok.
 */
int request_set(const struct request *request, struct check_set *out,
                struct err *err) MUST_CHECK;

/**
 * request_depth - how files are to be judged: --quick, which --format nagios
 * implies, --record, or in full.
 * @out: written only on 0.  -1 with ERR_USAGE for what does not go together.
 */
int request_depth(const struct request *request, enum gather_depth *out,
                  struct err *err) MUST_CHECK;

extern const struct program check_program;

#endif
