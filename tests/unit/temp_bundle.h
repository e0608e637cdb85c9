/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of parts, made by the rooms themselves. */
#ifndef TESTS_UNIT_TEMP_BUNDLE_H
#define TESTS_UNIT_TEMP_BUNDLE_H

#include "temp_dir.h"

#include "pack/collect.h"
#include "pack/out_file.h"
#include "pack/pack_payload.h"
#include "pack/press.h"
#include "pack/sealed_bundle.h"

/* A payload of a folder, a large file, a small one, an empty one and a link. */
static inline void put_payload(int at)
{
	static char large[200000];

	for (size_t i = 0; i + 1 < sizeof large; i++)
		large[i] = (char)('a' + i * i % 23);
	put_dir(at, "bin");
	put_file(at, "bin/large", large);
	put_file(at, "bin/small", "small");
	put_file(at, "empty", "");
	put_link(at, "link", "bin/small");
}

/* Pack @from into @to; what release.ini says is given in @release. */
static inline void pack_parts(const struct temp_dir *from,
                              const struct temp_dir *to,
                              struct release_ini *release)
{
	const struct collect_rules rules = { .skip_inode = 0 };
	const struct pack_request request = { .created = 1700000000,
		                              .dir = to->fd,
		                              .threads = 1 };
	AUTO_TREE struct source_tree tree = SOURCE_TREE_NONE;
	struct packed_payload packed;
	struct err err;

	assert_int_equal(collect(from->path, &rules, &tree, &err), 0);
	assert_int_equal(pack_payload(&tree, &request, &packed, &err), 0);
	*release = (struct release_ini){ .app = "demo",
		                         .version = "1.0",
		                         .sequence = 7,
		                         .created = 1700000000,
		                         .entries = packed.entries,
		                         .bytes = packed.bytes,
		                         .tar_size = packed.tar_size };
	memcpy(release->tar_sha256, packed.tar_sha256,
	       sizeof release->tar_sha256);
	memcpy(release->parts, packed.parts, sizeof release->parts);
	(void)snprintf(release->encoder, sizeof release->encoder, "%s",
	               press_encoder());
}

static inline void put_release(const struct temp_dir *dir,
                               const struct release_ini *release)
{
	AUTO_BUF struct buf text = BUF_NONE;
	struct err err;

	assert_int_equal(release_ini_write(release, &text, &err), 0);
	put_file(dir->fd, "release.ini", buf_text(&text));
}

#endif
