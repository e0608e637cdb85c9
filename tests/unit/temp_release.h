/* SPDX-License-Identifier: Apache-2.0 */
/* What a release consists of, for tests that stage or find one. */
#ifndef TESTS_UNIT_TEMP_RELEASE_H
#define TESTS_UNIT_TEMP_RELEASE_H

#include "temp_payload.h"

#include "codec/receipt.h"
#include "store/package_stage.h"
#include "store/store.h"
#include "store/tree_stage.h"

#define INI "stands for a release.ini\n"

/* The receipt of a release with that release.ini. */
static inline void write_receipt_of(const char *version, uint64_t sequence,
                                    const char *ini, size_t len,
                                    struct buf *out)
{
	struct receipt receipt = { .app = "demo",
		                   .sequence = sequence,
		                   .created = CREATED,
		                   .installed = 2000 };
	struct err err;

	(void)snprintf(receipt.version, sizeof receipt.version, "%s", version);
	assert_int_equal(sha256_of(ini, len, receipt.release_sha256, &err), 0);
	receipt.signers[receipt.signer_count++] =
		(struct signer){ .id = 7, .name = "release" };
	if (receipt_write(&receipt, out, &err) < 0)
		fail_msg("%s", err.text);
}

static inline void write_receipt(const char *version, uint64_t sequence,
                                 struct buf *out)
{
	write_receipt_of(version, sequence, INI, sizeof INI - 1, out);
}

/* An installed release whose payload.mtree has these files. */
static inline void put_installed(const struct store *store, const char *version,
                                 uint64_t sequence,
                                 struct payload_entry *entries, size_t count)
{
	AUTO_BUF struct buf receipt = BUF_NONE;
	struct release_ini release = { .created = CREATED };
	AUTO_CLOSE int package = -1;
	struct err err;

	put_dir(store->releases, version);
	put_dir(store->packages, version);
	package = fs_open_dir(store->packages, version, &err);
	put_file(package, "release.ini", INI);
	write_receipt(version, sequence, &receipt);
	put_file(package, RECEIPT_NAME, buf_text(&receipt));
	(void)close(write_mtree(package, entries, count, &release));
	assert_int_equal(renameat(package, "mtree", package, "payload.mtree"),
	                 0);
}

static inline int send_file(struct tree_stage *stage, size_t line,
                            const char *text, size_t piece, struct err *err)
{
	size_t len = strlen(text);

	for (size_t at = 0; at < len; at += piece) {
		size_t n = len - at < piece ? len - at : piece;

		if (tree_stage_bytes(stage, line, text + at, n, err) < 0)
			return -1;
	}
	return tree_stage_bytes(stage, line, NULL, 0, err);
}

/* What an honest worker sends, in pieces of @piece bytes. */
static inline int send_all(const struct payload_entry *entries, size_t count,
                           struct tree_stage *stage, size_t piece,
                           struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		const char *text = entries[i].text;

		if (text == NULL || text[0] == '\0' ||
		    strncmp(text, "->", 2) == 0)
			continue;
		if (send_file(stage, MTREE_HEAD_LINES + i + 1, text, piece,
		              err) < 0)
			return -1;
	}
	return 0;
}

#endif
