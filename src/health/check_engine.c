/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of the container engine. */
#include "health/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "codec/dotted.h"
#include "health/gather_engine.h"

#define MIB             ((uint64_t)1 << 20)
#define DOCKER_MIN      "20.10" /* where the configuration says nothing */
#define FREE_FILES_MIN  10000
#define CONTAINERD_NOTE "; containerd is there too, and not looked into"

/* What an engine is called in a finding. */
static const char *name_of(const struct engine_seen *seen)
{
	return engine_kind_name(seen->report->kind);
}

/* The finding of a check for which no engine answers. */
static int check_no_engine(const struct engine_facts *engine,
                           enum check_id check, struct findings *out,
                           struct err *err)
{
	struct judgement unknown = { .check = check,
		                     .severity = SEVERITY_UNKNOWN,
		                     .remedy = REMEDY_ENGINE_RIGHTS };

	if (engine->look.sight == SIGHT_NONE)
		return check_not_applicable(check, engine->look.text, out, err);
	/* Said once: of no engine, nothing else can be asked. */
	if (engine->look.sight == SIGHT_BLOCKED &&
	    check != CHECK_ENGINE_PRESENT)
		return check_not_applicable(check, engine->look.text, out, err);
	if (engine->look.sight != SIGHT_GOOD) {
		unknown.remedy = engine->look.sight == SIGHT_BLOCKED
		                         ? REMEDY_FIRST
		                         : REMEDY_AGAIN;
		return findings_add(out, &unknown, err, "%s",
		                    engine->look.text);
	}
	for (size_t i = 0; i < engine->count; i++)
		if (engine->engines[i].look.sight == SIGHT_HIDDEN)
			return findings_add(out, &unknown, err, "%s",
			                    engine->engines[i].look.text);
	return check_not_applicable(check, "no engine answers", out, err);
}

/* --- engine.present, engine.healthy ----------------------------------------
 */

static int say_missing(const struct engine_facts *engine, struct findings *out,
                       struct err *err)
{
	const struct judgement stopped = { .check = CHECK_ENGINE_PRESENT,
		                           .severity = SEVERITY_CRITICAL,
		                           .remedy = REMEDY_ENGINE_START };
	const struct judgement absent = { .check = CHECK_ENGINE_PRESENT,
		                          .severity = SEVERITY_CRITICAL,
		                          .remedy = REMEDY_ENGINE_INSTALL };

	if (engine->policy.socket[0] != '\0')
		return findings_add(out, &stopped, err, "'%s' is not there",
		                    engine->policy.socket);
	if (engine->has_docker || engine->has_podman)
		return findings_add(out, &stopped, err,
		                    "%s is installed, yet its socket is not "
		                    "there",
		                    engine->has_docker ? "docker" : "podman");
	return findings_add(out, &absent, err, "no container engine is there%s",
	                    engine->has_containerd ? "; containerd is, and not "
	                                             "looked into"
	                                           : "");
}

/* Sockets are there, and nobody answers. */
static int say_silent(const struct engine_facts *engine, struct findings *out,
                      struct err *err)
{
	struct judgement judgement = { .check = CHECK_ENGINE_PRESENT,
		                       .severity = SEVERITY_CRITICAL,
		                       .remedy = REMEDY_ENGINE_START };

	for (size_t i = 0; i < engine->count; i++) {
		const struct engine_seen *seen = &engine->engines[i];

		if (seen->look.sight == SIGHT_HIDDEN)
			return check_no_engine(engine, CHECK_ENGINE_PRESENT,
			                       out, err);
		judgement.object = seen->socket;
		if (check_look(&seen->look, &judgement, out, err) < 0)
			return -1;
	}
	return 0;
}

int check_engine_present(const struct facts *facts, struct findings *out,
                         struct err *err)
{
	const struct judgement good = { .check = CHECK_ENGINE_PRESENT,
		                        .severity = SEVERITY_OK };
	const struct engine_facts *engine = &facts->engine;
	const struct engine_seen *chosen = engine_choose(engine);

	if (engine->look.sight != SIGHT_GOOD)
		return check_no_engine(engine, CHECK_ENGINE_PRESENT, out, err);
	if (chosen == NULL)
		return engine->count > 0 ? say_silent(engine, out, err)
		                         : say_missing(engine, out, err);
	return findings_add(out, &good, err, "%s %s at %s%s", name_of(chosen),
	                    chosen->report->version, chosen->socket,
	                    engine->has_containerd ? CONTAINERD_NOTE : "");
}

