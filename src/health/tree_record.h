/* SPDX-License-Identifier: Apache-2.0 */
/* What --record keeps and --quick relies on: of each file that a full check
 * read and found as signed, its inode, size, modification and change time.  A
 * file for each app and user who records,
 * var/lib/tidegate-check/<app>@<uid>.record: 16 bytes that name the format,
 * then for each release a head and one row for each entry of payload.mtree, and
 * one more for payload.tar.gz, where the host keeps it.  The numbers are those
 * of this machine: the file never leaves it.
 *
 * One is believed only where the uid in its name owns it and nobody else can
 * write to it, and of a release only where the SHA-256 of its release.ini is
 * the one in the head.  root believes its own alone; everybody else his own,
 * root's, and that of the account tidegate-check, in this order. */
#ifndef HEALTH_TREE_RECORD_H
#define HEALTH_TREE_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/err.h"
#include "base/fs.h"
#include "crypto/sha256.h"

#define RECORD_FOLDER       "var/lib/tidegate-check"
#define RECORD_ACCOUNT      "tidegate-check"
#define RECORD_OWNERS_MAX   3
#define RECORD_RELEASES_MAX 100000

/* One file; all zero: nothing is known of it. */
struct record_row {
	uint64_t inode;
	uint64_t size;
	int64_t modified_s, modified_ns;
	int64_t changed_s, changed_ns;
};

/* Of one release.  Row n is that of the n-th entry of payload.mtree, the last
 * one that of payload.tar.gz. */
struct tree_record {
	struct record_row *rows; /* owned */
	uint64_t count;          /* entries and one; 0: there is none */
	int64_t time;            /* when the full check was made */
	int64_t began_ns;        /* the same, while it is made */
};

#define TREE_RECORD_NONE ((struct tree_record){ NULL, 0, 0, 0 })
#define AUTO_TREE_RECORD AUTO(tree_record_done)

void tree_record_done(struct tree_record *record);

/**
 * tree_record_new - rows that know nothing, for a release of @entries.
 * @began_ns: when the check that fills them began (clock_now_ns).
 */
int tree_record_new(uint64_t entries, int64_t began_ns, struct tree_record *out,
                    struct err *err) MUST_CHECK;

/* The kernel notes times by its tick, at most 10 ms long. */
#define RECORD_SLACK_NS 20000000

/**
 * tree_record_note - remember a file that was as signed, unless it had changed
 * just before the check began: a change behind it could bear the same time.
 * @st: of before it was read.  A number out of range is passed over.
 */
void tree_record_note(struct tree_record *record, uint64_t number,
                      const struct stat *st);

/** tree_record_knows - whether the file is as it was remembered. */
bool tree_record_knows(const struct tree_record *record, uint64_t number,
                       const struct stat *st);

/**
 * tree_record_load - read what is kept of the release whose release.ini has
 * this digest, from the first believed record that knows it.
 * @root: the folder that var lies in.
 * @out:  written only on 1.
 *
 * Returns 1, 0 where nothing is kept of it, or -1 with ERR_UNTRUSTED,
 * ERR_FORMAT, ERR_LIMIT or ERR_SYSTEM.
 */
int tree_record_load(int root, const char *app,
                     const uint8_t release[SHA256_LEN], uint64_t entries,
                     struct tree_record *out, struct err *err) MUST_CHECK;

/* Writing one: begin, add each release, commit.  Until then the old file
 * stands.  Of several at once the last to commit wins. */
struct record_writer {
	int folder; /* owned */
	int fd;     /* owned; -1: not begun */
	char name[FS_NAME_MAX], temporary[FS_NAME_MAX];
};

#define RECORD_WRITER_NONE ((struct record_writer){ -1, -1, "", "" })
#define AUTO_RECORD_WRITER AUTO(record_writer_done)

/** record_writer_done - drop what was not committed. */
void record_writer_done(struct record_writer *writer);

/** record_writer_begin - make the folder if there is none, and a new file. */
int record_writer_begin(int root, const char *app, struct record_writer *out,
                        struct err *err) MUST_CHECK;

int record_writer_add(struct record_writer *writer,
                      const uint8_t release[SHA256_LEN],
                      const struct tree_record *record,
                      struct err *err) MUST_CHECK;

/** record_writer_commit - durable on return. */
int record_writer_commit(struct record_writer *writer,
                         struct err *err) MUST_CHECK;

#endif
