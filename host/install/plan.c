/* SPDX-License-Identifier: Apache-2.0 */
#include "plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "gate.h"
#include "prune.h"
#include "report.h"
#include "store/links.h"

void plan_done(struct plan *plan)
{
	installed_done(&plan->after);
	free(plan->goes);
	plan->goes = NULL;
}

/* Only a run that changed something for good prunes (install.c). */
static bool has_prune(const struct plan *plan)
{
	return !plan->session->request->no_activate &&
	       (plan->is_switch || plan->admission != ADMIT_PRESENT);
}

static int find_pruned(struct plan *plan, struct err *err)
{
	const struct session *session = plan->session;

	if (session->store.app < 0 || !has_prune(plan))
		return 0;
	if (store_list_after(&session->store, plan->release->version,
	                     plan->release->sequence, &plan->after, err) < 0)
		return -1;
	plan->goes = calloc(plan->after.count + 1, sizeof *plan->goes);
	if (plan->goes == NULL)
		return err_nomem(err);
	for (size_t i = 0; i < plan->after.count; i++) {
		int goes = prune_would(session, &plan->after,
		                       &plan->after.items[i],
		                       session->host.settings.keep, err);

		if (goes < 0)
			return -1;
		plan->goes[i] = goes == 1;
	}
	return 0;
}

int plan_make(const struct session *session,
              const struct verification_result *verified,
              enum admission admission, struct plan *out, struct err *err)
{
	out->session = session;
	out->release = &verified->release;
	out->admission = admission;
	if (session->store.app >= 0 &&
	    link_read(&session->store, LINK_CURRENT, out->from, err) < 0)
		return -1;
	out->is_switch = !session->request->no_activate &&
	                 strcmp(out->from, out->release->version) != 0;
	return find_pruned(out, err);
}

/* --- text -------------------------------------------------------------- */

static void say_write(const struct plan *plan)
{
	const struct release_ini *release = plan->release;
	const char *verb = plan->admission == ADMIT_NEW ? "write" : "repair";

	if (plan->admission == ADMIT_PRESENT)
		report_step(plan->session->request,
		            "plan: release %s is installed and whole",
		            release->version);
	else if (plan->admission == ADMIT_RENEW)
		report_step(plan->session->request,
		            "plan: release %s is installed and whole; put its "
		            "new evidence away",
		            release->version);
	else
		report_step(plan->session->request,
		            "plan: %s release %s: %llu entries, %llu bytes",
		            verb, release->version,
		            (unsigned long long)release->entries,
		            (unsigned long long)release->bytes);
}

static void say_restart(const struct plan *plan)
{
	const struct host *host = &plan->session->host;
	const struct settings_words *units = &host->settings.restart;

	for (size_t i = 0; i < units->count; i++)
		if (host->is_real)
			report_step(plan->session->request, "plan: restart %s",
			            settings_word(units, i));
	if (!host->is_real && units->count > 0)
		report_step(plan->session->request,
		            "plan: no unit is restarted below another root");
}

static void say_gate(const struct plan *plan)
{
	const struct request *request = plan->session->request;
	const struct host *host = &plan->session->host;
	const struct settings *settings = &host->settings;

	say_restart(plan);
	if (settings->command.count > 0)
		report_step(request,
		            "plan: run %s until it says yes, for up to %u s",
		            settings_word(&settings->command, 0),
		            settings->timeout);
	if (settings->http[0] != '\0')
		report_step(request,
		            "plan: ask %s until it says yes, for up to %u s",
		            settings->http, settings->timeout);
	if (!gate_is_set(host))
		return;
	if (plan->from[0] != '\0')
		report_step(request, "plan: else switch back to %s",
		            plan->from);
	else
		report_step(request, "plan: else take current away again");
}

