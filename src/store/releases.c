/* SPDX-License-Identifier: Apache-2.0 */
#include "store/releases.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/disk.h"
#include "base/fs.h"
#include "codec/part.h"
#include "codec/receipt.h"
#include "crypto/sha256.h"
#include "store/activate.h"
#include "store/in_use.h"
#include "store/links.h"
#include "store/marks.h"
#include "store/package_stage.h"

void installed_done(struct installed_list *list)
{
	free(list->items);
	*list = INSTALLED_NONE;
}

/* --- one release ----------------------------------------------------- */

static int read_part(int package, const char *name, size_t max, struct buf *out,
                     struct err *err)
{
	AUTO_CLOSE int fd = fs_open_file(package, name, err);

	*out = BUF_LIMIT(max);
	return fd < 0 ? -1 : fs_read_fd(fd, out, err);
}

static int read_receipt(int package, struct receipt *out, struct err *err)
{
	AUTO_BUF struct buf text = BUF_NONE;

	if (read_part(package, RECEIPT_NAME, RECEIPT_MAX, &text, err) < 0)
		return -1;
	return receipt_parse(buf_text(&text), text.len, out, err);
}

/* That release.ini is the one that the receipt is about. */
static int check_release(int package, const struct receipt *receipt,
                         struct err *err)
{
	AUTO_BUF struct buf text = BUF_NONE;
	uint8_t digest[DIGEST_LEN];
	char name[PART_NAME_SIZE];

	part_name((struct part){ PART_RELEASE_INI, 0 }, name);
	if (read_part(package, name, RELEASE_INI_MAX, &text, err) < 0 ||
	    sha256_of(text.data, text.len, digest, err) < 0)
		return -1;
	if (!sha256_equal(digest, receipt->release_sha256))
		return err_set(err, ERR_FORMAT, 0,
		               "release.ini is not that of the receipt");
	return 0;
}

static int read_package(int package, struct installed *out, struct err *err)
{
	struct receipt receipt;

	if (read_receipt(package, &receipt, err) < 0 ||
	    check_release(package, &receipt, err) < 0)
		return -1;
	if (strcmp(receipt.version, out->version) != 0)
		return err_set(err, ERR_FORMAT, 0,
		               "the receipt is that of another version");
	out->sequence = receipt.sequence;
	out->time = receipt.installed;
	memcpy(out->release_sha256, receipt.release_sha256, DIGEST_LEN);
	return 0;
}

/* Damage is what another look would find again.  What only this process lacks
 * says nothing about the release, and must not cost it: damaged ones are
 * pruned. */
static bool is_damage(const struct err *err)
{
	if (err->code == ERR_INTERNAL)
		return false;
	return err->code != ERR_SYSTEM ||
	       (err->sys != ENOMEM && err->sys != EMFILE && err->sys != ENFILE);
}

static int look_at_tree(const struct store *store, struct installed *out,
                        struct err *err)
{
	AUTO_CLOSE int dir = fs_open_dir(store->releases, out->version, err);

	if (dir < 0)
		out->is_damaged = true;
	return dir < 0 && !is_damage(err) ? -1 : 0;
}

/* What the package tells. */
static int look_at_package(const struct store *store, struct installed *out,
                           struct err *err)
{
	AUTO_CLOSE int package =
		fs_open_dir(store->packages, out->version, err);

	if (package >= 0 && read_package(package, out, err) == 0)
		return 0;
	out->is_damaged = true;
	return is_damage(err) ? 0 : -1;
}

static int look_at_marks(const struct store *store, struct installed *out,
                         struct err *err)
{
	int bad = mark_find(store, MARK_BAD, out->version, NULL, err);
	int held =
		bad < 0 ? -1
			: mark_find(store, MARK_HELD, out->version, NULL, err);

	if (held < 0)
		return -1;
	out->is_bad = bad == 1;
	out->is_held = held == 1;
	return 0;
}

