/* SPDX-License-Identifier: Apache-2.0 */
/* All that the checks of one app judge, as it was seen at one time.  Made by
 * facts_gather (gather.h) alone; the checks (check.h) look at nothing else. */
#ifndef HEALTH_FACTS_H
#define HEALTH_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cleanup.h"
#include "codec/journal.h"
#include "codec/name.h"
#include "codec/profile_env.h"
#include "codec/release_ini.h"
#include "health/engine_facts.h"
#include "health/finding.h"
#include "health/image_facts.h"
#include "health/look.h"
#include "health/machine_facts.h"
#include "health/root_facts.h"
#include "health/service_facts.h"
#include "store/marks.h"
#include "store/tree_check.h"

#define DIFFERENCES_MAX 10000 /* kept for a release; the others are counted */

/* One of the two links. */
struct link_facts {
	struct look look;           /* GOOD: it is "releases/<version>" */
	char version[VERSION_SIZE]; /* when GOOD */
	bool is_installed;          /* releases/<version> is a folder */
	bool is_bad;                /* that version bears the mark */
};

/* Making a file changes the time of its folder.  So a folder's time says
 * nothing by itself when there is an extra entry in it. */
enum difference_cause {
	CAUSE_OWN,
	CAUSE_IGNORED_EXTRA, /* extras in it are all ignored */
	CAUSE_EXTRA
};

/* One difference between a tree and its payload.mtree. */
struct difference {
	enum tree_finding_kind kind;
	enum difference_cause cause; /* of TREE_TIME, else CAUSE_OWN */
	int sys;                     /* errno of TREE_UNREADABLE */
	char *path;                  /* owned */
};

#define DIFFERENCE_KINDS (TREE_UNREADABLE + 1)

/* What is known of the content of files whose sizes are as signed. */
enum tree_depth {
	TREE_READ,     /* each was read */
	TREE_RECORDED, /* read, but for those that are as on record */
	TREE_UNREAD    /* nothing is on record, and none was read */
};

struct tree_facts {
	struct look look; /* GOOD: compared to its end */
	enum tree_depth depth;
	struct look record;       /* why nothing is on record */
	int64_t recorded;         /* when a full check was put on record */
	uint64_t reread;          /* not as on record, so they were read */
	struct difference *items; /* owned; in the order of paths */
	size_t count;
	size_t capacity;
	uint64_t dropped[DIFFERENCE_KINDS]; /* beyond DIFFERENCES_MAX */
	uint64_t ignored;                   /* extras, by the configuration */
	uint64_t entries;                   /* that payload.mtree has */
	uint64_t bytes;
};

struct release_facts {
	char version[VERSION_SIZE];
	bool is_current, is_bad;
	char bad_reason[MARK_REASON_SIZE];
	/* Of its release.ini, as the store has it; zero where it is damaged. */
	uint8_t release_sha256[DIGEST_LEN];
	int64_t installed;     /* when, as its receipt says; else 0 */
	bool is_in_history;    /* a line tells, or told, of its install */
	struct look signature; /* GOOD: the text names the signers */
	bool lacks_evidence;   /* WRONG: the policy asks for more of it */
	struct look committed; /* release folder, sealed parts, their digests */
	struct look receipt;
	struct look profile; /* NONE: the release has none */
	/* Owned; of the current release alone, where the look is GOOD. */
	struct profile_env *profile_env;
	struct tree_facts tree;
};

struct history_facts {
	struct look look; /* GOOD: each line was understood */
	uint64_t lines;
};

struct journal_facts {
	struct look look; /* GOOD: one is there; ABSENT: nothing under way */
	struct journal journal;
};

struct space_facts {
	struct look look;
	uint64_t free_bytes, free_files;
	uint64_t min_free; /* bytes, of the configuration */
	bool is_min_known; /* that was understood */
};

/* What has to be seen to in time. */
struct upkeep_facts {
	struct look kept;      /* WRONG: prune would take some */
	struct look leftovers; /* WRONG: recover would remove some */
	struct look expiry;    /* WRONG: signers come to their end */
	struct root_facts roots;
};

struct facts {
	char app[APP_SIZE];
	enum verdict verdicts[CHECK_COUNT]; /* [severity] */
	struct look config;                 /* ABSENT: the defaults hold */
	struct look keys;                   /* GOOD: the text counts them */
	struct look store;                  /* ABSENT: nothing is installed */
	struct look owner;                  /* of the store's folders */
	struct link_facts current, previous;
	struct journal_facts journal;
	struct history_facts history;
	struct space_facts space;
	struct upkeep_facts upkeep;
	struct machine_facts machine;
	struct service_facts service;
	struct engine_facts engine;
	struct look registry;           /* of the images */
	struct image_facts images;      /* who signed them */
	struct release_facts *releases; /* owned; current first, then by age */
	size_t release_count;
};

#define AUTO_FACTS AUTO(facts_done)

/** facts_done - release all; idempotent. */
void facts_done(struct facts *facts);

/**
 * difference_add - note one more, in the order of paths, a folder before what
 * lies in it.  0, or -1 with ERR_SYSTEM without memory.
 */
int difference_add(struct tree_facts *tree, const struct tree_finding *finding,
                   struct err *err) MUST_CHECK;

/** difference_ignore - the extra entry @path is of no interest. */
void difference_ignore(struct tree_facts *tree, const char *path);

#endif