int check_engine_healthy(const struct facts *facts, struct findings *out,
                         struct err *err)
{
	const struct engine_facts *engine = &facts->engine;
	const struct engine_seen *chosen = engine_choose(engine);
	struct judgement judgement = { .check = CHECK_ENGINE_HEALTHY,
		                       .severity = SEVERITY_CRITICAL,
		                       .remedy = REMEDY_ENGINE_START };

	if (engine->look.sight != SIGHT_GOOD || engine->count == 0)
		return check_no_engine(engine, CHECK_ENGINE_HEALTHY, out, err);
	for (size_t i = 0; i < engine->count; i++) {
		const struct engine_seen *seen = &engine->engines[i];

		/* Beside one that answers, a closed one is of no interest. */
		if (seen != chosen && seen->look.sight != SIGHT_WRONG &&
		    chosen != NULL)
			continue;
		judgement.object = seen->socket;
		if (check_look(&seen->look, &judgement, out, err) < 0)
			return -1;
	}
	return 0;
}

/* --- engine.supported ------------------------------------------------------
 */

static bool is_docker(const struct engine_seen *seen)
{
	return seen->report->kind == ENGINE_DOCKER ||
	       seen->report->kind == ENGINE_DESKTOP;
}

/* Why the policy does not want this engine; NULL: it does. */
static const char *find_fault(const struct engine_facts *engine,
                              const struct engine_seen *chosen)
{
	const struct settings_container *policy = &engine->policy;
	bool is_rootless = (chosen->report->guards & ENGINE_ROOTLESS) != 0;

	if (chosen->report->kind == ENGINE_OTHER)
		return "calls itself neither Docker nor Podman";
	if (is_docker(chosen) && policy->engine == CONTAINER_PODMAN)
		return "is there, yet the configuration wants podman";
	if (!is_docker(chosen) && policy->engine != CONTAINER_PODMAN &&
	    !policy->allows_podman)
		return "is there alone, and the configuration does not say "
		       "allow_podman = yes";
	if (is_rootless && policy->rootless == ROOTLESS_REFUSED)
		return "runs without root, which the configuration refuses";
	if (!is_rootless && policy->rootless == ROOTLESS_REQUIRED)
		return "runs as root, yet the configuration wants it rootless";
	return NULL;
}

/* Whether podman is there besides @chosen: users who type its name get other
 * images and other containers. */
static bool has_podman_beside(const struct engine_facts *engine,
                              const struct engine_seen *chosen)
{
	for (size_t i = 0; i < engine->count; i++) {
		const struct engine_seen *seen = &engine->engines[i];

		/* What one calls itself that does not answer, its name says. */
		if (seen != chosen &&
		    (seen->report != NULL
		             ? seen->report->kind == ENGINE_PODMAN
		             : strstr(seen->socket, "podman") != NULL))
			return true;
	}
	return engine->has_podman;
}

int check_engine_supported(const struct facts *facts, struct findings *out,
                           struct err *err)
{
	const struct engine_facts *engine = &facts->engine;
	const struct engine_seen *chosen = engine_choose(engine);
	struct judgement judgement = { .check = CHECK_ENGINE_SUPPORTED,
		                       .severity = SEVERITY_CRITICAL,
		                       .remedy = REMEDY_ENGINE_POLICY };
	const char *fault;

	if (chosen == NULL)
		return check_no_engine(engine, CHECK_ENGINE_SUPPORTED, out,
		                       err);
	fault = find_fault(engine, chosen);
	if (fault != NULL)
		return findings_add(out, &judgement, err, "%s %s",
		                    name_of(chosen), fault);
	if (is_docker(chosen) && has_podman_beside(engine, chosen) &&
	    !engine->policy.allows_podman) {
		judgement.severity = SEVERITY_WARNING;
		return findings_add(out, &judgement, err,
		                    "podman is there beside %s",
		                    name_of(chosen));
	}
	judgement.severity = SEVERITY_OK;
	return findings_add(out, &judgement, err, "%s%s", name_of(chosen),
	                    (chosen->report->guards & ENGINE_ROOTLESS) != 0
	                            ? ", rootless"
	                            : "");
}

/* --- engine.version --------------------------------------------------------
 */

int check_engine_version(const struct facts *facts, struct findings *out,
                         struct err *err)
{
	const struct engine_seen *chosen = engine_choose(&facts->engine);
	const char *least = facts->engine.policy.min_version;
	struct judgement judgement = { .check = CHECK_ENGINE_VERSION,
		                       .severity = SEVERITY_UNKNOWN };
	struct dotted have, want;

