/* SPDX-License-Identifier: Apache-2.0 */
#include "packs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "codec/pattern.h"
#include "files.h"
#include "say.h"

#define CONFIG_NAME "package.ini"

/* --- names -------------------------------------------------------------- */

static int check_name(const char *name, struct err *err)
{
	size_t len = strlen(name);

	if (len < PUBLICATION_NAME_SIZE && strchr(name, '/') == NULL &&
	    oci_is_repository(name, len))
		return 0;
	return err_set(err, ERR_USAGE, 0,
	               "'%.140s' is no name for a package: registries take "
	               "lower-case letters and digits, with single '.', '_' or "
	               "'-' in between",
	               name);
}

/* Whether one of the words of the filter, between commas and blanks, means
 * @name; its place is marked in @used. */
static bool is_chosen(const char *filter, const char *name, uint64_t *used)
{
	bool found = false;
	unsigned number = 0;

	while (*filter != '\0') {
		size_t len = strcspn(filter, ", ");

		if (len > 0) {
			if (pattern_match(filter, len, name, strlen(name))) {
				*used |= (uint64_t)1 << (number % 64);
				found = true;
			}
			number++;
		}
		filter += len + (filter[len] != '\0');
	}
	return found;
}

/* A word of the filter that matched nothing is a mistake. */
static int check_filter(const char *filter, const char *folder, uint64_t used,
                        struct err *err)
{
	unsigned number = 0;

	while (*filter != '\0') {
		size_t len = strcspn(filter, ", ");

		if (len > 0 && (used >> (number++ % 64) & 1) == 0)
			return err_set(err, ERR_USAGE, 0,
			               "--filter: no pack in '%s' is called "
			               "'%.*s'",
			               folder, (int)len, filter);
		filter += len + (filter[len] != '\0');
	}
	return 0;
}

/* --- adding ------------------------------------------------------------- */

static int set_tags(const struct publish_settings *settings,
                    struct publication *publication, struct err *err)
{
	const char *version = publication->version;

	if (text_copy(publication->tags[0], OCI_TAG_SIZE, version,
	              strlen(version), err) < 0)
		return -1;
	publication->tag_count = 1;
	if (!settings->is_latest || strcmp(version, "latest") == 0)
		return 0;
	(void)snprintf(publication->tags[1], OCI_TAG_SIZE, "latest");
	publication->tag_count = 2;
	return 0;
}

static int finish(const struct publish_settings *settings,
                  struct publication *made, struct err *err)
{
	if (set_tags(settings, made, err) < 0 ||
	    publication_seal(made, err) < 0)
		return err_wrap(err, "package '%s'", made->name);
	return 0;
}

/* @a and @b have one name. */
static int refuse_twins(const struct publication *a,
                        const struct publication *b, struct err *err)
{
	if (a->kind == PUBLICATION_BUNDLE && b->kind == PUBLICATION_BUNDLE &&
	    strcmp(a->platform, b->platform) != 0)
		return err_set(err, ERR_USAGE, 0,
		               "'%s' is there for %s and for %s, and a tag or "
		               "a folder names one of them: publish each in a "
		               "run of its own, to a repository or folder of "
		               "its own (a release page takes all)",
		               a->name, a->platform, b->platform);
	return err_set(err, ERR_USAGE, 0,
	               "two packages are called '%s'; publish them one "
	               "after the other, or give them other names",
	               a->name);
}

static int insert(struct publications *all, struct publication *made,
                  struct err *err)
{
	size_t at = all->count;
	struct publication **more;

	if (at == PUBLICATIONS_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d packages",
		               PUBLICATIONS_MAX);
	more = reallocarray(all->at, at + 1, sizeof(struct publication *));
	if (more == NULL)
		return err_nomem(err);
	all->at = more;
	while (at > 0 && strcmp(made->name, more[at - 1]->name) < 0)
		at--;
	if (at > 0 && strcmp(more[at - 1]->name, made->name) == 0)
		return refuse_twins(more[at - 1], made, err);
	memmove(&more[at + 1], &more[at],
	        (all->count - at) * sizeof(struct publication *));
	more[at] = made;
	all->count++;
	return 0;
}

/* Takes @made over, also when it fails. */
static int add(const struct publish_settings *settings,
               struct publications *all, struct publication *made,
               struct err *err)
{
	if (finish(settings, made, err) == 0 && insert(all, made, err) == 0)
		return 0;
	publication_free(made);
	return -1;
}

/* A package that could not be made.  0 to go on with the others. */
static int pass_over(const struct publish_settings *settings,
                     struct publications *all, struct err *err)
{
	char text[ERR_TEXT_MAX + 256];

	if (!settings->request->keep_going)
		return -1;
	warn_user("%s", err_format(err, text, sizeof text));
	if (all->failed++ == 0)
		all->failure = *err;
	return 0;
}

