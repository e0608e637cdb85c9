/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/requirements.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "temp_dir.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static const struct host_facts host = { .os = "linux",
	                                .architecture = "amd64",
	                                .kernel_major = 6,
	                                .kernel_minor = 1,
	                                .memory = 1000,
	                                .disk_free = 2000 };

/* NULL: it fits. */
static const struct {
	const char *name;
	struct release_ini release;
	const char *text;
} cases[] = {
	{ "nothing", { .entries = 1 }, NULL },
	{ "all at the limit",
	  { .platform = "linux/amd64",
	    .architecture = "amd64",
	    .kernel_major = 6,
	    .kernel_minor = 1,
	    .memory = 1000,
	    .disk = 2000,
	    .entries = 30 },
	  NULL },
	{ "an older kernel", { .kernel_major = 5, .kernel_minor = 13 }, NULL },
	{ "another platform", { .platform = "linux/arm64" }, "linux/arm64" },
	{ "another system", { .platform = "freebsd/amd64" }, "freebsd/amd64" },
	{ "another architecture", { .architecture = "arm64" }, "arm64" },
	{ "the next kernel",
	  { .kernel_major = 6, .kernel_minor = 2 },
	  "kernel 6.2, this host runs 6.1" },
	{ "the kernel behind that", { .kernel_major = 7 }, "kernel 7.0" },
	{ "memory", { .memory = 1001 }, "1001 bytes of memory" },
	{ "disk", { .disk = 2001 }, "2001 bytes of free disk" },
};

static void names_what_is_unmet(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct err err = { 0 };
		int got = requirements_check(&cases[i].release, &host, &err);

		if ((got == 0) != (cases[i].text == NULL))
			fail_msg("%s: got %d", cases[i].name, got);
		if (got == 0)
			continue;
		if (err.code != ERR_CONFLICT ||
		    strstr(err.text, cases[i].text) == NULL)
			fail_msg("%s: says %s", cases[i].name, err.text);
	}
}

static void names_all_that_is_unmet(void **state)
{
	const struct release_ini release = { .architecture = "arm64",
		                             .memory = 1001 };
	struct err err;

	(void)state;
	assert_int_equal(requirements_check(&release, &host, &err), -1);
	assert_non_null(strstr(err.text, "arm64"));
	assert_non_null(strstr(err.text, "memory"));
}

static const struct {
	const char *text;
	bool is_legal;
	unsigned major, minor;
} kernels[] = {
	{ "6.1.0-13-amd64", true, 6, 1 },
	{ "6.14", true, 6, 14 },
	{ "5.10+", true, 5, 10 },
	{ "6", false, 0, 0 },
	{ "6.", false, 0, 0 },
	{ ".1", false, 0, 0 },
	{ "", false, 0, 0 },
	{ "x.y", false, 0, 0 },
	{ "9999.9999", true, 9999, 9999 },
	{ "10000.1", false, 0, 0 },
};

static void reads_kernel_releases(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(kernels); i++) {
		unsigned major = 0, minor = 0;

		if (host_facts_kernel(kernels[i].text, &major, &minor) !=
		            kernels[i].is_legal ||
		    major != kernels[i].major || minor != kernels[i].minor)
			fail_msg("'%s': %u.%u", kernels[i].text, major, minor);
	}
}

static void knows_the_words_for_machines(void **state)
{
	(void)state;
	assert_string_equal(host_facts_architecture("x86_64"), "amd64");
	assert_string_equal(host_facts_architecture("aarch64"), "arm64");
	assert_string_equal(host_facts_architecture("riscv64"), "riscv64");
}

static void asks_this_host(void **state)
{
	AUTO_TEMP_DIR struct temp_dir dir = temp_dir_make();
	struct host_facts facts;
	struct err err;

	(void)state;
	assert_int_equal(host_facts_read(dir.fd, &facts, &err), 0);
	assert_string_equal(facts.os, "linux");
	assert_true(facts.architecture[0] != '\0');
	assert_true(facts.kernel_major >= 5);
	assert_true(facts.memory > 0);
	facts.kernel_major = 77;
	assert_int_equal(host_facts_read(-1, &facts, &err), -1);
	assert_int_equal(err.code, ERR_SYSTEM);
	assert_int_equal(facts.kernel_major, 77);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_what_is_unmet),
		cmocka_unit_test(names_all_that_is_unmet),
		cmocka_unit_test(reads_kernel_releases),
		cmocka_unit_test(knows_the_words_for_machines),
		cmocka_unit_test(asks_this_host),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
