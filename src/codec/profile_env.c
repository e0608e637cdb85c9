/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/profile_env.h"

#include <stdbool.h>
#include <string.h>

#include "base/text.h"

#define DIGITS      "0123456789"
#define LOWER_HEX   DIGITS "abcdef"
#define UPPER       "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER       "abcdefghijklmnopqrstuvwxyz"
#define VALUE_BYTES UPPER LOWER DIGITS "._:/@+-"
#define NAME_BYTES  UPPER DIGITS "_"
#define IMAGE_KEY   "IMAGE_DIGEST_"

static const char digest_head[] = "sha256:";

static bool consists_of(const char *text, size_t len, const char *bytes)
{
	for (size_t i = 0; i < len; i++)
		if (text[i] == '\0' || strchr(bytes, text[i]) == NULL)
			return false;
	return len > 0;
}

static bool is_profile(const char *text, size_t len)
{
	return text_equal(text, len, "dev") ||
	       text_equal(text, len, "nightly") ||
	       text_equal(text, len, "prod");
}

static bool is_value(const char *text, size_t len)
{
	return len < PROFILE_VALUE_SIZE && consists_of(text, len, VALUE_BYTES);
}

static bool is_digest(const char *text, size_t len)
{
	size_t head = strlen(digest_head);

	return len == PROFILE_DIGEST_SIZE - 1 &&
	       memcmp(text, digest_head, head) == 0 &&
	       consists_of(text + head, len - head, LOWER_HEX);
}

/* The keys but IMAGE_DIGEST_<NAME>, in their order. */
struct field {
	const char *key;
	size_t offset, size;
	bool (*is_legal)(const char *text, size_t len);
};

#define FIELD(key, member, is_legal)                                           \
	{                                                                      \
		key, offsetof(struct profile_env, member),                     \
			sizeof(((struct profile_env *)0)->member), is_legal    \
	}

static const struct field fields[] = {
	FIELD("PROFILE", profile, is_profile),
	FIELD("REGISTRY", registry, is_value),
	FIELD("IMAGE_PREFIX", image_prefix, is_value),
	FIELD("IMAGE_TAG", image_tag, is_value),
	FIELD("IMAGE_DIGEST", image_digest, is_digest),
};

#define FIELDS (sizeof fields / sizeof *fields)

static const struct field *find_field(const char *key, size_t len)
{
	for (size_t i = 0; i < FIELDS; i++)
		if (text_equal(key, len, fields[i].key))
			return &fields[i];
	return NULL;
}

/* The NAME of an IMAGE_DIGEST_<NAME>, or NULL. */
static const char *image_name(const char *key, size_t key_len, size_t *len)
{
	size_t head = strlen(IMAGE_KEY);

	if (key_len <= head || memcmp(key, IMAGE_KEY, head) != 0 ||
	    key_len - head >= PROFILE_NAME_SIZE ||
	    !consists_of(key + head, key_len - head, NAME_BYTES))
		return NULL;
	*len = key_len - head;
	return key + head;
}

/* Where an image of this name is, or belongs. */
static size_t image_place(const struct profile_env *env, const char *name,
                          bool *is_there)
{
	size_t at = 0;
	int order = 1;

	while (at < env->image_count &&
	       (order = strcmp(env->images[at].name, name)) < 0)
		at++;
	*is_there = at < env->image_count && order == 0;
	return at;
}

static int bad_value(const char *key, size_t key_len, const char *value,
                     size_t len, struct err *err)
{
	return err_set(err, ERR_FORMAT, 0, "'%.*s' is no value of %.*s",
	               (int)(len < 100 ? len : 100), value, (int)key_len, key);
}

static int set_image(struct profile_env *env, const char *name, size_t name_len,
                     const char *digest, struct err *err)
{
	struct profile_image image = { .name = "" };
	bool is_there;
	size_t at;

	memcpy(image.name, name, name_len);
	memcpy(image.digest, digest, PROFILE_DIGEST_SIZE - 1);
	at = image_place(env, image.name, &is_there);
	if (!is_there && env->image_count == PROFILE_IMAGES_MAX)
		return err_set(err, ERR_LIMIT, 0, "more than %d images",
		               PROFILE_IMAGES_MAX);
	if (!is_there) {
		memmove(&env->images[at + 1], &env->images[at],
		        (env->image_count - at) * sizeof image);
		env->image_count++;
	}
	env->images[at] = image;
	return 0;
}

