/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/package_ini.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "codec/ini.h"
#include "codec/tree_path.h"

/* One key that the file may hold. */
struct key {
	const char *section, *name;
	int (*take)(struct package_ini *ini, const char *value,
	            struct err *err);
};

static int bad_value(const char *value, const char *want, struct err *err)
{
	return err_set(err, ERR_USAGE, 0, "'%s' is no %s", value, want);
}

#define COPY(field)                                                            \
	static int take_##field(struct package_ini *ini, const char *value,    \
	                        struct err *err)                               \
	{                                                                      \
		return text_copy(ini->field, sizeof ini->field, value,         \
		                 strlen(value), err);                          \
	}

COPY(out)
COPY(root)
COPY(profile)
COPY(key)
COPY(cosign_key)
COPY(password_file)
COPY(packs)
COPY(packs_out)
COPY(build)
COPY(media_type)
COPY(lock)
COPY(public_key)

static int take_answer(const char *value, enum package_answer *out,
                       struct err *err)
{
	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return bad_value(value, "yes or no", err);
	*out = value[0] == 'y' ? PACKAGE_YES : PACKAGE_NO;
	return 0;
}

static int take_publish(struct package_ini *ini, const char *value,
                        struct err *err)
{
	return take_answer(value, &ini->publish, err);
}

static int take_latest(struct package_ini *ini, const char *value,
                       struct err *err)
{
	return take_answer(value, &ini->latest, err);
}

static int take_app(struct package_ini *ini, const char *value, struct err *err)
{
	if (!name_is_app(value, strlen(value)))
		return bad_value(value, "name of an app", err);
	return text_copy(ini->app, sizeof ini->app, value, strlen(value), err);
}

static int take_platform(struct package_ini *ini, const char *value,
                         struct err *err)
{
	if (!name_is_platform(value, strlen(value)))
		return bad_value(value, "platform such as linux/amd64", err);
	return text_copy(ini->platform, sizeof ini->platform, value,
	                 strlen(value), err);
}

static int take_profile_path(struct package_ini *ini, const char *value,
                             struct err *err)
{
	if (tree_path_check(value, strlen(value), err) < 0)
		return -1;
	return text_copy(ini->profile_path, sizeof ini->profile_path, value,
	                 strlen(value), err);
}

static int take_architecture(struct package_ini *ini, const char *value,
                             struct err *err)
{
	size_t len = strlen(value);

	if (len > 16 ||
	    strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789") != len)
		return bad_value(value, "architecture such as amd64", err);
	return text_copy(ini->architecture, sizeof ini->architecture, value,
	                 len, err);
}

static int take_kernel(struct package_ini *ini, const char *value,
                       struct err *err)
{
	const char *dot = strchr(value, '.');
	uint64_t major;
	uint64_t minor;

