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
	                       "as much is free where releases lie as min_free "
	                       "asks" },
	[CHECK_DISK_INODES] = { "disk.inodes", SEVERITY_WARNING,
	                        "10,000 more files can be made where releases "
	                        "lie" },
	[CHECK_RELEASES_KEPT] = { "releases.kept", SEVERITY_WARNING,
	                          "no more releases are there than prune "
	                          "leaves" },
	[CHECK_STORE_LEFTOVERS] = { "store.leftovers", SEVERITY_WARNING,
	                            "nothing half-done lies about that recover "
	                            "would remove" },
	[CHECK_TRUST_EXPIRY] = { "trust.expiry", SEVERITY_WARNING,
	                         "each rule of the policy has signers left, "
	                         "also in 30 days, and trusted roots last" },
	[CHECK_USER_RIGHTS] = { "user.rights", SEVERITY_WARNING,
	                        "who looks is root, or has a way to become "
	                        "root" },
	[CHECK_HOST_KERNEL] = { "host.kernel", SEVERITY_CRITICAL,
	                        "the kernel is as new as the configuration "
	                        "asks" },
	[CHECK_HOST_WSL] = { "host.wsl", SEVERITY_WARNING,
	                     "under WSL: systemd runs, and the kernel has "
	                     "AppArmor" },
	[CHECK_HOST_TIME] = { "host.time", SEVERITY_WARNING,
	                      "the clock is sane, and synchronised where the "
	                      "configuration asks" },
	[CHECK_HOST_YAMA] = { "host.yama", SEVERITY_WARNING,
	                      "Yama keeps processes from tracing each other" },
	[CHECK_HOST_PROFILES] = { "host.profiles", SEVERITY_CRITICAL,
	                          "the security profiles that the "
	                          "configuration names are loaded" },
	[CHECK_SERVICE_UNITS] = { "service.units", SEVERITY_CRITICAL,
	                          "the systemd units that the configuration "
	                          "names are active" },
	[CHECK_SERVICE_COMMAND] = { "service.command", SEVERITY_CRITICAL,
	                            "the command of [service] ends with status "
	                            "0" },
	[CHECK_SERVICE_HTTP] = { "service.http", SEVERITY_CRITICAL,
	                         "the addresses of [service] answer with a "
	                         "status of 2xx" },
	[CHECK_SERVICE_TCP] = { "service.tcp", SEVERITY_CRITICAL,
	                        "the ports of [service] take a connection" },
	[CHECK_SERVICE_UNIX] = { "service.unix", SEVERITY_CRITICAL,
	                         "the Unix sockets of [service] take a "
	                         "connection" },
	[CHECK_ENGINE_PRESENT] = { "engine.present", SEVERITY_CRITICAL,
	                           "a container engine answers on its socket" },
	[CHECK_ENGINE_SUPPORTED] = { "engine.supported", SEVERITY_CRITICAL,
	                             "the engine is one that the configuration "
	                             "allows" },
	[CHECK_ENGINE_VERSION] = { "engine.version", SEVERITY_CRITICAL,
	                           "the engine is as new as the configuration "
	                           "asks" },
	[CHECK_ENGINE_HEALTHY] = { "engine.healthy", SEVERITY_CRITICAL,
	                           "the engine answers questions about "
	                           "itself" },
	[CHECK_ENGINE_STORAGE] = { "engine.storage", SEVERITY_WARNING,
	                           "there is room where the engine keeps "
	                           "images" },
	[CHECK_ENGINE_CGROUPS] = { "engine.cgroups", SEVERITY_WARNING,
	                           "the engine uses cgroups of version 2" },
	[CHECK_ENGINE_RUNTIMES] = { "engine.runtimes", SEVERITY_CRITICAL,
	                            "the engine knows the runtimes that the "
	                            "configuration names" },
	[CHECK_ENGINE_SECCOMP] = { "engine.seccomp", SEVERITY_CRITICAL,
	                           "engine and kernel filter the system calls "
	                           "of containers" },
	[CHECK_ENGINE_APPARMOR] = { "engine.apparmor", SEVERITY_WARNING,
	                            "engine and kernel confine containers by "
	                            "AppArmor, where the kernel has it" },
	[CHECK_ENGINE_COMPOSE] = { "engine.compose", SEVERITY_CRITICAL,
	                           "the compose plugin is there, where the "
	                           "configuration asks" },
	[CHECK_IMAGES_PRESENT] = { "images.present", SEVERITY_CRITICAL,
	                           "the engine has each image that the profile "
	                           "names, by digest" },
	[CHECK_IMAGES_SIGNED] = { "images.signed", SEVERITY_CRITICAL,
	                          "each image is signed where the policy says "
	                          "so (--online)" },
	[CHECK_CONTAINERS_RUNNING] = { "containers.running", SEVERITY_CRITICAL,
	                               "the app's containers run, from exactly "
	                               "these images" },
	[CHECK_CONTAINERS_HEALTHY] = { "containers.healthy", SEVERITY_CRITICAL,
	                               "none of the app's containers is "
	                               "unhealthy" },
	[CHECK_REGISTRY_REACHABLE] = { "registry.reachable", SEVERITY_WARNING,
	                               "the registry of the images lets the "
	                               "host in (--online)" },
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

/* One bit of a set for each, and CHECK_SET_ALL one more. */
_Static_assert(CHECK_COUNT < 64, "a set has 64 bits");

bool check_set_has(struct check_set set, enum check_id check)
{
	return (set.bits >> check & 1) != 0;
}

bool check_set_is_empty(struct check_set set)
{
	return set.bits == 0;
}

struct check_set check_set_without(struct check_set set, struct check_set skip)
{
	return (struct check_set){ set.bits & ~skip.bits };
}

enum check_id check_find(const char *name, size_t len)
{
	for (unsigned i = 0; i < CHECK_COUNT; i++)
		if (text_equal(name, len, checks[i].name))
			return (enum check_id)i;
	return CHECK_COUNT;
}

/* The checks that @len bytes name: one, or all of a kind; 0: none. */
static uint64_t find_bits(const char *name, size_t len)
{
	enum check_id one = check_find(name, len);
	uint64_t bits = 0;

	if (one != CHECK_COUNT)
		return CHECK_BIT(one);
	for (unsigned i = 0; i < CHECK_COUNT; i++)
		if (strcspn(checks[i].name, ".") == len &&
		    strncmp(checks[i].name, name, len) == 0)
			bits |= CHECK_BIT(i);
	return bits;
}

int check_set_parse(const char *text, struct check_set *out, struct err *err)
{
	struct check_set set = { 0 };

	for (;;) {
		size_t len = strcspn(text, ",");
		uint64_t bits = find_bits(text, len);

		if (bits == 0)
			return err_set(err, ERR_USAGE, 0,
			               "unknown check '%.*s'; see check-health "
			               "--list",
			               (int)(len < 64 ? len : 64), text);
		set.bits |= bits;
		if (text[len] == '\0')
			break;
		text += len + 1;
	}
	*out = set;
	return 0;
}