int profile_env_set(struct profile_env *env, const char *key, size_t key_len,
                    const char *value, size_t value_len, struct err *err)
{
	const struct field *field = find_field(key, key_len);
	size_t name_len;
	const char *name = image_name(key, key_len, &name_len);

	if (field == NULL && name == NULL)
		return err_set(err, ERR_FORMAT, 0,
		               "'%.*s' is no key of profile.env",
		               (int)(key_len < 100 ? key_len : 100), key);
	if (field != NULL ? !field->is_legal(value, value_len)
	                  : !is_digest(value, value_len))
		return bad_value(key, key_len, value, value_len, err);
	if (name != NULL)
		return set_image(env, name, name_len, value, err);
	return text_copy((char *)env + field->offset, field->size, value,
	                 value_len, err);
}

const char *profile_env_get(const struct profile_env *env, const char *key,
                            size_t key_len)
{
	const struct field *field = find_field(key, key_len);
	char name[PROFILE_NAME_SIZE] = "";
	size_t len;
	const char *found = image_name(key, key_len, &len);
	const char *value;
	bool is_there;
	size_t at;

	if (field != NULL) {
		value = (const char *)env + field->offset;
		return value[0] != '\0' ? value : NULL;
	}
	if (found == NULL)
		return NULL;
	memcpy(name, found, len);
	at = image_place(env, name, &is_there);
	return is_there ? env->images[at].digest : NULL;
}

/* One line; order and repetition show when it is written again. */
static int take_line(struct profile_env *env, const char *line, size_t len,
                     struct err *err)
{
	const char *equals = memchr(line, '=', len);

	if (equals == NULL)
		return err_set(err, ERR_FORMAT, 0, "it is no KEY=VALUE");
	return profile_env_set(env, line, (size_t)(equals - line), equals + 1,
	                       len - (size_t)(equals - line) - 1, err);
}

static int take_lines(struct profile_env *env, const char *text, size_t len,
                      struct err *err)
{
	for (unsigned number = 1; len > 0; number++) {
		const char *end = memchr(text, '\n', len);
		size_t n;

		if (end == NULL)
			return err_set(err, ERR_FORMAT, 0,
			               "line %u does not end", number);
		n = (size_t)(end - text);
		if (take_line(env, text, n, err) < 0)
			return err_wrap(err, "line %u", number);
		text += n + 1;
		len -= n + 1;
	}
	return 0;
}

int profile_env_parse(const char *text, size_t len, struct profile_env *out,
                      struct err *err)
{
	struct profile_env env = { .image_count = 0 };
	AUTO_BUF struct buf again = BUF_LIMIT(PROFILE_ENV_MAX);

	if (len > PROFILE_ENV_MAX)
		return err_set(err, ERR_LIMIT, 0, "it has more than %zu bytes",
		               PROFILE_ENV_MAX);
	if (take_lines(&env, text, len, err) < 0)
		return -1;
	if (env.profile[0] == '\0')
		return err_set(err, ERR_FORMAT, 0, "it has no PROFILE");
	if (profile_env_write(&env, &again, err) < 0)
		return -1;
	/* Each line has one spelling, so only a repeated one is left out. */
	if (again.len != len)
		return err_set(err, ERR_FORMAT, 0, "a key is repeated");
	*out = env;
	return 0;
}

int profile_env_write(const struct profile_env *in, struct buf *out,
                      struct err *err)
{
	if (in->profile[0] == '\0')
		return err_set(err, ERR_USAGE, 0, "no PROFILE is set");
	for (size_t i = 0; i < FIELDS; i++) {
		const char *value = (const char *)in + fields[i].offset;

		if (value[0] != '\0' &&
		    buf_printf(out, err, "%s=%s\n", fields[i].key, value) < 0)
			return -1;
	}
	for (size_t i = 0; i < in->image_count; i++)
		if (buf_printf(out, err, IMAGE_KEY "%s=%s\n",
		               in->images[i].name, in->images[i].digest) < 0)
			return -1;
	return 0;
}
