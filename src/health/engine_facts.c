/* SPDX-License-Identifier: Apache-2.0 */
#include "health/engine_facts.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "codec/oci_reference.h"
#include "health/gather_engine.h"

void engine_facts_done(struct engine_facts *facts)
{
	for (size_t i = 0; i < facts->count; i++)
		free(facts->engines[i].report);
	free(facts->wishes);
	*facts = (struct engine_facts){ .count = 0 };
}

const char *engine_kind_name(uint32_t kind)
{
	static const char *const names[ENGINE_KINDS] = {
		[ENGINE_OTHER] = "another engine",
		[ENGINE_DOCKER] = "Docker Engine",
		[ENGINE_DESKTOP] = "Docker Desktop",
		[ENGINE_PODMAN] = "Podman",
	};

	return names[kind];
}

void engine_image_name(const struct engine_wishes *wishes, size_t number,
                       char out[ENGINE_NAME_SIZE])
{
	const struct engine_wish *wish = &wishes->images[number];
	char digest[2 * ENGINE_ID_LEN + 1];
	char name[PROFILE_NAME_SIZE];
	size_t len = strlen(wish->name);

	for (size_t i = 0; i <= len; i++)
		name[i] = wish->name[i] == '_'
		                  ? '-'
		                  : (char)tolower((unsigned char)wish->name[i]);
	text_to_hex(wish->digest, ENGINE_ID_LEN, digest);
	(void)snprintf(out, ENGINE_NAME_SIZE, "%s%s%s@sha256:%s", wishes->base,
	               wishes->base[0] != '\0' && len > 0 ? "-" : "", name,
	               digest);
}

static void add_wish(const char *name, const char *digest,
                     struct engine_wishes *out)
{
	struct engine_wish *wish = &out->images[out->image_count];

	if (digest[0] == '\0' ||
	    !oci_digest_parse(digest, strlen(digest), wish->digest))
		return; /* absent: the codec lets nothing else through */
	memcpy(wish->name, name, strlen(name) + 1);
	out->image_count++;
}

/* Both parts are shorter than half of it. */
static void write_base(const struct profile_env *profile,
                       char out[ENGINE_REFERENCE_SIZE])
{
	size_t len = strlen(profile->registry);
	size_t prefix = strlen(profile->image_prefix);

	memcpy(out, profile->registry, len);
	if (len > 0 && prefix > 0)
		out[len++] = '/';
	memcpy(out + len, profile->image_prefix, prefix);
	out[len + prefix] = '\0';
}

void engine_wishes_of(const struct profile_env *profile,
                      const struct settings_container *policy,
                      struct engine_wishes *out)
{
	memset(out, 0, sizeof *out); /* its padding travels, too */
	for (size_t i = 0; i < policy->runtimes.count; i++) {
		const char *word = settings_word(&policy->runtimes, i);

		memcpy(out->runtimes[i], word, strlen(word) + 1);
	}
	out->runtime_count = (uint32_t)policy->runtimes.count;
	if (profile == NULL)
		return;
	write_base(profile, out->base);
	memcpy(out->tag, profile->image_tag, sizeof out->tag);
	add_wish("", profile->image_digest, out);
	for (size_t i = 0; i < profile->image_count; i++)
		add_wish(profile->images[i].name, profile->images[i].digest,
		         out);
}

/* The lower, the better. */
static unsigned rank_of(const struct engine_facts *facts,
                        const struct engine_seen *seen)
{
	bool wants_podman = facts->policy.engine == CONTAINER_PODMAN;

	switch ((enum engine_kind)seen->report->kind) {
	case ENGINE_DOCKER:
	case ENGINE_DESKTOP:
		return wants_podman ? 1 : 0;
	case ENGINE_PODMAN:
		return wants_podman ? 0 : 1;
	case ENGINE_OTHER:
	case ENGINE_KINDS:
		break;
	}
	return 2;
}

const struct engine_seen *engine_choose(const struct engine_facts *facts)
{
	const struct engine_seen *best = NULL;

	for (size_t i = 0; i < facts->count; i++) {
		const struct engine_seen *seen = &facts->engines[i];

		if (seen->look.sight == SIGHT_GOOD &&
		    (best == NULL ||
		     rank_of(facts, seen) < rank_of(facts, best)))
			best = seen;
	}
	return best;
}
