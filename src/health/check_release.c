/* SPDX-License-Identifier: Apache-2.0 */
/* Checks that each release passes by itself.  What is wrong with the current
 * one is critical; another is not served, and is a warning. */
#include "health/check.h"

/* Which of a release's looks a check is about, and what mends it. */
struct release_check {
	enum check_id check;
	const struct look *(*look)(const struct release_facts *release);
	enum remedy (*remedy)(const struct release_facts *release);
};

static const struct look *committed_of(const struct release_facts *release)
{
	return &release->committed;
}

static const struct look *signature_of(const struct release_facts *release)
{
	return &release->signature;
}

static const struct look *receipt_of(const struct release_facts *release)
{
	return &release->receipt;
}

static const struct look *profile_of(const struct release_facts *release)
{
	return &release->profile;
}

static enum remedy install_again(const struct release_facts *release)
{
	(void)release;
	return REMEDY_INSTALL;
}

/* A release that is no longer trusted is not mended by a new install. */
static enum remedy leave(const struct release_facts *release)
{
	if (release->signature.sight == SIGHT_ABSENT)
		return REMEDY_INSTALL;
	if (release->lacks_evidence)
		return REMEDY_EVIDENCE;
	return release->is_current ? REMEDY_ROLLBACK : REMEDY_UNINSTALL;
}

static int check_each(const struct facts *facts,
                      const struct release_check *check, struct findings *out,
                      struct err *err)
{
	for (size_t i = 0; i < facts->release_count; i++) {
		const struct release_facts *release = &facts->releases[i];
		const struct judgement wrong = {
			.check = check->check,
			.severity = release->is_current ? SEVERITY_CRITICAL
			                                : SEVERITY_WARNING,
			.version = release->version,
			.remedy = check->remedy(release)
		};

		if (check_look(check->look(release), &wrong, out, err) < 0)
			return -1;
	}
	if (facts->release_count == 0)
		return check_no_release(facts, check->check, out, err);
	return 0;
}

int check_release_committed(const struct facts *facts, struct findings *out,
                            struct err *err)
{
	static const struct release_check check = { CHECK_RELEASE_COMMITTED,
		                                    committed_of,
		                                    install_again };

	return check_each(facts, &check, out, err);
}

int check_release_signature(const struct facts *facts, struct findings *out,
                            struct err *err)
{
	static const struct release_check check = { CHECK_RELEASE_SIGNATURE,
		                                    signature_of, leave };

	return check_each(facts, &check, out, err);
}

int check_release_receipt(const struct facts *facts, struct findings *out,
                          struct err *err)
{
	static const struct release_check check = { CHECK_RELEASE_RECEIPT,
		                                    receipt_of, install_again };

	return check_each(facts, &check, out, err);
}

int check_profile_env(const struct facts *facts, struct findings *out,
                      struct err *err)
{
	static const struct release_check check = { CHECK_PROFILE_ENV,
		                                    profile_of, install_again };

	return check_each(facts, &check, out, err);
}
