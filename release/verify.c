/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/check.h"
#include "pack/sealed_bundle.h"
#include "request.h"
#include "say.h"

int verify_run(void *context, struct err *err)
{
	const struct request *request = context;
	AUTO_SEALED struct sealed_bundle bundle = SEALED_BUNDLE_NONE;

	if (sealed_bundle_open(request->operands[0], &bundle, err) < 0)
		return -1;
	if (check_bundle(&bundle, err) < 0)
		return err_wrap(err, "bundle '%s'", request->operands[0]);
	say(request, "integrity ok, signer not judged");
	return err_set(err, ERR_UNTRUSTED, 0,
	               "name whom you trust: --key PUB or --trust DIR");
}
