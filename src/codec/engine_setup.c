/* SPDX-License-Identifier: Apache-2.0 */
/* The part of engine_answer_own.h that reads which engine it is and how it is
 * set up. */
#include <string.h>

#include "base/text.h"
#include "codec/engine_answer_own.h"

/* What an engine may list: each is far above what a host runs. */
#define COMPONENTS_MAX 64
#define OPTIONS_MAX    64
#define RUNTIMES_MAX   256

/* --- VERSION --- */

static int take_component(struct engine_reading *reading,
                          const struct json_node *node, struct err *err)
{
	const char *name;

	if (engine_get_member(node, "Name", &name, err) < 0)
		return -1;
	if (strcmp(name, "Podman Engine") == 0)
		reading->report->kind = ENGINE_PODMAN;
	else if (strcmp(name, "Engine") == 0 &&
	         reading->report->kind == ENGINE_OTHER)
		reading->report->kind = ENGINE_DOCKER;
	return 0;
}

static int take_platform(struct engine_reading *reading,
                         const struct json_node *top, struct err *err)
{
	struct json_node platform = json_member(top, "Platform");
	const char *name;

	if (engine_get_member(&platform, "Name", &name, err) < 0)
		return -1;
	if (strncmp(name, "Docker Desktop", strlen("Docker Desktop")) == 0)
		reading->report->kind = ENGINE_DESKTOP;
	return 0;
}

int engine_take_version(struct engine_reading *reading,
                        const struct json_node *top, struct err *err)
{
	struct json_node components = json_member(top, "Components");
	size_t count;

	if (json_require_object(top, NULL, err) < 0 ||
	    engine_show_member(top, "Version", reading->report->version,
	                       sizeof reading->report->version, err) < 0 ||
	    json_get_list(&components, COMPONENTS_MAX, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		struct json_node node = json_element(&components, i);

		if (take_component(reading, &node, err) < 0)
			return -1;
	}
	return take_platform(reading, top, err);
}

/* --- INFO --- */

/* "name=seccomp,profile=default" */
static void take_option(void *context, const char *text)
{
	static const struct {
		const char *name;
		enum engine_guard guard;
	} known[] = {
		{ "name=seccomp", ENGINE_SECCOMP },
		{ "name=apparmor", ENGINE_APPARMOR },
		{ "name=selinux", ENGINE_SELINUX },
		{ "name=rootless", ENGINE_ROOTLESS },
	};
	struct engine_report *report = context;
	size_t len = strcspn(text, ",");

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
		if (text_equal(text, len, known[i].name))
			report->guards |= known[i].guard;
	if (strcmp(text, "name=seccomp,profile=unconfined") == 0)
		report->guards |= ENGINE_UNCONFINED;
}

static int take_cgroups(struct engine_reading *reading,
                        const struct json_node *top, struct err *err)
{
	const char *version;

	if (engine_get_member(top, "CgroupVersion", &version, err) < 0)
		return -1;
	reading->report->cgroup_version = strcmp(version, "1") == 0   ? 1
	                                  : strcmp(version, "2") == 0 ? 2
	                                                              : 0;
	return 0;
}

static int take_runtimes(struct engine_reading *reading,
                         const struct json_node *top, struct err *err)
{
	struct json_node runtimes = json_member(top, "Runtimes");
	size_t count;

	if (json_count_members(&runtimes, RUNTIMES_MAX, &count, err) < 0)
		return -1;
	for (uint32_t i = 0; i < reading->wishes->runtime_count; i++) {
		struct json_node node =
			json_member(&runtimes, reading->wishes->runtimes[i]);

		if (json_is_present(&node))
			reading->report->runtimes |= (uint64_t)1 << i;
	}
	return engine_show_member(top, "DefaultRuntime",
	                          reading->report->runtime,
	                          sizeof reading->report->runtime, err);
}

/* A member of Podman's alone. */
static int take_rootless(struct engine_reading *reading,
                         const struct json_node *top, struct err *err)
{
	struct json_node node = json_member(top, "Rootless");
	bool is_rootless = false;

	if (json_get_bool(&node, &is_rootless, err) < 0)
		return -1;
	if (is_rootless)
		reading->report->guards |= ENGINE_ROOTLESS;
	return 0;
}

int engine_take_info(struct engine_reading *reading,
                     const struct json_node *top, struct err *err)
{
	struct engine_report *report = reading->report;
	const char *system;

	if (json_require_object(top, NULL, err) < 0 ||
	    engine_show_member(top, "Driver", report->driver,
	                       sizeof report->driver, err) < 0 ||
	    engine_show_member(top, "DockerRootDir", report->folder,
	                       sizeof report->folder, err) < 0 ||
	    engine_get_member(top, "OperatingSystem", &system, err) < 0 ||
	    take_cgroups(reading, top, err) < 0 ||
	    take_rootless(reading, top, err) < 0 ||
	    take_runtimes(reading, top, err) < 0)
		return -1;
	if (strcmp(system, "Docker Desktop") == 0)
		report->kind = ENGINE_DESKTOP;
	return engine_for_each_text(top, "SecurityOptions", OPTIONS_MAX,
	                            take_option, report, err);
}
