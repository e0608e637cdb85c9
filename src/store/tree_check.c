/* SPDX-License-Identifier: Apache-2.0 */
#include "store/tree_check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/tree_walk.h"
#include "store/cursor.h"
#include "store/store.h"
#include "store/tree_hash.h"

/* Both sides, each with the item it is at: a merge of two sorted lists. */
struct comparison {
	const struct tree_check *check;
	struct tree_walk walk;
	struct tree_walk_item item; /* of the disk */
	bool has_item;
	struct tree_cursor tree; /* of payload.mtree */
	bool has_entry;
	uint64_t findings;
	uid_t owner;
	struct tree_hash *hash;      /* owned; NULL until a file is read */
	char closed[TREE_PATH_SIZE]; /* a folder that could not be listed */
};

static void comparison_done(struct comparison *comparison)
{
	tree_walk_done(&comparison->walk);
	tree_cursor_done(&comparison->tree);
	tree_hash_free(comparison->hash);
}

const char *tree_finding_name(enum tree_finding_kind kind)
{
	static const char *const names[] = {
		[TREE_MISSING] = "missing",
		[TREE_EXTRA] = "extra",
		[TREE_TYPE] = "type",
		[TREE_MODE] = "mode",
		[TREE_OWNER] = "owner",
		[TREE_SIZE] = "size",
		[TREE_CONTENT] = "content",
		[TREE_TIME] = "time",
		[TREE_LINK] = "link",
		[TREE_CAPABILITY] = "capability",
		[TREE_UNREADABLE] = "unreadable",
	};

	return names[kind];
}

static int say(struct comparison *comparison, enum tree_finding_kind kind,
               const char *path, int sys, struct err *err)
{
	const struct tree_finding finding = { kind, path, sys };

	comparison->findings++;
	return comparison->check->found(comparison->check->context, &finding,
	                                err);
}

/* --- files that are being read ---------------------------------------- */

/* What came of reading one. */
static int judge(struct comparison *comparison, const struct tree_hash_job *job,
                 struct err *err)
{
	const struct tree_check *check = comparison->check;
	const struct tree_file file = { job->number, &job->st };

	if (job->has_capability &&
	    say(comparison, TREE_CAPABILITY, job->path, 0, err) < 0)
		return -1;
	switch (job->outcome) {
	case TREE_HASH_SAME:
		if (job->is_steady && !job->has_capability &&
		    check->proved != NULL)
			check->proved(check->context, &file);
		return 0;
	case TREE_HASH_OTHER:
		return say(comparison, TREE_CONTENT, job->path, 0, err);
	case TREE_HASH_UNREADABLE:
		break;
	}
	return say(comparison, TREE_UNREADABLE, job->path, job->sys, err);
}

/* 1 for a file that was judged, 0 when none is being read, -1. */
static int judge_oldest(struct comparison *comparison, struct err *err)
{
	const struct tree_hash_job *job;
	int got = comparison->hash != NULL
	                  ? tree_hash_take(comparison->hash, &job, err)
	                  : 0;

	if (got < 1)
		return got;
	return judge(comparison, job, err) < 0 ? -1 : 1;
}

static int drain(struct comparison *comparison, struct err *err)
{
	int got;

	do
		got = judge_oldest(comparison, err);
	while (got == 1);
	return got;
}

/* What is found of an entry comes behind what is found of those before it. */
static int report(struct comparison *comparison, enum tree_finding_kind kind,
                  const char *path, int sys, struct err *err)
{
	if (drain(comparison, err) < 0)
		return -1;
	return say(comparison, kind, path, sys, err);
}

/* --- one entry that is on both sides --------------------------------- */

static bool is_type(mode_t mode, enum entry_type type)
{
	switch (type) {
	case ENTRY_FILE:
		return S_ISREG(mode);
	case ENTRY_DIR:
		return S_ISDIR(mode);
	case ENTRY_LINK:
		return S_ISLNK(mode);
	}
	return false;
}

/* All of a tree has one owner: root, or below --root the user it belongs to. */
static bool is_owner(const struct comparison *comparison, const struct stat *st)
{
	return st->st_uid == comparison->owner &&
	       (st->st_uid != 0 || st->st_gid == 0);
}

