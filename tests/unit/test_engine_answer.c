/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/engine_answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

/* Sixty-four digits each. */
#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B64 "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define C64 "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
#define D64 "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"

static struct engine_wishes wishes;
static struct engine_report report;

/* The image itself is 0xaa..., its log writer 0xbb... */
static int begin(void **state)
{
	(void)state;
	memset(&report, 0, sizeof report);
	memset(&wishes, 0, sizeof wishes);
	(void)snprintf(wishes.base, sizeof wishes.base, "ghcr.io/acme/shop");
	(void)snprintf(wishes.tag, sizeof wishes.tag, "1.4");
	(void)snprintf(wishes.runtimes[0], sizeof wishes.runtimes[0], "runc");
	(void)snprintf(wishes.runtimes[1], sizeof wishes.runtimes[1], "runsc");
	wishes.runtime_count = 2;
	memset(wishes.images[0].digest, 0xaa, ENGINE_ID_LEN);
	memset(wishes.images[1].digest, 0xbb, ENGINE_ID_LEN);
	(void)snprintf(wishes.images[1].name, sizeof wishes.images[1].name,
	               "LOG_WRITER");
	wishes.image_count = 2;
	return 0;
}

static int take(enum engine_question question, uint8_t id, const char *text,
                struct err *err)
{
	uint8_t ids[ENGINE_ID_LEN];
	int result;
	struct err own;

	memset(ids, id, sizeof ids);
	result = engine_answer_take(
		&wishes, question, ids,
		(struct bytes){ (const uint8_t *)text, strlen(text) }, &report,
		err);
	if (engine_report_check(&wishes, &report, &own) < 0)
		fail_msg("%s", own.text);
	return result;
}

static void require(enum engine_question question, uint8_t id, const char *text)
{
	struct err err;
	char shown[ERR_TEXT_MAX];

	if (take(question, id, text, &err) < 0)
		fail_msg("%s: %s", text, err_format(&err, shown, sizeof shown));
}

/* --- VERSION, INFO --- */

static const struct version_case {
	const char *name, *text;
	enum engine_kind kind;
} versions[] = {
	{ "Docker Engine",
	  "{\"Platform\":{\"Name\":\"\"},\"Components\":[{\"Name\":\"Engine\"},"
	  "{\"Name\":\"containerd\"}],\"Version\":\"20.10.24+dfsg1\"}",
	  ENGINE_DOCKER },
	{ "Docker Engine of docker.com",
	  "{\"Platform\":{\"Name\":\"Docker Engine - Community\"},"
	  "\"Components\":[{\"Name\":\"Engine\"}],\"Version\":\"27.3.1\"}",
	  ENGINE_DOCKER },
	{ "Docker Desktop",
	  "{\"Platform\":{\"Name\":\"Docker Desktop 4.36.0 (175267)\"},"
	  "\"Components\":[{\"Name\":\"Engine\"}],\"Version\":\"27.3.1\"}",
	  ENGINE_DESKTOP },
	{ "Podman",
	  "{\"Platform\":{\"Name\":\"linux/amd64/debian-12\"},\"Components\":"
	  "[{\"Name\":\"Podman Engine\"},{\"Name\":\"Conmon\"}],"
	  "\"Version\":\"4.3.1\"}",
	  ENGINE_PODMAN },
	{ "another one", "{\"Version\":\"1\"}", ENGINE_OTHER },
};

static void engines_are_told_apart(void **state)
{
	for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
		begin(state);
		require(ENGINE_VERSION, 0, versions[i].text);
		if (report.kind != versions[i].kind)
			fail_msg("%s: got %u", versions[i].name, report.kind);
		assert_true(report.version[0] != '\0');
	}
}

