/* SPDX-License-Identifier: Apache-2.0 */
/* An installed release whose release.ini lists the parts that lie there. */
#ifndef TESTS_UNIT_TEMP_PINNED_H
#define TESTS_UNIT_TEMP_PINNED_H

#include "temp_release.h"

static inline void pin_part(int package, const char *name, struct part_pin *out)
{
	AUTO_CLOSE int fd = -1;
	struct err err;

	*out = (struct part_pin){ .is_present = true };
	fd = fs_open_file(package, name, &err);
	if (fd < 0 || sha256_of_fd(fd, out->sha256, &out->size, &err) < 0)
		fail_msg("%s: %s", name, err.text);
}

/* Behind put_installed, and payload.index: write release.ini and the receipt.
 */
static inline void pin_parts(const struct store *store, const char *version,
                             uint64_t sequence)
{
	static struct release_ini release; /* it is large */
	AUTO_BUF struct buf text = BUF_NONE;
	AUTO_BUF struct buf receipt = BUF_NONE;
	AUTO_CLOSE int package = -1;
	struct err err;

	package = fs_open_dir(store->packages, version, &err);
	release = (struct release_ini){ .app = "demo",
		                        .sequence = sequence,
		                        .created = CREATED,
		                        .entries = 1,
		                        .tar_size = 10240,
		                        .encoder = "none" };
	(void)snprintf(release.version, sizeof release.version, "%s", version);
	pin_part(package, "payload.mtree", &release.parts[PART_MTREE]);
	pin_part(package, "payload.index", &release.parts[PART_INDEX]);
	/* These do not lie there. */
	release.parts[PART_SHA256] = release.parts[PART_PAYLOAD] =
		(struct part_pin){ .is_present = true, .size = 80 };
	if (release_ini_write(&release, &text, &err) < 0)
		fail_msg("%s", err.text);
	put_file(package, "release.ini", buf_text(&text));
	write_receipt_of(version, sequence, buf_text(&text), text.len,
	                 &receipt);
	put_file(package, RECEIPT_NAME, buf_text(&receipt));
}

#endif
