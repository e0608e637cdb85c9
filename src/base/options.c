/* SPDX-License-Identifier: Apache-2.0 */
#include "base/options.h"

#include <stdint.h>
#include <string.h>

#define HELP_COLUMN 30 /* where the explanations begin */

/* Where the parser stands on the line. */
struct line {
	const struct program *program;
	const struct command *command;
	void *request;
	const char **argv;
	int argc;
	int at;               /* the word that is looked at */
	size_t operands;      /* gathered so far, from argv[1] on */
	uint64_t seen_own;    /* bits of the command's table */
	uint64_t seen_common; /* bits of the program's table */
	bool wants_help;
};

static const struct command *find_command(const struct program *program,
                                          const char *word)
{
	for (const struct command *c = program->commands;
	     c != NULL && c->name != NULL; c++)
		if (strcmp(c->name, word) == 0)
			return c;
	return NULL;
}

/* Which option of @table has this name (of @len bytes); NULL for none. */
static const struct opt *find_option(const struct opt *table, const char *name,
                                     size_t len)
{
	for (const struct opt *o = table; o != NULL && o->name != NULL; o++)
		if (strlen(o->name) == len && memcmp(o->name, name, len) == 0)
			return o;
	return NULL;
}

/* A name of one letter has one dash. */
static const char *dashes(const struct opt *option)
{
	return option->name[1] == '\0' ? "-" : "--";
}

static int take_once(uint64_t *seen, const struct opt *table,
                     const struct opt *option, struct err *err)
{
	size_t number = (size_t)(option - table);
	uint64_t bit = (uint64_t)1 << (number % OPTIONS_PER_COMMAND_MAX);

	if (option->count == OPT_ONCE && (*seen & bit) != 0)
		return err_set(err, ERR_USAGE, 0, "%s%s is given twice",
		               dashes(option), option->name);
	*seen |= bit;
	return 0;
}

static const struct opt *recognise(struct line *line, const char *name,
                                   size_t len, struct err *err)
{
	const struct opt *own = line->command->options;
	const struct opt *option = find_option(own, name, len);
	int taken;

	if (option != NULL) {
		taken = take_once(&line->seen_own, own, option, err);
		return taken < 0 ? NULL : option;
	}
	option = find_option(line->program->common, name, len);
	if (option != NULL) {
		taken = take_once(&line->seen_common, line->program->common,
		                  option, err);
		return taken < 0 ? NULL : option;
	}
	(void)err_set(err, ERR_USAGE, 0,
	              "unknown option '--%.*s'; see %s %s --help", (int)len,
	              name, line->program->name, line->command->name);
	return NULL;
}

/* Hand over the option at line->at, whose value may be the next word. */
static int give_option(struct line *line, const struct opt *option,
                       const char *value, struct err *err)
{
	if (option->argument == NULL && value != NULL)
		return err_set(err, ERR_USAGE, 0, "%s%s takes no value",
		               dashes(option), option->name);
	if (option->argument != NULL && value == NULL) {
		if (line->at + 1 >= line->argc)
			return err_set(err, ERR_USAGE, 0,
			               "%s%s needs a value: %s%s %s",
			               dashes(option), option->name,
			               dashes(option), option->name,
			               option->argument);
		value = line->argv[++line->at];
	}
	if (option->take(line->request, value, err) < 0)
		return err_wrap(err, "%s%s", dashes(option), option->name);
	return 0;
}

/* "--name", "--name=value" */
static int take_option(struct line *line, struct err *err)
{
	const char *name = line->argv[line->at] + 2;
	const char *equals = strchr(name, '=');
	size_t len = equals != NULL ? (size_t)(equals - name) : strlen(name);
	const char *value = equals != NULL ? equals + 1 : NULL;
	const struct opt *option;

	if (len == 1) /* "--u" is not "-u" */
		return err_set(err, ERR_USAGE, 0,
		               "unknown option '%s'; see %s %s --help",
		               line->argv[line->at], line->program->name,
		               line->command->name);
	option = recognise(line, name, len, err);
	return option != NULL ? give_option(line, option, value, err) : -1;
}

/* "-u" */
static int take_letter(struct line *line, struct err *err)
{
	const char *word = line->argv[line->at];
	const struct opt *option = NULL;

	if (word[2] == '\0' && line->command != NULL)
		option = find_option(line->command->options, word + 1, 1);
	if (option == NULL)
		return err_set(err, ERR_USAGE, 0,
		               "unknown option '%s'; see %s --help", word,
		               line->program->name);
	option = recognise(line, word + 1, 1, err);
	return option != NULL ? give_option(line, option, NULL, err) : -1;
}

