/* SPDX-License-Identifier: Apache-2.0 */
/* Property: what is read is written, with all that is not ours, as something
 * that reads as the same and is then written as the same bytes, in which
 * lock_pin.h finds what was read. */
#include "codec/lock_pin.h"
#include "codec/packs_lock.h"
#include "round_trip.h"

static void require_pins(const struct packs_lock *lock, const struct buf *text)
{
	require(!lock->is_dry_run ||
	        lock_pin_is_dry_run(text->data, text->len));
	for (size_t i = 0; i < lock->pack_count; i++)
		require(!lock->packs[i].release.is_set ||
		        lock_pin_has_release(text->data, text->len,
		                             lock->packs[i].release.sha256));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_PACKS_LOCK struct packs_lock first = PACKS_LOCK_NONE;
	AUTO_PACKS_LOCK struct packs_lock second = PACKS_LOCK_NONE;
	AUTO_BUF struct buf once = BUF_NONE;
	AUTO_BUF struct buf twice = BUF_NONE;
	struct err err;

	if (packs_lock_read((const char *)data, size, &first, &err) < 0 ||
	    packs_lock_write(&first, &first, &once, &err) < 0)
		return 0; /* old shapes hold what ours does not allow */
	require_pins(&first, &once);
	require(packs_lock_read(once.data, once.len, &second, &err) == 0);
	require(second.shape == PACKS_LOCK_OURS);
	require(second.pack_count == first.pack_count);
	require(packs_lock_write(&second, &second, &twice, &err) == 0);
	require_same(&twice, once.data, once.len);
	return 0;
}
