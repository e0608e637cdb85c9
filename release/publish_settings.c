/* SPDX-License-Identifier: Apache-2.0 */
#include "publish_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/environment.h"
#include "base/text.h"
#include "codec/json_write.h"
#include "codec/packs_lock.h"
#include "files.h"
#include "pack/ci.h"
#include "pack/git.h"

#define CHUNK_MIN ((uint64_t)64 << 10) /* bytes */
/* What stands for the owner in a dry run that nobody told. */
#define OWNER_UNKNOWN "owner"

/* How each is called, and what holds when nobody says anything. */
static const struct {
	const char *name;
	const char *variable; /* NULL: none */
	const char *fallback; /* a default; "" for none */
} words[PUBLISH_WORDS] = {
	[PUBLISH_REGISTRY] = { "registry", "OCI_REGISTRY", "ghcr.io" },
	[PUBLISH_ORG] = { "org", "OCI_ORG", "" },
	[PUBLISH_REPO] = { "repo", "OCI_REPO", "greentic-packs" },
	[PUBLISH_VERSION] = { "version", "PACK_VERSION", "" },
	[PUBLISH_PACKS_DIR] = { "packs_dir", "PACKS_DIR", "packs" },
	[PUBLISH_OUT_DIR] = { "out_dir", "OUT_DIR", "dist/packs" },
	[PUBLISH_FILTER] = { "filter", "PACK_FILTER", "" },
	[PUBLISH_MEDIA_TYPE] = { "media_type", "MEDIA_TYPE", PACK_MEDIA_TYPE },
	[PUBLISH_BUILD] = { "build", NULL, "" },
	[PUBLISH_PACKC] = { "packc", "PACKC_BIN", "packc" },
	[PUBLISH_PACKC_FLAGS] = { "packc_flags", "PACKC_BUILD_FLAGS", "" },
	[PUBLISH_DRY_RUN] = { "dry_run", "DRY_RUN", "no" },
	[PUBLISH_LATEST] = { "latest", "PUBLISH_LATEST", "no" },
	[PUBLISH_LOCK] = { "lock", NULL, PACKS_LOCK_FILE },
	[PUBLISH_KEY] = { "key", NULL, "" },
};

void publish_settings_done(struct publish_settings **held)
{
	struct publish_settings *settings = *held;

	if (settings == NULL)
		return;
	for (size_t i = 0; i < PUBLISH_WORDS; i++)
		free(settings->words[i].value);
	for (size_t i = 0; i < settings->target_count; i++)
		free(settings->targets[i]);
	env_file_done(&settings->env_file);
	free(settings->package);
	free(settings);
	*held = NULL;
}

const char *publish_word(const struct publish_settings *settings,
                         enum publish_word word)
{
	return settings->words[word].value;
}

/* --- who says what ------------------------------------------------------ */

static int set(struct publish_settings *settings, enum publish_word word,
               const char *value, const char *origin, struct err *err)
{
	struct publish_setting *setting = &settings->words[word];
	char said[PUBLISH_ORIGIN_TEXT]; /* @origin may be the setting's own */
	char *copy;

	if (!text_is_printable(value, strlen(value)))
		return err_set(err, ERR_USAGE, 0, "%s (%s) is not printable",
		               words[word].name, origin);
	copy = strdup(value);
	if (copy == NULL)
		return err_nomem(err);
	free(setting->value);
	setting->value = copy;
	(void)snprintf(said, sizeof said, "%.150s", origin);
	memcpy(setting->origin, said, sizeof said);
	return 0;
}

/* The environment's word, else the file's; NULL where it is unset or "". */
static const char *variable(const struct publish_settings *settings,
                            const char *name, char origin[PUBLISH_ORIGIN_TEXT])
{
	const char *value =
		environment_find(settings->request->environment, name);

	(void)snprintf(origin, PUBLISH_ORIGIN_TEXT, "%.60s", name);
	if (value != NULL && value[0] != '\0')
		return value;
	value = env_file_find(&settings->env_file, name);
	if (value == NULL || value[0] == '\0')
		return NULL;
	(void)snprintf(origin, PUBLISH_ORIGIN_TEXT, "%.60s in %.80s", name,
	               settings->request->env_file);
	return value;
}

/* @option: of the command line, @file: of package.ini; NULL or "": unsaid. */
static int choose(struct publish_settings *settings, enum publish_word word,
                  const char *option, const char *option_name, const char *file,
                  struct err *err)
{
	char origin[PUBLISH_ORIGIN_TEXT] = "";
	const char *value = option;