static const struct info_case {
	const char *name, *options;
	uint32_t guards;
} infos[] = {
	{ "seccomp and AppArmor",
	  "[\"name=apparmor\",\"name=seccomp,profile=default\","
	  "\"name=cgroupns\"]",
	  ENGINE_SECCOMP | ENGINE_APPARMOR },
	{ "a profile of its own", "[\"name=seccomp,profile=/etc/p.json\"]",
	  ENGINE_SECCOMP },
	{ "seccomp that lets all pass", "[\"name=seccomp,profile=unconfined\"]",
	  ENGINE_SECCOMP | ENGINE_UNCONFINED },
	{ "rootless", "[\"name=seccomp,profile=builtin\",\"name=rootless\"]",
	  ENGINE_SECCOMP | ENGINE_ROOTLESS },
	{ "SELinux", "[\"name=selinux\"]", ENGINE_SELINUX },
	{ "a word that begins like one", "[\"name=seccomp2\"]", 0 },
	{ "none", "[]", 0 },
	{ "nothing", "null", 0 },
};

static void guards_are_read(void **state)
{
	char text[512];

	for (size_t i = 0; i < sizeof infos / sizeof infos[0]; i++) {
		begin(state);
		(void)snprintf(text, sizeof text,
		               "{\"Driver\":\"overlay2\",\"DockerRootDir\":"
		               "\"/var/lib/docker\",\"CgroupVersion\":\"2\","
		               "\"Runtimes\":{\"runc\":{\"path\":\"runc\"}},"
		               "\"SecurityOptions\":%s}",
		               infos[i].options);
		require(ENGINE_INFO, 0, text);
		if (report.guards != infos[i].guards)
			fail_msg("%s: got %u", infos[i].name, report.guards);
		assert_int_equal(report.cgroup_version, 2);
		assert_int_equal(report.runtimes, 1);
		assert_string_equal(report.driver, "overlay2");
		assert_string_equal(report.folder, "/var/lib/docker");
	}
}

static void texts_are_made_fit_to_be_shown(void **state)
{
	(void)state;
	require(ENGINE_VERSION, 0,
	        "{\"Version\":\"1\\u001b[2J\\u0085\xc3\xa9\"}");
	assert_string_equal(report.version, "1?[2J????");
}

/* --- images --- */

static const struct name_case {
	const char *reference;
	uint32_t wish;
} names[] = {
	{ "ghcr.io/acme/shop:1.4", 0 },
	{ "ghcr.io/acme/shop", 0 },
	{ "ghcr.io/acme/shop@sha256:" A64, 0 },
	{ "ghcr.io/acme/shop:1.4@sha256:" A64, 0 },
	{ "ghcr.io/acme/shop-log-writer:1.4", 1 },
	{ "ghcr.io/acme/shop-log_writer", 1 },
	{ "ghcr.io/acme/shop/log.writer", 1 },
	{ "ghcr.io/acme/shop-log", ENGINE_NO_WISH },
	{ "ghcr.io/acme/shopping", ENGINE_NO_WISH },
	{ "ghcr.io/acme/shop-", ENGINE_NO_WISH },
	{ "acme/shop", ENGINE_NO_WISH },
	{ "ghcr.io:5000/acme/shop", ENGINE_NO_WISH },
	{ "", ENGINE_NO_WISH },
};

static void images_are_known_by_their_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (engine_wish_of(&wishes, names[i].reference) !=
		    names[i].wish)
			fail_msg("%s: got %u", names[i].reference,
			         engine_wish_of(&wishes, names[i].reference));
}

static void the_spellings_of_docker_hub_are_one(void **state)
{
	static const char *const bases[] = { "docker.io/library/shop", "shop",
		                             "library/shop" };

	(void)state;
	for (size_t i = 0; i < sizeof bases / sizeof bases[0]; i++) {
		(void)snprintf(wishes.base, sizeof wishes.base, "%s", bases[i]);
		assert_int_equal(engine_wish_of(&wishes, "shop:1"), 0);
		assert_int_equal(
			engine_wish_of(&wishes, "docker.io/library/shop"), 0);
	}
	(void)snprintf(wishes.base, sizeof wishes.base, "docker.io");
	assert_int_equal(engine_wish_of(&wishes, "docker.io/log-writer:1"), 1);
	(void)snprintf(wishes.base, sizeof wishes.base, "localhost:5000");
	assert_int_equal(engine_wish_of(&wishes, "localhost:5000/log-writer:1"),
	                 1);
}

