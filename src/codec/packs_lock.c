/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/packs_lock.h"

#include <stdlib.h>
#include <string.h>

int packs_lock_read(const char *text, size_t len, struct packs_lock *out,
                    struct err *err)
{
	(void)text;
	(void)len;
	(void)out;
	return err_set(err, ERR_INTERNAL, 0, "not made yet");
}

int packs_lock_write(const struct packs_lock *lock,
                     const struct packs_lock *before, struct buf *out,
                     struct err *err)
{
	(void)lock;
	(void)before;
	(void)out;
	return err_set(err, ERR_INTERNAL, 0, "not made yet");
}

const struct packs_lock_pack *packs_lock_find(const struct packs_lock *lock,
                                              const char *name)
{
	for (size_t i = 0; i < lock->pack_count; i++)
		if (strcmp(lock->packs[i].name, name) == 0)
			return &lock->packs[i];
	return NULL;
}

void packs_lock_done(struct packs_lock *lock)
{
	json_document_done(&lock->document);
	free(lock->memory);
	*lock = PACKS_LOCK_NONE;
}
