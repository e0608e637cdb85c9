/* SPDX-License-Identifier: Apache-2.0 */
/* The checks of engines, images and containers: each case breaks one thing of a
 * host where all is well. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "health/check.h"
#include "health/gather_engine.h"

static struct err err;
static struct facts facts;
static struct engine_wishes wishes;
static struct engine_report docker, podman;

/* Shorthands for the cases. */
#define ENGINE    facts.engine
#define IMAGE     docker.images[0]
#define CONTAINER docker.containers[0]

static void put_seen(struct engine_seen *seen, const char *socket,
                     struct engine_report *report)
{
	look_set(&seen->look, SIGHT_GOOD, "it answers");
	(void)snprintf(seen->socket, sizeof seen->socket, "%s", socket);
	seen->report = report;
}

static void put_text(char *out, size_t size, const char *text)
{
	(void)snprintf(out, size, "%s", text);
}

#define PUT(field, text) put_text(field, sizeof(field), text)

static void put_docker(void)
{
	docker = (struct engine_report){ .kind = ENGINE_DOCKER,
		                         .guards = ENGINE_SECCOMP |
		                                   ENGINE_APPARMOR,
		                         .cgroup_version = 2,
		                         .runtimes = 1,
		                         .container_count = 1 };
	PUT(docker.version, "27.3.1");
	PUT(docker.driver, "overlay2");
	PUT(docker.runtime, "runc");
	IMAGE.state = ENGINE_IMAGE_PRESENT;
	IMAGE.is_inspected = 1;
	memset(IMAGE.id, 0xcc, sizeof IMAGE.id);
	PUT(IMAGE.platform, "linux/amd64");
	PUT(CONTAINER.name, "web");
	PUT(CONTAINER.image, "ghcr.io/acme/shop:1");
	CONTAINER.state = ENGINE_RUNNING;
	CONTAINER.health = ENGINE_HEALTHY;
	CONTAINER.is_inspected = 1;
	memset(CONTAINER.image_id, 0xcc, sizeof CONTAINER.image_id);
}

static int make_well(void **state)
{
	(void)state;
	facts = (struct facts){ .app = "shop" };
	wishes = (struct engine_wishes){ .runtime_count = 1, .image_count = 1 };
	PUT(wishes.base, "ghcr.io/acme/shop");
	PUT(wishes.runtimes[0], "runc");
	put_docker();
	podman = (struct engine_report){ .kind = ENGINE_PODMAN,
		                         .guards = ENGINE_SECCOMP,
		                         .cgroup_version = 2,
		                         .runtimes = 1 };
	PUT(podman.version, "4.3.1");
	look_set(&ENGINE.look, SIGHT_GOOD, "looked for");
	ENGINE.wishes = &wishes;
	ENGINE.policy.min_free = CONTAINER_MIN_FREE;
	put_seen(&ENGINE.engines[0], "/run/docker.sock", &docker);
	ENGINE.count = 1;
	look_set(&ENGINE.storage.look, SIGHT_GOOD, "known");
	ENGINE.storage.free_bytes = CONTAINER_MIN_FREE;
	ENGINE.storage.free_files = 1000000;
	ENGINE.kernel_has_seccomp = ENGINE.kernel_has_apparmor = true;
	PUT(ENGINE.platform, "linux/amd64");
	return 0;
}

/* --- what is broken --- */

static void nothing(void)
{
}

static void not_applicable(void)
{
	look_set(&ENGINE.look, SIGHT_NONE, "engine = none");
	ENGINE.count = 0;
}

static void no_worker(void)
{
	look_set(&ENGINE.look, SIGHT_FAILED, "no worker");
	ENGINE.count = 0;
}

static void no_engine(void)
{
	ENGINE.count = 0;
}

static void installed_only(void)
{
	ENGINE.count = 0;
	ENGINE.has_docker = true;
}

static void stopped(void)
{
	look_set(&ENGINE.engines[0].look, SIGHT_WRONG, "nobody listens");
}

static void hidden(void)
{
	look_set(&ENGINE.engines[0].look, SIGHT_HIDDEN, "open to 'docker'");
}

static void add_podman(void)
{
	put_seen(&ENGINE.engines[1], "/run/podman/podman.sock", &podman);
	ENGINE.count = 2;
}

static void podman_beside(void)
{
	add_podman();
}

static void podman_program_beside(void)
{
	ENGINE.has_podman = true;
}

static void podman_allowed_beside(void)
{
	add_podman();
	ENGINE.policy.allows_podman = true;
}

