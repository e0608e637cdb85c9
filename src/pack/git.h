/* SPDX-License-Identifier: Apache-2.0 */
/* What git knows about the folder that is packed.  git runs as a child with a
 * fixed command line and a clean environment; no shell is involved. */
#ifndef PACK_GIT_H
#define PACK_GIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "codec/release_ini.h"

/* Texts are "" where git does not know. */
struct git_facts {
	bool is_repository;
	bool is_shallow;
	bool is_dirty; /* tracked files differ from the commit */
	int64_t commit_time;
	char repository[RELEASE_VALUE_SIZE]; /* origin, without credentials */
	char revision[RELEASE_VALUE_SIZE];   /* commit, "-dirty" behind it */
	char described[RELEASE_VALUE_SIZE];  /* describe --tags --always --dirty
	                                      */
	char tag[RELEASE_VALUE_SIZE];        /* that is exactly this commit */
};

/* The two variables that git needs; either may be NULL. */
struct git_environment {
	const char *path; /* PATH */
	const char *home; /* HOME: safe.directory is set there */
};

/**
 * git_look - ask git about @folder.
 * @out: written only on 0; is_repository is false outside of a repository,
 *       without a commit, and where there is no git.
 *
 * Returns 0, or -1 with ERR_SYSTEM, or ERR_LIMIT when an answer is too long.
 */
int git_look(const char *folder, const struct git_environment *environment,
             struct git_facts *out, struct err *err) MUST_CHECK;

/**
 * git_differs - whether tracked files differ from the commit, but for one.
 * @except: its absolute path, in the same work tree.
 *
 * Returns 1 or 0; 1 also where git cannot say; -1 as git_look.
 */
int git_differs(const char *folder, const struct git_environment *environment,
                const char *except, struct err *err) MUST_CHECK;

/**
 * git_strip_credentials - "https://user:secret@host/x" becomes
 * "https://host/x"; anything else stays.  In place.
 */
void git_strip_credentials(char *url);

#endif
