/* SPDX-License-Identifier: Apache-2.0 */
/* The command line as a table.  One table per program feeds parsing, --help,
 * shell completion and the test that holds the man page against it. */
#ifndef BASE_OPTIONS_H
#define BASE_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

#define OPTIONS_PER_COMMAND_MAX 64

enum opt_count { OPT_ONCE, OPT_MANY };

/* One option; a table of them ends with a NULL name. */
struct opt {
	const char *name;     /* without the dashes; of one letter: "-u" */
	const char *argument; /* "DIR", or NULL for a switch */
	const char *help;     /* one line, lower case, no full stop */
	/* Put @value (NULL for a switch) into @request.  0, or -1 with
	 * ERR_USAGE; the option's name is added by the parser. */
	int (*take)(void *request, const char *value, struct err *err);
	enum opt_count count;
};

/* One command; a table of them ends with a NULL name. */
struct command {
	const char *name;
	const char *operands; /* "[VERSION]", or NULL */
	const char *help;     /* one line */
	const struct opt *options;
	size_t operands_min, operands_max;
	/* What the program makes of the command; the parser ignores it. */
	int (*run)(void *request, struct err *err);
};

struct program {
	const char *name;
	const char *summary; /* one line */
	const char *text;    /* paragraphs for --help, may be NULL */
	const struct command *commands;
	const struct opt *common; /* options that every command takes */
	/* The command when none is named; NULL makes that an error. */
	const struct command *implied;
};

/* What a command line asks for. */
struct invocation {
	const struct command *command; /* NULL: help on the program */
	bool wants_help;
	const char *const *operands; /* borrowed from argv */
	size_t operand_count;
};

/**
 * options_parse - read a command line.
 * @argv:    argv[0] is the program; operands are gathered at its front, so
 *           its order may change.
 * @request: handed to each option's take, in the order of the line.
 * @out:     written only on 0.
 *
 * Accepts "--name value", "--name=value", "-n value" for a name of one letter,
 * "--" and "-h"; no abbreviations.  The
 * first word that is the name of a command selects it.  Returns 0, or -1 with
 * ERR_USAGE naming the word; @request then holds those options that were
 * understood, also such as stand behind that word: so it is known how to tell.
 */
int options_parse(const struct program *program, int argc, const char **argv,
                  void *request, struct invocation *out,
                  struct err *err) MUST_CHECK;

/** options_help - append the help on @command, or on the program for NULL. */
int options_help(const struct program *program, const struct command *command,
                 struct buf *out, struct err *err) MUST_CHECK;

/** options_completion - append a completion script for bash. */
int options_completion(const struct program *program, struct buf *out,
                       struct err *err) MUST_CHECK;

#endif