static void podman_stopped_beside(void)
{
	add_podman();
	look_set(&ENGINE.engines[1].look, SIGHT_WRONG, "nobody listens");
}

static void podman_hidden_beside(void)
{
	add_podman();
	look_set(&ENGINE.engines[1].look, SIGHT_HIDDEN, "root's");
}

static void podman_alone(void)
{
	put_seen(&ENGINE.engines[0], "/run/podman/podman.sock", &podman);
}

static void podman_alone_allowed(void)
{
	podman_alone();
	ENGINE.policy.allows_podman = true;
}

static void podman_wanted(void)
{
	add_podman();
	ENGINE.policy.engine = CONTAINER_PODMAN;
}

static void podman_wanted_docker_there(void)
{
	ENGINE.policy.engine = CONTAINER_PODMAN;
}

static void another_engine(void)
{
	docker.kind = ENGINE_OTHER;
}

static void rootless_wanted(void)
{
	ENGINE.policy.rootless = ROOTLESS_REQUIRED;
}

static void rootless_refused(void)
{
	ENGINE.policy.rootless = ROOTLESS_REFUSED;
	docker.guards |= ENGINE_ROOTLESS;
}

static void version_of_old(void)
{
	PUT(docker.version, "19.03.15");
}

static void version_just_enough(void)
{
	PUT(docker.version, "20.10.0-rc1");
}

static void version_below_policy(void)
{
	PUT(ENGINE.policy.min_version, "28.0");
}

static void version_unknown(void)
{
	PUT(docker.version, "dev");
}

static void little_room(void)
{
	ENGINE.storage.free_bytes--;
}

static void few_files(void)
{
	ENGINE.storage.free_files = 9999;
}

static void unknown_folder(void)
{
	look_set(&ENGINE.storage.look, SIGHT_FAILED, "write storage =");
}

static void old_cgroups(void)
{
	docker.cgroup_version = 1;
}

static void unsaid_cgroups(void)
{
	docker.cgroup_version = 0;
}

static void no_runtime(void)
{
	docker.runtimes = 0;
}

static void no_seccomp(void)
{
	docker.guards = ENGINE_APPARMOR;
}

static void unconfined(void)
{
	docker.guards |= ENGINE_UNCONFINED;
}

static void kernel_without(void)
{
	ENGINE.kernel_has_seccomp = ENGINE.kernel_has_apparmor = false;
}

static void no_apparmor(void)
{
	docker.guards = ENGINE_SECCOMP;
}

static void selinux(void)
{
	docker.guards = ENGINE_SECCOMP | ENGINE_SELINUX;
}

static void compose_wanted(void)
{
	ENGINE.policy.requires_compose = true;
}

static void compose_there(void)
{
	ENGINE.policy.requires_compose = ENGINE.has_compose = true;
}

static void no_images(void)
{
	wishes.image_count = 0;
}

static void image_absent(void)
{
	IMAGE.state = ENGINE_IMAGE_ABSENT;
}

static void image_differs(void)
{
	IMAGE.state = ENGINE_IMAGE_DIFFERS;
}

static void image_of_another_platform(void)
{
	PUT(IMAGE.platform, "linux/arm64");
}

static void image_gone(void)
{
	IMAGE.is_inspected = 0;
}

static void container_older(void)
{
	CONTAINER.image_id[0] = 0;
}

static void container_older_and_ended(void)
{
	container_older();
	CONTAINER.state = ENGINE_EXITED;
}

static void container_of_others(void)
{
	container_older();
	CONTAINER.health = ENGINE_UNHEALTHY;
	CONTAINER.wish = ENGINE_NO_WISH;
}

static void container_unhealthy(void)
{
	CONTAINER.health = ENGINE_UNHEALTHY;
}

static void container_starting(void)
{
	CONTAINER.health = ENGINE_STARTING;
}

static void container_restarting(void)
{
	CONTAINER.state = ENGINE_RESTARTING;
}

static void container_paused(void)
{
	CONTAINER.state = ENGINE_PAUSED;
}

static void container_failed(void)
{
	CONTAINER.state = ENGINE_EXITED;
	CONTAINER.exit_code = 1;
	CONTAINER.is_kept = 1;
}

static void container_ended(void)
{
	CONTAINER.state = ENGINE_EXITED;
	CONTAINER.exit_code = 1;
}

static void container_older_and_ended_on_demand(void)
{
	container_older_and_ended();
	ENGINE.policy.expect = EXPECT_NONE;
}