	if (chosen == NULL)
		return check_no_engine(&facts->engine, CHECK_ENGINE_VERSION,
		                       out, err);
	if (least[0] == '\0' && is_docker(chosen))
		least = DOCKER_MIN;
	if (!dotted_read(chosen->report->version, &have))
		return findings_add(out, &judgement, err,
		                    "the engine calls its version '%s'",
		                    chosen->report->version);
	if (dotted_read(least, &want) && dotted_compare(&have, &want) < 0) {
		judgement.severity = SEVERITY_CRITICAL;
		judgement.remedy = REMEDY_ENGINE_UPGRADE;
		return findings_add(out, &judgement, err,
		                    "%s %s is older than %s", name_of(chosen),
		                    chosen->report->version, least);
	}
	judgement.severity = SEVERITY_OK;
	return findings_add(out, &judgement, err, "%s %s", name_of(chosen),
	                    chosen->report->version);
}

/* --- engine.storage --------------------------------------------------------
 */

int check_engine_storage(const struct facts *facts, struct findings *out,
                         struct err *err)
{
	const struct engine_seen *chosen = engine_choose(&facts->engine);
	const struct engine_storage *storage = &facts->engine.storage;
	uint64_t least = facts->engine.policy.min_free;
	struct judgement judgement = { .check = CHECK_ENGINE_STORAGE,
		                       .severity = SEVERITY_WARNING,
		                       .object = storage->folder,
		                       .remedy = REMEDY_ENGINE_PRUNE };

	if (chosen == NULL)
		return check_no_engine(&facts->engine, CHECK_ENGINE_STORAGE,
		                       out, err);
	if (storage->look.sight != SIGHT_GOOD)
		return check_look(&storage->look, &judgement, out, err);
	if (storage->free_bytes < least)
		return findings_add(out, &judgement, err,
		                    "%" PRIu64
		                    " MiB are free, fewer than the %" PRIu64
		                    " MiB of min_free in [container]",
		                    storage->free_bytes / MIB, least / MIB);
	if (storage->free_files < FREE_FILES_MIN)
		return findings_add(out, &judgement, err,
		                    "only %" PRIu64 " more files can be made",
		                    storage->free_files);
	judgement.severity = SEVERITY_OK;
	return findings_add(out, &judgement, err,
	                    "%" PRIu64 " MiB are free; driver %s",
	                    storage->free_bytes / MIB, chosen->report->driver);
}

/* --- how it guards containers ----------------------------------------------
 */

int check_engine_cgroups(const struct facts *facts, struct findings *out,
                         struct err *err)
{
	const struct engine_seen *chosen = engine_choose(&facts->engine);
	struct judgement judgement = { .check = CHECK_ENGINE_CGROUPS,
		                       .severity = SEVERITY_WARNING,
		                       .remedy = REMEDY_CGROUPS };

	if (chosen == NULL)
		return check_no_engine(&facts->engine, CHECK_ENGINE_CGROUPS,
		                       out, err);
	if (chosen->report->cgroup_version == 1)
		return findings_add(out, &judgement, err,
		                    "the engine uses cgroups of version 1, "
		                    "which kernels and engines give up");
	judgement.remedy = REMEDY_ENGINE_UPGRADE;
	if (chosen->report->cgroup_version == 0)
		return findings_add(out, &judgement, err,
		                    "the engine does not say which cgroups it "
		                    "uses");
	judgement.severity = SEVERITY_OK;
	return findings_add(out, &judgement, err, "version 2");
}

int check_engine_runtimes(const struct facts *facts, struct findings *out,
                          struct err *err)
{
	const struct engine_facts *engine = &facts->engine;
	const struct engine_seen *chosen = engine_choose(engine);
	struct judgement judgement = { .check = CHECK_ENGINE_RUNTIMES,
		                       .severity = SEVERITY_CRITICAL,
		                       .remedy = REMEDY_RUNTIME };
	bool lacks = false;

