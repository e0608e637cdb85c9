/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence/received.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "privsep/dossier.h"

static int take_settings(struct received_case *received, struct bytes text,
                         struct err *err)
{
	received->given.settings_text = text;
	return settings_parse((const char *)text.data, text.len,
	                      &received->settings, err);
}

static int take_cosign_key(struct received_case *received, struct bytes der,
                           struct err *err)
{
	struct evidence_case *given = &received->given;
	struct public_key *key =
		&received->cosign_keys[given->cosign_key_count];

	if (public_key_from_spki(der, key, err) < 0)
		return -1;
	given->cosign_keys[given->cosign_key_count++] = key;
	return 0;
}

static int take_minisign_key(struct received_case *received, struct bytes bytes,
                             struct err *err)
{
	struct evidence_case *given = &received->given;
	struct minisign_public *key =
		&received->minisign_keys[given->minisign_key_count];

	if (bytes.len != sizeof key->key)
		return err_set(err, ERR_FORMAT, 0,
		               "a minisign key of %zu bytes", bytes.len);
	memcpy(key->key, bytes.data, sizeof key->key);
	given->minisign_keys[given->minisign_key_count++] = key;
	return 0;
}

static void take_root(struct received_case *received,
                      const struct dossier_item *item)
{
	struct evidence_case *given = &received->given;
	char *name = received->root_names[given->root_count];

	memcpy(name, item->name, KEY_NAME_SIZE);
	given->roots[given->root_count++] =
		(struct evidence_root){ name, item->bytes };
}

static int take_image(struct received_case *received, struct bytes digest,
                      struct err *err)
{
	if (digest.len != SHA256_LEN)
		return err_set(err, ERR_FORMAT, 0,
		               "an image with a digest of %zu bytes",
		               digest.len);
	received->given.image = digest.data;
	return 0;
}

static int take_bundle(struct received_case *received,
                       const struct dossier_item *item, struct err *err)
{
	if (received->given.image == NULL)
		return evidence_add(&received->given, PART_SIGSTORE,
		                    item->bytes, err);
	if (item->ordinal >= received->payload_count)
		return err_set(err, ERR_FORMAT, 0,
		               "more signatures of an image than payloads");
	return evidence_add_image(&received->given,
	                          received->payloads[item->ordinal],
	                          item->bytes, err);
}

/* The dossier's limits are at most those of a case. */
_Static_assert(DOSSIER_KEYS_MAX <= EVIDENCE_KEYS_MAX &&
                       DOSSIER_ROOTS_MAX <= EVIDENCE_ROOTS_MAX,
               "a dossier holds more than a case");

static int take_item(struct received_case *received,
                     const struct dossier_item *item, struct err *err)
{
	switch (item->kind) {
	case DOSSIER_SETTINGS:
		return take_settings(received, item->bytes, err);
	case DOSSIER_COSIGN_KEY:
		return take_cosign_key(received, item->bytes, err);
	case DOSSIER_MINISIGN_KEY:
		return take_minisign_key(received, item->bytes, err);
	case DOSSIER_TRUSTED_ROOT:
		take_root(received, item);
		return 0;
	case DOSSIER_IMAGE:
		return take_image(received, item->bytes, err);
	case DOSSIER_PAYLOAD:
		received->payloads[received->payload_count++] = item->bytes;
		return 0;
	case DOSSIER_RELEASE_INI:
		received->given.release_ini = item->bytes;
		return 0;
	case DOSSIER_SIGSTORE:
		return take_bundle(received, item, err);
	case DOSSIER_ATTESTATION:
		return evidence_add(&received->given, PART_ATTESTATION,
		                    item->bytes, err);
	case DOSSIER_KINDS:
		break;
	}
	return 0;
}

/* Either a release or an image, and of that signatures alone. */
static int check_judged(const struct received_case *received, struct err *err)
{
	const struct evidence_case *given = &received->given;
	bool has_release = given->release_ini.len > 0;
	size_t pieces = given->piece_count;

	if (given->image == NULL && !has_release)
		return err_set(err, ERR_FORMAT, 0,
		               "a dossier without release.ini");
	if (given->image == NULL && received->payload_count == 0)
		return 0;
	if (given->image == NULL || has_release ||
	    received->payload_count != pieces ||
	    (pieces > 0 && given->pieces[pieces - 1].kind != PART_SIGSTORE))
		return err_set(err, ERR_FORMAT, 0,
		               "a dossier of a release and of an image");
	return 0;
}

static int read_items(struct received_case *received, struct err *err)
{
	struct dossier_reader reader = { .left = buf_bytes(
						 &received->dossier) };
	struct dossier_item item;
	int got;

	while ((got = dossier_next(&reader, &item, err)) == 1)
		if (take_item(received, &item, err) < 0)
			return -1;
	return got < 0 ? -1 : check_judged(received, err);
}

int received_case_new(int fd, uint64_t size, struct received_case **out,
                      struct err *err)
{
	AUTO_RECEIVED struct received_case *received =
		calloc(1, sizeof *received);

	if (received == NULL)
		return err_nomem(err);
	received->dossier = BUF_LIMIT((size_t)DOSSIER_MAX);
	settings_defaults(&received->settings);
	received->given.settings = &received->settings;
	if (dossier_read(fd, size, &received->dossier, err) < 0 ||
	    read_items(received, err) < 0)
		return err_wrap(err, "the dossier");
	*out = TAKE_PTR(received);
	return 0;
}

void received_case_free(struct received_case *received)
{
	if (received == NULL)
		return;
	for (size_t i = 0; i < EVIDENCE_KEYS_MAX; i++)
		public_key_done(&received->cosign_keys[i]);
	buf_done(&received->dossier);
	free(received);
}
