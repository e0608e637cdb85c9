/* SPDX-License-Identifier: Apache-2.0 */
/* Properties: a file that is accepted has roots, each log a key, an id and a
 * start, each authority a certificate; periods are not empty. */
#include "codec/trusted_root.h"
#include "round_trip.h"

static void check_logs(const struct trusted_log *logs, size_t count)
{
	require(count <= TRUSTED_LOGS_MAX);
	for (size_t i = 0; i < count; i++) {
		require(logs[i].key.len > 0 && logs[i].id.len > 0);
		require(logs[i].base_url != NULL);
		require(logs[i].key_details != NULL);
		require(logs[i].valid.from.seconds >= 0);
		require(period_holds(&logs[i].valid, logs[i].valid.to));
	}
}

static void check_authorities(const struct trusted_authority *authorities,
                              size_t count)
{
	require(count <= TRUSTED_AUTHORITIES_MAX);
	for (size_t i = 0; i < count; i++) {
		const struct trusted_authority *each = &authorities[i];

		require(each->certificate_count >= 1 &&
		        each->certificate_count <= TRUSTED_CERTIFICATES_MAX);
		for (size_t k = 0; k < each->certificate_count; k++)
			require(each->certificates[k].len > 0);
		require(each->uri != NULL && each->common_name != NULL);
		require(period_holds(&each->valid, each->valid.from));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_TRUSTED_ROOTS struct trusted_roots roots = TRUSTED_ROOTS_NONE;
	struct err err;

	if (trusted_roots_parse((const char *)data, size, &roots, &err) < 0)
		return 0;
	require(roots.count >= 1 && roots.count <= TRUSTED_ROOTS_MAX);
	for (size_t i = 0; i < roots.count; i++) {
		const struct trusted_root *root = &roots.roots[i];

		check_logs(root->logs, root->log_count);
		check_logs(root->ct_logs, root->ct_log_count);
		check_authorities(root->authorities, root->authority_count);
		check_authorities(root->timestampers, root->timestamper_count);
	}
	return 0;
}
