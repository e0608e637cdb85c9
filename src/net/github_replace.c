/* SPDX-License-Identifier: Apache-2.0 */
/* The part of github_publish_own.h that makes a file an asset, also where
 * another one has its name. */
#include <stdio.h>

#include "net/github_publish_own.h"

#define NAME_SIZE (GITHUB_NAME_MAX + sizeof GITHUB_SUCCESSOR)

static void successor_of(const char *name, char out[NAME_SIZE])
{
	(void)snprintf(out, NAME_SIZE, "%s%s", name, GITHUB_SUCCESSOR);
}

/* That the successor is there and is the file, whatever was there before. */
static int require_successor(struct github_publication *publication,
                             const char *successor,
                             const struct github_file *file, struct err *err)
{
	enum github_state state;

	if (github_compare(publication, successor, file, &state, err) < 0)
		return -1;
	if (state == GITHUB_SAME)
		return 0;
	if (github_delete_named(publication, successor, err) < 0 ||
	    github_send_file(publication, successor, file, err) < 0 ||
	    github_compare(publication, successor, file, &state, err) < 0)
		return -1;
	if (state == GITHUB_SAME)
		return 0;
	return err_set(err, ERR_NETWORK, 0,
	               "GitHub has other bytes than were sent");
}

/* The same once more, just before what it replaces goes: its upload may have
 * taken hours, and other runs may be about. */
static int confirm_successor(struct github_publication *publication,
                             const char *successor,
                             const struct github_file *file, struct err *err)
{
	enum github_state state;

	if (github_list_assets(publication, err) < 0 ||
	    github_compare(publication, successor, file, &state, err) < 0)
		return -1;
	if (state == GITHUB_SAME)
		return 0;
	return err_set(err, ERR_CONFLICT, 0,
	               "somebody else has taken %s away meanwhile", successor);
}

/* What differs stays until its successor is whole. */
static int replace(struct github_publication *publication,
                   const struct github_file *file, struct err *err)
{
	char successor[NAME_SIZE];

	successor_of(file->name, successor);
	if (require_successor(publication, successor, file, err) < 0 ||
	    confirm_successor(publication, successor, file, err) < 0 ||
	    github_delete_named(publication, file->name, err) < 0)
		return -1;
	return github_rename_stored(publication,
	                            github_find_stored(publication, successor),
	                            file->name, err);
}

/* Nothing has the name, or only the rest of an upload: a successor that waits
 * for it is as good as the file. */
static int fill(struct github_publication *publication,
                const struct github_file *file, struct err *err)
{
	char successor[NAME_SIZE];
	enum github_state state;

	successor_of(file->name, successor);
	if (github_delete_named(publication, file->name, err) < 0 ||
	    github_compare(publication, successor, file, &state, err) < 0)
		return -1;
	if (state == GITHUB_SAME)
		return github_rename_stored(
			publication, github_find_stored(publication, successor),
			file->name, err);
	return github_send_file(publication, file->name, file, err);
}

/* A successor of an earlier run, that nobody needs any more. */
static int drop_successor(struct github_publication *publication,
                          const char *name, struct err *err)
{
	char successor[NAME_SIZE];

	successor_of(name, successor);
	return publication->is_draft || publication->replacing == GITHUB_REPLACE
	               ? github_delete_named(publication, successor, err)
	               : 0;
}

/* Where something may be removed, the list must not be of the beginning of the
 * run: what was the rest of an upload then may be a whole asset now. */
static int look(struct github_publication *publication,
                const struct github_file *file, enum github_state *out,
                struct err *err)
{
	char successor[NAME_SIZE];

	successor_of(file->name, successor);
	if ((github_find_stored(publication, file->name) != NULL ||
	     github_find_stored(publication, successor) != NULL) &&
	    github_list_assets(publication, err) < 0)
		return -1;
	return github_compare(publication, file->name, file, out, err);
}

static int upload(struct github_publication *publication,
                  const struct github_file *file, struct err *err)
{
	enum github_state state;
	int result = 0;

	if (look(publication, file, &state, err) < 0 ||
	    github_check_change(publication, file, state, err) < 0)
		return -1;
	switch (state) {
	case GITHUB_SAME:
		break;
	case GITHUB_ABSENT:
	case GITHUB_STARTER:
		result = fill(publication, file, err);
		break;
	case GITHUB_OTHER:
		result = replace(publication, file, err);
		break;
	}
	if (result < 0 || drop_successor(publication, file->name, err) < 0)
		return -1;
	return state != GITHUB_SAME;
}

int github_publication_upload(struct github_publication *publication,
                              const struct github_file *file, struct err *err)
{
	int done = github_check_file(file, err) < 0
	                   ? -1
	                   : upload(publication, file, err);

	if (done < 0)
		return err_wrap(err, "uploading %s to release %s of '%s'",
		                file->name, publication->tag,
		                publication->github->repository);
	return done;
}