	if (dot == NULL ||
	    text_u64(value, (size_t)(dot - value), 9999, &major, err) < 0 ||
	    text_u64(dot + 1, strlen(dot + 1), 9999, &minor, err) < 0 ||
	    major == 0)
		return bad_value(value, "kernel version such as 5.13", err);
	ini->kernel_major = (unsigned)major;
	ini->kernel_minor = (unsigned)minor;
	return 0;
}

/* "512M": a number of bytes with an optional unit of 1024, 1024^2, 1024^3. */
static int take_size(const char *value, uint64_t *out, struct err *err)
{
	static const char units[] = "KMG";
	size_t len = strlen(value);
	const char *unit = strchr(units, value[len - 1]);
	unsigned shift = unit != NULL ? 10 * (unsigned)(unit - units + 1) : 0;
	uint64_t number;

	if (text_u64(value, unit != NULL ? len - 1 : len, SEQUENCE_MAX >> shift,
	             &number, err) < 0)
		return bad_value(value, "size such as 512M or 2G", err);
	*out = number << shift;
	return 0;
}

static int take_memory(struct package_ini *ini, const char *value,
                       struct err *err)
{
	return take_size(value, &ini->memory, err);
}

static int take_disk(struct package_ini *ini, const char *value,
                     struct err *err)
{
	return take_size(value, &ini->disk, err);
}

static const struct key keys[] = {
	{ "package", "app", take_app },
	{ "package", "platform", take_platform },
	{ "package", "out", take_out },
	{ "payload", "root", take_root },
	{ "profile", "name", take_profile },
	{ "profile", "path", take_profile_path },
	{ "requirements", "architecture", take_architecture },
	{ "requirements", "kernel", take_kernel },
	{ "requirements", "memory", take_memory },
	{ "requirements", "disk", take_disk },
	{ "signing", "key", take_key },
	{ "signing", "cosign_key", take_cosign_key },
	{ "signing", "password_file", take_password_file },
	{ "publish", "packs", take_packs },
	{ "publish", "out", take_packs_out },
	{ "publish", "build", take_build },
	{ "publish", "media_type", take_media_type },
	{ "publish", "lock", take_lock },
	{ "publish", "key", take_public_key },
	{ "publish", "publish", take_publish },
	{ "publish", "latest", take_latest },
};

/* --- lists ------------------------------------------------------------------
 */

static int take_list(struct package_list *list, const char *value,
                     struct err *err)
{
	while (*value != '\0') {
		size_t len;
		size_t end = strcspn(value, ",");

		value += strspn(value, " ");
		end = strcspn(value, ",");
		len = end;
		while (len > 0 && value[len - 1] == ' ')
			len--;
		if (len == 0)
			return err_set(err, ERR_USAGE, 0,
			               "the list has an empty item");
		if (list->count == PACKAGE_LIST_MAX)
			return err_set(err, ERR_LIMIT, 0,
			               "the list has more than %d items",
			               PACKAGE_LIST_MAX);
		if (text_copy(list->at[list->count], PACKAGE_VALUE_SIZE, value,
		              len, err) < 0)
			return -1;
		list->count++;
		value += end + (value[end] == ',');
	}
	return 0;
}

/* "include" and "include.anything" fill the same list: one line holds at most
 * 199 bytes. */
static struct package_list *find_list(struct package_ini *ini,
                                      const struct ini_item *item)
{
	const struct {
		const char *section, *name;
		struct package_list *list;
	} lists[] = {
		{ "package", "patch_from", &ini->patch_from },
		{ "payload", "include", &ini->include },
		{ "payload", "exclude", &ini->exclude },
		{ "payload", "allow_link", &ini->allow_link },
		{ "payload", "allow_mode", &ini->allow_mode },
		{ "profile", "images", &ini->images },
		{ "publish", "to", &ini->to },
	};

	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		size_t len = strlen(lists[i].name);

		if (strcmp(item->section, lists[i].section) == 0 &&
		    strncmp(item->key, lists[i].name, len) == 0 &&
		    (item->key[len] == '\0' || item->key[len] == '.'))
			return lists[i].list;
	}
	return NULL;
}

/* release.ini has them sorted by key. */
static int take_info(struct package_ini *ini, const struct ini_item *item,
                     struct err *err)
{
	struct release_info info;
	size_t at = ini->info_count;

	if (ini->info_count == RELEASE_INFO_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "[info] has more than %d keys",
		               RELEASE_INFO_MAX);
	if (text_copy(info.key, sizeof info.key, item->key, strlen(item->key),
	              err) < 0 ||
	    text_copy(info.value, sizeof info.value, item->value,
	              strlen(item->value), err) < 0)
		return -1;
	while (at > 0 && strcmp(info.key, ini->info[at - 1].key) < 0)
		at--;
	memmove(&ini->info[at + 1], &ini->info[at],
	        (ini->info_count - at) * sizeof info);
	ini->info[at] = info;
	ini->info_count++;
	return 0;
}

static int take_item(void *context, const struct ini_item *item,
                     struct err *err)
{
	struct package_ini *ini = context;
	struct package_list *list = find_list(ini, item);

