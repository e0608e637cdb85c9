/* SPDX-License-Identifier: Apache-2.0 */
#include "health/gather_release.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fs.h"
#include "codec/profile_env.h"
#include "codec/receipt.h"
#include "health/gather_engine.h"
#include "health/gather_tree.h"
#include "health/release_view.h"
#include "store/package_stage.h"
#include "store/tree_hash.h"

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

/* What can be said of the payload without reading it. */
static int look_at_payload(const struct release_view *view, struct stat *out,
                           struct err *err)
{
	const struct part_pin *pin =
		&view->verified->release.parts[PART_PAYLOAD];
	char name[PART_NAME_SIZE];
	AUTO_CLOSE int fd = -1;

	part_name((struct part){ PART_PAYLOAD, 0 }, name);
	if (fs_exists(view->package, name, out, err) < 1)
		return -1; /* is_expected has just seen it */
	if (!S_ISREG(out->st_mode) || (uint64_t)out->st_size != pin->size)
		return err_set(err, ERR_FORMAT, 0,
		               "'%s' is not what release.ini pins", name);
	fd = fs_find(view->package, name, err);
	return fd < 0 ? -1 : fs_check_owner(fd, name, err);
}

/* It may be large: a quick look trusts it as it does files, and a full one
 * records it. */
static int check_payload(const struct release_view *view,
                         struct tree_record *record, struct err *err)
{
	AUTO_CLOSE int fd = -1;
	struct stat before;

	if (look_at_payload(view, &before, err) < 0)
		return -1;
	if (view->trust->depth == GATHER_QUICK &&
	    (record->count == 0 ||
	     tree_record_knows(record, record->count - 1, &before)))
		return 0;
	fd = release_view_part(view, PART_PAYLOAD, err);
	if (fd < 0)
		return -1;
	if (record->count > 0 && tree_hash_is_steady(fd, &before))
		tree_record_note(record, record->count - 1, &before);
	return 0;
}

static int check_part(const struct release_view *view, enum part_kind kind,
                      struct tree_record *record, struct err *err)
{
	AUTO_CLOSE int fd = -1;

	if (kind == PART_PAYLOAD)
		return check_payload(view, record, err);
	fd = release_view_part(view, kind, err);
	return fd < 0 ? -1 : 0;
}

static int check_parts(const struct release_view *view,
                       struct tree_record *record, struct err *err)
{
	for (unsigned kind = 0; kind < PART_KINDS; kind++) {
		int expected = is_expected(view, kind, err);

		if (expected < 0 ||
		    (expected == 1 && check_part(view, kind, record, err) < 0))
			return -1;
	}
	return 0;
}

static int gather_committed(struct release_view *view,
                            struct tree_record *record, struct err *err)
{
	struct look *look = &view->facts->committed;

	if (view->tree < 0 || release_view_blocks(view, look))
		return 0;
	if (check_parts(view, record, err) < 0)
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

/* Whether a check needs to know which images the release runs. */
static bool needs_images(struct check_set set)
{
	return gather_engine_asks(set) ||
	       check_set_has(set, CHECK_IMAGES_SIGNED) ||
	       check_set_has(set, CHECK_REGISTRY_REACHABLE);
}

int gather_release(const struct gather_trust *trust, struct release_facts *out,
                   struct err *err)
{
	AUTO_RELEASE_VIEW struct release_view view = { .package = -1,
		                                       .tree = -1 };
	AUTO_TREE_RECORD struct tree_record record = TREE_RECORD_NONE;

	if (release_view_open(trust, out, &view, err) < 0 ||
	    gather_record(&view, &record, err) < 0)
		return -1;
	if (check_set_has(trust->set, CHECK_RELEASE_COMMITTED) &&
	    gather_committed(&view, &record, err) < 0)
		return -1;
	if (check_set_has(trust->set, CHECK_RELEASE_RECEIPT) &&
	    gather_receipt(&view, err) < 0)
		return -1;
	if ((check_set_has(trust->set, CHECK_PROFILE_ENV) ||
	     (out->is_current && needs_images(trust->set))) &&
	    gather_profile(&view, err) < 0)
		return -1;
	if (check_set_has(trust->set, CHECK_RELEASE_TREE) &&
	    gather_tree(&view, &record, err) < 0)
		return -1;
	return gather_recorded(&view, &record, err);
}
