/* SPDX-License-Identifier: Apache-2.0 */
/* What verify-worker needs to judge evidence, in one file in memory: the host's
 * own decisions and what a stranger says of a release or of an image.  The
 * monitor writes and seals it, so that nothing in it can change afterwards; the
 * worker reads it.
 *
 * Items stand back to back, each a head of fixed size (native byte order: both
 * ends are one machine) and its bytes.  Kinds come in the order of the enum,
 * the items of a kind are counted from 0; dossier.c has one table of how many
 * there may be and how large. */
#ifndef PRIVSEP_DOSSIER_H
#define PRIVSEP_DOSSIER_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "codec/name.h"

#define DOSSIER_MAX       ((uint64_t)128 << 20) /* bytes of all */
#define DOSSIER_ROOT_MAX  ((size_t)4 << 20)     /* bytes of a trusted root */
#define DOSSIER_KEY_MAX   ((size_t)1024)        /* bytes of a public key */
#define DOSSIER_ROOTS_MAX 16
#define DOSSIER_KEYS_MAX  64 /* one bit each in a verdict's mask */

enum dossier_kind {
	DOSSIER_SETTINGS = 1, /* the text of <app>.ini; once */
	DOSSIER_COSIGN_KEY,   /* SPKI in DER; named as its file */
	DOSSIER_MINISIGN_KEY, /* its 32 bytes; named as its file */
	DOSSIER_TRUSTED_ROOT, /* JSON, or JSON lines; named as its file */
	DOSSIER_IMAGE,        /* SHA-256 of an image, where it is about one */
	DOSSIER_RELEASE_INI,  /* raw; once, as all below a stranger's */
	/* What the Sigstore bundle with the same ordinal signs of the image;
	 * empty where it is an envelope, which holds that itself. */
	DOSSIER_PAYLOAD,
	DOSSIER_SIGSTORE,    /* release.ini.<ordinal + 1>.sigstore.json */
	DOSSIER_ATTESTATION, /* attestation.intoto.jsonl */
	DOSSIER_KINDS
};

struct dossier_item {
	enum dossier_kind kind;
	unsigned ordinal;         /* among those of its kind */
	char name[KEY_NAME_SIZE]; /* "" where it has none */
	struct bytes bytes;       /* borrowed */
};

/* --- the monitor's end --- */

struct dossier {
	int fd;        /* owned */
	uint64_t size; /* bytes so far */
	enum dossier_kind kind;
	unsigned count; /* of that kind so far */
};

#define DOSSIER_NONE ((struct dossier){ .fd = -1 })
#define AUTO_DOSSIER AUTO(dossier_done)

/** dossier_begin - an empty one.  0, or -1 with ERR_SYSTEM. */
int dossier_begin(struct dossier *out, struct err *err) MUST_CHECK;

/**
 * dossier_add - append an item; its ordinal follows by itself.
 * @name: NULL or "" where it has none.
 *
 * Returns 0, or -1 with ERR_LIMIT, ERR_SYSTEM, or ERR_FORMAT for a kind out of
 * its order; the dossier is then of no use.
 */
int dossier_add(struct dossier *dossier, enum dossier_kind kind,
                const char *name, struct bytes bytes,
                struct err *err) MUST_CHECK;

/** dossier_seal - nobody can change it any more.  0, or -1 with ERR_SYSTEM. */
int dossier_seal(const struct dossier *dossier, struct err *err) MUST_CHECK;

/** dossier_done - close it; idempotent. */
void dossier_done(struct dossier *dossier);

/* --- the worker's end --- */

/**
 * dossier_read - append all of it to @out.
 * @size: as the job says.
 * Returns 0, or -1 with ERR_LIMIT, ERR_FORMAT for a shorter file, ERR_SYSTEM.
 */
int dossier_read(int fd, uint64_t size, struct buf *out,
                 struct err *err) MUST_CHECK;

/* Iterates over the bytes of a dossier. */
struct dossier_reader {
	struct bytes left;      /* borrowed */
	enum dossier_kind kind; /* of the last item; 0 before the first */
	unsigned count;         /* items of that kind so far */
};

/**
 * dossier_next - the next item.
 * @out: written only on 1; its bytes point into the reader's.
 *
 * Returns 1, 0 at the end, or -1 with ERR_FORMAT for an item that is torn,
 * unknown or out of order, ERR_LIMIT for one too many or too large; the reader
 * must then not be used again.
 */
int dossier_next(struct dossier_reader *reader, struct dossier_item *out,
                 struct err *err) MUST_CHECK;

#endif
