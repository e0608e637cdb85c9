/* SPDX-License-Identifier: Apache-2.0 */
/* Where to publish: what --to or package.ini name; else a repository for each
 * pack below registry/org/repo. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "publish_settings_own.h"

/* What stands for the owner in a dry run that nobody told. */
#define OWNER_UNKNOWN "owner"
#define GITHUB_SITE   "https://github.com/"

static int add_target(struct publish_settings *settings, const char *address,
                      struct err *err)
{
	char *copy;

	if (settings->target_count == PUBLISH_TARGETS_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d targets",
		               PUBLISH_TARGETS_MAX);
	for (size_t i = 0; i < settings->target_count; i++)
		if (strcmp(settings->targets[i], address) == 0)
			return err_set(err, ERR_USAGE, 0,
			               "the target '%.200s' is named twice",
			               address);
	copy = strdup(address);
	if (copy == NULL)
		return err_nomem(err);
	settings->targets[settings->target_count++] = copy;
	return 0;
}

/* --- below registry/org/repo -------------------------------------------- */

/* Registries know lower case alone, owners on GitHub have both. */
static int set_lower(struct publish_settings *settings, enum publish_word word,
                     const char *value, const char *origin, struct err *err)
{
	char lower[OCI_NAME_MAX + 1];

	if (text_copy(lower, sizeof lower, value, strlen(value), err) < 0)
		return err_wrap(err, "%s", origin);
	for (char *c = lower; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return publish_word_set(settings, word, lower, origin, err);
}

/* The owner of a repository on GitHub; "" where @url is none. */
static void owner_of(const char *url, char out[PUBLICATION_TEXT_SIZE])
{
	const char *owner = url + strlen(GITHUB_SITE);

	out[0] = '\0';
	if (strncmp(url, GITHUB_SITE, strlen(GITHUB_SITE)) == 0)
		(void)snprintf(out, PUBLICATION_TEXT_SIZE, "%.*s",
		               (int)strcspn(owner, "/"), owner);
}

/* The organisation: OCI_ORG, else whose repository CI works in, else whose the
 * source is on GitHub. */
static int choose_org(struct publish_settings *settings, struct err *err)
{
	const struct publish_setting *org = &settings->words[PUBLISH_ORG];
	char origin[PUBLISH_ORIGIN_TEXT];
	char owner[PUBLICATION_TEXT_SIZE];
	const char *value;

	if (org->value[0] != '\0')
		return set_lower(settings, PUBLISH_ORG, org->value, org->origin,
		                 err);
	value = publish_variable(settings, "GITHUB_REPOSITORY_OWNER", origin);
	if (value != NULL)
		return set_lower(settings, PUBLISH_ORG, value, origin, err);
	owner_of(settings->source.url, owner);
	if (owner[0] != '\0')
		return set_lower(settings, PUBLISH_ORG, owner,
		                 "git remote origin", err);
	if (!settings->is_dry_run)
		return 0;
	settings->is_owner_unknown = true;
	return publish_word_set(settings, PUBLISH_ORG, OWNER_UNKNOWN,
	                        "placeholder", err);
}

static int add_seed_target(struct publish_settings *settings, struct err *err)
{
	const struct publish_setting *repo = &settings->words[PUBLISH_REPO];
	AUTO_BUF struct buf address = BUF_NONE;

	settings->is_seed = true;
	if (choose_org(settings, err) < 0 ||
	    set_lower(settings, PUBLISH_REPO, repo->value, repo->origin, err) <
	            0)
		return -1;
	/* Without an owner there is no target; who needs one says so. */
	if (publish_word(settings, PUBLISH_ORG)[0] == '\0')
		return 0;
	if (buf_printf(&address, err, "oci://%s/%s/%s/",
	               publish_word(settings, PUBLISH_REGISTRY),
	               publish_word(settings, PUBLISH_ORG),
	               publish_word(settings, PUBLISH_REPO)) < 0)
		return -1;
	settings->targets_origin = "registry, org and repo";
	return add_target(settings, buf_text(&address), err);
}

/* --- which of them ------------------------------------------------------ */

static bool is_seed_named(const struct publish_settings *settings)
{
	static const char *const names[] = { "OCI_REGISTRY", "OCI_ORG",
		                             "OCI_REPO" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (publish_variable(settings, names[i], NULL) != NULL)
			return true;
	return false;
}

int publish_settings_choose_targets(struct publish_settings *settings,
                                    struct err *err)
{
	const struct patterns *options = &settings->request->targets;
	const struct package_list *list = &settings->package->ini.to;

	settings->is_seed_named = is_seed_named(settings);
	if (options->count == 0 &&
	    (list->count == 0 || settings->is_seed_named))
		return add_seed_target(settings, err);
	settings->targets_origin =
		options->count > 0 ? "--to" : "[publish] of package.ini";
	for (size_t i = 0; i < options->count; i++)
		if (add_target(settings, options->at[i], err) < 0)
			return -1;
	for (size_t i = 0; options->count == 0 && i < list->count; i++)
		if (add_target(settings, list->at[i], err) < 0)
			return -1;
	return 0;
}
