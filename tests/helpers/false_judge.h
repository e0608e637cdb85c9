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

/* What it says of the ends of two roots, as the first byte of the first one. */
enum false_ends {
	ENDS_HONEST = 'a', /* the first has two */
	ENDS_FEWER,        /* none of the second */
	ENDS_MORE,         /* of a third root, which there is not */
	ENDS_ORDER,        /* the second first */
	ENDS_AGAIN,        /* the first again, behind the second */
	ENDS_PART,         /* of a part that no root has */
	ENDS_COUNT,        /* more than there may be */
	ENDS_SHORT,        /* one byte less */
	ENDS_LONG,         /* one byte more */
	ENDS_NONE
};

#endif
