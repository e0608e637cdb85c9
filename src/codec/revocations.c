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

/* --- keys --- */

/* Where an id is, or where it would have to stand. */
static size_t key_place(const struct revocations *revocations, uint64_t id)
{
	size_t at = 0;

	while (at < revocations->key_count && revocations->keys[at].id < id)
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

/* --- cosign keys and releases --- */

static size_t digest_place(const struct revoked_digest *list, size_t count,
                           const uint8_t sha256[DIGEST_LEN])
{
	size_t at = 0;

	while (at < count && memcmp(list[at].sha256, sha256, DIGEST_LEN) < 0)
		at++;
	return at;
}

static const char *find_digest(const struct revoked_digest *list, size_t count,
                               const uint8_t sha256[DIGEST_LEN])
{
	size_t at = digest_place(list, count, sha256);

	if (at == count || memcmp(list[at].sha256, sha256, DIGEST_LEN) != 0)
		return NULL;
	return list[at].reason;
}

/* A list of @max at most, of what @what names in messages. */
struct digests {
	struct revoked_digest *list;
	size_t *count;
	size_t max;
	const char *what;
};

static int add_digest(const struct digests *to,
                      const uint8_t sha256[DIGEST_LEN], const char *reason,
                      struct err *err)
{
	size_t at = digest_place(to->list, *to->count, sha256);
	struct revoked_digest *place = &to->list[at];

	if (check_reason(reason, err) < 0)
		return -1;
	if (find_digest(to->list, *to->count, sha256) != NULL)
		return 0;
	if (*to->count == to->max)
		return err_set(err, ERR_LIMIT, 0, "more than %zu revoked %s",
		               to->max, to->what);
	memmove(place + 1, place, (*to->count - at) * sizeof *place);
	*place = (struct revoked_digest){ .reason = "" };
	memcpy(place->sha256, sha256, DIGEST_LEN);
	memcpy(place->reason, reason, strlen(reason));
	++*to->count;
	return 0;
}

const char *revocations_find_cosign_key(const struct revocations *revocations,
                                        const uint8_t spki_sha256[DIGEST_LEN])
{
	return find_digest(revocations->cosign_keys,
	                   revocations->cosign_key_count, spki_sha256);
}

int revocations_add_cosign_key(struct revocations *revocations,
                               const uint8_t spki_sha256[DIGEST_LEN],
                               const char *reason, struct err *err)
{
	const struct digests to = { revocations->cosign_keys,
		                    &revocations->cosign_key_count,
		                    REVOKED_COSIGN_MAX, "cosign keys" };

	return add_digest(&to, spki_sha256, reason, err);
}

const char *revocations_find_release(const struct revocations *revocations,
                                     const uint8_t sha256[DIGEST_LEN])
{
	return find_digest(revocations->releases, revocations->release_count,
	                   sha256);
}

int revocations_add_release(struct revocations *revocations,
                            const uint8_t sha256[DIGEST_LEN],
                            const char *reason, struct err *err)
{
	const struct digests to = { revocations->releases,
		                    &revocations->release_count,
		                    REVOKED_RELEASES_MAX, "releases" };

	return add_digest(&to, sha256, reason, err);
}

/* --- identities --- */

static size_t identity_place(const struct revocations *revocations,
                             const char *name)
{
	size_t at = 0;

	while (at < revocations->identity_count &&
	       strcmp(revocations->identities[at].name, name) < 0)
		at++;
	return at;
}

const char *revocations_find_identity(const struct revocations *revocations,
                                      const char *name)
{
	size_t at = identity_place(revocations, name);

	if (at == revocations->identity_count ||
	    strcmp(revocations->identities[at].name, name) != 0)
		return NULL;
	return revocations->identities[at].reason;
}

int revocations_add_identity(struct revocations *revocations, const char *name,
                             const char *reason, struct err *err)
{
	size_t at = identity_place(revocations, name);
	struct revoked_identity *place = &revocations->identities[at];

	if (check_reason(reason, err) < 0)
		return -1;
	if (!name_is_key(name, strlen(name)))
		return err_set(err, ERR_USAGE, 0, "'%s' is no identity's name",
		               name);
	if (revocations_find_identity(revocations, name) != NULL)
		return 0;
	if (revocations->identity_count == REVOKED_IDENTITIES_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "more than %d revoked identities",
		               REVOKED_IDENTITIES_MAX);
	memmove(place + 1, place,
	        (revocations->identity_count - at) * sizeof *place);
	*place = (struct revoked_identity){ .name = "" };
	memcpy(place->name, name, strlen(name));
	memcpy(place->reason, reason, strlen(reason));
	revocations->identity_count++;
	return 0;
}

/* --- reading --- */

static int take_key(struct revocations *out, const struct ini_item *item,
                    struct err *err)
{
	uint64_t id;

	if (key_id_parse(item->key, strlen(item->key), &id, err) < 0)
		return err_wrap(err, "'%s'", item->key);
	return revocations_add_key(out, id, item->value, err);
}

static int take_digest(const struct ini_item *item, uint8_t out[DIGEST_LEN],
                       struct err *err)
{
	if (text_from_hex(item->key, strlen(item->key), out, DIGEST_LEN, err) <
	    0)
		return err_wrap(err, "'%s' is no SHA-256", item->key);
	return 0;
}

static int take_cosign_key(struct revocations *out, const struct ini_item *item,
                           struct err *err)
{
	uint8_t sha256[DIGEST_LEN];

	if (take_digest(item, sha256, err) < 0)
		return -1;
	return revocations_add_cosign_key(out, sha256, item->value, err);
}

static int take_identity(struct revocations *out, const struct ini_item *item,
                         struct err *err)
{
	return revocations_add_identity(out, item->key, item->value, err);
}

static int take_release(struct revocations *out, const struct ini_item *item,
                        struct err *err)
{
	uint8_t sha256[DIGEST_LEN];

	if (take_digest(item, sha256, err) < 0)
		return -1;
	return revocations_add_release(out, sha256, item->value, err);
}

static int take_any(struct revocations *out, const struct ini_item *item,
                    struct err *err)
{
	static const struct {
		const char *section;
		int (*take)(struct revocations *out,
		            const struct ini_item *item, struct err *err);
	} rows[] = {
		{ "keys", take_key },
		{ "cosign_keys", take_cosign_key },
		{ "identities", take_identity },
		{ "releases", take_release },
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strcmp(item->section, rows[i].section) == 0)
			return rows[i].take(out, item, err);
	return err_set(err, ERR_FORMAT, 0, "unknown section [%s]",
	               item->section);
}

static int take_item(void *context, const struct ini_item *item,
                     struct err *err)
{
	if (take_any(context, item, err) == 0)
		return 0;
	if (err->code == ERR_USAGE)
		err->code = ERR_FORMAT; /* a reason that is none, in a file */
	return -1;
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

/* --- writing --- */

/* @start: of the whole text, before which no blank line stands. */
static int open_section(const char *section, size_t start, struct buf *out,
                        struct err *err)
{
	return buf_printf(out, err, "%s[%s]\n", out->len > start ? "\n" : "",
	                  section);
}

static int write_digests(const struct revoked_digest *list, size_t count,
                         struct buf *out, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		char digest[2 * DIGEST_LEN + 1];

		text_to_hex(list[i].sha256, DIGEST_LEN, digest);
		if (ini_write_item(out, digest, list[i].reason, err) < 0)
			return -1;
	}
	return 0;
}

static int write_keys(const struct revocations *in, struct buf *out,
                      struct err *err)
{
	for (size_t i = 0; i < in->key_count; i++) {
		char id[KEY_ID_TEXT];

		key_id_text(in->keys[i].id, id);
		if (ini_write_item(out, id, in->keys[i].reason, err) < 0)
			return -1;
	}
	return 0;
}

static int write_identities(const struct revocations *in, struct buf *out,
                            struct err *err)
{
	for (size_t i = 0; i < in->identity_count; i++)
		if (ini_write_item(out, in->identities[i].name,
		                   in->identities[i].reason, err) < 0)
			return -1;
	return 0;
}

int revocations_write(const struct revocations *in, struct buf *out,
                      struct err *err)
{
	size_t start = out->len;

	if (in->key_count > 0 && (open_section("keys", start, out, err) < 0 ||
	                          write_keys(in, out, err) < 0))
		return -1;
	if (in->cosign_key_count > 0 &&
	    (open_section("cosign_keys", start, out, err) < 0 ||
	     write_digests(in->cosign_keys, in->cosign_key_count, out, err) <
	             0))
		return -1;
	if (in->identity_count > 0 &&
	    (open_section("identities", start, out, err) < 0 ||
	     write_identities(in, out, err) < 0))
		return -1;
	if (in->release_count > 0 &&
	    (open_section("releases", start, out, err) < 0 ||
	     write_digests(in->releases, in->release_count, out, err) < 0))
		return -1;
	return 0;
}
