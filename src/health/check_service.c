/* SPDX-License-Identifier: Apache-2.0 */
/* Checks of the service that the app gives, as [service] names it. */
#include "health/check.h"

/* One finding for each probe of a check. */
static int check_probes(const struct facts *facts, enum check_id check,
                        enum remedy remedy, struct findings *out,
                        struct err *err)
{
	const struct service_facts *service = &facts->service;
	struct judgement wrong = { .check = check,
		                   .severity = SEVERITY_CRITICAL,
		                   .remedy = remedy };
	size_t found = 0;

	if (service->look.sight != SIGHT_GOOD)
		return check_look(&service->look, &wrong, out, err);
	for (size_t i = 0; i < service->count; i++) {
		if (service->probes[i].check != check)
			continue;
		wrong.object = service->probes[i].object;
		if (check_look(&service->probes[i].look, &wrong, out, err) < 0)
			return -1;
		found++;
	}
	if (found == 0)
		return check_not_applicable(
			check, "the configuration names none", out, err);
	return 0;
}

int check_service_units(const struct facts *facts, struct findings *out,
                        struct err *err)
{
	return check_probes(facts, CHECK_SERVICE_UNITS, REMEDY_UNITS, out, err);
}

int check_service_command(const struct facts *facts, struct findings *out,
                          struct err *err)
{
	return check_probes(facts, CHECK_SERVICE_COMMAND, REMEDY_SERVICE, out,
	                    err);
}

int check_service_http(const struct facts *facts, struct findings *out,
                       struct err *err)
{
	return check_probes(facts, CHECK_SERVICE_HTTP, REMEDY_SERVICE, out,
	                    err);
}

int check_service_tcp(const struct facts *facts, struct findings *out,
                      struct err *err)
{
	return check_probes(facts, CHECK_SERVICE_TCP, REMEDY_SERVICE, out, err);
}

int check_service_unix(const struct facts *facts, struct findings *out,
                       struct err *err)
{
	return check_probes(facts, CHECK_SERVICE_UNIX, REMEDY_SERVICE, out,
	                    err);
}
