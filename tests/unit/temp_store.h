/* SPDX-License-Identifier: Apache-2.0 */
/* A store of the app "demo" in a folder of its own. */
#ifndef TESTS_UNIT_TEMP_STORE_H
#define TESTS_UNIT_TEMP_STORE_H

#include "temp_dir.h"

#include "store/store.h"

#define DEMO "demo"

struct temp_store {
	struct temp_dir dir;
	struct store store;
};

#define AUTO_TEMP_STORE AUTO(temp_store_remove)

static inline struct temp_store temp_store_make(void)
{
	struct temp_store temp = { .dir = temp_dir_make(),
		                   .store = STORE_NONE };
	struct err err;

	assert_int_equal(
		store_open(temp.dir.fd, DEMO, STORE_WRITE, &temp.store, &err),
		1);
	return temp;
}

static inline void temp_store_remove(struct temp_store *temp)
{
	store_done(&temp->store);
	temp_dir_remove(&temp->dir);
}

#endif