/* --- packs -------------------------------------------------------------- */

static int fill_pack(const struct publish_settings *settings, const char *name,
                     const char *type, const char *file,
                     struct publication *made, struct err *err)
{
	struct publication_file *layer;

	made->kind = PUBLICATION_PACK;
	(void)snprintf(made->name, sizeof made->name, "%s", name);
	if (text_copy(made->version, sizeof made->version,
	              publish_word(settings, PUBLISH_VERSION),
	              strlen(publish_word(settings, PUBLISH_VERSION)),
	              err) < 0 ||
	    text_copy(made->media_type, sizeof made->media_type, type,
	              strlen(type), err) < 0)
		return -1;
	made->source = settings->source;
	layer = publication_add_file(made, err);
	if (layer == NULL)
		return -1;
	(void)snprintf(layer->title, sizeof layer->title, "%s" PACK_SUFFIX,
	               name);
	layer->media_type = made->media_type;
	layer->path = strdup(file);
	if (layer->path == NULL)
		return err_nomem(err);
	return publication_file_hash(layer, err);
}

static int add_file(const struct publish_settings *settings, const char *name,
                    const char *type, const char *file,
                    struct publications *all, struct err *err)
{
	struct publication *made;

	if (check_name(name, err) < 0 ||
	    publish_settings_require_version(settings, err) < 0 ||
	    publication_new(&made, err) < 0)
		return -1;
	if (fill_pack(settings, name, type, file, made, err) < 0) {
		publication_free(made);
		return -1;
	}
	return add(settings, all, made, err);
}

/* The package.ini of the folder itself; all unsaid where it has none. */
static int read_own(const char *folder, struct package_ini *out,
                    struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(PACKAGE_INI_MAX);
	char path[FS_PATH_MAX];

	memset(out, 0, sizeof *out);
	if (snprintf(path, sizeof path, "%.3900s/" CONFIG_NAME, folder) >=
	    (int)sizeof path)
		return err_set(err, ERR_LIMIT, 0, "its path is too long");
	if (file_read(path, &text, err) < 0)
		return err->code == ERR_SYSTEM && err->sys == ENOENT ? 0 : -1;
	if (package_ini_parse(buf_text(&text), text.len, out, err) < 0)
		return err_wrap(err, "'%s'", path);
	return 0;
}

static bool is_there(const char *folder, const char *name)
{
	char path[FS_PATH_MAX];
	struct stat st;

	return snprintf(path, sizeof path, "%.3800s/%s", folder, name) <
	               (int)sizeof path &&
	       stat(path, &st) == 0;
}

static int add_bundle(const struct publish_settings *settings, const char *path,
                      struct publications *all, struct err *err)
{
	struct publication *made;

	if (bundle_publish(settings, path, &made, err) < 0)
		return -1;
	return add(settings, all, made, err);
}

static int add_folder(const struct publish_settings *settings, const char *path,
                      const char *name, struct publications *all,
                      struct err *err)
{
	AUTO_FREE struct package_ini *own = malloc(sizeof *own);
	const char *type = publish_word(settings, PUBLISH_MEDIA_TYPE);
	char file[FS_PATH_MAX];

	if (own == NULL)
		return err_nomem(err);
	if (is_there(path, "release.ini"))
		return add_bundle(settings, path, all, err);
	if (read_own(path, own, err) < 0)
		return -1;
	if (own->publish == PACKAGE_NO) {
		say(settings->request, "%s: not published (package.ini)", name);
		return 0;
	}
	if (own->media_type[0] != '\0')
		type = own->media_type;
	if (check_name(name, err) < 0 ||
	    publish_settings_require_version(settings, err) < 0 ||
	    pack_build(settings, path, name, own, file, err) < 0)
		return err_wrap(err, "pack '%s'", name);
	return add_file(settings, name, type, file, all, err);
}

/* --- what the user names ------------------------------------------------ */

static int cut_path(const char *path, char name[FS_NAME_MAX], struct err *err)
{
	size_t len = strlen(path);
	size_t begin;

	while (len > 1 && path[len - 1] == '/')
		len--;
	for (begin = len; begin > 0 && path[begin - 1] != '/';)
		begin--;
	return text_copy(name, FS_NAME_MAX, path + begin, len - begin, err);
}

static int add_operand(const struct publish_settings *settings,
                       const char *path, struct publications *all,
                       struct err *err)
{
	char name[FS_NAME_MAX];
	struct stat st;
	size_t len;

	if (stat(path, &st) < 0)
		return err_set(err, ERR_SYSTEM, errno, "'%s'", path);
	if (cut_path(path, name, err) < 0)
		return -1;
	if (S_ISDIR(st.st_mode))
		return add_folder(settings, path, name, all, err);
	len = strlen(name);
	if (len <= strlen(PACK_SUFFIX) ||
	    strcmp(name + len - strlen(PACK_SUFFIX), PACK_SUFFIX) != 0)
		return add_bundle(settings, path, all, err);
	name[len - strlen(PACK_SUFFIX)] = '\0';
	return add_file(settings, name,
	                publish_word(settings, PUBLISH_MEDIA_TYPE), path, all,
	                err);
}

