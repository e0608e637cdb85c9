/* SPDX-License-Identifier: Apache-2.0 */
/* The part of engine_answer.h that tells by its name what an image is for. */
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include "codec/engine_answer.h"
#include "codec/oci_reference.h"

/* Docker leaves out what Podman writes: "docker.io/library/nginx". */
static const char *skip_hub(const char *name, size_t *len)
{
	static const char *const heads[] = { "docker.io/", "library/" };

	for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
		size_t n = strlen(heads[i]);

		if (*len > n && strncmp(name, heads[i], n) == 0) {
			name += n;
			*len -= n;
		}
	}
	return name;
}

/* The bytes of a reference without its tag and digest. */
static size_t repository_len(const char *reference)
{
	size_t len = strcspn(reference, "@");
	const char *slash = memrchr(reference, '/', len);
	const char *last = slash != NULL ? slash : reference;
	const char *colon = memchr(last, ':', len - (size_t)(last - reference));

	return colon != NULL ? (size_t)(colon - reference) : len;
}

/* Whether IMAGE_DIGEST_@name is what an image called @text is pinned by. */
static bool is_named(const char *text, size_t len, const char *name)
{
	if (strlen(name) != len)
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)text[i];

		/* What no name of a key can hold stands as "_" in it. */
		if ((isalnum(byte) ? toupper(byte) : '_') != name[i])
			return false;
	}
	return true;
}

/* What stands behind the base: "" for the base itself; NULL: another base. */
static const char *behind_base(const struct engine_wishes *wishes,
                               const char *name, size_t *len)
{
	size_t base_len = strlen(wishes->base);
	const char *base = skip_hub(wishes->base, &base_len);

	if (base_len == 0 || strcmp(base, OCI_DOCKER_REGISTRY) == 0)
		return name;
	if (*len < base_len || strncmp(name, base, base_len) != 0)
		return NULL;
	name += base_len;
	*len -= base_len;
	if (*len == 0)
		return name;
	if (*len == 1 || (name[0] != '-' && name[0] != '/'))
		return NULL;
	(*len)--;
	return name + 1;
}

uint32_t engine_wish_of(const struct engine_wishes *wishes,
                        const char *reference)
{
	size_t len = repository_len(reference);
	const char *name = skip_hub(reference, &len);

	name = behind_base(wishes, name, &len);
	if (name == NULL)
		return ENGINE_NO_WISH;
	for (uint32_t i = 0; i < wishes->image_count; i++)
		if (is_named(name, len, wishes->images[i].name))
			return i;
	return ENGINE_NO_WISH;
}
