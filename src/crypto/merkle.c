/* SPDX-License-Identifier: Apache-2.0 */
#include "crypto/merkle.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#define LEAF_PREFIX ((uint8_t)0x00)
#define NODE_PREFIX ((uint8_t)0x01)

int merkle_leaf_hash(struct bytes entry, uint8_t out[SHA256_LEN],
                     struct err *err)
{
	AUTO_SHA256 struct sha256 hash = SHA256_NONE;
	uint8_t prefix = LEAF_PREFIX;

	if (sha256_begin(&hash, err) < 0 ||
	    sha256_add(&hash, &prefix, 1, err) < 0 ||
	    sha256_add(&hash, entry.data, entry.len, err) < 0)
		return -1;
	return sha256_end(&hash, out, err);
}

static int hash_node(const uint8_t left[SHA256_LEN],
                     const uint8_t right[SHA256_LEN], uint8_t out[SHA256_LEN],
                     struct err *err)
{
	uint8_t node[1 + 2 * SHA256_LEN] = { NODE_PREFIX };

	memcpy(node + 1, left, SHA256_LEN);
	memcpy(node + 1 + SHA256_LEN, right, SHA256_LEN);
	return sha256_of(node, sizeof node, out, err);
}

/* Where a proof stands: the node's number in its row, and the last one's. */
struct place {
	uint64_t node, last;
};

/* Whether the sibling stands to the left: that of a right child, and that of
 * the last node of a row, which first rises to the row where it has one. */
static bool is_right(struct place *place)
{
	if ((place->node & 1) == 0 && place->node != place->last)
		return false;
	while ((place->node & 1) == 0 && place->node != 0) {
		place->node >>= 1;
		place->last >>= 1;
	}
	return true;
}

static int climb(const struct merkle_proof *proof, uint8_t hash[SHA256_LEN],
                 struct err *err)
{
	struct place place = { proof->index, proof->size - 1 };

	for (size_t i = 0; i < proof->count; i++) {
		const uint8_t *sibling = proof->hashes[i];
		bool right;

		if (place.last == 0)
			return err_set(err, ERR_UNTRUSTED, 0,
			               "inclusion proof has more than %zu "
			               "hashes",
			               i);
		right = is_right(&place);
		if (hash_node(right ? sibling : hash, right ? hash : sibling,
		              hash, err) < 0)
			return -1;
		place.node >>= 1;
		place.last >>= 1;
	}
	if (place.last != 0)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "inclusion proof has only %zu hashes",
		               proof->count);
	return 0;
}

int merkle_verify_inclusion(const struct merkle_proof *proof,
                            const uint8_t leaf[SHA256_LEN],
                            const uint8_t root[SHA256_LEN], struct err *err)
{
	uint8_t hash[SHA256_LEN];

	if (proof->size > MERKLE_SIZE_MAX)
		return err_set(err, ERR_LIMIT, 0,
		               "inclusion proof in a tree of %" PRIu64
		               " entries",
		               proof->size);
	if (proof->index >= proof->size)
		return err_set(err, ERR_UNTRUSTED, 0,
		               "inclusion proof of entry %" PRIu64
		               " in a tree of %" PRIu64,
		               proof->index, proof->size);
	memcpy(hash, leaf, SHA256_LEN);
	if (climb(proof, hash, err) < 0)
		return -1;
	if (!sha256_equal(hash, root))
		return err_set(err, ERR_UNTRUSTED, 0,
		               "inclusion proof does not lead to the root of "
		               "the tree");
	return 0;
}
