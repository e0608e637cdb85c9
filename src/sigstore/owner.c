/* SPDX-License-Identifier: Apache-2.0 */
#include "sigstore/owner.h"

#include <string.h>

#include "base/clock.h"
#include "crypto/sct.h"

/* --- the path
 * -------------------------------------------------------------- */

/* Two authorities may bear the same name: each is tried alone. */
static int verify_path_at(const struct signer *signer,
                          const struct sigstore_trust *trust, int64_t time,
                          struct certificate *issuer, struct err *err)
{
	struct instant at = { time, 0 };
	char text[CLOCK_TEXT_SIZE];

	(void)err_set(err, ERR_UNTRUSTED, 0,
	              "no certificate authority was trusted then");
	for (size_t i = 0; i < trust->authority_count; i++) {
		const struct sigstore_authority *authority =
			&trust->authorities[i];

		if (!period_holds(&authority->period, at))
			continue;
		if (certificate_verify(&signer->leaf, &authority->chain,
		                       &signer->helpers, time, issuer,
		                       err) == 0)
			return 0;
		if (err->code == ERR_SYSTEM)
			return -1;
	}
	clock_format(time, text);
	return err_wrap(err, "certificate at %s", text);
}

int owner_verify_path(const struct signer *signer,
                      const struct sigstore_trust *trust,
                      const struct times *times, struct certificate *issuer,
                      struct err *err)
{
	AUTO_CERTIFICATE struct certificate found = CERTIFICATE_NONE;

	if (times->count == 0)
		return err_set(err, ERR_INTERNAL, 0,
		               "no time to verify a certificate at");
	for (size_t i = 0; i < times->count; i++) {
		certificate_done(&found);
		if (verify_path_at(signer, trust, times->at[i].seconds, &found,
		                   err) < 0)
			return -1;
	}
	*issuer = found;
	found = CERTIFICATE_NONE;
	return 0;
}

/* --- the SCT
 * --------------------------------------------------------------- */

int owner_verify_sct(const struct signer *signer,
                     const struct certificate *issuer,
                     const struct sigstore_trust *trust, struct err *err)
{
	struct ct_log logs[TRUSTED_LOGS_MAX];
	struct sct sct;

	if ((trust->evidence & SIGSTORE_SCT) == 0)
		return 0;
	for (size_t i = 0; i < trust->ct_log_count; i++)
		logs[i] = (struct ct_log){ &trust->ct_logs[i].key,
			                   trust->ct_logs[i].period };
	if (sct_verify(&signer->leaf, issuer, logs, trust->ct_log_count, &sct,
	               err) < 0)
		return err_wrap(err, "SCT of the certificate");
	return 0;
}

/* --- the owner
 * ------------------------------------------------------------- */

/* Exactly: a prefix would let anybody in who may choose what follows. */
static int require_claim(const struct claims *claims, enum claim claim,
                         const char *wanted, const char *name, struct err *err)
{
	if (wanted == NULL || strcmp(claims->text[claim], wanted) == 0)
		return 0;
	return err_set(err, ERR_UNTRUSTED, 0,
	               "the certificate's %s is '%.150s', not '%.150s'", name,
	               claims->text[claim], wanted);
}

int owner_check(const struct signer *signer,
                const struct sigstore_request *request, struct claims *out,
                struct err *err)
{
	if (certificate_claims(&signer->leaf, out, err) < 0)
		return -1;
	if (require_claim(out, CLAIM_SUBJECT, request->identity, "identity",
	                  err) < 0)
		return -1;
	return require_claim(out, CLAIM_ISSUER, request->issuer, "issuer", err);
}
