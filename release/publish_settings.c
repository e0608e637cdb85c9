/* SPDX-License-Identifier: Apache-2.0 */
#include "publish_settings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/environment.h"
#include "base/text.h"
#include "codec/packs_lock.h"
#include "files.h"
#include "publish_settings_own.h"

#define CHUNK_MIN ((uint64_t)64 << 10) /* bytes */

enum word_kind { WORD_TEXT, WORD_PATH, WORD_SWITCH };

/* How each is called, and what holds when nobody says anything. */
static const struct {
	const char *name;
	const char *variable; /* NULL: none, as the next */
	const char *option;
	const char *fallback; /* a default; "" for none */
	enum word_kind kind;
} words[PUBLISH_WORDS] = {
	[PUBLISH_REGISTRY] = { "registry", "OCI_REGISTRY", NULL, "ghcr.io",
	                       WORD_TEXT },
	[PUBLISH_ORG] = { "org", "OCI_ORG", NULL, "", WORD_TEXT },
	[PUBLISH_REPO] = { "repo", "OCI_REPO", NULL, "greentic-packs",
	                   WORD_TEXT },
	[PUBLISH_VERSION] = { "version", "PACK_VERSION", "--version", "",
	                      WORD_TEXT },
	[PUBLISH_PACKS_DIR] = { "packs_dir", "PACKS_DIR", "--packs-dir",
	                        "packs", WORD_PATH },
	[PUBLISH_OUT_DIR] = { "out_dir", "OUT_DIR", "--out", "dist/packs",
	                      WORD_PATH },
	[PUBLISH_FILTER] = { "filter", "PACK_FILTER", "--filter", "",
	                     WORD_TEXT },
	[PUBLISH_MEDIA_TYPE] = { "media_type", "MEDIA_TYPE", "--media-type",
	                         PACK_MEDIA_TYPE, WORD_TEXT },
	[PUBLISH_BUILD] = { "build", NULL, NULL, "", WORD_TEXT },
	[PUBLISH_PACKC] = { "packc", "PACKC_BIN", NULL, "packc", WORD_TEXT },
	[PUBLISH_PACKC_FLAGS] = { "packc_flags", "PACKC_BUILD_FLAGS", NULL, "",
	                          WORD_TEXT },
	[PUBLISH_DRY_RUN] = { "dry_run", "DRY_RUN", "--dry-run", "no",
	                      WORD_SWITCH },
	[PUBLISH_LATEST] = { "latest", "PUBLISH_LATEST", "--latest", "no",
	                     WORD_SWITCH },
	[PUBLISH_LOCK] = { "lock", NULL, "--lock", PACKS_LOCK_FILE, WORD_PATH },
	[PUBLISH_KEY] = { "key", NULL, NULL, "", WORD_PATH },
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

const char *publish_word_name(enum publish_word word)
{
	return words[word].name;
}

/* --- who says what ------------------------------------------------------ */

int publish_word_set(struct publish_settings *settings, enum publish_word word,
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

const char *publish_variable(const struct publish_settings *settings,
                             const char *name, char origin[PUBLISH_ORIGIN_TEXT])
{
	const char *value =
		environment_find(settings->request->environment, name);
	const char *file = "";

	if (value == NULL || value[0] == '\0') {
		value = env_file_find(&settings->env_file, name);
		file = settings->request->env_file;
	}
	if (value == NULL || value[0] == '\0')
		return NULL;
	if (origin != NULL)
		(void)snprintf(origin, PUBLISH_ORIGIN_TEXT, "%.60s%s%.80s",
		               name, file[0] != '\0' ? " in " : "", file);
	return value;
}

/* What the command line and package.ini say of a word; NULL or "": nothing. */
struct said {
	const char *option, *file;
};

/* A path of package.ini is relative to that file. */
static int take_file(struct publish_settings *settings, enum publish_word word,
                     const char *value, struct err *err)
{
	static const char origin[] = "[publish] of package.ini";
	char path[FS_PATH_MAX];

	if (words[word].kind != WORD_PATH)
		return publish_word_set(settings, word, value, origin, err);
	if (file_beside(settings->package->config, value, path, err) < 0)
		return -1;
	return publish_word_set(settings, word, path, origin, err);
}

static int choose(struct publish_settings *settings, enum publish_word word,
                  const struct said *said, struct err *err)
{
	const char *fallback = words[word].fallback;
	char origin[PUBLISH_ORIGIN_TEXT];
	const char *value = NULL;

	if (said->option != NULL)
		return publish_word_set(settings, word, said->option,
		                        words[word].option, err);
	if (words[word].variable != NULL)
		value = publish_variable(settings, words[word].variable,
		                         origin);
	if (value != NULL)
		return publish_word_set(settings, word, value, origin, err);
	if (said->file != NULL && said->file[0] != '\0')
		return take_file(settings, word, said->file, err);
	return publish_word_set(settings, word, fallback,
	                        fallback[0] != '\0' ? "default" : "", err);
}

static const char *answer_text(enum package_answer answer)
{
	switch (answer) {
	case PACKAGE_YES:
		return "yes";
	case PACKAGE_NO:
		return "no";
	case PACKAGE_UNSAID:
		break;
	}
	return NULL;
}

static bool is_on(const char *value)
{
	return value[0] != '\0' && strcmp(value, "0") != 0 &&
	       strcasecmp(value, "false") != 0 && strcasecmp(value, "no") != 0;
}

/* A switch's word becomes "yes" or "no". */
static int settle_switch(struct publish_settings *settings,
                         enum publish_word word, struct err *err)
{
	const struct publish_setting *setting = &settings->words[word];

	return publish_word_set(settings, word,
	                        is_on(setting->value) ? "yes" : "no",
	                        setting->origin, err);
}

static int choose_all(struct publish_settings *settings, struct err *err)
{
	const struct request *request = settings->request;
	const struct package_ini *ini = &settings->package->ini;
	const struct said said[PUBLISH_WORDS] = {
		[PUBLISH_VERSION] = { request->version, NULL },
		[PUBLISH_PACKS_DIR] = { request->packs_dir, ini->packs },
		[PUBLISH_OUT_DIR] = { request->out, ini->packs_out },
		[PUBLISH_FILTER] = { request->filter, NULL },
		[PUBLISH_MEDIA_TYPE] = { request->media_type, ini->media_type },
		[PUBLISH_BUILD] = { NULL, ini->build },
		[PUBLISH_DRY_RUN] = { request->dry_run ? "yes" : NULL, NULL },
		[PUBLISH_LATEST] = { request->latest ? "yes" : NULL,
		                     answer_text(ini->latest) },
		[PUBLISH_LOCK] = { request->lock, ini->lock },
		[PUBLISH_KEY] = { NULL, ini->public_key },
	};

	for (enum publish_word i = 0; i < PUBLISH_WORDS; i++)
		if (choose(settings, i, &said[i], err) < 0 ||
		    (words[i].kind == WORD_SWITCH &&
		     settle_switch(settings, i, err) < 0))
			return -1;
	settings->is_dry_run = is_on(publish_word(settings, PUBLISH_DRY_RUN));
	settings->is_latest = is_on(publish_word(settings, PUBLISH_LATEST));
	return 0;
}

/* --- what they must be -------------------------------------------------- */

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
	AUTO_SECRET struct buf text = BUF_LIMIT(ENV_FILE_MAX);

	if (path == NULL)
		return 0;
	if (file_read(path, &text, err) < 0 ||
	    env_file_parse(buf_text(&text), text.len, &settings->env_file,
	                   err) < 0)
		return err_wrap(err, "--env-file '%s'", path);
	return 0;
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
	    check_media_type(settings, err) < 0 ||
	    publish_settings_ask_git(settings, err) < 0 ||
	    publish_settings_choose_targets(settings, err) < 0 ||
	    take_chunk_size(settings, err) < 0)
		return -1;
	*out = TAKE_PTR(settings);
	return 0;
}