#define IMAGE(id, digests, tags)                                               \
	"{\"Id\":\"sha256:" id "\",\"RepoDigests\":" digests                   \
	",\"RepoTags\":" tags "}"
#define NAMED(digest) "[\"ghcr.io/acme/shop@sha256:" digest "\"]"

static const struct image_case {
	const char *name, *text;
	enum engine_image_state state;
	uint8_t other; /* each byte of it */
} images[] = {
	{ "none", "[]", ENGINE_IMAGE_ABSENT, 0 },
	{ "the one",
	  "[" IMAGE(C64, NAMED(A64), "[\"ghcr.io/acme/shop:1.4\"]") "]",
	  ENGINE_IMAGE_PRESENT, 0 },
	{ "the one by another name",
	  "[" IMAGE(C64, "[\"mirror.lan/x@sha256:" A64 "\"]", "null") "]",
	  ENGINE_IMAGE_PRESENT, 0 },
	{ "the one where the ID is the digest",
	  "[" IMAGE(A64, "null", "[]") "]", ENGINE_IMAGE_PRESENT, 0 },
	{ "the one that lost its name in Podman",
	  "[{\"Id\":\"" C64 "\",\"Digest\":\"sha256:" A64 "\"}]",
	  ENGINE_IMAGE_PRESENT, 0 },
	{ "another one",
	  "[" IMAGE(C64, NAMED(D64), "[\"ghcr.io/acme/shop:1.4\"]") "]",
	  ENGINE_IMAGE_DIFFERS, 0xdd },
	{ "one from no registry",
	  "[" IMAGE(C64, "[]", "[\"ghcr.io/acme/shop:1.4\"]") "]",
	  ENGINE_IMAGE_DIFFERS, 0 },
	{ "the last release's",
	  "[" IMAGE(C64, NAMED(D64), "[\"ghcr.io/acme/shop:1.3\"]") "]",
	  ENGINE_IMAGE_ABSENT, 0 },
	{ "another one, and the one",
	  "[" IMAGE(D64, NAMED(D64), "[\"ghcr.io/acme/shop:1.4\"]") "," IMAGE(
		  C64, NAMED(A64), "null") "]",
	  ENGINE_IMAGE_PRESENT, 0 },
};

static void images_are_found_by_digest(void **state)
{
	uint8_t other[ENGINE_ID_LEN];

	for (size_t i = 0; i < sizeof images / sizeof images[0]; i++) {
		const struct image_case *c = &images[i];

		begin(state);
		require(ENGINE_IMAGES, 0, c->text);
		if (report.images[0].state != c->state)
			fail_msg("%s: got %u", c->name, report.images[0].state);
		assert_int_equal(report.images[1].state, ENGINE_IMAGE_ABSENT);
		memset(other, c->other, sizeof other);
		if (c->state == ENGINE_IMAGE_DIFFERS)
			assert_memory_equal(report.images[0].other, other,
			                    sizeof other);
	}
}

static void the_platform_of_an_image_is_read(void **state)
{
	(void)state;
	require(ENGINE_IMAGES, 0, "[" IMAGE(C64, NAMED(A64), "[]") "]");
	require(ENGINE_IMAGE, 0xcc,
	        "{\"Id\":\"sha256:" C64
	        "\",\"Os\":\"linux\",\"Architecture\":\"arm64\"}");
	assert_int_equal(report.images[0].is_inspected, 1);
	assert_string_equal(report.images[0].platform, "linux/arm64");
	assert_int_equal(report.images[1].is_inspected, 0);
}

/* --- containers --- */