	if (chosen == NULL)
		return check_no_engine(engine, CHECK_ENGINE_RUNTIMES, out, err);
	for (size_t i = 0; i < engine->wishes->runtime_count; i++) {
		if ((chosen->report->runtimes >> i & 1) != 0)
			continue;
		lacks = true;
		judgement.object = engine->wishes->runtimes[i];
		if (findings_add(out, &judgement, err,
		                 "the engine does not know this runtime") < 0)
			return -1;
	}
	if (lacks)
		return 0;
	judgement = (struct judgement){ .check = CHECK_ENGINE_RUNTIMES,
		                        .severity = SEVERITY_OK };
	return findings_add(out, &judgement, err, "%u asked for; default %s",
	                    (unsigned)engine->wishes->runtime_count,
	                    chosen->report->runtime);
}

/* Why system calls of containers are not filtered; NULL: they are. */
static const char *find_seccomp_fault(const struct engine_facts *engine,
                                      uint32_t guards)
{
	if (!engine->kernel_has_seccomp)
		return "the kernel has no seccomp";
	if ((guards & ENGINE_SECCOMP) == 0)
		return "the engine does not use seccomp";
	if ((guards & ENGINE_UNCONFINED) != 0)
		return "the engine's seccomp profile is 'unconfined'";
	return NULL;
}

int check_engine_seccomp(const struct facts *facts, struct findings *out,
                         struct err *err)
{
	const struct engine_seen *chosen = engine_choose(&facts->engine);
	struct judgement judgement = { .check = CHECK_ENGINE_SECCOMP,
		                       .severity = SEVERITY_CRITICAL,
		                       .remedy = REMEDY_SECCOMP };
	const char *fault;

	if (chosen == NULL)
		return check_no_engine(&facts->engine, CHECK_ENGINE_SECCOMP,
		                       out, err);
	fault = find_seccomp_fault(&facts->engine, chosen->report->guards);
	if (fault != NULL)
		return findings_add(out, &judgement, err, "%s", fault);
	judgement.severity = SEVERITY_OK;
	return findings_add(out, &judgement, err, "kernel and engine use it");
}

int check_engine_apparmor(const struct facts *facts, struct findings *out,
                          struct err *err)
{
	const struct engine_seen *chosen = engine_choose(&facts->engine);
	struct judgement judgement = { .check = CHECK_ENGINE_APPARMOR,
		                       .severity = SEVERITY_WARNING,
		                       .remedy = REMEDY_APPARMOR };
	uint32_t guards;

	if (chosen == NULL)
		return check_no_engine(&facts->engine, CHECK_ENGINE_APPARMOR,
		                       out, err);
	guards = chosen->report->guards;
	if ((guards & ENGINE_SELINUX) != 0)
		return check_not_applicable(CHECK_ENGINE_APPARMOR,
		                            "the engine uses SELinux", out,
		                            err);
	if ((guards & ENGINE_ROOTLESS) != 0)
		return check_not_applicable(CHECK_ENGINE_APPARMOR,
		                            "a rootless engine cannot load "
		                            "profiles",
		                            out, err);
	if (!facts->engine.kernel_has_apparmor)
		return check_not_applicable(CHECK_ENGINE_APPARMOR,
		                            "the kernel has no AppArmor", out,
		                            err);
	if ((guards & ENGINE_APPARMOR) == 0)
		return findings_add(out, &judgement, err,
		                    "the kernel has AppArmor, and the engine "
		                    "does not use it");
	judgement.severity = SEVERITY_OK;
	return findings_add(out, &judgement, err, "kernel and engine use it");
}

int check_engine_compose(const struct facts *facts, struct findings *out,
                         struct err *err)
{
	const struct engine_facts *engine = &facts->engine;
	struct judgement judgement = { .check = CHECK_ENGINE_COMPOSE,
		                       .severity = SEVERITY_CRITICAL,
		                       .remedy = REMEDY_COMPOSE };

	if (engine->look.sight != SIGHT_GOOD)
		return check_no_engine(engine, CHECK_ENGINE_COMPOSE, out, err);
	if (!engine->has_compose && !engine->policy.requires_compose)
		return check_not_applicable(CHECK_ENGINE_COMPOSE,
		                            "not there, and not asked for", out,
		                            err);
	if (!engine->has_compose)
		return findings_add(out, &judgement, err,
		                    "the compose plugin is not there");
	judgement.severity = SEVERITY_OK;
	return findings_add(out, &judgement, err, "the plugin is there");
}

int check_registry_reachable(const struct facts *facts, struct findings *out,
                             struct err *err)
{
	const struct judgement wrong = { .check = CHECK_REGISTRY_REACHABLE,
		                         .severity = SEVERITY_WARNING,
		                         .remedy = REMEDY_REGISTRY };

	return check_look(&facts->registry, &wrong, out, err);
}