static int take_word(struct line *line, struct err *err)
{
	const char *word = line->argv[line->at];

	if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
		line->wants_help = true;
		return 0;
	}
	if (strncmp(word, "--", 2) == 0)
		return take_option(line, err);
	if (word[0] == '-' && word[1] != '\0')
		return take_letter(line, err);
	/* "program --common option command": the command was implied so far. */
	if (line->command == line->program->implied && line->operands == 0 &&
	    line->seen_own == 0 && find_command(line->program, word) != NULL) {
		line->command = find_command(line->program, word);
		return 0;
	}
	line->argv[1 + line->operands++] = word;
	return 0;
}

/* The command is the first word, or implied; behind common options it may
 * still be named (take_word). */
static int select_command(struct line *line, struct err *err)
{
	const char *word = line->argc > 1 ? line->argv[1] : NULL;

	line->at = 1;
	if (word == NULL || word[0] == '-') {
		line->command = line->program->implied;
		if (word != NULL &&
		    (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0))
			line->wants_help = true;
		if (line->command == NULL && !line->wants_help)
			return err_set(err, ERR_USAGE, 0,
			               "no command; see %s --help",
			               line->program->name);
		return 0;
	}
	line->command = find_command(line->program, word);
	if (line->command == NULL)
		return err_set(err, ERR_USAGE, 0,
		               "unknown command '%s'; see %s --help", word,
		               line->program->name);
	line->at = 2;
	return 0;
}

static int check_operands(const struct line *line, struct err *err)
{
	const struct command *command = line->command;

	if (line->operands < command->operands_min)
		return err_set(err, ERR_USAGE, 0, "usage: %s %s %s",
		               line->program->name, command->name,
		               command->operands);
	if (line->operands > command->operands_max)
		return err_set(err, ERR_USAGE, 0,
		               "'%s' is one word too many; see %s %s --help",
		               line->argv[1 + command->operands_max],
		               line->program->name, command->name);
	return 0;
}

/* What stands behind a wrong word: it may say how errors are to be told. */
static void take_rest(struct line *line)
{
	struct err later;

	if (line->command == NULL)
		line->command = line->program->implied;
	for (line->at++; line->command != NULL && line->at < line->argc &&
	                 strcmp(line->argv[line->at], "--") != 0;
	     line->at++)
		if (take_word(line, &later) < 0)
			continue; /* the first error is the one to tell */
}

int options_parse(const struct program *program, int argc, const char **argv,
                  void *request, struct invocation *out, struct err *err)
{
	struct line line = { .program = program,
		             .request = request,
		             .argv = argv,
		             .argc = argc };
	bool is_literal = false; /* behind "--" */

	if (select_command(&line, err) < 0) {
		take_rest(&line);
		return -1;
	}
	if (line.wants_help) { /* before any command: the program's */
		*out = (struct invocation){ .wants_help = true };
		return 0;
	}
	for (; line.at < argc; line.at++) {
		if (is_literal)
			argv[1 + line.operands++] = argv[line.at];
		else if (strcmp(argv[line.at], "--") == 0)
			is_literal = true;
		else if (take_word(&line, err) < 0) {
			take_rest(&line);
			return -1;
		}
		if (line.wants_help)
			break;
	}
	if (!line.wants_help && check_operands(&line, err) < 0)
		return -1;
	*out = (struct invocation){ .command = line.command,
		                    .wants_help = line.wants_help,
		                    .operands = argv + 1,
		                    .operand_count = line.operands };
	return 0;
}

static int help_line(const char *left, size_t len, const char *help,
                     struct buf *out, struct err *err)
{
	int pad = len + 4 < HELP_COLUMN ? (int)(HELP_COLUMN - len - 2) : 0;

	if (pad == 0)
		return buf_printf(out, err, "  %s\n%*s%s\n", left, HELP_COLUMN,
		                  "", help);
	return buf_printf(out, err, "  %s%*s%s\n", left, pad, "", help);
}