	if (option != NULL)
		return set(settings, word, value, option_name, err);
	if (words[word].variable != NULL) {
		value = variable(settings, words[word].variable, origin);
		if (value != NULL)
			return set(settings, word, value, origin, err);
	}
	if (file != NULL && file[0] != '\0')
		return set(settings, word, file, "[publish] of package.ini",
		           err);
	return set(settings, word, words[word].fallback,
	           words[word].fallback[0] != '\0' ? "default" : "", err);
}

/* The same for a path of package.ini, which is relative to that file. */
static int choose_path(struct publish_settings *settings,
                       enum publish_word word, const char *option,
                       const char *option_name, const char *file,
                       struct err *err)
{
	char path[FS_PATH_MAX] = "";

	if (file[0] != '\0' &&
	    file_beside(settings->package->config, file, path, err) < 0)
		return -1;
	return choose(settings, word, option, option_name, path, err);
}

static const char *answer_text(enum package_answer answer)
{
	return answer == PACKAGE_UNSAID ? ""
	       : answer == PACKAGE_YES  ? "yes"
	                                : "no";
}

static bool is_on(const char *value)
{
	return value[0] != '\0' && strcmp(value, "0") != 0 &&
	       strcasecmp(value, "false") != 0 && strcasecmp(value, "no") != 0;
}

static int choose_switch(struct publish_settings *settings,
                         enum publish_word word, bool option,
                         const char *option_name, const char *file, bool *out,
                         struct err *err)
{
	char origin[PUBLISH_ORIGIN_TEXT];

	if (choose(settings, word, option ? "yes" : NULL, option_name, file,
	           err) < 0)
		return -1;
	*out = is_on(publish_word(settings, word));
	memcpy(origin, settings->words[word].origin, sizeof origin);
	return set(settings, word, *out ? "yes" : "no", origin, err);
}

static int choose_all(struct publish_settings *settings, struct err *err)
{
	const struct request *request = settings->request;
	const struct package_ini *ini = &settings->package->ini;

	if (choose(settings, PUBLISH_REGISTRY, NULL, "", NULL, err) < 0 ||
	    choose(settings, PUBLISH_ORG, NULL, "", NULL, err) < 0 ||
	    choose(settings, PUBLISH_REPO, NULL, "", NULL, err) < 0 ||
	    choose(settings, PUBLISH_VERSION, request->version, "--version",
	           NULL, err) < 0 ||
	    choose(settings, PUBLISH_FILTER, request->filter, "--filter", NULL,
	           err) < 0 ||
	    choose(settings, PUBLISH_MEDIA_TYPE, request->media_type,
	           "--media-type", ini->media_type, err) < 0 ||
	    choose(settings, PUBLISH_BUILD, NULL, "", ini->build, err) < 0 ||
	    choose(settings, PUBLISH_PACKC, NULL, "", NULL, err) < 0 ||
	    choose(settings, PUBLISH_PACKC_FLAGS, NULL, "", NULL, err) < 0)
		return -1;
	if (choose_path(settings, PUBLISH_PACKS_DIR, request->packs_dir,
	                "--packs-dir", ini->packs, err) < 0 ||
	    choose_path(settings, PUBLISH_OUT_DIR, request->out, "--out",
	                ini->packs_out, err) < 0 ||
	    choose_path(settings, PUBLISH_LOCK, request->lock, "--lock",
	                ini->lock, err) < 0 ||
	    choose_path(settings, PUBLISH_KEY, NULL, "", ini->public_key, err) <
	            0)
		return -1;
	if (choose_switch(settings, PUBLISH_DRY_RUN, request->dry_run,
	                  "--dry-run", NULL, &settings->is_dry_run, err) < 0)
		return -1;
	return choose_switch(settings, PUBLISH_LATEST, request->latest,
	                     "--latest", answer_text(ini->latest),
	                     &settings->is_latest, err);
}

static int check_media_type(const struct publish_settings *settings,
                            struct err *err)
{
	const char *type = publish_word(settings, PUBLISH_MEDIA_TYPE);
	const char *slash = strchr(type, '/');

	if (slash != NULL && slash != type && slash[1] != '\0' &&
	    strlen(type) <= OCI_MEDIA_TYPE_MAX &&
	    strpbrk(type, " ;,\"<>@\\") == NULL)
		return 0;
	return err_set(err, ERR_USAGE, 0, "%s: '%.100s' is no media type",
	               settings->words[PUBLISH_MEDIA_TYPE].origin, type);
}

/* --- what git and CI know ----------------------------------------------- */

