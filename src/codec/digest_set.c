/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/digest_set.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST 1024

static const uint8_t empty[DIGEST_LEN];

void digest_set_done(struct digest_set *set)
{
	free(set->slots);
	*set = DIGEST_SET_NONE;
}

/* A digest's bytes are as good as random: no hash is needed.  Who makes them
 * collide on purpose signed the release. */
static uint8_t *find_slot(uint8_t (*slots)[DIGEST_LEN], size_t count,
                          const uint8_t digest[DIGEST_LEN])
{
	size_t at;

	memcpy(&at, digest, sizeof at);
	for (;; at++) {
		uint8_t *slot = slots[at & (count - 1)];

		if (memcmp(slot, empty, DIGEST_LEN) == 0 ||
		    memcmp(slot, digest, DIGEST_LEN) == 0)
			return slot;
	}
}

/* At most half of the slots are taken, so that a search ends soon. */
static int make_room(struct digest_set *set, struct err *err)
{
	size_t count = set->slot_count == 0 ? SLOTS_FIRST : 2 * set->slot_count;
	uint8_t(*slots)[DIGEST_LEN];

	if (2 * set->count < set->slot_count)
		return 0;
	slots = calloc(count, sizeof *slots);
	if (slots == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < set->slot_count; i++)
		if (memcmp(set->slots[i], empty, DIGEST_LEN) != 0)
			memcpy(find_slot(slots, count, set->slots[i]),
			       set->slots[i], DIGEST_LEN);
	free(set->slots);
	set->slots = slots;
	set->slot_count = count;
	return 0;
}

int digest_set_add(struct digest_set *set, const uint8_t digest[DIGEST_LEN],
                   struct err *err)
{
	uint8_t *slot;

	if (digest_set_has(set, digest))
		return 0;
	if (set->count == DIGEST_SET_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %zu files",
		               DIGEST_SET_MAX);
	if (make_room(set, err) < 0)
		return -1;
	slot = find_slot(set->slots, set->slot_count, digest);
	if (memcmp(slot, digest, DIGEST_LEN) == 0)
		return 0; /* all NUL: no file has this digest */
	memcpy(slot, digest, DIGEST_LEN);
	set->count++;
	return 0;
}

bool digest_set_has(const struct digest_set *set,
                    const uint8_t digest[DIGEST_LEN])
{
	if (set->slot_count == 0)
		return false;
	return memcmp(find_slot(set->slots, set->slot_count, digest), digest,
	              DIGEST_LEN) == 0;
}