static int help_options(const char *title, const struct opt *table,
                        struct buf *out, struct err *err)
{
	if (table == NULL || table->name == NULL)
		return 0;
	if (buf_printf(out, err, "\n%s:\n", title) < 0)
		return -1;
	for (const struct opt *o = table; o->name != NULL; o++) {
		AUTO_BUF struct buf left = BUF_NONE;

		if (buf_printf(&left, err, "%s%s%s%s", dashes(o), o->name,
		               o->argument != NULL ? " " : "",
		               o->argument != NULL ? o->argument : "") < 0 ||
		    help_line(buf_text(&left), left.len, o->help, out, err) < 0)
			return -1;
	}
	return 0;
}

static int help_commands(const struct program *program, struct buf *out,
                         struct err *err)
{
	if (buf_adds(out, "\nCommands:\n", err) < 0)
		return -1;
	for (const struct command *c = program->commands; c->name != NULL;
	     c++) {
		AUTO_BUF struct buf left = BUF_NONE;

		if (buf_printf(&left, err, "%s%s%s", c->name,
		               c->operands != NULL ? " " : "",
		               c->operands != NULL ? c->operands : "") < 0 ||
		    help_line(buf_text(&left), left.len, c->help, out, err) < 0)
			return -1;
	}
	return buf_printf(out, err, "\n\"%s COMMAND --help\" explains one.\n",
	                  program->name);
}

int options_help(const struct program *program, const struct command *command,
                 struct buf *out, struct err *err)
{
	const char *text = program->text != NULL ? program->text : "";

	if (command == NULL) {
		if (buf_printf(out, err, "%s - %s\n\nUsage: %s %s\n%s",
		               program->name, program->summary, program->name,
		               program->implied != NULL ? "[COMMAND] [OPTIONS]"
		                                        : "COMMAND [OPTIONS]",
		               text) < 0 ||
		    (program->commands != NULL &&
		     program->commands->name != NULL &&
		     help_commands(program, out, err) < 0))
			return -1;
		if (program->implied != NULL &&
		    help_options(program->implied->name,
		                 program->implied->options, out, err) < 0)
			return -1;
		return help_options("Options of every command", program->common,
		                    out, err);
	}
	if (buf_printf(
		    out, err, "%s %s - %s\n\nUsage: %s %s [OPTIONS]%s%s\n",
		    program->name, command->name, command->help, program->name,
		    command->name, command->operands != NULL ? " " : "",
		    command->operands != NULL ? command->operands : "") < 0 ||
	    help_options("Options", command->options, out, err) < 0)
		return -1;
	return help_options("Options of every command", program->common, out,
	                    err);
}

static int complete_words(const struct opt *table, struct buf *out,
                          struct err *err)
{
	for (const struct opt *o = table; o != NULL && o->name != NULL; o++)
		if (buf_printf(out, err, " %s%s", dashes(o), o->name) < 0)
			return -1;
	return 0;
}

static int complete_case(const struct program *program,
                         const struct command *command, const char *pattern,
                         struct buf *out, struct err *err)
{
	if (buf_printf(out, err, "\t%s) words='--help", pattern) < 0 ||
	    complete_words(command->options, out, err) < 0 ||
	    complete_words(program->common, out, err) < 0)
		return -1;
	return buf_adds(out, "' ;;\n", err);
}

int options_completion(const struct program *program, struct buf *out,
                       struct err *err)
{
	if (buf_printf(out, err,
	               "# bash completion for %s; generated from its table of "
	               "options\n_%s() {\n\tlocal words=\n\tcase "
	               "${COMP_WORDS[1]} in\n",
	               program->name, program->name) < 0)
		return -1;
	for (const struct command *c = program->commands;
	     c != NULL && c->name != NULL; c++)
		if (complete_case(program, c, c->name, out, err) < 0)
			return -1;
	if (program->implied != NULL &&
	    complete_case(program, program->implied, "-*", out, err) < 0)
		return -1;
	if (buf_adds(out,
	             "\tesac\n\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n"
	             "\t\twords=\"$words",
	             err) < 0)
		return -1;
	for (const struct command *c = program->commands;
	     c != NULL && c->name != NULL; c++)
		if (buf_printf(out, err, " %s", c->name) < 0)
			return -1;
	return buf_printf(out, err,
	                  "\"\n\tfi\n\tmapfile -t COMPREPLY < <(compgen -W "
	                  "\"$words\" -- \"$2\")\n}\ncomplete -o default -F "
	                  "_%s %s\n",
	                  program->name, program->name);
}