static bool cut_prefix(const char **text, const char *prefix)
{
	size_t len = strlen(prefix);

	if (strncmp(*text, prefix, len) != 0)
		return false;
	*text += len;
	return true;
}

void publish_page_of(const char *clone, char out[PUBLICATION_TEXT_SIZE])
{
	const char *at = clone;
	size_t len;
	bool is_ssh = cut_prefix(&at, "ssh://git@") || cut_prefix(&at, "git@");
	size_t host = strcspn(at, ":/");

	if (!is_ssh || at[host] == '\0')
		(void)snprintf(out, PUBLICATION_TEXT_SIZE, "%.1000s", clone);
	else
		(void)snprintf(
			out, PUBLICATION_TEXT_SIZE, "https://%.*s/%.700s",
			(int)(host > 255 ? 255 : host), at, at + host + 1);
	len = strlen(out);
	if (strncmp(out, "https://", 8) == 0 && len > 4 &&
	    strcmp(out + len - 4, ".git") == 0)
		out[len - 4] = '\0';
}

static int take_date(struct publish_settings *settings,
                     const struct git_facts *git, struct err *err)
{
	const char *epoch = settings->request->source_date_epoch;
	uint64_t seconds;

	settings->source.created = git->is_repository ? git->commit_time : -1;
	if (epoch == NULL || epoch[0] == '\0')
		return 0;
	if (text_u64(epoch, strlen(epoch), CLOCK_MAX, &seconds, err) < 0)
		return err_set(err, ERR_USAGE, 0,
		               "SOURCE_DATE_EPOCH is '%.40s', no number of "
		               "seconds",
		               epoch);
	settings->source.created = (int64_t)seconds;
	return 0;
}

static int take_source(struct publish_settings *settings,
                       const struct git_facts *git, const struct ci_facts *ci,
                       struct err *err)
{
	struct publication_source *source = &settings->source;

	if (ci->repository[0] != '\0')
		publish_page_of(ci->repository, source->url);
	else
		publish_page_of(git->repository, source->url);
	(void)snprintf(source->revision, sizeof source->revision, "%s",
	               git->revision[0] != '\0' ? git->revision : ci->commit);
	settings->is_dirty = git->is_dirty;
	return take_date(settings, git, err);
}

/* "v1.2.3" is the tag of version 1.2.3; "v" alone, or "vertical", is not. */
static const char *without_v(const char *tag)
{
	return tag[0] == 'v' && tag[1] >= '0' && tag[1] <= '9' ? tag + 1 : tag;
}

/* A dry run needs no tag: it is run for each change. */
static int take_git_version(struct publish_settings *settings,
                            const struct git_facts *git, struct err *err)
{
	char origin[PUBLISH_ORIGIN_TEXT];

	if (publish_word(settings, PUBLISH_VERSION)[0] != '\0')
		return 0;
	if (git->tag[0] != '\0') {
		(void)snprintf(origin, sizeof origin, "git tag %.100s",
		               git->tag);
		return set(settings, PUBLISH_VERSION, without_v(git->tag),
		           origin, err);
	}
	if (!settings->is_dry_run)
		return 0;
	if (git->described[0] != '\0')
		return set(settings, PUBLISH_VERSION, without_v(git->described),
		           "git describe", err);
	return set(settings, PUBLISH_VERSION, "0.0.0-dev",
	           "default of a dry run", err);
}

int publish_settings_require_version(const struct publish_settings *settings,
                                     struct err *err)
{
	const char *version = publish_word(settings, PUBLISH_VERSION);

	if (version[0] == '\0')
		return err_set(err, ERR_USAGE, 0,
		               "no version: the commit has no tag; give "
		               "--version, or PACK_VERSION, or check out a "
		               "tag (in CI, fetch tags: git fetch --tags)");
	if (!name_is_version(version, strlen(version)))
		return err_set(err, ERR_USAGE, 0,
		               "%s: '%.140s' is no version: 1 to 128 letters, "
		               "digits, '.', '_', '-', not beginning with '.' "
		               "or '-'",
		               settings->words[PUBLISH_VERSION].origin,
		               version);
	return 0;
}

static void cut_dirty(char *text)
{
	static const char dirty[] = "-dirty";
	size_t len = strlen(text);

	if (len >= sizeof dirty &&
	    strcmp(text + len - (sizeof dirty - 1), dirty) == 0)
		text[len - (sizeof dirty - 1)] = '\0';
}

/* A lockfile that is committed changes with each run: a dry run and the push
 * behind it must make the same of the same commit. */
