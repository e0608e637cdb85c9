/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates of signers: what they say, and the path from them to one
 * authority of the host's (RFC 5280).  Bytes and times in, values out: no file
 * is opened and no clock is asked, so that it works in a sandbox without paths
 * and on a host with a dead clock.  crypto_init() comes first. */
#ifndef CRYPTO_CERTIFICATE_H
#define CRYPTO_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "codec/claims.h"
#include "crypto/public_key.h"

#define CERTIFICATE_DER_MAX        65536 /* bytes of one in DER */
#define CERTIFICATE_PEM_MAX        98304 /* bytes of one in PEM */
#define CERTIFICATE_CHAIN_MAX      10    /* certificates of a chain */
#define CERTIFICATE_EXTENSIONS_MAX 64

struct certificate {
	void *x509; /* owned; an X509 */
};

#define CERTIFICATE_NONE ((struct certificate){ NULL })
#define AUTO_CERTIFICATE AUTO(certificate_done)

/** certificate_done - release the memory; it is CERTIFICATE_NONE afterwards. */
void certificate_done(struct certificate *certificate);

/**
 * certificate_parse - read a certificate in DER.
 * @out: owned by the caller; written only on 0.
 *
 * All bytes must belong to it, writing it again must give the same bytes, and
 * no two of its at most CERTIFICATE_EXTENSIONS_MAX extensions may be of one
 * kind.  Nothing is verified yet.  Returns 0, or -1 with ERR_FORMAT or
 * ERR_LIMIT.
 */
int certificate_parse(struct bytes der, struct certificate *out,
                      struct err *err) MUST_CHECK;

/** certificate_from_pem - the same of a text that is exactly one block
 * "CERTIFICATE", with nothing but white space around it. */
int certificate_from_pem(const char *text, size_t len, struct certificate *out,
                         struct err *err) MUST_CHECK;

/** certificate_equal - whether the two are the same bytes in DER. */
bool certificate_equal(const struct certificate *a,
                       const struct certificate *b);

/** certificate_is_self_issued - whether issuer and subject are the same name,
 * as in a root. */
bool certificate_is_self_issued(const struct certificate *certificate);

/**
 * certificate_end - the last second of its validity, since 1970 UTC.
 * @out: written only on 0.
 * Returns 0, or -1 with ERR_FORMAT for a notAfter that is no time.
 */
int certificate_end(const struct certificate *certificate, int64_t *out,
                    struct err *err) MUST_CHECK;

/** certificate_key - its public key; 0, or -1 as public_key_from_spki. */
int certificate_key(const struct certificate *certificate,
                    struct public_key *out, struct err *err) MUST_CHECK;

/**
 * certificate_claims - what it says of its owner.
 * @out: written only on 0.
 *
 * The subject is the one name of the subjectAltName: a URI, an email address,
 * or an otherName of type 1.3.6.1.4.1.57264.1.7 (a UTF8String).  The issuer is
 * extension .8, a UTF8String, or the raw bytes of .1 where there is no .8; both
 * must not be empty.  .9 to .24 are UTF8Strings.
 *
 * Returns 0, or -1 with ERR_FORMAT (no name or several; an extension that comes
 * twice; trailing bytes; a byte that is no printable UTF-8, as a NUL, which
 * would end the name for a careless reader) or ERR_LIMIT (CLAIM_SIZE).
 * Compare the claims only after certificate_verify().
 */
int certificate_claims(const struct certificate *certificate,
                       struct claims *out, struct err *err) MUST_CHECK;

/* Certificates in the order of issuing: leaf or intermediate first, anchor
 * last. */
struct certificate_chain {
	struct certificate items[CERTIFICATE_CHAIN_MAX]; /* owned */
	size_t count;
};

#define CERTIFICATE_CHAIN_NONE ((struct certificate_chain){ .count = 0 })
#define AUTO_CERTIFICATE_CHAIN AUTO(certificate_chain_done)

/** certificate_chain_done - release the memory; the chain is empty and usable
 * afterwards. */
void certificate_chain_done(struct certificate_chain *chain);

/** certificate_chain_add - parse a certificate and put it last.  0; -1 as
 * certificate_parse, or ERR_LIMIT above CERTIFICATE_CHAIN_MAX, and the chain is
 * as before. */
int certificate_chain_add(struct certificate_chain *chain, struct bytes der,
                          struct err *err) MUST_CHECK;

/**
 * certificate_verify - whether @leaf was a valid signing certificate of one
 * authority at one time.
 * @leaf:      is no authority itself, has the key usage digitalSignature and
 *             the extended key usage codeSigning.
 * @authority: its last certificate is the one anchor, self-signed or not; the
 *             others may only help to reach it.
 * @helpers:   further intermediates, from a bundle: never trusted; may be NULL.
 * @time:      seconds; each certificate of the path, the anchor too, must be
 *             valid then.  Whether the authority itself was in use then is for
 *             the caller to say.
 * @issuer:    out, owned by the caller: the certificate above @leaf in the
 *             verified path.  Written only on 0.
 *
 * Two authorities may bear one name: call it for each.  Returns 0; -1 with
 * ERR_UNTRUSTED naming the check and OpenSSL's reason, ERR_USAGE for an empty
 * authority, or ERR_SYSTEM without memory.
 */
int certificate_verify(const struct certificate *leaf,
                       const struct certificate_chain *authority,
                       const struct certificate_chain *helpers, int64_t time,
                       struct certificate *issuer, struct err *err) MUST_CHECK;

#endif
