/* SPDX-License-Identifier: Apache-2.0 */
#include "health/gather_release.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fs.h"
#include "codec/profile_env.h"
#include "codec/receipt.h"
#include "health/gather_engine.h"
#include "health/release_view.h"
#include "store/package_stage.h"

/* --- sealed parts ----------------------------------------------------------
 */

/* Kept only where the host was told to is the payload. */
static int is_expected(const struct release_view *view, enum part_kind kind,
                       struct err *err)
{
	char name[PART_NAME_SIZE];

	part_name((struct part){ kind, 0 }, name);
	if (!view->verified->release.parts[kind].is_present)
		return 0;
	if (part_is_kept(kind))
		return 1;
	return fs_exists(view->package, name, NULL, err);
}

static int check_parts(const struct release_view *view, struct err *err)
{
	for (unsigned kind = 0; kind < PART_KINDS; kind++) {
		int expected = is_expected(view, kind, err);
		AUTO_CLOSE int fd = -1;

		if (expected < 0)
			return -1;
		if (expected == 0)
			continue;
		fd = release_view_part(view, kind, err);
		if (fd < 0)
			return -1;
	}
	return 0;
}

static int gather_committed(struct release_view *view, struct err *err)
{
	struct look *look = &view->facts->committed;

	if (view->tree < 0 || release_view_blocks(view, look))
		return 0;
	if (check_parts(view, err) < 0)
		return look_note_trusted(look, err);
	look_set(look, SIGHT_GOOD, "release and sealed parts are there");
	return 0;
}

/* --- the receipt -----------------------------------------------------------
 */

static int check_receipt(const struct release_view *view,
                         const struct receipt *receipt, struct err *err)
{
	if (strcmp(receipt->app, view->trust->store->name) != 0 ||
	    strcmp(receipt->version, view->facts->version) != 0)
		return err_set(err, ERR_CONFLICT, 0,
		               "the receipt is about %s %s", receipt->app,
		               receipt->version);
	if (!sha256_equal(receipt->release_sha256, view->release_sha256))
		return err_set(err, ERR_CONFLICT, 0,
		               "the receipt is about another release.ini");
	if (view->verified != NULL &&
	    receipt->sequence != view->verified->release.sequence)
		return err_set(err, ERR_CONFLICT, 0,
		               "the receipt has another sequence");
	return 0;
}

static int read_receipt(const struct release_view *view, struct receipt *out,
                        struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(RECEIPT_MAX);
	int found = fs_read_trusted(view->package, RECEIPT_NAME, &text, err);

	if (found == 0)
		return err_set(err, ERR_SYSTEM, ENOENT, "%s", RECEIPT_NAME);
	if (found < 0 || receipt_parse(buf_text(&text), text.len, out, err) < 0)
		return -1;
	return check_receipt(view, out, err);
}

static int gather_receipt(const struct release_view *view, struct err *err)
{
	struct look *look = &view->facts->receipt;
	AUTO_FREE struct receipt *receipt = NULL;
	char installed[CLOCK_TEXT_SIZE];

	if (view->release_ini.len == 0) {
		look_set(look, view->facts->signature.sight, "%s",
		         view->facts->signature.text);
		return 0;
	}
	receipt = calloc(1, sizeof *receipt);
	if (receipt == NULL)
		return err_nomem(err);
	if (read_receipt(view, receipt, err) < 0)
		return look_note_trusted(look, err);
	clock_format(receipt->installed, installed);
	look_set(look, SIGHT_GOOD, "installed %s%s%s", installed,
	         receipt->by[0] != '\0' ? " by " : "", receipt->by);
	return 0;
}

/* --- profile.env -----------------------------------------------------------
 */

static int read_profile(int fd, struct buf *canonical,
                        struct profile_env *profile, struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(PROFILE_ENV_MAX);

	if (fs_read_fd(fd, &text, err) < 0 ||
	    profile_env_parse(buf_text(&text), text.len, profile, err) < 0)
		return -1;
	return profile_env_write(profile, canonical, err);
}

/* The sealed one is canonical; in the release its lines may stand in another
 * order. */
static int check_profile(const struct release_view *view,
                         struct profile_env *profile, struct err *err)
{
	const char *path = view->verified->release.profile;
	AUTO_BUF struct buf sealed = BUF_NONE;
	AUTO_BUF struct buf installed = BUF_NONE;
	AUTO_CLOSE int part = release_view_part(view, PART_PROFILE_ENV, err);
	AUTO_CLOSE int file = -1;