#define CONTAINER(id, image, image_id, state)                                  \
	"{\"Id\":\"" id "\",\"Names\":[\"/web\"],\"Image\":\"" image           \
	"\",\"ImageID\":\"sha256:" image_id "\",\"State\":\"" state "\"}"

static void containers_of_the_app_are_found(void **state)
{
	static const struct {
		const char *name, *text;
		uint32_t count, wish;
	} cases[] = {
		{ "by the name of its image",
		  "[" CONTAINER(D64, "ghcr.io/acme/shop:1.4", B64,
		                "running") "]",
		  1, 0 },
		{ "by the content of its image",
		  "[" CONTAINER(D64, "mine:latest", C64, "running") "]", 1, 0 },
		{ "perhaps: only an ID is left",
		  "[" CONTAINER(D64, "sha256:" B64, B64, "running") "]", 1,
		  ENGINE_NO_WISH },
		{ "perhaps: only a short ID is left",
		  "[" CONTAINER(D64, "bbbbbbbbbbbb", B64, "running") "]", 1,
		  ENGINE_NO_WISH },
		{ "a stranger's",
		  "[" CONTAINER(D64, "redis:7", B64, "running") "]", 0, 0 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		begin(state);
		require(ENGINE_IMAGES, 0, "[" IMAGE(C64, NAMED(A64), "[]") "]");
		require(ENGINE_CONTAINERS, 0, cases[i].text);
		if (report.container_count != cases[i].count)
			fail_msg("%s: got %u", cases[i].name,
			         report.container_count);
		if (cases[i].count == 0)
			continue;
		if (report.containers[0].wish != cases[i].wish)
			fail_msg("%s: got wish %u", cases[i].name,
			         report.containers[0].wish);
		assert_string_equal(report.containers[0].name, "web");
		assert_int_equal(report.containers[0].state, ENGINE_RUNNING);
	}
}

static void a_container_tells_what_it_was_started_from(void **state)
{
	(void)state;
	require(ENGINE_CONTAINERS, 0,
	        "[" CONTAINER(D64, "sha256:" B64, B64, "running") "]");
	require(ENGINE_CONTAINER, 0xdd,
	        "{\"State\":{\"Status\":\"running\",\"ExitCode\":0,\"Health\":"
	        "{\"Status\":\"unhealthy\"}},\"Config\":{\"Image\":"
	        "\"ghcr.io/acme/shop:1.4\"},\"HostConfig\":{\"RestartPolicy\":"
	        "{\"Name\":\"always\"}}}");
	assert_int_equal(report.containers[0].wish, 0);
	assert_int_equal(report.containers[0].health, ENGINE_UNHEALTHY);
	assert_int_equal(report.containers[0].is_kept, 1);
	assert_int_equal(report.containers[0].is_inspected, 1);
	assert_string_equal(report.containers[0].image,
	                    "ghcr.io/acme/shop:1.4");
}

static void a_container_that_went_is_forgotten(void **state)
{
	uint8_t id[ENGINE_ID_LEN];

	(void)state;
	memset(id, 0xdd, sizeof id);
	require(ENGINE_CONTAINERS, 0,
	        "[" CONTAINER(D64, "ghcr.io/acme/shop", A64, "running") "]");
	engine_answer_gone(ENGINE_CONTAINER, id, &report);
	assert_int_equal(report.container_count, 0);
	engine_answer_gone(ENGINE_CONTAINER, id, &report);
	assert_int_equal(report.container_count, 0);
}

/* As many containers of ours, and how many were not kept. */
static void containers_have_a_limit(void **state)
{
	AUTO_BUF struct buf text = BUF_NONE;
	struct err err;

	(void)state;
	assert_int_equal(buf_adds(&text, "[", &err), 0);
	for (unsigned i = 0; i < ENGINE_CONTAINERS_MAX + 2; i++)
		assert_int_equal(
			buf_printf(&text, &err,
		                   "%s{\"Id\":\"%064x\",\"Image\":"
		                   "\"ghcr.io/acme/shop\",\"State\":\"dead\"}",
		                   i > 0 ? "," : "", i),
			0);
	assert_int_equal(buf_adds(&text, "]", &err), 0);
	require(ENGINE_CONTAINERS, 0, buf_text(&text));
	assert_int_equal(report.container_count, ENGINE_CONTAINERS_MAX);
	assert_int_equal(report.unlisted, 2);
}

/* --- nonsense --- */

static void nonsense_is_refused(void **state)
{
	static const struct {
		enum engine_question question;
		const char *text;
	} cases[] = {
		{ ENGINE_VERSION, "" },
		{ ENGINE_VERSION, "OK" },
		{ ENGINE_VERSION, "[]" },
		{ ENGINE_VERSION, "{\"Version\":1}" },
		{ ENGINE_VERSION, "{\"Components\":{}}" },
		{ ENGINE_INFO, "[]" },
		{ ENGINE_INFO, "{\"Runtimes\":[]}" },
		{ ENGINE_INFO, "{\"SecurityOptions\":[1]}" },
		{ ENGINE_IMAGES, "{}" },
		{ ENGINE_IMAGES, "null" },
		{ ENGINE_IMAGES, "[1]" },
		{ ENGINE_IMAGES, "[{}]" },
		{ ENGINE_IMAGES, "[{\"Id\":\"sha256:" A64 "0\"}]" },
		{ ENGINE_IMAGE, "{}" },
		{ ENGINE_CONTAINERS, "[{\"Id\":\"web\"}]" },
		{ ENGINE_CONTAINER, "[]" },
	};
	struct err err;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		begin(state);
		if (take(cases[i].question, 0, cases[i].text, &err) == 0)
			fail_msg("'%s' was taken", cases[i].text);
	}
}

