/* SPDX-License-Identifier: Apache-2.0 */
#include "provenance.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"
#include "say.h"

#define HEX     "0123456789abcdef"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS  "0123456789"

void provenance_facts_done(struct provenance_facts *facts)
{
	for (size_t i = 0; i < facts->text_count; i++)
		free(facts->texts[i]);
	facts->text_count = 0;
}

/* A text of its own for a piece of another; NULL without memory. */
static const char *keep(struct provenance_facts *facts, const char *text,
                        size_t len, struct err *err)
{
	char *kept = facts->text_count < PROVENANCE_TEXTS_MAX
	                     ? strndup(text, len)
	                     : NULL;

	if (kept == NULL)
		(void)err_nomem(err);
	else
		facts->texts[facts->text_count++] = kept;
	return kept;
}

/* NULL for what CI does not say. */
static const char *known(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

/* --- options ----------------------------------------------------------------
 */

static bool is_word(const char *text, size_t len)
{
	return len > 0 && strspn(text, LETTERS DIGITS "._-") >= len;
}

static int add_parameter(struct provenance_facts *facts, const char *option,
                         struct err *err)
{
	struct build_pairs *pairs = &facts->build.parameters;
	const char *equals = strchr(option, '=');
	const char *name;

	if (equals == NULL || !is_word(option, (size_t)(equals - option)) ||
	    !text_is_printable(equals + 1, strlen(equals + 1)))
		return err_set(err, ERR_USAGE, 0,
		               "--parameter: '%s' is not NAME=VALUE", option);
	if (pairs->count == BUILD_PAIRS_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d of --parameter",
		               BUILD_PAIRS_MAX);
	name = keep(facts, option, (size_t)(equals - option), err);
	if (name == NULL)
		return -1;
	for (size_t i = 0; i < pairs->count; i++)
		if (strcmp(pairs->at[i].name, name) == 0)
			return err_set(err, ERR_USAGE, 0,
			               "--parameter: '%s' is given twice",
			               name);
	pairs->at[pairs->count++] = (struct build_pair){ name, equals + 1 };
	return 0;
}

static int push_dependency(struct provenance_facts *facts,
                           struct build_dependency dependency, struct err *err)
{
	struct build_facts *build = &facts->build;

	if (build->dependency_count == BUILD_DEPENDENCIES_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d dependencies",
		               BUILD_DEPENDENCIES_MAX);
	build->dependencies[build->dependency_count++] = dependency;
	return 0;
}

/* "URI=ALGORITHM:HEX"; a URI may hold '=' and ':' itself. */
static int add_dependency(struct provenance_facts *facts, const char *option,
                          struct err *err)
{
	const char *equals = strrchr(option, '=');
	const char *colon = equals != NULL ? strchr(equals, ':') : NULL;
	struct build_dependency made;

	if (colon == NULL || equals == option ||
	    !text_is_printable(option, strlen(option)) ||
	    !is_word(equals + 1, (size_t)(colon - equals - 1)) ||
	    colon[1] == '\0' || strspn(colon + 1, HEX) != strlen(colon + 1))
		return err_set(err, ERR_USAGE, 0,
		               "--dependency: '%s' is not URI=ALGORITHM:HEX, "
		               "such as https://example.org/x.tar.gz=sha256:"
		               "01ab...",
		               option);
	made.uri = keep(facts, option, (size_t)(equals - option), err);
	if (made.uri == NULL)
		return -1;
	made.algorithm =
		keep(facts, equals + 1, (size_t)(colon - equals - 1), err);
	made.digest = colon + 1;
	return made.algorithm == NULL ? -1 : push_dependency(facts, made, err);
}

static int add_options(const struct request *request,
                       struct provenance_facts *facts, struct err *err)
{
	for (size_t i = 0; i < request->parameters.count; i++)
		if (add_parameter(facts, request->parameters.at[i], err) < 0)
			return -1;
	for (size_t i = 0; i < request->dependencies.count; i++)
		if (add_dependency(facts, request->dependencies.at[i], err) < 0)
			return -1;
	return 0;
}

/* --- times ------------------------------------------------------------------
 */

static int check_time(const char *what, const char *text, int64_t *out,
                      struct err *err)
{
	if (clock_parse(text, strlen(text), out, err) < 0)
		return err_set(err, ERR_USAGE, 0,
		               "%s: '%s' is no time such as "
		               "2026-01-02T03:04:05Z",
		               what, text);
	return 0;
}

static int take_times(const struct request *request,
                      struct provenance_facts *facts, struct err *err)
{
	struct build_facts *build = &facts->build;
	int64_t started = 0;
	int64_t finished = CLOCK_MAX;

	build->started = request->started != NULL ? request->started
	                                          : known(facts->ci.started);
	build->finished = request->finished;
	if (build->started != NULL &&
	    check_time(request->started != NULL ? "--started-on"
	                                        : "$CI_JOB_STARTED_AT",
	               build->started, &started, err) < 0)
		return -1;
	if (build->finished != NULL &&
	    check_time("--finished-on", build->finished, &finished, err) < 0)
		return -1;
	if (finished < started)
		return err_set(err, ERR_USAGE, 0,
		               "the build ended (%s) before it began (%s)",
		               build->finished, build->started);
	return 0;
}

/* --- source -----------------------------------------------------------------
 */

static bool is_commit(const char *text)
{
	size_t len = strlen(text);

	return (len == 40 || len == 64) && strspn(text, HEX) == len;
}

/* "git+REPOSITORY[@REF]"; NULL, with nothing in @err, for a repository that is
 * no URL ("git@host:path", a folder). */
static int make_uri(struct provenance_facts *facts, const char *repository,
                    const char *ref, const char **out, struct err *err)
{
	AUTO_BUF struct buf uri = BUF_LIMIT((size_t)4 * CI_TEXT_SIZE);

	*out = NULL;
	if (strstr(repository, "://") == NULL)
		return 0;
	if (buf_printf(&uri, err, "git+%s%s%s", repository,
	               ref[0] != '\0' ? "@" : "", ref) < 0)
		return -1;
	*out = keep(facts, buf_text(&uri), uri.len, err);
	return *out == NULL ? -1 : 0;
}

static int add_source(const struct release_ini *release,
                      struct provenance_facts *facts, struct err *err)
{
	const struct ci_facts *ci = &facts->ci;
	const char *packed =
		is_commit(release->revision) ? release->revision : "";
	const char *commit = packed[0] != '\0' ? packed : ci->commit;
	bool is_of_ci =
		ci->repository[0] != '\0' && strcmp(commit, ci->commit) == 0;
	struct build_dependency source = { .algorithm = "gitCommit",
		                           .digest = commit };

	if (release->revision[0] != '\0' && packed[0] == '\0')
		warn_user("release.ini says that the source differed from its "
		          "commit ('%s')",
		          release->revision);
	if (commit[0] == '\0')
		return 0;
	if (make_uri(facts, is_of_ci ? ci->repository : release->repository,
	             is_of_ci ? ci->ref : "", &source.uri, err) < 0)
		return -1;
	return push_dependency(facts, source, err);
}

/* ----------------------------------------------------------------------------
 */

static int take_builder(const struct request *request,
                        struct provenance_facts *facts, struct err *err)
{
	const char *builder = request->builder != NULL
	                              ? request->builder
	                              : known(facts->ci.builder);

	if (builder == NULL)
		return err_set(err, ERR_USAGE, 0,
		               "no variable of CI names what built this: name "
		               "it with --builder URI, or leave provenance out "
		               "with --statement sbom");
	if (!text_is_printable(builder, strlen(builder)) ||
	    strchr(builder, ':') == NULL)
		return err_set(err, ERR_USAGE, 0, "--builder: '%s' is no URI",
		               builder);
	facts->build.builder = builder;
	return 0;
}

int provenance_gather(const struct request *request,
                      const struct release_ini *release,
                      struct provenance_facts *out, struct err *err)
{
	struct build_facts *build = &out->build;
	const struct ci_facts *ci = &out->ci;

	if (ci_look(request->environment, &out->ci, err) < 0 ||
	    take_builder(request, out, err) < 0 ||
	    take_times(request, out, err) < 0 ||
	    add_source(release, out, err) < 0 ||
	    add_options(request, out, err) < 0)
		return -1;
	build->app = release->app;
	build->version = release->version;
	build->platform = known(release->platform);
	build->repository = known(ci->workflow_repository);
	build->ref = known(ci->workflow_ref);
	build->path = known(ci->path);
	build->system = ci->system;
	build->internal = ci->internal;
	build->invocation = known(ci->invocation);
	return 0;
}