static int forgive_lock(const struct publish_settings *settings,
                        const char *folder,
                        const struct git_environment *environment,
                        struct git_facts *git, struct err *err)
{
	AUTO_FREE char *lock =
		realpath(publish_word(settings, PUBLISH_LOCK), NULL);
	int differs;

	if (!git->is_dirty || lock == NULL || strlen(lock) >= FS_PATH_MAX)
		return 0;
	differs = git_differs(folder, environment, lock, err);
	if (differs != 0)
		return differs < 0 ? -1 : 0;
	git->is_dirty = false;
	cut_dirty(git->revision);
	cut_dirty(git->described);
	return 0;
}

static int ask_git(struct publish_settings *settings, struct err *err)
{
	const struct git_environment environment = { settings->request->path,
		                                     settings->request->home };
	AUTO_FREE struct ci_facts *ci = calloc(1, sizeof *ci);
	AUTO_FREE struct git_facts *git = calloc(1, sizeof *git);
	char folder[FS_PATH_MAX] = ".";

	if (ci == NULL || git == NULL)
		return err_nomem(err);
	if (settings->package->config[0] != '\0' &&
	    file_beside(settings->package->config, ".", folder, err) < 0)
		return -1;
	if (git_look(folder, &environment, git, err) < 0 ||
	    forgive_lock(settings, folder, &environment, git, err) < 0)
		return -1;
	(void)snprintf(settings->tag, sizeof settings->tag, "%s", git->tag);
	if (ci_look(settings->request->environment, ci, err) < 0 ||
	    take_source(settings, git, ci, err) < 0)
		return -1;
	return take_git_version(settings, git, err);
}

/* --- where to ----------------------------------------------------------- */

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
	return set(settings, word, lower, origin, err);
}

/* The organisation: OCI_ORG, else whose repository CI works in, else whose the
 * source is on GitHub. */
static int choose_org(struct publish_settings *settings, struct err *err)
{
	struct publish_setting *org = &settings->words[PUBLISH_ORG];
	char origin[PUBLISH_ORIGIN_TEXT];
	char owner[OCI_NAME_MAX + 1];
	const char *at = settings->source.url;
	const char *value;

	memcpy(origin, org->origin, sizeof origin);
	if (org->value[0] != '\0') {
		(void)snprintf(owner, sizeof owner, "%.250s", org->value);
		return set_lower(settings, PUBLISH_ORG, owner, origin, err);
	}
	value = variable(settings, "GITHUB_REPOSITORY_OWNER", origin);
	if (value != NULL)
		return set_lower(settings, PUBLISH_ORG, value, origin, err);
	if (cut_prefix(&at, "https://github.com/") && strcspn(at, "/") > 0) {
		(void)snprintf(owner, sizeof owner, "%.*s",
		               (int)strcspn(at, "/"), at);
		return set_lower(settings, PUBLISH_ORG, owner,
		                 "git remote origin", err);
	}
	if (!settings->is_dry_run)
		return 0;
	settings->is_owner_unknown = true;
	return set(settings, PUBLISH_ORG, OWNER_UNKNOWN, "placeholder", err);
}

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

static bool has_variable(const struct publish_settings *settings,
                         const char *name)
{
	char origin[PUBLISH_ORIGIN_TEXT];

	return variable(settings, name, origin) != NULL;
}

static int add_seed_target(struct publish_settings *settings, struct err *err)
{
	AUTO_BUF struct buf address = BUF_NONE;

	settings->is_seed = true;
	if (choose_org(settings, err) < 0 ||
	    set_lower(settings, PUBLISH_REPO,
	              publish_word(settings, PUBLISH_REPO),
	              settings->words[PUBLISH_REPO].origin, err) < 0)
		return -1;
	/* Without an owner there is no target; who needs one says so. */
	if (publish_word(settings, PUBLISH_ORG)[0] == '\0')
		return 0;
	(void)snprintf(settings->targets_origin,
	               sizeof settings->targets_origin,
	               "registry, org and repo");
	if (buf_printf(&address, err, "oci://%s/%s/%s/",
	               publish_word(settings, PUBLISH_REGISTRY),
	               publish_word(settings, PUBLISH_ORG),
	               publish_word(settings, PUBLISH_REPO)) < 0)
		return -1;
	return add_target(settings, buf_text(&address), err);
}