static void reports_that_lie_are_refused(void **state)
{
	struct err err;

#define LIE(member, value)                                                     \
	do {                                                                   \
		begin(state);                                                  \
		report.container_count = 1;                                    \
		assert_int_equal(engine_report_check(&wishes, &report, &err),  \
		                 0);                                           \
		member = value;                                                \
		assert_int_equal(engine_report_check(&wishes, &report, &err),  \
		                 -1);                                          \
	} while (0)
	LIE(report.kind, ENGINE_KINDS);
	LIE(report.guards, ENGINE_GUARDS + 1);
	LIE(report.cgroup_version, 3);
	LIE(report.runtimes, 4);
	LIE(report.container_count, ENGINE_CONTAINERS_MAX + 1);
	LIE(report.version[0], '\n');
	LIE(report.images[1].state, ENGINE_IMAGE_STATES);
	LIE(report.images[1].is_inspected, 2);
	LIE(report.containers[0].state, ENGINE_CONTAINER_STATES);
	LIE(report.containers[0].health, ENGINE_HEALTHS);
	LIE(report.containers[0].wish, 2);
	LIE(report.containers[0].is_kept, 2);
	LIE(report.containers[0].exit_code, 0x80000000u);
	begin(state);
	memset(report.driver, 'x', sizeof report.driver);
	assert_int_equal(engine_report_check(&wishes, &report, &err), -1);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup(function, begin)
	const struct CMUnitTest tests[] = {
		TEST(engines_are_told_apart),
		TEST(guards_are_read),
		TEST(texts_are_made_fit_to_be_shown),
		TEST(images_are_known_by_their_names),
		TEST(the_spellings_of_docker_hub_are_one),
		TEST(images_are_found_by_digest),
		TEST(the_platform_of_an_image_is_read),
		TEST(containers_of_the_app_are_found),
		TEST(a_container_tells_what_it_was_started_from),
		TEST(a_container_that_went_is_forgotten),
		TEST(containers_have_a_limit),
		TEST(nonsense_is_refused),
		TEST(reports_that_lie_are_refused),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
