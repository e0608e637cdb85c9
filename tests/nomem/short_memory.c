/* SPDX-License-Identifier: Apache-2.0 */
#include "short_memory.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

/* The names are the linker's: ld(1), --wrap. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t max);
void __wrap_free(void *block);

static size_t countdown; /* 1: the next one fails; 0: none does */
static bool has_failed;
static long live;

static bool fails(void)
{
	if (countdown == 0 || --countdown > 0)
		return false;
	has_failed = true;
	errno = ENOMEM;
	return true;
}

static void *count(void *block)
{
	live += block != NULL;
	return block;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : count(__real_malloc(size));
}

void *__wrap_calloc(size_t number, size_t size)
{
	return fails() ? NULL : count(__real_calloc(number, size));
}

void *__wrap_realloc(void *old, size_t size)
{
	void *block;

	if (fails())
		return NULL;
	block = __real_realloc(old, size);
	live += old == NULL && block != NULL;
	return block;
}

void *__wrap_reallocarray(void *old, size_t number, size_t size)
{
	if (size > 0 && number > SIZE_MAX / size) {
		errno = ENOMEM;
		return NULL;
	}
	return __wrap_realloc(old, number * size);
}

char *__wrap_strndup(const char *text, size_t max)
{
	size_t len = strnlen(text, max);
	char *copy = __wrap_malloc(len + 1);

	if (copy == NULL)
		return NULL;
	memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

char *__wrap_strdup(const char *text)
{
	return __wrap_strndup(text, strlen(text));
}

void __wrap_free(void *block)
{
	live -= block != NULL;
	__real_free(block);
}

void short_memory_begin(size_t nth)
{
	countdown = nth;
	has_failed = false;
	live = 0;
}

bool short_memory_end(long *leaked)
{
	countdown = 0;
	if (leaked != NULL)
		*leaked = live;
	return has_failed;
}
