/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/revocations.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "codec/ini.h"
#include "codec/ini_write.h"
#include "codec/key_id.h"

static int check_reason(const char *reason, struct err *err)
{
	size_t len = strlen(reason);

	if (len == 0 || len >= REVOCATION_REASON_SIZE || reason[0] == ' ' ||
	    reason[len - 1] == ' ' || strchr(reason, ';') != NULL ||
	    !text_is_printable(reason, len))
		return err_set(err, ERR_USAGE, 0,
		               "a reason is 1 to %d printable bytes without "
		               "';'",
		               REVOCATION_REASON_SIZE - 1);
	return 0;
}

/* Where an id is, or where it would have to stand. */
static size_t key_place(const struct revocations *revocations, uint64_t id)
{
	size_t at = 0;

	while (at < revocations->key_count && revocations->keys[at].id < id)
		at++;
	return at;
}

static size_t release_place(const struct revocations *revocations,
                            const uint8_t sha256[DIGEST_LEN])
{
	size_t at = 0;

	while (at < revocations->release_count &&
	       memcmp(revocations->releases[at].sha256, sha256, DIGEST_LEN) < 0)
		at++;
	return at;
}

const char *revocations_find_key(const struct revocations *revocations,
                                 uint64_t id)
{
	size_t at = key_place(revocations, id);

	if (at == revocations->key_count || revocations->keys[at].id != id)
		return NULL;
	return revocations->keys[at].reason;
}

const char *revocations_find_release(const struct revocations *revocations,
                                     const uint8_t sha256[DIGEST_LEN])
{
	size_t at = release_place(revocations, sha256);

	if (at == revocations->release_count ||
	    memcmp(revocations->releases[at].sha256, sha256, DIGEST_LEN) != 0)
		return NULL;
	return revocations->releases[at].reason;
}

int revocations_add_key(struct revocations *revocations, uint64_t id,
                        const char *reason, struct err *err)
{
	size_t at = key_place(revocations, id);
	struct revoked_key *place = &revocations->keys[at];

	if (check_reason(reason, err) < 0)
		return -1;
	if (revocations_find_key(revocations, id) != NULL)
		return 0;
	if (revocations->key_count == REVOKED_KEYS_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d revoked keys",
		               REVOKED_KEYS_MAX);
	memmove(place + 1, place,
	        (revocations->key_count - at) * sizeof *place);
	*place = (struct revoked_key){ .id = id };
	memcpy(place->reason, reason, strlen(reason));
	revocations->key_count++;
	return 0;
}

int revocations_add_release(struct revocations *revocations,
                            const uint8_t sha256[DIGEST_LEN],
                            const char *reason, struct err *err)
{
	size_t at = release_place(revocations, sha256);
	struct revoked_release *place = &revocations->releases[at];

	if (check_reason(reason, err) < 0)
		return -1;
	if (revocations_find_release(revocations, sha256) != NULL)
		return 0;
	if (revocations->release_count == REVOKED_RELEASES_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "more than %d revoked releases",
		               REVOKED_RELEASES_MAX);
	memmove(place + 1, place,
	        (revocations->release_count - at) * sizeof *place);
	*place = (struct revoked_release){ .reason = "" };
	memcpy(place->sha256, sha256, DIGEST_LEN);
	memcpy(place->reason, reason, strlen(reason));
	revocations->release_count++;
	return 0;
}

static int take_key(struct revocations *out, const struct ini_item *item,
                    struct err *err)
{
	uint64_t id;

	if (key_id_parse(item->key, strlen(item->key), &id, err) < 0)
		return err_wrap(err, "'%s'", item->key);
	return revocations_add_key(out, id, item->value, err);
}

static int take_release(struct revocations *out, const struct ini_item *item,
                        struct err *err)
{
	uint8_t sha256[DIGEST_LEN];

	if (text_from_hex(item->key, strlen(item->key), sha256, sizeof sha256,
	                  err) < 0)
		return err_wrap(err, "'%s' is no SHA-256", item->key);
	return revocations_add_release(out, sha256, item->value, err);
}

static int take_item(void *context, const struct ini_item *item,
                     struct err *err)
{
	int taken;

	if (strcmp(item->section, "keys") == 0)
		taken = take_key(context, item, err);
	else if (strcmp(item->section, "releases") == 0)
		taken = take_release(context, item, err);
	else
		taken = err_set(err, ERR_FORMAT, 0, "unknown section [%s]",
		                item->section);
	if (taken < 0 && err->code == ERR_USAGE)
		err->code = ERR_FORMAT; /* a reason that is none, in a file */
	return taken;
}

int revocations_parse(const char *text, size_t len, struct revocations *out,
                      struct err *err)
{
	AUTO_FREE struct revocations *read = calloc(1, sizeof *read);

	if (read == NULL)
		return err_nomem(err);
	if (len > REVOCATIONS_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %zu bytes",
		               REVOCATIONS_MAX);
	if (ini_read(text, len, INI_COMMENTED, take_item, read, err) < 0)
		return -1;
	*out = *read;
	return 0;
}

int revocations_write(const struct revocations *in, struct buf *out,
                      struct err *err)
{
	if (in->key_count > 0 && buf_adds(out, "[keys]\n", err) < 0)
		return -1;
	for (size_t i = 0; i < in->key_count; i++) {
		char id[KEY_ID_TEXT];

		key_id_text(in->keys[i].id, id);
		if (ini_write_item(out, id, in->keys[i].reason, err) < 0)
			return -1;
	}
	if (in->release_count > 0 &&
	    buf_printf(out, err, "%s[releases]\n",
	               in->key_count > 0 ? "\n" : "") < 0)
		return -1;
	for (size_t i = 0; i < in->release_count; i++) {
		char digest[2 * DIGEST_LEN + 1];

		text_to_hex(in->releases[i].sha256, DIGEST_LEN, digest);
		if (ini_write_item(out, digest, in->releases[i].reason, err) <
		    0)
			return -1;
	}
	return 0;
}
