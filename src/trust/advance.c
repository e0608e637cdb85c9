/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/advance.h"

#include <string.h>

#include "base/clock.h"

static bool counts(const struct seen_line *line, const struct keyring *keyring)
{
	if (revocations_find_release(&keyring->revocations, line->sha256) !=
	    NULL)
		return false;
	for (size_t i = 0; i < line->signer_count; i++)
		if (keyring_find_revoked_signer(keyring, &line->signers[i]) ==
		    NULL)
			return true;
	return false;
}

const struct seen_line *advance_highest(const struct seen *seen,
                                        const struct keyring *keyring)
{
	for (size_t i = seen->count; i-- > 0;)
		if (counts(&seen->lines[i], keyring))
			return &seen->lines[i];
	return NULL;
}

/* After an allowed downgrade several releases may bear one sequence. */
static bool is_known(const struct seen *seen, const struct keyring *keyring,
                     const struct verification_result *verified)
{
	for (size_t i = 0; i < seen->count; i++) {
		const struct seen_line *line = &seen->lines[i];

		if (line->sequence == verified->release.sequence &&
		    memcmp(line->sha256, verified->release_sha256,
		           DIGEST_LEN) == 0)
			return counts(line, keyring);
	}
	return false;
}

static int compare_with(const struct seen *seen, const struct keyring *keyring,
                        const struct seen_line *highest,
                        const struct verification_result *verified,
                        struct err *err)
{
	const struct release_ini *release = &verified->release;
	int order = 0;

	if (release->sequence < highest->sequence)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "%s %s (sequence %llu) is older than %s "
		               "(sequence %llu), which was seen here; "
		               "--allow-downgrade installs it all the same",
		               release->app, release->version,
		               (unsigned long long)release->sequence,
		               highest->version,
		               (unsigned long long)highest->sequence);
	if (release->sequence == highest->sequence)
		return is_known(seen, keyring, verified)
		               ? 0
		               : err_set(err, ERR_UNTRUSTED, 0,
		                         "%s %s has the sequence %llu of %s, "
		                         "which was seen here, and is another "
		                         "release; --allow-downgrade installs "
		                         "it all the same",
		                         release->app, release->version,
		                         (unsigned long long)release->sequence,
		                         highest->version);
	if (semver_compare(release->version, highest->version, &order) &&
	    order < 0)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "%s %s is a lower version than %s, which was "
		               "seen here; --allow-downgrade installs it all "
		               "the same",
		               release->app, release->version,
		               highest->version);
	return 0;
}

int advance_check(const struct seen *seen, const struct keyring *keyring,
                  const struct verification_result *verified,
                  enum downgrade downgrade, struct err *err)
{
	const struct seen_line *highest = advance_highest(seen, keyring);

	if (highest == NULL || downgrade == DOWNGRADE_ALLOWED)
		return 0;
	return compare_with(seen, keyring, highest, verified, err);
}

int advance_check_minimum(const char *minimum,
                          const struct release_ini *release, struct err *err)
{
	int order = 0;

	if (minimum[0] == '\0')
		return 0;
	if (!semver_compare(minimum, minimum, &order))
		return err_set(err, ERR_USAGE, 0,
		               "minimum_version '%s' is not like 1.2.3",
		               minimum);
	if (!semver_compare(release->version, minimum, &order))
		return err_set(err, ERR_UNTRUSTED, 0,
		               "version %s of %s cannot be compared with "
		               "minimum_version = %s",
		               release->version, release->app, minimum);
	if (order < 0)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "%s %s is below minimum_version = %s of the "
		               "configuration",
		               release->app, release->version, minimum);
	return 0;
}

bool advance_is_ahead(const struct release_ini *release, int64_t now)
{
	return release->created > now + CLOCK_DAY;
}

void advance_note(struct seen *seen, const struct verification_result *verified)
{
	struct seen_line line = { .sequence = verified->release.sequence };

	memcpy(line.version, verified->release.version, sizeof line.version);
	memcpy(line.sha256, verified->release_sha256, sizeof line.sha256);
	for (size_t i = 0;
	     i < verified->signer_count && line.signer_count < SEEN_SIGNERS_MAX;
	     i++)
		line.signers[line.signer_count++] = verified->signers[i];
	seen_add(seen, &line);
}