	if (list != NULL)
		return take_list(list, item->value, err);
	if (strcmp(item->section, "info") == 0)
		return take_info(ini, item, err);
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (strcmp(item->section, keys[i].section) == 0 &&
		    strcmp(item->key, keys[i].name) == 0)
			return keys[i].take(ini, item->value, err);
	return err_set(err, ERR_USAGE, 0, "unknown key '%s' in section [%s]",
	               item->key, item->section);
}

int package_ini_parse(const char *text, size_t len, struct package_ini *out,
                      struct err *err)
{
	memset(out, 0, sizeof *out);
	return ini_read(text, len, INI_COMMENTED, take_item, out, err);
}

int package_ini_template(const char *app, const char *root, struct buf *out,
                         struct err *err)
{
	static const char head[] =
		"# What package-release packs.  Options on the command line "
		"are stronger.\n"
		"# Paths are relative to the folder of this file.\n"
		"\n"
		"[package]\n"
		"# The name under which hosts install it: /opt/<app>.\n"
		"app = %s\n"
		"# Only for a release that runs on one platform:\n"
		"#platform = linux/amd64\n"
		"# Results go to <out>/<version>/.\n"
		"#out = dist\n"
		"# Older bundles, or folders of their parts, at most 4: hosts "
		"that have one of\n"
		"# these releases fetch a patch where that is smaller.\n"
		"#patch_from = dist/1.0, dist/1.1\n"
		"\n"
		"[payload]\n"
		"# The folder that becomes /opt/<app>/releases/<version>.\n"
		"root = %s\n"
		"# Whole paths below it, separated by commas; '*' matches '/' "
		"too, and a\n"
		"# folder stands for all it holds.  More: include.2 = ..., "
		"include.3 = ...\n"
		"#include = bin, share, LICENSE\n"
		"#exclude = *.o, tests\n"
		"# Links that may leave the payload, and paths that keep a "
		"special mode:\n"
		"#allow_link = venv/bin/python*\n"
		"#allow_mode = bin/ping\n";
	static const char tail[] =
		"\n"
		"[profile]\n"
		"# dev, nightly or prod: profiles/<name>.env beside this file, "
		"else the\n"
		"# installed one.  Without a name no profile.env is made.\n"
		"#name = prod\n"
		"# Where profile.env lies in the payload; one that is there is "
		"used as it is.\n"
		"#path = profile.env\n"
		"# Container images that must be pinned: all of them, or "
		"none.\n"
		"#images = proxy, base\n"
		"\n"
		"[requirements]\n"
		"# Hosts that lack these refuse the release before they write "
		"anything.\n"
		"#architecture = amd64\n"
		"#kernel = 5.13\n"
		"#memory = 512M\n"
		"#disk = 2G\n"
		"\n"
		"[signing]\n"
		"# A secret key from \"package-release keygen\".  Never commit "
		"it.\n"
		"#key = release.key\n"
		"# A cosign key, or the variable that holds one:\n"
		"#cosign_key = env://COSIGN_KEY\n"
		"#password_file = release.password\n"
		"\n"
		"[publish]\n"
		"# Where \"package-release publish\" sends it; more: to.2 = "
		"...\n"
		"#to = oci://ghcr.io/owner/name, github://owner/name, "
		"dir:site\n"
		"# The public key that must have signed what is published:\n"
		"#key = release.key.pub\n"
		"# A repository of packs: each folder of packs/ is a package, "
		"which goes\n"
		"# to <to>/<folder>.  A package.ini in such a folder has its "
		"own build,\n"
		"# media_type and publish = no.\n"
		"#packs = packs\n"
		"#out = dist/packs\n"
		"# What makes $OUT_FILE of $PACK_DIR (default: packc, else a "
		"zip):\n"
		"#build = packc build --in $PACK_DIR --gtpack-out $OUT_FILE\n"
		"#lock = packs.lock.json\n"
		"#latest = no\n"
		"\n"
		"[info]\n"
		"# Free text that is signed but decides nothing.\n"
		"#homepage = https://example.org/\n";

	if (buf_printf(out, err, head, app, root) < 0)
		return -1;
	return buf_adds(out, tail, err);
}
