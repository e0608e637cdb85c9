/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/profile.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "codec/profile_env.h"

#define DIGEST_KEY "IMAGE_DIGEST_"

/* "KEY=VALUE" of an option, taken apart. */
struct wish {
	char key[sizeof DIGEST_KEY + PROFILE_NAME_SIZE];
	const char *value;
};

bool profile_is_wished(const struct profile_wishes *wishes)
{
	return wishes->name != NULL || wishes->sets->count > 0 ||
	       wishes->images->count > 0;
}

static int read_set(const char *text, struct wish *out, struct err *err)
{
	size_t len = strcspn(text, "=");

	if (text[len] == '\0' || len == 0 || len >= sizeof out->key)
		return err_set(err, ERR_USAGE, 0, "--set: '%s' is no KEY=VALUE",
		               text);
	memcpy(out->key, text, len);
	out->key[len] = '\0';
	out->value = text + len + 1;
	return 0;
}

/* "log-forwarder" is IMAGE_DIGEST_LOG_FORWARDER. */
static int name_key(const char *name, size_t len, char *out, size_t size,
                    struct err *err)
{
	size_t head = strlen(DIGEST_KEY);

	if (len == 0 || len >= PROFILE_NAME_SIZE || head + len >= size)
		return err_set(err, ERR_USAGE, 0,
		               "'%.*s' is no name of an image",
		               (int)(len < 100 ? len : 100), name);
	memcpy(out, DIGEST_KEY, head);
	for (size_t i = 0; i < len; i++)
		out[head + i] = name[i] == '-'
		                        ? '_'
		                        : (char)toupper((unsigned char)name[i]);
	out[head + len] = '\0';
	return 0;
}

static int read_image(const char *text, struct wish *out, struct err *err)
{
	size_t len = strcspn(text, "=");
	const char *at = strrchr(text, '@');

	if (text[len] == '\0' || at == NULL || at <= text + len + 1)
		return err_set(err, ERR_USAGE, 0,
		               "--image: '%s' is no NAME=REF@DIGEST", text);
	out->value = at + 1;
	if (name_key(text, len, out->key, sizeof out->key, err) < 0)
		return err_wrap(err, "--image");
	return 0;
}

/* Where a registry is set, an image of another one would not be found. */
static int check_reference(const char *text, const struct profile_env *env,
                           struct err *err)
{
	const char *reference = strchr(text, '=') + 1;
	size_t len = strlen(env->registry);

	if (len > 0 && (strncmp(reference, env->registry, len) != 0 ||
	                reference[len] != '/'))
		return err_set(err, ERR_USAGE, 0,
		               "--image: '%s' is not below REGISTRY %s",
		               reference, env->registry);
	return 0;
}

typedef int apply_fn(const struct wish *wish, void *env, struct err *err);

/* Do @apply for each wish, in the order: profile, sets, images. */
static int for_each_wish(const struct profile_wishes *wishes, apply_fn *apply,
                         void *env, struct err *err)
{
	struct wish wish = { .key = "PROFILE", .value = wishes->name };

	if (wishes->name != NULL && apply(&wish, env, err) < 0)
		return err_wrap(err, "--profile");
	for (size_t i = 0; i < wishes->sets->count; i++)
		if (read_set(wishes->sets->at[i], &wish, err) < 0 ||
		    apply(&wish, env, err) < 0)
			return err_wrap(err, "--set");
	for (size_t i = 0; i < wishes->images->count; i++)
		if (read_image(wishes->images->at[i], &wish, err) < 0 ||
		    apply(&wish, env, err) < 0)
			return err_wrap(err, "--image");
	return 0;
}

static int set_wish(const struct wish *wish, void *env, struct err *err)
{
	if (profile_env_set(env, wish->key, strlen(wish->key), wish->value,
	                    strlen(wish->value), err) < 0) {
		err->code = ERR_USAGE; /* an option, not a file */
		return -1;
	}
	return 0;
}

static int hold_wish(const struct wish *wish, void *env, struct err *err)
{
	const char *held = profile_env_get(env, wish->key, strlen(wish->key));

	if (held == NULL || strcmp(held, wish->value) != 0)
		return err_set(err, ERR_USAGE, 0,
		               "%s=%s is asked for, but the profile.env of the "
		               "payload says '%s'; change one of them",
		               wish->key, wish->value,
		               held != NULL ? held : "");
	return 0;
}

int profile_stamp(const struct profile_wishes *wishes, struct profile_env *base,
                  struct err *err)
{
	if (for_each_wish(wishes, set_wish, base, err) < 0)
		return -1;
	for (size_t i = 0; i < wishes->images->count; i++)
		if (check_reference(wishes->images->at[i], base, err) < 0)
			return -1;
	return 0;
}

int profile_hold(const struct profile_wishes *wishes,
                 const struct profile_env *file, struct err *err)
{
	/* hold_wish only reads. */
	return for_each_wish(wishes, hold_wish, (void *)(uintptr_t)file, err);
}

/* --- rules
 * --------------------------------------------------------------------- */

/* What people write where a build was to put a tag. */
static bool is_placeholder(const char *tag)
{
	static const char *const words[] = {
		"latest",      "changeme",   "change-me",  "change_me",
		"placeholder", "todo",       "tbd",        "fixme",
		"replaceme",   "replace-me", "replace_me", "xxx",
		"unset",       "none",       "null",       "undefined",
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (strcasecmp(tag, words[i]) == 0)
			return true;
	return strstr(tag, "__") == tag; /* as in __IMAGE_TAG__ */
}

static bool uses_images(const struct profile_env *profile,
                        const struct package_list *images)
{
	return images->count > 0 || profile->image_count > 0 ||
	       profile->image_prefix[0] != '\0' ||
	       profile->image_tag[0] != '\0' ||
	       profile->image_digest[0] != '\0';
}

static int check_tag(const struct profile_env *profile,
                     const struct package_list *images, struct err *err)
{
	if (strcmp(profile->profile, "prod") != 0 ||
	    !uses_images(profile, images))
		return 0;
	if (profile->image_tag[0] == '\0')
		return err_set(err, ERR_USAGE, 0,
		               "prod needs an IMAGE_TAG; give --set "
		               "IMAGE_TAG=...");
	if (is_placeholder(profile->image_tag))
		return err_set(err, ERR_USAGE, 0,
		               "prod refuses IMAGE_TAG=%s; name a tag that "
		               "never moves",
		               profile->image_tag);
	return 0;
}

int profile_check(const struct profile_env *profile,
                  const struct package_list *images, struct err *err)
{
	if (check_tag(profile, images, err) < 0)
		return -1;
	if (profile->image_count == 0)
		return 0;
	for (size_t i = 0; i < images->count; i++) {
		const char *name = images->at[i];
		char key[sizeof DIGEST_KEY + PROFILE_NAME_SIZE];

		if (name_key(name, strlen(name), key, sizeof key, err) < 0)
			return err_wrap(err, "[profile] images");
		if (profile_env_get(profile, key, strlen(key)) == NULL)
			return err_set(err, ERR_USAGE, 0,
			               "image '%s' has no digest, but others "
			               "have; give --image %s=REF@DIGEST",
			               name, name);
	}
	return 0;
}
