/* SPDX-License-Identifier: Apache-2.0 */
#include "health/gather_upkeep.h"

#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"

#define STATE_UNFINISHED ".new" /* of disk_replace_file: ".<name>.new" */

/* --- releases to prune ---------------------------------------------------- */

void gather_kept(const struct installed_list *list, unsigned keep,
                 struct look *out)
{
	const struct installed *first = NULL;
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++) {
		if (!store_may_prune(list, &list->items[i], keep))
			continue;
		if (first == NULL)
			first = &list->items[i];
		count++;
	}
	if (first == NULL)
		look_set(out, SIGHT_GOOD, "%zu installed, keep is %u",
		         list->count, keep);
	else
		look_set(out, SIGHT_WRONG,
		         "prune would remove %zu of %zu, %s first", count,
		         list->count, first->version);
}

/* --- leftovers ------------------------------------------------------------ */

static bool begins_with(const char *name, const char *prefix)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

static bool is_of_releases(const char *name)
{
	return begins_with(name, STORE_TRASH) ||
	       begins_with(name, STORE_ASIDE) ||
	       strcmp(name, STORE_STAGING) == 0;
}

static bool is_of_state(const char *name)
{
	const char *dot = strrchr(name, '.');

	return name[0] == '.' && dot != name &&
	       strcmp(dot, STATE_UNFINISHED) == 0;
}

struct leftovers {
	int64_t before; /* what is as old as this counts */
	size_t count;
	char first[FS_NAME_MAX];
};

static int count_in(int dir, bool (*is_leftover)(const char *name),
                    struct leftovers *out, struct err *err)
{
	char **names;
	size_t count;

	if (fs_list(dir, STORE_NAMES_MAX, &names, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct err gone;
		struct stat st;

		if (!is_leftover(names[i]) ||
		    fs_exists(dir, names[i], &st, &gone) != 1 ||
		    st.st_mtim.tv_sec > out->before)
			continue;
		if (out->count++ == 0)
			(void)memcpy(out->first, names[i],
			             strlen(names[i]) + 1);
	}
	fs_list_free(names, count);
	return 0;
}

int gather_leftovers(const struct store *store, int64_t now, struct look *out,
                     struct err *err)
{
	struct leftovers left = { .before = now - LEFTOVER_AGE_S };

	if (count_in(store->releases, is_of_releases, &left, err) < 0 ||
	    count_in(store->packages, is_of_releases, &left, err) < 0 ||
	    count_in(store->state, is_of_state, &left, err) < 0)
		return look_note(out, err);
	if (left.count == 0)
		look_set(out, SIGHT_GOOD, "none");
	else
		look_set(out, SIGHT_WRONG,
		         "%zu of a run that did not end, '%s' first",
		         left.count, left.first);
	return 0;
}
