/* SPDX-License-Identifier: Apache-2.0 */
/* Scope-bound ownership.  A variable declared with AUTO_* owns what it holds
 * and releases it when the scope ends; TAKE_* moves the ownership out. */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AUTO(release) __attribute__((cleanup(release)))
#define AUTO_FREE     AUTO(cleanup_free)
#define AUTO_CLOSE    AUTO(cleanup_close)
#define AUTO_DIR      AUTO(cleanup_dir)

#define TAKE_PTR(p)                                                            \
	__extension__({                                                        \
		__typeof__(p) taken_ = (p);                                    \
		(p) = NULL;                                                    \
		taken_;                                                        \
	})
#define TAKE_FD(fd)                                                            \
	__extension__({                                                        \
		int taken_ = (fd);                                             \
		(fd) = -1;                                                     \
		taken_;                                                        \
	})

static inline void cleanup_free(void *slot)
{
	void *held;

	memcpy(&held, slot, sizeof held); /* a cast would break aliasing */
	free(held);
}

static inline void cleanup_close(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd); /* read side, or already synced */
}

static inline void cleanup_dir(DIR **dir)
{
	if (*dir != NULL)
		(void)closedir(*dir); /* nothing was written through it */
}

#endif
