/* SPDX-License-Identifier: Apache-2.0 */
/* Leaves and roots are those that certificate-transparency's own tests have
 * used since RFC 6962. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "crypto/init.h"
#include "crypto/merkle.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define LEAVES   8

static const char *const leaf_hex[LEAVES] = {
	"",
	"00",
	"10",
	"2021",
	"3031",
	"40414243",
	"5051525354555657",
	"606162636465666768696a6b6c6d6e6f",
};

/* Of the trees of the first 1 to 8 leaves. */
static const char *const root_hex[LEAVES] = {
	"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
	"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
	"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
	"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
	"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
	"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
	"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
	"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

typedef uint8_t digest[SHA256_LEN];

static void must(int result)
{
	assert_int_equal(result, 0);
}

static void from_hex(const char *hex, uint8_t *out, size_t size)
{
	struct err err;

	must(text_from_hex(hex, strlen(hex), out, size, &err));
}

static void leaf_of(size_t i, digest out)
{
	uint8_t leaf[16];
	size_t len = strlen(leaf_hex[i]) / 2;
	struct err err;

	from_hex(leaf_hex[i], leaf, len);
	must(merkle_leaf_hash((struct bytes){ leaf, len }, out, &err));
}

static void node_of(const digest left, const digest right, digest out)
{
	uint8_t node[1 + 2 * SHA256_LEN] = { 1 };
	struct err err;

	memcpy(node + 1, left, SHA256_LEN);
	memcpy(node + 1 + SHA256_LEN, right, SHA256_LEN);
	must(sha256_of(node, sizeof node, out, &err));
}

/* The largest power of two below @size. */
static size_t split_of(size_t size)
{
	size_t split = 1;

	while (split * 2 < size)
		split *= 2;
	return split;
}

/* MTH of RFC 9162, 2.1.1, over the leaves from @from on. */
static void tree_of(size_t from, size_t size, digest out)
{
	digest left, right;

	if (size == 1) {
		leaf_of(from, out);
		return;
	}
	tree_of(from, split_of(size), left);
	tree_of(from + split_of(size), size - split_of(size), right);
	node_of(left, right, out);
}

/* PATH of RFC 9162, 2.1.3.1; returns the number of hashes. */
static size_t path_of(size_t index, size_t from, size_t size, digest *out)
{
	size_t split = size > 1 ? split_of(size) : 0;
	size_t count;

	if (size == 1)
		return 0;
	if (index < split) {
		count = path_of(index, from, split, out);
		tree_of(from + split, size - split, out[count]);
	} else {
		count = path_of(index - split, from + split, size - split, out);
		tree_of(from, split, out[count]);
	}
	return count + 1;
}

static void require(const struct merkle_proof *proof, const digest leaf,
                    const digest root, int want, const char *name)
{
	struct err err = { 0 };
	int got = merkle_verify_inclusion(proof, leaf, root, &err);

	if (got != want || (got < 0 && err.code != ERR_UNTRUSTED))
		fail_msg("%s: leaf %zu of %zu: got %d, code %d", name,
		         (size_t)proof->index, (size_t)proof->size, got,
		         (int)err.code);
}

/* One proof, and each way to change it. */
static void try_proof(size_t index, size_t size)
{
	digest hashes[LEAVES], leaf, root;
	struct merkle_proof proof = { index, size, NULL,
		                      path_of(index, 0, size, hashes) };
	struct merkle_proof other;

	proof.hashes = (const uint8_t(*)[SHA256_LEN])hashes;
	leaf_of(index, leaf);
	from_hex(root_hex[size - 1], root, sizeof root);
	require(&proof, leaf, root, 0, "as it is");
	other = proof;
	other.count++;
	memset(hashes[proof.count], 0, SHA256_LEN);
	require(&other, leaf, root, -1, "a hash more");
	other.count = proof.count - 1;
	if (proof.count > 0)
		require(&other, leaf, root, -1, "a hash less");
	for (size_t i = 0; i < LEAVES + 2; i++) {
		other = proof;
		other.index = i;
		if (i != index)
			require(&other, leaf, root, -1, "another index");
	}
	for (size_t i = 0; i < proof.count; i++) {
		hashes[i][i] ^= 1;
		require(&proof, leaf, root, -1, "a changed hash");
		hashes[i][i] ^= 1;
	}
	leaf[31] ^= 1;
	require(&proof, leaf, root, -1, "a changed leaf");
	leaf[31] ^= 1;
	root[0] ^= 1;
	require(&proof, leaf, root, -1, "a changed root");
}

static void proves_each_leaf_of_each_small_tree(void **state)
{
	(void)state;
	for (size_t size = 1; size <= LEAVES; size++)
		for (size_t index = 0; index < size; index++)
			try_proof(index, size);
}

static void refuses_an_empty_tree(void **state)
{
	struct merkle_proof proof = { 0, 0, NULL, 0 };
	digest zero = { 0 };

	(void)state;
	require(&proof, zero, zero, -1, "size 0");
}

/* The first leaf: all hashes stand to the right.  The last one of 2^63 - 1:
 * all to the left. */
static void takes_the_largest_tree(void **state)
{
	digest hashes[MERKLE_PROOF_MAX + 1], leaf, first, last;
	struct merkle_proof proof = { 0, MERKLE_SIZE_MAX, NULL,
		                      MERKLE_PROOF_MAX };
	struct err err;

	(void)state;
	proof.hashes = (const uint8_t(*)[SHA256_LEN])hashes;
	leaf_of(0, leaf);
	memcpy(first, leaf, sizeof leaf);
	memcpy(last, leaf, sizeof leaf);
	for (size_t i = 0; i <= MERKLE_PROOF_MAX; i++) {
		memset(hashes[i], (int)i, SHA256_LEN);
		if (i == MERKLE_PROOF_MAX)
			break;
		node_of(first, hashes[i], first);
		if (i < MERKLE_PROOF_MAX - 1)
			node_of(hashes[i], last, last);
	}
	require(&proof, leaf, first, 0, "first of 2^63 - 1");
	proof.count++;
	require(&proof, leaf, first, -1, "a 64th hash");
	proof.index = proof.size - 1;
	proof.count = MERKLE_PROOF_MAX - 1;
	require(&proof, leaf, last, 0, "last of 2^63 - 1");
	proof.size++;
	assert_int_equal(merkle_verify_inclusion(&proof, leaf, last, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
	proof.size = UINT64_MAX;
	assert_int_equal(merkle_verify_inclusion(&proof, leaf, last, &err), -1);
	assert_int_equal(err.code, ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(proves_each_leaf_of_each_small_tree),
		cmocka_unit_test(refuses_an_empty_tree),
		cmocka_unit_test(takes_the_largest_tree),
	};
	struct err err;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	if (crypto_init(&err) < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
