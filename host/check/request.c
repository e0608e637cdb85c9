/* SPDX-License-Identifier: Apache-2.0 */
#include "request.h"

#include <string.h>

#include "base/text.h"
#include "codec/name.h"
#include "commands.h"

static int take_app(void *context, const char *value, struct err *err)
{
	struct request *request = context;

	if (!name_is_app(value, strlen(value)))
		return err_set(err, ERR_USAGE, 0, "'%s' is no name of an app",
		               value);
	request->app = value;
	return 0;
}

static int take_root(void *context, const char *value, struct err *err)
{
	struct request *request = context;

	if (value[0] == '\0')
		return err_set(err, ERR_USAGE, 0, "the value is empty");
	request->root = value;
	return 0;
}

static int take_format(void *context, const char *value, struct err *err)
{
	static const char *const formats[] = {
		[OUTPUT_TEXT] = "text",
		[OUTPUT_JSON] = "json",
		[OUTPUT_NAGIOS] = "nagios",
		[OUTPUT_PROMETHEUS] = "prometheus",
	};
	struct request *request = context;

	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
		if (strcmp(value, formats[i]) != 0)
			continue;
		request->format = (enum output_format)i;
		return 0;
	}
	return err_set(err, ERR_USAGE, 0,
	               "'%s' is not one of text, json, nagios, prometheus",
	               value);
}

static int take_json(void *context, const char *value, struct err *err)
{
	(void)value;
	return take_format(context, "json", err);
}

static int take_only(void *context, const char *value, struct err *err)
{
	struct request *request = context;

	request->only_text = value;
	return check_set_parse(value, &request->only, err);
}

static int take_skip(void *context, const char *value, struct err *err)
{
	return check_set_parse(value, &((struct request *)context)->skip, err);
}

static int take_online(void *context, const char *value, struct err *err)
{
	(void)value;
	(void)err;
	((struct request *)context)->reach = GATHER_ONLINE;
	return 0;
}

static int take_output(void *context, const char *value, struct err *err)
{
	if (value[0] == '\0')
		return err_set(err, ERR_USAGE, 0, "the value is empty");
	((struct request *)context)->output = value;
	return 0;
}

static int take_timeout(void *context, const char *value, struct err *err)
{
	struct request *request = context;
	uint64_t seconds;

	if (text_u64(value, strlen(value), TIMEOUT_MAX, &seconds, err) < 0 ||
	    seconds == 0)
		return err_set(err, ERR_USAGE, 0,
		               "'%s' is not a number from 1 to %d", value,
		               TIMEOUT_MAX);
	request->timeout = (unsigned)seconds;
	return 0;
}

static int take_quick(void *context, const char *value, struct err *err)
{
	(void)value;
	(void)err;
	((struct request *)context)->wants_quick = true;
	return 0;
}

static int take_record(void *context, const char *value, struct err *err)
{
	(void)value;
	(void)err;
	((struct request *)context)->wants_record = true;
	return 0;
}

static int take_fix(void *context, const char *value, struct err *err)
{
	(void)value;
	(void)err;
	((struct request *)context)->wants_fix = true;
	return 0;
}

static int take_yes(void *context, const char *value, struct err *err)
{
	(void)value;
	(void)err;
	((struct request *)context)->is_sure = true;
	return 0;
}

static int take_quiet(void *context, const char *value, struct err *err)
{
	(void)value;
	(void)err;
	((struct request *)context)->is_quiet = true;
	return 0;
}

static int take_list(void *context, const char *value, struct err *err)
{
	(void)value;
	(void)err;
	((struct request *)context)->wants_list = true;
	return 0;
}

static int take_version(void *context, const char *value, struct err *err)
{
	(void)value;
	(void)err;
	((struct request *)context)->wants_version = true;
	return 0;
}

bool request_is_quick(const struct request *request)
{
	return request->wants_quick || request->format == OUTPUT_NAGIOS;
}

