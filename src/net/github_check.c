/* SPDX-License-Identifier: Apache-2.0 */
/* The part of github_publish_own.h that says what can become an asset. */
#include <inttypes.h>
#include <string.h>

#include "net/github_publish_own.h"

/* GitHub makes dots of all other characters, and strips those at the ends. */
static int check_name(const char *name, struct err *err)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz"
				    "0123456789._-";
	size_t len = strlen(name);

	if (len == 0 || len > GITHUB_NAME_MAX - strlen(GITHUB_SUCCESSOR) ||
	    strspn(name, plain) != len || name[0] == '.' ||
	    name[len - 1] == '.')
		return err_set(err, ERR_USAGE, 0,
		               "GitHub would give '%.100s' another name: A-Z, "
		               "a-z, 0-9, '.', '_' and '-' only",
		               name);
	return 0;
}

int github_check_file(const struct github_file *file, struct err *err)
{
	if (check_name(file->name, err) < 0)
		return -1;
	if (file->size == 0)
		return err_set(err, ERR_USAGE, 0,
		               "GitHub takes no empty file: %s", file->name);
	if (file->size > GITHUB_FILE_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "%s has %" PRIu64
		               " bytes; GitHub takes less than 2 GiB",
		               file->name, file->size);
	return 0;
}

/* What would have to change, may it? */
int github_check_change(const struct github_publication *publication,
                        const struct github_file *file, enum github_state state,
                        struct err *err)
{
	if (publication->is_draft || state == GITHUB_SAME)
		return 0;
	if (publication->is_immutable)
		return err_set(err, ERR_CONFLICT, 0,
		               "release %s of '%s' is published and immutable, "
		               "and %s %s; publish another version",
		               publication->tag,
		               publication->github->repository, file->name,
		               state == GITHUB_OTHER ? "differs"
		                                     : "is not in it");
	if (state != GITHUB_OTHER || publication->replacing == GITHUB_REPLACE)
		return 0;
	return err_set(err, ERR_CONFLICT, 0,
	               "release %s of '%s' is published with another %s; "
	               "publish another version",
	               publication->tag, publication->github->repository,
	               file->name);
}

/* What a successor is called while it waits is no file's own name. */
static int check_successor(const struct github_file *files, size_t count,
                           const struct github_file *file, struct err *err)
{
	size_t len = strlen(file->name);

	for (size_t i = 0; i < count; i++)
		if (strncmp(files[i].name, file->name, len) == 0 &&
		    strcmp(files[i].name + len, GITHUB_SUCCESSOR) == 0)
			return err_set(err, ERR_USAGE, 0,
			               "'%s' is what a new %s is called while "
			               "it is uploaded: give it another name",
			               files[i].name, file->name);
	return 0;
}

int github_publication_check(struct github_publication *publication,
                             const struct github_file *files, size_t count,
                             struct err *err)
{
	size_t same = 0;
	size_t missing = 0;

	for (size_t i = 0; i < count; i++) {
		enum github_state state = GITHUB_ABSENT;

		if (github_check_file(&files[i], err) < 0 ||
		    check_successor(files, count, &files[i], err) < 0)
			return -1;
		if (publication->id != 0 &&
		    (github_compare(publication, files[i].name, &files[i],
		                    &state, err) < 0 ||
		     github_check_change(publication, &files[i], state, err) <
		             0))
			return -1;
		same += state == GITHUB_SAME;
		missing += state == GITHUB_ABSENT;
	}
	if (publication->count + missing > GITHUB_ASSETS_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "a release of GitHub has at most %d assets",
		               GITHUB_ASSETS_MAX);
	return same == count;
}