static void one_image_of_two_runs(void)
{
	wishes.image_count = 2;
	docker.images[1] = docker.images[0];
}

static void one_image_of_each_runs_not(void)
{
	one_image_of_two_runs();
	ENGINE.policy.expect = EXPECT_EACH;
}

static void too_many_containers(void)
{
	docker.unlisted = 1;
}

/* --- the cases --- */

#define NA   SEVERITY_NOT_APPLICABLE
#define OK   SEVERITY_OK
#define WARN SEVERITY_WARNING
#define ASK  SEVERITY_UNKNOWN
#define CRIT SEVERITY_CRITICAL

static const struct check_case {
	void (*change)(void);
	const char *name;
	enum check_id check;
	enum severity want;
} cases[] = {
#define CASE(change, check, want)                                              \
	{                                                                      \
		change, #change, CHECK_##check, want                           \
	}
	CASE(nothing, ENGINE_PRESENT, OK),
	CASE(not_applicable, ENGINE_PRESENT, NA),
	CASE(no_worker, ENGINE_PRESENT, ASK),
	CASE(no_engine, ENGINE_PRESENT, CRIT),
	CASE(installed_only, ENGINE_PRESENT, CRIT),
	CASE(stopped, ENGINE_PRESENT, CRIT),
	CASE(hidden, ENGINE_PRESENT, ASK),
	CASE(podman_stopped_beside, ENGINE_PRESENT, OK),
	CASE(nothing, ENGINE_HEALTHY, OK),
	CASE(no_engine, ENGINE_HEALTHY, NA),
	CASE(stopped, ENGINE_HEALTHY, CRIT),
	CASE(hidden, ENGINE_HEALTHY, ASK),
	CASE(podman_stopped_beside, ENGINE_HEALTHY, CRIT),
	CASE(podman_hidden_beside, ENGINE_HEALTHY, OK),
	CASE(nothing, ENGINE_SUPPORTED, OK),
	CASE(no_engine, ENGINE_SUPPORTED, NA),
	CASE(hidden, ENGINE_SUPPORTED, ASK),
	CASE(podman_alone, ENGINE_SUPPORTED, CRIT),
	CASE(podman_alone_allowed, ENGINE_SUPPORTED, OK),
	CASE(podman_beside, ENGINE_SUPPORTED, WARN),
	CASE(podman_hidden_beside, ENGINE_SUPPORTED, WARN),
	CASE(podman_program_beside, ENGINE_SUPPORTED, WARN),
	CASE(podman_allowed_beside, ENGINE_SUPPORTED, OK),
	CASE(podman_wanted, ENGINE_SUPPORTED, OK),
	CASE(podman_wanted_docker_there, ENGINE_SUPPORTED, CRIT),
	CASE(another_engine, ENGINE_SUPPORTED, CRIT),
	CASE(rootless_wanted, ENGINE_SUPPORTED, CRIT),
	CASE(rootless_refused, ENGINE_SUPPORTED, CRIT),
	CASE(nothing, ENGINE_VERSION, OK),
	CASE(version_of_old, ENGINE_VERSION, CRIT),
	CASE(version_just_enough, ENGINE_VERSION, OK),
	CASE(version_below_policy, ENGINE_VERSION, CRIT),
	CASE(version_unknown, ENGINE_VERSION, ASK),
	CASE(podman_alone, ENGINE_VERSION, OK),
	CASE(nothing, ENGINE_STORAGE, OK),
	CASE(little_room, ENGINE_STORAGE, WARN),
	CASE(few_files, ENGINE_STORAGE, WARN),
	CASE(unknown_folder, ENGINE_STORAGE, ASK),
	CASE(nothing, ENGINE_CGROUPS, OK),
	CASE(old_cgroups, ENGINE_CGROUPS, WARN),
	CASE(unsaid_cgroups, ENGINE_CGROUPS, WARN),
	CASE(nothing, ENGINE_RUNTIMES, OK),
	CASE(no_runtime, ENGINE_RUNTIMES, CRIT),
	CASE(nothing, ENGINE_SECCOMP, OK),
	CASE(no_seccomp, ENGINE_SECCOMP, CRIT),
	CASE(unconfined, ENGINE_SECCOMP, CRIT),
	CASE(kernel_without, ENGINE_SECCOMP, CRIT),
	CASE(nothing, ENGINE_APPARMOR, OK),
	CASE(no_apparmor, ENGINE_APPARMOR, WARN),
	CASE(selinux, ENGINE_APPARMOR, NA),
	CASE(kernel_without, ENGINE_APPARMOR, NA),
	CASE(nothing, ENGINE_COMPOSE, NA),
	CASE(compose_wanted, ENGINE_COMPOSE, CRIT),
	CASE(compose_there, ENGINE_COMPOSE, OK),
	CASE(nothing, IMAGES_PRESENT, OK),
	CASE(not_applicable, IMAGES_PRESENT, NA),
	CASE(no_images, IMAGES_PRESENT, NA),
	CASE(stopped, IMAGES_PRESENT, ASK),
	CASE(image_absent, IMAGES_PRESENT, CRIT),
	CASE(image_differs, IMAGES_PRESENT, CRIT),
	CASE(image_of_another_platform, IMAGES_PRESENT, CRIT),
	CASE(image_gone, IMAGES_PRESENT, ASK),
	CASE(nothing, CONTAINERS_RUNNING, OK),
	CASE(container_older, CONTAINERS_RUNNING, CRIT),
	CASE(image_absent, CONTAINERS_RUNNING, CRIT),
	CASE(container_older_and_ended, CONTAINERS_RUNNING, CRIT),
	CASE(container_older_and_ended_on_demand, CONTAINERS_RUNNING, NA),
	CASE(container_of_others, CONTAINERS_RUNNING, CRIT),
	CASE(one_image_of_two_runs, CONTAINERS_RUNNING, OK),
	CASE(one_image_of_each_runs_not, CONTAINERS_RUNNING, CRIT),
	CASE(container_paused, CONTAINERS_RUNNING, OK),
	CASE(too_many_containers, CONTAINERS_RUNNING, ASK),
	CASE(nothing, CONTAINERS_HEALTHY, OK),
	CASE(container_unhealthy, CONTAINERS_HEALTHY, CRIT),
	CASE(container_starting, CONTAINERS_HEALTHY, OK),
	CASE(container_restarting, CONTAINERS_HEALTHY, CRIT),
	CASE(container_paused, CONTAINERS_HEALTHY, CRIT),
	CASE(container_failed, CONTAINERS_HEALTHY, CRIT),
	CASE(container_ended, CONTAINERS_HEALTHY, NA),
	CASE(container_of_others, CONTAINERS_HEALTHY, NA),
	CASE(too_many_containers, CONTAINERS_HEALTHY, ASK),
};

