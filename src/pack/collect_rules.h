/* SPDX-License-Identifier: Apache-2.0 */
/* What may be an entry of a payload, and what it becomes: patterns, modes,
 * links, extended attributes. */
#ifndef PACK_COLLECT_RULES_H
#define PACK_COLLECT_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "base/err.h"

#define COLLECT_PATTERNS_MAX 256 /* of one kind */

/* Texts that the caller owns. */
struct patterns {
	const char *at[COLLECT_PATTERNS_MAX];
	size_t count;
};

/* What to collect.  Patterns are those of fnmatch(3), held against the whole
 * path; '*' matches '/' too.  A folder that matches stands for all it holds. */
struct collect_rules {
	struct patterns include;    /* none: everything */
	struct patterns exclude;    /* stronger than include */
	struct patterns allow_link; /* paths of links that may leave the tree */
	struct patterns allow_mode; /* paths packed with exactly their mode */
	/* A folder below the payload that is never collected (where the results
	 * go); st_ino 0 for none. */
	dev_t skip_device;
	ino_t skip_inode;
};

/** patterns_match - whether @path or a folder above it matches one. */
bool patterns_match(const struct patterns *patterns, const char *path);

/** patterns_match_whole - whether @path itself matches one: how hosts hold
 * links against [links] of release.ini. */
bool patterns_match_whole(const struct patterns *patterns, const char *path);

/** collect_leaves_out - whether @path stays out: excluded, `.git` that nobody
 * named, or the folder of the results. */
bool collect_leaves_out(const struct collect_rules *rules, const char *path,
                        const struct stat *st);

/**
 * collect_check_attributes - that the open file has no extended attribute but
 * labels of the host.  Returns 0, or -1 with ERR_FORMAT or ERR_SYSTEM.
 */
int collect_check_attributes(int fd, const char *path,
                             struct err *err) MUST_CHECK;

/**
 * collect_mode - the canonical mode of a file or folder.
 * Returns 0, or -1 with ERR_FORMAT for setuid, setgid and world-writable ones
 * that allow_mode does not name.
 */
int collect_mode(const struct collect_rules *rules, const char *path,
                 const struct stat *st, unsigned *mode,
                 struct err *err) MUST_CHECK;

/** collect_link_stays - whether the link at @path stays in the payload. */
bool collect_link_stays(const char *path, const char *target);

/** collect_check_link - that it does, or allow_link lets it leave.
 * Returns 0, or -1 with ERR_FORMAT or ERR_LIMIT. */
int collect_check_link(const struct collect_rules *rules, const char *path,
                       const char *target, struct err *err) MUST_CHECK;

#endif