unsigned request_timeout(const struct request *request)
{
	if (request->timeout > 0)
		return request->timeout;
	return request->format == OUTPUT_NAGIOS ? TIMEOUT_NAGIOS : 0;
}

int request_set(const struct request *request, struct check_set *out,
                struct err *err)
{
	const struct check_set set =
		check_set_without(request->only, request->skip);

	if (check_set_is_empty(set))
		return err_set(err, ERR_USAGE, 0,
		               "--skip leaves none of the checks");
	*out = set;
	return 0;
}

int request_depth(const struct request *request, enum gather_depth *out,
                  struct err *err)
{
	const struct check_set set =
		check_set_without(request->only, request->skip);
	bool is_quick = request_is_quick(request);

	if (request->wants_record && is_quick)
		return err_set(err, ERR_USAGE, 0,
		               "--record is of a full check, and %s is not",
		               request->wants_quick ? "--quick"
		                                    : "--format nagios");
	if (request->wants_record && !check_set_has(set, CHECK_RELEASE_TREE))
		return err_set(err, ERR_USAGE, 0,
		               "--record needs the check release.tree");
	*out = request->wants_record ? GATHER_RECORD
	       : is_quick            ? GATHER_QUICK
	                             : GATHER_FULL;
	return 0;
}

#define END                                                                    \
	{                                                                      \
		NULL, NULL, NULL, NULL, OPT_ONCE                               \
	}

static const struct opt check_options[] = {
	{ "app", "NAME", "look at this app only (default: all)", take_app,
	  OPT_ONCE },
	{ "root", "DIR", "look below DIR instead of /", take_root, OPT_ONCE },
	{ "format", "text|json|nagios|prometheus",
	  "how to print (default: text)", take_format, OPT_ONCE },
	{ "json", NULL, "the same as --format json", take_json, OPT_ONCE },
	{ "only", "IDS", "run these checks only; ids parted by commas",
	  take_only, OPT_ONCE },
	{ "skip", "IDS", "run all but these", take_skip, OPT_ONCE },
	{ "online", NULL, "also ask what lies outside this host", take_online,
	  OPT_ONCE },
	{ "quick", NULL, "read only files that are not as on record",
	  take_quick, OPT_ONCE },
	{ "record", NULL, "put on record what a full check finds as signed",
	  take_record, OPT_ONCE },
	{ "fix", NULL, "mend what is safe to mend, then look again", take_fix,
	  OPT_ONCE },
	{ "yes", NULL, "let --fix do so without asking", take_yes, OPT_ONCE },
	{ "quiet", NULL, "print nothing when all is well, else the faults",
	  take_quiet, OPT_ONCE },
	{ "output", "FILE", "write the report there, whole or not at all",
	  take_output, OPT_ONCE },
	{ "timeout", "SECONDS", "be unknown if there is no verdict by then",
	  take_timeout, OPT_ONCE },
	{ "list", NULL, "the same as the command list", take_list, OPT_ONCE },
	{ "version", NULL, "the same as the command version", take_version,
	  OPT_ONCE },
	END,
};

static const struct opt no_options[] = { END };

static const struct command commands[] = {
	{ "check", NULL, "look at what is installed; need not be named",
	  check_options, 0, 0, command_check },
	{ "list", NULL, "print the ids of the checks", no_options, 0, 0,
	  command_list },
	{ "completion", NULL, "print a completion script for bash", no_options,
	  0, 0, command_completion },
	{ "version", NULL, "print the version", no_options, 0, 0,
	  command_version },
	{ NULL, NULL, NULL, NULL, 0, 0, NULL },
};

const struct program check_program = {
	.name = "check-health",
	.summary = "say whether installed releases are what was signed",
	.text = "\nExit status: 0 ok, 1 warning, 2 critical, 3 unknown.\n",
	.commands = commands,
	.common = no_options,
	.implied = &commands[0],
};
