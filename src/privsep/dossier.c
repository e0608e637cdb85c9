/* SPDX-License-Identifier: Apache-2.0 */
#include "privsep/dossier.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fs.h"
#include "codec/oci_reference.h"
#include "codec/part.h"
#include "codec/release_ini.h"
#include "codec/settings.h"
#include "codec/simple_signing.h"

#define EVIDENCE_SIZE_MAX ((size_t)4 << 20) /* as part_max_size has it */

/* How an item begins. */
struct head {
	uint32_t kind;
	uint32_t ordinal;
	uint64_t len;
	char name[KEY_NAME_SIZE]; /* NUL up to its end */
	char unused[7];           /* NUL: the head has no hidden bytes */
};

_Static_assert(sizeof(struct head) == 16 + KEY_NAME_SIZE + 7,
               "the head of an item has padding");

static const struct kind_row {
	const char *what;
	unsigned count_max;
	size_t size_max;
} kinds[DOSSIER_KINDS] = {
	[DOSSIER_SETTINGS] = { "configuration", 1, SETTINGS_MAX },
	[DOSSIER_COSIGN_KEY] = { "cosign key", DOSSIER_KEYS_MAX,
	                         DOSSIER_KEY_MAX },
	[DOSSIER_MINISIGN_KEY] = { "minisign key", DOSSIER_KEYS_MAX,
	                           DOSSIER_KEY_MAX },
	[DOSSIER_TRUSTED_ROOT] = { "trusted root", DOSSIER_ROOTS_MAX,
	                           DOSSIER_ROOT_MAX },
	[DOSSIER_IMAGE] = { "image", 1, OCI_DIGEST_LEN },
	[DOSSIER_RELEASE_INI] = { "release.ini", 1, RELEASE_INI_MAX },
	[DOSSIER_PAYLOAD] = { "payload of a signature", PART_SIGSTORE_MAX,
	                      SIMPLE_SIGNING_MAX },
	[DOSSIER_SIGSTORE] = { "Sigstore bundle", PART_SIGSTORE_MAX,
	                       EVIDENCE_SIZE_MAX },
	[DOSSIER_ATTESTATION] = { "file of attestations", 1,
	                          EVIDENCE_SIZE_MAX },
};

/* Whether one more item of @kind, of @len bytes, may follow @count of @last. */
static int check_item(uint64_t kind, uint64_t len, enum dossier_kind last,
                      unsigned count, struct err *err)
{
	const struct kind_row *row;

	if (kind < DOSSIER_SETTINGS || kind >= DOSSIER_KINDS ||
	    kind < (uint64_t)last)
		return err_set(err, ERR_FORMAT, 0,
		               "an item of kind %llu is out of order",
		               (unsigned long long)kind);
	row = &kinds[kind];
	if (kind == (uint64_t)last && count >= row->count_max)
		return err_set(err, ERR_LIMIT, 0, "more than %u times: %s",
		               row->count_max, row->what);
	if (len > row->size_max)
		return err_set(err, ERR_LIMIT, 0,
		               "%s of %llu bytes, above the %zu allowed",
		               row->what, (unsigned long long)len,
		               row->size_max);
	return 0;
}

/* --- writing --- */