static void each_fault_is_found(void **state)
{
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct check_case *c = &cases[i];
		AUTO_FINDINGS struct findings found = FINDINGS_NONE;
		struct check_set set;

		assert_int_equal(
			check_set_parse(check_name(c->check), &set, &err), 0);
		make_well(state);
		c->change();
		assert_int_equal(check_facts(&facts, set, &found, &err), 0);
		if (found.worst != c->want || found.count == 0)
			fail_msg("%s, %s: got %s: %s", c->name,
			         check_name(c->check),
			         severity_name(found.worst),
			         found.count > 0 ? found.items[0].text : "");
		for (size_t n = 0; n < found.count; n++)
			if ((found.items[n].severity > SEVERITY_OK) !=
			    (found.items[n].remedy[0] != '\0'))
				fail_msg("%s, %s: the remedy '%s'", c->name,
				         check_name(c->check),
				         found.items[n].remedy);
	}
}

static void wishes_come_from_profile_and_policy(void **state)
{
	static struct profile_env profile;
	static const char text[] =
		"PROFILE=prod\nREGISTRY=ghcr.io/acme\nIMAGE_PREFIX=shop\n"
		"IMAGE_TAG=1\nIMAGE_DIGEST_WEB=sha256:"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aa"
		"\n";
	struct settings_container policy = { .engine = CONTAINER_ANY };
	struct engine_wishes got;

	(void)state;
	assert_int_equal(profile_env_parse(text, strlen(text), &profile, &err),
	                 0);
	engine_wishes_of(&profile, &policy, &got);
	assert_int_equal(engine_wishes_check(&got, &err), 0);
	assert_string_equal(got.base, "ghcr.io/acme/shop");
	assert_string_equal(got.tag, "1");
	assert_int_equal(got.image_count, 1);
	assert_string_equal(got.images[0].name, "WEB");
	assert_int_equal(got.images[0].digest[31], 0xaa);
	engine_wishes_of(NULL, &policy, &got);
	assert_int_equal(got.image_count, 0);
	assert_string_equal(got.base, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_is_found),
		cmocka_unit_test(wishes_come_from_profile_and_policy),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