/* The names of the folders in it, but hidden ones. */
static int list_packs(const char *folder, char ***names, size_t *count,
                      struct err *err)
{
	AUTO_CLOSE int dir = fs_open_anchor(folder, err);
	size_t kept = 0;

	if (dir < 0 ||
	    fs_list(dir, (size_t)2 * PACK_FOLDERS_MAX, names, count, err) < 0)
		return -1;
	for (size_t i = 0; i < *count; i++) {
		char *name = (*names)[i];
		struct stat st;

		if (name[0] != '.' && fstatat(dir, name, &st, 0) == 0 &&
		    S_ISDIR(st.st_mode)) {
			(*names)[i] = (*names)[kept];
			(*names)[kept++] = name;
		}
	}
	for (size_t i = kept; i < *count; i++)
		free((*names)[i]);
	*count = kept;
	return 0;
}

static int add_chosen(const struct publish_settings *settings,
                      const char *folder, char **names, size_t count,
                      struct publications *all, struct err *err)
{
	const char *filter = publish_word(settings, PUBLISH_FILTER);
	uint64_t used = 0;
	char path[FS_PATH_MAX];

	for (size_t i = 0; i < count; i++)
		if (filter[0] != '\0')
			(void)is_chosen(filter, names[i], &used);
	if (check_filter(filter, folder, used, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		if (filter[0] != '\0' && !is_chosen(filter, names[i], &used))
			continue;
		if (snprintf(path, sizeof path, "%.3800s/%s", folder,
		             names[i]) >= (int)sizeof path)
			return err_set(err, ERR_LIMIT, 0,
			               "the path of '%s' is too long",
			               names[i]);
		if (add_folder(settings, path, names[i], all, err) < 0 &&
		    pass_over(settings, all, err) < 0)
			return -1;
	}
	all->is_family = count > 1;
	return 0;
}

static int add_packs(const struct publish_settings *settings,
                     const char *folder, struct publications *all,
                     struct err *err)
{
	char **names;
	size_t count;
	int result;

	if (list_packs(folder, &names, &count, err) < 0)
		return -1;
	result = add_chosen(settings, folder, names, count, all, err);
	fs_list_free(names, count);
	return result;
}

/* What "bundle" made: dist/<version>, where package.ini describes one. */
static int add_made(const struct publish_settings *settings,
                    struct publications *all, struct err *err)
{
	const struct package_settings *package = settings->package;
	const char *version = publish_word(settings, PUBLISH_VERSION);
	char path[FS_PATH_MAX];

	if (package->app[0] == '\0' || version[0] == '\0')
		return err_set(err, ERR_USAGE, 0,
		               "nothing to publish: there is no folder '%s'; "
		               "name a bundle, or give --packs-dir",
		               publish_word(settings, PUBLISH_PACKS_DIR));
	(void)snprintf(path, sizeof path, "%.3900s/%.130s", package->out,
	               version);
	/* A bundle keeps the v of its tag. */
	if (!is_there(path, "release.ini") &&
	    settings->request->version == NULL && settings->tag[0] != '\0')
		(void)snprintf(path, sizeof path, "%.3900s/%.130s",
		               package->out, settings->tag);
	if (!is_there(path, "release.ini"))
		return err_set(err, ERR_USAGE, 0,
		               "nothing to publish: there is no release in "
		               "'%s'; next: package-release bundle --version "
		               "%s --key FILE",
		               path, version);
	return add_bundle(settings, path, all, err);
}

int packs_gather(const struct publish_settings *settings,
                 struct publications *out, struct err *err)
{
	const struct request *request = settings->request;
	const struct publish_setting *packs =
		&settings->words[PUBLISH_PACKS_DIR];
	int result = 0;

	if (request->operand_count == 0 && !is_there(packs->value, ".") &&
	    strcmp(packs->origin, "default") == 0)
		return add_made(settings, out, err);
	if (request->operand_count == 0)
		result = add_packs(settings, packs->value, out, err);
	for (size_t i = 0; i < request->operand_count && result == 0; i++) {
		result = add_operand(settings, request->operands[i], out, err);
		if (result < 0)
			result = pass_over(settings, out, err);
	}
	if (result < 0)
		return -1;
	if (out->count == 0 && out->failed > 0) {
		*err = out->failure;
		return -1;
	}
	if (out->count == 0)
		return err_set(err, ERR_USAGE, 0,
		               "nothing to publish: no pack in '%s' is to be",
		               packs->value);
	if (out->count + out->failed > 1)
		out->is_family = true;
	return 0;
}
