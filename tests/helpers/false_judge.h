/* SPDX-License-Identifier: Apache-2.0 */
/* What tests/helpers/false_judge can be told to say, as the first byte of the
 * first Sigstore bundle of its dossier.  Of two bundles and two attestations
 * its verdicts are legal messages, and still no answer. */
#ifndef HELPERS_FALSE_JUDGE_H
#define HELPERS_FALSE_JUDGE_H

enum false_verdict {
	FALSE_NOTHING = 'a', /* an honest one for each piece */
	FALSE_FEWER,         /* not for the last one */
	FALSE_MORE,          /* one more */
	FALSE_NONE,
	FALSE_ORDER,       /* the second bundle first */
	FALSE_TWICE,       /* the first bundle again */
	FALSE_BUNDLE,      /* a third bundle, which there is not */
	FALSE_LINE,        /* a third line, which there is not */
	FALSE_IDENTITY,    /* the last one that the host has: legal */
	FALSE_IDENTITY_2,  /* one that it does not have */
	FALSE_IDENTITY_64, /* the last bit */
	FALSE_COSIGN,      /* a cosign key that it does not have */
	FALSE_MINISIGN,    /* a minisign key that it does not have */
	FALSE_SIGNATURE,   /* a bare signature as an attestation */
	FALSE_FAILURE      /* it gives up */
};

#endif
