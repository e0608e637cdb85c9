/* SPDX-License-Identifier: Apache-2.0 */
/* Compare an installed tree with its payload.mtree, entry by entry, in one
 * walk over both in the same order: memory for the names of the folders on the
 * way, whatever the number of files.  Files are read on all cores, and findings
 * still come in the order of paths.  Only reads; no link is followed. */
#ifndef STORE_TREE_CHECK_H
#define STORE_TREE_CHECK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/err.h"
#include "codec/release_ini.h"

enum tree_finding_kind {
	TREE_MISSING,
	TREE_EXTRA, /* a folder is named once, not what lies in it */
	TREE_TYPE,
	TREE_MODE,
	TREE_OWNER, /* neither root's nor, below --root, the user's own */
	TREE_SIZE,
	TREE_CONTENT,
	TREE_TIME,
	TREE_LINK,       /* its target */
	TREE_CAPABILITY, /* a file has one, and releases have none */
	TREE_UNREADABLE  /* cannot be judged; what lies below neither */
};

/** tree_finding_name - "missing", "extra", ... */
const char *tree_finding_name(enum tree_finding_kind kind);

struct tree_finding {
	enum tree_finding_kind kind;
	const char *path; /* in the tree; borrowed for the call */
	int sys;          /* errno of TREE_UNREADABLE, else 0 */
};

/* Called for each finding; -1 with @err set ends the check. */
typedef int tree_finding_fn(void *context, const struct tree_finding *finding,
                            struct err *err);

/* One file whose size is as signed. */
struct tree_file {
	uint64_t number;       /* of its entry in payload.mtree, from 0 */
	const struct stat *st; /* borrowed for the call */
};

/* Called for each such file before it is read; true takes it for what is
 * signed without reading it.  @st was taken without following a link. */
typedef bool tree_known_fn(void *context, const struct tree_file *file);

/* Called for each file that was read, was as signed, and was not written to
 * meanwhile; in any order. */
typedef void tree_proved_fn(void *context, const struct tree_file *file);

enum tree_check_depth {
	TREE_CHECK_NAMES,  /* all but the content of files */
	TREE_CHECK_CONTENT /* each byte */
};

struct tree_check {
	int tree;  /* folder of the release */
	int mtree; /* payload.mtree, verified, read from its start */
	const struct release_ini *release; /* entries and bytes; may be NULL */
	enum tree_check_depth depth;
	tree_finding_fn *found;
	tree_known_fn *known;   /* may be NULL: each file is read */
	tree_proved_fn *proved; /* may be NULL */
	void *context;
};

/**
 * tree_check - report each difference through check->found.
 * @count: out, findings reported; may be NULL.
 *
 * Returns 0 when the tree was compared to its end, with or without findings;
 * -1 with ERR_FORMAT when payload.mtree is no such file or has other totals,
 * ERR_SYSTEM, or what found set.
 */
int tree_check(const struct tree_check *check, uint64_t *count,
               struct err *err) MUST_CHECK;

#endif
