/* SPDX-License-Identifier: Apache-2.0 */
#include "health/gather_policy.h"

#include <string.h>

#include "base/cleanup.h"
#include "trust/configured.h"
#include "trust/judge.h"

void policy_found_done(struct policy_found *policy)
{
	keyring_done(&policy->keyring);
	buf_done(&policy->settings_text);
}

/* One line of [severity]; @check is written on 0. */
static int judge_severity(const struct settings_severity *line,
                          enum check_id *check, struct err *err)
{
	*check = check_find(line->id, strlen(line->id));
	if (*check == CHECK_COUNT)
		return err_set(err, ERR_USAGE, 0,
		               "[severity] names '%s', and no check is called "
		               "so; see check-health list",
		               line->id);
	/* It tells of what is wrong here, so it would hide itself. */
	if (*check == CHECK_CONFIG_LEGAL && line->word == COUNT_IGNORE)
		return err_set(err, ERR_USAGE, 0,
		               "[severity] cannot ignore '%s'", line->id);
	return 0;
}

/* The checks by their ids, as [severity] weighs them; a line that is wrong
 * takes nothing from the others.  -1: @err is of the first of these. */
static int take_severities(const struct settings_severities *severities,
                           enum verdict verdicts[CHECK_COUNT], struct err *err)
{
	static const enum verdict meanings[] = {
		[COUNT_WARNING] = VERDICT_WARNING,
		[COUNT_CRITICAL] = VERDICT_CRITICAL,
		[COUNT_IGNORE] = VERDICT_IGNORE,
	};
	struct err later;
	int result = 0;

	for (size_t i = 0; i < severities->count; i++) {
		const struct settings_severity *line = &severities->items[i];
		enum check_id check;

		if (judge_severity(line, &check, result == 0 ? err : &later) <
		    0)
			result = -1;
		else
			verdicts[check] = meanings[line->word];
	}
	return result;
}

int gather_config(const struct gather_request *request,
                  struct policy_found *policy, struct facts *facts,
                  struct err *err)
{
	struct look *look = &facts->config;
	int found = configured_settings(request->root, request->app,
	                                &policy->settings_text,
	                                &policy->settings, err);

	if (found < 0)
		return look_note_trusted(look, err);
	policy->has_settings = true;
	if (take_severities(&policy->settings.severities, facts->verdicts,
	                    err) < 0)
		return look_note(look, err);
	if (found == 0)
		look_set(look, SIGHT_ABSENT,
		         "there is none; the defaults hold");
	else
		look_set(look, SIGHT_GOOD, "understood");
	return 0;
}

static bool is_usable(const struct keyring *keyring, enum signer_kind kind,
                      size_t n)
{
	if (kind == SIGNER_MINISIGN)
		return keyring_find_revoked(keyring,
		                            &keyring->keys[n].public) == NULL;
	return keyring_find_revoked_cosign(
		       keyring, keyring->cosign_keys[n].key.id) == NULL;
}

static size_t count_usable(const struct keyring *keyring, enum signer_kind kind,
                           size_t all)
{
	size_t usable = 0;

	for (size_t i = 0; i < all; i++)
		usable += is_usable(keyring, kind, i) ? 1 : 0;
	return usable;
}

/* How many keys the policy wants: those of the kinds that require names. */
static void note_keys(const struct policy_found *policy, struct look *look)
{
	const struct settings *settings = &policy->settings;
	const struct keyring *keyring = &policy->keyring;
	size_t minisign =
		count_usable(keyring, SIGNER_MINISIGN, keyring->count);
	size_t cosign =
		count_usable(keyring, SIGNER_COSIGN, keyring->cosign_count);
	size_t usable = 0;
	bool is_keyless =
		settings->accepts_keyless_alone && settings->threshold <= 1;

	if ((settings->require & REQUIRE_MINISIGN) != 0)
		usable += minisign;
	if ((settings->require & REQUIRE_SIGSTORE) != 0)
		usable += cosign;
	if (!is_keyless && usable < settings->threshold)
		look_set(look, SIGHT_WRONG,
		         "%zu usable keys, yet the policy wants %u signers",
		         usable, settings->threshold);
	else
		look_set(look, SIGHT_GOOD, "%zu usable, %zu revoked",
		         minisign + cosign,
		         keyring->count + keyring->cosign_count - minisign -
		                 cosign);
}

int gather_keys(const struct gather_request *request,
                struct policy_found *policy, struct look *look, struct err *err)
{

	if (configured_keys(request->root, request->app, &policy->keyring,
	                    err) < 1)
		return look_note_trusted(look, err);
	policy->has_keyring = true;
	if (keyring_check_settings(&policy->keyring, &policy->settings, err) <
	    0)
		return look_note(look, err);
	note_keys(policy, look);
	return 0;
}
