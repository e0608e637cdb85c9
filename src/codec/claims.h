/* SPDX-License-Identifier: Apache-2.0 */
/* What a signing certificate says of its owner: the subject alternative name
 * and Fulcio's extensions below 1.3.6.1.4.1.57264.1.  Source:
 * https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md */
#ifndef CODEC_CLAIMS_H
#define CODEC_CLAIMS_H

#define CLAIM_SIZE 1024 /* bytes of a claim, with the NUL */

enum claim {
	CLAIM_SUBJECT,             /* the one SAN: URI, email or user name */
	CLAIM_ISSUER,              /* .8, else .1 */
	CLAIM_BUILD_SIGNER_URI,    /* .9 */
	CLAIM_BUILD_SIGNER_DIGEST, /* .10 */
	CLAIM_RUNNER_ENVIRONMENT,  /* .11 */
	CLAIM_SOURCE_URI,          /* .12 */
	CLAIM_SOURCE_DIGEST,       /* .13 */
	CLAIM_SOURCE_REF,          /* .14 */
	CLAIM_SOURCE_ID,           /* .15 */
	CLAIM_OWNER_URI,           /* .16 */
	CLAIM_OWNER_ID,            /* .17 */
	CLAIM_CONFIG_URI,          /* .18 */
	CLAIM_CONFIG_DIGEST,       /* .19 */
	CLAIM_TRIGGER,             /* .20 */
	CLAIM_INVOCATION,          /* .21 */
	CLAIM_VISIBILITY,          /* .22 */
	CLAIM_DEPLOYMENT,          /* .23 */
	CLAIM_TOKEN_SUBJECT,       /* .24 */
	CLAIMS
};

/* By enum claim; "" where the certificate does not speak.  No NUL was inside.
 */
struct claims {
	char text[CLAIMS][CLAIM_SIZE];
};

#endif
