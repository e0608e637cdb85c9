/* SPDX-License-Identifier: Apache-2.0 */
#include "package_settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "files.h"

#define CONFIG_DEFAULT  "package.ini"
#define OUT_DEFAULT     "dist"
#define PROFILE_DEFAULT "profile.env"

static int read_config(const struct request *request,
                       struct package_settings *settings, struct err *err)
{
	const char *path =
		request->config != NULL ? request->config : CONFIG_DEFAULT;
	AUTO_BUF struct buf text = BUF_LIMIT(PACKAGE_INI_MAX);

	if (file_read(path, &text, err) < 0) {
		if (request->config == NULL && err->code == ERR_SYSTEM &&
		    err->sys == ENOENT)
			return 0;
		return -1;
	}
	if (package_ini_parse(buf_text(&text), text.len, &settings->ini, err) <
	    0)
		return err_wrap(err, "'%s'", path);
	return text_copy(settings->config, sizeof settings->config, path,
	                 strlen(path), err);
}

/* The option as it is, else the file's value beside the file. */
static int choose_path(const struct package_settings *settings,
                       const char *option, const char *value,
                       char out[FS_PATH_MAX], struct err *err)
{
	if (option != NULL)
		return text_copy(out, FS_PATH_MAX, option, strlen(option), err);
	if (value[0] == '\0')
		return 0;
	return file_beside(settings->config, value, out, err);
}

static int add_list(struct patterns *to, const struct package_list *from,
                    struct err *err)
{
	for (size_t i = 0; i < from->count; i++) {
		if (to->count == COLLECT_PATTERNS_MAX)
			return err_set(err, ERR_LIMIT, 0,
			               "more than %d patterns",
			               COLLECT_PATTERNS_MAX);
		to->at[to->count++] = from->at[i];
	}
	return 0;
}

static int merge_rules(const struct request *request,
                       struct package_settings *settings, struct err *err)
{
	struct collect_rules *rules = &settings->rules;
	const struct package_ini *ini = &settings->ini;

	*rules = request->rules;
	if (add_list(&rules->include, &ini->include, err) < 0 ||
	    add_list(&rules->exclude, &ini->exclude, err) < 0 ||
	    add_list(&rules->allow_link, &ini->allow_link, err) < 0)
		return -1;
	return add_list(&rules->allow_mode, &ini->allow_mode, err);
}

/* A key of the file, then that of the environment. */
static int configured_cosign_key(const struct request *request,
                                 struct package_settings *settings,
                                 struct err *err)
{
	const char *key = settings->ini.cosign_key;

	if (key[0] == '\0') {
		if (request->cosign_key_text != NULL &&
		    request->cosign_key_text[0] != '\0')
			settings->cosign_key = request->cosign_key_text;
		return 0;
	}
	settings->cosign_key = key;
	if (strncmp(key, COSIGN_KEY_VARIABLE, strlen(COSIGN_KEY_VARIABLE)) == 0)
		return 0;
	settings->cosign_key = settings->cosign_path;
	return file_beside(settings->config, key, settings->cosign_path, err);
}

/* Keys of the command line sign alone: what package.ini and $COSIGN_KEY name
 * counts where the line names none. */
static int merge_keys(const struct request *request,
                      struct package_settings *settings, struct err *err)
{
	const char *key = request->keys.count > 0 ? request->keys.at[0] : NULL;

	settings->cosign_key = request->cosign_key;
	if (key == NULL && request->cosign_key != NULL)
		return 0;
	if (key == NULL && configured_cosign_key(request, settings, err) < 0)
		return -1;
	return choose_path(settings, key, settings->ini.key, settings->key,
	                   err);
}

/* Those of the file, where the command line names none. */
static int merge_patches(const struct request *request,
                         struct package_settings *settings, struct err *err)
{
	const struct package_list *list = &settings->ini.patch_from;
	struct patterns *out = &settings->patch_from;
	bool is_asked = request->patches.count > 0;
	size_t count = is_asked ? request->patches.count : list->count;

	if (count > PART_PATCHES_MAX)
		return err_set(err, ERR_USAGE, 0,
		               "%s names %zu old bundles; %d are the most",
		               is_asked ? "--patch-from"
		                        : "patch_from of package.ini",
		               count, PART_PATCHES_MAX);
	if (is_asked) {
		*out = request->patches;
		return 0;
	}
	while (out->count < count) {
		char *path = settings->patch_paths[out->count];

		if (file_beside(settings->config, list->at[out->count], path,
		                err) < 0)
			return -1;
		out->at[out->count++] = path;
	}
	return 0;
}

static int merge_paths(const struct request *request,
                       struct package_settings *settings, struct err *err)
{
	const struct package_ini *ini = &settings->ini;

	if (choose_path(settings, request->payload, ini->root,
	                settings->payload, err) < 0 ||
	    choose_path(settings, request->out,
	                ini->out[0] != '\0' ? ini->out : OUT_DEFAULT,
	                settings->out, err) < 0 ||
	    merge_keys(request, settings, err) < 0)
		return -1;
	return choose_path(settings, request->password_file, ini->password_file,
	                   settings->password_file, err);
}

static void merge_names(const struct request *request,
                        struct package_settings *settings)
{
	const struct package_ini *ini = &settings->ini;

	settings->app = request->app != NULL ? request->app : ini->app;
	settings->platform =
		request->platform != NULL ? request->platform : ini->platform;
	settings->profile = request->profile;
	if (settings->profile == NULL && ini->profile[0] != '\0')
		settings->profile = ini->profile;
	settings->profile_path = ini->profile_path[0] != '\0'
	                                 ? ini->profile_path
	                                 : PROFILE_DEFAULT;
}

int package_settings_load(const struct request *request,
                          struct package_settings **out, struct err *err)
{
	AUTO_FREE struct package_settings *settings =
		calloc(1, sizeof *settings);

	if (settings == NULL)
		return err_nomem(err);
	if (read_config(request, settings, err) < 0 ||
	    merge_rules(request, settings, err) < 0 ||
	    merge_patches(request, settings, err) < 0 ||
	    merge_paths(request, settings, err) < 0)
		return -1;
	merge_names(request, settings);
	*out = TAKE_PTR(settings);
	return 0;
}