int store_receipt(const struct store *store, const char *version,
                  struct receipt *out, struct err *err)
{
	AUTO_BUF struct buf text = BUF_LIMIT(RECEIPT_MAX);
	char path[VERSION_SIZE + sizeof "/" RECEIPT_NAME];
	int found;

	(void)snprintf(path, sizeof path, "%s/" RECEIPT_NAME, version);
	found = fs_read_trusted(store->packages, path, &text, err);
	if (found <= 0)
		return found;
	if (receipt_parse(buf_text(&text), text.len, out, err) < 0)
		return err_wrap(err, "receipt of %s", version);
	return 1;
}

int store_find(const struct store *store, const char *version,
               struct installed *out, struct err *err)
{
	struct installed found = { .time = 0 };
	int there;

	if (!name_is_version(version, strlen(version)))
		return err_set(err, ERR_USAGE, 0, "'%s' is no version",
		               version);
	(void)snprintf(found.version, sizeof found.version, "%s", version);
	there = fs_exists(store->releases, version, NULL, err);
	if (there < 0)
		return -1;
	found.is_current = link_names(store, LINK_CURRENT, version);
	found.is_previous = link_names(store, LINK_PREVIOUS, version);
	if (there == 0 && !found.is_current && !found.is_previous)
		return 0;
	if (look_at_package(store, &found, err) < 0 ||
	    look_at_tree(store, &found, err) < 0 ||
	    look_at_marks(store, &found, err) < 0)
		return -1;
	*out = found;
	return 1;
}

/* --- all of them ----------------------------------------------------- */

static int compare_installed(const void *a, const void *b)
{
	const struct installed *left = a;
	const struct installed *right = b;

	if (left->sequence != right->sequence)
		return left->sequence < right->sequence ? -1 : 1;
	return strcmp(left->version, right->version);
}

static int add_found(const struct store *store, const char *version,
                     struct installed_list *list, struct err *err)
{
	int got = store_find(store, version, &list->items[list->count], err);

	if (got == 1)
		list->count++;
	return got < 0 ? -1 : 0;
}

/* A release that a link names, but whose folder is gone. */
static int add_dangling(const struct store *store, const char *link,
                        struct installed_list *list, struct err *err)
{
	struct err ignored; /* a damaged link names no release */
	char version[VERSION_SIZE];

	if (link_read(store, link, version, &ignored) < 1)
		return 0;
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i].version, version) == 0)
			return 0;
	return add_found(store, version, list, err);
}

static int fill_list(const struct store *store, char **names, size_t count,
                     struct installed_list *list, struct err *err)
{
	for (size_t i = 0; i < count; i++)
		if (name_is_version(names[i], strlen(names[i])) &&
		    add_found(store, names[i], list, err) < 0)
			return -1;
	if (add_dangling(store, LINK_CURRENT, list, err) < 0)
		return -1;
	return add_dangling(store, LINK_PREVIOUS, list, err);
}

int store_list(const struct store *store, struct installed_list *out,
               struct err *err)
{
	AUTO_INSTALLED struct installed_list list = INSTALLED_NONE;
	char **names;
	size_t count;
	int result;

	if (fs_list(store->releases, STORE_NAMES_MAX, &names, &count, err) < 0)
		return -1;
	/* Two more for links whose release is gone, one for store_list_after.
	 */
	list.items = calloc(count + 3, sizeof *list.items);
	result = list.items == NULL
	                 ? err_nomem(err)
	                 : fill_list(store, names, count, &list, err);
	fs_list_free(names, count);
	if (result < 0)
		return -1;
	if (list.count > 0)
		qsort(list.items, list.count, sizeof *list.items,
		      compare_installed);
	*out = list;
	list = INSTALLED_NONE;
	return 0;
}

/* The item of that version; a new one where there is none. */
static struct installed *require_item(struct installed_list *list,
                                      const char *version)
{
	struct installed *item = list->items;

	while (item < list->items + list->count &&
	       strcmp(item->version, version) != 0)
		item++;
	if (item == list->items + list->count)
		list->count++;
	return item;
}

