/* SPDX-License-Identifier: Apache-2.0 */
#include "health/facts.h"

#include <stdlib.h>
#include <string.h>

#define DIFFERENCES_FIRST 32 /* items allocated at first */

static void tree_done(struct tree_facts *tree)
{
	for (size_t i = 0; i < tree->count; i++)
		free(tree->items[i].path);
	free(tree->items);
	tree->items = NULL;
	tree->count = tree->capacity = 0;
}

void facts_done(struct facts *facts)
{
	for (size_t i = 0; i < facts->release_count; i++) {
		tree_done(&facts->releases[i].tree);
		free(facts->releases[i].profile_env);
	}
	engine_facts_done(&facts->engine);
	image_facts_done(&facts->images);
	free(facts->upkeep.roots.items);
	facts->upkeep.roots.items = NULL;
	facts->upkeep.roots.count = 0;
	free(facts->service.probes);
	facts->service.probes = NULL;
	facts->service.count = 0;
	free(facts->releases);
	facts->releases = NULL;
	facts->release_count = 0;
}

static int grow(struct tree_facts *tree, struct err *err)
{
	size_t capacity =
		tree->capacity > 0 ? tree->capacity * 2 : DIFFERENCES_FIRST;
	struct difference *items;

	if (tree->count < tree->capacity)
		return 0;
	items = reallocarray(tree->items, capacity, sizeof *items);
	if (items == NULL)
		return err_nomem(err);
	tree->items = items;
	tree->capacity = capacity;
	return 0;
}

/* Note for the folder of the extra entry @path why its time differs.  It was
 * found before what lies in it, and not long ago. */
static void explain_folder(struct tree_facts *tree, const char *path,
                           enum difference_cause cause)
{
	const char *slash = strrchr(path, '/');
	/* tree_check names the release folder itself like this. */
	const char *folder_path = slash != NULL ? path : ".";
	size_t len = slash != NULL ? (size_t)(slash - path) : 1;

	for (size_t i = tree->count; i-- > 0;) {
		struct difference *folder = &tree->items[i];

		if (folder->kind != TREE_TIME ||
		    strncmp(folder->path, folder_path, len) != 0 ||
		    folder->path[len] != '\0')
			continue;
		if (cause > folder->cause)
			folder->cause = cause;
		return;
	}
}

int difference_add(struct tree_facts *tree, const struct tree_finding *finding,
                   struct err *err)
{
	char *path;

	if (finding->kind == TREE_EXTRA)
		explain_folder(tree, finding->path, CAUSE_EXTRA);
	if (tree->count >= DIFFERENCES_MAX) {
		tree->dropped[finding->kind]++;
		return 0;
	}
	if (grow(tree, err) < 0)
		return -1;
	path = strdup(finding->path);
	if (path == NULL)
		return err_nomem(err);
	tree->items[tree->count++] = (struct difference){ .kind = finding->kind,
		                                          .sys = finding->sys,
		                                          .path = path };
	return 0;
}

void difference_ignore(struct tree_facts *tree, const char *path)
{
	explain_folder(tree, path, CAUSE_IGNORED_EXTRA);
	tree->ignored++;
}