/* What a stat tells: owner, mode and time. */
static int compare_stat(struct comparison *comparison, const char *path,
                        const struct stat *st, unsigned mode, struct err *err)
{
	bool has_mode = !S_ISLNK(st->st_mode);

	if (!is_owner(comparison, st) &&
	    report(comparison, TREE_OWNER, path, 0, err) < 0)
		return -1;
	if (has_mode && (st->st_mode & 07777) != mode &&
	    report(comparison, TREE_MODE, path, 0, err) < 0)
		return -1;
	if ((st->st_mtim.tv_sec != comparison->tree.reader.created ||
	     st->st_mtim.tv_nsec != 0) &&
	    report(comparison, TREE_TIME, path, 0, err) < 0)
		return -1;
	return 0;
}

/* A place for one more file; NULL on failure. */
static struct tree_hash_job *find_room(struct comparison *comparison,
                                       struct err *err)
{
	struct tree_hash_job *job;

	if (comparison->hash == NULL &&
	    tree_hash_new(&comparison->hash, err) < 0)
		return NULL;
	while ((job = tree_hash_room(comparison->hash)) == NULL)
		if (judge_oldest(comparison, err) < 0)
			return NULL;
	return job;
}

static int read_content(struct comparison *comparison,
                        const struct tree_file *file, struct err *err)
{
	const struct mtree_entry *entry = &comparison->tree.entry;
	AUTO_CLOSE int fd = fs_open_file(comparison->item.folder,
	                                 comparison->item.name, err);
	struct tree_hash_job *job;

	if (fd < 0) {
		/* That it cannot be opened (EACCES) is a finding, not the end
		 * of the check; want of memory is the end. */
		if (err->code != ERR_SYSTEM || err->sys == ENOMEM)
			return -1;
		return report(comparison, TREE_UNREADABLE, entry->path,
		              err->sys, err);
	}
	job = find_room(comparison, err);
	if (job == NULL)
		return -1;
	(void)memcpy(job->path, entry->path, strlen(entry->path) + 1);
	(void)memcpy(job->sha256, entry->sha256, sizeof job->sha256);
	job->number = file->number;
	job->st = *file->st;
	job->size = entry->size;
	job->fd = TAKE_FD(fd);
	tree_hash_give(comparison->hash);
	return 0;
}

static int compare_content(struct comparison *comparison, struct err *err)
{
	const struct tree_check *check = comparison->check;
	const struct tree_file file = { comparison->tree.reader.entries - 1,
		                        &comparison->item.st };

	if (check->known != NULL && check->known(check->context, &file))
		return 0;
	return read_content(comparison, &file, err);
}

static int compare_file(struct comparison *comparison, struct err *err)
{
	const struct mtree_entry *entry = &comparison->tree.entry;

	if ((uint64_t)comparison->item.st.st_size != entry->size)
		return report(comparison, TREE_SIZE, entry->path, 0, err);
	switch (comparison->check->depth) {
	case TREE_CHECK_NAMES:
		return 0;
	case TREE_CHECK_CONTENT:
		return compare_content(comparison, err);
	}
	return 0;
}

static int compare_link(struct comparison *comparison, struct err *err)
{
	const struct mtree_entry *entry = &comparison->tree.entry;
	char target[FS_PATH_MAX];
	int got = fs_read_link(comparison->item.folder, comparison->item.name,
	                       target, err);

	if (got == 1 && strcmp(target, entry->link) == 0)
		return 0;
	if (got < 0 && err->code == ERR_SYSTEM)
		return report(comparison, TREE_UNREADABLE, entry->path,
		              err->sys, err);
	return report(comparison, TREE_LINK, entry->path, 0, err);
}

static int compare_entry(struct comparison *comparison, struct err *err)
{
	const struct mtree_entry *entry = &comparison->tree.entry;
	const struct stat *st = &comparison->item.st;

	if (comparison->item.sys != 0)
		return report(comparison, TREE_UNREADABLE, entry->path,
		              comparison->item.sys, err);
	if (!is_type(st->st_mode, entry->type)) {
		tree_walk_skip(&comparison->walk);
		return report(comparison, TREE_TYPE, entry->path, 0, err);
	}
	if (compare_stat(comparison, entry->path, st, entry->mode, err) < 0)
		return -1;
	switch (entry->type) {
	case ENTRY_DIR:
		return 0;
	case ENTRY_LINK:
		return compare_link(comparison, err);
	case ENTRY_FILE:
		return compare_file(comparison, err);
	}
	return 0;
}

