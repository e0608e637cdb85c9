/* SPDX-License-Identifier: Apache-2.0 */
#include "health/gather_tree.h"

#include <fnmatch.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/fs.h"

/* --- what is on record ---------------------------------------------------- */

static int load_record(const struct release_view *view,
                       struct tree_record *record, struct err *err)
{
	struct tree_facts *tree = &view->facts->tree;
	const struct store *store = view->trust->store;
	int found =
		tree_record_load(store->root, store->name, view->release_sha256,
	                         view->verified->release.entries, record, err);

	tree->depth = found == 1 ? TREE_RECORDED : TREE_UNREAD;
	if (found < 0)
		return look_note_trusted(&tree->record, err);
	if (found == 0)
		look_set(&tree->record, SIGHT_ABSENT,
		         "no full check of it is on record");
	else
		look_set(&tree->record, SIGHT_GOOD, "there is one");
	tree->recorded = record->time;
	return 0;
}

int gather_record(const struct release_view *view, struct tree_record *record,
                  struct err *err)
{
	if (view->verified == NULL)
		return 0;
	switch (view->trust->depth) {
	case GATHER_FULL:
		return 0;
	case GATHER_QUICK:
		return load_record(view, record, err);
	case GATHER_RECORD:
		break;
	}
	return tree_record_new(view->verified->release.entries, clock_now_ns(),
	                       record, err);
}

int gather_recorded(const struct release_view *view,
                    const struct tree_record *record, struct err *err)
{
	if (view->trust->depth != GATHER_RECORD || record->count == 0)
		return 0;
	return record_writer_add(view->trust->writer, view->release_sha256,
	                         record, err);
}

/* --- the tree ------------------------------------------------------------- */

struct collector {
	struct tree_facts *tree;
	const struct settings *settings;
	struct tree_record *record;
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

static int note_finding(void *context, const struct tree_finding *finding,
                        struct err *err)
{
	const struct collector *collector = context;

	if (finding->kind != TREE_EXTRA ||
	    !is_ignored(collector->settings, finding->path))
		return difference_add(collector->tree, finding, err);
	difference_ignore(collector->tree, finding->path);
	return 0;
}

static bool is_recorded(void *context, const struct tree_file *file)
{
	const struct collector *collector = context;

	if (tree_record_knows(collector->record, file->number, file->st))
		return true;
	collector->tree->reread++;
	return false;
}

static void record_file(void *context, const struct tree_file *file)
{
	const struct collector *collector = context;

	tree_record_note(collector->record, file->number, file->st);
}

static int compare_tree(const struct release_view *view,
                        struct tree_record *record, struct err *err)
{
	struct tree_facts *tree = &view->facts->tree;
	struct collector collector = { tree, view->trust->settings, record };
	AUTO_CLOSE int mtree = release_view_part(view, PART_MTREE, err);
	struct tree_check check = { .tree = view->tree,
		                    .mtree = mtree,
		                    .release = &view->verified->release,
		                    .depth = TREE_CHECK_CONTENT,
		                    .found = note_finding,
		                    .context = &collector };

	if (mtree < 0)
		return -1;
	switch (tree->depth) {
	case TREE_READ:
		check.proved = record->count > 0 ? record_file : NULL;
		break;
	case TREE_RECORDED:
		check.known = is_recorded;
		break;
	case TREE_UNREAD:
		check.depth = TREE_CHECK_NAMES;
		break;
	}
	return tree_check(&check, NULL, err);
}

int gather_tree(const struct release_view *view, struct tree_record *record,
                struct err *err)
{
	struct tree_facts *tree = &view->facts->tree;

	if (view->tree < 0) {
		look_set(&tree->look, view->facts->committed.sight, "%s",
		         view->facts->committed.text);
		return 0;
	}
	if (release_view_blocks(view, &tree->look))
		return 0;
	if (compare_tree(view, record, err) < 0)
		return look_note_trusted(&tree->look, err);
	look_set(&tree->look, SIGHT_GOOD, "compared");
	tree->entries = view->verified->release.entries;
	tree->bytes = view->verified->release.bytes;
	return 0;
}
