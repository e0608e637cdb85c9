/* SPDX-License-Identifier: Apache-2.0 */
/* What tests/helpers/false_registry can be told to send, as the first byte of
 * the address that it is asked for.  An honest one has the image and two
 * signatures, of which the second has no payload. */
#ifndef HELPERS_FALSE_REGISTRY_H
#define HELPERS_FALSE_REGISTRY_H

enum false_registry {
	REGISTRY_HONEST = 'a',
	REGISTRY_NOTHING,      /* neither the image nor a signature */
	REGISTRY_HALF,         /* a payload without its bundle */
	REGISTRY_ORDER,        /* the second signature first */
	REGISTRY_TWICE,        /* the first one again */
	REGISTRY_MOST,         /* as many as there may be: legal */
	REGISTRY_BEYOND,       /* an item behind the last possible one */
	REGISTRY_PAYLOAD_MAX,  /* as large as may be: legal */
	REGISTRY_PAYLOAD_MORE, /* one byte more */
	REGISTRY_BUNDLE_MORE,
	REGISTRY_REASON,        /* one was left out, and why: legal */
	REGISTRY_REASON_MORE,   /* a reason of 513 bytes */
	REGISTRY_REASON_ESCAPE, /* one that drives the terminal */
	REGISTRY_REASON_END,    /* no end to it: nothing was left out */
	REGISTRY_ENDLESS,       /* signs of life without end */
	REGISTRY_CUT,           /* the image, one signature, and it gives up */
	REGISTRY_REFUSAL,       /* it had answered, and gives up */
	REGISTRY_FAILURE        /* it gives up */
};

#endif
