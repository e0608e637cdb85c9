/* SPDX-License-Identifier: Apache-2.0 */
/* Proofs that an entry is in a log's Merkle tree (RFC 9162, 2.1). */
#ifndef CRYPTO_MERKLE_H
#define CRYPTO_MERKLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "crypto/sha256.h"

#define MERKLE_SIZE_MAX  INT64_MAX /* leaves of a tree */
#define MERKLE_PROOF_MAX 63        /* hashes of a proof in such a tree */

struct merkle_proof {
	uint64_t index;                      /* of the leaf, from 0 */
	uint64_t size;                       /* leaves of the tree */
	const uint8_t (*hashes)[SHA256_LEN]; /* borrowed; leaf to root */
	size_t count;
};

/** merkle_leaf_hash - the hash of an entry: SHA-256 of a 0 byte and the entry.
 * 0, or -1 with ERR_SYSTEM. */
int merkle_leaf_hash(struct bytes entry, uint8_t out[SHA256_LEN],
                     struct err *err) MUST_CHECK;

/**
 * merkle_verify_inclusion - whether @proof leads from @leaf to @root
 * (RFC 9162, 2.1.3.2).
 * @leaf: from merkle_leaf_hash().
 * @root: of the tree of proof->size leaves, from a verified checkpoint.
 *
 * Returns 0; -1 with ERR_UNTRUSTED where it does not, or where the number of
 * hashes is not the one that index and size demand, ERR_LIMIT for a size above
 * MERKLE_SIZE_MAX, or ERR_SYSTEM.
 */
int merkle_verify_inclusion(const struct merkle_proof *proof,
                            const uint8_t leaf[SHA256_LEN],
                            const uint8_t root[SHA256_LEN],
                            struct err *err) MUST_CHECK;

#endif