int store_list_after(const struct store *store, const char *version,
                     uint64_t sequence, struct installed_list *out,
                     struct err *err)
{
	AUTO_INSTALLED struct installed_list list = INSTALLED_NONE;
	char previous[VERSION_SIZE];
	struct installed *next;

	if (store_list(store, &list, err) < 0 ||
	    store_next_previous(store, version, previous, err) < 0)
		return -1;
	next = require_item(&list, version);
	(void)snprintf(next->version, sizeof next->version, "%s", version);
	next->sequence = sequence;
	next->is_bad = next->is_damaged = false;
	for (size_t i = 0; i < list.count; i++) {
		struct installed *item = &list.items[i];

		item->is_current = item == next;
		item->is_previous = strcmp(item->version, previous) == 0;
	}
	qsort(list.items, list.count, sizeof *list.items, compare_installed);
	*out = list;
	list = INSTALLED_NONE;
	return 0;
}

/* --- what may go ----------------------------------------------------- */

static bool is_good(const struct installed *item)
{
	return !item->is_bad && !item->is_damaged;
}

const struct installed *store_rollback_target(const struct installed_list *list)
{
	const struct installed *target = NULL;

	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].is_current) {
			/* Without its receipt nobody knows what was before. */
			if (list->items[i].is_damaged)
				continue;
			return target;
		}
		if (is_good(&list->items[i]))
			target = &list->items[i];
	}
	return target;
}

bool store_may_prune(const struct installed_list *list,
                     const struct installed *item, size_t keep)
{
	size_t newer = 0;

	if (item->is_current || item->is_previous || item->is_held)
		return false;
	if (!is_good(item))
		return true;
	for (size_t i = 0; i < list->count; i++)
		if (is_good(&list->items[i]) &&
		    compare_installed(&list->items[i], item) > 0)
			newer++;
	return newer >= keep;
}

int store_require_unused(const struct store *store, const char *version,
                         struct err *err)
{
	AUTO_CLOSE int dir = fs_open_dir(store->releases, version, err);
	char who[IN_USE_TEXT_SIZE];
	int used;

	if (dir < 0)
		return err->sys == ENOENT ? 0 : -1;
	used = in_use_find(dir, who, err);
	if (used == 1)
		return err_set(err, ERR_LOCKED, 0, "release %s is in use: %s",
		               version, who);
	return used;
}

static int require_removable(const struct store *store,
                             const struct installed *item, struct err *err)
{
	const char *why = item->is_current    ? "current"
	                  : item->is_previous ? "previous"
	                  : item->is_held     ? "held"
	                                      : NULL;

	if (why != NULL)
		return err_set(err, ERR_CONFLICT, 0, "release %s is %s",
		               item->version, why);
	return store_require_unused(store, item->version, err);
}

/* Out of sight at once, then removed: never a release with holes. */
static int remove_aside(int dir, const char *version, struct err *err)
{
	char trash[sizeof STORE_TRASH + VERSION_SIZE];
	int there = fs_exists(dir, version, NULL, err);

	if (there <= 0)
		return there;
	(void)snprintf(trash, sizeof trash, STORE_TRASH "%s", version);
	if (disk_remove_tree("releases.trash-clear", dir, trash, err) < 0 ||
	    disk_rename_new("releases.trash", dir, version, dir, trash, err) <
	            0 ||
	    disk_sync("releases.trash-sync", dir, err) < 0)
		return -1;
	return disk_remove_tree("releases.remove", dir, trash, err);
}

int store_remove_release(const struct store *store, const char *version,
                         struct err *err)
{
	struct installed item;
	int got;

	if (links_check(store, err) < 0)
		return -1;
	got = store_find(store, version, &item, err);
	if (got < 0)
		return -1;
	if (got == 0)
		return err_set(err, ERR_CONFLICT, 0,
		               "release %s is not installed", version);
	if (require_removable(store, &item, err) < 0)
		return -1;
	if (remove_aside(store->releases, version, err) < 0 ||
	    remove_aside(store->packages, version, err) < 0)
		return err_wrap(err, "removing release %s", version);
	return 0;
}