void plan_say(const struct plan *plan)
{
	const struct request *request = plan->session->request;

	if (plan->fetch != NULL)
		delta_say(plan->fetch, plan->release, "plan: ", request);
	say_write(plan);
	if (plan->is_switch) {
		report_step(request, "plan: switch current from %s to %s",
		            plan->from[0] != '\0' ? plan->from : "none",
		            plan->release->version);
		say_gate(plan);
	} else if (!request->no_activate) {
		report_step(request, "plan: it is current already");
	}
	for (size_t i = 0; i < plan->after.count; i++)
		if (plan->goes[i])
			report_step(request, "plan: prune release %s",
			            plan->after.items[i].version);
}

/* --- JSON -------------------------------------------------------------- */

static const char *write_word(enum admission admission)
{
	switch (admission) {
	case ADMIT_NEW:
		return "new";
	case ADMIT_REPAIR:
		return "repair";
	case ADMIT_RENEW:
		return "evidence";
	case ADMIT_PRESENT:
	case ADMIT_OLDER: /* has no plan */
		break;
	}
	return "none";
}

static int json_write(const struct plan *plan, struct json_writer *json,
                      struct err *err)
{
	bool is_write =
		plan->admission == ADMIT_NEW || plan->admission == ADMIT_REPAIR;

	if (json_text(json, "write", write_word(plan->admission), err) < 0 ||
	    json_u64(json, "entries", is_write ? plan->release->entries : 0,
	             err) < 0)
		return -1;
	return json_u64(json, "bytes", is_write ? plan->release->bytes : 0,
	                err);
}

static int json_switch(const struct plan *plan, struct json_writer *json,
                       struct err *err)
{
	if (!plan->is_switch)
		return json_write_null(json, "switch", err);
	if (json_open_object(json, "switch", err) < 0 ||
	    json_text(json, "from", plan->from[0] != '\0' ? plan->from : NULL,
	              err) < 0 ||
	    json_text(json, "to", plan->release->version, err) < 0)
		return -1;
	return json_close(json, err);
}

static int json_words(const struct settings_words *words, const char *key,
                      struct json_writer *json, struct err *err)
{
	if (json_open_array(json, key, err) < 0)
		return -1;
	for (size_t i = 0; i < words->count; i++)
		if (json_text(json, NULL, settings_word(words, i), err) < 0)
			return -1;
	return json_close(json, err);
}

/* What follows a switch: nothing where there is none. */
static int json_gate(const struct plan *plan, struct json_writer *json,
                     struct err *err)
{
	static const struct settings_words none = { .count = 0 };
	const struct host *host = &plan->session->host;
	const struct settings *settings = &host->settings;
	const char *http = settings->http[0] != '\0' ? settings->http : NULL;
	bool has_units = plan->is_switch && host->is_real;

	if (json_words(has_units ? &settings->restart : &none, "restart", json,
	               err) < 0)
		return -1;
	if (!plan->is_switch || (settings->command.count == 0 && http == NULL))
		return json_write_null(json, "health", err);
	if (json_open_object(json, "health", err) < 0 ||
	    json_words(&settings->command, "command", json, err) < 0 ||
	    json_text(json, "http", http, err) < 0 ||
	    json_u64(json, "timeout", settings->timeout, err) < 0)
		return -1;
	return json_close(json, err);
}

static int json_fetch(const struct plan *plan, struct json_writer *json,
                      struct err *err)
{
	if (plan->fetch == NULL)
		return json_write_null(json, "fetch", err);
	return delta_json(plan->fetch, plan->release, json, err);
}

int plan_json(const struct plan *plan, struct json_writer *json,
              struct err *err)
{
	if (json_open_object(json, "plan", err) < 0 ||
	    json_write(plan, json, err) < 0 ||
	    json_switch(plan, json, err) < 0 ||
	    json_gate(plan, json, err) < 0 || json_fetch(plan, json, err) < 0 ||
	    json_open_array(json, "prune", err) < 0)
		return -1;
	for (size_t i = 0; i < plan->after.count; i++)
		if (plan->goes[i] &&
		    json_text(json, NULL, plan->after.items[i].version, err) <
		            0)
			return -1;
	if (json_close(json, err) < 0)
		return -1;
	return json_close(json, err);
}