	if (part < 0)
		return -1;
	if (read_profile(part, &sealed, profile, err) < 0)
		return err_wrap(err, "the sealed profile");
	file = fs_open_file(view->tree, path, err);
	if (file < 0 || read_profile(file, &installed, profile, err) < 0)
		return err_wrap(err, "'%s' in the release", path);
	if (sealed.len != installed.len ||
	    memcmp(buf_text(&sealed), buf_text(&installed), sealed.len) != 0)
		return err_set(err, ERR_CONFLICT, 0,
		               "'%s' in the release is not the sealed profile",
		               path);
	return 0;
}

static int gather_profile(const struct release_view *view, struct err *err)
{
	struct look *look = &view->facts->profile;
	AUTO_FREE struct profile_env *profile = NULL;

	if (release_view_blocks(view, look))
		return 0;
	if (!view->verified->release.parts[PART_PROFILE_ENV].is_present) {
		look_set(look, SIGHT_NONE, "the release has no profile");
		return 0;
	}
	profile = calloc(1, sizeof *profile);
	if (profile == NULL)
		return err_nomem(err);
	if (check_profile(view, profile, err) < 0)
		return look_note_trusted(look, err);
	look_set(look, SIGHT_GOOD, "PROFILE=%s", profile->profile);
	if (view->facts->is_current)
		view->facts->profile_env = TAKE_PTR(profile);
	return 0;
}

/* --- the tree --------------------------------------------------------------
 */

struct collector {
	struct tree_facts *tree;
	const struct settings *settings;
};

static bool is_ignored(const struct settings *settings, const char *path)
{
	/* "cache/" as well: of an extra folder only its name is known. */
	char folder[FS_PATH_MAX + 1];

	(void)snprintf(folder, sizeof folder, "%s/", path);
	for (size_t i = 0; i < settings->ignore.count; i++) {
		const char *pattern = settings_word(&settings->ignore, i);

		/* A star also stands for slashes: *.pyc is meant anywhere. */
		if (fnmatch(pattern, path, 0) == 0 ||
		    fnmatch(pattern, folder, 0) == 0)
			return true;
	}
	return false;
}

static int collect(void *context, const struct tree_finding *finding,
                   struct err *err)
{
	const struct collector *collector = context;

	if (finding->kind != TREE_EXTRA ||
	    !is_ignored(collector->settings, finding->path))
		return difference_add(collector->tree, finding, err);
	difference_ignore(collector->tree, finding->path);
	return 0;
}

static int compare_tree(const struct release_view *view, struct err *err)
{
	const struct release_ini *release = &view->verified->release;
	struct collector collector = { &view->facts->tree,
		                       view->trust->settings };
	AUTO_CLOSE int mtree = release_view_part(view, PART_MTREE, err);
	const struct tree_check check = { .tree = view->tree,
		                          .mtree = mtree,
		                          .release = release,
		                          .depth = TREE_CHECK_CONTENT,
		                          .found = collect,
		                          .context = &collector };

	if (mtree < 0)
		return -1;
	return tree_check(&check, NULL, err);
}

static int gather_tree(const struct release_view *view, struct err *err)
{
	struct tree_facts *tree = &view->facts->tree;

	if (view->tree < 0) {
		look_set(&tree->look, view->facts->committed.sight, "%s",
		         view->facts->committed.text);
		return 0;
	}
	if (release_view_blocks(view, &tree->look))
		return 0;
	if (compare_tree(view, err) < 0)
		return look_note_trusted(&tree->look, err);
	look_set(&tree->look, SIGHT_GOOD, "compared");
	tree->entries = view->verified->release.entries;
	tree->bytes = view->verified->release.bytes;
	return 0;
}

int gather_release(const struct gather_trust *trust, struct release_facts *out,
                   struct err *err)
{
	AUTO_RELEASE_VIEW struct release_view view = { .package = -1,
		                                       .tree = -1 };

	if (release_view_open(trust, out, &view, err) < 0)
		return -1;
	if (check_set_has(trust->set, CHECK_RELEASE_COMMITTED) &&
	    gather_committed(&view, err) < 0)
		return -1;
	if (check_set_has(trust->set, CHECK_RELEASE_RECEIPT) &&
	    gather_receipt(&view, err) < 0)
		return -1;
	if ((check_set_has(trust->set, CHECK_PROFILE_ENV) ||
	     (out->is_current && gather_engine_asks(trust->set))) &&
	    gather_profile(&view, err) < 0)
		return -1;
	if (check_set_has(trust->set, CHECK_RELEASE_TREE) &&
	    gather_tree(&view, err) < 0)
		return -1;
	return 0;
}