int dossier_begin(struct dossier *out, struct err *err)
{
	int fd = memfd_create("tidegate-dossier",
	                      MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return err_set(err, ERR_SYSTEM, errno, "making a dossier");
	*out = (struct dossier){ .fd = fd };
	return 0;
}

static int append(struct dossier *dossier, const void *data, size_t len,
                  struct err *err)
{
	const uint8_t *at = data;

	while (len > 0) {
		ssize_t n = pwrite(dossier->fd, at, len, (off_t)dossier->size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_set(err, ERR_SYSTEM, n < 0 ? errno : ENOSPC,
			               "writing a dossier");
		at += n;
		len -= (size_t)n;
		dossier->size += (size_t)n;
	}
	return 0;
}

static int fill_head(const struct dossier *dossier, enum dossier_kind kind,
                     const char *name, size_t len, struct head *out,
                     struct err *err)
{
	size_t name_len = name != NULL ? strlen(name) : 0;

	memset(out, 0, sizeof *out);
	if (name_len >= sizeof out->name)
		return err_set(err, ERR_LIMIT, 0, "the name '%s' is too long",
		               name);
	out->kind = (uint32_t)kind;
	out->ordinal = kind == dossier->kind ? dossier->count : 0;
	out->len = len;
	if (name_len > 0)
		memcpy(out->name, name, name_len);
	return 0;
}

int dossier_add(struct dossier *dossier, enum dossier_kind kind,
                const char *name, struct bytes bytes, struct err *err)
{
	struct head head;

	if (check_item(kind, bytes.len, dossier->kind, dossier->count, err) < 0)
		return -1;
	if (bytes.len + sizeof head > DOSSIER_MAX - dossier->size)
		return err_set(err, ERR_LIMIT, 0,
		               "evidence, keys and trusted roots have more "
		               "than %llu bytes",
		               (unsigned long long)DOSSIER_MAX);
	if (fill_head(dossier, kind, name, bytes.len, &head, err) < 0 ||
	    append(dossier, &head, sizeof head, err) < 0 ||
	    append(dossier, bytes.data, bytes.len, err) < 0)
		return -1;
	dossier->count = head.ordinal + 1;
	dossier->kind = kind;
	return 0;
}

int dossier_seal(const struct dossier *dossier, struct err *err)
{
	if (fcntl(dossier->fd, F_ADD_SEALS,
	          F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0)
		return err_set(err, ERR_SYSTEM, errno, "sealing a dossier");
	return 0;
}

void dossier_done(struct dossier *dossier)
{
	cleanup_close(&dossier->fd);
	*dossier = DOSSIER_NONE;
}

/* --- reading --- */

int dossier_read(int fd, uint64_t size, struct buf *out, struct err *err)
{
	if (size > DOSSIER_MAX)
		return err_set(err, ERR_LIMIT, 0, "a dossier of %llu bytes",
		               (unsigned long long)size);
	if (buf_reserve(out, (size_t)size, err) < 0)
		return -1;
	if (fs_read_at(fd, 0, out->data + out->len, (size_t)size, err) < 0)
		return err_wrap(err, "reading the dossier");
	out->len += (size_t)size;
	return 0;
}

/* The name and what stands behind it is NUL to the end of the head. */
static int check_name(const struct head *head, struct err *err)
{
	size_t len = strnlen(head->name, sizeof head->name);

	if (len == sizeof head->name)
		return err_set(err, ERR_FORMAT, 0, "an item's name has no end");
	for (size_t i = len; i < sizeof head->name; i++)
		if (head->name[i] != '\0')
			return err_set(err, ERR_FORMAT, 0,
			               "bytes behind an item's name");
	for (size_t i = 0; i < sizeof head->unused; i++)
		if (head->unused[i] != '\0')
			return err_set(err, ERR_FORMAT, 0,
			               "bytes where an item has none");
	return 0;
}

static int check_head(const struct dossier_reader *reader,
                      const struct head *head, struct err *err)
{
	unsigned want =
		head->kind == (uint32_t)reader->kind ? reader->count : 0;

	if (check_item(head->kind, head->len, reader->kind, reader->count,
	               err) < 0 ||
	    check_name(head, err) < 0)
		return -1;
	if (head->ordinal != want)
		return err_set(err, ERR_FORMAT, 0, "item %u, not %u, of a kind",
		               head->ordinal, want);
	if (head->len > reader->left.len - sizeof *head)
		return err_set(err, ERR_FORMAT, 0, "a torn item");
	return 0;
}

int dossier_next(struct dossier_reader *reader, struct dossier_item *out,
                 struct err *err)
{
	struct head head;

	if (reader->left.len == 0)
		return 0;
	if (reader->left.len < sizeof head)
		return err_set(err, ERR_FORMAT, 0, "a torn head of an item");
	memcpy(&head, reader->left.data, sizeof head);
	if (check_head(reader, &head, err) < 0)
		return -1;
	*out = (struct dossier_item){ .kind = (enum dossier_kind)head.kind,
		                      .ordinal = head.ordinal };
	memcpy(out->name, head.name, sizeof out->name);
	out->bytes.data = reader->left.data + sizeof head;
	out->bytes.len = (size_t)head.len;
	reader->left.data += sizeof head + out->bytes.len;
	reader->left.len -= sizeof head + out->bytes.len;
	reader->kind = out->kind;
	reader->count = out->ordinal + 1;
	return 1;
}
