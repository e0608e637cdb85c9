/* SPDX-License-Identifier: Apache-2.0 */
#include "verification.h"

#include <stdlib.h>
#include <string.h>

#include "report.h"

void verification_done(struct verification *verification)
{
	free(verification->verdicts);
	verification->verdicts = NULL;
}

/* --- what is to be judged --- */

static void add_signature(struct verification *verification,
                          const struct evidence *evidence)
{
	size_t n = verification->request.signature_count++;
	struct judge_signature *signature = &verification->signatures[n];
	struct part part;

	*signature = (struct judge_signature){ .data = evidence->bytes.data,
		                               .len = evidence->bytes.len };
	if (!evidence_part(evidence, &part))
		return;
	part_name(part, verification->names[n]);
	signature->name = verification->names[n];
}

/* As many as part_stream lets through, which is as many as fit. */
static void add_signatures(struct verification *verification,
                           const struct description *description)
{
	for (size_t i = 0; i < description->evidence_count; i++) {
		const struct evidence *evidence = &description->evidence[i];

		if (part_is_minisign(evidence->kind) &&
		    verification->request.signature_count <
		            JUDGE_SIGNATURES_MAX)
			add_signature(verification, evidence);
	}
}

/* --- what verify-worker says --- */

static int build_case(const struct host *host,
                      const struct description *description,
                      struct evidence_case *out, struct err *err)
{
	evidence_begin(out, &host->settings, buf_bytes(&host->settings_text),
	               &host->keyring);
	out->release_ini = buf_bytes(&description->release_ini);
	for (size_t i = 0; i < description->evidence_count; i++) {
		const struct evidence *evidence = &description->evidence[i];

		if (evidence_add(out, evidence->kind,
		                 buf_bytes(&evidence->bytes), err) < 0)
			return -1;
	}
	return 0;
}

static int ask(const struct host *host, const struct description *description,
               struct verification *out, struct err *err)
{
	const struct evidence_worker worker = {
		.folder = host->workers,
		.mode = sandbox_mode_of(&host->settings),
	};
	struct evidence_case given;

	if (build_case(host, description, &given, err) < 0)
		return -1;
	out->verdicts = malloc(sizeof *out->verdicts);
	if (out->verdicts == NULL)
		return err_nomem(err);
	if (evidence_ask(&given, &worker, out->verdicts, err) < 0)
		return -1;
	out->request.verdicts = out->verdicts->list;
	out->request.verdict_count = out->verdicts->count;
	return 0;
}

/* What the policy does not ask for must not decide: where it cannot be judged,
 * only the explanation is the poorer. */
static int ask_unneeded(const struct host *host,
                        const struct description *description,
                        struct verification *out, struct err *err)
{
	char text[ERR_TEXT_MAX];

	if (ask(host, description, out, err) == 0)
		return 0;
	if (err->code == ERR_SYSTEM)
		return -1;
	report_warning("not judged: %s", err_format(err, text, sizeof text));
	return 0;
}

int verification_open(const struct host *host, const char *version,
                      const struct description *description,
                      enum verification_purpose purpose,
                      struct verification *out, struct err *err)
{
	out->request = (struct judge_request){
		.release_ini = description->release_ini.data,
		.release_ini_len = description->release_ini.len,
		.signatures = out->signatures,
		.keyring = &host->keyring,
		.settings = &host->settings,
		.app = host->app,
		.version = version,
	};
	add_signatures(out, description);
	if (judge_needs_verdicts(&host->settings))
		return ask(host, description, out, err);
	return purpose == VERIFY_TO_EXPLAIN
	               ? ask_unneeded(host, description, out, err)
	               : 0;
}