/* --- the merge ------------------------------------------------------- */

static int next_entry(struct comparison *comparison, struct err *err)
{
	int got = tree_cursor_next(&comparison->tree, err);

	comparison->has_entry = got == 1;
	return got < 0 ? -1 : 0;
}

/* Whether the walk reports that it could not enter the folder it gave. */
static bool is_closed_folder(const struct comparison *comparison)
{
	return comparison->item.sys != 0 && comparison->item.folder < 0;
}

/* The next item of the disk; folders that cannot be entered are reported on
 * the way, and nothing is known of what lies in them. */
static int next_item(struct comparison *comparison, struct err *err)
{
	for (;;) {
		int got = tree_walk_next(&comparison->walk, &comparison->item,
		                         err);

		comparison->has_item = got == 1;
		if (got < 1 || !is_closed_folder(comparison))
			return got < 0 ? -1 : 0;
		(void)memcpy(comparison->closed, comparison->item.path,
		             strlen(comparison->item.path) + 1);
		if (report(comparison, TREE_UNREADABLE, comparison->item.path,
		           comparison->item.sys, err) < 0)
			return -1;
	}
}

static bool is_below_closed(const struct comparison *comparison,
                            const char *path)
{
	size_t len = strlen(comparison->closed);

	return len > 0 && strncmp(path, comparison->closed, len) == 0 &&
	       path[len] == '/';
}

static int order(const struct comparison *comparison)
{
	if (!comparison->has_item)
		return -1;
	if (!comparison->has_entry)
		return 1;
	return tree_path_compare(comparison->tree.entry.path,
	                         comparison->item.path);
}

static int miss_entry(struct comparison *comparison, struct err *err)
{
	const char *path = comparison->tree.entry.path;

	if (!is_below_closed(comparison, path) &&
	    report(comparison, TREE_MISSING, path, 0, err) < 0)
		return -1;
	return next_entry(comparison, err);
}

static int take_extra(struct comparison *comparison, struct err *err)
{
	tree_walk_skip(&comparison->walk);
	if (report(comparison, TREE_EXTRA, comparison->item.path, 0, err) < 0)
		return -1;
	return next_item(comparison, err);
}

/* The release folder itself, which payload.mtree does not list. */
static int compare_top(struct comparison *comparison, struct err *err)
{
	struct stat st;

	if (fstat(comparison->check->tree, &st) < 0)
		return err_set(err, ERR_SYSTEM, errno,
		               "looking at the release folder");
	comparison->owner = st.st_uid == geteuid() ? geteuid() : 0;
	return compare_stat(comparison, ".", &st, STORE_DIR_MODE, err);
}

static int merge(struct comparison *comparison, struct err *err)
{
	if (next_entry(comparison, err) < 0 ||
	    compare_top(comparison, err) < 0 || next_item(comparison, err) < 0)
		return -1;
	while (comparison->has_entry || comparison->has_item) {
		int which = order(comparison);
		int result;

		if (which < 0)
			result = miss_entry(comparison, err);
		else if (which > 0)
			result = take_extra(comparison, err);
		else if ((result = compare_entry(comparison, err)) == 0 &&
		         (result = next_entry(comparison, err)) == 0)
			result = next_item(comparison, err);
		if (result < 0)
			return -1;
	}
	return 0;
}

int tree_check(const struct tree_check *check, uint64_t *count, struct err *err)
{
	AUTO(comparison_done)
	struct comparison comparison = {
		.check = check,
		.walk = TREE_WALK_INIT(check->tree),
		.tree = TREE_CURSOR_NONE,
	};
	const struct release_ini *release = check->release;

	tree_cursor_begin(&comparison.tree, check->mtree);
	if (merge(&comparison, err) < 0 || drain(&comparison, err) < 0)
		return -1;
	if (release != NULL &&
	    mtree_finish(&comparison.tree.reader, release->entries,
	                 release->bytes, err) < 0)
		return -1;
	if (count != NULL)
		*count = comparison.findings;
	return 0;
}
