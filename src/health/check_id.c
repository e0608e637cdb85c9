/* SPDX-License-Identifier: Apache-2.0 */
#include "health/check_id.h"

#include <stddef.h>
#include <string.h>

#include "base/text.h"

struct check {
	const char *name;
	enum severity worst;
	const char *meaning;
};

static const struct check checks[CHECK_COUNT] = {
	[CHECK_CONFIG_LEGAL] = { "config.legal", SEVERITY_CRITICAL,
	                         "the configuration is understood, and only "
	                         "its owner can change it" },
	[CHECK_TRUST_KEYS] = { "trust.keys", SEVERITY_CRITICAL,
	                       "the host trusts enough keys, and only their "
	                       "owner can change them" },
	[CHECK_STORE_OWNER] = { "store.owner", SEVERITY_CRITICAL,
	                        "only their owner can change the folders of "
	                        "the store" },
	[CHECK_LINKS_CURRENT] = { "links.current", SEVERITY_CRITICAL,
	                          "current is a link to an installed release" },
	[CHECK_LINKS_PREVIOUS] = { "links.previous", SEVERITY_WARNING,
	                           "previous, where there is one, is a link to "
	                           "another installed release that is not "
	                           "bad" },
	[CHECK_JOURNAL_CLEAN] = { "journal.clean", SEVERITY_CRITICAL,
	                          "no activation stopped half-way, none waits "
	                          "for its health gate" },
	[CHECK_HISTORY_CONSISTENT] = { "history.consistent", SEVERITY_WARNING,
	                               "the history is whole and tells what is "
	                               "installed" },
	[CHECK_RELEASE_COMMITTED] = { "release.committed", SEVERITY_CRITICAL,
	                              "each release is there with its sealed "
	                              "parts, and they are as signed" },
	[CHECK_RELEASE_SIGNATURE] = { "release.signature", SEVERITY_CRITICAL,
	                              "each release is signed by keys that the "
	                              "host trusts now" },
	[CHECK_RELEASE_RECEIPT] = { "release.receipt", SEVERITY_CRITICAL,
	                            "each receipt is about its release and "
	                            "names who signed it" },
	[CHECK_RELEASE_TREE] = { "release.tree", SEVERITY_CRITICAL,
	                         "each file is as signed: content, mode, "
	                         "owner, "
	                         "time, link; none missing, none extra" },
	[CHECK_RELEASES_BAD] = { "releases.bad", SEVERITY_CRITICAL,
	                         "the current release is not marked bad" },
	[CHECK_PROFILE_ENV] = { "profile.env", SEVERITY_CRITICAL,
	                        "the profile is legal and lies in the release "
	                        "as signed" },
	[CHECK_DISK_SPACE] = { "disk.space", SEVERITY_WARNING,
	                       "there is room for another release" },
};

static const char *const severity_names[] = {
	[SEVERITY_NOT_APPLICABLE] = "not-applicable",
	[SEVERITY_OK] = "ok",
	[SEVERITY_WARNING] = "warning",
	[SEVERITY_UNKNOWN] = "unknown",
	[SEVERITY_CRITICAL] = "critical",
};

const char *check_name(enum check_id check)
{
	return checks[check].name;
}

enum severity check_worst(enum check_id check)
{
	return checks[check].worst;
}

const char *check_meaning(enum check_id check)
{
	return checks[check].meaning;
}

const char *severity_name(enum severity severity)
{
	return severity_names[severity];
}

int severity_exit_status(enum severity severity)
{
	switch (severity) {
	case SEVERITY_NOT_APPLICABLE:
	case SEVERITY_OK:
		return 0;
	case SEVERITY_WARNING:
		return 1;
	case SEVERITY_CRITICAL:
		return 2;
	case SEVERITY_UNKNOWN:
		break;
	}
	return 3;
}

int check_list(struct buf *out, struct err *err)
{
	for (size_t i = 0; i < CHECK_COUNT; i++)
		if (buf_printf(out, err, "%s\t%s\t%s\n", checks[i].name,
		               severity_name(checks[i].worst),
		               checks[i].meaning) < 0)
			return -1;
	return 0;
}

bool check_set_has(struct check_set set, enum check_id check)
{
	return (set.bits >> check & 1) != 0;
}

struct check_set check_set_without(struct check_set set, struct check_set skip)
{
	return (struct check_set){ set.bits & ~skip.bits };
}

/* The bit of the check that is named by @len bytes; 0 for none. */
static uint32_t find_bit(const char *name, size_t len)
{
	for (size_t i = 0; i < CHECK_COUNT; i++)
		if (text_equal(name, len, checks[i].name))
			return (uint32_t)1 << i;
	return 0;
}

int check_set_parse(const char *text, struct check_set *out, struct err *err)
{
	struct check_set set = { 0 };

	for (;;) {
		size_t len = strcspn(text, ",");
		uint32_t bit = find_bit(text, len);

		if (bit == 0)
			return err_set(err, ERR_USAGE, 0,
			               "unknown check '%.*s'; see check-health "
			               "--list",
			               (int)(len < 64 ? len : 64), text);
		set.bits |= bit;
		if (text[len] == '\0')
			break;
		text += len + 1;
	}
	*out = set;
	return 0;
}
