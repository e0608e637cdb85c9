/* SPDX-License-Identifier: Apache-2.0 */
/* Until when new bundles can satisfy a root. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crypto/init.h"
#include "make_instance.h"
#include "sigstore/trust.h"

#define EARLY     "2026-01-15T08:00:00Z"
#define EARLY_S   1768464000
#define EARLIER   "2025-01-15T08:00:00Z"
#define EARLIER_S 1736928000

enum has { LOGS = 1, AUTHORITY = 2, CT = 4, STAMPER = 8, ALL = 15 };

static const struct end_case {
	const char *name;
	unsigned has, evidence;
	const char *log_end, *authority_end, *stamper_end;
	enum sigstore_part part;
	int64_t end;
} cases[] = {
	{ "all end at once, certificates in whole seconds", ALL,
	  SIGSTORE_PUBLIC, NULL, NULL, NULL, SIGSTORE_PART_AUTHORITIES,
	  INSTANCE_END },
	{ "an authority's period", ALL, SIGSTORE_PUBLIC, NULL, EARLY, NULL,
	  SIGSTORE_PART_AUTHORITIES, EARLY_S },
	{ "an authority whose period outlives its certificate", ALL,
	  SIGSTORE_PUBLIC, NULL, "2099-01-15T08:00:00Z", NULL,
	  SIGSTORE_PART_AUTHORITIES, INSTANCE_END },
	{ "a log's period", ALL, SIGSTORE_PUBLIC, EARLY, NULL, NULL,
	  SIGSTORE_PART_LOGS, EARLY_S },
	{ "the first of several", ALL, SIGSTORE_PUBLIC | SIGSTORE_TIMESTAMP,
	  EARLY, EARLY, EARLIER, SIGSTORE_PART_STAMPERS, EARLIER_S },
	{ "what is not demanded may end", ALL, SIGSTORE_LOG, NULL, NULL,
	  EARLIER, SIGSTORE_PART_AUTHORITIES, INSTANCE_END },
	{ "no log", AUTHORITY | CT, SIGSTORE_PUBLIC, NULL, NULL, NULL,
	  SIGSTORE_PART_LOGS, INT64_MIN },
	{ "no CT log", AUTHORITY | LOGS, SIGSTORE_PUBLIC, NULL, NULL, NULL,
	  SIGSTORE_PART_CT_LOGS, INT64_MIN },
	{ "no stamper", AUTHORITY, SIGSTORE_GITHUB, NULL, NULL, NULL,
	  SIGSTORE_PART_STAMPERS, INT64_MIN },
	{ "no authority", LOGS | CT, SIGSTORE_PUBLIC, NULL, NULL, NULL,
	  SIGSTORE_PART_AUTHORITIES, INT64_MIN },
};

static const struct instance *given(const struct instance *instance,
                                    unsigned has, enum has which)
{
	return (has & which) != 0 ? instance : NULL;
}

static void each_root_has_its_end(void **state)
{
	struct instance instance;

	(void)state;
	instance_init(&instance, false);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct end_case *c = &cases[i];
		const struct root_plan plan = {
			.logs = given(&instance, c->has, LOGS),
			.authority = given(&instance, c->has, AUTHORITY),
			.ct = given(&instance, c->has, CT),
			.stamper = given(&instance, c->has, STAMPER),
			.log_end = c->log_end,
			.authority_end = c->authority_end,
			.stamper_end = c->stamper_end,
		};
		AUTO_SIGSTORE_TRUST struct sigstore_trust *trust =
			make_trust(&plan, c->evidence);
		enum sigstore_part part;
		int64_t end = sigstore_trust_end(trust, &part);

		if (end != c->end || part != c->part)
			fail_msg("%s: %lld of part %u", c->name, (long long)end,
			         part);
	}
	instance_done(&instance);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_root_has_its_end),
	};
	struct err err;

	if (crypto_init(&err) < 0)
		return 1;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
