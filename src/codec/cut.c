/* SPDX-License-Identifier: Apache-2.0 */
#include "codec/cut.h"

#define HASH_WINDOW 64 /* bytes that the hash depends on */
#define HASH_SHIFT  48 /* the 16 bits above are zero at a cut */

/* The first 8 bytes, little endian, of SHA-256 of "tidegate cut 1" and the
 * byte. Once and for all: a change would cut every payload anew.
 * tests/unit/test_cut.c makes them again. */
static const uint64_t table[256] = {
	0x062ed58f28d411f1, 0x1d4e001c7f784ffc, 0xd435a407d32d644b,
	0x23aaa508df077dbc, 0x92f544b8ea560f65, 0xf72578f4197b2f71,
	0x0644a85357537d70, 0x779dea9d0e7bfdbd, 0xbb69b6eec4ff7ec5,
	0xd8980cffd266daa1, 0x4717b5011f8a9dac, 0x8b3028115e9065b2,
	0x30e0aada2fad0157, 0xf486b131a7afc8bc, 0x46e53e6871c80ad5,
	0x4a7de4bd42b21be2, 0xdf71218e58055137, 0x524bff236d5710ab,
	0x0bbff2b3fa107639, 0x8feb378f8257e897, 0xc88e5ee427198be7,
	0xbfa6d08ef19cb77f, 0x357834499d4498c7, 0x8a1f9d5c109e07c5,
	0x08208bf4c3c090d7, 0xddd2b7108f6030e3, 0xbf7c3a327d60f900,
	0x567f96a36f20876f, 0x7c41f525e3a6064c, 0x021803c98acee686,
	0x9582566786ae1421, 0x7f63244585181f3d, 0x188307c3bba7cfa2,
	0xbad35d084812ad19, 0x113578db9deac475, 0x70e2d87e9fdb3721,
	0xb923185c6ba96466, 0xda81c5bbfbd700f2, 0x70c4cbf0b777a48c,
	0x399ed1421d286444, 0x10c6c47c28f03a40, 0x6deca27ef80a5537,
	0x02e24ab01a735ce0, 0x45b9a9c4dc4d3d74, 0x0c2f14311241f0a1,
	0x81a750c3ce773cdf, 0x6b9b7bd54a59c322, 0xcfcb9df37c844c94,
	0xe51802d31a28d2b5, 0xc474ba8a60eedc3e, 0xcdce9d7fad8ce247,
	0xf2d625ea5236f249, 0xb918485e591d2dc4, 0xcfe41d3f994705c5,
	0xe9e13cdbe8a9174b, 0x8702b64a3cbfd07d, 0x48131e5b87397284,
	0x991044a30063a3c6, 0xd2ea89d340d83272, 0x2be414cd15d73325,
	0xdd7d6e7000f2afdb, 0xaec9a43163ace23a, 0x844db1b6636f18b5,
	0xd71ae443d9639090, 0x563987c0b1bba853, 0x5f0f429257c999f0,
	0xa8181b2b5fd6aeb2, 0xc1f92240fe9e6800, 0xe219bd71fe4cb552,
	0xcad7465ff4ceaa52, 0x5b5d7a388ad88427, 0x8ca0e04e44fbb36f,
	0xbf82565b343dc52c, 0xcc7f9b4415ad89ce, 0xd77a9bf59fbf7051,
	0x19223e86ff780ff8, 0xe1bb9de4cf7a73a8, 0xaf3f1235af402f36,
	0x22872067fbbac50f, 0x4d25b996abf44680, 0xa46fff3812eb618c,
	0x03048a2655a5d23f, 0xab1ea0f18f3f6a2a, 0xb03cfa3f1ad1785b,
	0x8a2a4e8ce6c61030, 0x10ede08e2486468f, 0x6ff21be9a47b5586,
	0x02a27fe0b66c73e4, 0x5e9fc18ec6f010dc, 0xaef021f6b0df31dd,
	0x22ece0ae1c9269ef, 0x0319e38cd5d397ee, 0x3278580f242374c3,
	0xb77207f8a333a9a6, 0x0afae755e3533168, 0x4ba30d80a8aeb5e7,
	0xa8a234536f61bb2e, 0xa42c4b82c4af0dd6, 0xe4f08dcc49ea88e6,
	0xa702025a738facb0, 0x88c0ff8eeaa9bf9a, 0x4b86dfe95b3136b4,
	0x35a689c55241cc64, 0xd78b1260838ab708, 0xbe6a1d5d6a0ee43b,
	0x2920735deaf12a84, 0x62cfb3c535afa088, 0x9fcd633fddb503cb,
	0xac0d1c10c16c0964, 0xac35f1b1979da345, 0x0467e1800f4773c4,
	0x06fd89f1c4f0725a, 0xf654b26f48c16c88, 0x105dfcc6570ba57c,
	0x634f1a10f9f3c789, 0xe53d3959e7422c39, 0x1ecb8c74367e6c7d,
	0xb16c7daea6bfe7a8, 0xc9394331ca08be70, 0xc1103c0f1e385383,
	0x80f5c7678ca41020, 0xd382aee69a6d262b, 0x008e0f0f5b199a1b,
	0x7bfe4323e3c510da, 0x6e9f8784192fc03b, 0xf0bc0d0f4d09cd50,
	0xa1e9ef946b56de2e, 0xbc671e83bafb54f2, 0x190ece7a0bdb7305,
	0x12a668233a65509f, 0xe51576831d4ba77a, 0xb2990526d9b86cf5,
	0x5d4a96e0d1e1fd7c, 0xc4e4eedd9666aa3f, 0x301288a06a9e690c,
	0x0ce799ea9bbd2096, 0xdab3cf0a8c1f4d5b, 0x52a1162a7d567879,
	0x8aa5f821871c59d4, 0xdb5f3ed9b476addc, 0xa1d01e0aec18cd0e,
	0x3169d0318f14279a, 0x74c5b4323c0cdca0, 0x3fbe8068eef0e38d,
	0x7051921a6ab03256, 0xe7b67f2563a159c2, 0x7dfec86549bebcd8,
	0x909d434ca2138f93, 0x610f1c4ef7d284a3, 0x2bc72c2f9d816e34,
	0x113e4fe8920346c6, 0xef6ae8e3d5afe2d5, 0x908ddaa166895ac7,
	0x10182ce5c0a93fe1, 0xa5b338db7e5eb784, 0xfcb144b7d07387af,
	0x67b85689f8ee9e20, 0x146c790495a0854f, 0xf7e2f36c48c90dc9,
	0x09f6048600475829, 0x46b3ccdea982ce1d, 0xe751d14ea164864c,
	0x873efdda16a6c557, 0xbb72ebfbeb97bbca, 0xb0dc6f23f8b536f4,
	0x936c3a5f1df0e872, 0xf03d534565c0d495, 0x5f2b1188a7462b76,
	0xda4bbba94d36fff8, 0xfccd683376a47343, 0xb47dc1ce9b3ee503,
	0xf53aa8b6e63b8740, 0xe55b6144f5b82416, 0x226f1e5791daf9ca,
	0xdb889adcbf507fed, 0xfae332aa9f58b87e, 0x0a04a91da34f426b,
	0xbe4a1cbd540c54d6, 0x3cce96dd3b02864d, 0x3b320fdffa835847,
	0xade130fd4aee8106, 0x66b6629786766f9c, 0x12db032fd0e58f39,
	0xc04af410e6b594c7, 0xa4cdf259acc06e08, 0xbcd2e77bbc8fad0f,
	0xee905fb71533920c, 0xf91913993de4af96, 0x71b705f4cb60c796,
	0xa910bf383f043f29, 0x70a9f3d478fa3556, 0x14c86e0b6e2b60cf,
	0x6d1a0d1e32dc46c7, 0x84b4b604fac0592e, 0x1f3ef4a102373441,
	0xb4ecfe90cab7f19a, 0x68aed6498a53dff5, 0xb3450959cacec93b,
	0xdf62710ce11fe029, 0x21e3437620ae747e, 0x1549cf47b411829d,
	0x9ddbd1bb176fd2cf, 0xf4dc4b8ba8684baf, 0xc901ad4d9e7350d2,
	0x41709b3a19d57703, 0xd6ef0b6c8508c25e, 0xb3e713f17f1b2e3a,
	0xad30f4560b4a4d6c, 0x4e8ac33778eda7e8, 0xdf0d029457f4c7c4,
	0x2ecd0530eeba449d, 0x9381951f5b54f7e4, 0x341ba8323fad5922,
	0x08034dc1713252d3, 0xcf1456c49d2d6751, 0x23ee8b414215a22d,
	0x5a4489253af48d56, 0x70daaa8ffcd525bd, 0x42ccb20cb147af54,
	0xc392c74145e10c75, 0x05269566a6be443b, 0x2ee2548eeea59fa5,
	0x61f1238320cb595a, 0x30d468c4e46be7ad, 0xc94859df43311169,
	0xe3761be9f7807e7f, 0x36503c9f8125bb50, 0x14cf23d28ea3a48a,
	0x258abacbc56eae86, 0xf74b57056511b8fc, 0x1496e1f1b6845c67,
	0x443e17bff32122dc, 0x62e4bc871f5d2aad, 0x6a130234c5282136,
	0x69cb24e0767ce388, 0xf80b1d973f3d22da, 0xd65acae52492ad11,
	0x785a4f608bf65413, 0xd779bd9704fc8794, 0xd0418723c80a81c2,
	0x12bb7f251551c200, 0x09b65de4dc437faf, 0xaadb1e814cf143ba,
	0xf1c390ceabd96cfa, 0xbc66ffb8a4593608, 0x573d3397ce6564c3,
	0xbcc523baa5435490, 0x9921fc0167ac6b9a, 0x535f4da9b9378c4a,
	0x01d1243450985012, 0x1deb0d9966ad45ea, 0xf4d67769f4b53ddd,
	0xb2d45bc1201e0266, 0x864a450cd0fb91ad, 0xb772114dd6d0ab6a,
	0x305ce21eb1546948,
};

const uint64_t *cut_table(void)
{
	return table;
}

/* Each byte shifts the hash left by one, so what came more than 64 bytes ago is
 * shifted out (modulo 2^64) and need not be hashed: of a member's first CUT_MIN
 * bytes, only the last 64 bear on whether it may end there. */
static size_t skip(struct cutter *cutter, size_t len)
{
	size_t until = CUT_MIN - HASH_WINDOW;
	size_t room = cutter->len < until ? until - cutter->len : 0;
	size_t n = len < room ? len : room;

	cutter->len += n;
	return n;
}

bool cut_next(struct cutter *cutter, const uint8_t *data, size_t len,
              size_t *taken)
{
	size_t at = skip(cutter, len);
	uint64_t hash = cutter->hash;
	size_t member = cutter->len;

	while (at < len) {
		hash = (hash << 1) + table[data[at++]];
		member++;
		if (member < CUT_MIN ||
		    (hash >> HASH_SHIFT != 0 && member < CUT_MAX))
			continue;
		*cutter = CUTTER_INIT;
		*taken = at;
		return true;
	}
	cutter->hash = hash;
	cutter->len = member;
	*taken = len;
	return false;
}