static int choose_targets(struct publish_settings *settings, struct err *err)
{
	const struct patterns *options = &settings->request->targets;
	const struct package_list *list = &settings->package->ini.to;

	if (options->count > 0) {
		(void)snprintf(settings->targets_origin,
		               sizeof settings->targets_origin, "--to");
		for (size_t i = 0; i < options->count; i++)
			if (add_target(settings, options->at[i], err) < 0)
				return -1;
		return 0;
	}
	if (list->count == 0 || has_variable(settings, "OCI_REGISTRY") ||
	    has_variable(settings, "OCI_ORG") ||
	    has_variable(settings, "OCI_REPO"))
		return add_seed_target(settings, err);
	(void)snprintf(settings->targets_origin,
	               sizeof settings->targets_origin,
	               "[publish] of package.ini");
	for (size_t i = 0; i < list->count; i++)
		if (add_target(settings, list->at[i], err) < 0)
			return -1;
	return 0;
}

/* --- the rest ----------------------------------------------------------- */

static int take_chunk_size(struct publish_settings *settings, struct err *err)
{
	const char *text = settings->request->chunk_size;
	static const char units[] = "KMG";
	const char *unit;
	size_t len;
	unsigned shift;

	if (text == NULL)
		return 0;
	len = strlen(text);
	unit = strchr(units, text[len - 1]);
	shift = unit != NULL ? 10 * (unsigned)(unit - units + 1) : 0;
	if (text_u64(text, unit != NULL ? len - 1 : len, OCI_BLOB_MAX >> shift,
	             &settings->chunk_size, err) < 0 ||
	    settings->chunk_size << shift < CHUNK_MIN)
		return err_set(err, ERR_USAGE, 0,
		               "--chunk-size: '%.40s' is no size of at least "
		               "64K, such as 4M",
		               text);
	settings->chunk_size <<= shift;
	return 0;
}

static int read_env_file(struct publish_settings *settings, struct err *err)
{
	const char *path = settings->request->env_file;
	AUTO_BUF struct buf text = BUF_LIMIT(ENV_FILE_MAX);
	int result;

	if (path == NULL)
		return 0;
	result = file_read(path, &text, err);
	if (result == 0)
		result = env_file_parse(buf_text(&text), text.len,
		                        &settings->env_file, err);
	if (text.len > 0)
		explicit_bzero(text.data, text.len);
	return result < 0 ? err_wrap(err, "--env-file '%s'", path) : 0;
}

int publish_settings_load(const struct request *request,
                          struct publish_settings **out, struct err *err)
{
	AUTO_PUBLISH_SETTINGS struct publish_settings *settings =
		calloc(1, sizeof *settings);

	if (settings == NULL)
		return err_nomem(err);
	settings->request = request;
	if (package_settings_load(request, &settings->package, err) < 0 ||
	    read_env_file(settings, err) < 0 || choose_all(settings, err) < 0 ||
	    check_media_type(settings, err) < 0 || ask_git(settings, err) < 0 ||
	    choose_targets(settings, err) < 0 ||
	    take_chunk_size(settings, err) < 0)
		return -1;
	*out = TAKE_PTR(settings);
	return 0;
}

/* --- --print-config ----------------------------------------------------- */

int publish_settings_show(const struct publish_settings *settings,
                          struct buf *out, struct err *err)
{
	for (size_t i = 0; i < settings->target_count; i++)
		if (buf_printf(out, err, "to = %s  # %s\n",
		               settings->targets[i],
		               settings->targets_origin) < 0)
			return -1;
	for (size_t i = 0; i < PUBLISH_WORDS; i++) {
		const struct publish_setting *setting = &settings->words[i];

		if (buf_printf(out, err, "%s =%s%s  # %s\n", words[i].name,
		               setting->value[0] != '\0' ? " " : "",
		               setting->value,
		               setting->origin[0] != '\0' ? setting->origin
		                                          : "not set") < 0)
			return -1;
	}
	return 0;
}

int publish_settings_show_json(const struct publish_settings *settings,
                               struct buf *out, struct err *err)
{
	struct json_writer json;

	json_begin(&json, out);
	if (json_open_object(&json, NULL, err) < 0 ||
	    json_open_array(&json, "to", err) < 0)
		return -1;
	for (size_t i = 0; i < settings->target_count; i++)
		if (json_text(&json, NULL, settings->targets[i], err) < 0)
			return -1;
	if (json_close(&json, err) < 0)
		return -1;
	for (size_t i = 0; i < PUBLISH_WORDS; i++)
		if (json_open_object(&json, words[i].name, err) < 0 ||
		    json_text(&json, "value", settings->words[i].value, err) <
		            0 ||
		    json_text(&json, "origin", settings->words[i].origin, err) <
		            0 ||
		    json_close(&json, err) < 0)
			return -1;
	if (json_close(&json, err) < 0)
		return -1;
	return buf_adds(out, "\n", err);
}
